"""Say in two languages, with sheet, row and column, what pyxform refuses or warns of.

pyxform speaks English only and names rows inside its sentences. For those known here (`forms.compile.sentences`) we
say what is wrong and what to do; the English of others is passed on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from forms.compile.sentences import KNOWN_SENTENCES
from forms.compile.wording import worded
from forms.finding import Finding, Severity
from forms.language import DEFAULT_LANGUAGE
from forms.sheets.survey_rows import header_of, survey_sheet
from forms.text import Bilingual
from forms.workbook.text_columns import text_columns
from forms.workbook.workbook import Row, Sheet, Workbook

RowNumbers = Mapping[str, tuple[int, ...]]
"""Sheet to the row number that stands behind each row given to pyxform."""

# Columns that pyxform names by a word of its own.
_ALSO_CALLED = {"dataset": ("list_name", "dataset"), "form_id": ("form_id", "id_string")}
UNKNOWN_REFUSAL = "xlsform_invalid"
"""The code of a sentence that is not known here: its English is passed on."""

_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*|\brow:? (\d+)\b", re.IGNORECASE)
_SHEET = re.compile(
    r"\bthe '(survey|choices|settings|external_choices|entities|osm)' sheet|sheet: '(\w+)'", re.IGNORECASE
)
_QUOTED = re.compile(r"'([^']+)'")
_COLUMN = re.compile(r"the '([^']+)' value")


def refusal_findings(text: str, rows: RowNumbers, workbook: Workbook) -> tuple[Finding, ...]:
    """The findings for a PyXFormError's message: one a line where each line names a row of its own, else one."""
    lines = text.splitlines()
    texts = lines if len(lines) > 1 and all(_ROW.match(line) for line in lines) else [text]
    return tuple(
        _placed(_finding(each, rows, workbook, Severity.ERROR, UNKNOWN_REFUSAL), each, workbook) for each in texts
    )


def warning_finding(text: str, rows: RowNumbers, workbook: Workbook) -> Finding:
    """The finding for a line of pyxform's warnings."""
    return _finding(text, rows, workbook, Severity.WARNING, "xlsform_doubtful")


def warning_findings(texts: Iterable[str], rows: RowNumbers, workbook: Workbook) -> tuple[Finding, ...]:
    """The findings for all of pyxform's warnings but those that a check tells in its place (`language_unnamed`)."""
    return tuple(warning_finding(text, rows, workbook) for text in texts if not _is_told_elsewhere(text, workbook))


def _is_told_elsewhere(text: str, workbook: Workbook) -> bool:
    match = next((match for each in KNOWN_SENTENCES if (match := each.pattern.search(text))), None)
    return match is not None and "language" in match.groupdict() and not list(_translations(match, workbook))


def crash_finding(error: Exception, *, at_row: bool = False) -> Finding:
    """The finding for a form on which pyxform breaks instead of answering; at_row: the row is known."""
    reason = f"{type(error).__name__}: {error}"
    if at_row:
        message = Bilingual(
            f"The XLSForm compiler (pyxform) breaks on this row ({reason}). Compare it with its neighbours: a header "
            "or cell has a form that it does not expect. Type the row anew, or delete it.",
            f"Le compilateur XLSForm (pyxform) échoue sur cette ligne ({reason}). Comparez-la avec ses voisines : un "
            "en-tête ou une cellule a une forme inattendue. Retapez la ligne ou supprimez-la.",
        )
    else:
        message = Bilingual(
            f"The XLSForm compiler (pyxform) breaks on this form ({reason}). Take the newest rows out, half by half, "
            "until it compiles: the last half taken out holds the cause.",
            f"Le compilateur XLSForm (pyxform) échoue sur ce formulaire ({reason}). Retirez les lignes récentes, "
            "moitié par moitié, jusqu'à ce qu'il compile : la dernière moitié retirée contient la cause.",
        )
    return Finding("xlsform_compiler_failed", Severity.ERROR, message)


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
        what = _what(match, workbook)
        if known.in_headers:
            row, column = 1, what if sheet is not None and what in sheet.headers else column
        elif row is None and sheet is not None and known.named_in is not None and what:
            row = _row_naming(what, sheet, known.named_in)
        message = worded(known, what, match.groupdict().get("other") or "", sheet, row, workbook)
    if sheet_name == "settings" and row == 1 and not (known and known.in_headers):
        # pyxform counts the only row of settings that it reads as 1.
        row = next(iter(rows.get("settings", ())), row)
    if sheet is not None and column is not None:
        column = header_of(sheet, _ALSO_CALLED.get(column, (column,))) or column
    return Finding(known.code if known else default_code, severity, message, sheet=sheet_name, row=row, column=column)


def _passed_on(text: str) -> Bilingual:
    words = " ".join((_ROW.sub("", text, count=1) if text.lstrip().startswith("[row") else text).split())
    return Bilingual(f"The XLSForm compiler (pyxform) says: {words}", f"Le compilateur XLSForm (pyxform) dit : {words}")


def _what(match: re.Match[str], workbook: Workbook) -> str:
    """What the sentence is about; of missing translations all columns as their headers are written."""
    named = match.groupdict(default="")
    if "language" not in named:
        return named.get("what", "") or named.get("also", "")
    return "; ".join(f"{sheet} {column}::{language}" for sheet, column, language in _translations(match, workbook))


def _translations(match: re.Match[str], workbook: Workbook) -> Iterator[tuple[str, str, str]]:
    """The columns that lack a translation, as sheet, column and language.

    Left out are columns that stand there and only have to name their language (that is `language_unnamed`), and what
    the language `default` lacks: nobody means one, it comes of such columns.
    """
    for found in match.re.finditer(match.string):
        sheet = _sheet(workbook, found["sheet"])
        unnamed = {each.kind for each in text_columns(sheet) if each.language == DEFAULT_LANGUAGE} if sheet else ()
        for column in map(str.strip, (found["columns"] or found["column"]).split(",")):
            if found["language"] != DEFAULT_LANGUAGE and column not in unnamed:
                yield found["sheet"], column, found["language"]


def _row_naming(what: str, sheet: Sheet, column: str) -> int | None:
    header = header_of(sheet, (column,))
    return next((row.number for row in sheet.rows if header is not None and row.text(header) == what), None)


def _sheet(workbook: Workbook, name: str | None) -> Sheet | None:
    return survey_sheet(workbook) if name == "survey" else workbook.sheet(name or "")


def _placed(finding: Finding, text: str, workbook: Workbook) -> Finding:
    """The finding with its row and column, where an unknown sentence quotes a word that stands in one cell only."""
    sheet = workbook.sheet(finding.sheet or "")
    if sheet is None or finding.row is not None or finding.code != UNKNOWN_REFUSAL:
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
