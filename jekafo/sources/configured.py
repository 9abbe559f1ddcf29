"""A source as one table of settings describes it, wherever that table stands: what it must and may say.

Where tables are found is for `jekafo.sources.settings`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import SecretStr

from forms.text import Bilingual
from jekafo.interval import read_interval
from jekafo.sources.file import SourceSettingsInvalid, SourceTable
from store.version_rows import OWN_ENDPOINT
from sync.sources import kinds
from sync.sources.settings import SourceSettings

KOBO, CENTRAL, FOLDER = "kobo", "central", "folder"
MEDIA = ("none", "list", "all")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_TAKEN = ("here", OWN_ENDPOINT)  # this project itself: where to publish to, and what tablets send
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,}", re.ASCII)
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source and how this project uses it. Its secrets stand in no repr.

    origin: the file or variable that describes it. media: `none`, `list` or `all`. every: how often `serve` pulls; None
    for only when it is asked to.
    """

    name: str
    kind: str
    address: str
    origin: str
    token: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    project: int | None = None
    further_hosts: tuple[str, ...] = ()
    media_hosts: tuple[str, ...] = ()
    hook_secret: SecretStr | None = None
    media: str = "all"
    every: timedelta | None = None

    def for_connecting(self) -> SourceSettings:
        """Return what sync needs, secrets in clear: not to be kept."""
        return SourceSettings(
            name=self.name,
            kind=self.kind,
            address=self.address,
            token=_clear(self.token),
            username=self.username,
            password=_clear(self.password),
            project=self.project,
            further_hosts=self.further_hosts,
            media_hosts=self.media_hosts,
            hook_secret=_clear(self.hook_secret),
        )


def source_of(table: SourceTable) -> ConfiguredSource:
    """Return the source that a table describes. Raises SourceSettingsInvalid with file, line, key and what to write."""
    return _TableReader(table).source()


