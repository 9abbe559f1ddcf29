"""What every answer of the simulated Central has in common: headers, ETags, 304, and the way a request is read."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from servers.central_people import Actor
from servers.central_problem import Problem, forbidden, not_authenticated, not_json, wrong_type
from servers.central_records import as_json
from servers.central_state import CentralState
from servers.reply import Reply, Request

JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"
READING = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Origin"}
WRITING = {"Cache-Control": "no-store", "Vary": "*"}
MAX_JSON_BYTES = 250_000


@dataclass(frozen=True, slots=True)
class Ask:
    """A request on its way to an answer. path: below `/v1`, without the app user's key; names: what it names."""

    state: CentralState
    request: Request
    path: str
    prefix: str
    actor: Actor | None
    names: Mapping[str, str]

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """In the order given; `+` reads as a space."""
        return parse_qsl(urlsplit(self.request.url).query, keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        return dict(self.parameters)

    @property
    def extended(self) -> bool:
        return self.request.headers.get("x-extended-metadata", "").lower() == "true"

    @property
    def project_id(self) -> int:
        return int(self.names["project"])

    @property
    def address(self) -> str:
        """Where this was asked, without the query: links of the answer begin with it."""
        return self.request.base + self.request.path

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.request.body or b"{}")
        except ValueError:
            raise not_json(len(self.request.body)) from None

    def require(self, verb: str, *, project_id: int | None = None) -> None:
        """Raises Problem 401.2 for nobody, 403.1 for one who may not."""
        if self.actor is None:
            raise not_authenticated()
        if verb not in self.state.people.verbs(self.actor, project_id):
            raise forbidden()

    def naming(self, names: Mapping[str, str]) -> "Ask":
        return replace(self, names=names)


def weak_etag(body: bytes) -> str:
    """The tag that Express gives a body: its length in hexadecimal and the beginning of its SHA-1."""
    digest = base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()[:27]
    return f'W/"{len(body):x}-{digest}"'


def json_reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, {"Content-Type": JSON} | dict(headers or {}), as_json(value).encode())


def done() -> Reply:
    return json_reply({"success": True})


def problem_reply(problem: Problem, headers: Mapping[str, str] | None = None) -> Reply:
    return json_reply(problem.as_json(), problem.status, headers)


def xml_reply(body: bytes, content_type: str = XML) -> Reply:
    return Reply(200, {"Content-Type": content_type}, body)


def file_reply(content: bytes, content_type: str, name: str, md5: str, disposition: str) -> Reply:
    """A file with its MD5 as strong ETag. A Range is not looked at: the whole file comes."""
    headers = {
        "ETag": f'"{md5}"',
        "Content-Disposition": f"{disposition}; filename=\"{name}\"; filename*=UTF-8''{name}",
        "Content-Type": content_type,
    }
    return Reply(200, headers, content)


def finished(request: Request, reply: Reply, *, versioned: bool) -> Reply:
    """The reply as it leaves: with an ETag and what caches may do, and 304 for what the client has already.

    versioned: the request came as far as the API; what failed before bears no cache headers.
    """
    is_reading = request.method in {"GET", "HEAD"}
    headers = ((READING if is_reading else WRITING) if versioned else {}) | dict(reply.headers)
    # An answer in chunks has the ETag that it was given, or none; all others one by their body.
    if "ETag" not in headers and reply.status != 301:
        headers["ETag"] = weak_etag(reply.body)
    if is_reading and reply.status == 200 and _has_already(request, headers["ETag"]):
        kept = {name: value for name, value in headers.items() if not name.startswith(("Content-", "Transfer-"))}
        return Reply(304, kept)
    if reply.status == 204:
        headers.pop("Content-Type", None)
    return Reply(reply.status, headers, reply.body)


def _has_already(request: Request, etag: str) -> bool:
    asked = request.headers.get("if-none-match")
    if asked is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    return asked.strip() == "*" or etag.removeprefix("W/") in tags


def page_of(ask: Ask) -> slice:
    """The window that `limit` and `offset` name. Raises Problem 400.11 for what is no number."""
    window: dict[str, int | None] = {"limit": None, "offset": 0}
    for name in window:
        text = ask.query.get(name)
        if text is not None:
            if not text.isdigit():
                raise wrong_type(name, "integer")
            window[name] = int(text)
    begin = window["offset"] or 0
    return slice(begin, None if window["limit"] is None else begin + window["limit"])
