"""Note that a record was pulled and set aside: what its server has of it now is in quarantine, and known."""

from typing import Final

from sqlalchemy import Connection, select, update

from store import schema
from store.changes import note_change
from store.mirror.rows import BY_SOURCE, add_row, find_held, release_aside
from store.version_rows import is_too_long


def keep_set_aside(
    connection: Connection, state_key: int, remote_id: str, root_id: str, mark: str, quarantine_id: int
) -> None:
    """Note that a record's newest state is in quarantine, so that it is not asked for again before it changes.

    A state of it that is kept already stays the one that counts; the entry of an older state waits no longer. What has
    an id beyond `LONGEST_NAME` is not noted, and so is asked for each time.
    """
    if is_too_long(remote_id) or is_too_long(root_id):
        return
    noted = {"root_id": root_id, "mark": mark, "quarantine_id": quarantine_id}
    held = find_held(connection, state_key, remote_id)
    if held is None:
        add_row(connection, state_key, remote_id, noted)
        return
    connection.execute(update(_MIRROR).where(_MIRROR.c.id == held.id).values(gone_at=None, **noted))
    at = connection.execute(select(_ASIDE.c.last_at).where(_ASIDE.c.id == quarantine_id)).scalar_one()
    if held.quarantine_id is not None and held.quarantine_id != quarantine_id:
        release_aside(connection, held.quarantine_id, at)
    restored = connection.execute(
        update(_ROOTS)
        .where(_ROOTS.c.id == held.submission_id, _ROOTS.c.deleted_by == BY_SOURCE)
        .values(deleted_at=None, deleted_by=None, updated_at=at)
    )
    if restored.rowcount:
        note_change(connection)


_MIRROR: Final = schema.mirrored_records
_ROOTS: Final = schema.submissions
_ASIDE: Final = schema.quarantine
