"""An OpenRosa client, small: what ODK Collect says to a server, said from Python.

It lists forms, downloads one with its files (checking their hashes), and submits. Filling a form is
`forms.javarosa`. The key of an app user stands in the address, so addresses never appear in errors or logs.
Protocol: docs.getodk.org/openrosa (form list, form manifest, form submission).
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests

from forms.text import Bilingual
from forms.xml import XmlRefused, local_name, parse_xml
from sync.errors import SourceRefused, SourceReplyUnexpected, SourceUnavailable
from sync.http.redaction import hide_secrets_in_logs

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0


@dataclass(frozen=True, slots=True)
class ListedForm:
    """One form of the form list. `hash` is `md5:` and hex digits; `manifest_url` None: the form has no files."""

    form_id: str
    name: str
    version: str
    hash: str
    download_url: str
    manifest_url: str | None


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file of a form's manifest."""

    name: str
    hash: str
    download_url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said to a submission: 201 stored, 202 known already, else not taken; `message` is for people."""

    status: int
    message: str

    @property
    def is_taken(self) -> bool:
        """True where the tablet may forget its copy."""
        return self.status in (201, 202)


class OpenRosaClient:
    """Speaks to the OpenRosa server at `address` (with the key in its path, for an app user).

    sign_in: name and password for servers that ask for them (HTTP Basic); None where the key in the address is enough.
    May be shared between threads: each keeps its own connection.
    """

    def __init__(self, address: str, *, language: str = "fr", sign_in: tuple[str, str] | None = None) -> None:
        self._address = address.rstrip("/") + "/"
        self._headers = {"X-OpenRosa-Version": "1.0", "Accept-Language": language, "User-Agent": "jekafo"}
        self._sign_in = sign_in
        self._threads = threading.local()
        hide_secrets_in_logs()

    def form_list(self) -> tuple[ListedForm, ...]:
        """Return the forms this key may fill, in the server's order."""
        root = _parsed("formList", self._get("formList", self._address + "formList"))
        return tuple(
            ListedForm(
                form_id=_text(form, "formID"),
                name=_text(form, "name"),
                version=_text(form, "version"),
                hash=_text(form, "hash"),
                download_url=urljoin(self._address, _text(form, "downloadUrl")),
                manifest_url=urljoin(self._address, url) if (url := _text(form, "manifestUrl")) else None,
            )
            for form in _children(root, "xform")
        )

    def form(self, listed: ListedForm) -> bytes:
        """Return the XForm. Raises SourceReplyUnexpected when its hash is not the listed one."""
        return self._checked(f"form {listed.form_id}", listed.download_url, listed.hash)

    def manifest(self, listed: ListedForm) -> tuple[ListedFile, ...]:
        """Return the files that go with a form; none where it has no manifest."""
        if listed.manifest_url is None:
            return ()
        root = _parsed("manifest", self._get(f"manifest of {listed.form_id}", listed.manifest_url))
        return tuple(
            ListedFile(
                name=_text(file, "filename"),
                hash=_text(file, "hash"),
                download_url=urljoin(self._address, _text(file, "downloadUrl")),
            )
            for file in _children(root, "mediaFile")
        )

    def media(self, file: ListedFile) -> bytes:
        """Return one file's bytes. Raises SourceReplyUnexpected when their hash is not the listed one."""
        return self._checked(f"file {file.name}", file.download_url, file.hash)

    def head(self) -> int | None:
        """Return the largest submission the server takes, in bytes, or None where it does not say."""
        reply = self._sent("submission", "HEAD", self._address + "submission")
        if reply.status_code != 204:
            raise _refusal("submission", reply.status_code)
        largest = reply.headers.get("X-OpenRosa-Accept-Content-Length", "")
        return int(largest) if largest.isdecimal() else None

    def submit(self, xml: bytes, media: Mapping[str, bytes], *, device_id: str | None = None) -> Reply:
        """Send one filled form with its files; a refusal is a Reply too, for the sender keeps its copy then.

        Raises SourceUnavailable when nothing came back or the server is broken: send the same again later.
        """
        parts: list[tuple[str, tuple[str, bytes, str]]] = [
            ("xml_submission_file", ("submission.xml", xml, "text/xml")),
            *((name, (name, content, "application/octet-stream")) for name, content in media.items()),
        ]
        reply = self._sent(
            "submission",
            "POST",
            self._address + "submission",
            files=parts,
            params=None if device_id is None else {"deviceID": device_id},
        )
        if reply.status_code >= 500 or reply.status_code == 429:
            raise _refusal("submission", reply.status_code)
        return Reply(reply.status_code, _message(reply.content))

    def _checked(self, what: str, url: str, listed_hash: str) -> bytes:
        content = self._get(what, url)
        found = "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()
        if listed_hash and found != listed_hash:
            raise SourceReplyUnexpected(
                Bilingual(
                    f"The server sent another {what} than the one it lists. Read its list again.",
                    f"Le serveur a envoyé autre chose que ce qu'il annonce ({what}). Relisez sa liste.",
                )
            )
        return content

    def _get(self, what: str, url: str) -> bytes:
        reply = self._sent(what, "GET", url)
        if reply.status_code != 200:
            raise _refusal(what, reply.status_code)
        return reply.content

    def _sent(self, what: str, method: str, url: str, **arguments: Any) -> requests.Response:
        try:
            return self._session().request(method, url, timeout=(CONNECT_SECONDS, READ_SECONDS), **arguments)
        except requests.RequestException as error:
            # `from None`: the text of requests' own error holds the address, and with it the key.
            kind = type(error).__name__
            raise SourceUnavailable(
                Bilingual(
                    f"The server did not answer ({what}: {kind}). Check the network, then send again.",
                    f"Le serveur n'a pas répondu ({what} : {kind}). Vérifiez le réseau, puis renvoyez.",
                )
            ) from None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = requests.Session()
            session.headers.update(self._headers)
            session.auth = self._sign_in
        return session


