"""A running server pulls by itself: at each source's interval, and soon after a hook has spoken."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr
from servers.transport import serve
from servers.worlds import Answers
from servers.worlds_kobo import KoboWorld
from visitors import Clock

from jekafo.project import Project, opened
from jekafo.pulls.pace import LONGEST, Pace
from jekafo.pulls.schedule import HINTS_AFTER, LONGEST_WAIT, QUIET, PullSchedule
from jekafo.pulls.status import schedule_lines
from jekafo.settings import Settings
from jekafo.sources.configured import ConfiguredSource
from jekafo.sources.file import add_to_sources_file
from store.mirror.hints import drop_hints, hints, note_hint
from store.mirror.states import begin_pulling
from store.submissions import counts

EVERY = timedelta(minutes=5)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(Settings(project=tmp_path / "project", database_url=None)) as project:
        project.store.database.write(
            lambda connection: begin_pulling(connection, "kobo", "aForm", "household", "Household")
        )
        yield project


class Runs:
    """Notes what would be run, and fails while told to. A pull that works looks at all hints."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.seen: list[list[str]] = []
        self.logs: list[str] = []
        self.works = True

    def __call__(self, arguments: list[str]) -> bool:
        self.seen.append(arguments[:-4])  # without --log WHAT --project FOLDER
        self.logs.append(arguments[-3])
        if self.works:
            self.project.store.database.write(
                lambda connection: drop_hints(connection, [hint.key for hint in hints(connection)])
            )
        return self.works


def source(name: str = "kobo", every: timedelta | None = EVERY) -> ConfiguredSource:
    return ConfiguredSource(name, "kobo", "https://kf.example.org", "sources.toml", every=every)


def schedule(project: Project, clock: Clock, runs: Runs, *sources: ConfiguredSource) -> PullSchedule:
    return PullSchedule(project.folder, project.store, sources, clock=clock, run=runs)


def hint(project: Project, clock: Clock, root_id: str = "uuid:x", form: str = "aForm") -> None:
    project.store.database.write(lambda connection: note_hint(connection, "kobo", form, root_id, clock.now))


def test_a_source_is_pulled_at_its_interval(project: Project) -> None:
    clock, runs = Clock(), Runs(project)
    watch = schedule(project, clock, runs, source())
    for _ in range(11):
        watch.turn()
        clock.forward(timedelta(minutes=1))
    assert runs.seen == [["pull", "kobo"]] * 3


def test_a_source_without_an_interval_or_of_which_nothing_is_pulled_is_left_alone(project: Project) -> None:
    clock, runs = Clock(), Runs(project)
    schedule(project, clock, runs, source(every=None), source("geneva")).turn()
    assert runs.seen == []


def test_the_first_pull_of_a_source_shows_in_the_log_and_later_ones_where_something_changed(project: Project) -> None:
    clock, runs = Clock(), Runs(project)
    watch = schedule(project, clock, runs, source())
    for works in (False, True, True, True):
        runs.works = works
        watch.turn()
        clock.forward(timedelta(minutes=10))
    assert runs.logs == ["all", "all", "changes", "changes"]


def test_a_server_says_at_its_start_what_it_pulls_and_how_often(project: Project) -> None:
    hooked = ConfiguredSource(
        "hooked", "kobo", "https://x.example.org", "sources.toml", hook_secret=SecretStr("s" * 16)
    )
    for name in ("hooked", "asked"):
        project.store.database.write(lambda connection, name=name: begin_pulling(connection, name, "a", "a", "A"))
    sources = (source(), hooked, source("asked", every=None), source("new"))
    lines = [line.en for line in schedule_lines(project, sources)]
    assert lines == [
        "kobo: pulled every 5m",
        "hooked: pulled when its hooks speak",
        "asked: pulled only by `jekafo pull asked`",
        "new: nothing has been pulled from it yet. Next: jekafo pull new",
    ]


def test_a_source_that_fails_is_asked_ever_more_rarely(project: Project) -> None:
    clock, runs = Clock(), Runs(project)
    runs.works = False
    watch = schedule(project, clock, runs, source())
    for _ in range(8 * 60):
        watch.turn()
        clock.forward(timedelta(minutes=1))
    # After 0, 10, 30, 70 minutes, then every hour.
    assert len(runs.seen) == 4 + 6


def test_a_hint_is_looked_up_once_hooks_are_quiet_and_only_its_form_is_pulled(project: Project) -> None:
    clock, runs = Clock(), Runs(project)
    watch = schedule(project, clock, runs, source(every=None))
    for number in range(3):
        hint(project, clock, f"uuid:{number}")
        watch.turn()
        clock.forward(timedelta(seconds=2))
    assert runs.seen == []
    clock.forward(QUIET)
    watch.turn()
    assert runs.seen == [["pull", "kobo", "--form", "aForm"]]
    clock.forward(HINTS_AFTER)
    watch.turn()
    assert len(runs.seen) == 1


def test_hooks_that_are_never_quiet_are_heard_all_the_same_and_not_all_the_time(project: Project) -> None:
    clock, runs = Clock(), Runs(project)
    watch = schedule(project, clock, runs, source(every=None))
    for number in range(600):
        hint(project, clock, f"uuid:{number}")
        watch.turn()
        clock.forward(timedelta(seconds=1))
    assert 600 / LONGEST_WAIT.total_seconds() - 1 <= len(runs.seen) <= 600 / HINTS_AFTER.total_seconds()


