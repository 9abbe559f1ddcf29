"""How far each form of a source was pulled, how the last try went, and under which form id its records are kept.

What was pulled of it is `store.mirror.records`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from forms.text import Bilingual
from store import schema


@dataclass(frozen=True, slots=True)
class PullState:
    """A form of a source that is pulled.

    remote_id: of the form there. cursor: how far its feed was read, None where it was not or there is none. pulled_at,
    swept_at: when a pull, and one that compared everything, last came to its end; None where none has. tried_at: when
    the last pull was tried, whatever came of it. failed_since, failure: when the first of the failures since the last
    success was, and why the last one; None where the last try succeeded. needs_person: what the last pull that came to
    its end left for a person to do.
    """

    key: int
    source: str
    remote_id: str
    form_id: str
    title: str
    cursor: str | None
    pulled_at: datetime | None
    swept_at: datetime | None
    tried_at: datetime | None = None
    failed_since: datetime | None = None
    failure: Bilingual | None = None
    needs_person: tuple[Bilingual, ...] = ()


def find_pull_state(connection: Connection, source: str, remote_id: str) -> PullState | None:
    """Return how far that form was pulled, None where that was never begun."""
    table = schema.pull_states
    query = select(table).where(table.c.source == source, table.c.remote_id == remote_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def pull_states(connection: Connection, source: str | None = None) -> list[PullState]:
    """Return the forms that are pulled, from one source or all, in the order in which that began."""
    table = schema.pull_states
    query = select(table).order_by(table.c.id)
    if source is not None:
        query = query.where(table.c.source == source)
    return [_read(row) for row in connection.execute(query)]


def begin_pulling(connection: Connection, source: str, remote_id: str, form_id: str, title: str) -> PullState:
    """Note that a form is pulled and kept under `form_id`; if it was known, only its title may change."""
    table = schema.pull_states
    known = find_pull_state(connection, source, remote_id)
    if known is None:
        row = table.insert().values(source=source, remote_id=remote_id, form_id=form_id, title=title)
        key = connection.execute(row.returning(table.c.id)).scalar_one()
    else:
        key = known.key
        if known.title != title:
            connection.execute(update(table).where(table.c.id == key).values(title=title))
    return _read(connection.execute(select(table).where(table.c.id == key)).one())


def note_pulled(connection: Connection, key: int, *, cursor: str | None, at: datetime, swept: bool) -> None:
    """Note that a pull came to its end at `at`, and whether it compared everything."""
    table = schema.pull_states
    values: dict[str, Any] = {"cursor": cursor, "pulled_at": at}
    if swept:
        values["swept_at"] = at
    connection.execute(update(table).where(table.c.id == key).values(values))


def note_succeeded(
    connection: Connection, source: str, remote_id: str, needs_person: Sequence[Bilingual], at: datetime
) -> None:
    """Note that the last try of a form succeeded, and what it left for a person; earlier failures are over."""
    values = {
        "tried_at": at,
        "failed_since": None,
        "failure_en": None,
        "failure_fr": None,
        "needs_person": json.dumps([[line.en, line.fr] for line in needs_person], ensure_ascii=False),
    }
    _note(connection, source, remote_id, values)


def note_failed(connection: Connection, source: str, remote_id: str, message: Bilingual, at: datetime) -> None:
    """Note that the last try of a form failed, and why. A form whose pulling was never begun is not noted."""
    values = {
        "tried_at": at,
        "failed_since": func.coalesce(schema.pull_states.c.failed_since, at),
        "failure_en": message.en,
        "failure_fr": message.fr,
    }
    _note(connection, source, remote_id, values)


def _note(connection: Connection, source: str, remote_id: str, values: dict[str, Any]) -> None:
    table = schema.pull_states
    of_form = (table.c.source == source, table.c.remote_id == remote_id)
    connection.execute(update(table).where(*of_form).values(values))


def _read(row: Row[Any]) -> PullState:
    return PullState(
        key=row.id,
        source=row.source,
        remote_id=row.remote_id,
        form_id=row.form_id,
        title=row.title,
        cursor=row.cursor,
        pulled_at=row.pulled_at,
        swept_at=row.swept_at,
        tried_at=row.tried_at,
        failed_since=row.failed_since,
        failure=None if row.failure_en is None else Bilingual(row.failure_en, row.failure_fr),
        needs_person=tuple(Bilingual(en, fr) for en, fr in json.loads(row.needs_person or "[]")),
    )
