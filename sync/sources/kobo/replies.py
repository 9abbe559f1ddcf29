"""What KoboToolbox's JSON replies must look like before anything is read from them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from typing import Any, Final, TypeAlias

from forms.text import Bilingual
from sync.errors import SourceReplyUnexpected

_COUNT: Final = re.compile(r"\d{1,18}", re.ASCII)

Row: TypeAlias = Mapping[str, Any]
"""A JSON object of a list: a record, an asset, a version, an event."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. count: how many rows the whole list has, this page and those before and after it."""

    count: int
    rows: Sequence[Row]


def page_of(reply: Any, where: str) -> Page:
    """Return the page that a reply is. where: the path asked, for the message.

    Raises SourceReplyUnexpected for anything but `{"count": …, "results": [{…}, …]}`.
    """
    found = object_of(reply, where)
    count, rows = found.get("count"), found.get("results")
    if isinstance(count, str) and _COUNT.fullmatch(count):
        count = int(count)  # where numbers are read as their text
    if not isinstance(count, int) or isinstance(count, bool) or count < 0 or not isinstance(rows, list):
        raise unexpected(where, "it is no page of a list", "ce n'est pas une page de liste")
    if not all(isinstance(row, dict) for row in rows):
        raise unexpected(where, "it is no page of a list", "ce n'est pas une page de liste")
    return Page(count, rows)


def object_of(reply: Any, where: str) -> Row:
    """Return the JSON object that a reply is; raises SourceReplyUnexpected for anything else."""
    if not isinstance(reply, dict):
        raise unexpected(where, "it is no JSON object", "ce n'est pas un objet JSON")
    return reply


def text_of(row: Row, key: str, where: str) -> str:
    """Return a text that must be there; raises SourceReplyUnexpected where it is not."""
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise unexpected(where, f"it lacks {key}", f"{key} y manque")
    return value


def object_in(row: Row, key: str, where: str) -> Row:
    """Return an object that may be missing, null or empty; raises SourceReplyUnexpected for anything else."""
    value = row.get(key) or {}
    if not isinstance(value, dict):
        raise unexpected(where, f"{key} is no object", f"{key} n'est pas un objet")
    return value


def objects_in(row: Row, key: str, where: str) -> Sequence[Row]:
    """Return a list of objects that may be missing, null or empty; raises SourceReplyUnexpected for anything else."""
    value = row.get(key) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(one, dict) for one in value):
        raise unexpected(where, f"{key} is no list of objects", f"{key} n'est pas une liste d'objets")
    return value


def time_of(row: Row, key: str, where: str) -> datetime:
    """Return a time that must be there, in UTC where it does not say; raises SourceReplyUnexpected where it is none."""
    text = text_of(row, key, where)
    try:
        at: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        at = None
    # Near the ends of the calendar, no minute can be added or taken any more.
    if at is None or not 1 < at.year < MAXYEAR:
        raise unexpected(where, f"{key} is no time", f"{key} n'est pas une date")
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def unexpected(where: str, reason: str, reason_fr: str) -> SourceReplyUnexpected:
    """Return the error for a reply that cannot be relied on. where: the path asked; reasons hold nobody's answers."""
    return SourceReplyUnexpected(
        Bilingual(
            f"KoboToolbox's reply to {where} cannot be relied on: {reason}. Nothing of it was used. Pull again; if it "
            "stays so, check the address in the settings and report this message.",
            f"La réponse de KoboToolbox à {where} n'est pas fiable : {reason_fr}. Rien n'en a été utilisé. "
            "Recommencez ; si cela persiste, vérifiez l'adresse dans les réglages et signalez ce message.",
        )
    )