def test_pauses_double_up_to_an_hour_and_end_with_the_first_success() -> None:
    clock = Clock()
    pace = Pace(EVERY)
    pauses = []
    for _ in range(6):
        pace.done(clock.now, failed=True)
        pauses.append(pace.left(clock.now) / EVERY)
    assert pauses == [2, 4, 8, 12, 12, 12]
    pace.done(clock.now, failed=False)
    assert pace.left(clock.now) == EVERY
    slow = Pace(LONGEST * 24)
    slow.done(clock.now, failed=True)
    assert slow.left(clock.now) == LONGEST * 24


def test_stopping_ends_a_pull_that_is_under_way(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = project.folder / "hanging"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    hanging.chmod(0o700)
    monkeypatch.setattr("jekafo.pulls.schedule.sys.executable", str(hanging))
    watch = PullSchedule(project.folder, project.store, [source()])
    watch.start()
    deadline = time.monotonic() + 10
    while watch._child is None and time.monotonic() < deadline:
        time.sleep(0.02)
    child = watch._child
    assert child is not None
    began = time.monotonic()
    watch.stop()
    assert child.poll() is not None
    assert time.monotonic() - began < 5


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.2)
    return False


def answers(url: str) -> bool:
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(url, timeout=5).status_code == 200
    return False


def kept(folder: Path) -> int:
    with opened(Settings(project=folder, database_url=None)) as project, project.store.database.read() as connection:
        return sum(counts(connection).values())


@pytest.mark.slow
def test_a_record_that_a_hook_speaks_of_is_here_soon_and_the_server_stops_cleanly(tmp_path: Path) -> None:
    world, folder, port = KoboWorld(), tmp_path / "project", free_port()
    world.submit(Answers())
    with serve(world.server) as address:
        secret = "made-by-chance-0123456789"
        values = {"kind": "kobo", "address": address, "token": world.state.token_of("sync"), "hook_secret": secret}
        add_to_sources_file(folder / "sources.toml", "kobo", values)
        jekafo = [sys.executable, "-m", "jekafo"]
        environment = {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        project = ["--project", str(folder)]
        subprocess.run([*jekafo, "pull", "--all", *project], env=environment, cwd=tmp_path, check=True, timeout=60)
        with subprocess.Popen(
            [*jekafo, "serve", "--port", str(port), *project],
            env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as server:  # fmt: skip
            try:
                assert until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60)
                root = world.submit(Answers(name="Fatoumata"))
                body = {"_xform_id_string": world.asset.uid, "meta/rootUuid": f"uuid:{root}"}
                hook = f"http://127.0.0.1:{port}/hooks/kobo/kobo/{secret}"
                assert requests.post(hook, json=body, timeout=10).status_code == 200
                assert until(lambda: kept(folder) == 2, 60)
            finally:
                server.send_signal(signal.SIGINT)
            log, said = server.communicate(timeout=30)
    assert server.returncode == 0
    stamped = [line.split(" ", 1) for line in log.splitlines()]
    assert all(datetime.fromisoformat(time).tzinfo is not None for time, _ in stamped)
    assert "household: 1 rows" in {line for _, line in stamped}
    assert [line.split("; ")[0] for _, line in stamped if not line.endswith(" rows")] == [
        "kobo: pulled when its hooks speak",
        f"Jekafo listens on http://127.0.0.1:{port}",
        "kobo household: 1 new, 0 edited, 0 deleted, 0 restored, 0 reviewed, 0 media, 1 unchanged",
    ]
    assert "/hooks/kobo/kobo/***" in said
    assert secret not in said
    assert "Fatoumata" not in said


@pytest.mark.slow
def test_a_slip_in_the_settings_of_sources_keeps_no_tablet_from_sending(tmp_path: Path) -> None:
    folder, port = tmp_path / "project", free_port()
    folder.mkdir()
    (folder / "sources.toml").write_text('[sources.kobo]\ntoken = "s3cret\n', encoding="utf-8")
    (folder / "sources.toml").chmod(0o600)
    jekafo, environment = [sys.executable, "-m", "jekafo"], {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        [*jekafo, "serve", "--port", str(port), "--project", str(folder)],
        env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        try:
            assert until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60)
        finally:
            server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=30)[1]
    status = subprocess.run(
        [*jekafo, "status", "--project", str(folder)],
        env=environment, cwd=tmp_path, capture_output=True, check=True, timeout=60, text=True,
    ).stderr  # fmt: skip
    for told in (said, status):
        assert f"{folder / 'sources.toml'}, line 2" in told
        assert "s3cret" not in told
    assert "tablets and pages are served" in said


def test_a_clock_that_was_set_back_keeps_nobody_waiting(project: Project) -> None:
    clock, runs = Clock(), Runs(project)
    watch = schedule(project, clock, runs, source())
    watch.turn()
    hinted = schedule(project, clock, runs, source("kobo", None))
    hint(project, clock)
    clock.now -= timedelta(days=365)
    watch.turn()
    assert runs.seen == [["pull", "kobo"], ["pull", "kobo"]]
    hint(project, clock)
    clock.now -= timedelta(days=365)
    hinted.turn()
    assert len(runs.seen) == 3
