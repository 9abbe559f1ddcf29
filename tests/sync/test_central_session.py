"""Signing in to ODK Central: one token for all threads and runs."""

import json
import stat
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Lock

import pytest
from servers.central_people import RECORDED
from servers.clock import Clock
from servers.reply import Reply
from servers.transport import Log, adapter_for

from sync.errors import SourceRefused, SourceReplyUnexpected
from sync.http.client import HttpClient
from sync.sources.central.session import Session
from sync.sources.settings import SourceSettings
from sync.wires import Wires

ADDRESS = "https://central.example.org"
USERNAME, PASSWORD = "amina@example.org", "not-for-messages"
LASTS = timedelta(hours=24)


class Door:
    """A Central of which only the door is there: it gives out tokens, and lets in who brings one that is good."""

    hosts = frozenset({"central.example.org"})

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.given: list[str] = []
        self.good: set[str] = set()
        self.asked: list[str] = []
        self.lock = Lock()
        self.sign_in_seconds = 0.0
        self.together: Barrier | None = None
        """Where it is set, refusals wait for each other."""
        recorded = json.loads((RECORDED / "004-session-login.json").read_text("utf-8"))
        self.shape: dict[str, str] = json.loads(recorded["response"]["body"])

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        if method == "POST" and url.endswith("/v1/sessions"):
            time.sleep(self.sign_in_seconds)
            with self.lock:
                return self._signed_in(json.loads(body or b""))
        brought = dict(headers).get("authorization", "")
        self.asked.append(brought)
        if brought.removeprefix("Bearer ") in self.good:
            return _json(200, [])
        if self.together is not None:
            self.together.wait()
        return _json(401, _REFUSED)

    def forget(self) -> None:
        """All sessions end."""
        self.good.clear()

    def _signed_in(self, said: Mapping[str, str]) -> Reply:
        if said != {"email": USERNAME, "password": PASSWORD}:
            return _json(401, _REFUSED)
        token = f"token-{len(self.given) + 1}"
        self.given.append(token)
        self.good.add(token)
        created_at, expires_at = (
            at.strftime("%Y-%m-%dT%H:%M:%S.000Z") for at in (self.clock.now(), self.clock.now() + LASTS)
        )
        return _json(200, {**self.shape, "token": token, "createdAt": created_at, "expiresAt": expires_at})


_REFUSED = {"message": "Could not authenticate with the provided credentials.", "code": 401.2}


def _json(status: int, value: object) -> Reply:
    return Reply(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode())


def settings(**changed: str | None) -> SourceSettings:
    given = {"username": USERNAME, "password": PASSWORD, **changed}
    return SourceSettings(name="enquete", kind="central", address=ADDRESS, **given)  # type: ignore[arg-type]  # texts all


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Door:
    return Door(clock)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def wires(door: Door, clock: Clock, log: Log, tmp_path: Path) -> Wires:
    return Wires(
        clock=clock.now,
        sleep=clock.sleep,
        chance=lambda: 0.0,
        adapter=lambda: adapter_for(door, log=log),
        folder=tmp_path / "tokens",
    )


def client_of(session: Session, wires: Wires) -> HttpClient:
    return HttpClient(
        base=ADDRESS, wires=wires, headers=session.headers, on_unauthorized=session.renew, secrets=session.secrets
    )


def opened(wires: Wires, **changed: str | None) -> HttpClient:
    return client_of(Session(settings(**changed), wires), wires)


def test_nothing_is_asked_before_the_first_request(wires: Wires, log: Log) -> None:
    opened(wires)
    assert len(log) == 0


def test_signing_in_happens_once_for_all_requests_of_a_run(door: Door, wires: Wires) -> None:
    client = opened(wires)
    for _ in range(5):
        client.get_json("/v1/projects")
    assert door.given == ["token-1"]


def test_the_next_run_goes_on_with_the_token_of_the_last(door: Door, wires: Wires) -> None:
    opened(wires).get_json("/v1/projects")
    opened(wires).get_json("/v1/projects")
    assert door.given == ["token-1"]


def test_the_kept_token_is_for_its_owner_alone_and_the_password_is_not_kept(wires: Wires) -> None:
    opened(wires).get_json("/v1/projects")
    assert wires.folder is not None
    (file,) = wires.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(wires.folder.stat().st_mode) == 0o700
    kept = file.read_text("utf-8")
    assert "token-1" in kept
    assert PASSWORD not in kept
    assert USERNAME not in kept + file.name


