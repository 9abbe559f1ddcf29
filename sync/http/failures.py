"""What a reply that is no answer, or none at all, means: whether to ask again, and the error that says what to do.

Sending is `sync.http.exchange`'s. Nothing of a request but its method and path, and nothing of a reply but its status
and the server's own short explanation, comes into a message.
"""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests
from urllib3 import exceptions as urllib3_errors

from forms.text import Bilingual
from sync.errors import SourceError, SourceRefused, SourceReplyUnexpected, SourceUnavailable
from sync.http.redaction import redacted
from sync.http.reply_json import read_json

LONGEST_DETAIL: Final = 300

# 408 and 429: the server asks for it. 5xx: broken or overloaded, or a proxy's word for that (520 to 530: Cloudflare's).
# Not 501 and 505, by which a server says that it does not do such things.
_PASSING: Final = frozenset({408, 429, *range(500, 600)} - {501, 505})
_LONGEST_PAUSE_SECONDS: Final = 30 * 86_400.0


class ReplyBroken(Exception):
    """A reply ended before it was whole, or went on without end."""


_NOT_CONNECTED: Final = (
    requests.ConnectTimeout,
    urllib3_errors.NewConnectionError,
    urllib3_errors.ConnectTimeoutError,
)
TRANSPORT_ERRORS: Final = (
    requests.RequestException,
    urllib3_errors.HTTPError,
    ConnectionError,
    TimeoutError,
    ReplyBroken,
)


