"""The names of our sheets and columns, and how one recognises a name that is nearly ours."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from forms.workbook.workbook import plain

INTERPRETATION_SHEETS = ("derived", "indicators", "design", "population")
"""The sheets that are read into an Interpretation."""

OUR_SHEETS = (*INTERPRETATION_SHEETS, "quotas", "codebook", "readme")
"""All sheets that no other tool reads; `quotas` and `codebook` are kept as they are."""

OUR_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "survey": ("sensitivity", "renamed_from", "comparable_since"),
    "choices": ("code_kind", "renamed_from"),
}
"""Columns of standard sheets that no other tool reads."""

# What a French-speaking designer is likely to write, and what spelling distance does not find.
_ALSO_WRITTEN = {
    "indicateurs": "indicators",
    "indicateur": "indicators",
    "dérivées": "derived",
    "dérivés": "derived",
    "derivees": "derived",
    "variables dérivées": "derived",
    "plan de sondage": "design",
    "plan d'échantillonnage": "design",
    "populations": "population",
    "effectifs": "population",
    "livre de codes": "codebook",
    "strata": "stratum",
    "strate": "stratum",
    "grappe": "psu",
    "cluster": "psu",
    "poids": "weight",
    "vague": "round",
    "sensibilité": "sensitivity",
    "sensibilite": "sensitivity",
    "ancien nom": "renamed_from",
    "renommé de": "renamed_from",
    "type de code": "code_kind",
    "codekind": "code_kind",
}
_LIKENESS = 0.82
_NAME = re.compile(r"[^\W\d][\w.-]*")


def is_name(text: str) -> bool:
    """Whether a text may name an indicator or a derived variable, by XLSForm's rule for questions."""
    return _NAME.fullmatch(text) is not None


def meant(name: str, names: Iterable[str]) -> str | None:
    """Return the one of our names that was meant by a name that is not among them, or None where none is near."""
    written = plain(name)
    among = tuple(names)
    if written in among:
        return None
    if _ALSO_WRITTEN.get(written) in among:
        return _ALSO_WRITTEN[written]
    underscored = written.replace(" ", "_").replace("-", "_")
    close = get_close_matches(underscored, among, n=1, cutoff=_LIKENESS)
    return close[0] if close else None