def _refusal(what: str, status: int) -> SourceUnavailable | SourceRefused | SourceReplyUnexpected:
    if status >= 500 or status == 429:
        return SourceUnavailable(
            Bilingual(
                f"The server cannot serve just now ({what}: {status}). Try again later.",
                f"Le serveur n'est pas disponible ({what} : {status}). Réessayez plus tard.",
            )
        )
    if status in (401, 403, 404):
        return SourceRefused(
            Bilingual(
                f"The server refused ({what}: {status}). Ask its manager for a new key, or check the address.",
                f"Le serveur a refusé ({what} : {status}). Demandez une nouvelle clé, ou vérifiez l'adresse.",
            )
        )
    return SourceReplyUnexpected(
        Bilingual(
            f"The server answered {status} to {what}, which the protocol does not foresee. Check the address.",
            f"Le serveur a répondu {status} ({what}), ce que le protocole ne prévoit pas. Vérifiez l'adresse.",
        )
    )


def _parsed(what: str, content: bytes) -> Any:
    try:
        return parse_xml(content)
    except XmlRefused as error:
        raise SourceReplyUnexpected(
            Bilingual(
                f"The server's {what} is not XML: {error.message.en} Check that the address is an OpenRosa server's.",
                f"La réponse du serveur ({what}) n'est pas du XML : {error.message.fr} Vérifiez l'adresse.",
            )
        ) from error


def _text(element: Any, name: str) -> str:
    """Text of the first child of that name, whatever its namespace; empty where there is none."""
    return next(((child.text or "").strip() for child in _children(element, name)), "")


def _children(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if isinstance(child.tag, str) and local_name(child) == name)


def _message(content: bytes) -> str:
    try:
        return _text(parse_xml(content), "message")
    except XmlRefused:
        return ""
