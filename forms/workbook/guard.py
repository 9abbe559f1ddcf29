"""Tell what a file is by its first bytes, and refuse what must not be opened: bombs, entities, locked files.

Nothing is unpacked into memory here: archives are weighed by their directory and scanned in pieces.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from forms.errors import XLSFormInvalid
from forms.finding import Finding, Severity
from forms.text import Bilingual

MAX_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 100_000_000
MAX_ENTRIES = 2_000
# Spreadsheet XML seldom shrinks more than thirtyfold; small files of blank formatted rows may shrink more.
MAX_RATIO = 200
RATIO_MATTERS_FROM_BYTES = 10_000_000

_PIECE = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_ENCODING = re.compile(rb"""^[\xef\xbb\xbf\xfe\xff\s]*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# Encodings in which `<!` is written as such once NULs are dropped; libxml2 knows others (UTF-7) that would hide it.
_PLAIN_ENCODINGS = {b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"}
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".svg", ".tif", ".tiff", ".bmp")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
# Other tools' files under an .xlsx name, by how they begin.
_FOREIGN_STARTS = {
    b"%PDF": ("PDF", "PDF"),
    b"\x89PNG": ("picture", "image"),
    b"\xff\xd8\xff": ("picture", "image"),
    b"GIF8": ("picture", "image"),
    b"{\\rtf": ("RTF document", "document RTF"),
    b"Rar!": ("RAR archive", "archive RAR"),
    b"7z\xbc\xaf": ("7z archive", "archive 7z"),
    b"\x1f\x8b": ("gzip archive", "archive gzip"),
}


class FileKind(StrEnum):
    """How the bytes are to be read."""

    XLSX = "xlsx"
    XLS = "xls"
    TEXT = "text"


def refusal(file_name: str, code: str, message: Bilingual) -> XLSFormInvalid:
    """The error for a file that is not opened at all, so has no sheet and row to name."""
    return XLSFormInvalid(file_name, [Finding(code, Severity.ERROR, message)])


def file_kind(raw: bytes, file_name: str) -> FileKind:
    """Return how to read the bytes, whatever the file's extension says.

    Raises XLSFormInvalid for what is empty, too large, locked by a password or plainly something else.
    """
    if len(raw) > MAX_BYTES:
        raise refusal(
            file_name,
            "workbook_too_large",
            Bilingual(
                f"The file has {len(raw):,} bytes; a workbook may have {MAX_BYTES:,}. Take pictures and unused sheets "
                "out; long choice lists belong in a CSV beside the form.",
                f"Le fichier compte {len(raw):,} octets ; un classeur peut en avoir {MAX_BYTES:,}. Retirez les images "
                "et les feuilles inutiles ; les longues listes de choix vont dans un CSV à côté du formulaire.",
            ),
        )
    if not raw.strip(b"\0 \t\r\n"):
        raise refusal(
            file_name,
            "workbook_empty",
            Bilingual("The file is empty. Save the workbook again.", "Le fichier est vide. Enregistrez à nouveau."),
        )
    if raw.startswith(b"PK"):
        return FileKind.XLSX
    if raw.startswith(_OLE):
        if _ENCRYPTED_PACKAGE in raw:
            raise _locked(file_name)
        return FileKind.XLS
    _refuse_foreign(raw, file_name)
    return FileKind.TEXT