def test_another_account_does_not_get_the_kept_token(wires: Wires) -> None:
    opened(wires).get_json("/v1/projects")
    with pytest.raises(SourceRefused):
        opened(wires, username="bakary@example.org", password="another").get_json("/v1/projects")


def test_a_token_is_renewed_when_less_than_five_minutes_are_left(door: Door, clock: Clock, wires: Wires) -> None:
    client = opened(wires)
    client.get_json("/v1/projects")
    clock.advance((LASTS - timedelta(minutes=6)).total_seconds())
    client.get_json("/v1/projects")
    assert door.given == ["token-1"]
    clock.advance(90)
    client.get_json("/v1/projects")
    assert door.given == ["token-1", "token-2"]


def test_a_clock_that_is_days_ahead_does_not_sign_in_with_each_request(door: Door, clock: Clock, wires: Wires) -> None:
    client = opened(replace(wires, clock=lambda: clock.now() + timedelta(days=3)))
    for _ in range(3):
        client.get_json("/v1/projects")
    assert door.given == ["token-1"]


def test_a_folder_that_cannot_be_written_costs_no_pull(door: Door, wires: Wires, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder", "utf-8")
    client = opened(replace(wires, folder=tmp_path / "taken"))
    assert client.get_json("/v1/projects") == []
    assert door.given == ["token-1"]


def test_a_refused_token_is_renewed_and_the_request_sent_again(door: Door, wires: Wires) -> None:
    client = opened(wires)
    client.get_json("/v1/projects")
    door.forget()
    assert client.get_json("/v1/projects") == []
    assert door.given == ["token-1", "token-2"]


def test_eight_threads_whose_token_is_refused_at_once_sign_in_once(door: Door, wires: Wires) -> None:
    client = opened(wires)
    client.get_json("/v1/projects")
    door.forget()
    door.together = Barrier(8, timeout=5)
    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(client.get_json, "/v1/projects") for _ in range(8)]]
    assert answers == [[]] * 8
    assert door.given == ["token-1", "token-2"]


def test_eight_threads_that_begin_together_sign_in_once(door: Door, wires: Wires) -> None:
    client = opened(wires)
    door.sign_in_seconds = 0.02
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get_json("/v1/projects"), range(8)))
    assert door.given == ["token-1"]


def test_a_kept_file_that_cannot_be_read_is_written_anew(door: Door, wires: Wires) -> None:
    opened(wires).get_json("/v1/projects")
    assert wires.folder is not None
    (file,) = wires.folder.iterdir()
    file.write_text('{"token": "tok', "utf-8")
    opened(wires).get_json("/v1/projects")
    assert door.given == ["token-1", "token-2"]
    assert "token-2" in file.read_text("utf-8")


def test_without_a_folder_nothing_is_written(door: Door, clock: Clock) -> None:
    wires = Wires(clock=clock.now, sleep=clock.sleep, adapter=lambda: adapter_for(door))
    opened(wires).get_json("/v1/projects")
    opened(wires).get_json("/v1/projects")
    assert door.given == ["token-1", "token-2"]


def test_a_wrong_password_is_refused_in_words_that_name_the_account_and_not_the_password(wires: Wires) -> None:
    with pytest.raises(SourceRefused) as refused:
        opened(wires, password="mistyped").get_json("/v1/projects")
    told = refused.value
    for words in (told.message.en, told.message.fr):
        assert USERNAME in words
        assert "enquete" in words
        assert ".pyodk_config.toml" in words
        assert "mistyped" not in words
    assert told.status == 401
    assert "mistyped" not in f"{told!r}{told.__cause__!r}{told.__context__!r}"


def test_settings_without_a_password_say_where_it_belongs(wires: Wires, log: Log) -> None:
    with pytest.raises(SourceRefused, match="pyodk_config"):
        opened(wires, password=None).get_json("/v1/projects")
    assert len(log) == 0


def test_a_token_from_the_settings_is_used_as_it_is_and_not_renewed(door: Door, wires: Wires) -> None:
    door.good.add("given")
    client = opened(wires, token="given", username=None, password=None)
    assert client.get_json("/v1/projects") == []
    door.forget()
    with pytest.raises(SourceRefused):
        client.get_json("/v1/projects")
    assert door.given == []
    assert set(door.asked) == {"Bearer given"}
    assert wires.folder is not None
    assert not wires.folder.exists()


def test_a_reply_without_a_token_is_not_taken_for_a_sign_in(
    door: Door, wires: Wires, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_signed_in", lambda _said: _json(200, {"welcome": True}))
    with pytest.raises(SourceReplyUnexpected):
        opened(wires).get_json("/v1/projects")
