"""Tell what changed in a form since the last time.

Rows tell by their stamps, deleted rows by theirs, and the audit log tells what neither shows.

A stamp is taken before its row can be seen, so each look begins a while before the latest stamp that was seen; what
comes twice changes nothing. Where the account may not read the log, a restored submission, and a file overwritten
under its name, are seen by sweeps alone.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sync.errors import SourceRefused
from sync.http.client import HttpClient
from sync.source import Batch, Cursor
from sync.sources.central.audits import Audits, Event, Heard
from sync.sources.central.marks import Marks, read_marks
from sync.sources.central.odata import Table
from sync.sources.central.paths import form_path, root_in, submission_path
from sync.sources.central.rows import stamp

OVERLAP = timedelta(minutes=6)
"""How much later than its stamp a change may become visible; longer than the log's by what passes between an edit's
stamp and its entry there."""

LOG_OVERLAP = timedelta(minutes=5)
"""The same of the audit log."""

_MOST_HEARD = 2000
"""Beyond that many, some are told twice: their records are fetched once more."""


class Feed:
    """The changes of one form. clock: ours, to see through stamps from a future that a server's clock was once in."""

    def __init__(self, client: HttpClient, audits: Audits, remote_id: str, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._audits = audits
        self._remote_id = remote_id
        self._clock = clock
        self._table = Table(client, form_path(remote_id))

    def begin(self) -> Batch:
        """Return an empty batch whose cursor sees everything from now on."""
        log = self._audits.latest()
        newest = self._table.newest()
        at = None if newest is None else self._capped(newest.submitted_at)
        return Batch((), cursor=self._marks(Marks(at, at), log).cursor())

    def after(self, cursor: Cursor) -> Iterator[Batch]:
        """Give what changed since; the last batch has the next cursor."""
        marks = read_marks(cursor)
        # The log before the rows: what it tells has happened by then, and the rows show it.
        log = self._log(marks)
        events = [event for event in log.events if event.key not in marks.heard] if log is not None else []
        unseen = {event.instance_id for event in events}
        rows_at = yield from self._changed(marks.rows, unseen)
        deleted_at = yield from self._deleted(marks.deleted, unseen)
        next_marks = self._marks(replace(marks, rows=rows_at, deleted=deleted_at), log)
        yield self._told(events, unseen, next_marks.cursor())

    def _changed(self, at: datetime | None, unseen: set[str]) -> Generator[Batch, None, datetime | None]:
        """Give the rows that arrived or changed; return the next mark."""
        next_at = at
        for number, page in enumerate(self._table.pages(_changed_since(at))):
            if number == 0:
                # Of the first page only: while the others come, changes that we pass by get later stamps than these.
                next_at = self._capped(max(row.changed_at for row in page), at)
            unseen.difference_update(row.id for row in page)
            yield Batch(tuple(row.fingerprint for row in page))
        return next_at

    def _deleted(self, at: datetime | None, unseen: set[str]) -> Generator[Batch, None, datetime | None]:
        """Give the ids of deleted rows; return the next mark."""
        next_at = at
        for number, page in enumerate(self._table.pages(_deleted_since(at))):
            if number == 0:
                next_at = self._capped(max(row.deleted_at for row in page if row.deleted_at is not None), at)
            unseen.difference_update(row.id for row in page)
            yield Batch((), absent=tuple(row.id for row in page))
        return next_at

    def _marks(self, marks: Marks, log: Heard | None) -> Marks:
        """The marks with those of the log, which stay where they were if it could not be read."""
        if log is None:
            return marks
        if log.latest is None:
            return replace(marks, reads_audits=True)
        at = self._capped(log.latest, marks.audits)
        # The next look at the log brings these events again.
        late = sorted((event for event in log.events if event.logged_at >= at - LOG_OVERLAP), key=_logged_at)
        return replace(marks, reads_audits=True, audits=at, heard=frozenset(event.key for event in late[-_MOST_HEARD:]))

    def _log(self, marks: Marks) -> Heard | None:
        # An account that is let in for the first time begins at the log's end: it is of the whole server, and of years.
        return (
            self._audits.since(self._remote_id, _early(marks.audits)) if marks.reads_audits else self._audits.latest()
        )

    def _told(self, events: list[Event], unseen: set[str], cursor: Cursor) -> Batch:
        """The batch of what only the log tells: rows of `unseen` submissions, those gone, and overwritten files."""
        overwritten = {event.instance_id for event in events if event.is_overwriting}
        of_files = {event.instance_id for event in events if event.is_of_file}
        of_submissions = {event.instance_id for event in events if not event.is_of_file}
        rows = {row.id: row for row in self._table.of_ids(sorted(unseen | overwritten))}
        roots = {found: found for found in rows}
        # The log may name the version that had the file; where that is no first version, its row is another's.
        for instance_id in sorted((of_files & (unseen | overwritten)) - rows.keys()):
            if (root := self._root_of(instance_id)) is not None:
                roots[instance_id] = root
        rows |= {row.id: row for row in self._table.of_ids(sorted(set(roots.values()) - rows.keys()))}
        return Batch(
            fingerprints=tuple(row.fingerprint for row in rows.values()),
            absent=tuple(sorted((unseen & of_submissions) - rows.keys())),
            changed=tuple(sorted({roots[found] for found in overwritten if roots.get(found) in rows})),
            cursor=cursor,
        )

    def _root_of(self, instance_id: str) -> str | None:
        """The id of the submission that an instanceID is a later version of, None where it is of none that is there."""
        try:
            # Central redirects to the submission's path; the answer itself does not name it.
            with self._client.stream(submission_path(self._remote_id, instance_id)) as reply:
                return root_in(reply.url)
        except SourceRefused as refused:
            if refused.status != 404:
                raise
            return None

    def _capped(self, seen: datetime, before: datetime | None = None) -> datetime:
        """The later of the two stamps, or our time where they are of the future."""
        return min(seen if before is None else max(seen, before), self._clock())


def _changed_since(at: datetime | None) -> str | None:
    if at is None:
        return None
    since = stamp(at - OVERLAP)
    return f"__system/submissionDate ge {since} or __system/updatedAt ge {since}"


def _deleted_since(at: datetime | None) -> str:
    # The one does not include the other: naming deletedAt makes Central show deleted rows, for the whole condition.
    return "__system/deletedAt ne null" if at is None else f"__system/deletedAt ge {stamp(at - OVERLAP)}"


def _logged_at(event: Event) -> datetime:
    return event.logged_at


def _early(at: datetime | None) -> datetime | None:
    return None if at is None else at - LOG_OVERLAP
