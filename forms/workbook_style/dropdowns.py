"""The words that a column may hold, as drop-down lists for whoever writes workbooks.

Some columns are closed: nothing else is a value. Others only suggest: a list of several words, an expression or a
list's name may stand there too. The writing is `forms.workbook_style.write`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.form import CodeKind, Sensitivity
from forms.sheets.design import KEYS, KINDS, LONELY_PSU
from forms.sheets.indicators import UNITS
from forms.sheets.measures import MEASURES


@dataclass(frozen=True, slots=True)
class DropDown:
    """The words of a drop-down list. is_closed: whether Excel refuses everything else."""

    words: tuple[str, ...]
    is_closed: bool = True

    @property
    def formula(self) -> str:
        """The list as a data validation holds it; Excel takes 255 characters between the quotes."""
        return '"' + ",".join(self.words) + '"'


_CLASSES = DropDown(tuple(Sensitivity))
_TYPES = (
    *("text", "integer", "decimal", "date", "time", "dateTime", "note", "calculate"),
    *("select_one ", "select_multiple ", "rank ", "select_one_from_file "),
    *("begin_group", "end_group", "begin_repeat", "end_repeat"),
    *("geopoint", "image", "audio", "file", "start", "end", "today", "deviceid"),
)
_DERIVED_TYPES = ("integer", "decimal", "date", "text", "select_one ", "select_multiple ")
_BASES = ("valid", "answered", "asked", "all", "valid none", "valid dont_know", "valid not_asked")

DROP_DOWNS: Mapping[tuple[str, str], DropDown] = {
    ("survey", "type"): DropDown(_TYPES, is_closed=False),
    ("survey", "required"): DropDown(("yes", "no"), is_closed=False),
    ("survey", "sensitivity"): _CLASSES,
    ("choices", "code_kind"): DropDown(tuple(CodeKind)),
    ("derived", "type"): DropDown(_DERIVED_TYPES, is_closed=False),
    ("derived", "sensitivity"): _CLASSES,
    ("indicators", "measure"): DropDown(MEASURES),
    ("indicators", "base"): DropDown(_BASES, is_closed=False),
    ("indicators", "unit"): DropDown(UNITS, is_closed=False),
    ("design", "key"): DropDown(KEYS),
}
"""Sheet and column to their list."""

DESIGN_VALUES: Mapping[str, DropDown] = {"kind": DropDown(KINDS), "lonely_psu": DropDown(LONELY_PSU)}
"""Key of the sheet `design` to the list of the cell `value` in its row."""
