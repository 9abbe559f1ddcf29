"""One request and its answer: sent with the credential, sent again while that can help, redirected within the server.

What is asked and how the body is read is `sync.http.client`'s; what a failure means `sync.http.failures`'.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urljoin

import requests

from forms.text import Bilingual
from sync.errors import SourceError, SourceRefused
from sync.http.failures import SOMEBODY_THERE, TRANSPORT_ERRORS, Trouble, trouble_of_reply, trouble_of_transport
from sync.http.origins import Origins, place_of
from sync.http.redaction import spoken_path
from sync.http.redirects import elsewhere, in_circles, redirected_write
from sync.http.reply_body import whole
from sync.http.sessions import Sessions
from sync.wires import Wires

T = TypeVar("T")

_EXPLANATION_BYTES: Final = 65_536
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, and how often to ask again.

    read_seconds: without a byte. total_seconds: for one reply that is read whole; media may take as long as they
    move. Waits between tries grow from first_wait_seconds, doubled each time, up to longest_wait_seconds, each drawn
    evenly between nothing and that (full jitter). longest_asked_seconds: the longest `Retry-After` that is waited for.
    most_bytes: of a reply that is read whole, after it was unpacked.
    """

    connect_seconds: float = 10
    read_seconds: float = 60
    total_seconds: float = 180
    tries: int = 5
    first_wait_seconds: float = 1
    longest_wait_seconds: float = 60
    longest_asked_seconds: float = 120
    most_bytes: int = 256_000_000

    def wait(self, trouble: Trouble, tries: int, *, is_repeatable: bool, chance: Callable[[], float]) -> float | None:
        """Return the seconds to wait before the next try; None where there shall be none."""
        # A 500 is a fault in the server, which asking again and again only feeds; once, for the odd deadlock.
        most = min(2, self.tries) if trouble.status == 500 else self.tries
        if not trouble.may_pass or tries >= most or (trouble.was_taken_up and not is_repeatable):
            return None
        asked = trouble.retry_after_seconds or 0.0
        if asked > self.longest_asked_seconds:
            return None
        longest: float = min(self.longest_wait_seconds, self.first_wait_seconds * 2.0 ** (tries - 1))
        return asked + chance() * longest


@dataclass(frozen=True, slots=True)
class Credential:
    """What opens the door.

    headers: asked anew for each request. renew: called on a 401, where that can be done; True: try once more.
    secrets: what else must not show in the server's words (a password).
    """

    headers: Callable[[], Mapping[str, str]] = dict
    renew: Callable[[], bool] | None = None
    secrets: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True, slots=True)
class SpokenOf:
    """How messages speak of the server. name: as people call the source. who_gives_rights: whom to ask for one."""

    name: str = ""
    who_gives_rights: Bilingual = SOMEBODY_THERE


