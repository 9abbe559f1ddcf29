"""A form as KoboToolbox keeps it, its `content`, written as the XLSForm that our one reader compiles.

`content` is `survey`, `choices` and `settings` as rows of header to value, where every translated column holds a list
parallel to `translations`. Rows that only KoboToolbox knows are unfolded by `sync.sources.kobo.constructs`.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from forms.errors import XLSFormInvalid
from forms.finding import Finding, Severity
from forms.text import Bilingual
from forms.workbook.workbook import STANDARD_SHEETS
from forms.workbook_style.write import SheetContent, write_sheets
from sync.sources.kobo.constructs import RowUnclear, name_of, unfolded

Content = Mapping[str, Any]
"""What `/versions/{uid}/` gives as `content`; in `/content/` labels are flat columns, and settings may be a list."""

_FIRST_COLUMNS = ("type", "list_name", "name", "label", "hint", "required", "relevant")
_TRANSLATED = frozenset(
    {
        *("label", "hint", "guidance_hint", "constraint_message", "required_message"),
        *("media::image", "media::big-image", "media::audio", "media::video"),
        *("image", "big-image", "audio", "video"),
    }
)
# `file` names the file of `select_one_from_file`, and stands in the type of an XLSForm.
_IN_TYPE = ("select_from_list_name", "file")
_OR_OTHER = "_or_other"
_SETTINGS_OF_THE_SERVER = frozenset({"id_string", "form_id", "version", "title", "form_title", "name"})
_LONGEST_TEXT = 32_767  # of a cell (Excel specifications and limits)
# What XML 1.0 cannot hold; JSON can.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def workbook_of_content(content: Content, *, form_id: str, version: str, title: str) -> bytes:
    """Return the .xlsx of a form's `content`, under our form id and version; equal content gives equal bytes.

    Columns that XLSForm does not know (`sensitivity`, `code_kind`, ...) are kept, KoboToolbox's own (`$kuid`, `_...`,
    `kobo--...`) are not. Raises XLSFormInvalid for rows of KoboToolbox's own that cannot be unfolded, and for texts
    that no cell can hold, naming the row.
    """
    if not _is_content(content):
        raise _invalid(form_id, "xlsform_invalid", _NO_CONTENT, 1)
    languages = _languages(content)
    translated = _TRANSLATED | set(content.get("translated") or ())
    choices = [_choice(row) for row in _rows(content, "choices")]
    has_external = bool(_rows(content, "external_choices"))
    try:
        survey = [
            _question(row if has_external else _without_its_choices(row))
            for row in unfolded(_rows(content, "survey"), choices)
        ]
    except RowUnclear as unclear:
        raise _invalid(form_id, unclear.code, unclear.message, unclear.number + 1) from unclear
    tables = {"survey": survey, "choices": choices}
    # Sheets that XLSForm does not define are emptied by the import; `external_choices` and `entities` may be full.
    tables |= {name: _rows(content, name) for name in STANDARD_SHEETS if name not in (*tables, "settings")}
    settings = _settings(content, languages, form_id=form_id, version=version, title=title)
    sheets = [
        *(_sheet(name, rows, languages, translated) for name, rows in tables.items() if rows or name == "survey"),
        SheetContent("settings", tuple(settings), (settings,)),
    ]
    _refuse_long_texts(form_id, sheets)
    return write_sheets(sheets, title=title)


_NO_CONTENT = Bilingual(
    "This version is not written as KoboToolbox writes forms. Open it in its form builder, then deploy it again.",
    "Cette version n'est pas écrite comme KoboToolbox les écrit. Ouvrez-la dans son éditeur, puis redéployez-la.",
)


def _is_content(content: Content) -> bool:
    """Whether all is a list of what it should be: by the API, who may edit a project may write anything."""
    settings = content.get("settings") or {}
    rows = [content.get(name) or [] for name in STANDARD_SHEETS if name != "settings"]
    names = [content.get(name) or [] for name in ("translated", "translations")]
    return (
        all(isinstance(one, list) for one in (*rows, *names))
        and all(isinstance(row, dict) for sheet in rows for row in sheet if row)
        and all(name is None or (isinstance(name, str) and name.isprintable()) for listed in names for name in listed)
        and all(isinstance(one, dict) for one in (settings if isinstance(settings, list) else [settings]))
    )


def _rows(content: Content, name: str) -> list[Mapping[str, Any]]:
    return [row for row in content.get(name) or () if row]


def _languages(content: Content) -> list[str | None]:
    """The form's languages in order, None for texts that stand in a column without a language."""
    return list(content.get("translations") or [None])


