"""Read a workbook into a `Form`: its questions by way of the XForm it compiles to, and what our columns and sheets say.

Compiling is `forms.compile`, reading the XForm `forms.xform`, our columns and sheets `forms.sheets`. What else may be
wrong with a form that can be read is for `forms.examine`.
"""

from dataclasses import dataclass

from forms.compile.compiler import CompiledWorkbook, compile_sheets
from forms.errors import XFormInvalid, XLSFormInvalid
from forms.finding import Finding, Findings, Severity
from forms.form import Form
from forms.garbage_collector import collector_paused
from forms.sheets.interpretation import join_sheets, open_our_sheets
from forms.sheets.standard import join_standard_columns
from forms.sheets.translations import check_translations
from forms.sheets.unused_lists import check_lists_in_use
from forms.workbook.file import read_workbook
from forms.workbook.workbook import Workbook
from forms.xform.read import read_xform


@dataclass(frozen=True)
class FormReading:
    """A form that could be read, what it was compiled to, and the warnings about its workbook."""

    form: Form
    compiled: CompiledWorkbook
    warnings: tuple[Finding, ...]


@dataclass(frozen=True)
class Attempt:
    """What came of reading a workbook: as much of the form as could be read, and all findings, errors included.

    form, compiled: None where the XLSForm itself does not compile.
    """

    form: Form | None
    compiled: CompiledWorkbook | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the workbook from being read."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def read_form(workbook: bytes, file_name: str) -> Form:
    """Return the form a workbook describes. Raises XLSFormInvalid with all findings that keep it from being one."""
    return examine_form(workbook, file_name).form


def examine_form(workbook: bytes, file_name: str) -> FormReading:
    """Return the form a workbook describes, with the warnings about it.

    Raises XLSFormInvalid with all errors at once: those of the XLSForm and those of our columns and sheets, as far as
    the latter can be told where the XLSForm does not compile.
    """
    attempt = attempt_to_read(read_workbook(workbook, file_name))
    if attempt.form is None or attempt.compiled is None or attempt.errors:
        raise XLSFormInvalid(file_name, attempt.errors)
    return FormReading(attempt.form, attempt.compiled, attempt.findings)


def attempt_to_read(workbook: Workbook) -> Attempt:
    """Return what of a workbook can be read as a form, and everything found on the way; nothing is raised for it."""
    findings = Findings()
    ours = open_our_sheets(workbook, findings)
    try:
        compiled = compile_sheets(workbook)
        with collector_paused():
            form = read_xform(compiled.xform)
    except XLSFormInvalid as error:
        return Attempt(None, None, (*error.findings, *findings.found))
    except XFormInvalid as error:
        # pyxform writes what it was given, control characters and any number of choices included.
        unreadable = Finding("xform_unreadable", Severity.ERROR, error.message)
        return Attempt(None, None, (unreadable, *findings.found))
    form = join_sheets(form, ours, findings)
    # Not in join_form: a form that is out already must stay readable, whatever its workbook leaves unused.
    check_lists_in_use(workbook, form.interpretation.derived, findings)
    check_translations(workbook, findings)
    return Attempt(form, compiled, (*compiled.warnings, *findings.found))


def join_form(xform: bytes, workbook: bytes, file_name: str) -> Form:
    """Return the form of an XForm that was compiled before, with what its newest workbook adds; nothing is compiled.

    Raises XLSFormInvalid for the workbook and XFormInvalid for the XForm.
    """
    findings = Findings()
    ours = open_our_sheets(read_workbook(workbook, file_name), findings)
    form = join_sheets(read_xform(xform), ours, findings)
    if findings.errors:
        raise XLSFormInvalid(file_name, findings.errors)
    return form


def join_columns(xform: bytes, workbook: bytes, file_name: str) -> Form:
    """Return the form of an XForm with what the columns of `survey` and `choices` add, and no interpretation.

    For versions that a newer one speaks for: what their other sheets say no longer counts, so it is not read.
    Raises XLSFormInvalid for the columns and XFormInvalid for the XForm.
    """
    findings = Findings()
    form = join_standard_columns(read_xform(xform), read_workbook(workbook, file_name), findings)
    if findings.errors:
        raise XLSFormInvalid(file_name, findings.errors)
    return form
