"""A write counts as kept only once it is durable; deeds share a commit and not each other's failures."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from store import audit
from store.database import Connection, Database
from store.errors import StoreBusy, StoreClosed, StoreError
from store.kept import Store
from store.schema import audit_events, change_counts


def note(action: str, at: datetime) -> Callable[[Connection], str]:
    def deed(connection: Connection) -> str:
        audit.record(connection, "awa", action, "a thing", at)
        return action

    return deed


def actions(database: Database) -> list[str]:
    with database.read() as connection:
        return [row.action for row in connection.execute(select(audit_events).order_by(audit_events.c.id))]


def hold_the_writer(database: Database) -> Callable[[], None]:
    """Occupy the one writer thread, so that what is submitted next waits and shares a commit; returns the release."""
    entered, released = threading.Event(), threading.Event()

    def deed(_connection: Connection) -> None:
        entered.set()
        assert released.wait(10)

    database.submit(deed)
    assert entered.wait(10)
    return released.set


def test_a_deed_gives_back_what_it_returns_and_is_there_to_read(store: Store, at: datetime):
    assert store.database.write(note("first", at)) == "first"
    assert actions(store.database) == ["first"]


def test_a_deed_that_raises_is_undone_alone(store: Store, at: datetime):
    def half_done(connection: Connection) -> None:
        note("half", at)(connection)
        raise LookupError("the deed's own")

    release = hold_the_writer(store.database)
    before, failing, after = (
        store.database.submit(note("before", at)),
        store.database.submit(half_done),
        store.database.submit(note("after", at)),
    )
    release()
    assert (before.result(10), after.result(10)) == ("before", "after")
    with pytest.raises(LookupError, match="the deed's own"):
        failing.result(10)
    assert sorted(actions(store.database)) == ["after", "before"]


def test_a_deed_that_breaks_a_constraint_does_not_spoil_its_neighbours(store: Store, at: datetime):
    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(change_counts.insert().values(shard=999, changes=1))

    release = hold_the_writer(store.database)
    futures: list[Future[object]] = [
        store.database.submit(note("before", at)),
        store.database.submit(twice),
        store.database.submit(note("after", at)),
    ]
    release()
    wait(futures, timeout=10)
    assert isinstance(futures[1].exception(), IntegrityError)
    assert sorted(actions(store.database)) == ["after", "before"]


def test_deeds_that_wait_together_share_one_commit(sqlite_store: Store, at: datetime):
    commits: list[Connection] = []
    event.listen(sqlite_store.database._engine, "commit", commits.append)
    release = hold_the_writer(sqlite_store.database)
    futures = [sqlite_store.database.submit(note(f"deed {number}", at)) for number in range(50)]
    release()
    wait(futures, timeout=10)
    assert len(commits) == 2  # of the deed that held the writer, and of the fifty
    assert actions(sqlite_store.database) == [f"deed {number}" for number in range(50)]


def test_when_the_commit_fails_every_deed_of_it_is_told_and_none_is_kept(sqlite_store: Store, at: datetime):
    def fail(_connection: Connection) -> None:
        raise OSError("the disk is gone")

    release = hold_the_writer(sqlite_store.database)
    futures = [sqlite_store.database.submit(note(f"deed {number}", at)) for number in range(3)]
    event.listen(sqlite_store.database._engine, "commit", fail)
    release()
    wait(futures, timeout=10)
    event.remove(sqlite_store.database._engine, "commit", fail)
    assert [str(future.exception()) for future in futures] == ["the disk is gone"] * 3
    assert actions(sqlite_store.database) == []
    assert sqlite_store.database.write(note("later", at)) == "later"


def test_a_transaction_that_sqlite_gave_up_is_never_reported_as_kept(sqlite_store: Store, at: datetime):
    # SQLite rolls back by itself when the disk is full; the SAVEPOINT after that would commit on its own.
    def give_up(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")

    release = hold_the_writer(sqlite_store.database)
    futures: list[Future[object]] = [
        sqlite_store.database.submit(note("before", at)),
        sqlite_store.database.submit(give_up),
        sqlite_store.database.submit(note("after", at)),
    ]
    release()
    wait(futures, timeout=10)
    assert all(future.exception() is not None for future in futures)
    assert actions(sqlite_store.database) == []
    assert sqlite_store.database.write(note("later", at)) == "later"


def test_a_full_disk_fails_the_deed_and_keeps_what_was_promised_before(sqlite_store: Store, at: datetime):
    sqlite_store.database.write(note("before", at))

    def enormous(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
        try:
            audit.record(connection, "awa", "x" * 1_000_000, "a thing", at)
        finally:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")

    with pytest.raises(OperationalError, match="full"):
        sqlite_store.database.write(enormous)
    sqlite_store.database.write(note("after", at))
    assert actions(sqlite_store.database) == ["before", "after"]


def test_another_program_that_holds_the_lock_is_waited_for(sqlite_store: Store, sqlite_url: str, at: datetime):
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    future = sqlite_store.database.submit(note("patient", at))
    time.sleep(0.2)
    assert not future.done()
    other.execute("COMMIT")
    other.close()
    assert future.result(10) == "patient"


def test_another_program_that_never_lets_go_is_named_in_clear_words(
    sqlite_store: Store, sqlite_url: str, at: datetime, monkeypatch: pytest.MonkeyPatch
):
    def be_impatient(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")

    monkeypatch.setattr("store.engine.BUSY_SECONDS", 0)
    sqlite_store.database.write(be_impatient)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="locked"):
        sqlite_store.database.write(note("refused", at))
    other.execute("ROLLBACK")
    other.close()
    assert sqlite_store.database.write(note("later", at)) == "later"


def test_reading_waits_for_no_writer_and_sees_one_state_throughout(store: Store, at: datetime):
    store.database.write(note("before", at))
    with store.database.read() as connection:
        count = select(func.count()).select_from(audit_events)
        assert connection.execute(count).scalar_one() == 1
        store.database.write(note("meanwhile", at))
        assert connection.execute(count).scalar_one() == 1
    assert actions(store.database) == ["before", "meanwhile"]

    release = hold_the_writer(store.database)
    assert actions(store.database) == ["before", "meanwhile"]
    release()


def test_what_reads_cannot_write(store: Store, at: datetime):
    with store.database.read() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        note("sneaked", at)(connection)
    store.database.write(note("open again", at))
    assert actions(store.database) == ["open again"]


def test_a_write_within_a_write_is_refused_instead_of_waiting_for_itself(store: Store, at: datetime):
    def nested(_connection: Connection) -> str:
        return store.database.write(note("inner", at))

    with pytest.raises(StoreError, match="within a write"):
        store.database.submit(nested).result(10)


def test_closing_does_what_is_queued_and_takes_no_more(store: Store, database_url: str, at: datetime):
    release = hold_the_writer(store.database)
    futures = [store.database.submit(note(f"deed {number}", at)) for number in range(20)]
    threading.Timer(0.05, release).start()
    store.close()
    assert all(future.done() for future in futures)
    with pytest.raises(StoreClosed):
        store.database.write(note("late", at))
    store.close()  # twice is harmless
    again = Database.open(database_url)
    assert len(actions(again)) == 20
    again.close()


def test_a_cancelled_deed_is_not_done(sqlite_store: Store, at: datetime):
    release = hold_the_writer(sqlite_store.database)
    cancelled, kept = (sqlite_store.database.submit(note(name, at)) for name in ("cancelled", "kept"))
    assert cancelled.cancel()
    release()
    kept.result(10)
    assert actions(sqlite_store.database) == ["kept"]


def test_a_lost_race_is_run_once_more_on_postgresql(postgres_schema_url: str, tmp_path: Path):
    store = Store.open(postgres_schema_url, tmp_path / "media")
    both_looked = threading.Barrier(2, timeout=10)
    runs: list[int] = []

    def add_if_absent(connection: Connection) -> bool:
        runs.append(1)
        seen = connection.execute(select(change_counts).where(change_counts.c.shard == 999)).first()
        if len(runs) <= 2:
            both_looked.wait()
        if seen is None:
            connection.execute(change_counts.insert().values(shard=999, changes=1))
        return seen is None

    results = [future.result(10) for future in [store.database.submit(add_if_absent) for _ in range(2)]]
    store.close()
    assert sorted(results) == [False, True]
    assert len(runs) == 3


def test_sqlite_syncs_its_log_before_a_commit_counts_and_minds_foreign_keys(sqlite_store: Store):
    def settings(connection: Connection) -> list[object]:
        asked = ("journal_mode", "synchronous", "foreign_keys", "query_only")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]

    full = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
    assert sqlite_store.database.write(settings) == ["wal", full, 1, 0]
    with sqlite_store.database.read() as connection:
        assert settings(connection) == ["wal", full, 1, 1]


CHILD = """
import itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from forms.submission import Submission
from store.kept import Store
from store.submissions import Arrival, keep

