"""What was sent and could not be kept as a submission: the bytes, the reason, and whether the cause is mended.

Nothing here is read as a form; it takes anything. Who sets aside, and who tries again, is the room above.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, select, update

from forms.submission import Attachment
from forms.text import Bilingual
from store import schema
from store.prepared import Prepared
from store.types import storable


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Bytes set aside. id and times are the store's to give: 0 and 1 for what is not kept yet.

    reason: a code (`form_unknown`, `answers_differ`, `edit_of_unknown` …), message: what the sender was told.
    form_id, version, instance_id, deprecated_id: as far as they could be read. at: first arrival, times: how often.
    """

    raw: bytes
    reason: str
    message: Bilingual
    submitter: str | None
    device_id: str | None
    at: datetime
    form_id: str | None = None
    version: str | None = None
    instance_id: str | None = None
    deprecated_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    id: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True)
class WaitingReason:
    """Why submissions wait. form_id, version: as far as they could be read; message: what their senders were told."""

    form_id: str | None
    version: str | None
    reason: str
    message: Bilingual
    submissions: int


def set_aside(connection: Connection, quarantined: Quarantined) -> int:
    """Keep the bytes under their reason and return the id they have here.

    The same bytes for the same reason are kept once and counted; attachments that are new join them. Bytes that were
    released and come again for the same reason wait again: their cause is back.
    """
    table = schema.quarantine
    digest = hashlib.sha256(quarantined.raw).hexdigest()
    deprecated_id = quarantined.deprecated_id
    kept = connection.execute(
        select(table.c.id).where(table.c.raw_sha256 == digest, table.c.reason == quarantined.reason).with_for_update()
    ).scalar_one_or_none()
    if kept is None:
        row = table.insert().values(
            raw=quarantined.raw,
            raw_sha256=digest,
            reason=quarantined.reason,
            message_en=quarantined.message.en,
            message_fr=quarantined.message.fr,
            form_id=quarantined.form_id,
            version=quarantined.version,
            instance_id=quarantined.instance_id,
            deprecated_id=deprecated_id,
            deprecated_sha256=None if deprecated_id is None else _digest(deprecated_id),
            submitter=quarantined.submitter,
            device_id=quarantined.device_id,
            first_at=quarantined.at,
            last_at=quarantined.at,
            times=1,
        )
        key = int(connection.execute(row.returning(table.c.id)).scalar_one())
    else:
        key = int(kept)
        connection.execute(
            update(table)
            .where(table.c.id == key)
            .values(times=table.c.times + 1, last_at=quarantined.at, released_at=None)
        )
    _join_media(connection, key, quarantined.attachments)
    return key


def waiting(
    connection: Connection,
    form_id: str | None = None,
    version: str | None = None,
    *,
    deprecated_id: str | None = None,
    is_pulled: bool | None = None,
) -> list[Quarantined]:
    """Return what waits to be mended, oldest first: all of it, or what is of that form, version, edited submission.

    None narrows nothing down; `version=""` asks for those whose form names no version. is_pulled: True for records of
    a source, which a pull tries again, False for what was sent here.
    """
    table, mirror = schema.quarantine, schema.mirrored_records
    query = select(table).where(table.c.released_at.is_(None)).order_by(table.c.id)
    for column, value in (
        (table.c.form_id, form_id),
        (table.c.version, version),
        (table.c.deprecated_sha256, None if deprecated_id is None else _digest(deprecated_id)),
    ):
        if value is not None:
            query = query.where(column == value)
    if is_pulled is not None:
        query = query.where(exists().where(mirror.c.quarantine_id == table.c.id) == is_pulled)
    return _read(connection, query)


def reasons(connection: Connection, form_id: str | None = None) -> list[WaitingReason]:
    """Return why submissions wait, of all forms or one, the most frequent reason first; reads none of their bytes."""
    table = schema.quarantine
    cause = (table.c.form_id, table.c.version, table.c.reason)
    query = (
        # One message stands for all: they differ at most in the names of what was sent.
        select(*cause, func.min(table.c.message_en), func.min(table.c.message_fr), func.count().label("submissions"))
        .where(table.c.released_at.is_(None))
        .group_by(*cause)
        .order_by(func.count().desc(), *cause)
    )
    if form_id is not None:
        query = query.where(table.c.form_id == form_id)
    return [
        WaitingReason(form, version, reason, Bilingual(english, french), submissions)
        for form, version, reason, english, french, submissions in connection.execute(query)
    ]


def has_waiting_edits(connection: Connection, form_id: str, instance_id: str) -> bool:
    """Whether an edit of that version waits here: the quick look before `waiting(..., deprecated_id=...)`."""
    return bool(_WAITING_EDIT.run(connection, {"form_id": form_id, "deprecated_sha256": _digest(instance_id)}))


# Made once: it is asked for every submission that is kept.
_WAITING_EDIT = Prepared(
    select(schema.quarantine.c.id)
    .where(
        schema.quarantine.c.deprecated_sha256 == bindparam("deprecated_sha256"),
        schema.quarantine.c.form_id == bindparam("form_id"),
        schema.quarantine.c.released_at.is_(None),
    )
    .limit(1)
)


def find_quarantined(connection: Connection, quarantine_id: int) -> Quarantined | None:
    """Return what has that id, waiting or released; None where nothing has."""
    table = schema.quarantine
    found = _read(connection, select(table).where(table.c.id == quarantine_id))
    return found[0] if found else None


def release(connection: Connection, quarantine_id: int, at: datetime) -> None:
    """Note that it waits no longer: its cause is mended and it was kept. The bytes stay."""
    table = schema.quarantine
    connection.execute(update(table).where(table.c.id == quarantine_id).values(released_at=at))


def _read(connection: Connection, query: Select[Any]) -> list[Quarantined]:
    rows = connection.execute(query).all()
    if not rows:
        return []  # the common case, asked for every submission that is kept
    table = schema.quarantine_attachments
    media: dict[int, list[Attachment]] = {}
    of_these = select(query.order_by(None).subquery().c.id)
    for row in connection.execute(select(table).where(table.c.quarantine_id.in_(of_these)).order_by(table.c.id)):
        media.setdefault(row.quarantine_id, []).append(Attachment(row.name, row.sha256, row.size, row.content_type))
    return [_quarantined(row, media.get(row.id, [])) for row in rows]


def _quarantined(row: Row[Any], media: Iterable[Attachment]) -> Quarantined:
    return Quarantined(
        raw=row.raw,
        reason=row.reason,
        message=Bilingual(row.message_en, row.message_fr),
        submitter=row.submitter,
        device_id=row.device_id,
        at=row.first_at,
        form_id=row.form_id,
        version=row.version,
        instance_id=row.instance_id,
        deprecated_id=row.deprecated_id,
        attachments=tuple(media),
        id=row.id,
        times=row.times,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _join_media(connection: Connection, key: int, media: Iterable[Attachment]) -> None:
    table = schema.quarantine_attachments
    kept = {
        (row.name, row.sha256)
        for row in connection.execute(select(table.c.name, table.c.sha256).where(table.c.quarantine_id == key))
    }
    for medium in media:
        if (storable(medium.name), medium.sha256) not in kept:
            kept.add((storable(medium.name), medium.sha256))
            connection.execute(
                table.insert().values(
                    quarantine_id=key,
                    name=medium.name,
                    sha256=medium.sha256,
                    size=medium.size,
                    content_type=medium.content_type,
                )
            )
