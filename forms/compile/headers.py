"""Find in the header rows what pyxform meets with a crash, or with an XForm that nobody can read."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pyxform.constants import NSMAP

from forms.finding import Finding, Severity
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.workbook.workbook import Sheet, Workbook, plain

# Columns whose second part becomes an attribute's name in the XForm (`bind::jr:noAppErrorString`).
_ATTRIBUTES = re.compile(
    r"(?:bind|control|body|instance)\s*::?\s*(?P<prefix>[^\W\d][\w.-]*):(?P<name>[^:]+)", re.IGNORECASE
)
_NAMESPACE = re.compile(r"([^\W\d][\w.-]*)\s*=")
_ELEMENT = re.compile(r"[^\W\d][\w.-]*")
_TRANSLATED = (
    *("label", "hint", "guidance_hint", "constraint_message", "required_message", "image", "big-image", "audio"),
    *("video", "caption"),
)


def header_findings(headers: Mapping[str, Sequence[str]], workbook: Workbook) -> Iterator[Finding]:
    """Return what is wrong with the headers that pyxform reads: sheet (lower case) to its headers in order."""
    known = {prefix.removeprefix("xmlns").removeprefix(":") for prefix in NSMAP} | _declared(workbook.sheet("settings"))
    for name, found in headers.items():
        sheet = workbook.sheet(name) or workbook.sheets[0]
        for header in dict.fromkeys(found):
            if found.count(header) > 1:
                yield _finding(
                    "duplicate_header",
                    sheet,
                    header,
                    f"Two columns are called {header}. Rename or delete one of them.",
                    f"Deux colonnes s'appellent {header}. Renommez ou supprimez-en une.",
                )
            elif name in ("survey", "choices"):
                yield from _unreadable(sheet, header, known)
                if name == "choices":
                    yield from _no_element(sheet, header, found)


def _unreadable(sheet: Sheet, header: str, known: set[str]) -> Iterator[Finding]:
    attribute = _ATTRIBUTES.fullmatch(header.strip())
    if attribute and attribute["prefix"] not in known:
        prefix = attribute["prefix"]
        yield _finding(
            "prefix_unbound",
            sheet,
            header,
            f"Nothing says what {prefix}: in this header means. Declare it in the sheet settings, column namespaces "
            f'({prefix}="https://..."), or correct it.',
            f"Rien ne dit ce que signifie {prefix}: dans cet en-tête. Déclarez-le dans la feuille settings, colonne "
            f'namespaces ({prefix}="https://..."), ou corrigez-le.',
        )
    parts = [part.strip() for part in header.split("::")]
    if plain(parts[0]) == "media":
        parts = parts[1:]
    if len(parts) > 2 and plain(parts[0]).replace(" ", "_") in _TRANSLATED:
        yield _finding(
            "header_malformed",
            sheet,
            header,
            f"Two headers seem to stand in one cell: {header}. A translated column is called "
            f"{parts[0]}::Language (xx).",
            f"Deux en-têtes semblent tenir dans une cellule : {header}. Une colonne traduite s'appelle "
            f"{parts[0]}::Langue (xx).",
        )


def _no_element(sheet: Sheet, header: str, headers: Sequence[str]) -> Iterator[Finding]:
    """What cannot become the element that carries a column of choices in the XForm; spaces are told elsewhere."""
    # pyxform takes a single colon for the sign before a language where no header of the sheet has a double one.
    delimiter = "::" if any("::" in other for other in headers) else ":"
    first, *language = (part.strip() for part in header.split(delimiter))
    is_translated = plain(first).replace(" ", "_") in (*_TRANSLATED, "media")
    if (language and is_translated) or (not language and (_ELEMENT.fullmatch(first) or " " in first)):
        return
    yield _finding(
        "header_not_a_name",
        sheet,
        header,
        f"{header} cannot be a column of choices: tablets get it as a name, of letters, digits, hyphens and dots, "
        "beginning with a letter; a language stands behind two colons, as in label::English (en). Rename the column.",
        f"{header} ne peut pas être une colonne de choices : les tablettes le reçoivent comme un nom, fait de lettres, "
        "de chiffres, de traits d'union et de points, et commençant par une lettre ; une langue suit deux "
        "deux-points, comme dans label::Français (fr). Renommez la colonne.",
    )


def _declared(settings: Sheet | None) -> set[str]:
    header = header_of(settings, ("namespaces",)) if settings is not None else None
    if settings is None or header is None:
        return set()
    return {prefix for row in settings.rows for prefix in _NAMESPACE.findall(row.text(header))}


def _finding(code: str, sheet: Sheet, header: str, english: str, french: str) -> Finding:
    message = Bilingual(english, french)
    return Finding(code, Severity.ERROR, message, sheet=sheet.name, row=1, column=header)
