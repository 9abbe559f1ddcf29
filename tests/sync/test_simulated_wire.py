"""The wire between a client and a simulated server: what goes wrong on it, in this process and on real sockets."""

from collections.abc import Callable

import pytest
import requests
from servers.faults import (
    Crash,
    Fault,
    Faults,
    answers,
    cut_json,
    foreign_next,
    gzipped,
    login_page,
    redirects,
    refused,
    reset,
    reset_after_the_deed,
    slow,
    truncated,
)
from servers.household import household_content, household_xml
from servers.kobo import KoboServer
from servers.transport import Log, adapter_for, serve

OTHER = "elsewhere.example"


class Wire:
    """A server with three records, a plan of faults, and a client."""

    def __init__(self) -> None:
        self.server, self.faults, self.log = KoboServer(), Faults(), Log()
        self.server.add_user("owner")
        self.asset = self.server.add_asset("owner", "Household baseline", household_content())
        for number in (1, 2, 3):
            self.server.submit(self.asset, household_xml(self.asset, number))
        self.client = requests.Session()
        self.client.mount("https://", adapter_for(self.server, self.faults, self.log))
        self.client.headers["Authorization"] = f"Token {self.server.token_of('owner')}"
        self.base = self.server.address

    def url(self, path: str = "data/") -> str:
        return f"{self.base}/api/v2/assets/{self.asset.uid}/{path}"

    def get(self, path: str = "data/") -> requests.Response:
        return self.client.get(self.url(path), params={"limit": "2"}, timeout=(1, 5))


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refused(), requests.ConnectionError),
        (reset(), requests.ConnectionError),
        (reset_after_the_deed(), requests.ConnectionError),
        (truncated(40), requests.exceptions.ChunkedEncodingError),
        (gzipped(cut_at=40), requests.exceptions.ChunkedEncodingError),
        (slow(3600), requests.ReadTimeout),
    ],
)
def test_a_broken_connection_is_the_error_that_requests_raises(wire: Wire, fault: Fault, error: type[Exception]):
    wire.faults.at(1, fault)

    with pytest.raises(error):
        wire.get()
    assert wire.get().json()["count"] == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refused(), requests.ConnectionError),
        (reset(), requests.ConnectionError),
        (truncated(40), requests.exceptions.ChunkedEncodingError),
        (gzipped(cut_at=40), requests.exceptions.ChunkedEncodingError),
        (slow(3600), requests.ReadTimeout),
    ],
)
def test_sockets_break_as_the_process_does(wire: Wire, fault: Fault, error: type[Exception]):
    wire.faults.at(1, fault)
    with serve(wire.server, wire.faults, wire.log) as base:
        wire.base = base
        with pytest.raises(error):
            wire.client.get(wire.url(), timeout=(1, 0.05))

        answered = wire.get().json()

    assert answered["count"] == 3
    assert answered["next"].startswith(base)
    assert 200 in [logged.status for logged in wire.log]


def test_a_compressed_body_reads_like_another(wire: Wire):
    wire.faults.at(1, gzipped())

    assert wire.get().json() == wire.get().json()


def test_a_body_can_end_early_and_look_complete(wire: Wire):
    wire.faults.at(1, cut_json(40))

    answered = wire.get()

    assert len(answered.content) == 40
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answered.json()


@pytest.mark.parametrize(
    ("fault", "status"),
    [(answers(429, retry_after=7), 429), (answers(502), 502), (answers(503), 503), (login_page(), 200)],
)
def test_a_proxy_answers_with_a_page_for_people(wire: Wire, fault: Fault, status: int):
    wire.faults.at([1], fault)

    answered = wire.get()

    assert (answered.status_code, answered.headers["Content-Type"].startswith("text/html")) == (status, True)
    assert answered.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_a_slow_answer_moves_the_clock_and_obeys_the_clients_patience(wire: Wire):
    begin = wire.server.clock.now()
    wire.faults.at(1, slow(4)).at(2, slow(90))

    wire.get()
    assert (wire.server.clock.now() - begin).total_seconds() == 4
    with pytest.raises(requests.ReadTimeout):
        wire.get()
    assert (wire.server.clock.now() - begin).total_seconds() == 9


def test_links_and_redirects_lead_elsewhere_and_the_log_shows_where_a_credential_went(wire: Wire):
    wire.faults.at(1, foreign_next(OTHER)).at(2, redirects(f"https://{OTHER}/login"))

    following = wire.get().json()["next"]
    wire.client.get(following)
    wire.get("")

    assert following.startswith(f"https://{OTHER}/")
    assert wire.log.hosts_given_a_credential() == {wire.server.host, OTHER}
    assert [(logged.host, logged.credential) for logged in wire.log][-1] == (OTHER, False)


def test_faults_come_by_what_is_asked_so_many_times(wire: Wire):
    wire.faults.when(lambda request: request.path.endswith("/data/"), answers(503), times=2)

    assert [wire.get(path).status_code for path in ("data/", "", "data/", "data/")] == [503, 200, 503, 200]


def test_faults_last_from_a_request_on(wire: Wire):
    wire.faults.from_on(2, answers(500))

    assert [wire.get().status_code for _ in range(3)] == [200, 500, 500]
    wire.faults.heal()
    assert wire.get().status_code == 200


def test_something_happens_right_before_an_answer(wire: Wire):
    wire.faults.before(2, lambda: wire.server.delete(wire.asset, wire.asset.records[1].root))
    wire.faults.before(3, lambda: wire.server.revoke_token("owner"))

    assert [wire.get().json().get("count") for _ in range(3)] == [3, 2, None]


@pytest.mark.parametrize(
    ("plan", "left"), [(Faults.crash_at, 3), (Faults.crash_after, 2)], ids=["before the deed", "after the deed"]
)
def test_a_client_dies_at_a_request(wire: Wire, plan: Callable[[Faults, int], Faults], left: int):
    plan(wire.faults, 1)

    with pytest.raises(Crash):
        wire.client.delete(wire.url("data/1/"))

    assert wire.get().json()["count"] == left


def test_a_crash_is_not_caught_as_an_error():
    assert not issubclass(Crash, Exception)
