"""The project history: who added, edited, reviewed or deleted which record, for accounts that manage the project."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sync.errors import SourceRefused
from sync.http.client import HttpClient
from sync.sources.kobo.lists import pages
from sync.sources.kobo.paths import history_path
from sync.sources.kobo.replies import Page, Row, time_of

_BINNED: Final = "in-trash"
_TOLD: Final = ("add-submission", "modify-submission", "delete-submission", "modify-qa-data", _BINNED)
# Our own reading stands in the history as `view-data`; without the actions, it would be read again and again.
_QUERY: Final = "({actions}) AND date_created__gte:'{since}'"
_PAGE: Final = 1000
_MOST_READ: Final = 10_000
_NOT_FOR_US: Final = frozenset({403, 404})


@dataclass(frozen=True, slots=True)
class Happened:
    """What the history tells of a time.

    uuids: first instanceIDs without prefix of the records touched, each once, the last touched first.
    attachments_deleted_at: when, for the last time; the history does not say whose they were. None: not at all.
    is_whole: False where so much happened that only the last of it was read.
    """

    uuids: tuple[str, ...]
    attachments_deleted_at: datetime | None
    is_whole: bool


def happened(client: HttpClient, uid: str, since: datetime) -> Happened | None:
    """Return what was done to an asset's records since a time, that included.

    None where the history is not for us to read (it takes `manage_asset`), or the server has none (before 2024-12).
    """
    uuids: dict[str, None] = {}
    deleted_at: datetime | None = None
    is_whole = True
    try:
        for page in _pages(client, uid, since):
            for event in page.rows:
                if _is_of_attachment(event):
                    at = time_of(event, "date_created", "/history/")
                    deleted_at = at if deleted_at is None else max(at, deleted_at)
                elif (uuid := _root_uuid(event)) is not None:
                    uuids.setdefault(uuid)
            is_whole = page.count <= _MOST_READ
            if not is_whole:
                break
    except SourceRefused as refused:
        if refused.status in _NOT_FOR_US:
            return None
        raise
    return Happened(tuple(uuids), deleted_at, is_whole)


def _pages(client: HttpClient, uid: str, since: datetime) -> Iterator[Page]:
    """Newest first: what is added while we page moves rows on to later pages, where we meet them again."""
    actions = " OR ".join(f"action:{action}" for action in _TOLD)
    query = _QUERY.format(actions=actions, since=since.strftime("%Y-%m-%dT%H:%M:%S"))
    return pages(client, history_path(uid), {"q": query}, at_once=_PAGE)


def _is_of_attachment(event: Row) -> bool:
    """Whether an attachment was put in the bin; projects are too."""
    metadata: Any = event.get("metadata")
    return event.get("action") == _BINNED and isinstance(metadata, dict) and "attachment_uid" in metadata


def _root_uuid(event: Row) -> str | None:
    metadata: Any = event.get("metadata")
    submission = metadata.get("submission") if isinstance(metadata, dict) else None
    uuid = submission.get("root_uuid") if isinstance(submission, dict) else None
    return uuid.removeprefix("uuid:") if isinstance(uuid, str) and uuid else None
