"""One look-up by an index, asked with nearly every request: on SQLite it costs microseconds, without pool or thread.

For anything but that there is `Database.read`, which sees one state throughout and knows the types of columns.
"""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection

from store.prepared import Prepared


class SqliteGlances:
    """Looks rows up on a connection of its own, each in the newest committed state. For all threads; none waits long.

    It stands outside of any transaction, so that it never holds an old view, and it cannot write.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._connection: PoolProxiedConnection | None = None

    def rows(self, query: Prepared, values: Mapping[str, str]) -> Sequence[Sequence[Any]]:
        """Return the rows as the driver gives them."""
        with self._lock:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
                self._driver(self._connection).execute("PRAGMA query_only = ON")
            return query.run_by_driver(self._driver(self._connection), self._engine.dialect, values)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @staticmethod
    def _driver(connection: PoolProxiedConnection) -> Any:
        return connection.driver_connection
