"""How a build knows that something changed: a count that grows with every committed change."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from store.prepared import Prepared
from store.schema import change_counts

_SHARDS: Final = 16


def note_change(connection: Connection) -> None:
    """Count a change to what tables are built from, in the transaction that makes it.

    A sequence would not do: on PostgreSQL a smaller number may be committed after a greater one was seen. One row
    would do, and all writers would queue for it; so there are several, and a connection keeps to one of them.
    """
    _COUNTS[connection.dialect.name].run(connection, {})


def _count(insert: Any, shard: ColumnElement[int]) -> Prepared:
    first: Any = insert(change_counts).values(shard=shard, changes=1)
    return Prepared(
        first.on_conflict_do_update(
            index_elements=[change_counts.c.shard], set_={"changes": change_counts.c.changes + 1}
        )
    )


_COUNTS: Final = {
    "sqlite": _count(sqlite.insert, literal(0)),
    "postgresql": _count(postgresql.insert, func.pg_backend_pid() % _SHARDS),
}


def last_change(connection: Connection) -> int:
    """Return how many changes were ever committed: 0 for a new project, and greater after every change."""
    return int(connection.execute(select(func.coalesce(func.sum(change_counts.c.changes), 0))).scalar_one())
