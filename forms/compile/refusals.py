"""Hear all that pyxform refuses in a workbook, each with its row: one error after the other, in a mended copy.

What single sentences mean is `forms.compile.findings`; where one without a row belongs finds `forms.compile.halving`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from forms.compile.feed import Feed
from forms.compile.findings import crash_finding, refusal_findings, warning_findings
from forms.compile.groups import balance, group_faults
from forms.compile.halving import row_at_fault
from forms.compile.mends import mend
from forms.compile.type_words import meant_edge
from forms.finding import Finding, Severity
from forms.garbage_collector import collector_paused
from forms.sheets.survey_rows import TYPE_HEADERS, survey_sheet
from forms.workbook.workbook import Workbook

MAX_ROUNDS = 100
# A long form is compiled fewer times, so that the wait for its errors stays a matter of seconds.
MAX_ROWS_COMPILED = 60_000
# Below a type that nobody knows, an end without a beginning may be its doing.
_SHAKES_GROUPS = frozenset({"unknown_question_type", "type_missing", "loop_without_list"})
_ABOUT_GROUPS = frozenset({"group_not_opened"})
_UNBALANCED = frozenset({"group_not_opened", "group_not_closed"})
_WHOLE_SHEET = frozenset({"sheet_missing", "header_missing", "instance_id_omitted"})


@dataclass(frozen=True)
class Heard:
    """What pyxform says of a feed. xform, itemsets: None where it refuses. warnings: its lines as they are."""

    xform: bytes | None
    itemsets: str | None
    refusal: Exception | None
    warnings: tuple[str, ...]


def hear(feed: Feed) -> Heard:
    """Return what pyxform makes of a feed; nothing is raised for what a designer may have written."""
    warnings: list[str] = []
    try:
        with collector_paused():
            compiled = convert(feed.definition(), warnings=warnings, validate=False)
            # Not the result itself: it holds on to a hundred times the XForm.
            return Heard(compiled.xform.encode(), compiled.itemsets, None, tuple(warnings))
    except Exception as error:  # noqa: BLE001 - it meets some malformed forms with a bare TypeError, KeyError, ...
        return Heard(None, None, error, tuple(warnings))


def all_refusals(workbook: Workbook, feed: Feed, first: Heard) -> tuple[Finding, ...]:
    """Return all errors of a feed that pyxform refuses, and its warnings.

    first: what it said of the feed. Errors that only the mended copy has are left out as far as that can be told.
    """
    return _Hearing(workbook, feed).findings(first)


class _Hearing:
    def __init__(self, workbook: Workbook, feed: Feed) -> None:
        self._workbook = workbook
        self._draft = feed.copy()
        rows = sum(map(len, feed.tables.values()))
        self._rounds = min(MAX_ROUNDS, 1 + MAX_ROWS_COMPILED // max(1, rows))
        self._found: dict[tuple[str, str | None, int | None, str | None], Finding] = {}

    def findings(self, first: Heard) -> tuple[Finding, ...]:
        self._take_group_words()
        heard = hear(self._draft) if self._found else first
        for _ in range(self._rounds):
            if heard.refusal is None or not self._take(heard.refusal, self._warnings(heard)):
                break
            heard = hear(self._draft)
        errors = _without_orphans(tuple(self._found.values()))
        places = {(finding.sheet, finding.row) for finding in errors}
        return (
            *errors,
            *(warning for warning in self._warnings(heard) if (warning.sheet, warning.row) not in places),
        )

    def _take_group_words(self) -> None:
        """Keep and mend the groups that are begun or ended in words pyxform does not know (`fin groupe`).

        It would hear of one at a time, and first that others have no partner and rows no name.
        """
        header = self._draft.column("survey", TYPE_HEADERS) or ""
        for position, row in enumerate(self._draft.tables.get("survey", ())):
            written = row.get(header, "")
            if right := meant_edge(written):
                said = f"[row : {position + 2}] Unknown question type '{written}'."
                found = refusal_findings(said, self._draft.rows, self._workbook)
                self._found.update({_key(finding): finding for finding in found})
                row[header] = right

    def _warnings(self, heard: Heard) -> tuple[Finding, ...]:
        return warning_findings(heard.warnings, self._draft.rows, self._workbook)

    def _take(self, refusal: Exception, warnings: Sequence[Finding]) -> bool:
        """Keep what is new in a refusal and mend it; False where nothing is new or nothing can be mended."""
        fresh = [finding for finding in self._placed(refusal, warnings) if _key(finding) not in self._found]
        if not fresh:
            return False
        if any(finding.code in _UNBALANCED for finding in fresh):
            survey = survey_sheet(self._workbook)
            faults = group_faults(self._draft, survey.name if survey is not None else "survey")
            if faults:
                self._found.update({_key(fault.finding): fault.finding for fault in faults})
                balance(self._draft, faults)
                return True
        self._found.update({_key(finding): finding for finding in fresh})
        mended = [mend(self._draft, finding) for finding in fresh]
        return all(mended)

    def _placed(self, refusal: Exception, warnings: Sequence[Finding]) -> Sequence[Finding]:
        if not isinstance(refusal, PyXFormError):
            crash = self._located(crash_finding(refusal), refusal)
            # What it warned of in that row before it broke is most likely the reason.
            warned = [each for each in warnings if crash.row and (each.sheet, each.row) == (crash.sheet, crash.row)]
            return [replace(each, severity=Severity.ERROR) for each in warned] or [crash]
        findings = refusal_findings(str(refusal), self._draft.rows, self._workbook)
        return [self._located(finding, refusal) for finding in findings]

    def _located(self, finding: Finding, refusal: Exception) -> Finding:
        if finding.row is not None or finding.code in _WHOLE_SHEET:
            return finding
        said = _said(refusal)
        for sheet in ("survey", "choices"):
            position = row_at_fault(self._draft, sheet, lambda draft: _said(hear(draft).refusal) == said)
            if position is not None:
                row = self._draft.rows[sheet][position]
                if not isinstance(refusal, PyXFormError):
                    finding = crash_finding(refusal, at_row=True)
                return replace(finding, sheet=sheet, row=row)
        return finding


def _without_orphans(errors: Sequence[Finding]) -> tuple[Finding, ...]:
    """The errors without ends of groups that a type misspelt above them may have orphaned (`debut groupe`)."""
    shaken = min((each.row for each in errors if each.row and each.code in _SHAKES_GROUPS), default=None)
    return tuple(
        each for each in errors if each.code not in _ABOUT_GROUPS or shaken is None or (each.row or 0) < shaken
    )


def _key(finding: Finding) -> tuple[str, str | None, int | None, str | None]:
    return finding.code, finding.sheet, finding.row, finding.column


def _said(refusal: Exception | None) -> str | None:
    return None if refusal is None else f"{type(refusal).__name__}: {refusal}"
