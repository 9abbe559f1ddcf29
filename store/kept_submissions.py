"""Reading the submissions that are kept: for builds in batches, for people one by one.

Keeping them is `store.submissions`, which offers these functions as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from forms.text import Bilingual
from store import schema
from store.errors import SubmissionUnknown


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """The current version of a submission.

    sequence: the order in which submissions came, over all forms; grows, with gaps. answers: JSON text as in
    `forms.submission`. received_at: when the first version came. updated_at: last edit, review, deletion or
    restoration, else received_at. submitter, device_id: of the first version (who interviewed, where a manager edits
    later), as ODK Central has it. review: None where nobody looked at it.
    """

    sequence: int
    form_id: str
    root_id: str
    instance_id: str
    version: str
    answers: str
    received_at: datetime
    updated_at: datetime
    submitter: str | None
    device_id: str | None
    review: str | None


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of a submission. ordinal: 1 for the first. submitter, device_id: of this version."""

    ordinal: int
    instance_id: str
    deprecated_id: str | None
    version: str
    answers: str
    received_at: datetime
    submitter: str | None
    device_id: str | None


@dataclass(frozen=True, slots=True)
class StoredArrival:
    """One way by which a version came, and how often."""

    instance_id: str
    source: str
    remote_id: str | None
    submitter: str | None
    device_id: str | None
    first_at: datetime
    last_at: datetime
    times: int


def batches(connection: Connection, form_id: str, *, size: int = 2000) -> Iterator[list[StoredSubmission]]:
    """Give the current versions of a form's submissions that are not deleted, by sequence, in lists of up to `size`.

    All batches of one `Database.read()` are of one state of the database.
    """
    after = 0
    while True:
        query = _current().where(schema.submissions.c.form_id == form_id, schema.submissions.c.id > after).limit(size)
        batch = [_stored(row) for row in connection.execute(query)]
        if batch:
            yield batch
            after = batch[-1].sequence
        if len(batch) < size:
            return


def find_submission(connection: Connection, form_id: str, root_id: str) -> StoredSubmission | None:
    """Return the current version of one submission, or None where it is unknown or deleted."""
    roots = schema.submissions
    row = connection.execute(_current().where(roots.c.form_id == form_id, roots.c.root_id == root_id)).one_or_none()
    return None if row is None else _stored(row)


def roots_beginning(connection: Connection, form_id: str, prefix: str, *, limit: int) -> list[str]:
    """Return root ids of a form's submissions that begin so, deleted ones left out, sorted; `limit` at the most."""
    roots = schema.submissions
    query = (
        select(roots.c.root_id)
        .where(roots.c.form_id == form_id, roots.c.deleted_at.is_(None))
        .where(roots.c.root_id.startswith(prefix, autoescape=True))
        .order_by(roots.c.root_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def counts(connection: Connection) -> Mapping[str, int]:
    """Return how many submissions that are not deleted each form has; a form without any is missing."""
    roots = schema.submissions
    query = (
        select(roots.c.form_id, func.count().label("submissions"))
        .where(roots.c.deleted_at.is_(None))
        .group_by(roots.c.form_id)
    )
    return {row.form_id: row.submissions for row in connection.execute(query)}


def version_counts(connection: Connection) -> Mapping[tuple[str, str], int]:
    """Return how many submissions that are not deleted are of which form id and form version now; none: missing."""
    roots, versions = schema.submissions, schema.submission_versions
    query = (
        select(roots.c.form_id, versions.c.version, func.count().label("submissions"))
        .join(versions, (versions.c.submission_id == roots.c.id) & (versions.c.ordinal == roots.c.current_ordinal))
        .where(roots.c.deleted_at.is_(None))
        .group_by(roots.c.form_id, versions.c.version)
    )
    return {(row.form_id, row.version): row.submissions for row in connection.execute(query)}


def last_received(connection: Connection) -> Mapping[str, datetime]:
    """Return when the newest submission that is not deleted came, by form; a form without any is missing."""
    roots = schema.submissions
    query = (
        select(roots.c.form_id, func.max(roots.c.received_at).label("newest"))
        .where(roots.c.deleted_at.is_(None))
        .group_by(roots.c.form_id)
    )
    return {row.form_id: row.newest for row in connection.execute(query)}


def raw(connection: Connection, form_id: str, instance_id: str) -> bytes:
    """Return the bytes of one version as received. Raises SubmissionUnknown."""
    versions = schema.submission_versions
    kept = connection.execute(
        select(versions.c.raw).where(versions.c.form_id == form_id, versions.c.instance_id == instance_id)
    ).scalar_one_or_none()
    if kept is None:
        raise unknown(form_id, instance_id)
    return bytes(kept)


def versions_of(connection: Connection, form_id: str, root_id: str) -> list[StoredVersion]:
    """Return all versions of a submission, the first first; empty where it is unknown. Deleted ones are here too."""
    roots, versions = schema.submissions, schema.submission_versions
    query = (
        select(versions)
        .join(roots, roots.c.id == versions.c.submission_id)
        .where(roots.c.form_id == form_id, roots.c.root_id == root_id)
        .order_by(versions.c.ordinal)
    )
    return [
        StoredVersion(
            ordinal=row.ordinal,
            instance_id=row.instance_id,
            deprecated_id=row.deprecated_id,
            version=row.version,
            answers=row.answers,
            received_at=row.received_at,
            submitter=row.submitter,
            device_id=row.device_id,
        )
        for row in connection.execute(query)
    ]


def arrivals_of(connection: Connection, form_id: str, root_id: str) -> list[StoredArrival]:
    """Return by which ways all versions of a submission came, in the order of their first arrival."""
    roots, versions, table = schema.submissions, schema.submission_versions, schema.arrivals
    query = (
        select(versions.c.instance_id, table)
        .join(versions, versions.c.id == table.c.version_id)
        .join(roots, roots.c.id == versions.c.submission_id)
        .where(roots.c.form_id == form_id, roots.c.root_id == root_id)
        .order_by(table.c.id)
    )
    return [
        StoredArrival(
            instance_id=row.instance_id,
            source=row.source,
            remote_id=row.remote_id,
            submitter=row.submitter,
            device_id=row.device_id,
            first_at=row.first_at,
            last_at=row.last_at,
            times=row.times,
        )
        for row in connection.execute(query)
    ]


def unknown(form_id: str, submission_id: str) -> SubmissionUnknown:
    """Say that no such submission is kept."""
    return SubmissionUnknown(
        Bilingual(
            f"Form {form_id} holds no submission {submission_id} here. Check the id, or look among those set aside.",
            f"Le formulaire {form_id} ne contient ici aucune soumission {submission_id}. Vérifiez l’identifiant, ou "
            "cherchez parmi celles mises de côté.",
        )
    )


def _current() -> Select[Any]:
    roots, versions = schema.submissions, schema.submission_versions
    return (
        select(roots, versions.c.instance_id, versions.c.version, versions.c.answers)
        .join(versions, (versions.c.submission_id == roots.c.id) & (versions.c.ordinal == roots.c.current_ordinal))
        .where(roots.c.deleted_at.is_(None))
        .order_by(roots.c.id)
    )


def _stored(row: Row[Any]) -> StoredSubmission:
    return StoredSubmission(
        sequence=row.id,
        form_id=row.form_id,
        root_id=row.root_id,
        instance_id=row.instance_id,
        version=row.version,
        answers=row.answers,
        received_at=row.received_at,
        updated_at=row.updated_at,
        submitter=row.submitter,
        device_id=row.device_id,
        review=row.review,
    )
