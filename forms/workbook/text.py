"""Read the grids of a form kept as text: Markdown tables, or CSV whose first column names the sheet.

Both are pyxform's own conventions; encodings and separators are what office programs really write.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from forms.errors import XLSFormInvalid
from forms.finding import Finding, Severity
from forms.text import Bilingual
from forms.workbook.excel import Grid
from forms.workbook.guard import refusal
from forms.workbook.workbook import Cell

_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SEPARATORS = (",", ";", "\t")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[|\s:-]*")
_NO_BREAK_SPACE = "\u00a0"


def text_grids(raw: bytes, file_name: str) -> list[Grid]:
    """Return the sheets of a text file in order.

    Raises XLSFormInvalid where the bytes are no text, or the text holds no sheet.
    """
    text = _decoded(raw, file_name)
    lines = [line for line in text.splitlines() if line.strip()]
    is_markdown = sum(line.lstrip().startswith("|") for line in lines) * 2 > len(lines)
    grids = _markdown_grids(text) if is_markdown else _csv_grids(text, file_name)
    if not any(_has_types(grid) for grid in grids):
        raise _one_sheet(file_name) if _is_survey_alone(lines[0] if lines else "") else _no_workbook(file_name)
    return grids


def _decoded(raw: bytes, file_name: str) -> str:
    """The text: UTF-8 with or without BOM, UTF-16 with BOM, else Windows' western code page."""
    encodings = ("utf-16",) if raw.startswith(_UTF_16_MARKS) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise _no_workbook(file_name)


def _markdown_grids(text: str) -> list[Grid]:
    """`| survey |` alone names a sheet; the rows under it begin with an empty cell. `#` begins a comment line."""
    cells_by_line: list[list[str]] = []
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith("|"):
            inner = stripped[1 : stripped.rfind("|")]
            if not _RULE.fullmatch(inner):
                cells_by_line.append([cell.strip().replace(r"\|", "|") for cell in _UNESCAPED_PIPE.split(inner)])
    return _grids(cells_by_line)


def _csv_grids(text: str, file_name: str) -> list[Grid]:
    candidates = [_csv_candidate(text, separator, file_name) for separator in _SEPARATORS]
    return max(candidates, key=_likeness)


def _csv_candidate(text: str, separator: str, file_name: str) -> list[Grid]:
    try:
        return _grids(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise _no_workbook(file_name) from error


def _likeness(grids: list[Grid]) -> tuple[bool, int]:
    """How much the sheets look like a form: a sheet with question types first, then the widest header."""
    return any(_has_types(grid) for grid in grids), max(
        (len(grid.rows[0][1]) for grid in grids if grid.rows), default=0
    )


def _has_types(grid: Grid) -> bool:
    """Whether the sheet has the column that every survey has (`command` is its oldest name)."""
    headers = [cell.text.casefold() for cell in grid.rows[0][1] if cell] if grid.rows else []
    return "type" in headers or "command" in headers


def _is_survey_alone(first_line: str) -> bool:
    """Whether a CSV begins with the headers of a survey, as one sheet saved by Excel does: no name of a sheet."""
    for separator in _SEPARATORS:
        cells = {cell.strip(' "').casefold() for cell in first_line.split(separator)}
        if {"type", "name"} <= cells:
            return True
    return False


def _grids(lines: Iterable[list[str]]) -> list[Grid]:
    """Split lines into sheets: a filled first cell opens one; rows count from 1 within it."""
    names: list[str] = []
    rows: dict[str, list[tuple[int, tuple[Cell | None, ...]]]] = {}
    for first, rest in _split_first(lines):
        if first:
            if first not in rows:
                names.append(first)
            rows[first] = []
        if names and any(rest):
            sheet = rows[names[-1]] if not first else rows[first]
            sheet.append((len(sheet) + 1, tuple(Cell(text) if text else None for text in rest)))
    return [Grid(name, tuple(rows[name])) for name in names]


def _split_first(lines: Iterable[list[str]]) -> Iterator[tuple[str, list[str]]]:
    for line in lines:
        cleaned = [cell.strip().replace(_NO_BREAK_SPACE, " ") for cell in line]
        if cleaned:
            yield cleaned[0], cleaned[1:]


def _one_sheet(file_name: str) -> XLSFormInvalid:
    message = Bilingual(
        "This CSV holds the sheet survey alone, without its name: choices and settings are missing. A form kept as CSV "
        "has the sheet's name in its first column. Save the whole workbook as .xlsx.",
        "Ce CSV contient la seule feuille survey, sans son nom : choices et settings manquent. Un formulaire gardé en "
        "CSV a le nom de la feuille dans sa première colonne. Enregistrez le classeur entier en .xlsx.",
    )
    return XLSFormInvalid(file_name, [Finding("csv_of_one_sheet", Severity.ERROR, message, sheet="survey", row=1)])


def _no_workbook(file_name: str) -> XLSFormInvalid:
    return refusal(
        file_name,
        "not_a_workbook",
        Bilingual(
            "This is neither a workbook nor a form written as CSV or Markdown (first column: the sheet's name). "
            "Save the workbook as .xlsx.",
            "Ce n'est ni un classeur, ni un formulaire écrit en CSV ou Markdown (première colonne : le nom de la "
            "feuille). Enregistrez le classeur en .xlsx.",
        ),
    )
