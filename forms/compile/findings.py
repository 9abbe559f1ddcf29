"""Say in two languages, with sheet, row and column, what pyxform refuses or warns of.

pyxform speaks English only and names rows inside its sentences. For those known here (`forms.compile.sentences`) we
say what is wrong and what to do; the English of others is passed on.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from forms.compile.sentences import KNOWN_SENTENCES, KnownSentence
from forms.finding import Finding, Severity
from forms.sheets.choice_columns import LIST_HEADERS, NAME_HEADERS
from forms.sheets.survey_rows import header_of, survey_rows, survey_sheet
from forms.text import Bilingual
from forms.workbook.workbook import Row, Sheet, Workbook, plain

RowNumbers = Mapping[str, tuple[int, ...]]
"""Sheet to the row number that stands behind each row given to pyxform."""

# The words of https://xlsform.org for types, and those of pyxform that no other name stands for.
_TYPES = (
    *("integer", "decimal", "range", "text", "note", "date", "time", "dateTime", "calculate", "acknowledge", "hidden"),
    *("select_one", "select_multiple", "select_one_from_file", "select_multiple_from_file", "select_one_external"),
    *("rank", "geopoint", "geotrace", "geoshape", "start-geopoint", "image", "audio", "background-audio", "video"),
    *("file", "barcode", "csv-external", "xml-external", "start", "end", "today", "deviceid", "phonenumber"),
    *("username", "email", "audit", "begin_group", "end_group", "begin_repeat", "end_repeat"),
)
_LIKENESS = 0.6

_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*|\brow:? (\d+)\b", re.IGNORECASE)
_SHEET = re.compile(
    r"\bthe '(survey|choices|settings|external_choices|entities|osm)' sheet|sheet: '(\w+)'", re.IGNORECASE
)
_QUOTED = re.compile(r"'([^']+)'")
_COLUMN = re.compile(r"the '([^']+)' value")


def refusal_finding(text: str, rows: RowNumbers, workbook: Workbook) -> Finding:
    """The finding for a PyXFormError's message."""
    return _placed(_finding(text, rows, workbook, Severity.ERROR, "xlsform_invalid"), text, workbook)


def warning_finding(text: str, rows: RowNumbers, workbook: Workbook) -> Finding:
    """The finding for a line of pyxform's warnings."""
    return _finding(text, rows, workbook, Severity.WARNING, "xlsform_doubtful")


def crash_finding(error: Exception) -> Finding:
    """The finding for a form on which pyxform breaks instead of answering."""
    reason = f"{type(error).__name__}: {error}"
    return Finding(
        "xlsform_compiler_failed",
        Severity.ERROR,
        Bilingual(
            f"The XLSForm compiler (pyxform) breaks on this form ({reason}). Take the newest rows out, half by half, "
            "until it compiles: the last half taken out holds the cause.",
            f"Le compilateur XLSForm (pyxform) échoue sur ce formulaire ({reason}). Retirez les lignes récentes, "
            "moitié par moitié, jusqu'à ce qu'il compile : la dernière moitié retirée contient la cause.",
        ),
    )


def _finding(text: str, rows: RowNumbers, workbook: Workbook, severity: Severity, default_code: str) -> Finding:
    known, match = next(
        ((known, match) for known in KNOWN_SENTENCES if (match := known.pattern.search(text))), (None, None)
    )
    row_match, sheet_match, column_match = _ROW.search(text), _SHEET.search(text), _COLUMN.search(text)
    sheet_name = known.sheet if known else None
    if sheet_match:
        sheet_name = (sheet_match.group(1) or sheet_match.group(2)).lower()
    elif sheet_name is None and row_match:
        sheet_name = "survey"
    row = _row(int(row_match.group(1) or row_match.group(2)), rows.get(sheet_name or "", ())) if row_match else None
    column = column_match.group(1) if column_match else known.column if known else None
    sheet = _sheet(workbook, sheet_name)
    if known is None or match is None:
        message = _passed_on(text)
    else:
        what = _what(match)
        if row is None and sheet is not None and known.named_in is not None and what:
            row = _row_naming(what, sheet, known.named_in)
        message = _said(known, what, sheet, row, workbook)
    if sheet is not None and column is not None:
        column = header_of(sheet, (column,)) or column
    return Finding(known.code if known else default_code, severity, message, sheet=sheet_name, row=row, column=column)


