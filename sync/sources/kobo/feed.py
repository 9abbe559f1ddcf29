"""The feed of an asset's changes: its history, `_date_modified` where the server has it, and the newest records.

KoboToolbox has no change feed of its own. What no trace is left of (a picture that arrives late on an old record) is
seen by a sweep.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sync.batches import in_batches
from sync.source import Batch, Cursor, Fingerprint
from sync.sources.kobo.data import LISTED, Data, Query
from sync.sources.kobo.history import Happened
from sync.sources.kobo.records import fingerprint_of, root_id_of, with_prefix
from sync.sources.kobo.replies import Row

_LATE_COMMITS: Final = timedelta(minutes=15)
"""Stamps are set, and ids given, before a transaction ends: what was stamped so long ago may show only now."""

_NEWEST: Final = 200
_FOUND_AT_ONCE: Final = 500
_KEPT_AT_LEAST: Final = timedelta(days=30)
"""How far back a history is relied on: 744 days by default, less on some plans."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a feed asks.

    happened: the history since a time, None where it is not for us. find: fingerprints by root ids.
    """

    data: Data
    happened: Callable[[datetime], Happened | None]
    find: Callable[[Sequence[str]], Iterator[Fingerprint]]


def changes(around: Surroundings, after: Cursor | None, now: datetime) -> Iterator[Batch] | None:
    """Give what changed since the cursor, or None where neither history nor `_date_modified` tell.

    now: by the server's own clock, read before anything else; it is the next cursor. Where the cursor is older than
    histories are sure to reach, attachments were deleted (the history does not say of which record), or so much
    happened that it is cheaper, one empty batch calls for a sweep.
    """
    since = _since(after, now)
    start = (now if since is None else since) - _LATE_COMMITS
    told = around.happened(start)
    newest = around.data.newest(_NEWEST, LISTED)
    has_stamps = bool(newest) and all(isinstance(row.get("_date_modified"), str) for row in newest)
    if told is None and not has_stamps:
        return None
    if after is None:
        return iter([Batch((), cursor=_cursor(now))])
    if since is None or (told is not None and _calls_for_sweep(told, since, around.data)):
        return iter([Batch((), calls_for_sweep=True, cursor=_cursor(now))])
    return _feed(around, newest, told, start if has_stamps else None, now)


def _feed(
    around: Surroundings, newest: Sequence[Row], told: Happened | None, stamped_since: datetime | None, now: datetime
) -> Iterator[Batch]:
    yield Batch(tuple(fingerprint_of(row) for row in newest))
    if stamped_since is not None:
        for query in _stamped(stamped_since, with_reviews=told is None):
            for page in around.data.pages(query, LISTED):
                yield Batch(tuple(fingerprint_of(row) for row in page))
    # The newest were read after the history: whatever it tells of them is in their fingerprints.
    seen = {root_id_of(row) for row in newest}
    touched = [root_id for uuid in (told.uuids if told else ()) if (root_id := with_prefix(uuid)) not in seen]
    for asked in in_batches(touched, _FOUND_AT_ONCE):
        found = tuple(around.find(asked))
        yield Batch(found, absent=tuple(sorted(set(asked).difference(mark.root_id for mark in found))))
    yield Batch((), cursor=_cursor(now))


def _stamped(since: datetime, *, with_reviews: bool) -> Iterator[Query]:
    yield {"_date_modified": {"$gte": since.strftime("%Y-%m-%dT%H:%M:%S")}}
    if with_reviews:
        # A review may leave the stamp as it is. One that is taken back leaves no trace but in the history.
        yield {"_validation_status.timestamp": {"$gte": int(since.timestamp())}}


def _calls_for_sweep(told: Happened, since: datetime, data: Data) -> bool:
    # Not since `start`: every pull of the next 15 minutes would be a sweep.
    if told.attachments_deleted_at is not None and told.attachments_deleted_at >= since:
        return True
    # A sweep lists a thousand records at once, looking for roots a tenth of that.
    touched = len(told.uuids)
    return not told.is_whole or (touched > _FOUND_AT_ONCE and touched * 8 > data.count())


def _cursor(now: datetime) -> Cursor:
    return Cursor(json.dumps({"at": now.astimezone(UTC).isoformat()}))


def _since(cursor: Cursor | None, now: datetime) -> datetime | None:
    """The time in a cursor; None where it is none of ours, or one that the history may not reach."""
    if cursor is None:
        return None
    try:
        held: Any = json.loads(cursor)
        at = datetime.fromisoformat(held["at"])
    except (ValueError, TypeError, KeyError):
        return None
    return at if at.tzinfo is not None and timedelta() <= now - at <= _KEPT_AT_LEAST else None
