"""What the hooks of servers said changed, until a pull has looked at it. A hint is never believed, only looked up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select

from store import schema
from store.mirror.records import in_lists
from store.types import storable
from store.version_rows import check_lengths

MOST_WAITING: Final = 1000
"""Of one form. Beyond that many, which records they were of no longer matters: the form is to be looked at."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A record of which a server said that something happened to it.

    remote_id: of its form. root_id: "" where it is of the form as a whole. at: when it said so.
    """

    key: int
    source: str
    remote_id: str
    root_id: str
    at: datetime


def note_hint(connection: Connection, source: str, remote_id: str, root_id: str, at: datetime) -> bool:
    """Note a hint; False where the same one waited already. Raises SubmissionMalformed for an id of no usual length.

    One that waited is replaced: a pull that has looked at the first, and forgets it by its key, leaves this one. Where
    too many wait, one of the form as a whole takes their place: whoever knows the secret fills no disk.
    """
    check_lengths((root_id,))
    table = schema.pull_hints
    root_id = storable(root_id)
    of_form = (table.c.source == source, table.c.remote_id == remote_id)
    waited = connection.execute(delete(table).where(*of_form, table.c.root_id == root_id))
    waiting = connection.execute(select(func.count()).select_from(table).where(*of_form)).scalar_one()
    if waiting >= MOST_WAITING:
        connection.execute(delete(table).where(*of_form))
        root_id = ""
    connection.execute(table.insert().values(source=source, remote_id=remote_id, root_id=root_id, at=at))
    return waited.rowcount == 0


def hints(connection: Connection, source: str | None = None) -> list[Hint]:
    """Return the hints that wait, of one source or all, oldest first."""
    table = schema.pull_hints
    query = select(table).order_by(table.c.id)
    if source is not None:
        query = query.where(table.c.source == source)
    return [Hint(row.id, row.source, row.remote_id, row.root_id, row.at) for row in connection.execute(query)]


def drop_hints(connection: Connection, keys: Iterable[int]) -> None:
    """Forget hints that were looked at."""
    table = schema.pull_hints
    for some in in_lists(keys):
        connection.execute(delete(table).where(table.c.id.in_(some)))