def _passed_on(text: str) -> Bilingual:
    words = " ".join((_ROW.sub("", text, count=1) if text.lstrip().startswith("[row") else text).split())
    return Bilingual(f"The XLSForm compiler (pyxform) says: {words}", f"Le compilateur XLSForm (pyxform) dit : {words}")


def _said(known: KnownSentence, what: str, sheet: Sheet | None, row: int | None, workbook: Workbook) -> Bilingual:
    near = _near(known.code, what, workbook) if what else None
    first = _first_row(known.code, sheet, row) if sheet is not None and row is not None else None
    return Bilingual(
        known.said.en.format(
            what=what,
            near=f" Did you mean {near}?" if near else "",
            first=f" It stands first in row {first}." if first else "",
        ),
        known.said.fr.format(
            what=what,
            near=f" Vouliez-vous dire {near} ?" if near else "",
            first=f" Il figure d'abord à la ligne {first}." if first else "",
        ),
    )


def _what(match: re.Match[str]) -> str:
    """What the sentence is about; of missing translations all columns as their headers are written."""
    named = match.groupdict(default="")
    if "language" not in named:
        return named.get("what", "")
    return "; ".join(
        f"{found['sheet']} {_header(column.strip(), found['language'])}"
        for found in match.re.finditer(match.string)
        for column in (found["columns"] or found["column"]).split(",")
    )


def _header(column: str, language: str) -> str:
    """The header as a designer writes it; pyxform calls a column without a language `default`."""
    return column if language == "default" else f"{column}::{language}"


def _near(code: str, what: str, workbook: Workbook) -> str | None:
    """The name that exists and was probably meant by one that does not."""
    match code:
        case "unknown_question_type":
            word, _, rest = what.partition(" ")
            right = _like(what, _TYPES) or _like(word, _TYPES)
            return f"{right} {rest}" if right and rest and right.startswith(("select", "rank")) else right
        case "list_unknown":
            return _like(what, _column_texts(workbook.sheet("choices"), LIST_HEADERS))
        case "reference_unknown":
            survey = survey_sheet(workbook)
            return _like(what, (row.name for row in survey_rows(survey)) if survey else ())
        case _:
            return None


def _like(written: str, names: Iterable[str]) -> str | None:
    by_key = {plain(name): name for name in names}
    close = get_close_matches(plain(written), by_key, n=1, cutoff=_LIKENESS)
    return by_key[close[0]] if close else None


def _first_row(code: str, sheet: Sheet, number: int) -> int | None:
    """The row above in which the name that stands twice was met first, or None where that cannot be told."""
    if code == "duplicate_choice":
        list_header, name_header = header_of(sheet, LIST_HEADERS) or "", header_of(sheet, NAME_HEADERS) or ""
        names = [(row.number, (row.text(list_header), row.text(name_header))) for row in sheet.rows]
    elif code == "duplicate_name":
        names = [(row.row.number, (row.path, "")) for row in survey_rows(sheet)]
    else:
        return None
    twice = dict(names).get(number)
    first = next((at for at, name in names if name == twice), None)
    return first if first is not None and first < number else None


def _row_naming(what: str, sheet: Sheet, column: str) -> int | None:
    header = header_of(sheet, (column,))
    return next((row.number for row in sheet.rows if header is not None and row.text(header) == what), None)


def _column_texts(sheet: Sheet | None, headers: tuple[str, ...]) -> tuple[str, ...]:
    header = header_of(sheet, headers) if sheet is not None else None
    return tuple(row.text(header) for row in sheet.rows if row.text(header)) if sheet and header else ()


def _sheet(workbook: Workbook, name: str | None) -> Sheet | None:
    return survey_sheet(workbook) if name == "survey" else workbook.sheet(name or "")


def _placed(finding: Finding, text: str, workbook: Workbook) -> Finding:
    """The finding with its row and column, where pyxform gave none and a word it quotes stands in one cell only."""
    sheet = workbook.sheet(finding.sheet or "")
    if sheet is None or finding.row is not None:
        return finding
    for word in _QUOTED.findall(text):
        places = [(row, header) for row in sheet.rows for header in _headers_with(word, row)]
        if len(places) == 1:
            return replace(finding, row=places[0][0].number, column=places[0][1])
    return finding


def _headers_with(word: str, row: Row) -> list[str]:
    return [header for header, cell in row.cells.items() if word == cell.text or word in cell.text.split()]


def _row(given: int, numbers: tuple[int, ...]) -> int:
    """The row as Excel counts: pyxform counts the rows it was given, the header being 1."""
    return numbers[given - 2] if 0 <= given - 2 < len(numbers) else given
