"""What every source keeps to, whatever server it is of: `sync.source.Source`, held against all kinds in the registry.

A new kind joins by a world here; without one, the first test fails.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from servers.faults import (
    Fault,
    answers,
    cut_json,
    foreign_next,
    gzipped,
    login_page,
    redirects,
    refused,
    reset,
    slow,
    truncated,
)
from servers.transport import serve
from servers.worlds import Answers
from servers.worlds_central import CentralWorld
from servers.worlds_folder import FolderWorld
from servers.worlds_kobo import KoboWorld

from forms.form import Form
from forms.submission import Submission
from forms.xform.read import read_xform
from sync.errors import SourceError, SourceRefused, SourceReplyUnexpected, SourceUnavailable
from sync.source import Batch, Cursor, Fingerprint, Record, RemoteForm, RemoteMedium, Review, Source
from sync.sources import connect, kinds
from sync.sources.settings import SourceSettings
from sync.wires import Wires

WORLDS: dict[str, Callable[[], Any]] = {"kobo": KoboWorld, "central": CentralWorld, "folder": FolderWorld}
REMOTE = ("kobo", "central")
"""Those that are reached over a network, with a credential."""

ABSENT_IDS = ("999999", "uuid:00000000-0000-4000-8000-000000000000")
BYTES = b"0123456789 bytes of a photo"


def test_every_kind_of_source_in_the_registry_has_a_world_here() -> None:
    assert set(WORLDS) == set(kinds())


@dataclass
class Place:
    """A world with a few interviews, and a source that talks to it."""

    world: Any
    roots: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        photographed = Answers(photo="p.jpg", members=("a", "b"))
        for each, files in (
            (Answers(name="Awa"), None),
            (Answers(name="Élise &amp; fils", income="", why="because"), None),
            (photographed, {"p.jpg": BYTES}),
            (photographed, None),
            (Answers(name="Edited soon"), None),
        ):
            self.world.clock.advance(1200)
            self.roots.append(self.world.submit(each, files))
        self.world.edit(self.roots[4], Answers(name="Edited", income="1e3"))
        self.world.clock.advance(1200)
        self.source: Source = self.world.source()
        self.form: RemoteForm = self.world.remote_form(self.source)

    @property
    def photographed(self) -> str:
        return self.roots[2]

    @property
    def awaiting(self) -> str:
        return self.roots[3]

    def marks(self) -> dict[str, Fingerprint]:
        """What the inventory lists, by root id; none twice."""
        listed = [mark for batch in self.source.inventory(self.form) for mark in batch.fingerprints]
        assert len({mark.remote_id for mark in listed}) == len({mark.root_id for mark in listed}) == len(listed)
        return {mark.root_id: mark for mark in listed}

    def ids(self) -> list[str]:
        return [mark.remote_id for mark in self.marks().values()]

    def form_of(self, name: str) -> Form:
        """A form that is kept here under other names than on the server."""
        return ours(self.source, self.form, name)

    def fetched(self) -> dict[str, Record]:
        records = list(self.source.fetch(self.form, self.ids(), self.form_of))
        by_root = {record.fingerprint.root_id: record for record in records}
        assert len(by_root) == len(records)
        return by_root

    def record(self, root: str) -> Record:
        return self.fetched()[root_id(root)]

    def photo(self) -> tuple[str, RemoteMedium]:
        record = self.record(self.photographed)
        (medium,) = record.media
        return record.fingerprint.remote_id, medium

    def everything(self, source: Source) -> None:
        """Ask a source everything that a pull asks for."""
        form = self.world.remote_form(source)
        list(source.forms())
        source.access(form)
        source.count(form)
        list(source.changes(form, None) or ())
        marks = [mark for batch in source.inventory(form) for mark in batch.fingerprints]
        list(source.look(form, [mark.remote_id for mark in marks]))
        list(source.find(form, [mark.root_id for mark in marks]))
        for record in source.fetch(form, [mark.remote_id for mark in marks], partial(ours, source, form)):
            for medium in record.media:
                if medium.is_there:
                    remote_id = record.fingerprint.remote_id
                    b"".join(source.download(form, remote_id, medium, offset=0, etag=None).chunks)


def ours(source: Source, form: RemoteForm, name: str) -> Form:
    read = read_xform(source.version(form, name).xform)
    return replace(read, form_id="ours", version=f"{read.version} of ours")


def root_id(root: str) -> str:
    return root if root.startswith("uuid:") else f"uuid:{root}"


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    return Place(WORLDS[request.param]())


every_kind = pytest.mark.parametrize("place", WORLDS, indirect=True)
every_server = pytest.mark.parametrize("place", REMOTE, indirect=True)


# --- forms, lists, records --------------------------------------------------------------------------------------------


@every_kind
def test_one_form_asked_for_is_the_one_in_the_list(place: Place) -> None:
    listed = list(place.source.forms())
    assert place.form in listed
    assert [place.source.form(form.remote_id) for form in listed] == listed
    assert place.form.proposed_form_id == "household"


@every_kind
@pytest.mark.parametrize("remote_id", ["nothing", "1/nothing", "aNothing", "", "../me", "1/../household"])
def test_a_form_that_is_not_there_is_refused(place: Place, remote_id: str) -> None:
    with pytest.raises(SourceRefused):
        place.source.form(remote_id)


@every_kind
def test_the_inventory_is_complete_without_repeats_and_as_long_as_the_count(place: Place) -> None:
    assert set(place.marks()) == place.world.roots()
    assert place.source.count(place.form) == len(place.roots)
    assert all(batch.cursor is None for batch in place.source.inventory(place.form))


@every_kind
def test_looks_leave_out_what_is_not_there(place: Place) -> None:
    marks = place.marks()
    asked = [*ABSENT_IDS, *(mark.remote_id for mark in marks.values())]
    assert {mark.root_id: mark for mark in place.source.look(place.form, asked)} == marks
    assert {mark.root_id: mark for mark in place.source.find(place.form, [ABSENT_IDS[1], *marks])} == marks
    place.world.delete(place.roots[0])
    gone = marks.pop(root_id(place.roots[0]))
    assert {mark.root_id: mark for mark in place.source.look(place.form, asked)} == marks
    assert list(place.source.look(place.form, [gone.remote_id])) == []
    assert list(place.source.find(place.form, [gone.root_id])) == []
    assert list(place.source.look(place.form, [])) == list(place.source.find(place.form, [])) == []
    assert [
        record.fingerprint.root_id for record in place.source.fetch(place.form, [gone.remote_id], place.form_of)
    ] == []


@every_kind
def test_records_come_under_the_fingerprints_they_are_listed_with(place: Place) -> None:
    assert {root: record.fingerprint for root, record in place.fetched().items()} == place.marks()


@every_kind
def test_two_fetches_are_equal_and_so_are_those_of_two_sources(place: Place) -> None:
    first = place.fetched()
    place.world.clock.advance(3600)
    assert place.fetched() == first
    place.source = place.world.source()
    assert place.fetched() == first
    one_by_one = {
        root: record
        for root, mark in place.marks().items()
        for record in place.source.fetch(place.form, [mark.remote_id], place.form_of)
    }
    assert one_by_one == first


@every_kind
def test_form_and_version_of_a_submission_are_ours_and_its_answers_as_typed(place: Place) -> None:
    record = place.record(place.roots[4])
    submission = record.submission
    assert isinstance(submission, Submission)
    assert (submission.form_id, submission.version.removesuffix(" of ours")) != ("household", submission.version)
    assert submission.form_id == "ours"
    assert submission.answers == {"name": "Edited", "age": "30", "home/income": "1e3", "home/photo": ""} | {
        path: value for path, value in submission.answers.items() if path.startswith("member")
    }
    assert submission.instance_id == place.world.truth()[record.fingerprint.root_id].instance_id
    assert not submission.raw.startswith(b"<?xml")


@every_kind
def test_media_are_listed_as_there_or_not(place: Place) -> None:
    _, medium = place.photo()
    assert (medium.name, medium.is_there) == ("p.jpg", True)
    assert [medium for medium in place.record(place.awaiting).media if medium.is_there] == []


def deeds(place: Place) -> Iterator[Callable[[], None]]:
    world = place.world
    yield lambda: world.edit(place.roots[0], Answers(name="Another"))
    yield lambda: world.edit(place.roots[0], Answers(name="A third"))
    if world.kind != "folder":
        for status in ("approved", "rejected", None, "hasIssues"):
            yield partial(world.review, place.roots[0], status)


@every_kind
def test_the_mark_moves_with_answers_review_and_media_and_no_other_mark_does(place: Place) -> None:
    def after(deed: Callable[[], None], root: str) -> None:
        before = place.marks()
        place.world.clock.advance(60)
        deed()
        now = place.marks()
        assert {each for each in now if now[each].mark != before[each].mark} == {root_id(root)}
        assert {mark.remote_id for mark in now.values()} == {mark.remote_id for mark in before.values()}

    for deed in deeds(place):
        after(deed, place.roots[0])
    after(lambda: place.world.add_file(place.awaiting, "p.jpg", b"late"), place.awaiting)
    after(lambda: place.world.remove_files(place.photographed), place.photographed)


@every_kind
def test_a_feed_begins_with_one_empty_batch_and_tells_what_happens_from_then_on(place: Place) -> None:
    batches = place.source.changes(place.form, None)
    if batches is None:
        assert place.source.changes(place.form, Cursor("{}")) is None
        return
    (begin,) = batches
    assert begin == Batch((), cursor=begin.cursor)
    assert begin.cursor is not None
    place.world.clock.advance(3600)
    place.world.edit(place.roots[0], Answers(name="Edited"))
    new = place.world.submit(Answers(name="New"))
    place.world.delete(place.roots[1])
    told = list(place.source.changes(place.form, begin.cursor) or ())
    named = {mark.root_id for batch in told for mark in batch.fingerprints}
    assert {root_id(place.roots[0]), root_id(new)} <= named
    assert root_id(place.roots[1]) in {root for batch in told for root in batch.absent}
    assert [batch.cursor is None for batch in told] == [True] * (len(told) - 1) + [False]


# --- files ------------------------------------------------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("offset", [0, 1, 10, len(BYTES) - 1])
def test_a_download_goes_on_from_its_offset_as_long_as_the_bytes_are_the_same(place: Place, offset: int) -> None:
    remote_id, medium = place.photo()

    def download(offset: int, etag: str | None) -> tuple[int, bytes, str | None]:
        begun = place.source.download(place.form, remote_id, medium, offset=offset, etag=etag)
        assert begun.size in (None, len(BYTES))
        return begun.offset, b"".join(begun.chunks), begun.etag

    start, whole, etag = download(0, None)
    assert (start, whole) == (0, BYTES)
    start, rest, again = download(offset, etag)
    assert start in (0, offset)
    assert whole[:start] + rest == BYTES
    assert again == etag
    assert download(offset, '"of other bytes"')[:2] == (0, BYTES)


@every_kind
def test_a_download_of_what_is_not_there_is_refused(place: Place) -> None:
    remote_id, medium = place.photo()
    place.world.remove_files(place.photographed)
    with pytest.raises(SourceRefused) as raised:
        b"".join(place.source.download(place.form, remote_id, medium, offset=0, etag=None).chunks)
    assert raised.value.status == 404


# --- the way back -----------------------------------------------------------------------------------------------------


@every_server
@pytest.mark.parametrize("review", [Review.APPROVED, Review.REJECTED, Review.HAS_ISSUES])
def test_a_review_that_is_pushed_is_what_the_server_holds_and_the_next_fetch_says(place: Place, review: Review) -> None:
    mark = place.marks()[root_id(place.roots[0])]
    assert place.source.review(place.form, mark.remote_id, review) is review
    assert place.record(place.roots[0]).review is review
    assert place.world.truth()[mark.root_id].review == review.value


@every_kind
def test_a_review_that_nobody_gives_is_refused(place: Place) -> None:
    with pytest.raises(SourceRefused):
        place.source.review(place.form, place.ids()[0], Review.EDITED)


# --- secrets ----------------------------------------------------------------------------------------------------------


def secrets_of(world: Any) -> list[str]:
    if isinstance(world, KoboWorld):
        return [world.state.token_of("sync")]
    return ["a long password", *world.state.people._sessions]


def holds_no_secret(texts: Iterable[str], secrets: Iterable[str]) -> None:
    told = "\n".join(texts)
    assert [secret for secret in secrets if secret in told] == []


def words_of(error: BaseException | None) -> Iterator[str]:
    """All that an error, and the errors it came from, would show to anybody."""
    while error is not None:
        yield from (str(error), repr(error))
        if isinstance(error, SourceError):
            yield from (error.message.en, error.message.fr, str(error.detail))
        error = error.__cause__ or error.__context__


@every_server
def test_a_secret_stands_in_no_repr_and_in_no_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    place.everything(place.source)
    place.world.faults.from_on(1, answers(503))
    with pytest.raises(SourceError):
        place.everything(place.source)
    secrets = secrets_of(place.world)
    assert len(secrets) == (1 if place.world.kind == "kobo" else 2)
    settings = SourceSettings("s", "kobo", "https://x.test", token="s3cret", password="pa55word", hook_secret="h00k")
    holds_no_secret([repr(settings), str(settings)], ["s3cret", "pa55word", "h00k"])
    holds_no_secret([repr(place.source), str(place.source), caplog.text], secrets)


@every_server
def test_a_secret_stands_in_no_log_of_a_real_connection(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = place.world
    with serve(world.server) as address:
        if isinstance(world, KoboWorld):
            settings = SourceSettings("s", "kobo", address, token=world.state.token_of("sync"))
        else:
            settings = SourceSettings("s", "central", address, username="sync@example.org", password="a long password")
        place.everything(connect(settings, Wires(clock=world.clock.now, sleep=world.clock.sleep)))
    assert "urllib3" in caplog.text
    holds_no_secret([caplog.text], secrets_of(world))


TELLING: dict[str, tuple[Callable[[str], Fault], type[SourceError]]] = {
    "401": (lambda secret: answers(401, body=f'{{"detail":"Invalid token {secret}."}}'.encode()), SourceRefused),
    "403": (lambda secret: answers(403, body=f"<p>{secret} may not</p>".encode()), SourceRefused),
    "404": (lambda secret: answers(404, body=f"no {secret} here".encode()), SourceRefused),
    "500": (lambda secret: answers(500, body=f"Traceback: {secret}".encode()), SourceUnavailable),
    "a page": (lambda _secret: login_page(), SourceReplyUnexpected),
    "redirect": (lambda secret: redirects(f"https://elsewhere.test/{secret}?token={secret}"), SourceRefused),
}


@every_server
@pytest.mark.parametrize("name", TELLING)
def test_an_error_says_no_secret_though_the_server_repeats_it(
    place: Place, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    place.source.count(place.form)
    secrets = secrets_of(place.world)
    fault, kind = TELLING[name]
    place.world.faults.from_on(1, fault(secrets[-1]))
    with pytest.raises(kind) as raised:
        place.source.count(place.form)
    holds_no_secret([*words_of(raised.value), caplog.text], secrets)
    assert len(raised.value.message.fr) > 20


# --- where a credential goes ------------------------------------------------------------------------------------------


@every_server
def test_a_credential_goes_to_the_hosts_of_the_settings_alone(place: Place) -> None:
    world = place.world
    place.everything(place.source)
    assert world.log.hosts_given_a_credential() <= world.server.hosts
    faults: tuple[Fault, ...] = (foreign_next("elsewhere.test"), *map(redirecting, (301, 302, 303, 307, 308)))
    for fault in faults:
        for number in range(1, 12):
            source = world.source()
            world.faults.heal()
            world.faults.from_on(number, json_alone(fault))
            with suppress(SourceError):
                place.everything(source)
    asked = {logged.host for logged in world.log}
    assert world.log.hosts_given_a_credential() <= world.server.hosts
    assert asked <= world.server.hosts, "nothing at all is asked of others"


def redirecting(status: int) -> Fault:
    return redirects("https://elsewhere.test/api/v2/", status)


def json_alone(fault: Fault) -> Fault:
    """The fault, where the answer is a page of JSON or is not looked at."""

    def careful(call: Any) -> Any:
        try:
            return fault(call)
        except (ValueError, TypeError):
            return call.answer()

    return careful


# --- what goes wrong --------------------------------------------------------------------------------------------------

GOES_WRONG: dict[str, tuple[Fault, type[SourceError]]] = {
    "401": (answers(401), SourceRefused),
    "403": (answers(403), SourceRefused),
    "404": (answers(404), SourceRefused),
    "429": (answers(429, retry_after=3), SourceUnavailable),
    "429 that asks for a day": (answers(429, retry_after=86_400), SourceUnavailable),
    "500": (answers(500), SourceUnavailable),
    "502": (answers(502), SourceUnavailable),
    "503": (answers(503, retry_after="Sun, 22 Nov 2026 01:00:07 GMT"), SourceUnavailable),
    "504": (answers(504), SourceUnavailable),
    "nothing listens": (refused(), SourceUnavailable),
    "reset": (reset(), SourceUnavailable),
    "slow for hours": (slow(14_400), SourceUnavailable),
    "truncated": (truncated(20), SourceUnavailable),
    "truncated and compressed": (gzipped(cut_at=20), SourceUnavailable),
    "shorter JSON": (cut_json(20), SourceUnavailable),
    "a page for people": (login_page(), SourceReplyUnexpected),
    "no JSON": (answers(200, body=b"\xff\xfe"), SourceReplyUnexpected),
    "other JSON": (answers(200, body=b"[1]"), SourceReplyUnexpected),
    "redirect": (redirects("https://elsewhere.test/"), SourceRefused),
}


PASSES = [
    name
    for name, (_, kind) in GOES_WRONG.items()
    if kind is SourceUnavailable and name != "429 that asks for a day"  # nobody waits so long
]


def questions(place: Place, source: Source) -> dict[str, Callable[[], object]]:
    form = place.form
    return {
        "form": lambda: source.form(form.remote_id),
        "forms": lambda: list(source.forms()),
        "access": lambda: source.access(form),
        "count": lambda: source.count(form),
        "inventory": lambda: list(source.inventory(form)),
        "look": lambda: list(source.look(form, ["1", place.roots[0]])),
        "find": lambda: list(source.find(form, [root_id(place.roots[0])])),
    }


@every_server
@pytest.mark.parametrize("name", GOES_WRONG)
def test_what_goes_wrong_for_good_is_an_error_of_the_kind_that_says_what_to_do(place: Place, name: str) -> None:
    fault, kind = GOES_WRONG[name]
    source = place.world.source()
    source.count(place.form)
    place.world.faults.from_on(1, fault)
    for question, ask in questions(place, source).items():
        with pytest.raises(SourceError) as raised:
            ask()
        assert type(raised.value) is kind, f"{question}: {raised.value!r}"


@every_server
@pytest.mark.parametrize("name", PASSES)
def test_what_goes_wrong_once_is_not_noticed(place: Place, name: str) -> None:
    source = place.world.source()
    marks = place.marks()
    source.count(place.form)
    for ask in questions(place, source).values():
        place.world.faults.heal()
        place.world.faults.at(1, GOES_WRONG[name][0])
        ask()
    place.world.faults.heal()
    place.world.faults.at(range(1, 40, 3), GOES_WRONG[name][0])
    place.source = source
    assert place.marks() == marks


@every_server
def test_a_compressed_answer_is_no_fault(place: Place) -> None:
    marks = place.marks()
    place.world.faults.from_on(1, gzipped())
    assert place.marks() == marks


# --- what it costs ----------------------------------------------------------------------------------------------------


@every_server
def test_all_requests_are_counted_also_those_that_were_repeated_and_those_to_sign_in(place: Place) -> None:
    world = place.world
    world.clock.advance(40 * 3600)  # sessions are over
    world.log.clear()
    source = world.source()
    world.faults.at((2, 5, 9, 14), answers(503)).at((7, 16), reset()).at(11, truncated(20))
    place.everything(source)
    assert source.requests_made == len(world.log) > 16


def test_a_folder_sends_nothing() -> None:
    place = Place(FolderWorld())
    place.everything(place.source)
    assert (place.source.requests_made, len(place.world.log)) == (0, 0)