SOMEBODY_THERE: Final = Bilingual("ask who manages the project there for it", "demandez-le à qui gère le projet là-bas")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong in one try.

    words: what happened, to go into a sentence. status: None where no reply came. retry_after_seconds: as the server
    asks. was_taken_up: the server may have acted on the request. may_pass: asking again can help.
    """

    words: Bilingual
    status: int | None = None
    detail: str | None = None
    retry_after_seconds: float | None = None
    was_taken_up: bool = True
    may_pass: bool = True
    is_untrusted: bool = False

    def error(
        self,
        where: str,
        asked: str,
        tries: int,
        now: datetime,
        *,
        may_be_done: bool = False,
        who_gives_rights: Bilingual = SOMEBODY_THERE,
    ) -> SourceError:
        """Return the error for it.

        where: the source, its host and port. asked: method and path. may_be_done: a write that the server may have done
        all the same. who_gives_rights: whom to ask where the account may not do this.
        """
        kind, message = _told(self, where, asked, tries, now, who_gives_rights)
        if may_be_done and kind is SourceUnavailable:
            message = Bilingual(
                f"{message.en} It may have been done all the same: look before you repeat it.",
                f"{message.fr} Il se peut que ce soit fait malgré tout : vérifiez avant de recommencer.",
            )
        said = f" The server says: {self.detail}" if self.detail else ""
        said_fr = f" Le serveur dit : « {self.detail} »" if self.detail else ""
        return kind(Bilingual(message.en + said, message.fr + said_fr), status=self.status, detail=self.detail)


def trouble_of_transport(error: Exception) -> Trouble:
    """Return what a failed connection or a broken reply amounts to."""
    chain = tuple(_chain(error))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain):
        return Trouble(_CERTIFICATE, was_taken_up=False, may_pass=False, is_untrusted=True)
    if any(isinstance(one, _NOT_CONNECTED) for one in chain):
        return Trouble(_NO_CONNECTION, was_taken_up=False)
    if any(isinstance(one, urllib3_errors.ProxyError) for one in chain):
        return Trouble(_PROXY, was_taken_up=False)
    if any(isinstance(one, requests.Timeout | urllib3_errors.TimeoutError | TimeoutError) for one in chain):
        return Trouble(_TIMEOUT)
    return Trouble(_BROKEN)


def trouble_of_reply(
    status: int, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime
) -> Trouble:
    """Return what a reply of any status but 2xx amounts to."""
    return Trouble(
        Bilingual(f"status {status}", f"statut {status}"),
        status=status,
        detail=_detail(body, secrets),
        retry_after_seconds=retry_after(headers.get("Retry-After"), now),
        # 429 is said before the request is looked at.
        was_taken_up=status != 429,
        may_pass=status in _PASSING,
    )


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return how many seconds a `Retry-After` (seconds, or an HTTP date) asks to wait; None where it says nothing."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value), _LONGEST_PAUSE_SECONDS)
    try:
        until = parsedate_to_datetime(value)
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        left = (until - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, left), _LONGEST_PAUSE_SECONDS)


def _told(
    trouble: Trouble, where: str, asked: str, tries: int, now: datetime, who_gives_rights: Bilingual
) -> tuple[type[SourceError], Bilingual]:
    status = trouble.status
    if status is None or trouble.may_pass:
        return SourceUnavailable, _passing(trouble, where, asked, tries, now)
    if status == 401:
        return SourceRefused, Bilingual(
            f"{where} refused {asked}: 401. The key or password is wrong or has expired; put a valid one in the "
            "settings of this source.",
            f"{where} a refusé {asked} : 401. La clé ou le mot de passe est faux ou a expiré ; mettez-en un valide "
            "dans les réglages de cette source.",
        )
    if status == 403:
        return SourceRefused, Bilingual(
            f"{where} refused {asked}: 403. The account has no right to this; {who_gives_rights.en}.",
            f"{where} a refusé {asked} : 403. Le compte n'a pas ce droit ; {who_gives_rights.fr}.",
        )
    if status == 404:
        return SourceRefused, Bilingual(
            f"{where} has nothing under {asked}: 404. It was removed, or the account may not see it; check the "
            "address, and what the account may see there.",
            f"{where} n'a rien sous {asked} : 404. Cela a été supprimé, ou le compte ne peut pas le voir ; vérifiez "
            "l'adresse, et ce que le compte peut voir là-bas.",
        )
    if 400 <= status < 500 and status != 410:
        return SourceRefused, Bilingual(f"{where} refused {asked}: {status}.", f"{where} a refusé {asked} : {status}.")
    return SourceReplyUnexpected, Bilingual(
        f"{where} answered {status} to {asked}: this server's API is another than the one we speak. Check the address "
        "and the server's version.",
        f"{where} a répondu {status} à {asked} : l'API de ce serveur n'est pas celle que nous parlons. Vérifiez "
        "l'adresse et la version du serveur.",
    )


def _passing(trouble: Trouble, where: str, asked: str, tries: int, now: datetime) -> Bilingual:
    if trouble.is_untrusted:
        return Bilingual(
            f"{where}: {asked} was not sent, for its certificate is not valid. Check this computer's date, the "
            "address, and whether the network asks for a sign-in first.",
            f"{where} : {asked} n'a pas été envoyé, car son certificat n'est pas valide. Vérifiez la date de cet "
            "ordinateur, l'adresse, et si le réseau demande d'abord une connexion.",
        )
    times, times_fr = ("", "") if tries == 1 else (f", {tries} times", f", {tries} fois")
    if trouble.words is _NO_CONNECTION:
        return Bilingual(
            f"{where} cannot be reached ({asked}: {trouble.words.en}{times}). Check the address and the network; if "
            "both are right, try again later.",
            f"{where} est injoignable ({asked} : {trouble.words.fr}{times_fr}). Vérifiez l'adresse et le réseau ; si "
            "les deux sont bons, réessayez plus tard.",
        )
    if trouble.retry_after_seconds:
        until = (now + timedelta(seconds=trouble.retry_after_seconds)).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        when, when_fr = f"Try again after {until}.", f"Réessayez après {until}."
    else:
        when, when_fr = "Try again later.", "Réessayez plus tard."
    return Bilingual(
        f"{where} cannot serve just now ({asked}: {trouble.words.en}{times}). {when}",
        f"{where} n'est pas disponible pour l'instant ({asked} : {trouble.words.fr}{times_fr}). {when_fr}",
    )


def _detail(body: bytes, secrets: Iterable[str]) -> str | None:
    """The server's own words in a JSON error: `detail` (KoboToolbox), `message` (Central), or the first field's."""
    try:
        said = read_json(body)
    except ValueError:
        return None
    text = _first_words(said)
    if text is None:
        return None
    text = redacted(" ".join(text.split()), secrets)
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"


def _first_words(said: Any, depth: int = 0) -> str | None:
    if isinstance(said, str):
        return said.strip() or None
    if depth > 3:
        return None
    if isinstance(said, list):
        return next((words for one in said if (words := _first_words(one, depth + 1))), None)
    if not isinstance(said, dict):
        return None
    for telling in ("detail", "message", "error", "messages"):
        if words := _first_words(said.get(telling), depth + 1):
            return words
    named = ((field, _first_words(value, depth + 1)) for field, value in said.items())
    return next((f"{field}: {words}" for field, words in named if words), None)


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    """The error and those it was made of: requests puts urllib3's in its arguments, urllib3 its own in `reason`."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        inner = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting.extend(part for part in inner if isinstance(part, BaseException))
    return seen


_NO_CONNECTION: Final = Bilingual("no connection", "pas de connexion")
_PROXY: Final = Bilingual("the proxy did not let it through", "le proxy n'a pas laissé passer")
_TIMEOUT: Final = Bilingual("no answer in time", "pas de réponse à temps")
_BROKEN: Final = Bilingual("the connection broke", "la connexion s'est rompue")
_CERTIFICATE: Final = Bilingual("the certificate is not valid", "le certificat n'est pas valide")
