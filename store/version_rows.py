"""The rows of a version and of the ways it came by: written alike for what devices send and for what is pulled.

Which version an arrival is, and what it does to its submission, is decided in `store.submissions` and
`store.mirror.pulled`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from forms.errors import SubmissionMalformed
from forms.submission import Answers, Attachment, Submission
from forms.text import Bilingual
from store import schema
from store.attachments import expect_media, join_media
from store.changes import note_change
from store.prepared import Prepared

OWN_ENDPOINT: Final = "openrosa"
"""The `source` of arrivals that devices sent to us; what came so is ours to delete, whatever a server shows."""

LONGEST_NAME: Final = 1000
"""Bytes of UTF-8 in an id or a file name: what an index entry of PostgreSQL holds two of (2.7 kB)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission that arrives. The bytes of its attachments are on disk already.

    source: which way it came (OWN_ENDPOINT, or the name of a server it was pulled from). remote_id: its id there.
    """

    submission: Submission
    source: str
    remote_id: str | None
    submitter: str | None
    device_id: str | None
    at: datetime
    attachments: tuple[Attachment, ...] = ()


class KnownVersion(NamedTuple):
    """A version that is kept, as far as it takes to compare it with one that arrives."""

    id: int
    submission_id: int
    ordinal: int
    version: str
    answers: str
    raw: bytes


def find_version(connection: Connection, form_id: str, instance_id: str) -> KnownVersion | None:
    """Return the version that is kept under those ids, or None."""
    rows: Sequence[Sequence[Any]] = _VERSION.run(connection, {"form_id": form_id, "instance_id": instance_id})
    return KnownVersion(*rows[0]) if rows else None


def is_equal(known: KnownVersion, submission: Submission) -> bool:
    """Whether a submission says what the version says: the same bytes, or form version and answers."""
    if known.raw == submission.raw:
        return True
    return known.version == submission.version and known.answers == canonical(submission.answers)


def canonical(answers: Answers) -> str:
    """Return answers as the JSON text that is kept: keys sorted, so that equal answers are equal text."""
    return json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def add_root(connection: Connection, arrival: Arrival, root_id: str, received_at: datetime, review: str | None) -> int:
    """Make a submission, whose first version follows; return its key."""
    root = {
        "form_id": arrival.submission.form_id,
        "root_id": root_id,
        "current_ordinal": 1,
        "received_at": received_at,
        "updated_at": received_at,
        "submitter": arrival.submitter,
        "device_id": arrival.device_id,
        "review": review,
    }
    ((root_key,),) = _ADD_ROOT.run(connection, root)
    return int(root_key)


def add_version(
    connection: Connection, root_key: int, ordinal: int, arrival: Arrival, received_at: datetime | None = None
) -> int:
    """Keep the version that arrives, with its media, and note the arrival; return its key.

    received_at: where another server took it before it arrived here.
    """
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
        "received_at": arrival.at if received_at is None else received_at,
        "submitter": arrival.submitter,
        "device_id": arrival.device_id,
    }
    ((version_key,),) = _ADD_VERSION.run(connection, version)
    expect_media(connection, version_key, submission.media_names)
    join_media(connection, version_key, arrival.attachments, arrival.at)
    _note_first_arrival(connection, version_key, arrival)
    note_change(connection)
    return int(version_key)


def note_arrival(connection: Connection, version_key: int, arrival: Arrival) -> None:
    """Note that a version which is kept came once more: by a way it came before, or by a new one."""
    route = {f"by_{name}": value for name, value in _route(arrival).items()}
    counted = connection.execute(_COUNT_ARRIVAL, {"of_version": version_key, "at": arrival.at, **route})
    if counted.rowcount == 0:
        _note_first_arrival(connection, version_key, arrival)


def check_lengths(names: Iterable[str]) -> None:
    """Raise SubmissionMalformed for an id or a file name beyond `LONGEST_NAME`."""
    for name in names:
        if is_too_long(name):
            raise SubmissionMalformed(
                Bilingual(
                    f"The submission has an instanceID or a file name of more than {LONGEST_NAME} bytes, as no tablet "
                    "makes it. The data manager finds it among those set aside.",
                    f"La soumission comporte un instanceID ou un nom de fichier de plus de {LONGEST_NAME} octets, ce "
                    "qu’aucune tablette ne produit. Le gestionnaire des données la trouvera parmi celles mises de "
                    "côté.",
                )
            )


def is_too_long(name: str) -> bool:
    """Whether an id or a file name is beyond `LONGEST_NAME`."""
    # Four bytes a character at most: nearly every name is cleared without encoding it.
    return len(name) * 4 > LONGEST_NAME and len(name.encode("utf-8", "replace")) > LONGEST_NAME


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
_VERSION: Final = Prepared(
    select(*(_VERSIONS.c[name] for name in KnownVersion._fields)).where(
        _VERSIONS.c.form_id == bindparam("form_id"), _VERSIONS.c.instance_id == bindparam("instance_id")
    )
)
