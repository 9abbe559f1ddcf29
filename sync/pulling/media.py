"""Fetch the media that a source lists for its records: several at a time, each going on where it broke off.

What is listed and where the bytes belong is `store.mirror.fetched_media`'s, how they are asked for each source's. Bytes
are durable under their sha256 before a row names them, so a crash at any point costs at most a download.
"""

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from forms.submission import Attachment
from forms.text import Bilingual
from store.kept import Store
from store.media import Medium
from store.mirror.fetched_media import WantedMedium, media_counts, media_to_fetch, receive_medium, refuse_medium
from store.mirror.states import PullState
from store.partial_media import PartialMedia, PartialMedium
from sync.errors import SourceError, SourceRefused, SourceUnavailable
from sync.source import Download, RemoteForm, RemoteMedium, Source
from sync.wires import Wires

CONCURRENCY: Final = 4
TRIES: Final = 3
"""Of one medium whose bytes break off. Those of a request that is not answered are behind the source."""

UNANSWERED_IN_A_ROW: Final = 8
"""After so many, the server is not there: the rest waits for the next pull, and nobody waits for the rest."""

# Not 500 or 504: some servers say so of one file, and files that never come must not keep others from coming.
_NOT_THERE: Final = frozenset({None, 429, 502, 503})

MOST_BYTES: Final = 4_000_000_000
"""Of one medium, far beyond what a tablet sends: a server that sends without end fills no disk."""

PARTS_KEPT: Final = timedelta(days=30)
_PAGE: Final = 500
_LONGEST_WAIT: Final = 2.0

Progress = Callable[[int, int | None], None]
"""Hears how many media are dealt with, and of how many."""


@dataclass(frozen=True, slots=True)
class MediaReport:
    """What came of fetching. bytes: of those received. absent: listed by the server, which has not got them.

    failed: could not be had now, and are asked for again by the next pull; reason: what the first of them met with.
    """

    received: int = 0
    bytes: int = 0
    absent: int = 0
    failed: int = 0
    reason: Bilingual | None = None


def fetch_media(
    store: Store,
    source: Source,
    state: PullState,
    form: RemoteForm,
    *,
    wires: Wires,
    concurrency: int = CONCURRENCY,
    progress: Progress = lambda _done, _of: None,
) -> MediaReport:
    """Fetch all media of a form that are listed and not here, and report.

    One medium that cannot be had holds up no other. Raises SourceRefused where the credential itself is refused (401);
    what was received until then stays.
    """
    partials = PartialMedia(store.media)
    partials.sweep(before=wires.clock() - PARTS_KEPT)
    with store.database.read() as connection:
        listed = media_counts(connection, state.key).get("listed", 0)
    fetching = _Fetching(store, source, form, wires, partials)
    report, done, unanswered = MediaReport(), 0, 0
    with closing(_in_threads(fetching, _wanted(store, state), concurrency)) as outcomes:
        for outcome in outcomes:
            report, done = _with(report, outcome), done + 1
            progress(done, listed)
            unanswered = unanswered + 1 if outcome.is_unanswered else 0
            if unanswered >= UNANSWERED_IN_A_ROW:
                break
    return report


class _Kind(Enum):
    RECEIVED = auto()
    ABSENT = auto()
    FAILED = auto()
    STOPPED = auto()


@dataclass(frozen=True, slots=True)
class _Outcome:
    kind: _Kind
    size: int = 0
    reason: Bilingual | None = None
    is_unanswered: bool = False


class _BrokenOff(Exception):
    """The bytes that came are not all of the medium, or not of one."""


class _Stopped(Exception):
    """Nobody waits for this medium any more."""


