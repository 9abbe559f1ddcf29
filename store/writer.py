"""Who writes, and when a write counts as kept: one thread with group commit on SQLite, a pool on PostgreSQL.

A deed is a function of a connection. Its future resolves only after the commit that holds it is durable; until then
nobody may be told that anything is kept. What deeds do is the business of the modules named after nouns.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, DBAPIError

from forms.text import Bilingual
from store.engine import translate, writing
from store.errors import StoreClosed, StoreError

T = TypeVar("T")
Deed = Callable[[Connection], T]

BATCH: Final = 256
"""The most deeds that share a commit: bounds how long the first waits for the last."""

POSTGRES_WRITERS: Final = 8

# Serialization failure, deadlock, and a unique row that another transaction made first: all pass when tried again.
_RACES: Final = frozenset({"40001", "40P01", "23505"})


class Writer(Protocol):
    """Takes deeds from any thread."""

    def submit(self, deed: Deed[T]) -> Future[T]:
        """Queue the deed; the future resolves after its commit is durable, or with what the deed raised."""

    def close(self) -> None:
        """Do what is queued, then take no more."""


class _Write:
    """A deed on its way, with the future that its caller holds."""

    def __init__(self, deed: Deed[Any]) -> None:
        self._deed = deed
        self.future: Future[Any] = Future()
        self._result: Any = None
        self.failure: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Do the deed in a savepoint of its own: what it raises undoes this deed and no other.

        Raises StoreError where the transaction itself is gone, and with it all that ran before.
        """
        driver: Any = connection.connection.dbapi_connection
        driver.execute("SAVEPOINT deed")
        try:
            self._result = self._deed(connection)
        except BaseException as error:  # noqa: BLE001 - whatever a deed raises belongs to its caller, not to this thread
            self.failure = error
        # SQLite may roll a whole transaction back by itself (disk full, I/O error). The next SAVEPOINT would then
        # begin and commit on its own, and the final COMMIT would succeed over deeds that are gone.
        if not driver.in_transaction:
            raise StoreError(_GIVEN_UP) from self.failure
        if self.failure is not None:
            driver.execute("ROLLBACK TO deed")
        driver.execute("RELEASE deed")

    def resolve(self) -> None:
        """Tell the caller how the deed went; to be called after the commit."""
        if self.failure is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(self.failure)

    def fail(self, error: BaseException) -> None:
        """Tell the caller that nothing of it was kept: its own failure where it had one, else `error`."""
        self.future.set_exception(self.failure or error)


class GroupWriter:
    """One thread that writes to SQLite: it takes all deeds that wait, and they share one commit and its fsync."""

    def __init__(self, engine: Engine) -> None:
        self._engine = writing(engine)
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        # A daemon: a process may end without close(); what was not committed by then was promised to nobody.
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, deed: Deed[T]) -> Future[T]:
        """Queue the deed. Raises StoreClosed after close(), and StoreError from within another deed."""
        if threading.current_thread() is self._thread:
            raise StoreError(_NESTED)
        write = _Write(deed)
        with self._gate:
            if self._closed:
                raise StoreClosed(_CLOSED)
            self._queue.put(write)
        return write.future

    def close(self) -> None:
        """Do what is queued, then take no more."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        is_open = True
        while is_open:
            taken: list[_Write | None] = [self._queue.get()]
            while len(taken) < BATCH and not self._queue.empty():
                taken.append(self._queue.get())
            is_open = None not in taken
            self._commit([write for write in taken if write and write.future.set_running_or_notify_cancel()])

    def _commit(self, writes: Sequence[_Write]) -> None:
        if not writes:
            return
        try:
            with self._engine.begin() as connection:
                for write in writes:
                    write.run(connection)
        except DatabaseError as error:
            failure = translate(self._engine, error)
            failure.__cause__ = error
            _fail(writes, failure)
        except BaseException as error:  # noqa: BLE001 - nothing of this batch is kept, and every caller must hear it
            _fail(writes, error)
        else:
            for write in writes:
                write.resolve()


class PoolWriter:
    """Writes to PostgreSQL: a few threads, each deed in a transaction of its own; the server groups the commits.

    A deed that loses a race is done once more from the start, so a deed must do nothing but use its connection.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = writing(engine)
        self._threads = ThreadPoolExecutor(max_workers=POSTGRES_WRITERS, thread_name_prefix="store-writer")
        self._inside = threading.local()

    def submit(self, deed: Deed[T]) -> Future[T]:
        """Queue the deed. Raises StoreClosed after close(), and StoreError from within another deed."""
        if getattr(self._inside, "deed", False):
            raise StoreError(_NESTED)
        try:
            return self._threads.submit(self._transact, deed)
        except RuntimeError as error:
            raise StoreClosed(_CLOSED) from error

    def close(self) -> None:
        """Do what is queued, then take no more."""
        self._threads.shutdown(wait=True)

    def _transact(self, deed: Deed[T]) -> T:
        self._inside.deed = True
        try:
            try:
                return self._once(deed)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _RACES:
                    raise
                return self._once(deed)
        finally:
            self._inside.deed = False

    def _once(self, deed: Deed[T]) -> T:
        with self._engine.begin() as connection:
            return deed(connection)


def _fail(writes: Sequence[_Write], error: BaseException) -> None:
    for write in writes:
        write.fail(error)


_GIVEN_UP: Final = Bilingual(
    "The database gave up the transaction (disk full, or a deed ended it itself). Nothing of it was kept; check the "
    "disk and try again.",
    "La base de données a abandonné la transaction (disque plein, ou une opération l’a close elle-même). Rien n’en a "
    "été conservé ; vérifiez le disque et réessayez.",
)
_NESTED: Final = Bilingual(
    "A write was asked from within a write and would wait for itself; use the connection at hand.",
    "Une écriture demandée depuis une écriture s’attendrait elle-même ; utilisez la connexion en main.",
)
_CLOSED: Final = Bilingual(
    "The database is closed: the server is stopping. Send again when it is back.",
    "La base de données est fermée : le serveur s’arrête. Renvoyez quand il sera de retour.",
)
