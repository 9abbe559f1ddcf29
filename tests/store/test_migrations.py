"""The schema grows and shrinks by migrations, on both databases, and is what store.schema says."""

import sqlite3
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from store import migrate
from store.deployments import Deployment, deployments, keep_deployment
from store.engine import open_engine
from store.errors import SchemaUnknown, StoreBusy, StoreError
from store.form_versions import FormVersion, keep_form_version
from store.kept import Store
from store.schema import metadata


def tables(url: str) -> set[str]:
    engine = open_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


@pytest.fixture
def empty_url(database_url: str) -> str:
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).parent.mkdir()
    return database_url


def test_the_schema_grows_up_and_shrinks_down_again(empty_url: str):
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    assert tables(empty_url) == set(metadata.tables)
    assert migrate.current(empty_url) == migrate.newest()
    migrate.downgrade(empty_url, "base")
    assert tables(empty_url) == set()
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    assert tables(empty_url) == set(metadata.tables)


def test_migrating_a_second_time_changes_nothing(empty_url: str):
    migrate.upgrade(empty_url)
    migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == migrate.newest()


def test_the_migrated_schema_is_the_one_that_the_code_declares(empty_url: str):
    migrate.upgrade(empty_url)
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_comparison_sees_a_column_that_no_migration_made(empty_url: str):
    migrate.upgrade(empty_url)
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        connection.execution_options(jekafo_writes=True)
        connection.rollback()
        connection.execute(text("ALTER TABLE users ADD COLUMN nickname TEXT"))
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert [(difference[0], difference[3].name) for difference in differences] == [("remove_column", "nickname")]


def test_two_servers_that_start_at_once_migrate_once(empty_url: str):
    failures: list[BaseException] = []

    def start() -> None:
        try:
            migrate.upgrade(empty_url)
        except BaseException as error:  # noqa: BLE001 - whatever it is fails the test below
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert tables(empty_url) == set(metadata.tables)


def test_a_database_that_a_newer_program_migrated_is_refused_in_words_and_left_alone(database_url: str, tmp_path: Path):
    store = Store.open(database_url, tmp_path / "media")
    store.database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    store.close()
    with pytest.raises(SchemaUnknown, match="revision 9999"):
        Store.open(database_url, tmp_path / "media")
    assert migrate.current(database_url) == "9999"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root:hunter2@host/db", "names mysql"),
        ("not a url with hunter2", "cannot be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_database_that_cannot_keep_the_promise_is_refused_without_repeating_secrets(url: str, words: str):
    with pytest.raises(StoreError, match=words) as refusal:
        open_engine(url)
    assert "hunter2" not in refusal.value.message.en + refusal.value.message.fr


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_url_takes_the_one_driver(scheme: str):
    assert open_engine(f"{scheme}://host/name").url.drivername == "postgresql+psycopg"


def test_a_migration_that_fails_half_way_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch):
    create_table = op.create_table

    def fail_at_the_last(name: str, *columns: object) -> None:
        if name == "form_files":
            raise OSError("the disk is gone")
        create_table(name, *columns)

    monkeypatch.setattr(op, "create_table", fail_at_the_last)
    with pytest.raises(OSError, match="disk"):
        migrate.upgrade(empty_url)
    monkeypatch.undo()
    assert tables(empty_url) == set()
    migrate.upgrade(empty_url)
    assert tables(empty_url) == set(metadata.tables)


def test_what_is_no_database_is_said_so_and_left_alone(tmp_path: Path):
    file = tmp_path / "report.docx"
    file.write_bytes(b"PK\3\4" * 2000)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{file}", tmp_path / "media")
    assert file.read_bytes() == b"PK\3\4" * 2000


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path):
    with pytest.raises(StoreError, match=r"postgresql\+psycopg://jekafo:\*\*\*@") as refusal:
        Store.open(f"postgresql://jekafo:hunter2@/name?host={tmp_path}", tmp_path / "media")
    assert "hunter2" not in refusal.value.message.en + refusal.value.message.fr


def test_a_database_that_is_there_but_locked_is_said_so(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    Store.open(sqlite_url, tmp_path / "media").close()
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("store.engine.BUSY_SECONDS", 0)
    with pytest.raises(StoreBusy, match="locked"):
        migrate.upgrade(sqlite_url)
    other.close()


def test_a_version_deployed_under_two_names_is_deployed_once_in_the_schema_before_and_its_rows_stay(
    database_url: str, tmp_path: Path, at: datetime
):
    first = Deployment("csp", "1", "kobo", "aB1", at, "vA", "hash")
    form = FormVersion("csp", "1", "CSP", b"<h:html/>", "0" * 32, None, None, "hash", at)
    store = Store.open(database_url, tmp_path / "media")
    store.database.write(lambda connection: keep_form_version(connection, form))
    for deployment in (first, replace(first, remote_version="vB")):
        store.database.write(lambda connection, one=deployment: keep_deployment(connection, one))
    store.close()
    migrate.downgrade(database_url, "0001")
    store = Store.open(database_url, tmp_path / "media")
    with store.database.read() as connection:
        assert deployments(connection) == [replace(first, remote_version=None, content_hash=None)]
    store.close()
