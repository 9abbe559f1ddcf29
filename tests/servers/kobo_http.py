"""How a simulated KoboToolbox hears and answers: who asks, in which format, pages, links, and its headers."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from servers.kobo_asset import ANONYMOUS, Asset
from servers.kobo_deeds import Deeds
from servers.kobo_history import QueryTooShort
from servers.reply import Reply, Request

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
NOT_FOUND = {"detail": "Not found."}
NO_PERMISSION = {"detail": "You do not have permission to perform this action."}
NO_CREDENTIALS = {"detail": "Authentication credentials were not provided."}
XML_TYPE = "application/xml; charset=utf-8"
ALWAYS = {
    "X-Frame-Options": "DENY",
    "Content-Language": "en",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGE_FOR_PEOPLE = (
    b'<!DOCTYPE html>\n<html lang="en">\n<head>\n<title>KoboToolbox API</title>\n</head>\n<body></body></html>\n'
)


class Refusal(Exception):
    """An answer that is no success, thrown from where it was found out."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


def not_found() -> Refusal:
    return Refusal(404, NOT_FOUND)


def forbidden() -> Refusal:
    return Refusal(403, NO_PERMISSION)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what the server found out about it. user: ANONYMOUS where nobody signed in. allow: of the path."""

    state: Deeds
    request: Request
    user: str
    allow: str

    @property
    def params(self) -> dict[str, str]:
        return self.request.query

    @property
    def format(self) -> str:
        """`json`, `xml` or `html`: the parameter wins over Accept."""
        if given := self.params.get("format"):
            return given
        accept = self.request.headers.get("accept", "*/*")
        first = accept.split(",")[0].split(";")[0].strip()
        return {"text/html": "html", "application/xml": "xml"}.get(first, "json")

    def url(self, path: str) -> str:
        """A link: it inherits `?format=json` of the request (12 against 111)."""
        suffix = f"?format={self.params['format']}" if "format" in self.params else ""
        return f"{self.request.base}{path}{suffix}"

    def asset(self, uid: str, *rights: str) -> Asset:
        """The asset, if the user has one of the rights (view_asset where none is named). Raises Refusal: 404, as the
        server does where somebody lacks a right (82f, 82i)."""
        asset = self.state.assets.get(uid)
        if asset is None or asset.rights_of(self.user).isdisjoint(rights or ("view_asset",)):
            raise not_found()
        return asset

    def must(self, asset: Asset, right: str) -> None:
        """Raises Refusal: 403, for who sees the asset and may not do this (64e)."""
        if right not in asset.rights_of(self.user):
            raise forbidden()

    def payload(self) -> dict[str, Any]:
        """The JSON object of the body, or its form fields."""
        if "json" in self.request.headers.get("content-type", ""):
            return dict(json.loads(self.request.body or b"{}"))
        fields, files = form_of(self.request)
        return dict(fields) | dict(files)

    def json(self, body: Any, status: int = 200, **headers: str) -> Reply:
        if self.format == "html" and self.request.method == "GET" and status < 400:
            return self.reply(200, PAGE_FOR_PEOPLE, {"Content-Type": "text/html; charset=utf-8"})
        if self.format == "xml":
            return self.reply(status, _xml_of(body), {"Content-Type": XML_TYPE, **headers})
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self.reply(status, content, {"Content-Type": "application/json", **headers})

    def reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> Reply:
        known = {} if self.user == ANONYMOUS else {"X-KoBoNaUt": self.user}
        common = {
            "Date": format_datetime(self.state.clock.now(), usegmt=True),
            "Vary": "Accept, origin, Accept-Language, Cookie",
            "Allow": self.allow,
        }
        return Reply(status, {**common, **headers, **known, **ALWAYS, "Content-Length": str(len(body))}, body)

    def page(self, found: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """The part of a list that is asked for, and its envelope with `results` empty yet."""
        start, limit = self.start(), self.limit()
        return list(found[start : start + limit]), self.envelope(len(found), start, limit)

    def start(self) -> int:
        return max(0, _number(self.params.get("start", self.params.get("offset", "0")), "start"))

    def limit(self) -> int:
        limit = _number(self.params.get("limit", str(DEFAULT_LIMIT)), "limit")
        return min(limit, MAX_LIMIT, self.state.switches.page_cap)

    def envelope(self, count: int, start: int, limit: int) -> dict[str, Any]:
        following = self._page_url(start + limit, limit) if start + limit < count else None
        previous = self._page_url(start - limit, limit) if start > 0 else None
        return {"count": count, "next": following, "previous": previous, "results": []}

    def _page_url(self, start: int, limit: int) -> str:
        """Parameters are sorted, and the first page's start is left out (07b, 50, 50d)."""
        params = {**self.params, "limit": str(limit), "start": str(start)}
        if start <= 0:
            del params["start"]
        parts = urlsplit(self.request.url)
        return f"{self.request.base}{parts.path}?{urlencode(sorted(params.items()))}"


def _number(text: str, name: str) -> int:
    if not text.isdigit():
        raise Refusal(400, {name: "A positive integer is required"})
    return int(text)


def user_of(state: Deeds, request: Request) -> str:
    """Who asks, by Token or Basic. Raises Refusal: 401."""
    scheme, _space, credential = request.headers.get("authorization", "").partition(" ")
    if scheme == "Token":
        for user in state.users.values():
            if user.token is not None and user.token == credential.strip():
                return user.name
        raise Refusal(401, {"detail": "Invalid token."}, {"WWW-Authenticate": "Session"})
    if scheme == "Basic":
        try:
            name, _colon, password = base64.b64decode(credential).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        if name in state.users and state.users[name].password == password:
            return name
        raise Refusal(401, {"detail": "Invalid username/password."}, {"WWW-Authenticate": "Session"})
    return ANONYMOUS


def form_of(request: Request) -> tuple[dict[str, str], dict[str, "Sent"]]:
    """The fields and the files of a form, urlencoded or multipart; files by field name."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return _multipart(request.body, kind.partition("boundary=")[2].strip('"').encode())
    return Request("POST", f"http://form/?{request.body.decode()}", {}, b"").query, {}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file in a form."""

    filename: str
    content: bytes


def _multipart(body: bytes, boundary: bytes) -> tuple[dict[str, str], dict[str, Sent]]:
    fields: dict[str, str] = {}
    files: dict[str, Sent] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _blank, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        disposition = next(
            line for line in head.decode().split("\r\n") if line.lower().startswith("content-disposition")
        )
        said = dict(each.strip().split("=", 1) for each in disposition.split(";")[1:])
        name = said["name"].strip('"')
        if "filename" in said:
            files[name] = Sent(said["filename"].strip('"'), content)
        else:
            fields[name] = content.decode()
    return fields, files


def refused(asked: Asked, refusal: Refusal) -> Reply:
    reply = asked.json(refusal.body, refusal.status)
    return Reply(reply.status, {**reply.headers, **refusal.headers}, reply.body)


def too_short(_error: QueryTooShort) -> Refusal:
    return Refusal(400, {"detail": "Your query is too short"})


def _xml_of(body: Any) -> bytes:
    inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in body.items())
    return f'<?xml version="1.0" encoding="utf-8"?><root>{inside}</root>'.encode()
