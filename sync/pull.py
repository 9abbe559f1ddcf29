"""Pull: make what is kept of a form equal to what its server shows us, and say what had to change for that.

The source lists fingerprints; `sync.pulling.comparison` finds those that differ from ours, and only their records are
fetched. Each batch is kept in one transaction with its marks, and the feed's cursor moves last, so a pull that is cut
off at any point is made good by the next. A record reads as deleted only where the account saw everything, before and
after. docs/sync.md has the promise.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from forms.text import Bilingual
from store.database import Connection
from store.kept import Store
from store.mirror.fetched_media import media_counts
from store.mirror.gone import mark_gone
from store.mirror.hints import drop_hints, hints
from store.mirror.pulled import Change
from store.mirror.records import count_lacking_media, count_mirrored, count_set_aside, lacking_media
from store.mirror.states import PullState, note_pulled
from sync.batches import as_they_come, in_batches
from sync.pulling import words
from sync.pulling.comparison import Comparison, Wanted
from sync.pulling.form_ids import begun, remarks_on_id, with_our_id
from sync.pulling.keeping import Keeping, Tally
from sync.pulling.media import MediaReport, fetch_media
from sync.pulling.report import Media, Progress, PullPlan, PullReport, Stage
from sync.pulling.versions import Versions
from sync.source import Access, Batch, Cursor, Fingerprint, Record, RemoteForm, Source
from sync.wires import Wires

__all__ = ["Media", "Progress", "PullPlan", "PullReport", "Stage", "pull_form"]

SWEEP_EVERY: Final = timedelta(hours=24)
"""However good a feed is: some changes leave no trace in any (a file that arrives late, on KoboToolbox)."""

FETCHED_AT_ONCE: Final = 500
FETCHED_IN_A_ROW: Final = 5000
"""The longer, the less often the server waits for us while the last records of a row are kept."""

KEPT_AT_ONCE: Final = 250
REASONS_SHOWN: Final = 10
KEPT_AFTER: Final = timedelta(seconds=5)
"""What has come is kept after so long, however little: on a bad line a pull goes on where the last one broke off."""

ASKED_AGAIN: Final = 2000
"""The most records whose files have not come that are looked at in every pull; sweeps look at all."""


def pull_form(
    store: Store, source: Source, form: RemoteForm, plan: PullPlan, wires: Wires, progress: Progress
) -> PullReport:
    """Make the kept submissions of a form equal to those on its server, and report.

    Raises SourceError where the server could not be read; what was kept until then stays, and the next pull goes on.
    One pull of a form at a time: that is for the caller to hold.
    """
    at = wires.clock()
    state = begun(store, source, form)
    pull = _Pull(store, source, with_our_id(form, state.form_id), state, wires.clock, progress)
    pull.run(plan)
    if state.pulled_at is None:
        pull.remarks.extend(remarks_on_id(store, state, form.proposed_form_id))
    media = MediaReport()
    if plan.media is Media.ALL:
        media = fetch_media(store, source, state, form, wires=wires, progress=partial(progress, Stage.MEDIA))
        pull.note_failure(media)
    return pull.report(media, (wires.clock() - at).total_seconds())


@dataclass(slots=True)
class _Fed:
    """What a feed told. absent: root ids that the server no longer shows. cursor: where it ended; None: no feed."""

    absent: list[str] = field(default_factory=list)
    calls_for_sweep: bool = False
    cursor: Cursor | None = None


class _Pull:
    """One pull of one form."""

    def __init__(
        self,
        store: Store,
        source: Source,
        form: RemoteForm,
        state: PullState,
        clock: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self._store = store
        self._source = source
        self._form = form
        self._state = state
        self._clock = clock
        self._at = at = clock()
        self._progress = progress
        self._versions = Versions(store, source, form, at)
        self._comparison = Comparison(store, state.key)
        self._requests_before = source.requests_made
        self._tally = Tally()
        self._looked = self._fetched = self._wanted = 0
        self._deleted = 0
        self._swept = False
        self._is_settled = True
        self.remarks: list[Bilingual] = []
        self._notes: list[Bilingual] = []

    def run(self, plan: PullPlan) -> None:
        """Compare, fetch, keep, believe deletions, and move the cursor."""
        before = self._source.access(self._form)
        fed = self._follow_feed()
        cursor = fed.cursor
        if plan.sweep or cursor is None or fed.calls_for_sweep or self._is_sweep_due():
            gone = self._sweep()
        else:
            gone = self._comparison.held_by_root(fed.absent)
            self._ask_again()
            if self._source.count(self._form) != self._held() - len(gone):
                gone = self._sweep()
        self._take_hints()
        self._believe(gone, before)
        if not self._is_settled:
            cursor = None  # what kept changing is read again from the same place
        self._store.database.write(
            lambda connection: note_pulled(
                connection, self._state.key, cursor=cursor or self._state.cursor, at=self._at, swept=self._swept
            )
        )

    def note_failure(self, media: MediaReport) -> None:
        """Tell why files did not come; they are tried again in the next pull."""
        if media.failed and media.reason is not None:
            self._notes.append(words.not_come(media.failed, media.reason))

    def report(self, media: MediaReport, seconds: float) -> PullReport:
        """Return what came of it."""
        with self._store.database.read() as connection:
            held = count_mirrored(connection, self._state.key)
            aside = count_set_aside(connection, self._state.key)
            awaiting = count_lacking_media(connection, self._state.key)
            listed = media_counts(connection, self._state.key)
        changes = self._tally.changes
        touched = sum(changes[change] for change in Change if change is not Change.UNCHANGED)
        return PullReport(
            source=self._source.name,
            form_id=self._state.form_id,
            remote_id=self._state.remote_id,
            title=self._form.title,
            new=changes[Change.NEW],
            edited=changes[Change.EDITED],
            deleted=self._deleted,
            restored=changes[Change.RESTORED],
            reviewed=changes[Change.REVIEWED],
            media_changed=changes[Change.MEDIA],
            media_received=media.received,
            media_bytes=media.bytes,
            media_failed=media.failed,
            media_listed=listed.get("listed", 0),
            unchanged=max(0, held - touched - aside),  # one that changed twice meanwhile was touched twice
            held=held,
            set_aside=aside,
            awaiting_media=awaiting,
            requests=self._source.requests_made - self._requests_before,
            seconds=seconds,
            swept=self._swept,
            remarks=tuple(self.remarks),
            needs_person=(*self._notes, *self._words_for_aside()),
        )

    def _is_sweep_due(self) -> bool:
        swept_at = self._state.swept_at
        # Before the last one: this computer's clock was set back.
        return swept_at is None or not timedelta(0) <= self._at - swept_at < SWEEP_EVERY

    def _held(self) -> int:
        with self._store.database.read() as connection:
            return count_mirrored(connection, self._state.key)

    def _follow_feed(self) -> _Fed:
        """Take in what the feed tells."""
        after = Cursor(self._state.cursor) if self._state.cursor is not None else None
        batches = self._source.changes(self._form, after)
        fed, pending = _Fed(), Wanted()
        for batch in batches or ():
            self._look(batch)
            pending.add(self._comparison.differing(batch))
            if len(pending.remote_ids) >= FETCHED_IN_A_ROW:
                self._fetch(pending)
                pending = Wanted()
            fed.absent.extend(batch.absent)
            fed.calls_for_sweep |= batch.calls_for_sweep
            fed.cursor = batch.cursor or fed.cursor
        self._fetch(pending)
        return fed

    def _sweep(self) -> list[int]:
        """Compare with everything the server lists; return the keys of what we hold and it does not list."""
        sweep = self._comparison.sweep()
        self._looked = 0
        pending: list[str] = []
        for batch in self._source.inventory(self._form):
            self._look(batch)
            pending.extend(sweep.differing(batch))
            while len(pending) >= FETCHED_IN_A_ROW:
                self._fetch(Wanted(pending[:FETCHED_IN_A_ROW]))
                del pending[:FETCHED_IN_A_ROW]
        self._fetch(Wanted(pending))
        self._swept = True
        return [key for keys in sweep.unseen() for key in keys]

    def _ask_again(self) -> None:
        """Look at the records whose files have not come: on either server they may come without any other trace."""
        with self._store.database.read() as connection:
            lacking = lacking_media(connection, self._state.key, limit=ASKED_AGAIN)
        if lacking:
            self._compare(self._source.look(self._form, [row.remote_id for row in lacking]))

    def _take_hints(self) -> None:
        with self._store.database.read() as connection:
            told = [hint for hint in hints(connection, self._source.name) if hint.remote_id == self._form.remote_id]
        roots = [hint.root_id for hint in told if hint.root_id]
        if roots and not self._swept:
            self._compare(self._source.find(self._form, roots))
        if told:
            self._store.database.write(lambda connection: drop_hints(connection, [hint.key for hint in told]))

    def _compare(self, marks: Iterable[Fingerprint]) -> None:
        for page in in_batches(marks, FETCHED_AT_ONCE):
            self._fetch(self._comparison.differing(Batch(page)))

    def _believe(self, gone: list[int], before: Access) -> None:
        """Take what is gone out of all counts, if the account could see everything all the while."""
        if not gone:
            return
        after = self._source.access(self._form)
        if after.is_passing:
            return
        if before != after or not after.sees_all:
            self._notes.append(words.hidden(len(gone), self._form.title, self._source.name))
            return
        for keys in in_batches(gone, FETCHED_AT_ONCE):
            self._deleted += self._store.database.write(partial(_mark_gone, self._state.key, keys, self._at))

    def _look(self, batch: Batch) -> None:
        self._looked += len(batch.fingerprints)
        self._progress(Stage.LOOKING, self._looked, self._form.submissions)

    def _fetch(self, wanted: Wanted) -> None:
        """Fetch and keep records; one batch is being written while the next one comes."""
        if not wanted.remote_ids:
            return
        self._wanted += len(wanted.remote_ids)
        keeping = Keeping(self._state.key, self._source.name, self._state.form_id, self._at, frozenset(wanted.forced))
        come: set[str] = set()
        writing: Future[Tally] | None = None
        coming = self._records(wanted, come)
        for records in as_they_come(coming, KEPT_AT_ONCE, KEPT_AFTER, self._clock):
            if writing is not None:
                self._tally.add(writing.result())
            writing = self._store.database.submit(partial(keeping.keep, records=records))
        if writing is not None:
            self._tally.add(writing.result())
        self._settle([remote_id for remote_id in wanted.remote_ids if remote_id not in come])

    def _records(self, wanted: Wanted, come: set[str]) -> Iterator[Record]:
        for record in self._source.fetch(self._form, wanted.remote_ids, self._versions):
            come.add(record.fingerprint.remote_id)
            self._fetched += 1
            self._progress(Stage.FETCHING, self._fetched, self._wanted)
            yield record

    def _settle(self, missing: list[str]) -> None:
        """Tell those that are gone by now from those that changed under every look and must be read another time."""
        if missing and any(True for _ in self._source.look(self._form, missing)):
            self._is_settled = False

    def _words_for_aside(self) -> Iterator[Bilingual]:
        """A line a reason, with one record as the example."""
        reasons = self._tally.aside.most_common()
        for reason, count in reasons[:REASONS_SHOWN]:
            example, message = self._tally.examples[reason]
            yield words.aside(count, example, message)
        if more := sum(count for _, count in reasons[REASONS_SHOWN:]):
            yield words.more_aside(more)


def _mark_gone(state_key: int, keys: tuple[int, ...], at: datetime, connection: Connection) -> int:
    return mark_gone(connection, state_key, keys, at)
