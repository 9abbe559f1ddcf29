"""The instruments shipped with Jekafo: a workbook each, and the CSV files that go out with it.

The workbook itself is the source: a designer edits it in Excel, nothing here generates it. Reading it is
`forms.read`.
"""

from collections.abc import Mapping
from importlib import resources

from forms.errors import FormVersionUnknown
from forms.text import Bilingual

_FILES: Mapping[str, tuple[str, ...]] = {
    "community_perceptions": ("areas.csv", "communes.csv", "psu.csv", "rounds.csv"),
    "authority_perceptions": ("areas.csv", "posts.csv", "rounds.csv"),
    "focus_group": ("countries.csv", "facilitators.csv", "fg_plan.csv", "sites.csv", "stimuli.csv"),
}


def library_forms() -> tuple[str, ...]:
    """Return the form_ids of the shipped instruments."""
    return tuple(_FILES)


def library_workbook(form_id: str) -> bytes:
    """Return the bytes of a shipped workbook; its file name is `<form_id>.xlsx`.

    Raises FormVersionUnknown for a name that is not in the library.
    """
    return _read(form_id, f"{form_id}.xlsx")


def library_files(form_id: str) -> Mapping[str, bytes]:
    """Return the external files of a shipped instrument by file name.

    Raises FormVersionUnknown for a name that is not in the library.
    """
    return {name: _read(form_id, name) for name in _FILES.get(form_id, ())} or _unknown(form_id)


def _read(form_id: str, name: str) -> bytes:
    if form_id not in _FILES:
        _unknown(form_id)
    return resources.files(__name__).joinpath(name).read_bytes()


def _unknown(form_id: str) -> Mapping[str, bytes]:
    shipped = ", ".join(_FILES)
    raise FormVersionUnknown(
        Bilingual(
            f"No instrument {form_id} is shipped; there is {shipped}.",
            f"Aucun instrument {form_id} n'est livré ; il y a {shipped}.",
        )
    )
