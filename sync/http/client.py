"""Ask a server over HTTP: one session a thread, patience with what passes, and errors that say who does what next.

Which paths to ask and what replies mean is each source's business (`sync.sources`). The credential goes to the
server's own hosts alone; links and redirects that lead elsewhere are refused.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

import requests

from forms.text import Bilingual
from sync.errors import SourceReplyTooLarge, SourceReplyUnexpected
from sync.http.exchange import Ask, Credential, Exchange, Limits, SpokenOf
from sync.http.failures import SOMEBODY_THERE, TRANSPORT_ERRORS, ReplyBroken, trouble_of_transport
from sync.http.origins import Origins
from sync.http.redaction import hide_secrets_in_logs
from sync.http.reply_body import is_encoded, moving, whole
from sync.http.reply_json import JsonUnsound, read_json
from sync.wires import Wires

JSON: Final = "application/json"


class StreamedReply:
    """A reply whose body is still coming. Use as a context manager, or read `chunks` to the end.

    status: 200 or 206. url: after redirects. headers: case-insensitive; `Content-Length` is that of the bytes in
    `chunks`. Chunks raise SourceUnavailable where the connection breaks, also when it ends before the promised length.
    """

    def __init__(self, response: requests.Response, chunks: Iterator[bytes]) -> None:
        self.status = response.status_code
        self.url: str = response.url
        self.headers: Mapping[str, str] = response.headers
        self.chunks = chunks
        self._response = response

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()


class HttpClient:
    """Speaks to the server at `base`. May be shared between threads: each keeps its own connections.

    hosts: further hosts of the same server (`host`, `host:port` or a URL). stores: hosts that it may send a download on
    to, where we go without the credential (ODK Central may keep files in S3). headers: returns the credential's
    headers, asked anew for each request. on_unauthorized: called at most once a request, on a 401; renews the
    credential and returns True to try once more. What it asks through this client itself is not renewed. secrets: what
    else must not show in the server's words (a password). name: how people call the source. who_gives_rights: whom to
    ask where the account may not do something.
    """

    def __init__(
        self,
        *,
        base: str,
        wires: Wires,
        hosts: tuple[str, ...] = (),
        stores: tuple[str, ...] = (),
        headers: Callable[[], Mapping[str, str]] = dict,
        on_unauthorized: Callable[[], bool] | None = None,
        name: str | None = None,
        who_gives_rights: Bilingual = SOMEBODY_THERE,
        secrets: Callable[[], tuple[str, ...]] = tuple,
        limits: Limits | None = None,
    ) -> None:
        self._origins = Origins.of(base, hosts, stores)
        self._exchange = Exchange(
            self._origins,
            wires,
            Credential(headers, on_unauthorized, secrets),
            limits or Limits(),
            SpokenOf(name or "", who_gives_rights),
        )
        hide_secrets_in_logs()

    @property
    def requests_made(self) -> int:
        """How many requests went out, repeated and redirected ones included."""
        return self._exchange.requests_made

    def allowed(self, url: str) -> bool:
        """Whether the credential may go to this URL."""
        return self._origins.allow(url)

    def get_json(self, path_or_url: str, params: Mapping[str, str] | None = None, *, accept: str = JSON) -> Any:
        """Return what the JSON reply holds. path_or_url: below the server's address, or a link it gave."""
        ask = self._ask("GET", path_or_url, {"Accept": accept}, {"params": params}, idempotent=True)
        return self._exchange.answer(ask, lambda response: self._json(ask, response))

    def get_bytes(self, path_or_url: str, params: Mapping[str, str] | None = None, *, accept: str) -> bytes:
        """Return the body of the reply, whole. Raises SourceReplyUnexpected where it is a web page."""
        ask = self._ask("GET", path_or_url, {"Accept": accept}, {"params": params}, idempotent=True)
        return self._exchange.answer(ask, lambda response: self._bytes(ask, response, accept))

    def send_json(
        self,
        method: str,
        path_or_url: str,
        payload: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        idempotent: bool = False,
    ) -> Any:
        """Write (POST, PUT, PATCH, DELETE) and return what the JSON reply holds; None where it is empty.

        payload None: no body. Sent again only where nothing reached the server, or where doing it twice does no harm
        (`idempotent`).
        """
        content = {"params": params} if payload is None else {"params": params, "json": payload}
        return self._write(method, path_or_url, headers, content, idempotent=idempotent)

    def post_file(
        self,
        path_or_url: str,
        content: bytes,
        content_type: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        idempotent: bool = False,
    ) -> Any:
        """Post bytes as they are and return what the JSON reply holds; None where it is empty."""
        typed = {"Content-Type": content_type, **(headers or {})}
        return self._write("POST", path_or_url, typed, {"params": params, "data": content}, idempotent=idempotent)

    def post_form(
        self,
        path_or_url: str,
        fields: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        *,
        idempotent: bool = False,
    ) -> Any:
        """Post a form, multipart where it has files (name, content, content type); return what the JSON reply holds."""
        content: dict[str, Any] = {"data": dict(fields)}
        if files:
            content["files"] = dict(files)
        return self._write("POST", path_or_url, None, content, idempotent=idempotent)

    def stream(self, path_or_url: str, *, headers: Mapping[str, str] | None = None) -> StreamedReply:
        """Begin to download, as bytes that nobody compressed on the way. Only the beginning is tried again."""
        sent = {"Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}
        ask = replace(self._ask("GET", path_or_url, sent, {}, idempotent=True), is_download=True)
        return self._exchange.answer(ask, lambda response: self._streamed(ask, response))

    def close(self) -> None:
        """Let go of all connections."""
        self._exchange.close()

    def _ask(
        self, method: str, path_or_url: str, headers: Mapping[str, str], content: Mapping[str, Any], *, idempotent: bool
    ) -> Ask:
        return Ask(method, self._origins.url(path_or_url), headers, content, idempotent)

    def _write(
        self,
        method: str,
        path_or_url: str,
        headers: Mapping[str, str] | None,
        content: Mapping[str, Any],
        *,
        idempotent: bool,
    ) -> Any:
        ask = self._ask(method, path_or_url, {"Accept": JSON, **(headers or {})}, content, idempotent=idempotent)
        return self._exchange.answer(ask, lambda response: self._json(ask, response, may_be_empty=True))

    def _json(self, ask: Ask, response: requests.Response, *, may_be_empty: bool = False) -> Any:
        body = self._bytes(ask, response, JSON).strip()
        if not body and may_be_empty:
            return None
        try:
            return read_json(body)
        except JsonUnsound:
            raise self._unsound(ask) from None
        except ValueError:
            # What begins as JSON and cannot be read is cut off: proxies end a reply early and say 200.
            if not body or body[:1] in b'{["':
                raise ReplyBroken from None
            raise self._unexpected(ask) from None

    def _bytes(self, ask: Ask, response: requests.Response, accept: str) -> bytes:
        until = self._exchange.now() + timedelta(seconds=self._exchange.limits.total_seconds)
        most = self._exchange.limits.most_bytes
        body = whole(response, until=until, clock=self._exchange.now, most=most + 1)
        if len(body) > most:
            raise self._too_large(ask)
        if "html" in response.headers.get("Content-Type", "").lower() and "html" not in accept:
            raise self._unexpected(ask)
        return body

    def _streamed(self, ask: Ask, response: requests.Response) -> StreamedReply:
        if is_encoded(response):
            response.headers.pop("Content-Length", None)
        return StreamedReply(response, self._chunks(ask, response))

    def _chunks(self, ask: Ask, response: requests.Response) -> Iterator[bytes]:
        window = self._exchange.limits.read_seconds
        try:
            yield from moving(response, window_seconds=window, clock=self._exchange.now)
        except TRANSPORT_ERRORS as error:
            trouble = trouble_of_transport(error)
        else:
            return
        finally:
            response.close()
        raise self._exchange.error(ask, trouble)

    def _too_large(self, ask: Ask) -> SourceReplyTooLarge:
        where, most = self._exchange.where(ask.url), self._exchange.limits.most_bytes // 1_000_000
        return SourceReplyTooLarge(
            Bilingual(
                f"{where} answered {ask.spoken} with more than {most} MB, which is more than is read at once. Nothing "
                "of it was used; report it to who runs that server.",
                f"{where} a répondu à {ask.spoken} par plus de {most} Mo, plus que ce qui est lu en une fois. Rien "
                "n'en a été utilisé ; signalez-le à qui gère ce serveur.",
            ),
            status=200,
        )

    def _unsound(self, ask: Ask) -> SourceReplyUnexpected:
        where = self._exchange.where(ask.url)
        return SourceReplyUnexpected(
            Bilingual(
                f"{where} answered {ask.spoken} with JSON that holds what JSON cannot hold (a number that is none, "
                "half a character, lists without end). Nothing of it was used; report it to who runs that server.",
                f"{where} a répondu à {ask.spoken} par du JSON qui contient ce que le JSON ne peut contenir (un "
                "nombre qui n'en est pas un, un demi-caractère, des listes sans fin). Rien n'en a été utilisé ; "
                "signalez-le à qui gère ce serveur.",
            ),
            status=200,
        )

    def _unexpected(self, ask: Ask) -> SourceReplyUnexpected:
        where = self._exchange.where(ask.url)
        return SourceReplyUnexpected(
            Bilingual(
                f"{where} answered {ask.spoken} with a page for people, not with data. The address is probably wrong, "
                "or that of another kind of server, or a login page answered.",
                f"{where} a répondu à {ask.spoken} par une page pour lecteurs, pas par des données. L'adresse est "
                "probablement fausse ou celle d'un autre type de serveur, ou une page de connexion a répondu.",
            ),
            status=200,
        )
