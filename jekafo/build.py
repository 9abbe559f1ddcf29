"""Builds: submissions from the store, in batches, to the tables of transform; the one place where the two meet.

`build` does one, `BuildSchedule` keeps the tables of a running server up to date from a child process.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from fcntl import LOCK_EX, flock
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from forms.errors import JekafoError
from jekafo.project import Project
from jekafo.settings import Settings
from store.submissions import StoredSubmission, batches, last_change
from transform.records import AnswerRecord, BuildReport, FailedForm, FormData
from transform.tables import build_tables

QUIET_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 20.0


def build(project: Project, *, as_of: date) -> BuildReport:
    """Rebuild all tables of the project from what the store holds; one build at a time per project.

    The report names the forms that failed; they keep the tables they had. Raises BuildError where nothing is written.
    """
    with _only_one(project.folder), project.store.database.read() as connection:
        data = [_form_data(project, form_id, batches(connection, form_id)) for form_id in project.shelf.form_ids()]
        return build_tables(project.tables_path, data, as_of=as_of)


def _form_data(project: Project, form_id: str, kept: Iterable[Sequence[StoredSubmission]]) -> FormData | FailedForm:
    try:
        return FormData(
            form=project.shelf.newest(form_id),
            versions=project.shelf.versions(form_id),
            batches=([_record(submission) for submission in batch] for batch in kept),
            files=project.shelf.data_files(form_id),
        )
    except JekafoError as error:
        # A workbook kept by an earlier release may break a rule that came since.
        return FailedForm(form_id, error.message)


class BuildSchedule:
    """Builds in a child process when submissions have changed and then rested, so that readers never wait.

    A build is due once nothing has changed for QUIET_SECONDS, or at the latest LONGEST_WAIT_SECONDS after the change.
    """

    def __init__(self, project: Project, settings: Settings) -> None:
        self._project = project
        self._folder = settings.project
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="build-schedule", daemon=True)

    def start(self) -> None:
        """Start watching. A first build is always made: tables may be missing, or of an earlier release."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching and wait for a build that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        built: int | None = None
        seen, seen_at, due_at = None, monotonic(), monotonic()
        while not self._stopped.wait(0.5):
            with self._project.store.database.read() as connection:
                change = last_change(connection)
            if change == built:
                continue
            now = monotonic()
            if seen in (None, built):
                due_at = now + LONGEST_WAIT_SECONDS
            if change != seen:
                seen, seen_at = change, now
            if now - seen_at >= QUIET_SECONDS or now >= due_at:
                # A failed build keeps the old tables; its reason stands on the server's standard error.
                command = [sys.executable, "-m", "jekafo", "build", "--log", "--project", str(self._folder)]
                subprocess.run(command, check=False)
                built = seen = change


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with (folder / "build.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _record(submission: StoredSubmission) -> AnswerRecord:
    return AnswerRecord(
        root_id=submission.root_id,
        instance_id=submission.instance_id,
        version=submission.version,
        received_at=submission.received_at,
        updated_at=submission.updated_at,
        submitter=submission.submitter,
        device_id=submission.device_id,
        review=submission.review,
        answers=submission.answers,
    )
