"""Puts a simulated server where a client can reach it: on a requests adapter in this process, or on a loopback port.

Both keep a log of every request, so that a test can say how many there were and where a credential went.
"""

import io
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from servers.faults import ConnectionLost, Crash, Faults
from servers.reply import Reply, Request, SimulatedServer
from urllib3 import HTTPHeaderDict, HTTPResponse

CREDENTIALS = frozenset({"authorization", "cookie", "x-csrf-token", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Logged:
    """A request that went out. credential: one was sent along. status: None where no answer came back."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    header_names: tuple[str, ...]
    credential: bool
    status: int | None


class Log:
    """What was asked, in order; may be written by several threads."""

    def __init__(self) -> None:
        self.requests: list[Logged] = []
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self.requests)

    def __iter__(self) -> Iterator[Logged]:
        return iter(tuple(self.requests))

    def add(self, request: Request, status: int | None) -> None:
        logged = Logged(
            method=request.method,
            host=request.host,
            path=request.path,
            query=request.query,
            header_names=tuple(sorted(request.headers)),
            credential=not CREDENTIALS.isdisjoint(request.headers) or "@" in request.url.split("/")[2],
            status=status,
        )
        with self._lock:
            self.requests.append(logged)

    def clear(self) -> None:
        with self._lock:
            self.requests.clear()

    def hosts_given_a_credential(self) -> frozenset[str]:
        return frozenset(logged.host for logged in self if logged.credential)

    def paths(self) -> list[str]:
        """`GET /api/v2/…`, in order."""
        return [f"{logged.method} {logged.path}" for logged in self]


class InProcess(HTTPAdapter):
    """Answers a requests session out of a simulated server. Other hosts answer too, with an empty page: what goes to
    them shows in the log."""

    def __init__(self, server: SimulatedServer, faults: Faults, log: Log) -> None:
        super().__init__()
        self._server, self._faults, self._log = server, faults, log

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 (requests' own signature)
        timeout: Any = None,
        verify: bool | str = True,  # noqa: ARG002, FBT001, FBT002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        asked = Request.of(request.method or "GET", request.url or "", dict(request.headers), _bytes_of(request.body))
        reply: Reply | None = None
        try:
            reply = self._answer(asked, request, timeout)
        except ConnectionLost as lost:
            words = "Connection refused" if lost.refused else "Connection reset by peer"
            raise requests.ConnectionError(words, request=request) from lost
        finally:
            self._log.add(asked, reply.status if reply is not None else None)
        return self.build_response(request, _raw(asked.method, reply))

    def _answer(self, asked: Request, request: requests.PreparedRequest, timeout: Any) -> Reply:
        if asked.host not in self._server.hosts:
            return Reply(200, {"Content-Type": "application/json"}, b'{"count":0,"next":null,"results":[],"value":[]}')

        def wait(seconds: float) -> None:
            patience = timeout[1] if isinstance(timeout, tuple) else timeout
            self._server.clock.advance(seconds if patience is None else min(seconds, patience))
            if patience is not None and seconds >= patience:
                raise requests.ReadTimeout(f"Read timed out. (read timeout={patience})", request=request)

        return self._faults.pass_through(
            asked, lambda: self._server.handle(asked.method, asked.url, asked.headers, asked.body), wait
        )


def adapter_for(server: SimulatedServer, faults: Faults | None = None, log: Log | None = None) -> InProcess:
    """Return what a requests session mounts (or `Wires.adapter` gives) to talk to the server without a socket."""
    return InProcess(server, faults if faults is not None else Faults(), log if log is not None else Log())


def _bytes_of(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body)


def _raw(method: str, reply: Reply) -> HTTPResponse:
    headers = HTTPHeaderDict(_with_length(reply))
    body = b"" if method == "HEAD" else reply.body[: reply.cut_at]
    return HTTPResponse(
        body=io.BytesIO(body),
        headers=headers,
        status=reply.status,
        reason=_reason(reply.status),
        preload_content=False,
        enforce_content_length=True,
        request_method=method,
    )


def _with_length(reply: Reply) -> dict[str, str]:
    named = {name.lower() for name in reply.headers}
    return dict(reply.headers) | ({} if "content-length" in named else {"Content-Length": str(len(reply.body))})


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


@contextmanager
def serve(server: SimulatedServer, faults: Faults | None = None, log: Log | None = None) -> Iterator[str]:
    """Serve on a loopback port as long as the context lasts; gives the address (`http://127.0.0.1:…`).

    Connections are kept alive, each on its own thread. Slow answers really take their time, resets really reset.
    A refused connection is one that is closed at once: the port itself cannot come and go.
    """
    over = Event()
    listening = _Listening(("127.0.0.1", 0), _Handler)
    listening.server, listening.over = server, over
    listening.faults = faults if faults is not None else Faults()
    listening.log = log if log is not None else Log()
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        over.set()
        listening.shutdown()
        thread.join()
        listening.server_close()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    server: SimulatedServer
    faults: Faults
    log: Log
    over: Event


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listening

    def log_message(self, *_arguments: object) -> None:
        """Stay silent: the log is kept elsewhere."""

    def _exchange(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"http://{self.headers['Host']}{self.path}"
        asked = Request.of(self.command, url, dict(self.headers.items()), body)
        served = self.server
        reply: Reply | None = None
        try:
            reply = served.faults.pass_through(
                asked,
                lambda: served.server.handle(asked.method, asked.url, asked.headers, asked.body),
                lambda seconds: _wait(served.over, seconds),
            )
        except (ConnectionLost, Crash):  # who crashes on a socket is the client, and hangs up
            self._hang_up()
            return
        finally:
            served.log.add(asked, reply.status if reply is not None else None)
        self._send(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _exchange  # noqa: N815 (http.server's names)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in _with_length(reply).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: reply.cut_at])
        if reply.cut_at is not None and reply.cut_at < len(reply.body):
            self.wfile.flush()
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        # Lingering for no time turns the close into a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _wait(over: Event, seconds: float) -> None:
    begin = time.monotonic()
    over.wait(seconds)
    if over.is_set() and time.monotonic() - begin < seconds:
        raise ConnectionLost(refused=False)
