"""Recognise an older file that is offered again: what it asks is what an earlier version asked, and not the newest.

It happens when a designer opens yesterday's copy: what was corrected since would silently go back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forms.changes.change import Change, Rank, Subject
from forms.changes.edition import Edition
from forms.changes.settings import setting_spot
from forms.form import Form
from forms.text import Bilingual
from forms.xform.read import read_xform


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version that a project keeps. form: as its XForm alone says it."""

    form: Form
    published_at: datetime


def again(offered: Edition, kept: Sequence[KeptVersion]) -> Change | None:
    """Return the change that says which version is offered again, or None where what is offered is new or the newest.

    kept: oldest first. Compared are the questions, groups and choices as tablets get them; the version's number, the
    title and what the answers mean may differ.
    """
    asked = _asked(read_xform(offered.form.xform))
    if not kept or _asked(kept[-1].form) == asked:
        return None
    for back, version in enumerate(reversed(kept)):
        if _asked(version.form) == asked:
            return _change(offered, version, kept[-1], back)
    return None


def _asked(form: Form) -> tuple[object, ...]:
    return form.questions, form.groups, dict(form.lists)


def _change(offered: Edition, version: KeptVersion, newest: KeptVersion, back: int) -> Change:
    name, date, versions = version.form.version, version.published_at.date(), "versions" if back > 1 else "version"
    return Change(
        "older_file_again",
        Rank.BREAKING,
        Subject.FORM,
        offered.form.form_id,
        Bilingual(
            f"This is version {name} of {date.isoformat()} again, {back} {versions} back: what "
            "was changed since would be undone.",
            f"C’est de nouveau la version {name} du {date.strftime('%d/%m/%Y')}, {back} {versions} en "
            "arrière : ce qui a été changé depuis serait défait.",
        ),
        spot=setting_spot(offered, "version"),
        before=newest.form.version,
        after=offered.form.version,
        advice=Bilingual(
            f"Start from the file of version {newest.form.version}.",
            f"Repartez du fichier de la version {newest.form.version}.",
        ),
    )
