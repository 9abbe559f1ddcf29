"""Lists of ODK Central's submissions are complete, whatever happens on the server while they are read."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from central_survey import HOST, World, instance, uuid
from servers.faults import Call, answers
from servers.reply import Reply, Request

from sync.errors import SourceReplyUnexpected
from sync.sources.central import odata


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "tokens")


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odata, "PAGE_ROWS", 3)


@pytest.mark.usefixtures("small_pages")
def test_a_sweep_gives_every_submission_once(world: World) -> None:
    world.submit(*range(1, 12))
    assert world.source.count(world.form) == 11
    assert world.listed() == [uuid(number) for number in range(11, 0, -1)]


def test_a_sweep_of_nothing_gives_nothing(world: World) -> None:
    assert world.listed() == []
    assert world.source.count(world.form) == 0


@pytest.mark.usefixtures("small_pages")
def test_rows_of_one_millisecond_are_all_there_and_none_twice(world: World) -> None:
    world.submit(1, 2)
    world.submit(*range(3, 14), seconds=0)
    world.clock.advance(1)
    world.submit(14, 15)
    listed = world.listed()
    assert sorted(listed) == [uuid(number) for number in range(1, 16)]


@pytest.mark.usefixtures("small_pages")
def test_what_came_while_pages_were_read_pushes_nothing_out(world: World) -> None:
    world.submit(*range(1, 9))
    listed = []
    for number, batch in enumerate(world.source.inventory(world.form)):
        listed += [mark.remote_id for mark in batch.fingerprints]
        world.submit(20 + number)
    assert set(listed) >= {uuid(number) for number in range(1, 9)}
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("fate", ["deleted", "purged"])
@pytest.mark.usefixtures("small_pages")
def test_what_is_deleted_or_purged_under_a_sweep_loses_none_of_the_others(world: World, fate: str) -> None:
    world.submit(*range(1, 12))
    listed: list[str] = []
    gone: set[str] = set()
    for batch in world.source.inventory(world.form):
        listed += [mark.remote_id for mark in batch.fingerprints]
        # The row that the server's own cursor would name, one that was listed and one that was not yet.
        for victim in {listed[-1], listed[0], uuid(2)} - gone:
            world.server.delete(victim)
            gone.add(victim)
        if fate == "purged":
            world.server.purge()
    assert set(listed) >= {uuid(number) for number in range(1, 12)} - gone
    assert len(listed) == len(set(listed))


@pytest.mark.usefixtures("small_pages")
def test_no_cursor_of_the_server_is_ever_used(world: World) -> None:
    world.submit(*range(1, 9))
    world.listed()
    assert not any("$skiptoken" in asked.query for asked in world.log)


@pytest.mark.usefixtures("small_pages")
def test_pages_are_read_from_the_address_in_the_settings_whatever_host_the_server_thinks_it_has(world: World) -> None:
    world.submit(*range(1, 9))

    def as_the_proxy_sees_it(call: Call) -> Reply:
        reply = call.answer()
        return Reply(reply.status, reply.headers, reply.body.replace(b"https://central.test", b"http://10.0.0.7:8383"))

    world.faults.when(lambda request: ".svc/" in request.path, as_the_proxy_sees_it)
    assert len(world.listed()) == 8
    assert world.log.hosts_given_a_credential() == {HOST}
    assert {asked.host for asked in world.log} == {HOST}


@pytest.mark.usefixtures("small_pages")
def test_a_page_that_is_short_of_its_count_is_not_taken_for_the_end(world: World) -> None:
    world.submit(*range(1, 9))

    def empty(call: Call) -> Reply:
        reply = call.answer()
        body = b'{"value":[],"@odata.count":8}'
        return Reply(reply.status, reply.headers, body) if reply.status == 200 else reply

    def is_page(request: Request) -> bool:
        return ".svc/" in request.path

    world.faults.when(is_page, empty, times=2)
    assert len(world.listed()) == 8
    world.faults.heal()
    world.faults.when(is_page, empty)
    with pytest.raises(SourceReplyUnexpected):
        world.listed()


@pytest.mark.usefixtures("small_pages")
def test_a_server_that_does_not_look_at_the_condition_is_noticed(world: World) -> None:
    world.submit(*range(1, 9))

    def unfiltered(call: Call) -> Reply:
        query = {name: value for name, value in call.request.query.items() if name != "$filter"}
        return world.server.handle(
            "GET", f"https://{HOST}{call.request.path}?{urlencode(query)}", call.request.headers, None
        )

    world.faults.when(lambda request: ".svc/" in request.path, unfiltered)
    with pytest.raises(SourceReplyUnexpected):
        world.listed()
    with pytest.raises(SourceReplyUnexpected):
        list(world.source.look(world.form, [uuid(1)]))


@pytest.mark.usefixtures("small_pages")
def test_a_sweep_goes_on_where_its_token_expired(world: World) -> None:
    world.submit(*range(1, 12))
    listed = []
    for batch in world.source.inventory(world.form):
        listed += [mark.remote_id for mark in batch.fingerprints]
        world.clock.advance(timedelta(hours=25).total_seconds())
    assert len(listed) == 11


@pytest.mark.usefixtures("small_pages")
def test_a_sweep_goes_on_where_its_session_was_ended(world: World) -> None:
    world.submit(*range(1, 12))
    for _ in world.source.inventory(world.form):
        world.server.people.end_all()
    assert world.listed() == [uuid(number) for number in range(11, 0, -1)]


def test_a_busy_server_is_waited_for(world: World) -> None:
    world.submit(1)
    world.faults.when(lambda request: ".svc/" in request.path, answers(503, retry_after=7), times=2)
    assert world.listed() == [uuid(1)]


def test_looking_gives_what_is_there_in_requests_of_bearable_length(world: World) -> None:
    world.submit(*range(1, 5))
    world.server.delete(uuid(3))
    asked = [uuid(number) for number in range(1, 401)]
    world.log.clear()
    found = [mark.remote_id for mark in world.source.look(world.form, [*asked, uuid(1)])]
    assert sorted(found) == [uuid(1), uuid(2), uuid(4)]
    assert 4 <= len([one for one in world.log if ".svc/" in one.path]) <= 6
    assert {mark.root_id for mark in world.source.find(world.form, [uuid(2), uuid(3)])} == {uuid(2)}
    assert list(world.source.look(world.form, [])) == []


def test_an_id_with_a_quote_in_it_is_looked_up_as_it_is(world: World) -> None:
    world.server.submit(instance(1).replace(uuid(1).encode(), b"uuid:d'Ebolowa/1 &amp; 2"))
    (mark,) = world.source.look(world.form, ["uuid:d'Ebolowa/1 & 2"])
    assert mark.remote_id == "uuid:d'Ebolowa/1 & 2"
    assert list(world.source.look(world.form, ["uuid:x' or __id ne 'y"])) == []
