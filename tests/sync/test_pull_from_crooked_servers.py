"""What a server sends that no server should: a pull ends with words that a person can act on, and believes nothing.

Failures of the network are test_http's and test_pull_histories'.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from servers.faults import Call, Fault
from servers.pulls import assert_store_equals_server, fresh_store, pull
from servers.reply import Reply, Request
from servers.worlds import Answers, wires
from servers.worlds_central import CentralWorld
from servers.worlds_kobo import KoboWorld

from forms.errors import JekafoError
from store.kept import Store
from store.mirror.states import pull_states
from sync.errors import SourceReplyUnexpected
from sync.http.client import HttpClient
from sync.http.exchange import Limits
from sync.sources.kobo.content import workbook_of_content
from sync.sources.kobo.data import LISTED, Data


@pytest.fixture
def store() -> Iterator[Store]:
    with fresh_store() as store:
        yield store


def says(change: Callable[[Any], object]) -> Fault:
    """The server's JSON, changed in place; what it then holds goes out as JSON can just be written."""

    def fault(call: Call) -> Reply:
        reply = call.answer()
        value = json.loads(reply.body)
        change(value)
        return Reply(reply.status, {"Content-Type": "application/json"}, json.dumps(value).encode())

    return fault


def lists_of_kobo(request: Request) -> bool:
    return request.path.endswith("/data/") and "_id" in request.query.get("fields", "")


def lists_of_central(request: Request) -> bool:
    return request.path.endswith(".svc/Submissions")


def row(key: str, value: object) -> Callable[[Any], None]:
    def change(page: Any) -> None:
        for each in page.get("results", page.get("value")):
            (each["__system"] if key in each.get("__system", ()) else each)[key] = value

    return change


CROOKED = [
    ("_id", -5), ("_id", "9" * 5000), ("_id", True), ("_id", float("nan")), ("_uuid", []), ("_uuid", "\ud800"),
    ("_validation_status", "approved"), ("_validation_status", [1]), ("_attachments", {"a": 1}),
    ("_attachments", ["a"]), ("_submission_time", "yesterday"), ("_submission_time", "0001-01-01T00:00:00"),
]  # fmt: skip
CROOKED_CENTRAL = [
    ("__id", ["uuid:1"]), ("__id", ""), ("edits", float("inf")), ("edits", None), ("submitterName", {"a": 1}),
    ("deviceId", 5), ("formVersion", ["1"]), ("submissionDate", "0001-01-01T00:00:00.000Z"),
    ("updatedAt", "9999-12-31T23:59:59.999Z"), ("reviewState", {"a": "b"}), ("attachmentsExpected", "1e400"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), CROOKED)
def test_a_crooked_row_of_kobotoolbox_ends_the_pull_with_words(key: str, value: object, store: Store):
    world = KoboWorld()
    world.submit(Answers(photo="p.jpg"), {"p.jpg": b"bytes"})
    world.faults.when(lists_of_kobo, says(row(key, value)))
    with pytest.raises(SourceReplyUnexpected):
        pull(world, store)


@pytest.mark.parametrize(("key", "value"), CROOKED_CENTRAL)
def test_a_crooked_row_of_central_ends_the_pull_with_words(key: str, value: object, store: Store):
    world = CentralWorld()
    world.submit(Answers())
    world.faults.when(lists_of_central, says(row(key, value)))
    with pytest.raises(SourceReplyUnexpected):
        pull(world, store)


@pytest.mark.parametrize("count", [-1, True, None, "many", "9" * 5000, float("inf")])
def test_a_count_that_is_none_deletes_nothing(count: object, store: Store):
    world = KoboWorld()
    for _ in range(3):
        world.submit(Answers())
    pull(world, store)
    world.faults.when(lists_of_kobo, says(lambda page: page.update(count=count, results=[])))
    with pytest.raises(SourceReplyUnexpected):
        pull(world, store, sweep=True)
    world.faults.heal()
    assert_store_equals_server(world, store)


