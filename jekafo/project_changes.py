"""What a version of a form changes in a project: beside the versions kept there, and the submissions collected.

What is a change is decided in `forms.changes`; telling it to people is `jekafo.change_reports`.
"""

import json
from collections.abc import Iterator

from forms.changes.again import KeptVersion, again
from forms.changes.answers import count_touched
from forms.changes.compare import changes, gravest_first
from forms.changes.edition import Edition, kept_edition
from forms.submission import Answers
from forms.xform.read import read_xform
from jekafo.change_reports import ChangeReport
from jekafo.project import Project
from store.form_versions import FormVersion, form_versions
from store.kept_submissions import batches


def edition_of(version: FormVersion) -> Edition:
    """Return a version that is kept as the diff reads it."""
    return kept_edition(version.xform, version.workbook, version.workbook_name or f"{version.form_id}.xlsx")


def report_of(old: Edition, new: Edition, project: Project | None) -> ChangeReport:
    """Return what changed between two versions, and, where a project is at hand, how many submissions it touches."""
    found = changes(old, new)
    if project is None:
        return ChangeReport(old, new, found, (None,) * len(found), None)
    form_id = old.form.form_id
    with project.store.database.read() as connection:
        kept = [
            KeptVersion(read_xform(version.xform), version.published_at)
            for version in form_versions(connection, form_id)
        ]
    older_file = again(new, kept)
    if older_file is not None:
        found = gravest_first((older_file, *found))
    # An older file again would undo what came in since, whatever version it says it is.
    own_version = new.form.version if older_file is None and new.form.version != old.form.version else None
    looked_through = _Counted(project, form_id, own_version)
    counts = count_touched([change.touched for change in found], looked_through)
    return ChangeReport(old, new, found, tuple(counts), looked_through.number)


class _Counted:
    """The answers that were collected before the newer version, counted as they pass by.

    Those of the newer version itself, where it is out already, are not touched by how it came about.
    """

    def __init__(self, project: Project, form_id: str, new_version: str | None) -> None:
        self.number = 0
        self._project = project
        self._form_id = form_id
        self._new_version = new_version

    def __iter__(self) -> Iterator[Answers]:
        with self._project.store.database.read() as connection:
            for batch in batches(connection, self._form_id):
                for submission in batch:
                    if submission.version != self._new_version:
                        self.number += 1
                        answers: Answers = json.loads(submission.answers)
                        yield answers
