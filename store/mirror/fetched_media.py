"""Fetching the media that sources list: what is to be fetched, what came, what a submission has and lacks.

What a source lists is `store.mirror.listed_media`. The bytes are `store.media`; once received they are attachments of
the version that the source has (`store.attachments`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, update

from forms.submission import Attachment
from store import schema
from store.attachments import attachments_of, join_media
from store.mirror.listed_media import MediumRow, MediumState, give_no_more, listed_rows


@dataclass(frozen=True, slots=True)
class WantedMedium:
    """A medium to fetch.

    key: to give back with its bytes. remote_record_id, remote_id: of its record, and its own, on the source.
    instance_id: of the version that the source had when it listed the medium.
    """

    key: int
    remote_record_id: str
    name: str
    remote_id: str
    content_type: str | None
    form_id: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class MediumHeld:
    """A medium of a submission: expected, listed or received.

    remote_id: None where no source lists it. sha256, size: of the bytes received, else None.
    """

    name: str
    remote_id: str | None
    content_type: str | None
    state: MediumState
    sha256: str | None
    size: int | None


def media_to_fetch(connection: Connection, state_key: int, *, limit: int, after: int = 0) -> list[WantedMedium]:
    """Return media whose bytes are still to be fetched, in key order, from behind the key `after` on."""
    query = (
        select(
            _MEDIA.c.id,
            _MIRROR.c.remote_id.label("remote_record_id"),
            _MEDIA.c.name,
            _MEDIA.c.remote_id,
            _MEDIA.c.content_type,
            _VERSIONS.c.form_id,
            _VERSIONS.c.instance_id,
        )
        .join(_MIRROR, _MIRROR.c.id == _MEDIA.c.mirrored_id)
        .join(_VERSIONS, _VERSIONS.c.id == _MIRROR.c.version_id)
        .where(
            _MEDIA.c.state == MediumState.LISTED.value,
            _MEDIA.c.id > after,
            _MIRROR.c.pull_state_id == state_key,
            _MIRROR.c.gone_at.is_(None),
        )
        .order_by(_MEDIA.c.id)
        .limit(limit)
    )
    return [WantedMedium(*row) for row in connection.execute(query)]


def receive_medium(connection: Connection, key: int, attachment: Attachment, at: datetime) -> bool:
    """Join a fetched medium to the version that its source has; True if it is new there.

    A medium that the source no longer lists is not kept: False.
    """
    row = connection.execute(
        select(_MIRROR.c.version_id, _MEDIA.c.name, _MEDIA.c.sha256)
        .join(_MEDIA, _MEDIA.c.mirrored_id == _MIRROR.c.id)
        .where(_MEDIA.c.id == key)
    ).one_or_none()
    if row is None:
        return False
    if row.sha256 not in (None, attachment.sha256):
        # The source has overwritten them; those of an older version stay what they were.
        connection.execute(
            update(_ATTACHMENTS)
            .where(
                _ATTACHMENTS.c.version_id == row.version_id,
                _ATTACHMENTS.c.name == row.name,
                _ATTACHMENTS.c.sha256 == row.sha256,
                _ATTACHMENTS.c.removed_at.is_(None),
            )
            .values(removed_at=at)
        )
    received = {"state": MediumState.RECEIVED.value, "sha256": attachment.sha256, "size": attachment.size}
    connection.execute(update(_MEDIA).where(_MEDIA.c.id == key).values(received))
    return join_media(connection, row.version_id, (attachment,), at)


def refuse_medium(connection: Connection, key: int, at: datetime) -> None:
    """Note that the source lists a medium and has not got it."""
    medium = connection.execute(select(_MEDIA).where(_MEDIA.c.id == key)).one_or_none()
    if medium is None:
        return
    row = MediumRow(*(getattr(medium, name) for name in MediumRow._fields))
    connection.execute(update(_MEDIA).where(_MEDIA.c.id == key).values(state=MediumState.ABSENT.value))
    held = connection.execute(select(_MIRROR).where(_MIRROR.c.id == medium.mirrored_id)).one()
    give_no_more(connection, held.version_id, row, at)
    names = {
        name
        for (name,) in connection.execute(select(_EXPECTED.c.name).where(_EXPECTED.c.version_id == held.version_id))
    }
    there = {one.name for one in listed_rows(connection, held.id) if one.state != MediumState.ABSENT.value}
    connection.execute(update(_MIRROR).where(_MIRROR.c.id == held.id).values(lacks_media=not names <= there))


def media_listed(connection: Connection, form_id: str, root_id: str) -> list[MediumHeld]:
    """Return the media of a submission's current version, expected and received; none where it is unknown.

    First what sources list, in their order, then what they do not: files that its answers name or that devices sent.
    """
    current = connection.execute(
        select(_ROOTS.c.id, _VERSIONS.c.id.label("version_id"), _VERSIONS.c.instance_id)
        .join(_VERSIONS, (_VERSIONS.c.submission_id == _ROOTS.c.id) & (_VERSIONS.c.ordinal == _ROOTS.c.current_ordinal))
        .where(_ROOTS.c.form_id == form_id, _ROOTS.c.root_id == root_id)
    ).one_or_none()
    if current is None:
        return []
    listed = [
        MediumHeld(
            row.name,
            row.remote_id,
            row.content_type,
            MediumState(row.state),
            *((row.sha256, row.size) if row.state == MediumState.RECEIVED.value else (None, None)),
        )
        for row in connection.execute(
            select(_MEDIA)
            .join(_MIRROR, _MIRROR.c.id == _MEDIA.c.mirrored_id)
            .where(_MIRROR.c.submission_id == current.id, _MIRROR.c.gone_at.is_(None))
            .order_by(_MEDIA.c.mirrored_id, _MEDIA.c.position)
        )
    ]
    here = {medium.name: medium for medium in attachments_of(connection, form_id, current.instance_id)}
    expected = connection.execute(
        select(_EXPECTED.c.name).where(_EXPECTED.c.version_id == current.version_id).order_by(_EXPECTED.c.position)
    )
    seen = {medium.name for medium in listed}
    for name in dict.fromkeys((*(name for (name,) in expected), *here)):
        medium = here.get(name)
        if name in seen:
            continue
        if medium is None:
            listed.append(MediumHeld(name, None, None, MediumState.ABSENT, None, None))
        else:
            listed.append(MediumHeld(name, None, medium.content_type, MediumState.RECEIVED, medium.sha256, medium.size))
    return listed


def media_counts(connection: Connection, state_key: int) -> Mapping[str, int]:
    """Return how many media of the records that a source has are in which state; a state without any is missing."""
    query = (
        select(_MEDIA.c.state, func.count().label("media"))
        .join(_MIRROR, _MIRROR.c.id == _MEDIA.c.mirrored_id)
        .where(_MIRROR.c.pull_state_id == state_key, _MIRROR.c.gone_at.is_(None))
        .group_by(_MEDIA.c.state)
    )
    return {row.state: row.media for row in connection.execute(query)}


_MEDIA: Final = schema.remote_media
_MIRROR: Final = schema.mirrored_records
_ROOTS: Final = schema.submissions
_VERSIONS: Final = schema.submission_versions
_EXPECTED: Final = schema.expected_media
_ATTACHMENTS: Final = schema.attachments
