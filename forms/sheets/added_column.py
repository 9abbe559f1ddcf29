"""A column of ours on a sheet that other tools read too, its cells held to the rules of our cells."""

from dataclasses import dataclass

from forms.finding import Findings, Place
from forms.sheets.cells import cell_text, list_text, words_of
from forms.sheets.survey_rows import header_of
from forms.workbook.workbook import Row, Sheet


@dataclass(frozen=True)
class AddedColumn:
    """The column and where its findings go. header: as written; None where the sheet lacks the column: all blank."""

    sheet: Sheet
    header: str | None
    findings: Findings

    @classmethod
    def named(cls, sheet: Sheet, name: str, findings: Findings) -> "AddedColumn":
        """The column of that name."""
        return cls(sheet, header_of(sheet, (name,)), findings)

    def place(self, row: Row) -> Place:
        """Where the cell of a row stands."""
        return Place(self.sheet.name, row.number, self.header)

    def text(self, row: Row) -> str:
        """The cell's text, blank with a finding where Excel changed it."""
        cell = row.cells.get(self.header) if self.header is not None else None
        return cell_text(cell, self.place(row), self.findings) if cell is not None else ""

    def words(self, row: Row) -> tuple[str, ...]:
        """The cell as a list."""
        return words_of(list_text(self.text(row), self.place(row), self.findings))
