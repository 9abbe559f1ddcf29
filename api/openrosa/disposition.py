"""What the headers of a multipart part say: its name, the file's name, its type; and which file names are refused.

Clients differ: OkHttp (Collect) writes file names as raw UTF-8 with `%22` for a quote, browsers the same, Python's
`email` as RFC 5987 (`filename*=`), old ones in Latin-1. Splitting the body into parts is `multipart`.
"""

import re
from dataclasses import dataclass
from unicodedata import category
from urllib.parse import unquote_to_bytes

from api.openrosa.refusal import UploadRefused
from forms.text import Bilingual

MAX_NAME_BYTES = 255
"""What file systems hold, so that an export can write the name."""

_PARAMETER = re.compile(rb';\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))')
_ESCAPED = re.compile(rb'\\(["\\])')
_SHOWN = 60
# Control characters, lone surrogates, line and paragraph separators. No-break spaces stay: macOS puts them in names.
_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class PartHead:
    """One part's headers. file_name: as sent, None where the part is a plain field."""

    name: str
    file_name: str | None
    content_type: str | None


def read_part_head(headers: dict[bytes, bytes]) -> PartHead:
    """Return what the headers (names in lower case) say.

    Raises UploadRefused where the part has no name or its content is encoded once more.
    """
    disposition = headers.get(b"content-disposition", b"")
    parameters = {
        match[1].lower(): _unescaped(match[2]) if match[2] is not None else match[3]
        for match in _PARAMETER.finditer(disposition)
    }
    if not disposition.lower().startswith(b"form-data") or b"name" not in parameters:
        raise UploadRefused.malformed(
            Bilingual(
                "A part of the upload has no name: each needs a Content-Disposition header with form-data and a name.",
                "Une partie de l'envoi n'a pas de nom : chacune demande un en-tête Content-Disposition avec form-data "
                "et un nom.",
            )
        )
    encoding = headers.get(b"content-transfer-encoding", b"binary").strip().lower()
    if encoding not in (b"binary", b"7bit", b"8bit"):
        raise UploadRefused.malformed(
            Bilingual(
                f"A part of the upload is encoded as {_text(encoding)[:_SHOWN]!r}; send it as it is (RFC 7578, 4.7).",
                f"Une partie de l'envoi est encodée en {_text(encoding)[:_SHOWN]!r} ; envoyez-la telle quelle "
                "(RFC 7578, 4.7).",
            )
        )
    content_type = headers.get(b"content-type")
    return PartHead(
        name=_text(parameters[b"name"]),
        file_name=_file_name(parameters),
        content_type=_text(content_type).strip()[:MAX_NAME_BYTES] if content_type is not None else None,
    )


def safe_file_name(name: str) -> str:
    """Return the name of a medium if it can be kept as it is; nothing is cut off or replaced to make it fit.

    Raises UploadRefused for anything but a bare, printable file name of at most 255 bytes: a cleaned name would no
    longer be the one that the answer gives.
    """
    controls = {char for char in name if category(char) in _CONTROLS}
    shown = "".join("\N{REPLACEMENT CHARACTER}" if char in controls else char for char in name[:_SHOWN])
    if len(name) > _SHOWN:
        shown += "…"
    if len(name.encode(errors="surrogatepass")) > MAX_NAME_BYTES:
        raise UploadRefused.malformed(
            Bilingual(
                f"The file name {shown} is too long: at most {MAX_NAME_BYTES} bytes.",
                f"Le nom de fichier {shown} est trop long : {MAX_NAME_BYTES} octets au plus.",
            )
        )
    has_drive = len(name) > 1 and name[1] == ":" and name[0].isalpha()
    if name.strip(" .") == "" or "/" in name or "\\" in name or has_drive or controls:
        raise UploadRefused.malformed(
            Bilingual(
                f"The file name {shown!r} is refused: only a bare name is taken, without folders, drive letters or "
                "control characters.",
                f"Le nom de fichier {shown!r} est refusé : seul un nom simple est accepté, sans dossier, lettre de "
                "lecteur ni caractère de contrôle.",
            )
        )
    return name


def _file_name(parameters: dict[bytes, bytes]) -> str | None:
    extended = parameters.get(b"filename*")
    if extended is not None and extended.count(b"'") >= 2:
        charset, _, value = extended.split(b"'", 2)
        if charset.lower() in (b"utf-8", b""):
            return _text(unquote_to_bytes(value))
    plain = parameters.get(b"filename")
    return None if plain is None else _text(plain.replace(b"%22", b'"').replace(b"%0D", b"\r").replace(b"%0A", b"\n"))


def _unescaped(value: bytes) -> bytes:
    return _ESCAPED.sub(rb"\1", value)


def _text(value: bytes) -> str:
    """Header bytes as text: UTF-8 as today's clients write, else Latin-1 as the old standard has it."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
