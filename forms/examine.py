"""Examine a workbook before the field: everything that is wrong or doubtful, each finding with its cell.

Reading is `forms.read`, the checks are `forms.checks`, ODK Validate runs in `forms.javarosa`; the commands print.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from forms.checks import check_all
from forms.errors import XLSFormInvalid
from forms.examined import Examined
from forms.finding import Finding, Findings, Severity
from forms.form import Form
from forms.javarosa.validate import validation_findings
from forms.read import attempt_to_read
from forms.sheets.earlier import check_known_versions
from forms.sheets.mirrors import check_mirrors
from forms.sheets.survey_rows import survey_sheet
from forms.text import Bilingual
from forms.workbook.file import misnamed, read_workbook
from forms.workbook.workbook import Workbook

_MORE_AFTER_THIS = Finding(
    "more_after_this",
    Severity.INFO,
    Bilingual(
        "Further checks run once these errors are mended: more may be found then.",
        "D'autres contrôles suivront une fois ces erreurs corrigées : ils trouveront peut-être autre chose.",
    ),
)


@dataclass(frozen=True)
class Examination:
    """What was found in a workbook. findings: in the order of the workbook.

    form: None where it does not compile. workbook: None where the file cannot even be opened.
    """

    file_name: str
    findings: tuple[Finding, ...]
    form: Form | None
    workbook: Workbook | None = field(default=None, repr=False)

    def reaches(self, severity: Severity) -> bool:
        """Whether a finding is at least so severe."""
        return any(finding.severity.rank >= severity.rank for finding in self.findings)

    def with_findings(self, more: Iterable[Finding]) -> "Examination":
        """Return the same with what was found since."""
        if self.workbook is None:
            return self
        return replace(self, findings=_in_order((*self.findings, *more), self.workbook))


def examine(
    workbook: bytes,
    file_name: str,
    files: Mapping[str, bytes] | None = None,
    clients: frozenset[str] = frozenset(),
) -> Examination:
    """Return all findings about a workbook; nothing is raised for what a designer may have written.

    files: name to content of the CSV and media files that lie beside it; None where nobody knows, and then no file
    counts as missing. clients: what will fill in the form, names of `forms.checks.client_features.CLIENTS`.
    """
    try:
        opened = read_workbook(workbook, file_name)
    except XLSFormInvalid as error:
        return Examination(file_name, error.findings, None)
    attempt = attempt_to_read(opened)
    read = (*misnamed(workbook, file_name), *attempt.findings)
    if attempt.form is None:
        return Examination(file_name, (*_in_order(read, opened), _MORE_AFTER_THIS), None, opened)
    form = attempt.form
    known = None if files is None else {name: files[name] for name in form.files if name in files}
    examined = Examined(opened, form, known, clients)
    found = Findings()
    check_all(examined, found)
    validated = validation_findings(examined, (*read, *found.found))
    checked = _without_refused(found.found, validated)
    return Examination(file_name, _in_order((*read, *checked, *validated), opened), form, opened)


def examine_together(examinations: Sequence[Examination]) -> tuple[Examination, ...]:
    """Return the examinations of several workbooks with what is wrong between them: mirrors that do not match."""
    forms = {each.form.form_id: each for each in examinations if each.form is not None}
    if len(forms) < 2:
        return tuple(examinations)
    found = check_mirrors(
        [each.form for each in forms.values() if each.form is not None],
        {form_id: each.workbook for form_id, each in forms.items() if each.workbook is not None},
    )
    return tuple(
        each.with_findings(found[each.form.form_id])
        if each.form is not None and forms[each.form.form_id] is each
        else each
        for each in examinations
    )


def examine_beside_versions(examination: Examination, versions: Collection[str]) -> Examination:
    """Return the examination with what contradicts the versions of the form that were kept before."""
    if examination.form is None or examination.workbook is None:
        return examination
    findings = Findings()
    check_known_versions(examination.workbook, examination.form, versions, findings)
    return examination.with_findings(findings.found)


def _without_refused(checked: Iterable[Finding], validated: Iterable[Finding]) -> Iterable[Finding]:
    """The findings of our checks without the doubts about a function that ODK Validate has refused outright."""
    refused = {(each.sheet, each.row, each.column) for each in validated if each.code == "function_refused"}
    return (
        each
        for each in checked
        if each.code != "function_unknown" or (each.sheet, each.row, each.column) not in refused
    )


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
