"""Which media belong to which version of a submission; the bytes are in `store.media`.

A version has the files that came with it and, for a name that its answers use and that did not come with it, the file
of the nearest version before: an edit need not send again what it does not change. That is worked out when reading, so
a file of the original that arrives after the edit serves the edit too.

A file that the server of its record removed (`removed_at`) is given no longer and counts as missing; its row and its
bytes stay, and it is there again once the same bytes come again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, exists, func, select, update

from forms.submission import Attachment
from store import schema
from store.prepared import Prepared
from store.types import storable


@dataclass(frozen=True, slots=True)
class MissingMedium:
    """A file that the current answers name and that has not arrived."""

    form_id: str
    root_id: str
    instance_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ContestedName:
    """A file name under which one version holds several contents, in the order of their arrival; the first speaks."""

    form_id: str
    instance_id: str
    attachments: tuple[Attachment, ...]


def expect_media(connection: Connection, version_id: int, names: Iterable[str]) -> None:
    """Keep the names of the files that a version's answers name."""
    for position, name in enumerate(dict.fromkeys(storable(name) for name in names)):
        _EXPECT.run(connection, {"version_id": version_id, "position": position, "name": name})


def join_media(connection: Connection, version_id: int, media: Sequence[Attachment], at: datetime) -> bool:
    """Keep the files that came with a version; True if one of them is new to it, or there again.

    Other bytes under a name that is taken are kept as well, and the first go on speaking: neither a retry with a
    crooked file nor a crooked first upload costs anything (ODK Central overwrites, getodk/central#793).
    """
    if not media:
        return False
    kept = {
        (name, sha256): (key, removed_at is not None)
        for key, name, sha256, removed_at in _HELD.run(connection, {"version_id": version_id})
    }
    is_joined = False
    for medium in media:
        name = storable(medium.name)
        key, is_removed = kept.get((name, medium.sha256), (None, False))
        if key is None:
            kept[name, medium.sha256] = (0, False)
            row = {
                "version_id": version_id,
                "name": name,
                "sha256": medium.sha256,
                "size": medium.size,
                "content_type": medium.content_type,
                "received_at": at,
            }
            _JOIN.run(connection, row)
        elif is_removed:
            kept[name, medium.sha256] = (key, False)
            connection.execute(_BRING_BACK, {"attachment": key})
        else:
            continue
        is_joined = True
    return is_joined


# Made once: to make a statement costs more than to run it, and these run for every submission with media.
_MEDIA: Final = schema.attachments
_EXPECT: Final = Prepared(schema.expected_media.insert())
_JOIN: Final = Prepared(_MEDIA.insert())
_HELD: Final = Prepared(
    select(_MEDIA.c.id, _MEDIA.c.name, _MEDIA.c.sha256, _MEDIA.c.removed_at).where(
        _MEDIA.c.version_id == bindparam("version_id")
    )
)
_BRING_BACK: Final = update(_MEDIA).where(_MEDIA.c.id == bindparam("attachment")).values(removed_at=None)


def attachments_of(connection: Connection, form_id: str, instance_id: str) -> list[Attachment]:
    """Return the media of one version, one a name, by name; empty where there are none or no such version.

    Media that its answers do not name are here too: the person who sent them meant something by it.
    """
    versions, table, expected = schema.submission_versions, schema.attachments, schema.expected_media
    version = connection.execute(
        select(versions.c.id, versions.c.submission_id, versions.c.ordinal).where(
            versions.c.form_id == form_id, versions.c.instance_id == instance_id
        )
    ).one_or_none()
    if version is None:
        return []
    named = select(expected.c.name).where(expected.c.version_id == version.id)
    rows = connection.execute(
        select(table)
        .join(versions, versions.c.id == table.c.version_id)
        .where(
            versions.c.submission_id == version.submission_id,
            versions.c.ordinal <= version.ordinal,
            table.c.removed_at.is_(None),
            (table.c.version_id == version.id)
            | (table.c.name.in_(named) & ~_lacks_at_source(version.id, table.c.name)),
        )
        .order_by(versions.c.ordinal.desc(), table.c.id)
    )
    speaking: dict[str, Attachment] = {}
    for row in rows:
        speaking.setdefault(row.name, Attachment(row.name, row.sha256, row.size, row.content_type))
    return [speaking[name] for name in sorted(speaking)]


