"""Compile a workbook into an XForm with pyxform, without the columns and sheets that only we read.

So the XForm that tablets receive does not change when an interpretation does. Reading the XForm is `forms.xform`,
reading our columns and sheets `forms.sheets`; what pyxform refuses is told by `forms.compile.refusals`.
"""

from dataclasses import dataclass

from forms.compile.feed import Feed
from forms.compile.findings import warning_findings
from forms.compile.refusals import all_refusals, hear
from forms.errors import XLSFormInvalid
from forms.finding import Finding
from forms.remembered import Remembered
from forms.workbook.file import read_workbook
from forms.workbook.workbook import Workbook


@dataclass(frozen=True)
class CompiledWorkbook:
    """What a workbook compiles to.

    xform: the XML as tablets get it. itemsets: the CSV of sheet `external_choices`, which goes out as `itemsets.csv`;
    None where the form has none. warnings: what pyxform and we found doubtful.
    """

    xform: bytes
    itemsets: bytes | None
    warnings: tuple[Finding, ...] = ()


MAX_REMEMBERED_ROWS = 50_000
"""A longer workbook is compiled anew each time, to keep no more than some tens of megabytes in memory."""

# With the workbook itself, so that its id is not given to another one while it is here.
_REMEMBERED: Remembered[int, tuple[Workbook, CompiledWorkbook]] = Remembered(4)


def compile_workbook(workbook: bytes, file_name: str) -> CompiledWorkbook:
    """Return the XForm of a workbook; the file's name gives the form its id where the settings name none.

    Raises XLSFormInvalid with all findings: pyxform's refusals, or what kept the file from being opened.
    """
    return compile_sheets(read_workbook(workbook, file_name))


def compile_sheets(workbook: Workbook) -> CompiledWorkbook:
    """Return the XForm of a workbook that is already open; it is not compiled again while it is among the last ones.

    Raises XLSFormInvalid with all errors at once, and the warnings beside them.
    """
    if sum(len(sheet.rows) for sheet in workbook.sheets) > MAX_REMEMBERED_ROWS:
        return compile_anew(workbook)
    # By identity: `read_workbook` gives one workbook for the same bytes, and comparing two cell by cell takes long.
    _, compiled = _REMEMBERED.result(id(workbook), lambda: (workbook, compile_anew(workbook)))
    return compiled


def compile_anew(workbook: Workbook) -> CompiledWorkbook:
    """Return the XForm of a workbook as `compile_sheets` does, compiled anew."""
    feed = Feed(workbook)
    if feed.errors:
        raise XLSFormInvalid(workbook.file_name, (*feed.errors, *feed.warnings))
    heard = hear(feed)
    if heard.refusal is not None:
        refusals = all_refusals(workbook, feed, heard)
        raise XLSFormInvalid(workbook.file_name, (*refusals, *feed.warnings)) from heard.refusal
    return CompiledWorkbook(
        xform=heard.xform or b"",
        itemsets=None if heard.itemsets is None else heard.itemsets.encode(),
        warnings=(*feed.warnings, *warning_findings(heard.warnings, feed.rows, workbook)),
    )
