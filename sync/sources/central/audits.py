"""Central's audit log, as far as it tells what no list of submissions shows.

That is: submissions restored, or deleted and purged, and files that came, went or were overwritten. Only server
administrators may read it, and it is of the whole server at once.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from forms.text import Bilingual
from sync.errors import SourceRefused
from sync.http.client import HttpClient
from sync.sources.central.paths import project_and_form
from sync.sources.central.replies import unexpected
from sync.sources.central.rows import moment, stamp

_PATH: Final = "/v1/audits"
_LOG: Final = Bilingual("its audit log", "son journal d'audit")
_CATEGORY: Final = "submission"
_PAGE: Final = 500
_EDIT: Final = "submission.update.version"
_FILES: Final = "submission.attachment.update"
_TELLING: Final = frozenset({_FILES, "submission.restore", "submission.delete"})
_FORBIDDEN: Final = 403


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done to a submission and that its row need not show.

    instance_id: of the submission; where a file came or went (`is_of_file`), that or its current version's of then.
    is_overwriting: a file went or was replaced, so that the number of files need not show it. key: tells events apart.
    """

    instance_id: str
    logged_at: datetime
    is_of_file: bool
    is_overwriting: bool
    key: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the log told of one form. latest: of the whole server, None where it was empty."""

    events: tuple[Event, ...]
    latest: datetime | None


class Audits:
    """Reads the log as far as the account may; a refusal is remembered."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._is_refused = False

    def since(self, remote_id: str, start: datetime | None) -> Heard | None:
        """Return what happened in a form from `start` on (None: ever); None where the account may not read the log."""
        entries: list[Any] = []
        before: list[Any] | None = None
        offset = 0
        while True:
            asked = {"limit": str(_PAGE), "offset": str(offset)}
            page = self._asked(asked if start is None else {**asked, "start": stamp(start)})
            if page is None:
                return None
            if page and page == before:
                raise unexpected(_LOG)  # this log does not look at offsets, and would never end
            before = page
            if offset == 0:
                latest = _logged_at(page[0]) if page else None
            entries.extend(entry for entry in page if _is_about(entry, remote_id))
            # New entries stand on top and push the others on: one may come twice, none is passed over.
            if len(page) < _PAGE:
                return Heard(tuple(_events(entries)), latest)
            offset += _PAGE

    def latest(self) -> Heard | None:
        """Return where the log ends now, without events; None where the account may not read it."""
        page = self._asked({"limit": "1", "offset": "0"})
        if page is None:
            return None
        return Heard((), _logged_at(page[0]) if page else None)

    def _asked(self, parameters: dict[str, str]) -> list[Any] | None:
        if self._is_refused:
            return None
        try:
            entries = self._client.get_json(_PATH, {"action": _CATEGORY, **parameters})
        except SourceRefused as refused:
            if refused.status != _FORBIDDEN:
                raise
            self._is_refused = True
            return None
        if not isinstance(entries, list):
            raise unexpected(_LOG)
        return entries


def _is_about(entry: Any, remote_id: str) -> bool:
    try:
        # A purge is of no form; its submissions were named when they were deleted.
        form = entry.get("actee") or {}
        return (form.get("projectId"), form.get("xmlFormId")) == project_and_form(remote_id)
    except AttributeError:
        raise unexpected(_LOG) from None


def _events(entries: list[Any]) -> Iterator[Event]:
    try:
        edits = {entry["details"]["instanceId"] for entry in entries if entry["action"] == _EDIT}
        for entry in entries:
            if entry["action"] not in _TELLING:
                continue
            details, is_of_file = entry["details"], entry["action"] == _FILES
            is_overwriting = is_of_file and "oldBlobId" in details
            # Files that came with or after an edit: its row moved then, and is listed for that.
            if is_of_file and not is_overwriting and details["instanceId"] in edits:
                continue
            # Stamps are milliseconds: two things may happen to one file within one, and differ in its blobs.
            blobs = (str(details.get("oldBlobId")), str(details.get("newBlobId")))
            told = (entry["action"], entry["loggedAt"], details["instanceId"], details.get("name", ""), *blobs)
            key = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
            yield Event(details["instanceId"], _logged_at(entry), is_of_file, is_overwriting, key)
    except (KeyError, TypeError, AttributeError):
        raise unexpected(_LOG) from None


def _logged_at(entry: Any) -> datetime:
    try:
        return moment(entry["loggedAt"])
    except (KeyError, TypeError):
        raise unexpected(_LOG) from None
