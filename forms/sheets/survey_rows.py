"""Find the path of each row of the sheet `survey`: the groups that are open around it, and its name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forms.workbook.workbook import Row, Sheet, Workbook

_BEGIN = re.compile(r"^begin[\s_]+(?:group|repeat|loop|lgroup|looped[\s_]group)\b", re.IGNORECASE)
_END = re.compile(r"^end[\s_]+(?:group|repeat|loop|lgroup|looped[\s_]group)\b", re.IGNORECASE)
# Other names that pyxform knows the columns by (`aliases.survey_header`, `aliases.list_header`, 4.5).
TYPE_HEADERS = ("type", "command")
NAME_HEADERS = ("name", "tag", "value")
_TRUE = frozenset({"yes", "true", "true()"})


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """A row of `survey` that makes a question or opens a group. path: as in the form, without the root."""

    path: str
    name: str
    type: str
    row: Row
    opens_group: bool


def survey_sheet(workbook: Workbook) -> Sheet | None:
    """The sheet that is compiled as the survey: of that name, or the only one of the workbook."""
    return workbook.sheet("survey") or (workbook.sheets[0] if len(workbook.sheets) == 1 else None)


def survey_rows(sheet: Sheet) -> Iterator[SurveyRow]:
    """The rows of a survey with their paths. Rows that ask nothing (ends of groups, disabled rows) are left out."""
    type_header, name_header = header_of(sheet, TYPE_HEADERS), header_of(sheet, NAME_HEADERS)
    disabled = header_of(sheet, ("disabled",))
    if type_header is None or name_header is None:
        return
    groups: list[str] = []
    for row in sheet.rows:
        kind, name = row.text(type_header), row.text(name_header)
        if disabled is not None and row.text(disabled).casefold() in _TRUE:
            continue
        if ends_a_group(kind):
            if groups:
                groups.pop()
        elif kind and name:
            opens = _BEGIN.match(kind) is not None
            path = "meta/audit" if kind == "audit" else "/".join((*groups, name))
            yield SurveyRow(path, name, kind, row, opens)
            if opens:
                groups.append(name)
        elif _BEGIN.match(kind):
            # pyxform names a nameless group itself; what stands in it is then found by no path of ours.
            groups.append("")


def ends_a_group(type_cell: str) -> bool:
    """Whether a cell of the column type closes a group or repeat."""
    return _END.match(type_cell) is not None


def header_of(sheet: Sheet, names: tuple[str, ...]) -> str | None:
    """The header as written for the first of these names that the sheet has; spaces stand for underscores."""
    for name in names:
        for key, header in sheet.header_by_key.items():
            if key.replace(" ", "_") == name:
                return header
    return None
