"""The media that a source lists for a record, kept as it lists them; what it removed is given no more.

Fetching them, and what there is to fetch, is `store.mirror.fetched_media`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from forms.submission import Attachment
from store import schema
from store.attachments import join_media
from store.prepared import Prepared
from store.types import storable


class MediumState(StrEnum):
    """LISTED: on the source, its bytes not fetched. RECEIVED: both. ABSENT: the source lacks it, or removed it."""

    LISTED = "listed"
    RECEIVED = "received"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class ListedMedium:
    """A medium as a source lists it.

    name: as the answers name it. remote_id: what the source wants to be asked for; equal to the name where it has no
    ids for media, and then the bytes of an edit may be others.
    """

    name: str
    remote_id: str
    content_type: str | None
    is_there: bool


class MediumRow(NamedTuple):
    """A listed medium as kept. sha256, size: of the bytes fetched last, whatever its state is now."""

    id: int
    position: int
    name: str
    remote_id: str
    content_type: str | None
    state: str
    sha256: str | None
    size: int | None


def lacks_media(expected: Iterable[str], media: Iterable[ListedMedium]) -> bool:
    """Whether answers name a file that the source has not got."""
    names = {storable(name) for name in expected}
    return bool(names) and not names <= {storable(medium.name) for medium in media if medium.is_there}


def add_listed(connection: Connection, mirrored_key: int, media: Sequence[ListedMedium]) -> None:
    """Keep what a source lists for a record that was never met."""
    for position, medium in enumerate(_by_remote_id(media).values()):
        _add(connection, mirrored_key, position, medium)


def renew_listed(
    connection: Connection,
    mirrored_key: int,
    version_key: int,
    media: Sequence[ListedMedium],
    at: datetime,
    *,
    anew: bool,
) -> bool:
    """Keep what a source lists for a record now; True where it is other than before.

    What was received under an id of its own serves a new version without being fetched again. What has no id but its
    name is fetched again where `anew` says that its bytes may be others. What the source removed is given no more.
    """
    rows = {row.remote_id: row for row in listed_rows(connection, mirrored_key)}
    listed = _by_remote_id(media)
    changed = False
    for remote_id in rows.keys() - listed.keys():
        give_no_more(connection, version_key, rows[remote_id], at)
        connection.execute(delete(_MEDIA).where(_MEDIA.c.id == rows[remote_id].id))
        changed = True
    for position, (remote_id, medium) in enumerate(listed.items()):
        row = rows.get(remote_id)
        if row is None:
            _add(connection, mirrored_key, position, medium)
            changed = True
            continue
        state = _next_state(row, medium, anew=anew)
        # Also where it was absent before: the version may be another, and name it still.
        if state is MediumState.ABSENT or storable(medium.name) != row.name:
            give_no_more(connection, version_key, row, at)
        if state is MediumState.RECEIVED:
            join_media(connection, version_key, (_attachment(row, medium),), at)
        now = MediumRow(
            row.id,
            position,
            storable(medium.name),
            remote_id,
            _storable(medium.content_type),
            state,
            row.sha256,
            row.size,
        )
        if now != row:
            connection.execute(update(_MEDIA).where(_MEDIA.c.id == row.id).values(now._asdict()))
        changed = changed or (now.state, now.name) != (row.state, row.name)
    return changed


def listed_rows(connection: Connection, mirrored_key: int) -> list[MediumRow]:
    """Return what a source lists for a record, in its order."""
    return [MediumRow(*row) for row in _ROWS.run(connection, {"mirrored": mirrored_key})]


def give_no_more(connection: Connection, version_key: int, row: MediumRow, at: datetime) -> None:
    """Give the bytes received under this row no more, in so far as the source's version would be given them.

    An older version that does not share them with it keeps them, and so does all where another row lists them still.
    """
    if row.sha256 is None:
        return
    submission = select(_VERSIONS.c.submission_id).where(_VERSIONS.c.id == version_key).scalar_subquery()
    is_given = (_ATTACHMENTS.c.version_id == version_key) | exists().where(
        _EXPECTED.c.version_id == version_key, _EXPECTED.c.name == row.name
    )
    is_listed_still = exists().where(
        _MEDIA.c.id != row.id,
        _MEDIA.c.name == row.name,
        _MEDIA.c.sha256 == row.sha256,
        _MEDIA.c.state == MediumState.RECEIVED.value,
        _MIRROR.c.id == _MEDIA.c.mirrored_id,
        _MIRROR.c.submission_id == submission,
        _MIRROR.c.gone_at.is_(None),
    )
    connection.execute(
        update(_ATTACHMENTS)
        .where(
            _ATTACHMENTS.c.version_id.in_(select(_VERSIONS.c.id).where(_VERSIONS.c.submission_id == submission)),
            _ATTACHMENTS.c.name == row.name,
            _ATTACHMENTS.c.sha256 == row.sha256,
            _ATTACHMENTS.c.removed_at.is_(None),
            is_given,
            ~is_listed_still,
        )
        .values(removed_at=at)
    )


def _next_state(row: MediumRow, medium: ListedMedium, *, anew: bool) -> MediumState:
    if not medium.is_there:
        return MediumState.ABSENT
    if row.sha256 is None:
        return MediumState.LISTED
    if medium.remote_id != medium.name:
        return MediumState.RECEIVED  # the bytes of an id never change, and we had them before it went
    if row.state == MediumState.RECEIVED.value and not anew:
        return MediumState.RECEIVED
    return MediumState.LISTED


def _attachment(row: MediumRow, medium: ListedMedium) -> Attachment:
    assert row.sha256 is not None  # noqa: S101 - for the type checker: RECEIVED is said of what has one
    assert row.size is not None  # noqa: S101 - as above
    return Attachment(medium.name, row.sha256, row.size, medium.content_type)


def _by_remote_id(media: Sequence[ListedMedium]) -> dict[str, ListedMedium]:
    listed: dict[str, ListedMedium] = {}
    for medium in media:
        listed.setdefault(storable(medium.remote_id), medium)
    return listed


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _add(connection: Connection, mirrored_key: int, position: int, medium: ListedMedium) -> None:
    row = {
        "mirrored_id": mirrored_key,
        "position": position,
        "name": medium.name,
        "remote_id": medium.remote_id,
        "content_type": medium.content_type,
        "state": (MediumState.LISTED if medium.is_there else MediumState.ABSENT).value,
    }
    _ADD.run(connection, row)


_MEDIA: Final = schema.remote_media
_MIRROR: Final = schema.mirrored_records
_VERSIONS: Final = schema.submission_versions
_EXPECTED: Final = schema.expected_media
_ATTACHMENTS: Final = schema.attachments
# Made once: they run for every record that is pulled.
_ADD: Final = Prepared(_MEDIA.insert())
_ROWS: Final = Prepared(
    select(*(_MEDIA.c[name] for name in MediumRow._fields))
    .where(_MEDIA.c.mirrored_id == bindparam("mirrored"))
    .order_by(_MEDIA.c.position)
)
