"""Submissions: each version of each filled-in form kept once, whatever way and however often it comes.

A version is a row with the bytes as received and its answers; an edit is a further version of the same root. Media are
`store.attachments`, review and deletion `store.curation`; what is pulled from another server goes by `store.mirror`;
what is refused here goes to `store.quarantine`, by the caller. Reading is in `store.kept_submissions`; its functions
are offered here too, so that callers know one module.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from store import schema
from store.attachments import MissingMedium, attachments_of, join_media, missing_media
from store.changes import last_change
from store.errors import AnswersDiffer, EditOfUnknown, EditOutdated, SubmissionDeleted
from store.kept_submissions import (
    StoredSubmission,
    StoredVersion,
    arrivals_of,
    batches,
    counts,
    find_submission,
    raw,
    versions_of,
)
from store.version_rows import (
    LONGEST_NAME,
    OWN_ENDPOINT,
    Arrival,
    KnownVersion,
    add_root,
    add_version,
    check_lengths,
    find_version,
    is_equal,
    note_arrival,
)

__all__ = [
    "LONGEST_NAME",
    "OWN_ENDPOINT",
    "Arrival",
    "MissingMedium",
    "Outcome",
    "StoredSubmission",
    "StoredVersion",
    "arrivals_of",
    "attachments_of",
    "batches",
    "counts",
    "find_submission",
    "keep",
    "last_change",
    "missing_media",
    "raw",
    "versions_of",
]

EDITED: Final = "edited"
"""The review of a submission after an edit, as ODK Central sets it: an approval does not outlive the answers."""


class Outcome(StrEnum):
    """What an arrival came to. DUPLICATE: nothing new; COMPLETED: a known version, but new media joined it."""

    NEW = "new"
    EDIT = "edit"
    DUPLICATE = "duplicate"
    COMPLETED = "completed"


def keep(connection: Connection, arrival: Arrival) -> Outcome:
    """Keep what arrives, once. Any number of repetitions, in any order, comes to the same.

    A version is known by its form and instanceID, and equal if its bytes are, or its form version and answers. A
    late retry of a version that an edit has replaced is a duplicate, not a conflict. Raises AnswersDiffer,
    EditOutdated, EditOfUnknown, SubmissionDeleted (all of them SubmissionConflict), and SubmissionMalformed for an
    id or file name beyond `LONGEST_NAME`; then nothing of the arrival is kept here.
    """
    submission = arrival.submission
    check_lengths([submission.form_id, submission.instance_id, *(medium.name for medium in arrival.attachments)])
    known = find_version(connection, submission.form_id, submission.instance_id)
    if known is not None:
        return _again(connection, known, arrival)
    if submission.deprecated_id is not None:
        return _edit(connection, submission.deprecated_id, arrival)
    return _new(connection, arrival)


def _new(connection: Connection, arrival: Arrival) -> Outcome:
    root_key = add_root(connection, arrival, arrival.submission.instance_id, arrival.at, review=None)
    add_version(connection, root_key, 1, arrival)
    return Outcome.NEW


def _edit(connection: Connection, deprecated_id: str, arrival: Arrival) -> Outcome:
    previous = find_version(connection, arrival.submission.form_id, deprecated_id)
    if previous is None:
        raise EditOfUnknown(deprecated_id)
    root = _lock_root(connection, previous.submission_id)
    if root.deleted_at is not None:
        raise SubmissionDeleted(deprecated_id)
    if previous.ordinal != root.current_ordinal:
        raise EditOutdated(deprecated_id, _instance_at(connection, root.id, root.current_ordinal))
    ordinal = root.current_ordinal + 1
    add_version(connection, root.id, ordinal, arrival)
    connection.execute(_MOVE_ROOT, {"root_key": root.id, "ordinal": ordinal, "at": arrival.at})
    return Outcome.EDIT


def _again(connection: Connection, known: KnownVersion, arrival: Arrival) -> Outcome:
    root = _lock_root(connection, known.submission_id)
    if root.deleted_at is not None:
        raise SubmissionDeleted(arrival.submission.instance_id)
    if not is_equal(known, arrival.submission):
        raise AnswersDiffer(arrival.submission.instance_id)
    note_arrival(connection, known.id, arrival)
    joined = join_media(connection, known.id, arrival.attachments, arrival.at)
    return Outcome.COMPLETED if joined else Outcome.DUPLICATE


def _lock_root(connection: Connection, root_key: int) -> Row[Any]:
    # FOR UPDATE: on PostgreSQL two edits of one version queue here, and the second finds it replaced. SQLite has one
    # writer and ignores it.
    return connection.execute(_LOCK_ROOT, {"root_key": root_key}).one()


def _instance_at(connection: Connection, root_key: int, ordinal: int) -> str:
    return str(connection.execute(_INSTANCE_AT, {"root_key": root_key, "ordinal": ordinal}).scalar_one())


_ROOTS: Final = schema.submissions
_VERSIONS: Final = schema.submission_versions
_MOVE_ROOT: Final = (
    update(_ROOTS)
    .where(_ROOTS.c.id == bindparam("root_key"))
    .values(current_ordinal=bindparam("ordinal"), updated_at=bindparam("at"), review=EDITED)
)
_LOCK_ROOT: Final = select(_ROOTS).where(_ROOTS.c.id == bindparam("root_key")).with_for_update()
_INSTANCE_AT: Final = select(_VERSIONS.c.instance_id).where(
    _VERSIONS.c.submission_id == bindparam("root_key"), _VERSIONS.c.ordinal == bindparam("ordinal")
)
