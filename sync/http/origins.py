"""Where a credential may go: the origins of one server, and nowhere else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from forms.text import Bilingual
from sync.errors import SourceRefused

_PORTS: Final = {"http": 80, "https": 443}
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.-]*:/", re.IGNORECASE)
# Parsers differ over backslashes and white space, and with them over which host a URL names.
_CROOKED: Final = re.compile(r"[\\\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, as browsers compare them."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin | None":
        """Return the origin of an http(s) URL; None for anything else, a URL with a name or password in it too."""
        # By urllib3's parser, which is the one that decides where the request goes.
        parsed = _parsed(url)
        if parsed is None or parsed.scheme not in _PORTS or not parsed.host or parsed.auth is not None:
            return None
        return cls(parsed.scheme, parsed.host.lower(), parsed.port or _PORTS[parsed.scheme])

    def __str__(self) -> str:
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    def upgraded(self) -> "Origin":
        """The same host reached by https."""
        return Origin("https", self.host, _PORTS["https"]) if self.scheme == "http" else self


@dataclass(frozen=True, slots=True)
class Origins:
    """A server's address, the further origins that are the same server, and its stores: where it keeps files."""

    address: str
    known: frozenset[Origin]
    stores: frozenset[Origin]

    @classmethod
    def of(cls, address: str, hosts: tuple[str, ...] = (), stores: tuple[str, ...] = ()) -> "Origins":
        """Return the origins of an address, of further hosts (`host`, `host:port`, or URLs) and of stores.

        A host without a scheme has the address's. Raises SourceRefused for what is no web address.
        """
        home = _origin(address)
        named = {home, *_further(hosts, home)}
        known = frozenset(named | {origin.upgraded() for origin in named})
        return cls(address.rstrip("/"), known, frozenset(_further(stores, home)))

    def url(self, path_or_url: str) -> str:
        """Return a full URL as it is, and a path below the server's address."""
        if _ABSOLUTE.match(path_or_url):
            return path_or_url
        return f"{self.address}/{path_or_url.lstrip('/')}"

    def allow(self, url: str) -> bool:
        """Whether the credential may go there; from http up to https of the same host, never down."""
        return Origin.of(url) in self.known

    def is_store(self, url: str) -> bool:
        """Whether the server may send us there for a file; the credential stays behind."""
        return Origin.of(url) in self.stores


def host_of(url: str) -> str:
    """Return the host of a URL for people to read; « ? » where it has none."""
    parsed = _parsed(url)
    return (parsed.host if parsed else None) or "?"


def place_of(url: str) -> str:
    """Return host and port of a URL for people to read, the port only where the URL names one."""
    parsed = _parsed(url)
    return f"{host_of(url)}:{parsed.port}" if parsed and parsed.port else host_of(url)


def _further(hosts: tuple[str, ...], home: Origin) -> Iterator[Origin]:
    return (_origin(host if "://" in host else f"{home.scheme}://{host}") for host in hosts)


def _origin(address: str) -> Origin:
    origin = Origin.of(address)
    if origin is None:
        host = host_of(address)
        raise SourceRefused(
            Bilingual(
                f"The address of the server (host {host}) is no web address. Write it as https://host, without a name "
                "or password in it.",
                f"L'adresse du serveur (hôte {host}) n'est pas une adresse web. Écrivez-la sous la forme https://hôte, "
                "sans nom ni mot de passe.",
            )
        )
    return origin


def _parsed(url: str) -> Url | None:
    if _CROOKED.search(url):
        return None
    try:
        return parse_url(url)
    except LocationParseError:
        return None
