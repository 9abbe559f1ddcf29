"""What goes over the wire between a client and a simulated server, and what a simulated server is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from servers.clock import Clock


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer. cut_at: the connection breaks after so many bytes of the body, whatever Content-Length says."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_at: int | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as a server sees it. url: absolute. headers: names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> "Request":
        return cls(method.upper(), url, {name.lower(): value for name, value in headers.items()}, body or b"")

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def host(self) -> str:
        """With the port where the URL names one."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def base(self) -> str:
        """What links in the answer begin with: as the request was addressed."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def query(self) -> dict[str, str]:
        """Parameters; of one given twice, the last."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


class SimulatedServer(Protocol):
    """A server in this process, without sockets. `transport` puts it on a requests adapter or on a loopback port."""

    @property
    def clock(self) -> Clock:
        """The clock that it stamps with."""

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts it answers for."""

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Answer. url: absolute; its scheme and host become those of the links in the answer."""
