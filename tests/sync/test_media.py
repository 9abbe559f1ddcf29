"""Media of a source: several at a time, resumed, hashed, kept once, and named by a row only when they are on disk."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from forms.submission import Submission
from forms.text import Bilingual
from store import partial_media
from store.attachments import attachments_of
from store.kept import Store
from store.media import MediaFolder
from store.mirror.fetched_media import media_counts, media_to_fetch
from store.mirror.listed_media import ListedMedium
from store.mirror.pulled import PulledRecord, keep_pulled
from store.mirror.states import PullState, begin_pulling
from sync.errors import SourceRefused, SourceUnavailable
from sync.pulling import media
from sync.pulling.media import UNANSWERED_IN_A_ROW, fetch_media
from sync.source import Download, Fingerprint, RemoteForm, RemoteMedium, Source
from sync.wires import Wires

AT = datetime.now(UTC)
FORM = RemoteForm("aXyz", "household", "Household", None)
WORDS = Bilingual("It is so.", "C'est ainsi.")


@dataclass
class Server:
    """Media by the id of their record. Each plan of a medium is for one request: how many bytes come before the
    connection breaks, or the error it is answered with; without a plan, all comes."""

    media: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str | None] = field(default_factory=dict)
    plans: dict[str, list[Any]] = field(default_factory=dict)
    says_size: bool = True
    resumes: bool = True
    asked: list[tuple[str, int, str | None]] = field(default_factory=list)
    name: str = "ministry"
    under_way: int = 0
    most_under_way: int = 0
    gate: threading.Lock = field(default_factory=threading.Lock)
    together: threading.Barrier | None = None
    hidden: set[str] = field(default_factory=set)

    def look(self, form: RemoteForm, remote_ids: Sequence[str]) -> Iterator[Fingerprint]:
        assert form == FORM
        return (Fingerprint(one, f"uuid:{one}", "1") for one in remote_ids if one not in self.hidden)

    def download(
        self, form: RemoteForm, remote_id: str, medium: RemoteMedium, *, offset: int, etag: str | None
    ) -> Download:
        assert form == FORM
        assert medium.remote_id == f"m{remote_id}"
        with self.gate:
            self.asked.append((remote_id, offset, etag))
            plans = self.plans.get(remote_id)
            plan = plans.pop(0) if plans else None
        if isinstance(plan, BaseException):
            raise plan
        content = self.media[remote_id]
        now = self.etags.get(remote_id)
        start = offset if self.resumes and etag is not None and etag == now else 0
        size = len(content) if self.says_size else None
        return Download(start, size, now, self._chunks(content[start:], plan))

    def _chunks(self, content: bytes, breaks_after: int | None) -> Iterator[bytes]:
        with self.gate:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        if self.together is not None:
            self.together.wait(timeout=10)
        try:
            sent = content if breaks_after is None else content[:breaks_after]
            for at in range(0, len(sent), 4):
                yield sent[at : at + 4]
            if breaks_after is not None:
                raise SourceUnavailable(WORDS)
        finally:
            with self.gate:
                self.under_way -= 1


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def state(store: Store) -> PullState:
    return store.database.write(lambda c: begin_pulling(c, "ministry", FORM.remote_id, "household", "Household"))


def listed(store: Store, state: PullState, ids: Sequence[str]) -> None:
    def keep(connection: Any) -> None:
        for record in ids:
            submission = Submission(
                form_id="household",
                version="1",
                instance_id=f"uuid:{record}",
                deprecated_id=None,
                answers={"photo": "photo.jpg"},
                raw=b"<data/>",
                media_names=("photo.jpg",),
            )
            medium = ListedMedium("photo.jpg", f"m{record}", "image/jpeg", is_there=True)
            pulled = PulledRecord(record, f"uuid:{record}", "1", submission, AT, None, None, None, (medium,))
            keep_pulled(connection, state.key, "ministry", pulled, AT)

    store.database.write(keep)


def held(store: Store, record: str) -> bytes | None:
    with store.database.read() as connection:
        attachments = attachments_of(connection, "household", f"uuid:{record}")
    if not attachments:
        return None
    (attachment,) = attachments
    assert (attachment.name, attachment.content_type) == ("photo.jpg", "image/jpeg")
    with store.media.open(attachment.sha256) as stream:
        content = stream.read()
    assert hashlib.sha256(content).hexdigest() == attachment.sha256
    assert attachment.size == len(content)
    return content


def fetch(store: Store, server: Server, state: PullState, **options: Any) -> Any:
    wires = options.pop("wires", Wires(clock=lambda: AT, sleep=lambda _seconds: None, chance=lambda: 0.5))
    return fetch_media(store, cast("Source", server), state, FORM, wires=wires, **options)


def counts(store: Store, state: PullState) -> dict[str, int]:
    with store.database.read() as connection:
        return dict(media_counts(connection, state.key))


def parts(store: Store) -> list[Path]:
    return sorted((store.media.folder / "partial").iterdir())


def kept_files(store: Store) -> int:
    return sum(1 for path in store.media.folder.glob("??/??/*"))


def test_media_are_fetched_and_joined_to_their_submission(store: Store, server: Server, state: PullState):
    server.media = {"1": b"a photo", "2": b""}
    listed(store, state, ["1", "2"])
    told: list[tuple[int, int | None]] = []
    report = fetch(store, server, state, progress=lambda done, of: told.append((done, of)))
    assert (report.received, report.bytes, report.absent, report.failed) == (2, 7, 0, 0)
    assert (held(store, "1"), held(store, "2")) == (b"a photo", b"")
    assert told == [(1, 2), (2, 2)]
    assert parts(store) == []


def test_what_was_received_is_not_fetched_again(store: Store, server: Server, state: PullState):
    server.media = {"1": b"a photo"}
    listed(store, state, ["1"])
    fetch(store, server, state)
    assert fetch(store, server, state).received == 0
    assert len(server.asked) == 1


def test_equal_bytes_are_kept_once(store: Store, server: Server, state: PullState):
    ids = [str(record) for record in range(12)]
    server.media = dict.fromkeys(ids, b"the same logo")
    listed(store, state, ids)
    assert fetch(store, server, state).received == 12
    assert kept_files(store) == 1
    assert all(held(store, record) == b"the same logo" for record in ids)


def test_several_come_at_a_time_and_never_more_than_allowed(store: Store, server: Server, state: PullState):
    ids = [str(record) for record in range(12)]
    server.media = {record: record.encode() * 9 for record in ids}
    # Each download waits until three are under way, so three must be; a fourth would show in the most.
    server.together = threading.Barrier(3)
    listed(store, state, ids)
    assert fetch(store, server, state, concurrency=3).received == 12
    assert server.most_under_way == 3


def test_more_media_than_a_page_are_all_fetched(
    store: Store, server: Server, state: PullState, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sync.pulling.media._PAGE", 3)
    ids = [str(record) for record in range(10)]
    server.media = {record: record.encode() for record in ids}
    server.plans = {"2": [SourceRefused(WORDS, status=403)], "5": [SourceRefused(WORDS, status=404)]}
    listed(store, state, ids)
    report = fetch(store, server, state)
    assert (report.received, report.failed, report.absent) == (8, 1, 1)
    assert len(server.asked) == 10


def test_a_broken_download_goes_on_where_it_broke_off(store: Store, server: Server, state: PullState):
    server.media, server.etags = {"1": b"0123456789abcdef"}, {"1": '"e1"'}
    server.plans = {"1": [10, 2]}
    listed(store, state, ["1"])
    assert fetch(store, server, state).received == 1
    assert server.asked == [("1", 0, None), ("1", 10, '"e1"'), ("1", 12, '"e1"')]
    assert held(store, "1") == b"0123456789abcdef"
    assert parts(store) == []


def test_a_download_that_broke_off_thrice_goes_on_with_the_next_pull(store: Store, server: Server, state: PullState):
    server.media, server.etags = {"1": b"0123456789abcdef"}, {"1": '"e1"'}
    server.plans = {"1": [4, 4, 4]}
    listed(store, state, ["1"])
    report = fetch(store, server, state)
    assert (report.received, report.failed) == (0, 1)
    assert "1" in report.reason.fr
    assert "photo.jpg" not in report.reason.en
    assert fetch(store, server, state).received == 1
    assert server.asked[-1] == ("1", 12, '"e1"')
    assert held(store, "1") == b"0123456789abcdef"


def test_bytes_of_another_etag_are_never_pieced_together(store: Store, server: Server, state: PullState):
    server.media, server.etags = {"1": b"0123456789abcdef"}, {"1": '"e1"'}
    server.plans = {"1": [8, 4, 4]}
    listed(store, state, ["1"])
    fetch(store, server, state)
    server.media, server.etags = {"1": b"another photo altogether"}, {"1": '"e2"'}
    assert fetch(store, server, state).received == 1
    assert held(store, "1") == b"another photo altogether"
    assert parts(store) == []


def test_without_an_etag_it_starts_anew(store: Store, server: Server, state: PullState):
    server.media = {"1": b"0123456789abcdef"}
    server.plans = {"1": [8]}
    listed(store, state, ["1"])
    assert fetch(store, server, state).received == 1
    assert server.asked == [("1", 0, None), ("1", 0, None)]
    assert held(store, "1") == b"0123456789abcdef"


def test_a_server_that_does_not_resume_is_read_from_the_first_byte(store: Store, server: Server, state: PullState):
    server.media, server.etags, server.resumes = {"1": b"0123456789abcdef"}, {"1": '"e1"'}, False
    server.plans = {"1": [8]}
    listed(store, state, ["1"])
    assert fetch(store, server, state).received == 1
    assert held(store, "1") == b"0123456789abcdef"


class Crooked(Server):
    """Says another size, offset or etag than it sends."""

    lie: dict[str, Any]

    def download(self, *arguments: Any, **options: Any) -> Download:
        told = super().download(*arguments, **options)
        lies = {"offset": told.offset, "size": told.size, "etag": told.etag} | self.lie
        return Download(**lies, chunks=told.chunks)


@pytest.mark.parametrize("size", [15, 17])
def test_a_medium_of_another_size_than_promised_is_not_kept(store: Store, state: PullState, size: int):
    server = Crooked(media={"1": b"0123456789abcdef"}, etags={"1": '"e1"'})
    server.lie = {"size": size}
    listed(store, state, ["1"])
    report = fetch(store, server, state)
    assert (report.received, report.failed) == (0, 1)
    assert held(store, "1") is None
    server.lie = {}
    assert fetch(store, server, state).received == 1
    assert held(store, "1") == b"0123456789abcdef"


@pytest.mark.parametrize("says_size", [True, False])
def test_a_medium_without_end_is_left_and_nothing_of_it_stays(
    store: Store, state: PullState, monkeypatch: pytest.MonkeyPatch, *, says_size: bool
):
    class Endless(Server):
        given = 0

        def download(self, *arguments: Any, **asked: Any) -> Download:
            size = 40 if says_size else None
            return replace(super().download(*arguments, **asked), size=size, chunks=self._endless())

        def _endless(self) -> Iterator[bytes]:
            while self.given < 1000:
                self.given += 1
                yield b"more"

    monkeypatch.setattr(media, "MOST_BYTES", 100)
    server = Endless({"1": b""}, etags={"1": '"1"'})
    listed(store, state, ["1"])
    assert fetch(store, server, state).failed == 1
    assert server.given <= media.TRIES * 26
    assert parts(store) == []


@pytest.mark.parametrize("lie", [{"offset": 3}, {"etag": '"e9"'}])
def test_a_resumption_that_is_not_the_one_asked_for_starts_anew(store: Store, state: PullState, lie: dict[str, Any]):
    server = Crooked(media={"1": b"0123456789abcdef"}, etags={"1": '"e1"'}, plans={"1": [8, 4, 4]})
    server.lie = {}
    listed(store, state, ["1"])
    fetch(store, server, state)
    server.lie = lie
    fetch(store, server, state)
    server.lie = {}
    fetch(store, server, state)
    assert held(store, "1") == b"0123456789abcdef"


def test_a_part_that_is_longer_than_the_medium_starts_anew(store: Store, server: Server, state: PullState):
    server.media, server.etags = {"1": b"0123456789abcdef"}, {"1": '"e1"'}
    server.plans = {"1": [8, SourceRefused(WORDS, status=416)]}
    listed(store, state, ["1"])
    assert fetch(store, server, state).received == 1
    assert [offset for _, offset, _ in server.asked] == [0, 8, 0]


def test_a_medium_that_the_server_has_not_got_is_absent_and_not_asked_for_again(
    store: Store, server: Server, state: PullState
):
    server.plans = {"1": [SourceRefused(WORDS, status=404)]}
    listed(store, state, ["1"])
    report = fetch(store, server, state)
    assert (report.absent, report.failed) == (1, 0)
    assert counts(store, state) == {"absent": 1}
    assert fetch(store, server, state).absent == 0


def test_a_medium_of_a_record_that_is_hidden_from_us_is_asked_for_again(store: Store, server: Server, state: PullState):
    server.media = {"1": b"one"}
    server.plans = {"1": [SourceRefused(WORDS, status=404)]}
    server.hidden = {"1"}
    listed(store, state, ["1"])
    report = fetch(store, server, state)
    assert (report.absent, report.failed) == (0, 1)
    server.hidden = set()
    assert fetch(store, server, state).received == 1


def test_one_that_cannot_be_had_holds_up_no_other_and_is_asked_for_again(
    store: Store, server: Server, state: PullState
):
    server.media = {"1": b"one", "2": b"two", "3": b"three"}
    server.plans = {"1": [SourceRefused(WORDS, status=403)], "2": [SourceUnavailable(WORDS, status=500)]}
    listed(store, state, ["1", "2", "3"])
    report = fetch(store, server, state)
    assert (report.received, report.failed, report.reason) == (1, 2, WORDS)
    assert fetch(store, server, state).received == 2
    assert counts(store, state) == {"received": 3}


def test_a_server_that_is_not_there_is_given_up_soon(store: Store, server: Server, state: PullState):
    ids = [str(record) for record in range(40)]
    server.plans = {record: [SourceUnavailable(WORDS)] for record in ids}
    listed(store, state, ids)
    assert fetch(store, server, state).failed == UNANSWERED_IN_A_ROW
    assert len(server.asked) < UNANSWERED_IN_A_ROW + 4


def test_files_that_never_come_do_not_keep_others_from_coming(store: Store, server: Server, state: PullState):
    ids = [str(record) for record in range(20)]
    server.media = dict.fromkeys(ids, b"photo")
    server.plans = {record: [SourceUnavailable(WORDS, status=500)] for record in ids[:15]}
    listed(store, state, ids)
    report = fetch(store, server, state)
    assert (report.received, report.failed) == (5, 15)


def test_a_refused_credential_ends_it(store: Store, server: Server, state: PullState):
    ids = [str(record) for record in range(30)]
    server.plans = {record: [SourceRefused(WORDS, status=401)] for record in ids}
    listed(store, state, ids)
    with pytest.raises(SourceRefused):
        fetch(store, server, state)
    assert len(server.asked) <= 8


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["begin", "write", "note", "keep", "row", "after"])
def test_a_crash_between_any_two_steps_loses_nothing_and_keeps_nothing_twice(
    store: Store, server: Server, state: PullState, monkeypatch: pytest.MonkeyPatch, moment: str
):
    content = b"0123456789abcdef" * 4
    server.media, server.etags = {"1": content}, {"1": '"e1"'}
    listed(store, state, ["1"])
    monkeypatch.setattr(partial_media, "NOTED_EVERY", 16)

    def crash(*_arguments: Any, **_options: Any) -> Any:
        raise Crash

    def crash_late(real: Any, after: int) -> Any:
        calls = iter(range(after))

        def deed(*arguments: Any) -> Any:
            result = real(*arguments)
            if next(calls, None) is None:
                raise Crash
            return result

        return deed

    part = partial_media.PartialMedium
    with monkeypatch.context() as cut:
        # A process that ends runs no clean-up.
        cut.setattr(part, "__exit__", lambda *_arguments: None)
        if moment == "begin":
            cut.setattr(part, "begin", crash_late(part.begin, 0))
        elif moment == "write":
            cut.setattr(part, "write", crash_late(part.write, 9))
        elif moment == "note":
            cut.setattr(part, "_note_progress", crash)
        elif moment == "keep":
            cut.setattr(MediaFolder, "make_durable", crash_late(MediaFolder.make_durable, 1))
        elif moment == "row":
            cut.setattr("sync.pulling.media.receive_medium", crash)
        else:
            cut.setattr("sync.pulling.media._with", crash)
        with pytest.raises(Crash):
            fetch(store, server, state, concurrency=1)
    report = fetch(store, server, state)
    assert report.received == (0 if moment == "after" else 1)
    assert held(store, "1") == content
    assert kept_files(store) == 1
    assert parts(store) == []
    with store.database.read() as connection:
        assert media_to_fetch(connection, state.key, limit=9) == []
    if moment == "write":
        assert server.asked[-1] == ("1", 32, '"e1"')


def test_only_bytes_that_are_noted_are_trusted(store: Store, server: Server, state: PullState):
    server.media, server.etags = {"1": b"0123456789abcdef"}, {"1": '"e1"'}
    server.plans = {"1": [8, 0, 0]}
    listed(store, state, ["1"])
    fetch(store, server, state)
    (content,) = (path for path in parts(store) if path.suffix != ".json")
    with content.open("ab") as file:
        file.write(b"\0\0\0\0")  # what a power cut may leave behind the bytes that were synced
    fetch(store, server, state)
    assert [offset for _, offset, _ in server.asked] == [0, 8, 8, 8]
    assert held(store, "1") == b"0123456789abcdef"


def test_a_note_that_cannot_be_read_or_promises_too_much_starts_anew(store: Store, server: Server, state: PullState):
    server.media, server.etags = {"1": b"0123456789abcdef", "2": b"fedcba9876543210"}, {"1": '"e1"', "2": '"e2"'}
    server.plans = {"1": [8, 0, 0], "2": [8, 0, 0]}
    listed(store, state, ["1", "2"])
    fetch(store, server, state)
    first, second = (path for path in parts(store) if path.suffix == ".json")
    first.write_text("{")
    second.write_text(second.read_text().replace(": 8", ": 800"))
    fetch(store, server, state)
    assert [offset for _, offset, _ in server.asked[-2:]] == [0, 0]
    assert (held(store, "1"), held(store, "2")) == (b"0123456789abcdef", b"fedcba9876543210")


def test_parts_that_nobody_went_on_with_for_a_month_are_swept(store: Store, server: Server, state: PullState):
    server.media, server.etags = {"1": b"0123456789abcdef"}, {"1": '"e1"'}
    server.plans = {"1": [8, 0, 0, SourceUnavailable(WORDS), SourceUnavailable(WORDS)]}
    listed(store, state, ["1"])
    fetch(store, server, state)
    assert len(parts(store)) == 2
    later = AT + timedelta(days=29)
    fetch(store, server, state, wires=Wires(clock=lambda: later))
    assert len(parts(store)) == 2
    later = AT + timedelta(days=31)
    fetch(store, server, state, wires=Wires(clock=lambda: later))
    assert parts(store) == []


def test_no_name_of_the_server_is_written_to_disk(store: Store, server: Server, state: PullState):
    server.media, server.etags, server.plans = {"../../1": b"0123456789"}, {"../../1": "../e"}, {"../../1": [4, 0, 0]}
    listed(store, state, ["../../1"])
    fetch(store, server, state)
    names = [path.name.partition("-")[0].removesuffix(".json") for path in parts(store)]
    assert len(names) == 2
    assert all(len(name) == 64 and set(name) <= set("0123456789abcdef") for name in names)
