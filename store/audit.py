"""Who did what, when: events that are only ever added. They hold no answers and no secrets; callers see to that."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from store import schema


@dataclass(frozen=True, slots=True)
class Event:
    """One deed. actor: a user's name, or `jekafo` for the program itself; subject: what it was done to."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] | None


def record(
    connection: Connection,
    actor: str,
    action: str,
    subject: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an event, in the transaction of the deed itself. `detail`: whatever JSON holds."""
    text = None if detail is None else json.dumps(detail, ensure_ascii=True, sort_keys=True)
    connection.execute(
        schema.audit_events.insert().values(at=at, actor=actor, action=action, subject=subject, detail=text)
    )


def events(connection: Connection, limit: int = 100) -> list[Event]:
    """Return the last events, the newest first."""
    table = schema.audit_events
    return [
        Event(
            row.id, row.at, row.actor, row.action, row.subject, None if row.detail is None else json.loads(row.detail)
        )
        for row in connection.execute(select(table).order_by(table.c.id.desc()).limit(limit))
    ]
