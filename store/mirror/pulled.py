"""Keep a record that was pulled: as a new submission, as the next version of one, or as what is here already.

The source is the authority for its records: an edit, a review, a removal there is one here. What only we have stays:
every version with its bytes, what devices sent to our own endpoint, and what data managers deleted.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from forms.submission import Submission
from store import schema
from store.changes import note_change
from store.errors import AnswersDiffer
from store.mirror.listed_media import ListedMedium, add_listed, lacks_media, renew_listed
from store.mirror.rows import BY_SOURCE, Held, add_row, find_held, first_kept, renew_row
from store.prepared import Prepared
from store.version_rows import (
    Arrival,
    KnownVersion,
    add_root,
    add_version,
    check_lengths,
    find_version,
    is_equal,
    note_arrival,
)


class Change(StrEnum):
    """What a pulled record came to; where several hold, the first of this order."""

    NEW = "new"
    RESTORED = "restored"
    EDITED = "edited"
    REVIEWED = "reviewed"
    MEDIA = "media"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class PulledRecord:
    """A record as its source gave it.

    root_id: instanceID of its first version. mark: what its list showed before it was read. submitted_at: when the
    source took the first version. review: as the server names it, None where nobody looked at it. media: all that the
    source lists for it. media_anew: the bytes of media that have no id but their name may be others by now.
    """

    remote_id: str
    root_id: str
    mark: str
    submission: Submission
    submitted_at: datetime
    submitter: str | None
    device_id: str | None
    review: str | None
    media: tuple[ListedMedium, ...]
    media_anew: bool = False


class _Root(NamedTuple):
    """The submission that a record is a version of."""

    id: int
    current_ordinal: int
    review: str | None
    deleted_by: str | None


@dataclass(frozen=True, slots=True)
class _Pulled:
    """A record that is being kept. held: its row, None for one that was never met."""

    state_key: int
    record: PulledRecord
    arrival: Arrival
    held: Held | None


def keep_pulled(connection: Connection, state_key: int, source: str, record: PulledRecord, at: datetime) -> Change:
    """Keep a record as it is on its source now, and say what is other than before.

    A record that was never met is a submission, or a further way to one that came by another. An instanceID that was
    never met is a version that replaces the current one, whatever lay between; one that a later version has replaced
    here leaves that current. A record that was gone is back, unless a data manager deleted it.

    Raises AnswersDiffer where the version is kept with other answers, and where another record of this source, met
    before, has the same root id and other answers; SubmissionMalformed for an id or file name beyond `LONGEST_NAME`.
    Then nothing of the record is kept here.
    """
    submission = record.submission
    check_lengths((submission.form_id, submission.instance_id, record.remote_id, record.root_id))
    for medium in record.media:
        check_lengths((medium.name, medium.remote_id))
    arrival = Arrival(submission, source, record.remote_id, record.submitter, record.device_id, at)
    pulled = _Pulled(state_key, record, arrival, find_held(connection, state_key, record.remote_id))
    version = find_version(connection, submission.form_id, submission.instance_id)
    root = _find_root(connection, pulled, version)
    if root is None:
        return _keep_new(connection, pulled)
    return _keep_known(connection, pulled, root, version)


def _keep_new(connection: Connection, pulled: _Pulled) -> Change:
    record = pulled.record
    root_key = add_root(connection, pulled.arrival, record.root_id, record.submitted_at, record.review)
    version_key = add_version(connection, root_key, 1, pulled.arrival, received_at=record.submitted_at)
    _mirror(connection, pulled, root_key, version_key)
    return Change.NEW


def _keep_known(connection: Connection, pulled: _Pulled, root: _Root, version: KnownVersion | None) -> Change:
    record, submission = pulled.record, pulled.record.submission
    if version is not None and (version.submission_id != root.id or not is_equal(version, submission)):
        raise AnswersDiffer(submission.instance_id)
    values: dict[str, Any] = {}
    if version is None or record.review != root.review:
        # Of several records with one root id, the one met first says what the submission is.
        if _speaks(connection, pulled, root):
            values["review"] = record.review
        elif version is None:
            raise AnswersDiffer(submission.instance_id)
    if version is None:
        values["current_ordinal"] = root.current_ordinal + 1
        version_key = add_version(connection, root.id, root.current_ordinal + 1, pulled.arrival)
    else:
        version_key = version.id
        note_arrival(connection, version_key, pulled.arrival)
    if root.deleted_by == BY_SOURCE:
        values |= {"deleted_at": None, "deleted_by": None}
    if values:
        connection.execute(update(_ROOTS).where(_ROOTS.c.id == root.id).values(updated_at=pulled.arrival.at, **values))
        note_change(connection)
    media_differ = _mirror(connection, pulled, root.id, version_key)
    if pulled.held is None or pulled.held.submission_id is None:
        return Change.NEW
    if pulled.held.gone_at is not None:
        return Change.RESTORED
    if version is None:
        return Change.EDITED
    if "review" in values:
        return Change.REVIEWED
    return Change.MEDIA if media_differ else Change.UNCHANGED


def _find_root(connection: Connection, pulled: _Pulled, version: KnownVersion | None) -> _Root | None:
    """Return the submission that the record has, or its version, or its root id; None where it is a new one."""
    form_id = pulled.record.submission.form_id
    root_key = version.submission_id if version is not None else None
    if pulled.held is not None and pulled.held.submission_id is not None:
        root_key = pulled.held.submission_id
    if root_key is not None:
        rows = _ROOT_BY_KEY.run(connection, {"root_key": root_key, "form": form_id})
    else:
        rows = _ROOT_BY_ID.run(connection, {"form": form_id, "root": pulled.record.root_id})
    return _Root(*rows[0]) if rows else None


def _speaks(connection: Connection, pulled: _Pulled, root: _Root) -> bool:
    first = first_kept(connection, pulled.state_key, root.id)
    return first is None or (pulled.held is not None and pulled.held.is_kept and pulled.held.id == first)


def _mirror(connection: Connection, pulled: _Pulled, root_key: int, version_key: int) -> bool:
    """Note what the source has of the record now; True where it lists other media than before."""
    record, held, at = pulled.record, pulled.held, pulled.arrival.at
    values = {
        "root_id": record.root_id,
        "submission_id": root_key,
        "version_id": version_key,
        "mark": record.mark,
        "lacks_media": lacks_media(record.submission.media_names, record.media),
    }
    if held is None:
        add_listed(connection, add_row(connection, pulled.state_key, record.remote_id, values), record.media)
        return False
    renew_row(connection, held, values, at)
    anew = record.media_anew or held.version_id != version_key
    return renew_listed(connection, held.id, version_key, record.media, at, anew=anew)


# Made once: to make a statement costs more than to run it, and these run for every record that is pulled.
_ROOTS: Final = schema.submissions
# FOR UPDATE: on PostgreSQL a device's edit of the same submission waits; SQLite has one writer and ignores it.
_ROOT: Final = select(*(_ROOTS.c[name] for name in _Root._fields)).with_for_update()
_ROOT_BY_KEY: Final = Prepared(_ROOT.where(_ROOTS.c.id == bindparam("root_key"), _ROOTS.c.form_id == bindparam("form")))
_ROOT_BY_ID: Final = Prepared(_ROOT.where(_ROOTS.c.form_id == bindparam("form"), _ROOTS.c.root_id == bindparam("root")))
