"""Engines for the two databases, with the settings that our promises rest on.

Who writes when is `store.writer`; what callers see is `store.database`.
"""

import sqlite3
import time
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from forms.text import Bilingual
from store.errors import StoreBusy, StoreError

BUSY_SECONDS: Final = 10
"""How long a SQLite connection waits for another process's lock before `StoreBusy`."""

WRITES: Final = "jekafo_writes"
"""Execution option of the engine that may write; every other connection only reads."""

_DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
}


def open_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///file` or `postgresql://…`; no connection is made yet.

    Its errors show no parameters: those are answers, names and digests of tokens.

    Raises StoreError for another database, and for a SQLite database in memory: what is kept there outlives nothing.
    """
    place = _place(url)
    return _sqlite(place) if place.get_backend_name() == "sqlite" else _postgres(place)


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL, None for PostgreSQL. Raises StoreError as `open_engine`."""
    place = _place(url)
    return Path(place.database) if place.get_backend_name() == "sqlite" and place.database else None


def writing(engine: Engine) -> Engine:
    """Return the engine whose transactions may write; on SQLite they begin by taking the write lock."""
    return engine.execution_options(**{WRITES: True})


def reading(engine: Engine) -> Engine:
    """Return the engine whose transactions see one state of the database throughout, and cannot write."""
    if engine.dialect.name == "sqlite":
        return engine  # a deferred BEGIN in WAL mode is a snapshot from its first SELECT on
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def translate(engine: Engine, error: DatabaseError) -> StoreError:
    """Say what keeps the database from being used: another program's lock, or that it cannot be opened at all."""
    where = engine.url.render_as_string(hide_password=True)
    # Extended result codes keep the primary one in their low byte: 5 is SQLITE_BUSY, 6 SQLITE_LOCKED.
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in (5, 6):
        return StoreBusy(
            Bilingual(
                f"Another program has kept the database {where} locked for {BUSY_SECONDS} s. Nothing was written; "
                "close that program (a backup, a database browser) and try again.",
                f"Un autre programme verrouille la base de données {where} depuis {BUSY_SECONDS} s. Rien n’a été "
                "écrit ; fermez ce programme (une sauvegarde, un explorateur de bases) et réessayez.",
            )
        )
    said = str(error.orig).partition("\n")[0]
    return StoreError(
        Bilingual(
            f"The database {where} cannot be used: {said}. Check that it is there, that it is a database, and that "
            "this program may write to it.",
            f"La base de données {where} est inutilisable : {said}. Vérifiez qu’elle existe, que c’est bien une base "
            "et que ce programme peut y écrire.",
        )
    )


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        # The text is not repeated: it may hold a password.
        raise StoreError(
            Bilingual(
                "The database URL cannot be read. Write sqlite:////path/to/file.db or "
                "postgresql://user:password@host/name.",
                "L’URL de la base de données est illisible. Écrivez sqlite:////chemin/du/fichier.db ou "
                "postgresql://utilisateur:motdepasse@hôte/nom.",
            )
        ) from error
    driver = _DRIVERS.get(place.drivername)
    if driver is None:
        raise StoreError(
            Bilingual(
                f"Jekafo keeps its data in SQLite or PostgreSQL; the database URL names {place.drivername}.",
                f"Jekafo conserve ses données dans SQLite ou PostgreSQL ; l’URL de la base nomme {place.drivername}.",
            )
        )
    if driver == "sqlite+pysqlite" and (not place.database or ":memory:" in place.database):
        raise StoreError(
            Bilingual(
                "The database URL names no file: a SQLite database in memory would lose everything it is given. "
                "Write sqlite:////path/to/file.db.",
                "L’URL de la base ne nomme aucun fichier : une base SQLite en mémoire perdrait tout ce qu’on lui "
                "confie. Écrivez sqlite:////chemin/du/fichier.db.",
            )
        )
    return place.set(drivername=driver)


def _postgres(place: URL) -> Engine:
    # pre_ping: a server restarted overnight costs a reconnection, not the first tablet of the morning.
    engine = create_engine(place, hide_parameters=True, pool_pre_ping=True, pool_size=8, max_overflow=24)

    @event.listens_for(engine, "handle_error")
    def hush(context: ExceptionContext) -> None:
        # PostgreSQL adds a DETAIL with the whole failing row; its first line says which constraint, and no values.
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error is not None and error.args and isinstance(error.args[0], str):
                error.args = (error.args[0].partition("\nDETAIL:")[0], *error.args[1:])

    return engine


def _sqlite(place: URL) -> Engine:
    engine = create_engine(
        place, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}, pool_size=8, max_overflow=32
    )

    @event.listens_for(engine, "connect")
    def settle(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # The driver must begin no transaction on its own: before Python 3.12 it would do so at the first INSERT only,
        # leaving a SAVEPOINT before it outside of any transaction. `begin` below begins every one.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            if _write_ahead_mode(cursor) != "wal":
                raise StoreError(_no_wal(place))
            cursor.execute("PRAGMA synchronous = FULL")  # in WAL mode: the log is on disk before COMMIT returns
            cursor.execute("PRAGMA foreign_keys = ON")
        finally:
            cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES, False):
            connection.exec_driver_sql("PRAGMA query_only = OFF")
            # IMMEDIATE: a transaction that reads and then writes could not wait for a lock, its view being old.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("BEGIN")

    return engine


def _write_ahead_mode(cursor: DBAPICursor) -> str:
    """Ask for a write-ahead log; return the mode the database then has.

    Changing the mode does not wait for another connection as statements do, and two servers may start at once.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        # Asking for the mode it already has takes no lock.
        mode = str(cursor.execute("PRAGMA journal_mode").fetchone()[0])
        if mode == "wal":
            return mode
        try:
            return str(cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _no_wal(place: URL) -> Bilingual:
    return Bilingual(
        f"SQLite cannot keep a write-ahead log beside {place.database}: network drives do not allow it. Put the data "
        "folder on a disk of this machine, or use PostgreSQL.",
        f"SQLite ne peut pas tenir de journal à côté de {place.database} : les lecteurs réseau ne le permettent pas. "
        "Placez le dossier de données sur un disque de cette machine, ou utilisez PostgreSQL.",
    )
