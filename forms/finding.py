"""A finding: one thing that is wrong or doubtful in a workbook, and where; and the list in which they are gathered.

The checks that make findings live beside what they check; all their codes are in `forms.finding_codes`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from forms.text import Bilingual


class Severity(StrEnum):
    """How much a finding matters: an error keeps a workbook from being published, an info is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Position from info (0) to error (2)."""
        return [Severity.INFO, Severity.WARNING, Severity.ERROR].index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `row` counts from 1 as Excel does, `column` is the header; either is None when unknown.

    code: stable, listed in docs/findings.md. cell: row and column as Excel names them (`F12`), where both are known.
    """

    code: str
    severity: Severity
    message: Bilingual
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    cell: str | None = None

    def place(self, language: str = "en") -> str:
        """Where it is, as people say it: `survey F12, column relevant`; without a cell `survey row 12`."""
        parts = []
        if self.cell is not None:
            parts.append(self.cell)
        elif self.row is not None:
            parts.append(Bilingual(f"row {self.row}", f"ligne {self.row}").in_language(language))
        if self.column is not None:
            parts.append(Bilingual(f"column {self.column}", f"colonne {self.column}").in_language(language))
        return " ".join(part for part in (self.sheet or "", ", ".join(parts)) if part)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the sheet as written, the row as Excel counts, the header."""

    sheet: str
    row: int | None = None
    column: str | None = None


@dataclass
class Findings:
    """Findings in the order in which they were met: a designer sees all of them at once."""

    found: list[Finding] = field(default_factory=list)

    def error(self, code: str, place: Place, english: str, french: str) -> None:
        """Add what keeps the workbook from being read."""
        self._add(code, Severity.ERROR, place, english, french)

    def warning(self, code: str, place: Place, english: str, french: str) -> None:
        """Add what is doubtful."""
        self._add(code, Severity.WARNING, place, english, french)

    def info(self, code: str, place: Place, english: str, french: str) -> None:
        """Add what is worth knowing."""
        self._add(code, Severity.INFO, place, english, french)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the workbook from being read."""
        return tuple(finding for finding in self.found if finding.severity is Severity.ERROR)

    def _add(self, code: str, severity: Severity, place: Place, english: str, french: str) -> None:
        self.found.append(
            Finding(code, severity, Bilingual(english, french), sheet=place.sheet, row=place.row, column=place.column)
        )
