"""What data managers decide about a submission: its review, and whether it counts at all.

A deletion takes a submission out of counts and builds and keeps every row, so that it can be restored and a device
that sends it again is told. A deletion by a data manager stays, whatever the server shows that a submission was pulled
from (`store.mirror.pulled`).
"""

from datetime import datetime

from sqlalchemy import Connection, update

from store import schema
from store.changes import note_change
from store.kept_submissions import unknown


def set_review(connection: Connection, form_id: str, root_id: str, review: str | None, at: datetime) -> None:
    """Note the review (`approved`, `hasIssues`, `rejected` … as its server names it). Raises SubmissionUnknown."""
    _change(connection, form_id, root_id, {"review": review, "updated_at": at})


def delete_submission(connection: Connection, form_id: str, root_id: str, at: datetime) -> None:
    """Take a submission out of all counts and tables. Raises SubmissionUnknown."""
    _change(connection, form_id, root_id, {"deleted_at": at, "deleted_by": None, "updated_at": at})


def restore_submission(connection: Connection, form_id: str, root_id: str, at: datetime) -> None:
    """Bring a deleted submission back as it was. Raises SubmissionUnknown."""
    _change(connection, form_id, root_id, {"deleted_at": None, "deleted_by": None, "updated_at": at})


def _change(connection: Connection, form_id: str, root_id: str, values: dict[str, object]) -> None:
    roots = schema.submissions
    changed = connection.execute(
        update(roots).where(roots.c.form_id == form_id, roots.c.root_id == root_id).values(values)
    )
    if changed.rowcount == 0:
        raise unknown(form_id, root_id)
    note_change(connection)
