"""The submissions that no reviewer has looked at, as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, or_, select

from store import schema
from store.submissions import EDITED


@dataclass(frozen=True, slots=True)
class Unreviewed:
    """A submission without a review of what it says now.

    received_at, submitter: of its first version. review: `edited` where answers changed after a review, else None.
    sources: the servers that hold it, sorted; empty where none does.
    """

    root_id: str
    received_at: datetime
    submitter: str | None
    review: str | None
    sources: tuple[str, ...]


def count_unreviewed(connection: Connection, form_id: str) -> int:
    """Return how many submissions of a form wait for a reviewer, deleted ones left out."""
    query = select(func.count()).select_from(_ROOTS).where(*_waiting(form_id))
    return int(connection.execute(query).scalar_one())


def unreviewed(connection: Connection, form_id: str, *, limit: int) -> list[Unreviewed]:
    """Return the submissions of a form that wait for a reviewer, newest first, deleted ones left out."""
    query = (
        select(_ROOTS.c.id, _ROOTS.c.root_id, _ROOTS.c.received_at, _ROOTS.c.submitter, _ROOTS.c.review)
        .where(*_waiting(form_id))
        .order_by(_ROOTS.c.received_at.desc(), _ROOTS.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(query).all()
    held_by = _sources(connection, [row.id for row in rows])
    return [
        Unreviewed(row.root_id, row.received_at, row.submitter, row.review, tuple(sorted(held_by.get(row.id, ()))))
        for row in rows
    ]


def _waiting(form_id: str) -> tuple[ColumnElement[bool], ...]:
    not_looked_at = or_(_ROOTS.c.review.is_(None), _ROOTS.c.review == EDITED)
    return _ROOTS.c.form_id == form_id, _ROOTS.c.deleted_at.is_(None), not_looked_at


def _sources(connection: Connection, keys: Sequence[int]) -> dict[int, set[str]]:
    query = (
        select(_MIRROR.c.submission_id, _STATES.c.source)
        .join(_STATES, _STATES.c.id == _MIRROR.c.pull_state_id)
        .where(_MIRROR.c.submission_id.in_(keys), _MIRROR.c.gone_at.is_(None))
    )
    held_by: dict[int, set[str]] = {}
    for row in connection.execute(query):
        held_by.setdefault(row.submission_id, set()).add(row.source)
    return held_by


_ROOTS: Final = schema.submissions
_MIRROR: Final = schema.mirrored_records
_STATES: Final = schema.pull_states
