"""The rows of the sheet `choices`, each with its list and name."""

from collections.abc import Iterator
from dataclasses import dataclass

from forms.sheets.choice_columns import LIST_HEADERS, NAME_HEADERS
from forms.sheets.survey_rows import header_of
from forms.workbook.workbook import Row, Sheet


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A row of `choices` that names a choice of a list."""

    list_name: str
    name: str
    row: Row


def choice_rows(sheet: Sheet) -> Iterator[ChoiceRow]:
    """Yield the rows that name a choice; those without list or name are passed over."""
    list_header, name_header = (header_of(sheet, LIST_HEADERS), header_of(sheet, NAME_HEADERS))
    for row in sheet.rows if list_header is not None and name_header is not None else ():
        list_name, name = row.text(list_header or ""), row.text(name_header or "")
        if list_name and name:
            yield ChoiceRow(list_name, name, row)
