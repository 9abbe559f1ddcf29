"""Note that a source has records no longer, and delete the submissions that nothing else vouches for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, exists, select, update

from store import schema
from store.changes import note_change
from store.mirror.records import in_lists
from store.mirror.rows import BY_SOURCE, release_aside
from store.version_rows import OWN_ENDPOINT


def mark_gone(connection: Connection, state_key: int, keys: Iterable[int], at: datetime) -> int:
    """Note that the source has these records no longer; return how many of them it had until now.

    Their submissions are deleted, with every row kept, unless another record or our own endpoint vouches for them.
    What was set aside of them waits no longer.
    """
    return sum(_mark_gone(connection, state_key, some, at) for some in in_lists(keys))


def _mark_gone(connection: Connection, state_key: int, keys: Sequence[int], at: datetime) -> int:
    live = (_MIRROR.c.pull_state_id == state_key, _MIRROR.c.id.in_(keys), _MIRROR.c.gone_at.is_(None))
    rows = connection.execute(select(_MIRROR.c.id, _MIRROR.c.submission_id, _MIRROR.c.quarantine_id).where(*live)).all()
    connection.execute(update(_MIRROR).where(*live).values(gone_at=at))
    for quarantine_id in {row.quarantine_id for row in rows if row.quarantine_id is not None}:
        release_aside(connection, quarantine_id, at)
    deleted = connection.execute(
        update(_ROOTS)
        .where(
            _ROOTS.c.id.in_({row.submission_id for row in rows if row.submission_id is not None}),
            _ROOTS.c.deleted_at.is_(None),
            ~exists().where(_MIRROR.c.submission_id == _ROOTS.c.id, _MIRROR.c.gone_at.is_(None)),
            ~exists().where(
                _VERSIONS.c.submission_id == _ROOTS.c.id,
                _ARRIVALS.c.version_id == _VERSIONS.c.id,
                _ARRIVALS.c.source == OWN_ENDPOINT,
            ),
        )
        .values(deleted_at=at, deleted_by=BY_SOURCE, updated_at=at)
    )
    if deleted.rowcount:
        note_change(connection)
    return len(rows)


_MIRROR: Final = schema.mirrored_records
_ROOTS: Final = schema.submissions
_VERSIONS: Final = schema.submission_versions
_ARRIVALS: Final = schema.arrivals
