"""What goes wrong between a client and a simulated server, planned by request number (from 1) or by what is asked.

    faults = Faults()
    faults.at(3, answers(503, retry_after=7))
    faults.when(lambda request: request.path.endswith("/data/"), truncated(200), times=2)
    faults.before(5, lambda: server.delete(root))
    faults.crash_at(9)

What the server itself does differently from a request on is a deed before it:

    faults.before(4, lambda: server.revoke_token("owner"))                      # a token is taken away
    faults.before(4, lambda: server.share(asset, "owner", "view_asset"))        # a right is cut
    faults.before(4, lambda: setattr(server.switches, "page_cap", 100))         # pages become shorter

A fault is a function that gets the `Call` and answers in the server's place; `call.answer()` lets the server do it.
"""

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from threading import Lock

from servers.reply import Reply, Request


class Crash(BaseException):
    """The client's process dies here, as by `kill -9`: no `except Exception` and no tidy farewell sees it."""


class ConnectionLost(Exception):
    """The server is not there, or hangs up. refused: nothing listens. Otherwise it is reset in the middle."""

    def __init__(self, *, refused: bool) -> None:
        super().__init__("refused" if refused else "reset")
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way. answer: lets the server do its deed. wait: time passes before the answer comes."""

    number: int
    request: Request
    answer: Callable[[], Reply]
    wait: Callable[[float], None]


Fault = Callable[[Call], Reply]
Asked = Callable[[Request], bool]

LOGIN_PAGE = b'<!DOCTYPE html>\n<html lang="en"><head><title>Sign in</title></head><body><form></form></body></html>\n'


def answers(status: int, *, retry_after: int | str | None = None, body: bytes | None = None) -> Fault:
    """The reverse proxy answers instead of the server: 429, 500, 502, 503 ..., as HTML like nginx does."""
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\r\n".encode()
    headers = {"Content-Type": "text/html"} | ({} if retry_after is None else {"Retry-After": str(retry_after)})
    return lambda _call: Reply(status, headers, page if body is None else body)


def answers_after_the_deed(status: int) -> Fault:
    """The server does its deed, and the proxy says that it failed."""

    def fault(call: Call) -> Reply:
        call.answer()
        return answers(status)(call)

    return fault


def login_page() -> Fault:
    """200 and a page for people: a captive portal, or a session that ran out."""
    return lambda _call: Reply(200, {"Content-Type": "text/html; charset=utf-8"}, LOGIN_PAGE)


def refused() -> Fault:
    """Nothing listens."""

    def fault(_call: Call) -> Reply:
        raise ConnectionLost(refused=True)

    return fault


def reset() -> Fault:
    """The connection breaks before the server read the request."""

    def fault(_call: Call) -> Reply:
        raise ConnectionLost(refused=False)

    return fault


def reset_after_the_deed() -> Fault:
    """The server did its deed; the connection breaks before the first byte of the answer."""

    def fault(call: Call) -> Reply:
        call.answer()
        raise ConnectionLost(refused=False)

    return fault


def truncated(at: int) -> Fault:
    """The body breaks off after so many bytes; Content-Length promised all of them."""
    return lambda call: replace(call.answer(), cut_at=at)


def gzipped(cut_at: int | None = None) -> Fault:
    """The body comes compressed, as from most proxies, and may break off. No fault in itself: a client bears it."""

    def fault(call: Call) -> Reply:
        reply = call.answer()
        headers = _without_length(reply) | {"Content-Encoding": "gzip"}
        return replace(reply, body=gzip.compress(reply.body, mtime=0), headers=headers, cut_at=cut_at)

    return fault


def cut_json(at: int) -> Fault:
    """The body ends after so many bytes, and Content-Length agrees: only its content shows it."""

    def fault(call: Call) -> Reply:
        reply = call.answer()
        return replace(reply, body=reply.body[:at], headers=_without_length(reply))

    return fault


def slow(seconds: float) -> Fault:
    """The answer takes its time. In process the clock moves, and a client's time-out is obeyed; on sockets it is real.

    A dead connection is one that is slow for hours.
    """

    def fault(call: Call) -> Reply:
        reply = call.answer()
        call.wait(seconds)
        return reply

    return fault


def foreign_next(host: str) -> Fault:
    """The `next` link of a page leads to another host (KoboToolbox `next`, Central `@odata.nextLink`)."""

    def fault(call: Call) -> Reply:
        reply = call.answer()
        page = json.loads(reply.body)
        name = "@odata.nextLink" if "value" in page else "next"
        page[name] = f"https://{host}{call.request.path}?start=1"
        return replace(reply, body=json.dumps(page).encode(), headers=_without_length(reply))

    return fault


def redirects(url: str, status: int = 302) -> Fault:
    """The server sends the client elsewhere."""
    return lambda _call: Reply(status, {"Location": url})


def _without_length(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name.lower() != "content-length"}


@dataclass(slots=True)
class _Planned:
    asked: Asked
    fault: Fault
    times: int | None


class Faults:
    """The plan for one server, and the count of the requests that came. An empty plan harms nobody."""

    def __init__(self) -> None:
        self.requests = 0
        self._by_number: dict[int, Fault] = {}
        self._from: list[tuple[int, Fault]] = []
        self._planned: list[_Planned] = []
        self._before: dict[int, list[Callable[[], object]]] = {}
        self._crash: dict[int, bool] = {}
        self._lock = Lock()

    def at(self, numbers: int | Iterable[int], fault: Fault) -> "Faults":
        """These requests go wrong."""
        for number in (numbers,) if isinstance(numbers, int) else numbers:
            self._by_number[number] = fault
        return self

    def from_on(self, number: int, fault: Fault) -> "Faults":
        """This request and all after it go wrong."""
        self._from.append((number, fault))
        return self

    def when(self, asked: Asked, fault: Fault, times: int | None = None) -> "Faults":
        """Requests of which `asked` is true go wrong, all of them or so many times."""
        self._planned.append(_Planned(asked, fault, times))
        return self

    def before(self, number: int, deed: Callable[[], object]) -> "Faults":
        """Something happens on the server right before this request is answered: rows come and go, a token or a right
        is taken away."""
        self._before.setdefault(number, []).append(deed)
        return self

    def crash_at(self, number: int) -> "Faults":
        """The client dies as it sends this request; the server never sees it."""
        self._crash[number] = False
        return self

    def crash_after(self, number: int) -> "Faults":
        """The client dies before it reads the answer; the server did its deed."""
        self._crash[number] = True
        return self

    def heal(self) -> None:
        """Forget the plan and begin to count from 1 again."""
        fresh = Faults()
        with self._lock:
            self.requests = 0
            self._by_number, self._from, self._planned = fresh._by_number, fresh._from, fresh._planned
            self._before, self._crash = fresh._before, fresh._crash

    def pass_through(self, request: Request, answer: Callable[[], Reply], wait: Callable[[float], None]) -> Reply:
        """Give what the client gets of this request. Raises ConnectionLost and Crash."""
        with self._lock:
            self.requests += 1
            number = self.requests
            fault = self._fault(number, request)
            deeds = self._before.get(number, ())
        crash_after = self._crash.get(number)
        if crash_after is False:
            raise Crash
        for deed in deeds:
            deed()
        reply = fault(Call(number, request, answer, wait)) if fault else answer()
        if crash_after:
            raise Crash
        return reply

    def _fault(self, number: int, request: Request) -> Fault | None:
        if number in self._by_number:
            return self._by_number[number]
        for first, fault in self._from:
            if number >= first:
                return fault
        for planned in self._planned:
            if planned.times != 0 and planned.asked(request):
                if planned.times is not None:
                    planned.times -= 1
                return planned.fault
        return None