def _question(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of the survey with its type in one piece and its name."""
    kind = str(row.get("type") or "")
    further = next((str(row[key]) for key in _IN_TYPE if row.get(key) and str(row[key]) not in kind.split()), "")
    or_other = "or_other" if row.get(_OR_OTHER) in (True, "true") else ""
    typed = " ".join(part for part in (kind, further, or_other) if part)
    kept = {header: value for header, value in row.items() if header not in _IN_TYPE}
    # The row that ends a group may carry a name, but never needs one.
    return {**kept, "type": typed} if kind.startswith("end") else {**kept, "type": typed, "name": name_of(row)}


def _without_its_choices(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A question whose choices stood in a sheet that the import emptied: its answers are read as the texts they are."""
    if not str(row.get("type") or "").startswith("select_one_external"):
        return row
    kept = {header: value for header, value in row.items() if header not in (*_IN_TYPE, "choice_filter", "appearance")}
    return {**kept, "type": "text"}


def _choice(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "list_name": row.get("list_name") or row.get("list name") or "", "name": name_of(row)}


def _settings(
    content: Content, languages: Sequence[str | None], *, form_id: str, version: str, title: str
) -> dict[str, str]:
    """The settings under our names; the first language is the default one where they name none."""
    given = content.get("settings") or {}
    if isinstance(given, list):
        given = given[0] if given else {}
    kept = {header: _text(value) for header, value in given.items() if _is_kept(header)}
    settings = {"form_title": title, "form_id": form_id, "version": version}
    settings |= {
        header: text for header, text in sorted(kept.items()) if text and header not in _SETTINGS_OF_THE_SERVER
    }
    if languages[0] is not None:
        settings.setdefault("default_language", languages[0])
    return {header: _CONTROL.sub("", text) for header, text in settings.items()}


def _sheet(
    name: str, rows: Sequence[Mapping[str, Any]], languages: Sequence[str | None], translated: Collection[str]
) -> SheetContent:
    written = [dict(_cells(row, languages, translated)) for row in rows]
    headers = {header for row in written for header in row}
    return SheetContent(name, tuple(sorted(headers, key=lambda header: _place(header, languages))), tuple(written))


def _cells(
    row: Mapping[str, Any], languages: Sequence[str | None], translated: Collection[str]
) -> Iterator[tuple[str, str]]:
    """The cells of a row that are not empty, by header."""
    for header, value in row.items():
        if not _is_kept(header):
            continue
        if isinstance(value, list):
            # Other lists (`tags`) are KoboToolbox's own.
            texts = zip(languages, value, strict=False) if header in translated else ()
            cells = [(header if language is None else f"{header}::{language}", text) for language, text in texts]
        else:
            cells = [(header, value)]
        yield from ((name, text) for name, cell in cells if (text := _CONTROL.sub("", _text(cell))))


def _is_kept(header: str) -> bool:
    return not header.startswith(("$", "_", "kobo--")) and header != "list name"


def _text(value: Any) -> str:
    """A value as a designer would have typed it; false, like nothing, is an empty cell."""
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float():
            return str(value)
    return ""


def _place(header: str, languages: Sequence[str | None]) -> tuple[int, str, int]:
    """Where a column stands: the ones that people read first, and its languages in the form's order."""
    column, _, language = header.partition("::") if not header.startswith("media::") else (header, "", "")
    rank = _FIRST_COLUMNS.index(column) if column in _FIRST_COLUMNS else len(_FIRST_COLUMNS)
    return rank, column, languages.index(language) + 1 if language in languages else 0


def _refuse_long_texts(form_id: str, sheets: Sequence[SheetContent]) -> None:
    """Raise XLSFormInvalid for what no cell can hold; written, it would be cut off without a word."""
    for sheet in sheets:
        for number, row in enumerate(sheet.rows, start=2):
            for header, text in row.items():
                if len(text) > _LONGEST_TEXT:
                    message = Bilingual(
                        f"The text in {sheet.name}, column {header}, has {len(text)} characters; a workbook's cell "
                        f"holds {_LONGEST_TEXT}. Shorten it in KoboToolbox.",
                        f"Le texte de {sheet.name}, colonne {header}, a {len(text)} caractères ; une cellule de "
                        f"classeur en contient {_LONGEST_TEXT}. Raccourcissez-le dans KoboToolbox.",
                    )
                    raise _invalid(form_id, "xlsform_invalid", message, number, sheet.name)


def _invalid(form_id: str, code: str, message: Bilingual, row: int, sheet: str = "survey") -> XLSFormInvalid:
    return XLSFormInvalid(f"{form_id} (KoboToolbox)", [Finding(code, Severity.ERROR, message, sheet=sheet, row=row)])
