"""The database as the other rooms see it: read at any time, write through one door.

Which tables there are is `store.schema`; bringing them up to date is `store.migrate`, which `store.kept` calls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from store.engine import open_engine, reading
from store.glance import SqliteGlances
from store.prepared import Prepared
from store.writer import GroupWriter, PoolWriter, Writer

__all__ = ["Connection", "Database"]

T = TypeVar("T")


class Database:
    """An open database. Made by `open`; belongs to one process (a forked child opens its own)."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        self._engine = engine
        self._reading = reading(engine)
        self._writer = writer
        self._glances = SqliteGlances(engine) if engine.dialect.name == "sqlite" else None

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open `sqlite:////path/to/file.db` or `postgresql://…`, without migrating it. Raises StoreError."""
        engine = open_engine(url)
        is_sqlite = engine.dialect.name == "sqlite"
        return cls(engine, GroupWriter(engine) if is_sqlite else PoolWriter(engine))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database and cannot write; no writer makes it wait."""
        with self._reading.connect() as connection:
            yield connection

    @property
    def is_at_hand(self) -> bool:
        """True where a `glance` takes microseconds and may be done in an event loop; False where it is a round trip."""
        return self._glances is not None

    def glance(self, query: Prepared, values: Mapping[str, str]) -> Sequence[Sequence[Any]]:
        """Return the rows of a look-up by index as the newest committed state has them; nothing is remembered.

        query: of columns that the driver gives as they are.
        """
        if self._glances is not None:
            return self._glances.rows(query, values)
        with self.read() as connection:
            return query.run(connection, values)

    def submit(self, deed: Callable[[Connection], T]) -> Future[T]:
        """Hand a deed to the writer; the future resolves only after the deed is on disk, or with what it raised.

        A deed that raises is undone alone. It may be run twice (PostgreSQL, after a lost race), so it does nothing
        but use its connection, and it neither commits nor rolls back.
        """
        return self._writer.submit(deed)

    def write(self, deed: Callable[[Connection], T]) -> T:
        """Do the deed and return what it returns, once it is on disk."""
        return self._writer.submit(deed).result()

    def close(self) -> None:
        """Finish the writes that are queued, and let go of all connections."""
        self._writer.close()
        if self._glances is not None:
            self._glances.close()
        self._engine.dispose()
