"""Submissions: each version of each filled-in form kept once, whatever way and however often it comes.

A version is a row with the bytes as received and its answers; an edit is a further version of the same root. Media are
`store.attachments`, review and deletion `store.curation`; what is refused here goes to `store.quarantine`, by the
caller. Reading is in `store.kept_submissions`; its functions are offered here too, so that callers know one module.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from forms.errors import SubmissionMalformed
from forms.submission import Answers, Attachment, Submission
from forms.text import Bilingual
from store import schema
from store.attachments import MissingMedium, attachments_of, expect_media, join_media, missing_media
from store.changes import last_change, note_change
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
from store.prepared import Prepared

__all__ = [
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

LONGEST_NAME: Final = 1000
"""Bytes of UTF-8 in an id or a file name: what an index entry of PostgreSQL holds two of (2.7 kB)."""

EDITED: Final = "edited"
"""The review of a submission after an edit, as ODK Central sets it: an approval does not outlive the answers."""


class Outcome(StrEnum):
    """What an arrival came to. DUPLICATE: nothing new; COMPLETED: a known version, but new media joined it."""

    NEW = "new"
    EDIT = "edit"
    DUPLICATE = "duplicate"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission that arrives. The bytes of its attachments are on disk already.

    source: which way it came (`openrosa`, or the name of a server it was pulled from). remote_id: its id there.
    """

    submission: Submission
    source: str
    remote_id: str | None
    submitter: str | None
    device_id: str | None
    at: datetime
    attachments: tuple[Attachment, ...] = ()


def keep(connection: Connection, arrival: Arrival) -> Outcome:
    """Keep what arrives, once. Any number of repetitions, in any order, comes to the same.

    A version is known by its form and instanceID, and equal if its bytes are, or its form version and answers. A
    late retry of a version that an edit has replaced is a duplicate, not a conflict. Raises AnswersDiffer,
    EditOutdated, EditOfUnknown, SubmissionDeleted (all of them SubmissionConflict), and SubmissionMalformed for an
    id or file name beyond `LONGEST_NAME`; then nothing of the arrival is kept here.
    """
    submission = arrival.submission
    _check_lengths(arrival)
    known = _version(connection, submission.form_id, submission.instance_id)
    if known is not None:
        return _again(connection, known, arrival)
    if submission.deprecated_id is not None:
        return _edit(connection, submission.deprecated_id, arrival)
    return _new(connection, arrival)


def _new(connection: Connection, arrival: Arrival) -> Outcome:
    root = {
        "form_id": arrival.submission.form_id,
        "root_id": arrival.submission.instance_id,
        "current_ordinal": 1,
        "received_at": arrival.at,
        "updated_at": arrival.at,
        "submitter": arrival.submitter,
        "device_id": arrival.device_id,
    }
    ((root_key,),) = _ADD_ROOT.run(connection, root)
    _add_version(connection, root_key, 1, arrival)
    return Outcome.NEW


def _edit(connection: Connection, deprecated_id: str, arrival: Arrival) -> Outcome:
    form_id = arrival.submission.form_id
    previous = _version(connection, form_id, deprecated_id)
    if previous is None:
        raise EditOfUnknown(deprecated_id)
    root = _lock_root(connection, previous.submission_id)
    if root.deleted_at is not None:
        raise SubmissionDeleted(deprecated_id)
    if previous.ordinal != root.current_ordinal:
        raise EditOutdated(deprecated_id, _instance_at(connection, root.id, root.current_ordinal))
    ordinal = root.current_ordinal + 1
    _add_version(connection, root.id, ordinal, arrival)
    connection.execute(_MOVE_ROOT, {"root_key": root.id, "ordinal": ordinal, "at": arrival.at})
    return Outcome.EDIT


def _again(connection: Connection, known: Row[Any], arrival: Arrival) -> Outcome:
    root = _lock_root(connection, known.submission_id)
    if root.deleted_at is not None:
        raise SubmissionDeleted(arrival.submission.instance_id)
    if not _is_equal(known, arrival.submission):
        raise AnswersDiffer(arrival.submission.instance_id)
    _note_arrival(connection, known.id, arrival)
    joined = join_media(connection, known.id, arrival.attachments, arrival.at)
    return Outcome.COMPLETED if joined else Outcome.DUPLICATE


def _add_version(connection: Connection, root_key: int, ordinal: int, arrival: Arrival) -> None:
    submission = arrival.submission
    version = {
        "submission_id": root_key,
        "ordinal": ordinal,
        "form_id": submission.form_id,
        "instance_id": submission.instance_id,
        "deprecated_id": submission.deprecated_id,
        "version": submission.version,
        "answers": canonical(submission.answers),
        "raw": submission.raw,
        "received_at": arrival.at,
        "submitter": arrival.submitter,
        "device_id": arrival.device_id,
    }
    ((version_key,),) = _ADD_VERSION.run(connection, version)
    expect_media(connection, version_key, submission.media_names)
    join_media(connection, version_key, arrival.attachments, arrival.at)
    _note_first_arrival(connection, version_key, arrival)
    note_change(connection)


