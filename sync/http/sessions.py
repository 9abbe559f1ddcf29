"""Connections to a server: a session of requests for each thread, that keeps no cookie and reads no ~/.netrc."""

import threading
import weakref
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from sync.wires import Wires

_CONNECTIONS: Final = 4


class Sessions:
    """The sessions of any number of threads, each with connections of its own."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._threads = threading.local()
        self._made: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._environments: dict[tuple[str, str], Mapping[str, Any]] = {}

    def of_thread(self) -> requests.Session:
        """Return the session of the thread that asks. It knows nothing of the environment: send with that beside it."""
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = requests.Session()
            session.trust_env = False  # `environment` is asked instead
            session.headers["User-Agent"] = "jekafo"
            # A session cookie beside the credential makes servers ask for more (CSRF) or see another account.
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            for scheme in ("http://", "https://"):
                adapter = self._wires.adapter() if self._wires.adapter else HTTPAdapter(pool_maxsize=_CONNECTIONS)
                session.mount(scheme, adapter)
            self._made.add(session)
        return session

    def environment(self, url: str) -> Mapping[str, Any]:
        """Return the proxies and certificates that requests finds in the environment for a server, looked up once.

        For every request it takes a fifth of all our work for it.
        """
        parts = urlsplit(url)
        server = (parts.scheme, parts.netloc)
        if server not in self._environments:
            found = requests.Session().merge_environment_settings(url, {}, None, None, None)
            self._environments[server] = {"proxies": found["proxies"], "verify": found["verify"]}
        return self._environments[server]

    def close(self) -> None:
        """Let go of all connections."""
        for session in list(self._made):
            session.close()
