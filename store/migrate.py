"""Bring a database to the schema of this Jekafo, or back: Alembic, run from here without an ini file.

The steps themselves are in `store/migrations/versions`, one file a change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

from forms.text import Bilingual
from store.engine import open_engine, translate, writing
from store.errors import SchemaUnknown

_ADVISORY_LOCK: Final = 0x6A656B61666F  # "jekafo": any number that no other program of the server takes


def upgrade(url: str) -> None:
    """Migrate up to the newest schema; all of it or nothing. Raises SchemaUnknown, StoreBusy, StoreError."""
    with _migrating(url) as (config, connection):
        _refuse_newer(config, connection)
        command.upgrade(config, "head")


def downgrade(url: str, revision: str) -> None:
    """Migrate back to a revision (`base`: no tables at all). Data that the older schema has no place for is lost."""
    with _migrating(url) as (config, connection):
        _refuse_newer(config, connection)
        command.downgrade(config, revision)


def current(url: str) -> str | None:
    """Return the revision the database is at; None for one that was never migrated. Raises StoreError."""
    with _opened(url) as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision that this Jekafo needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    except DatabaseError as error:
        raise translate(engine, error) from error
    finally:
        engine.dispose()


@contextmanager
def _migrating(url: str) -> Iterator[tuple[Config, Connection]]:
    with _opened(url) as engine, writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two servers may start at once; on SQLite the transaction has already taken the write lock.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        yield config, connection


def _refuse_newer(config: Config, connection: Connection) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return
    try:
        ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError as error:
        raise SchemaUnknown(
            Bilingual(
                f"The database is at revision {revision}, which this Jekafo does not know: a newer one has used it. "
                "Install that newer version; nothing was changed.",
                f"La base de données est à la révision {revision}, inconnue de ce Jekafo : une version plus récente "
                "l’a utilisée. Installez cette version ; rien n’a été modifié.",
            )
        ) from error
