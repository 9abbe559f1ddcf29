"""Two pulls of one form never run at once, and anybody may see how far one is."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jekafo.pulls.lock import PullNote, PullRunning, only_pull, running_pulls

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from jekafo.pulls.lock import only_pull
with only_pull(Path(sys.argv[1]), source="kobo", remote_id="aForm", title="Household",
               clock=lambda: datetime(2026, 3, 1, 9, 30, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


class Watch:
    """A clock that a test moves."""

    now = AT

    def __call__(self) -> datetime:
        return self.now


def pull(folder: Path, watch: Watch, remote_id: str = "aForm", source: str = "kobo"):
    return only_pull(
        folder, source=source, remote_id=remote_id, title="Household", clock=watch, sleep=lambda _seconds: None
    )


def test_a_second_pull_of_the_form_is_told_who_runs_since_when(tmp_path: Path) -> None:
    with pull(tmp_path, Watch()), pytest.raises(PullRunning) as caught, pull(tmp_path, Watch()):
        pass
    assert "since 2026-03-01 09:30:00 UTC, in process" in caught.value.message.en
    assert "depuis 2026-03-01 09:30:00 UTC" in caught.value.message.fr


def test_other_forms_and_other_sources_are_pulled_at_the_same_time(tmp_path: Path) -> None:
    with pull(tmp_path, Watch()), pull(tmp_path, Watch(), "3/household"), pull(tmp_path, Watch(), source="geneva"):
        assert [(one.source, one.remote_id) for one in running_pulls(tmp_path)] == [
            ("geneva", "aForm"),
            ("kobo", "3/household"),
            ("kobo", "aForm"),
        ]


def test_a_pull_that_is_over_leaves_no_lock_and_runs_no_more(tmp_path: Path) -> None:
    with pull(tmp_path, Watch()):
        pass
    assert running_pulls(tmp_path) == []
    with pull(tmp_path, Watch()):
        assert len(running_pulls(tmp_path)) == 1


def test_a_pull_that_is_killed_leaves_no_lock(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert [one.pid for one in running_pulls(tmp_path)] == [holder.pid]
        with pytest.raises(PullRunning, match=str(holder.pid)), pull(tmp_path, Watch()):
            pass
        holder.kill()
    with pull(tmp_path, Watch()):
        pass


def progress(folder: Path) -> tuple[str, int, int | None]:
    (running,) = running_pulls(folder)
    return running.stage, running.done, running.total


def test_how_far_a_pull_is_may_be_seen_while_it_runs(tmp_path: Path) -> None:
    watch = Watch()
    with pull(tmp_path, watch) as note:
        assert progress(tmp_path) == ("", 0, None)
        note.note("looking", 1000, None)
        assert progress(tmp_path) == ("looking", 1000, None)
        note.note("fetching", 5, 50_000)  # another stage: at once
        assert progress(tmp_path) == ("fetching", 5, 50_000)
        watch.now += timedelta(seconds=1)
        note.note("fetching", 7, 7)  # shorter than what was there
        assert progress(tmp_path) == ("fetching", 7, 7)


def test_progress_is_written_every_half_second_at_most(tmp_path: Path) -> None:
    watch = Watch()
    with pull(tmp_path, watch) as note:
        seen = {written_after(note, tmp_path, watch, done) for done in range(1, 101)}
    assert len(seen) <= 4  # a second and a half of hundredths


def written_after(note: PullNote, folder: Path, watch: Watch, done: int) -> tuple[str, int, int | None]:
    watch.now += timedelta(milliseconds=15)
    note.note("fetching", done, 100)
    return progress(folder)


def test_the_files_are_the_owner_s_alone(tmp_path: Path) -> None:
    with pull(tmp_path, Watch()):
        (path,) = (tmp_path / "pulls").iterdir()
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
