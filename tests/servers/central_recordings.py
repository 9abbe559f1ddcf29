"""The recorded exchanges with a real Central, replayed in order against the simulated one.

The recorder went through one long session; replaying it puts the simulated server, exchange by exchange, into the
situation in which the real one answered. So not only keys and types can be compared but nearly all values, the
stamps included: the clock is set to what the real server noted.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from servers.central import CentralServer
from servers.central_people import RECORDED, Actor
from servers.clock import Clock
from servers.reply import Reply

BEARER, KEY = re.compile(r"Bearer <TOKEN>"), "/key/<TOKEN>/"
DAY = "2026-11-22T00:"
ADMIN_PASSWORD = "<PASSWORD>"

STAMPS = {
    4: "45:31.247", 13: "45:32.617", 18: "45:32.937", 22: "45:33.389", 25: "45:33.692", 29: "45:36.099",
    35: "45:39.050", 42: "45:39.274", 60: "45:39.638", 65: "45:40.060", 66: "45:40.111", 67: "45:40.148",
    70: "45:40.265", 72: "45:40.343", 77: "45:40.503", 78: "45:40.549", 82: "45:40.761", 84: "45:40.863",
    88: "45:41.097", 91: "45:41.320", 93: "45:41.413", 94: "45:41.437", 96: "45:41.533", 120: "45:42.126",
    123: "45:42.490", 124: "45:42.702", 125: "45:42.812", 126: "45:42.950", 127: "45:43.014", 128: "45:43.100",
    176: "45:46.983", 182: "45:47.427", 184: "45:47.515", 185: "45:47.547", 188: "45:47.634", 190: "45:47.679",
}  # fmt: skip
"""When the real server did what it was asked for, as its answers say; the Date of the answer for all others."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A recorded request and the answer to it."""

    number: int
    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    reply_headers: Mapping[str, Any]
    reply_body: bytes

    @property
    def at(self) -> datetime:
        said = STAMPS.get(self.number)
        if said is not None:
            return datetime.fromisoformat(f"{DAY}{said}Z")
        return parsedate_to_datetime(self.reply_headers["Date"]).astimezone(UTC)


def exchanges() -> list[Exchange]:
    """All of them, in the order they were recorded."""
    return [_exchange(path.name) for path in sorted(RECORDED.glob("[0-9]*.json"))]


def _exchange(file_name: str) -> Exchange:
    recorded = json.loads((RECORDED / file_name).read_text("utf-8"))
    asked, answered = recorded["request"], recorded["response"]
    return Exchange(
        number=int(file_name[:3]),
        name=recorded["name"],
        method=asked["method"],
        path=asked["path"],
        headers=asked["headers"],
        body=_bytes(asked),
        status=answered["status"],
        reply_headers=answered["headers"],
        reply_body=_bytes(answered),
    )


def _bytes(side: Mapping[str, Any]) -> bytes:
    if side.get("body_base64"):
        return base64.b64decode(side["body_base64"])
    return (side.get("body") or "").encode()