@pytest.mark.parametrize(
    "form",
    [
        {"xmlFormId": None}, {"xmlFormId": ["household"]}, {"xmlFormId": "x" * 300}, {"projectId": "9" * 5000},
        {"projectId": None},
    ],
)  # fmt: skip
def test_a_form_of_central_without_a_usable_id_is_none(form: dict[str, Any]):
    world = CentralWorld()
    world.faults.when(lambda request: request.path.endswith("/forms/household"), says(lambda said: said.update(form)))
    with pytest.raises(SourceReplyUnexpected):
        world.remote_form(world.source())


@pytest.mark.parametrize("verbs", [[None], [["submission.list"]], [{"a": 1}], "submission.list", None])
def test_rights_that_are_no_words_are_none_to_rely_on(verbs: object, store: Store):
    world = CentralWorld()
    world.faults.when(lambda request: request.path.endswith("/projects/1"), says(lambda said: said.update(verbs=verbs)))
    with pytest.raises(SourceReplyUnexpected):
        pull(world, store)


TITLE = "A\x1b[31m \u202ered\x00\n survey"


def test_a_title_is_one_line_of_signs_that_people_see(store: Store):
    central, kobo = CentralWorld(), KoboWorld()
    for world, path in ((central, "/forms/household"), (kobo, f"/assets/{kobo.asset.uid}/")):
        world.faults.when(
            lambda request, path=path: request.path.endswith(path), says(lambda said: said.update(name=TITLE))
        )
    for world in (central, kobo):
        assert world.remote_form(world.source()).title == "A[31m red survey"
    kobo.submit(Answers())
    assert pull(kobo, store).new == 1


@pytest.mark.parametrize(
    "content",
    [
        {"survey": 5}, {"survey": ["a"]}, {"choices": "x"}, {"settings": -1}, {"settings": ["a"]}, {"translated": 1},
        {"translations": [["fr"]]}, {"translations": ["\x0b"]},
    ],
)  # fmt: skip
def test_a_version_that_somebody_wrote_by_the_api_into_no_form_is_refused_by_itself(content: dict[str, Any]):
    with pytest.raises(JekafoError, match="form builder"):
        workbook_of_content(content, form_id="f", version="v", title="t")


def test_a_version_that_the_server_has_not_got_is_asked_for_once_a_pull(store: Store):
    world = CentralWorld()
    for _ in range(5):
        world.submit(Answers())
    unknown = Reply(200, {"Content-Type": "application/json"}, b"[]")
    asked: list[str] = []

    def none(call: Call) -> Reply:
        asked.append(call.request.path)
        return unknown

    world.faults.when(lambda request: request.path.endswith("/versions"), none)
    report = pull(world, store)
    assert report.set_aside == 5
    assert len(asked) == 1


def test_a_clock_that_was_set_back_does_not_put_off_the_daily_sweep(store: Store):
    world = KoboWorld()
    world.submit(Answers())
    world.clock.advance(timedelta(days=366).total_seconds())
    assert pull(world, store).swept
    with store.database.read() as connection:
        (state,) = pull_states(connection)
    assert state.swept_at is not None
    world.clock.advance(-timedelta(days=365).total_seconds())
    assert pull(world, store).swept


def test_records_that_are_too_much_for_one_reply_are_asked_for_fewer_at_once():
    world = KoboWorld()
    for number in range(12):
        world.submit(Answers(photo="p.jpg"), {"p.jpg": f"bytes {number}".encode()})
    asking = HttpClient(
        base="https://kf.kobo.test",
        wires=wires(world, world.server),
        headers=lambda: {"Authorization": f"Token {world.state.token_of('sync')}"},
        limits=Limits(most_bytes=8_000),
    )
    data = Data(asking, world.asset.uid)
    pages = list(data.pages({}, LISTED))
    assert sum(len(page) for page in pages) == 12
    assert len(pages) > 1