def _refuse_foreign(raw: bytes, file_name: str) -> None:
    for start, (english, french) in _FOREIGN_STARTS.items():
        if raw.startswith(start):
            raise refusal(
                file_name,
                "not_a_workbook",
                Bilingual(
                    f"This is a {english}, not a workbook. Send the .xlsx that the form is edited in.",
                    f"Ceci est un fichier {french}, pas un classeur. Envoyez le .xlsx dans lequel on édite le "
                    "formulaire.",
                ),
            )
    head = raw[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        raise refusal(
            file_name,
            "not_a_workbook",
            Bilingual(
                "This is a web page, not a workbook: a download link often gives the sign-in page instead. "
                "Open the workbook and save it as .xlsx.",
                "Ceci est une page web, pas un classeur : un lien de téléchargement donne souvent la page de "
                "connexion. Ouvrez le classeur et enregistrez-le en .xlsx.",
            ),
        )
    if head.startswith((b"<?xml", b"<h:html", b"<workbook")):
        raise refusal(
            file_name,
            "not_a_workbook",
            Bilingual(
                "This is an XML file, not a workbook. Save the workbook as .xlsx; a finished XForm is published as "
                "XForm.",
                "Ceci est un fichier XML, pas un classeur. Enregistrez le classeur en .xlsx ; un XForm achevé se "
                "publie comme XForm.",
            ),
        )


@dataclass(frozen=True, slots=True)
class WeighedArchive:
    """What was seen of an .xlsx while it was scanned: whether any worksheet holds a formula, and its sheets' number."""

    has_formulas: bool
    sheets: int


def weigh_archive(raw: bytes, file_name: str) -> WeighedArchive:
    """Refuse an .xlsx that must not be opened; return what was seen of it.

    Raises XLSFormInvalid for a broken or locked archive, another kind of document, a zip bomb (sum of the unpacked
    sizes, ratio, number of entries) and for XML that declares a DOCTYPE or entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            _refuse_other_documents(archive, entries, file_name)
            _refuse_bomb(entries, len(raw), file_name)
            has_formulas, sheets = False, 0
            for entry in entries:
                if entry.filename.lower().endswith(_PICTURES):
                    continue
                for piece in _pieces(archive, entry):
                    _refuse_declarations(piece, entry.filename, file_name)
                    has_formulas = has_formulas or ("worksheets/" in entry.filename and bool(_FORMULA.search(piece)))
                    sheets += len(_SHEET.findall(piece)) if entry.filename == "xl/workbook.xml" else 0
            return WeighedArchive(has_formulas, sheets)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise refusal(
            file_name,
            "workbook_damaged",
            Bilingual(
                f"The file is damaged: {error}. Open it in Excel or LibreOffice and save it again as .xlsx.",
                f"Le fichier est endommagé : {error}. Ouvrez-le dans Excel ou LibreOffice et enregistrez-le à nouveau "
                "en .xlsx.",
            ),
        ) from error


def _refuse_other_documents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], file_name: str) -> None:
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise _locked(file_name)
    other = None
    if "xl/workbook.bin" in names:
        other = (".xlsb", ".xlsb")
    elif "mimetype" in names and b"opendocument" in archive.read("mimetype")[:200]:
        other = ("OpenDocument (.ods)", "OpenDocument (.ods)")
    elif any(name.startswith("word/") for name in names):
        other = ("Word", "Word")
    elif any(name.startswith("ppt/") for name in names):
        other = ("PowerPoint", "PowerPoint")
    elif "[Content_Types].xml" not in names:
        other = ("zip", "zip")
    if other is not None:
        raise refusal(
            file_name,
            "not_a_workbook",
            Bilingual(
                f"This is a {other[0]} file, not an Excel workbook. Save it as .xlsx.",
                f"Ceci est un fichier {other[1]}, pas un classeur Excel. Enregistrez-le en .xlsx.",
            ),
        )


def _refuse_bomb(entries: list[zipfile.ZipInfo], packed: int, file_name: str) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    too_dense = unpacked > RATIO_MATTERS_FROM_BYTES and unpacked > MAX_RATIO * packed
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES or too_dense:
        raise refusal(
            file_name,
            "workbook_bomb",
            Bilingual(
                f"Unpacked the file would have {unpacked:,} bytes in {len(entries):,} parts (packed {packed:,}); that "
                "is no form. Copy the sheets into a new workbook and save it.",
                f"Décompressé, le fichier aurait {unpacked:,} octets en {len(entries):,} parties (compressé : "
                f"{packed:,}) ; ce n'est pas un formulaire. Copiez les feuilles dans un nouveau classeur.",
            ),
        )


def _refuse_declarations(piece: bytes, part: str, file_name: str) -> None:
    if any(word in piece for word in _DECLARATIONS):
        raise refusal(
            file_name,
            "workbook_entities",
            Bilingual(
                f"The part {part} declares XML entities; Excel never writes any, so the file is not opened. Copy the "
                "sheets into a new workbook.",
                f"La partie {part} déclare des entités XML ; Excel n'en écrit jamais, le fichier n'est donc pas "
                "ouvert. Copiez les feuilles dans un nouveau classeur.",
            ),
        )


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part without NULs (so that UTF-16 hides nothing), in pieces that overlap by more than a keyword."""
    with archive.open(entry) as part:
        tail = b""
        first = True
        while raw := part.read(_PIECE):
            piece = raw.replace(b"\0", b"")
            if first:
                declared = _ENCODING.match(piece[:200])
                if declared and declared.group(1).lower() not in _PLAIN_ENCODINGS:
                    raise ValueError(f"{entry.filename} is encoded as {declared.group(1).decode('ascii')}")
                first = False
            yield tail + piece
            tail = piece[-16:]


def _locked(file_name: str) -> XLSFormInvalid:
    return refusal(
        file_name,
        "workbook_locked",
        Bilingual(
            "The workbook is locked with a password. Remove it (File, Info, Protect workbook) and save again.",
            "Le classeur est protégé par un mot de passe. Retirez-le (Fichier, Informations, Protéger le classeur) et "
            "enregistrez à nouveau.",
        ),
    )
