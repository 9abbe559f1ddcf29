"""A running server keeps its tables up to date by itself."""

import time
from datetime import UTC, datetime
from pathlib import Path

from forms.library import library_files, library_workbook
from jekafo.build import BuildSchedule
from jekafo.project import Project, opened
from jekafo.settings import Settings
from store.people import Role, add_user
from sync.publish import publish_here

AT = datetime(2026, 1, 5, tzinfo=UTC)
FORM = "community_perceptions"


def wait_for_build(project: Project, after: float) -> float:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if project.tables_path.exists() and project.tables_path.stat().st_mtime > after:
            return project.tables_path.stat().st_mtime
        time.sleep(0.2)
    raise AssertionError("no build came")


def test_a_first_build_comes_by_itself_and_another_only_after_a_change(tmp_path: Path) -> None:
    settings = Settings(project=tmp_path / "project", database_url=None)
    with opened(settings) as project:
        publish_here(project.store, library_workbook(FORM), f"{FORM}.xlsx", library_files(FORM), at=AT)
        schedule = BuildSchedule(project, settings)
        schedule.start()
        try:
            first = wait_for_build(project, after=0)
            # A person is no submission: nothing that a table shows has changed.
            project.store.database.write(lambda connection: add_user(connection, "awa", Role.LEAD, None, AT))
            time.sleep(4)
            assert project.tables_path.stat().st_mtime == first
        finally:
            schedule.stop()
        assert project.tables.columns(FORM)
