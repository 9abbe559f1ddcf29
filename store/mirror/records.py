"""Reading what we hold of a source's records: by their ids, by page, and how many there are.

Keeping them is `store.mirror.pulled`.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from store import schema

ASKED_AT_ONCE: Final = 500
"""Values in one IN list: SQLite before 3.32 takes 999 in a statement."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A record of a source as it was pulled last.

    key: grows in the order in which records were met. mark: what its list showed then. is_gone: the source no longer
    has it. is_set_aside: its newest state is in quarantine; an older one may be kept as a submission nevertheless.
    lacks_media: its answers name a file that the source has not got.
    """

    key: int
    remote_id: str
    root_id: str
    mark: str
    is_gone: bool
    is_set_aside: bool
    lacks_media: bool


def mirrored(connection: Connection, state_key: int, remote_ids: Collection[str]) -> dict[str, Mirrored]:
    """Return what we hold of these records, by remote id; one we never met is missing, one that is gone is not."""
    rows = _among(connection, state_key, _MIRROR.c.remote_id, remote_ids)
    return {one.remote_id: one for one in rows}


def mirrored_by_root(connection: Connection, state_key: int, root_ids: Collection[str]) -> list[Mirrored]:
    """Return what we hold under these root ids, in key order within each 500; several may share one."""
    return list(_among(connection, state_key, _MIRROR.c.root_id, root_ids))


def mirror_pages(connection: Connection, state_key: int, *, after_key: int = 0, size: int = 2000) -> list[Mirrored]:
    """Return the next `size` records behind a key, in key order, gone ones included; the page of that size."""
    query = _of(state_key).where(_MIRROR.c.id > after_key).order_by(_MIRROR.c.id).limit(size)
    return [_read(row) for row in connection.execute(query)]


def lacking_media(connection: Connection, state_key: int, *, limit: int) -> list[Mirrored]:
    """Return records whose source has not got all files that their answers name, newest first; gone ones left out."""
    query = _of(state_key).where(_MIRROR.c.lacks_media, _MIRROR.c.gone_at.is_(None))
    return [_read(row) for row in connection.execute(query.order_by(_MIRROR.c.id.desc()).limit(limit))]


def count_lacking_media(connection: Connection, state_key: int) -> int:
    """Return how many records there are of which the source has not got all files that their answers name."""
    return _count(connection, state_key, _MIRROR.c.gone_at.is_(None), _MIRROR.c.lacks_media)


def count_mirrored(connection: Connection, state_key: int) -> int:
    """Return how many records the source has as far as we know, those set aside included."""
    return _count(connection, state_key, _MIRROR.c.gone_at.is_(None))


def count_set_aside(connection: Connection, state_key: int) -> int:
    """Return of how many of them the newest state is in quarantine."""
    return _count(connection, state_key, _MIRROR.c.gone_at.is_(None), _MIRROR.c.quarantine_id.is_not(None))


def highest_key(connection: Connection, state_key: int) -> int:
    """Return the key of the record met last, 0 where there is none."""
    query = select(func.coalesce(func.max(_MIRROR.c.id), 0)).where(_MIRROR.c.pull_state_id == state_key)
    return int(connection.execute(query).scalar_one())


def in_lists(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Give the values in lists that one statement takes."""
    rest = iter(values)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some


def _among(
    connection: Connection, state_key: int, column: ColumnElement[str], values: Collection[str]
) -> Iterator[Mirrored]:
    for some in in_lists(dict.fromkeys(values)):
        for row in connection.execute(_of(state_key).where(column.in_(some)).order_by(_MIRROR.c.id)):
            yield _read(row)


def _count(connection: Connection, state_key: int, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(_MIRROR).where(_MIRROR.c.pull_state_id == state_key, *conditions)
    return int(connection.execute(query).scalar_one())


def _of(state_key: int) -> Select[Any]:
    return select(_MIRROR).where(_MIRROR.c.pull_state_id == state_key)


def _read(row: Row[Any]) -> Mirrored:
    return Mirrored(
        key=row.id,
        remote_id=row.remote_id,
        root_id=row.root_id,
        mark=row.mark,
        is_gone=row.gone_at is not None,
        is_set_aside=row.quarantine_id is not None,
        lacks_media=row.lacks_media,
    )


_MIRROR: Final = schema.mirrored_records
