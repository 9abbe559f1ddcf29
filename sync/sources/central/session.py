"""Sign in to Central: one session token for all threads and runs, renewed before it expires and when it is refused.

Basic auth is not used: Central checks the password anew, and slowly, with each request.
"""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from forms.text import Bilingual
from sync.errors import SourceRefused, SourceReplyUnexpected
from sync.http.client import HttpClient
from sync.sources.central.rows import moment
from sync.sources.central.token_shelf import Token, TokenShelf
from sync.sources.settings import SourceSettings
from sync.wires import Wires

RENEWED_BEFORE = timedelta(minutes=5)
"""How long a token must still be good for. A request that it expires under is answered 401, and sent again."""


class Session:
    """Gives the headers of each request. May be used by several threads; one of them signs in, the others wait."""

    def __init__(self, settings: SourceSettings, wires: Wires) -> None:
        self._settings = settings
        self._clock = wires.clock
        self._door = HttpClient(
            base=settings.address, hosts=settings.further_hosts, wires=wires, name=settings.name, secrets=self.secrets
        )
        self._shelf = TokenShelf(wires.folder, settings.address, settings.username or "")
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._threads = threading.local()

    @property
    def requests_made(self) -> int:
        """How many requests signing in took."""
        return self._door.requests_made

    def headers(self) -> Mapping[str, str]:
        """Return what to send with a request, after signing in where that is due.

        Raises SourceRefused where the settings have no credential, or a wrong one.
        """
        text = self._settings.token or self._current()
        self._threads.sent = text
        # The metadata: Central then says how many submissions a form has, and which form an audit is about.
        return {"Authorization": f"Bearer {text}", "X-Extended-Metadata": "true"}

    def renew(self) -> bool:
        """Sign in again after a 401; return False where there is nothing to sign in with."""
        if self._settings.token:
            return False
        with self._lock:
            # Another thread may have signed in since this one's request went out.
            if self._token is None or self._token.text == getattr(self._threads, "sent", None):
                self._sign_in()
        return True

    def secrets(self) -> tuple[str, ...]:
        """Return what must not show in messages."""
        return tuple(secret for secret in (self._settings.password, self._settings.token) if secret)

    def _current(self) -> str:
        with self._lock:
            if self._token is None:
                self._token = self._shelf.find()
            if self._token is None or self._token.expires_at - self._clock() < RENEWED_BEFORE:
                return self._sign_in().text
            return self._token.text

    def _sign_in(self) -> Token:
        name, username, password = self._settings.name, self._settings.username, self._settings.password
        if not username or not password:
            raise SourceRefused(_no_credential(name))
        try:
            # Twice does no harm: a session too many ends by itself.
            reply = self._door.send_json(
                "POST", "/v1/sessions", {"email": username, "password": password}, idempotent=True
            )
        except SourceRefused as refused:
            # Central has codes such as 404.1 and says why; what knows no sign-in at all is no Central.
            if refused.status in (403, 404, 405) and refused.detail is None:
                raise SourceRefused(_no_central(name), status=refused.status) from None
            if refused.status != 401:
                raise
            raise SourceRefused(_wrong(name, username), status=401, detail=refused.detail) from None
        self._token = self._token_in(reply)
        self._shelf.keep(self._token)
        return self._token

    def _token_in(self, reply: Any) -> Token:
        try:
            # How long it lasts, not until when: where our clock is ahead, each request would else sign in anew.
            lasts = moment(reply["expiresAt"]) - moment(reply["createdAt"])
            return Token(str(reply["token"]), self._clock() + lasts)
        except (KeyError, TypeError):
            raise SourceReplyUnexpected(_no_token(self._settings.name)) from None


def _no_token(name: str) -> Bilingual:
    return Bilingual(
        f"{name} answered the sign-in without a session token. Check that its address is that of an ODK Central.",
        f"{name} a répondu à la connexion sans jeton de session. Vérifiez que son adresse est celle d'un ODK Central.",
    )


def _no_central(name: str) -> Bilingual:
    return Bilingual(
        f"At the address of {name} there is no ODK Central: nothing there signs anybody in. Check the address; for a "
        "KoboToolbox server, use --kind kobo (in sources.toml: kind).",
        f"À l'adresse de {name}, il n'y a pas d'ODK Central : on ne s'y connecte pas ainsi. Vérifiez l'adresse ; pour "
        "un serveur KoboToolbox, utilisez --kind kobo (dans sources.toml : kind).",
    )


def _no_credential(name: str) -> Bilingual:
    return Bilingual(
        f"The source {name} has no sign-in. Put the e-mail and password of its ODK Central account (username, "
        "password) into the settings of this source, or into ~/.pyodk_config.toml.",
        f"La source {name} n'a pas d'identifiants. Mettez l'adresse électronique et le mot de passe de son compte ODK "
        "Central (username, password) dans les réglages de cette source, ou dans ~/.pyodk_config.toml.",
    )


def _wrong(name: str, username: str) -> Bilingual:
    return Bilingual(
        f"{name} does not let {username} in: the password is wrong, or the account is not known there. Correct "
        "username and password in the settings of this source, or in ~/.pyodk_config.toml.",
        f"{name} refuse l'accès à {username} : le mot de passe est faux, ou le compte y est inconnu. Corrigez username "
        "et password dans les réglages de cette source, ou dans ~/.pyodk_config.toml.",
    )