class Replay:
    """The simulated server in the recorder's hands."""

    def __init__(self) -> None:
        self.clock = Clock(datetime.fromisoformat("2026-11-22T00:33:36.917Z"))
        self.server = CentralServer(self.clock, host="127.0.0.1:8383")
        self.server.admin.number, self.server.admin.password = 5, ADMIN_PASSWORD
        for number, at in ((2, "38:24.056"), (4, "40:30.250"), (6, "41:56.013"), (8, "")):
            self.server.next_numbers["project"] = number
            if at:
                self.clock.set(datetime.fromisoformat(f"{DAY}{at}Z"))
                self.server.add_project("Recorder project", "recorded")
        self.server.next_numbers |= {"actor": 51, "form": 15}
        self.server.next_instance_ids = [
            "ef8b8548-b785-4165-b0b2-885d6101a92f",
            "6a8a635a-ca59-45ca-a436-ab4bc3409320",
        ]
        self._session = self._key = ""
        self.etags: dict[str, str] = {}
        """This server's tag for a list, by the recorded one."""

    def play(self, exchange: Exchange) -> Reply:
        """Ask what the recorder asked, at the time it did, with the tokens that this server gave out."""
        if exchange.at > self.clock.now():
            self.clock.set(exchange.at)
        if exchange.number == 190:
            # Public links are not simulated; what came in through one is in the audits that follow.
            link = Actor(53, "public_link", "web link", datetime.fromisoformat(f"{DAY}45:47.655Z"))
            xml = exchange.body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]
            self.server.submit(xml, by=link)
            return Reply(201)
        headers = {name: BEARER.sub(f"Bearer {self._session}", value) for name, value in exchange.headers.items()}
        if headers.get("Authorization") == "Basic <TOKEN>":
            signed = base64.b64encode(f"{self.server.admin.email}:{ADMIN_PASSWORD}".encode()).decode()
            headers["Authorization"] = f"Basic {signed}"
        if "If-None-Match" in headers:
            headers["If-None-Match"] = self.etags.get(headers["If-None-Match"], headers["If-None-Match"])
        path = exchange.path.replace(KEY, f"/key/{self._key}/")
        reply = self.server.handle(exchange.method, f"http://127.0.0.1:8383{path}", headers, exchange.body)
        if "eventhash" in exchange.reply_headers.get("ETag", ""):
            self.etags.setdefault(exchange.reply_headers["ETag"], reply.headers.get("ETag", ""))
        if exchange.number == 4:
            self._session = reply.json["token"]
        if exchange.number == 42:
            self._key = reply.json["token"]
        return reply

    def redacted(self, body: bytes) -> bytes:
        """The body with this server's tokens in the place where the recordings have theirs."""
        for token in filter(None, (self._session, self._key)):
            body = body.replace(token.encode(), b"<TOKEN>")
        return body


FREE = frozenset(
    {"token", "csrf", "draftToken", "acteeId", "submissionId", "submissionDefId", "newBlobId", "oldBlobId", "enketoId"}
)
"""What the server makes up: compared by type."""

_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_ROW_ID = re.compile(r"[0-9a-f]{40}")
_TOLERANCE_SECONDS = 0.3


def differences(recorded: Any, simulated: Any, *, shape_only: bool = False, at: str = "") -> Iterator[str]:
    """Say where two JSON values differ: keys and types always, values unless they are made up or `shape_only`.

    Stamps may be 0.3 s apart: the real server took its time between the parts of one answer. Lists of verbs have no
    order. A null where the other has a value is a difference too, but for `shape_only`.
    """
    if shape_only and (recorded is None or simulated is None):
        return
    if _kind(recorded) != _kind(simulated):
        yield f"{at or '/'}: recorded {_kind(recorded)}, simulated {_kind(simulated)}"
    elif isinstance(recorded, dict):
        yield from _object_differences(recorded, simulated, shape_only=shape_only, at=at)
    elif isinstance(recorded, list):
        if at.endswith("/verbs"):
            recorded, simulated = sorted(recorded), sorted(simulated)
        if len(recorded) != len(simulated) and not shape_only:
            yield f"{at}: recorded {len(recorded)} rows, simulated {len(simulated)}"
        for number, (one, other) in enumerate(zip(recorded, simulated, strict=False)):
            yield from differences(one, other, shape_only=shape_only, at=f"{at}/{number}")
    elif not shape_only and not _same(recorded, simulated, at):
        yield f"{at}: recorded {recorded!r}, simulated {simulated!r}"


def _object_differences(
    recorded: dict[str, Any], simulated: dict[str, Any], *, shape_only: bool, at: str
) -> Iterator[str]:
    for key in recorded.keys() - simulated.keys():
        yield f"{at}/{key}: missing"
    for key in simulated.keys() - recorded.keys():
        yield f"{at}/{key}: not recorded"
    for key in recorded.keys() & simulated.keys():
        if key not in FREE or _kind(recorded[key]) != _kind(simulated[key]):
            yield from differences(recorded[key], simulated[key], shape_only=shape_only, at=f"{at}/{key}")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {dict: "object", list: "array", str: "text", type(None): "null"}[type(value)]


def _same(recorded: Any, simulated: Any, at: str) -> bool:
    if isinstance(recorded, str):
        if _STAMP.fullmatch(recorded) and _STAMP.fullmatch(simulated):
            apart = datetime.fromisoformat(recorded) - datetime.fromisoformat(simulated)
            return abs(apart.total_seconds()) <= _TOLERANCE_SECONDS
        if at.endswith(("__id", "@odata.navigationLink")):
            # The rows of a repeat are named by a hash of their place, whose recipe is Central's own.
            return _ROW_ID.sub("<ROW>", recorded) == _ROW_ID.sub("<ROW>", simulated)
    return bool(recorded == simulated)
