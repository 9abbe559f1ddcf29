"""The row of a record in the mirror, as it is written: found by the ids of its source, added, renewed.

What it says is decided in `pulled`, `aside` and `gone` beside this; reading it is `store.mirror.records`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from store import schema
from store.prepared import Prepared
from store.quarantine import release

BY_SOURCE: Final = "source"
"""`deleted_by` of a submission that no source shows any more."""


class Held(NamedTuple):
    """The row of a record that was met before."""

    id: int
    submission_id: int | None
    version_id: int | None
    quarantine_id: int | None
    gone_at: object  # as the driver gives it; None while the source has the record

    @property
    def is_kept(self) -> bool:
        """Whether the source has it and it is a submission here."""
        return self.gone_at is None and self.submission_id is not None


def find_held(connection: Connection, state_key: int, remote_id: str) -> Held | None:
    """Return the row of a record, None for one that was never met."""
    rows = _HELD.run(connection, {"state_key": state_key, "remote": remote_id})
    return Held(*rows[0]) if rows else None


def first_kept(connection: Connection, state_key: int, submission_key: int) -> int | None:
    """Return the key of the record, among those a source has of one submission, that was met first."""
    ((key,),) = _FIRST_KEPT.run(connection, {"state_key": state_key, "submission": submission_key})
    return None if key is None else int(key)


def add_row(connection: Connection, state_key: int, remote_id: str, values: Mapping[str, Any]) -> int:
    """Add the row of a record that was never met; return its key. values: those that `renew_row` takes, or some."""
    row = {"submission_id": None, "version_id": None, "quarantine_id": None, "lacks_media": False} | dict(values)
    ((key,),) = _ADD.run(connection, {"pull_state_id": state_key, "remote_id": remote_id} | row)
    return int(key)


def renew_row(connection: Connection, held: Held, values: Mapping[str, Any], at: datetime) -> None:
    """Say that a record is on its source and kept as it is there; what was set aside of it waits no longer.

    values: root_id, submission_id, version_id, mark and lacks_media.
    """
    _RENEW.run(connection, {"mirrored": held.id} | {f"new_{name}": values[name] for name in _RENEWED})
    if held.quarantine_id is not None:
        release_aside(connection, held.quarantine_id, at)


def release_aside(connection: Connection, quarantine_id: int, at: datetime) -> None:
    """Release an entry of the quarantine, unless another record with the same bytes waits by it."""
    waits = select(_MIRROR.c.id).where(_MIRROR.c.quarantine_id == quarantine_id, _MIRROR.c.gone_at.is_(None)).limit(1)
    if connection.execute(waits).first() is None:
        release(connection, quarantine_id, at)


# Made once: to make a statement costs more than to run it, and these run for every record that is pulled.
_MIRROR: Final = schema.mirrored_records
_HELD: Final = Prepared(
    select(*(_MIRROR.c[name] for name in Held._fields)).where(
        _MIRROR.c.pull_state_id == bindparam("state_key"), _MIRROR.c.remote_id == bindparam("remote")
    )
)
_FIRST_KEPT: Final = Prepared(
    select(func.min(_MIRROR.c.id)).where(
        _MIRROR.c.submission_id == bindparam("submission"),
        _MIRROR.c.pull_state_id == bindparam("state_key"),
        _MIRROR.c.gone_at.is_(None),
    )
)
_ADD: Final = Prepared(_MIRROR.insert().returning(_MIRROR.c.id))
_RENEWED: Final = ("root_id", "submission_id", "version_id", "mark", "lacks_media")
_RENEW: Final = Prepared(
    update(_MIRROR)
    .where(_MIRROR.c.id == bindparam("mirrored"))
    .values(gone_at=None, quarantine_id=None, **{name: bindparam(f"new_{name}") for name in _RENEWED})
)