@dataclass(frozen=True, slots=True)
class Ask:
    """A request before it is sent. content: `params`, `json`, `data`, `files` as requests takes them.

    is_repeatable: doing it twice does no harm. is_download: the server's store may answer it. is_signed: False without
    the credential.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)
    is_repeatable: bool
    is_download: bool = False
    is_signed: bool = True

    @property
    def spoken(self) -> str:
        """Method and path, for messages."""
        return f"{self.method} {spoken_path(self.url)}"


class Exchange:
    """Sends requests for any number of threads, each with connections of its own."""

    def __init__(
        self, origins: Origins, wires: Wires, credential: Credential, limits: Limits, spoken_of: SpokenOf
    ) -> None:
        self.limits = limits
        self._origins = origins
        self._wires = wires
        self._credential = credential
        self._spoken_of = spoken_of
        self._threads = threading.local()
        self._sessions = Sessions(wires)
        self._gate = threading.Lock()
        self._made = 0

    @property
    def requests_made(self) -> int:
        """How many requests went out, repeated and redirected ones included."""
        return self._made

    def answer(self, ask: Ask, read: Callable[[requests.Response], T]) -> T:
        """Send until an answer (2xx) is there that `read` can read, and return what it read.

        `read` may raise what connections raise, and ReplyBroken: then it is asked again. Raises SourceError.
        """
        if not self._origins.allow(ask.url):
            raise self._elsewhere(ask, ask.url)
        tries, may_renew = 0, self._credential.renew is not None and not self._is_renewing
        while True:
            tries += 1
            result = self._tried(ask, read)
            if not isinstance(result, Trouble):
                return result
            if result.status == 401 and may_renew:
                may_renew = False
                if self._renewed():
                    continue
            wait = self.limits.wait(result, tries, is_repeatable=ask.is_repeatable, chance=self._wires.chance)
            if wait is None:
                raise self.error(ask, result, tries)
            self._wires.sleep(wait)

    def error(self, ask: Ask, trouble: Trouble, tries: int = 1) -> SourceError:
        """Return the error for what went wrong with a request."""
        is_unknown = trouble.was_taken_up and not ask.is_repeatable
        return trouble.error(
            self.where(ask.url),
            ask.spoken,
            tries,
            self.now(),
            may_be_done=is_unknown,
            who_gives_rights=self._spoken_of.who_gives_rights,
        )

    def where(self, url: str) -> str:
        """Name, host and port of the server, for messages; no port where it is the usual one."""
        place = place_of(url)
        return f"{self._spoken_of.name} ({place})" if self._spoken_of.name else place

    def now(self) -> datetime:
        """Return the time."""
        return self._wires.clock()

    def close(self) -> None:
        """Let go of all connections."""
        self._sessions.close()

    def _tried(self, ask: Ask, read: Callable[[requests.Response], T]) -> T | Trouble:
        # Troubles are returned, and errors made far from here: a library's error in their context would hold the URL.
        try:
            response = self._sent(ask)
            if 200 <= response.status_code < 300:
                return read(response)
            explanation = self._explanation(response)
        except TRANSPORT_ERRORS as error:
            return trouble_of_transport(error)
        return trouble_of_reply(
            response.status_code, response.headers, explanation, secrets=self._all_secrets(), now=self.now()
        )

    def _sent(self, ask: Ask) -> requests.Response:
        for _ in range(_MOST_REDIRECTS + 1):
            with self._gate:
                self._made += 1
            response = self._sessions.of_thread().request(
                ask.method,
                ask.url,
                headers=dict(ask.headers),
                allow_redirects=False,
                stream=True,
                timeout=(self.limits.connect_seconds, self.limits.read_seconds),
                # As `auth`: requests else reads ~/.netrc, and overwrites the credential.
                auth=self._signed if ask.is_signed else _unsigned,
                **self._sessions.environment(ask.url),
                **ask.content,
            )
            target = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or target is None:
                return response
            response.close()
            ask = self._redirected(ask, urljoin(ask.url, target))
        raise in_circles(self.where(self._origins.address), ask.spoken)

    def _redirected(self, ask: Ask, onward: str) -> Ask:
        # The target has the query that the server wants.
        if self._origins.allow(onward):
            if ask.method != "GET":
                raise redirected_write(self.where(self._origins.address), ask.spoken, onward)
            return replace(ask, url=onward, content={})
        if ask.is_download and self._origins.is_store(onward):
            return replace(ask, url=onward, content={}, is_signed=False)
        raise self._elsewhere(ask, onward)

    def _explanation(self, response: requests.Response) -> bytes:
        """The body of a reply that is no answer, as far as it can be had."""
        try:
            return whole(
                response,
                until=self.now() + timedelta(seconds=self.limits.read_seconds),
                clock=self._wires.clock,
                most=_EXPLANATION_BYTES,
            )
        except TRANSPORT_ERRORS:
            return b""

    def _signed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        headers = self._credential.headers()
        self._threads.sent = tuple(headers.values())
        for header, value in headers.items():
            request.headers.setdefault(header, value)
        return request

    @property
    def _is_renewing(self) -> bool:
        return bool(getattr(self._threads, "is_renewing", False))

    def _renewed(self) -> bool:
        self._threads.is_renewing = True
        try:
            return self._credential.renew is not None and self._credential.renew()
        finally:
            self._threads.is_renewing = False

    def _all_secrets(self) -> tuple[str, ...]:
        sent: tuple[str, ...] = getattr(self._threads, "sent", ())
        return (*sent, *(value.partition(" ")[2] for value in sent), *self._credential.secrets())

    def _elsewhere(self, ask: Ask, url: str) -> SourceRefused:
        # The path of a link that is not the server's may hold anything.
        return elsewhere(self.where(self._origins.address), ask.method if url == ask.url else ask.spoken, url)


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
