"""Which media belong to which version of a submission; the bytes are in `store.media`.

A version has the files that came with it and, for a name that its answers use and that did not come with it, the file
of the nearest version before: an edit need not send again what it does not change. That is worked out when reading, so
a file of the original that arrives after the edit serves the edit too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, select

from forms.submission import Attachment
from store import schema
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
    rows = [
        {"version_id": version_id, "position": position, "name": name}
        for position, name in enumerate(dict.fromkeys(storable(name) for name in names))
    ]
    if rows:
        connection.execute(_EXPECT, rows)


def join_media(connection: Connection, version_id: int, media: Sequence[Attachment], at: datetime) -> bool:
    """Keep the files that came with a version; True if one of them is new to it.

    Other bytes under a name that is taken are kept as well, and the first go on speaking: neither a retry with a
    crooked file nor a crooked first upload costs anything (ODK Central overwrites, getodk/central#793).
    """
    if not media:
        return False
    kept = {(row.name, row.sha256) for row in connection.execute(_HELD, {"version_id": version_id})}
    fresh: dict[tuple[str, str], Attachment] = {}
    for medium in media:
        key = (storable(medium.name), medium.sha256)
        if key not in kept:
            fresh.setdefault(key, medium)
    rows = [
        {
            "version_id": version_id,
            "name": medium.name,
            "sha256": medium.sha256,
            "size": medium.size,
            "content_type": medium.content_type,
            "received_at": at,
        }
        for medium in fresh.values()
    ]
    if rows:
        connection.execute(_JOIN, rows)
    return bool(rows)


# Made once: to make a statement costs more than to run it, and these run for every submission with media.
_EXPECT: Final = schema.expected_media.insert()
_JOIN: Final = schema.attachments.insert()
_HELD: Final = select(schema.attachments.c.name, schema.attachments.c.sha256).where(
    schema.attachments.c.version_id == bindparam("version_id")
)


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
            (table.c.version_id == version.id) | table.c.name.in_(named),
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
            ~_has_come(roots.c.id, roots.c.current_ordinal, expected.c.name),
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
        .group_by(table.c.version_id, table.c.name)
        .having(func.count() > 1)
        .subquery()
    )
    query: Select[Any] = (
        select(versions.c.instance_id, table)
        .join(versions, versions.c.id == table.c.version_id)
        .join(several, (several.c.version_id == table.c.version_id) & (several.c.name == table.c.name))
        .where(versions.c.form_id == form_id)
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


def _has_come(submission_id: ColumnElement[int], ordinal: ColumnElement[int], name: ColumnElement[str]) -> Any:
    table = schema.attachments
    holders = schema.submission_versions.alias("holders")
    return exists().where(
        table.c.version_id == holders.c.id,
        holders.c.submission_id == submission_id,
        holders.c.ordinal <= ordinal,
        table.c.name == name,
    )