@dataclass(frozen=True, slots=True)
class _TableReader:
    """Reads one table, key by key; each fault names the line, the key and what to write there."""

    table: SourceTable

    def source(self) -> ConfiguredSource:
        self._refuse_name()
        self._refuse_unknown_keys(_KEYS)
        kind = self._kind()
        source = ConfiguredSource(
            name=self.table.name,
            kind=kind,
            address=self._address(kind),
            origin=self.table.place,
            token=_secret(self._text("token", "…")),
            username=self._text("username", "awa@example.org") or None,
            password=_secret(self._text("password", "…")),
            project=self._number("project"),
            further_hosts=self._texts("further_hosts", "kc.kobotoolbox.org"),
            media_hosts=self._texts("media_hosts", "files.example.org"),
            hook_secret=_secret(self._hook_secret()),
            media=self._media(),
            every=self._every(),
        )
        self._refuse_without_key(source)
        return source

    def _refuse_name(self) -> None:
        problem = name_problem(self.table.name)
        if problem is not None:
            raise self._invalid(None, problem.en, problem.fr)

    def _refuse_unknown_keys(self, known: Iterable[str]) -> None:
        unknown = [key for key in self.table.values if key not in known]
        if unknown:
            listed = ", ".join(known)
            raise self._invalid(
                unknown[0],
                f"the key {unknown[0]} is not known. Keys: {listed}",
                f"la clé {unknown[0]} est inconnue. Clés : {listed}",
            )

    def _refuse_without_key(self, source: ConfiguredSource) -> None:
        token, username, password = (self.table.called(key) for key in ("token", "username", "password"))
        if source.kind == KOBO and source.token is None:
            raise self._invalid(
                None,
                f'{token} is missing. Write `{token} = "…"`; KoboToolbox shows it under Account settings, Security, '
                "API key",
                f'{token} manque. Écrivez `{token} = "…"` ; KoboToolbox l\'affiche sous Paramètres du compte, '
                "Sécurité, Clé API",
            )
        if source.kind == CENTRAL and source.token is None and (source.username is None or source.password is None):
            raise self._invalid(
                None,
                f'{username} or {password} is missing. Write `{username} = "awa@example.org"` and `{password} = "…"`: '
                "those of an account of ODK Central, best one of its own that may only view",
                f'{username} ou {password} manque. Écrivez `{username} = "awa@example.org"` et `{password} = "…"` : '
                "ceux d'un compte ODK Central, au mieux un compte à part qui ne peut que consulter",
            )

    def _text(self, key: str, example: str, *, required: bool = False) -> str:
        value = self.table.values.get(key, "")
        if not isinstance(value, str) or (value and not _PRINTABLE.fullmatch(value)):
            raise self._wanted(key, "a text", "un texte", f'"{example}"')
        if required and not value:
            called = self.table.called(key)
            raise self._invalid(
                key,
                f'{called} is missing. Write `{called} = "{example}"`',
                f'{called} manque. Écrivez `{called} = "{example}"`',
            )
        return value

    def _texts(self, key: str, example: str) -> tuple[str, ...]:
        value = self.table.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self._wanted(key, "a list of texts", "une liste de textes", f'["{example}"]')
        return tuple(value)

    def _number(self, key: str) -> int | None:
        value = self.table.values.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self._wanted(key, "a number", "un nombre", "3")
        return value

    def _address(self, kind: str) -> str:
        example = {CENTRAL: "https://central.example.org", FOLDER: "/srv/submissions"}.get(
            kind, "https://kf.kobotoolbox.org"
        )
        address = self._text("address", example, required=True)
        if kind == FOLDER:
            return address
        problem = address_problem(address)
        if problem is not None:
            raise self._invalid("address", problem.en, problem.fr)
        return address.rstrip("/")

    def _kind(self) -> str:
        kind = self._text("kind", "kobo", required=True)
        known = sorted(kinds())
        if kind not in known:
            listed = ", ".join(known)
            raise self._invalid(
                "kind",
                f"the kind {kind} is not known. Kinds: {listed}",
                f"le type {kind} est inconnu. Types : {listed}",
            )
        return kind

    def _hook_secret(self) -> str:
        value = self._text("hook_secret", "…")
        if value and not _HOOK_SECRET.fullmatch(value):
            raise self._wanted(
                "hook_secret",
                "16 letters, digits, - or _, or more, made by chance: it stands in an address",
                "fait d'au moins 16 lettres, chiffres, - ou _, tirés au hasard : il figure dans une adresse",
                '"…"',
            )
        return value

    def _media(self) -> str:
        value = self._text("media", "all") or "all"
        if value not in MEDIA:
            raise self._wanted("media", "none, list or all", "none, list ou all", '"list"')
        return value

    def _every(self) -> timedelta | None:
        value = self._text("every", "5m")
        if not value:
            return None
        span = read_interval(value)
        if span is None:
            raise self._wanted("every", "a time of 10 s or more", "une durée d'au moins 10 s", '"5m"')
        return span

    def _wanted(self, key: str, kind_en: str, kind_fr: str, example: str) -> SourceSettingsInvalid:
        called = self.table.called(key)
        return self._invalid(
            key,
            f"{called} must be {kind_en}. Write for instance `{called} = {example}`",
            f"{called} doit être {kind_fr}. Écrivez par exemple `{called} = {example}`",
        )

    def _invalid(self, key: str | None, en: str, fr: str) -> SourceSettingsInvalid:
        table, line = self.table, self.table.header_line if key is None else self.table.line_of(key)
        at_en, at_fr = ("", "") if line is None else (f", line {line}", f", ligne {line}")
        return SourceSettingsInvalid(
            Bilingual(
                f"{table.place}{at_en}: source {table.name}: {en}.",
                f"{table.place}{at_fr} : source {table.name} : {fr}.",
            )
        )


_KEYS = (
    "kind", "address", "token", "username", "password", "project", "further_hosts", "media_hosts", "hook_secret",
    "media", "every",
)  # fmt: skip


def name_problem(name: str) -> Bilingual | None:
    """Return what keeps this from being a source's name: it stands in addresses and in names of files."""
    if name in _TAKEN:
        return Bilingual(
            f"the name {name} means this project itself. Choose another",
            f"le nom {name} désigne ce projet lui-même. Choisissez-en un autre",
        )
    if _NAME.fullmatch(name):
        return None
    return Bilingual(
        "a name has small letters a to z, digits, - and _, at most 40 of them, and begins with a letter or digit",
        "un nom se compose de minuscules a à z, de chiffres, de - et de _, 40 au plus, et commence par une lettre ou "
        "un chiffre",
    )


def address_problem(address: str) -> Bilingual | None:
    """Return what keeps this from being a server's address. http only to this very machine: keys travel readable."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if host is None or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        return Bilingual(
            "the address is not that of a server. Write it as the browser shows it, such as https://kf.kobotoolbox.org",
            "l'adresse n'est pas celle d'un serveur. Écrivez-la comme le navigateur la montre, par exemple "
            "https://kf.kobotoolbox.org",
        )
    if parts.username is not None or parts.password is not None:
        return Bilingual(
            "the address holds a name or password. Write them as username and password, and the address without",
            "l'adresse contient un nom ou un mot de passe. Écrivez-les sous username et password, et l'adresse seule",
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        return Bilingual(
            "the address begins with http://, so that everybody on the way could read the key. Write https://",
            "l'adresse commence par http:// ; tous ceux qui sont sur le chemin pourraient lire la clé. Écrivez https://",
        )
    return None


def _secret(text: str) -> SecretStr | None:
    return SecretStr(text) if text else None


def _clear(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