def _route(arrival: Arrival) -> dict[str, str | None]:
    return {
        "source": arrival.source,
        "remote_id": arrival.remote_id,
        "submitter": arrival.submitter,
        "device_id": arrival.device_id,
    }


def _note_first_arrival(connection: Connection, version_key: int, arrival: Arrival) -> None:
    times = {"first_at": arrival.at, "last_at": arrival.at, "times": 1}
    _ADD_ARRIVAL.run(connection, {"version_id": version_key, **_route(arrival), **times})


def _note_arrival(connection: Connection, version_key: int, arrival: Arrival) -> None:
    route = {f"by_{name}": value for name, value in _route(arrival).items()}
    counted = connection.execute(_COUNT_ARRIVAL, {"of_version": version_key, "at": arrival.at, **route})
    if counted.rowcount == 0:
        _note_first_arrival(connection, version_key, arrival)


def canonical(answers: Answers) -> str:
    """Return answers as the JSON text that is kept: keys sorted, so that equal answers are equal text."""
    return json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _is_equal(known: Row[Any], submission: Submission) -> bool:
    if known.raw == submission.raw:
        return True
    return bool(known.version == submission.version and known.answers == canonical(submission.answers))


def _version(connection: Connection, form_id: str, instance_id: str) -> Row[Any] | None:
    ids = {"form_id": form_id, "instance_id": instance_id}
    # Most that comes is new, and to hear that is all it takes.
    return connection.execute(_VERSION, ids).one() if _IS_KEPT.run(connection, ids) else None


def _lock_root(connection: Connection, root_key: int) -> Row[Any]:
    # FOR UPDATE: on PostgreSQL two edits of one version queue here, and the second finds it replaced. SQLite has one
    # writer and ignores it.
    return connection.execute(_LOCK_ROOT, {"root_key": root_key}).one()


def _instance_at(connection: Connection, root_key: int, ordinal: int) -> str:
    return str(connection.execute(_INSTANCE_AT, {"root_key": root_key, "ordinal": ordinal}).scalar_one())


# Made once: to make a statement costs more than to run it, and these run for every submission that comes in.
_ROOTS: Final = schema.submissions
_VERSIONS: Final = schema.submission_versions
_ARRIVALS: Final = schema.arrivals
_ADD_ROOT: Final = Prepared(_ROOTS.insert().returning(_ROOTS.c.id))
_ADD_VERSION: Final = Prepared(_VERSIONS.insert().returning(_VERSIONS.c.id))
_ADD_ARRIVAL: Final = Prepared(_ARRIVALS.insert())
_COUNT_ARRIVAL: Final = (
    update(_ARRIVALS)
    .where(
        _ARRIVALS.c.version_id == bindparam("of_version"),
        *(
            _ARRIVALS.c[name].is_not_distinct_from(bindparam(f"by_{name}"))
            for name in ("source", "remote_id", "submitter", "device_id")
        ),
    )
    .values(times=_ARRIVALS.c.times + 1, last_at=bindparam("at"))
)
_MOVE_ROOT: Final = (
    update(_ROOTS)
    .where(_ROOTS.c.id == bindparam("root_key"))
    .values(current_ordinal=bindparam("ordinal"), updated_at=bindparam("at"), review=EDITED)
)
_LOCK_ROOT: Final = select(_ROOTS).where(_ROOTS.c.id == bindparam("root_key")).with_for_update()
_VERSION: Final = select(_VERSIONS).where(
    _VERSIONS.c.form_id == bindparam("form_id"), _VERSIONS.c.instance_id == bindparam("instance_id")
)
_IS_KEPT: Final = Prepared(
    select(_VERSIONS.c.id).where(
        _VERSIONS.c.form_id == bindparam("form_id"), _VERSIONS.c.instance_id == bindparam("instance_id")
    )
)
_INSTANCE_AT: Final = select(_VERSIONS.c.instance_id).where(
    _VERSIONS.c.submission_id == bindparam("root_key"), _VERSIONS.c.ordinal == bindparam("ordinal")
)


def _check_lengths(arrival: Arrival) -> None:
    submission = arrival.submission
    names = [submission.form_id, submission.instance_id, *(medium.name for medium in arrival.attachments)]
    if any(len(name.encode("utf-8", "replace")) > LONGEST_NAME for name in names):
        raise SubmissionMalformed(
            Bilingual(
                f"The submission has an instanceID or a file name of more than {LONGEST_NAME} bytes, as no tablet "
                "makes it. The data manager finds it among those set aside.",
                f"La soumission comporte un instanceID ou un nom de fichier de plus de {LONGEST_NAME} octets, ce "
                "qu’aucune tablette ne produit. Le gestionnaire des données la trouvera parmi celles mises de côté.",
            )
        )
