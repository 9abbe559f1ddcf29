"""One row of a form's OData table: what Central says about a submission without its answers.

The requests that bring rows are `odata`'s; answers come as XML (`records`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta
from typing import Any

from forms.text import Bilingual
from sync.errors import SourceReplyUnexpected
from sync.source import Fingerprint, Review
from sync.sources.central.replies import unexpected


@dataclass(frozen=True, slots=True)
class Row:
    """A submission as `$select=__id,__system` shows it.

    id: `__id`, the instanceID of the first version, forever. updated_at: None until the first edit or review.
    present, expected: how many of the files that the answers name are there. version: of the form, "" where it has
    none. Times are aware, to the millisecond.
    """

    id: str
    submitted_at: datetime
    updated_at: datetime | None
    deleted_at: datetime | None
    submitter: str | None
    device_id: str | None
    review: Review | None
    edits: int
    present: int
    expected: int
    version: str

    @property
    def fingerprint(self) -> Fingerprint:
        """What `sync.pull` compares."""
        return Fingerprint(self.id, self.id, mark(self))

    @property
    def changed_at(self) -> datetime:
        """The latest stamp it carries, a deletion's left aside."""
        return self.submitted_at if self.updated_at is None else max(self.submitted_at, self.updated_at)

    @property
    def is_incomplete(self) -> bool:
        """Whether files that its answers name have not arrived."""
        return self.present < self.expected


def mark(row: Row) -> str:
    """Return what differs whenever answers, review or the number of files differ.

    A file overwritten under its own name leaves no trace in it; only the audit log tells of that (`audits`).
    """
    updated = "" if row.updated_at is None else stamp(row.updated_at)
    review = "" if row.review is None else row.review.value
    return f"{row.edits};{updated};{review};{row.present}/{row.expected}"


def stamp(at: datetime) -> str:
    """Return a time as Central writes it: UTC, milliseconds, `Z`. `at` is aware and in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def moment(text: str) -> datetime:
    """Return the time that Central wrote; finer than a millisecond is left out. Raises SourceReplyUnexpected."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _not_a_row("a time") from None
    # Near the ends of the calendar, no minute can be added or taken any more.
    if at.utcoffset() != timedelta(0) or not 1 < at.year < MAXYEAR:
        raise _not_a_row("a time")
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def read_row(value: Mapping[str, Any]) -> Row:
    """Return the row that a JSON object of the table holds. Raises SourceReplyUnexpected for any other shape."""
    try:
        system = value["__system"]
        updated_at, deleted_at, review = system["updatedAt"], system["deletedAt"], system["reviewState"]
        return Row(
            id=_text(value["__id"]),
            submitted_at=moment(system["submissionDate"]),
            updated_at=None if updated_at is None else moment(updated_at),
            deleted_at=None if deleted_at is None else moment(deleted_at),
            submitter=_text_or_none(system["submitterName"]),
            device_id=_text_or_none(system["deviceId"]),
            review=None if review is None else Review(review),
            edits=int(system["edits"]),
            present=int(system["attachmentsPresent"]),
            expected=int(system["attachmentsExpected"]),
            version=_text_or_none(system["formVersion"]) or "",
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _not_a_row(type(error).__name__) from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _text_or_none(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _not_a_row(what: str) -> SourceReplyUnexpected:
    return unexpected(Bilingual(f"a submission ({what})", f"une soumission ({what})"))