store = Store.open(sys.argv[1], Path(sys.argv[2]))
waiting = []
for number in itertools.count():
    submission = Submission("f", "1", f"uuid:{number}", None, {"q": str(number)}, b"<f/>")
    arrival = Arrival(submission, "openrosa", None, None, None, datetime.now(UTC))
    future = store.database.submit(lambda connection, arrival=arrival: keep(connection, arrival))
    waiting.append((number, future))
    if len(waiting) == 8:
        done, future = waiting.pop(0)
        future.result()
        print(done, flush=True)
"""


def test_what_was_promised_is_there_after_kill_9(database_url: str, tmp_path: Path):
    arguments = [sys.executable, "-c", CHILD, database_url, str(tmp_path / "media")]
    project = Path(__file__).resolve().parents[2]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=project)
    assert child.stdout is not None
    promised = [int(child.stdout.readline()) for _ in range(40)]
    os.kill(child.pid, signal.SIGKILL)
    promised += [int(line) for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL

    database = Database.open(database_url)
    with database.read() as connection:
        rows = connection.execute(text("SELECT instance_id FROM submission_versions"))
        kept = {int(instance_id.removeprefix("uuid:")) for (instance_id,) in rows}
    database.close()
    assert len(promised) >= 40
    assert set(promised) <= kept