class _Fetching:
    """Fetches one medium at a time, in any number of threads."""

    def __init__(self, store: Store, source: Source, form: RemoteForm, wires: Wires, partials: PartialMedia) -> None:
        self._store = store
        self._source = source
        self._form = form
        self._wires = wires
        self._partials = partials
        self.stop = threading.Event()

    def fetch(self, wanted: WantedMedium) -> _Outcome:
        """Fetch a medium and keep it where it belongs. Raises what the disk or the database raise, and a 401."""
        try:
            medium = self._received(wanted)
        except _Stopped:
            return _Outcome(_Kind.STOPPED)
        except SourceError as error:
            if error.status == 401:
                raise
            if isinstance(error, SourceRefused) and error.status == 404 and self._is_shown(wanted):
                self._store.database.write(
                    lambda connection: refuse_medium(connection, wanted.key, self._wires.clock())
                )
                return _Outcome(_Kind.ABSENT)
            is_unanswered = isinstance(error, SourceUnavailable) and error.status in _NOT_THERE
            return _Outcome(_Kind.FAILED, reason=error.message, is_unanswered=is_unanswered)
        except _BrokenOff:
            return _Outcome(_Kind.FAILED, reason=_broken_off(wanted, self._source.name))
        attachment = Attachment(wanted.name, medium.sha256, medium.size, wanted.content_type)
        self._store.database.write(
            lambda connection: receive_medium(connection, wanted.key, attachment, self._wires.clock())
        )
        return _Outcome(_Kind.RECEIVED, medium.size)

    def _is_shown(self, wanted: WantedMedium) -> bool:
        """Whether the server shows us the record: where our right to it was taken away, it has the file still."""
        try:
            return any(True for _ in self._source.look(self._form, [wanted.remote_record_id]))
        except SourceError:
            return False

    def _received(self, wanted: WantedMedium) -> Medium:
        names = (self._source.name, self._form.remote_id, wanted.remote_record_id, wanted.remote_id)
        tries = 0
        while not self.stop.is_set():
            tries += 1
            try:
                with self._partials.open(*names) as part:
                    return self._filled(part, wanted)
            except _BrokenOff:
                if tries == TRIES:
                    raise
                self._wires.sleep(self._wires.chance() * _LONGEST_WAIT)
        raise _Stopped

    def _filled(self, part: PartialMedium, wanted: WantedMedium) -> Medium:
        download = self._begun(part, wanted)
        if download.offset == 0:
            part.begin(download.etag)
        elif (download.offset, download.etag) == (part.offset, part.etag):
            part.resume()
        else:
            part.forget()
            raise _BrokenOff
        chunks, most = download.chunks, MOST_BYTES if download.size is None else min(download.size, MOST_BYTES)
        try:
            for chunk in chunks:
                if self.stop.is_set():
                    raise _Stopped
                part.write(chunk)
                if part.size > most:
                    part.forget()
                    raise _BrokenOff
        except SourceUnavailable as error:
            raise _BrokenOff from error
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        if download.size not in (None, part.size):
            raise _BrokenOff
        return part.keep()

    def _begun(self, part: PartialMedium, wanted: WantedMedium) -> Download:
        medium = RemoteMedium(wanted.name, wanted.remote_id, wanted.content_type, is_there=True)
        try:
            return self._source.download(
                self._form, wanted.remote_record_id, medium, offset=part.offset, etag=part.etag
            )
        except SourceRefused as error:
            if error.status == 416 and part.offset > 0:
                # What we have of it is longer than what the server has: it is another by now.
                part.forget()
                raise _BrokenOff from error
            raise


def _wanted(store: Store, state: PullState) -> Iterator[WantedMedium]:
    after = 0
    while True:
        with store.database.read() as connection:
            page = media_to_fetch(connection, state.key, limit=_PAGE, after=after)
        if not page:
            return
        yield from page
        after = page[-1].key


def _in_threads(fetching: _Fetching, wanted: Iterator[WantedMedium], concurrency: int) -> Generator[_Outcome]:
    """Give the outcomes as they come; never more under way than threads, so that an end is an end."""
    waiting: set[Future[_Outcome]] = set()
    with ThreadPoolExecutor(concurrency, thread_name_prefix="media") as threads:
        try:
            for medium in wanted:
                waiting.add(threads.submit(fetching.fetch, medium))
                if len(waiting) < concurrency:
                    continue
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            fetching.stop.set()


def _with(report: MediaReport, outcome: _Outcome) -> MediaReport:
    match outcome.kind:
        case _Kind.RECEIVED:
            return replace(report, received=report.received + 1, bytes=report.bytes + outcome.size)
        case _Kind.ABSENT:
            return replace(report, absent=report.absent + 1)
        case _Kind.FAILED:
            return replace(report, failed=report.failed + 1, reason=report.reason or outcome.reason)
        case _Kind.STOPPED:
            return report


def _broken_off(wanted: WantedMedium, source: str) -> Bilingual:
    return Bilingual(
        f"A file of submission {wanted.remote_record_id} from {source} broke off {TRIES} times. The next pull goes on "
        "with it.",
        f"Un fichier de la soumission {wanted.remote_record_id} de {source} s'est interrompu {TRIES} fois. La "
        "prochaine récupération le poursuivra.",
    )
