"""ODK Central's audit log as it was recorded, and what of it a form's feed makes use of."""

import json
from collections.abc import Mapping

import pytest
from servers.central_people import RECORDED
from servers.clock import Clock
from servers.reply import Reply
from servers.transport import Log, adapter_for

from sync.errors import SourceRefused, SourceReplyUnexpected
from sync.http.client import HttpClient
from sync.sources.central.audits import Audits
from sync.sources.central.rows import moment
from sync.wires import Wires

RESTORED = "uuid:11110009-2222-4333-8444-555555555555"
PROBED = "uuid:11110050-2222-4333-8444-555555555555"


class Replaying:
    """A server that gives one answer to everything."""

    hosts = frozenset({"central.test"})

    def __init__(self, status: int, body: str) -> None:
        self.clock = Clock()
        self.reply = Reply(status, {"Content-Type": "application/json; charset=utf-8"}, body.encode())

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:  # noqa: ARG002 (whatever is asked)
        return self.reply


def reading(status: int, body: str, log: Log | None = None) -> Audits:
    server = Replaying(status, body)
    wires = Wires(clock=server.clock.now, sleep=server.clock.sleep, adapter=lambda: adapter_for(server, log=log))
    return Audits(HttpClient(base="https://central.test", wires=wires))


def recorded(name: str) -> tuple[int, str]:
    response = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))["response"]
    return response["status"], response["body"]


def test_of_the_recorded_log_restores_deletions_and_cleared_files_are_told() -> None:
    heard = reading(*recorded("191-audits-submission")).since("8/household", None)
    assert heard is not None
    told = [(event.instance_id, event.is_of_file, event.is_overwriting) for event in heard.events]
    # The two files that came with the edit are not among them: its row moved.
    assert told == [
        (RESTORED, False, False),
        (PROBED, False, False),
        (PROBED, False, False),
        (PROBED, True, True),
    ]
    assert heard.latest == moment("2026-11-22T00:45:47.679Z")
    assert len({event.key for event in heard.events}) == 4


def test_another_form_of_the_same_id_in_another_project_has_none_of_it() -> None:
    heard = reading(*recorded("191-audits-submission")).since("9/household", None)
    assert heard is not None
    assert heard.events == ()
    assert heard.latest is not None


def test_an_empty_log_has_no_end() -> None:
    heard = reading(200, "[]").latest()
    assert heard is not None
    assert (heard.events, heard.latest) == ((), None)


def test_an_account_that_may_not_read_the_log_asks_once() -> None:
    log = Log()
    audits = reading(*recorded("118-app-user-cannot-read-403"), log)
    assert audits.latest() is None
    assert audits.since("8/household", None) is None
    assert len(log) == 1


def test_a_credential_that_expired_is_not_taken_for_a_missing_right() -> None:
    with pytest.raises(SourceRefused):
        reading(*recorded("008-bad-bearer-401")).latest()


@pytest.mark.parametrize("body", ['{"value":[]}', "[1]", '[{"action":"submission.delete"}]'])
def test_a_log_of_another_shape_is_refused(body: str) -> None:
    with pytest.raises(SourceReplyUnexpected):
        reading(200, body).since("8/household", None)


def test_a_log_that_looks_at_no_offset_is_not_read_for_ever() -> None:
    entry = {"action": "submission.create", "loggedAt": "2026-11-22T00:45:47.679Z", "actee": None, "details": {}}
    with pytest.raises(SourceReplyUnexpected):
        reading(200, json.dumps([entry] * 500)).since("8/household", None)
