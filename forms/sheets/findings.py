"""Collect what is wrong or doubtful in our sheets, so that a designer sees all of it at once."""

from dataclasses import dataclass, field

from forms.finding import Finding, Severity
from forms.text import Bilingual


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the sheet as written, the row as Excel counts, the header."""

    sheet: str
    row: int | None = None
    column: str | None = None


@dataclass
class Findings:
    """Findings in the order in which they were met."""

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
