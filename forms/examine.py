"""Examine a workbook before the field: everything that is wrong or doubtful, each finding with its cell.

Reading is `forms.read`, the checks are `forms.checks`, ODK Validate runs in `forms.javarosa`; the commands print.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from forms.checks import check_all
from forms.errors import XLSFormInvalid
from forms.examined import Examined
from forms.finding import Finding, Severity
from forms.form import Form
from forms.javarosa.validate import validation_findings
from forms.read import attempt_to_read
from forms.sheets.findings import Findings
from forms.sheets.survey_rows import survey_sheet
from forms.workbook.file import read_workbook
from forms.workbook.workbook import Workbook


@dataclass(frozen=True)
class Examination:
    """What was found in a workbook. form: None where it does not compile. findings: in the order of the workbook."""

    file_name: str
    findings: tuple[Finding, ...]
    form: Form | None

    def reaches(self, severity: Severity) -> bool:
        """Whether a finding is at least so severe."""
        return any(finding.severity.rank >= severity.rank for finding in self.findings)


def examine(workbook: bytes, file_name: str, files: Mapping[str, bytes] | None = None) -> Examination:
    """Return all findings about a workbook; nothing is raised for what a designer may have written.

    files: name to content of the CSV and media files that lie beside it; None where nobody knows, and then no file
    counts as missing.
    """
    try:
        opened = read_workbook(workbook, file_name)
    except XLSFormInvalid as error:
        return Examination(file_name, error.findings, None)
    attempt = attempt_to_read(opened)
    if attempt.form is None:
        return Examination(file_name, _in_order(attempt.findings, opened), None)
    examined = Examined(opened, attempt.form, files)
    found = Findings()
    check_all(examined, found)
    validated = validation_findings(examined)
    return Examination(file_name, _in_order((*attempt.findings, *found.found, *validated), opened), attempt.form)


def _in_order(findings: Iterable[Finding], workbook: Workbook) -> tuple[Finding, ...]:
    """The findings with their cells, each once, by sheet, row and severity; those without a place come first."""
    order = {sheet.name: number for number, sheet in enumerate(workbook.sheets)}
    located = dict.fromkeys(_located(finding, workbook) for finding in findings)
    return tuple(
        sorted(
            located, key=lambda finding: (order.get(finding.sheet or "", -1), finding.row or 0, -finding.severity.rank)
        )
    )


def _located(finding: Finding, workbook: Workbook) -> Finding:
    sheet = workbook.sheet(finding.sheet or "")
    if sheet is None and finding.sheet == "survey":
        sheet = survey_sheet(workbook)
    if sheet is None or finding.row is None or finding.column is None:
        return finding
    return replace(finding, cell=sheet.cell_name(finding.row, finding.column))