def missing_media(connection: Connection, form_id: str | None = None) -> list[MissingMedium]:
    """Return the files that current answers name and that have not arrived, for one form or all, oldest first.

    Deleted submissions are left out.
    """
    roots, versions, expected = schema.submissions, schema.submission_versions, schema.expected_media
    query = (
        select(roots.c.form_id, roots.c.root_id, versions.c.instance_id, expected.c.name)
        .join(versions, versions.c.submission_id == roots.c.id)
        .join(expected, expected.c.version_id == versions.c.id)
        .where(
            versions.c.ordinal == roots.c.current_ordinal,
            roots.c.deleted_at.is_(None),
            ~_has_come(roots.c.id, versions, expected.c.name),
        )
        .order_by(roots.c.id, expected.c.position)
    )
    if form_id is not None:
        query = query.where(roots.c.form_id == form_id)
    return [MissingMedium(row.form_id, row.root_id, row.instance_id, row.name) for row in connection.execute(query)]


def contested_names(connection: Connection, form_id: str) -> list[ContestedName]:
    """Return the names under which a version holds several contents, for a person to look at."""
    versions, table = schema.submission_versions, schema.attachments
    several = (
        select(table.c.version_id, table.c.name)
        .where(table.c.removed_at.is_(None))
        .group_by(table.c.version_id, table.c.name)
        .having(func.count() > 1)
        .subquery()
    )
    query: Select[Any] = (
        select(versions.c.instance_id, table)
        .join(versions, versions.c.id == table.c.version_id)
        .join(several, (several.c.version_id == table.c.version_id) & (several.c.name == table.c.name))
        .where(versions.c.form_id == form_id, table.c.removed_at.is_(None))
        .order_by(versions.c.id, table.c.name, table.c.id)
    )
    found: dict[tuple[str, str], list[Attachment]] = {}
    for row in connection.execute(query):
        medium = Attachment(row.name, row.sha256, row.size, row.content_type)
        found.setdefault((row.instance_id, row.name), []).append(medium)
    return [ContestedName(form_id, instance_id, tuple(media)) for (instance_id, _name), media in found.items()]


def known_media(connection: Connection) -> frozenset[str]:
    """Return the sha256 of all media that a row names; what else lies in the media folder is an orphan."""
    tables: Sequence[Any] = (schema.attachments, schema.quarantine_attachments, schema.form_files)
    return frozenset(sha256 for table in tables for (sha256,) in connection.execute(select(table.c.sha256).distinct()))


def _has_come(submission_id: ColumnElement[int], version: Table, name: ColumnElement[str]) -> Any:
    table = schema.attachments
    holders = schema.submission_versions.alias("holders")
    return exists().where(
        table.c.version_id == holders.c.id,
        holders.c.submission_id == submission_id,
        holders.c.ordinal <= version.c.ordinal,
        table.c.name == name,
        table.c.removed_at.is_(None),
        (holders.c.id == version.c.id) | ~_lacks_at_source(version.c.id, name),
    )


def _lacks_at_source(version_id: int | ColumnElement[int], name: ColumnElement[str]) -> Any:
    """Whether the source that has this version says that it lacks the file: then none of a version before serves it."""
    mirror, listed = schema.mirrored_records, schema.remote_media
    return exists().where(
        mirror.c.version_id == version_id,
        mirror.c.gone_at.is_(None),
        listed.c.mirrored_id == mirror.c.id,
        listed.c.name == name,
        listed.c.state == "absent",
    )
