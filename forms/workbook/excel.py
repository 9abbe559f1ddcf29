"""Read the grids of an .xlsx (openpyxl) or .xls (xlrd) file: each cell with its text and what it was.

The text is what pyxform makes of a cell, so that compiling our reading gives the XForm that compiling the file
itself gives (tests/forms/test_corpus_examination.py). Guarding against hostile files is `forms.workbook.guard`.
"""

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias

import xlrd

from forms.errors import XLSFormInvalid
from forms.text import Bilingual
from forms.workbook.cell_texts import number_cell, text_cell
from forms.workbook.guard import WeighedArchive, refusal
from forms.workbook.workbook import Cell, CellKind
from forms.workbook.worksheet import TextsAsCells, numbered_rows

Wanted: TypeAlias = Callable[[Sequence[str]], Collection[str]]
"""Of all sheets' names those whose rows are read."""

MAX_CELLS = 3_000_000
"""Cells read of one workbook, empty ones in between included."""


@dataclass(frozen=True)
class Grid:
    """One sheet before its headers are known: row number (from 1) to cells by position; None is an empty cell."""

    name: str
    rows: tuple[tuple[int, tuple[Cell | None, ...]], ...]


def xlsx_grids(raw: bytes, file_name: str, *, wanted: Wanted, weighed: WeighedArchive) -> list[Grid]:
    """Return the sheets of an .xlsx in order, those not wanted without rows.

    Formulas are marked, with the value that Excel stored for them.

    Raises XLSFormInvalid where openpyxl cannot read the file.
    """
    try:
        reader = TextsAsCells(io.BytesIO(raw), read_only=True, keep_links=False)
        reader.read()
        with closing(reader.wb) as book:
            _refuse_missing_sheets(book.sheetnames, weighed)
            names = wanted([sheet.title for sheet in book.worksheets])
            budget = _Budget(file_name)
            return [
                Grid(sheet.title, tuple(numbered_rows(sheet, budget.spend)) if sheet.title in names else ())
                for sheet in book.worksheets
            ]
    except XLSFormInvalid:
        raise
    except Exception as error:  # openpyxl lets whatever a damaged part causes pass: KeyError, TypeError, ParseError
        raise _unreadable(file_name, error) from error


def xls_grids(raw: bytes, file_name: str, *, wanted: Wanted) -> list[Grid]:
    """Return the sheets of an .xls in order, those not wanted without rows.

    xlrd does not say which cells are formulas: their values are read.

    Raises XLSFormInvalid where xlrd cannot read the file.
    """
    try:
        book = xlrd.open_workbook(file_contents=raw, logfile=io.StringIO(), ragged_rows=True)
    except Exception as error:  # xlrd raises XLRDError for what it knows, struct.error and others for the rest
        raise _unreadable(file_name, error) from error
    names = wanted(book.sheet_names())
    budget = _Budget(file_name)
    return [
        Grid(sheet.name, tuple(_xls_rows(sheet, book.datemode, budget)) if sheet.name in names else ())
        for sheet in book.sheets()
    ]


def _refuse_missing_sheets(names: Sequence[str], weighed: WeighedArchive) -> None:
    """Raise where a sheet's part is missing: openpyxl passes over it without a word, and it would be ignored."""
    if len(names) < weighed.sheets:
        raise KeyError(f"{weighed.sheets} sheets are named, {len(names)} are there")


class _Budget:
    """Counts cells down, so that a sheet with one cell in its last corner does not fill the memory."""

    def __init__(self, file_name: str) -> None:
        self._left = MAX_CELLS
        self._file_name = file_name

    def spend(self, cells: int) -> None:
        self._left -= cells
        if self._left < 0:
            raise refusal(
                self._file_name,
                "workbook_too_large",
                Bilingual(
                    f"The workbook has more than {MAX_CELLS:,} cells. Delete the empty rows and columns after the last "
                    "one in use; long choice lists belong in a CSV beside the form.",
                    f"Le classeur a plus de {MAX_CELLS:,} cellules. Supprimez les lignes et colonnes vides après la "
                    "dernière utilisée ; les longues listes vont dans un CSV à côté du formulaire.",
                ),
            )


def _xls_rows(sheet: xlrd.sheet.Sheet, datemode: int, budget: _Budget) -> Iterator[tuple[int, tuple[Cell | None, ...]]]:
    for index in range(sheet.nrows):
        row: Iterable[xlrd.sheet.Cell] = sheet.row(index)
        cells = tuple(_xls_cell(cell, datemode) for cell in row)
        budget.spend(1 + len(cells))
        if any(cells):
            yield index + 1, cells


def _xls_cell(cell: xlrd.sheet.Cell, datemode: int) -> Cell | None:
    match cell.ctype:
        case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
            return None
        case xlrd.XL_CELL_BOOLEAN:
            return Cell("TRUE" if cell.value else "FALSE", CellKind.BOOLEAN)
        case xlrd.XL_CELL_NUMBER:
            return number_cell(cell.value)
        case xlrd.XL_CELL_DATE:
            return Cell(_xls_date(cell.value, datemode), CellKind.DATE)
        case xlrd.XL_CELL_ERROR:
            return Cell(xlrd.error_text_from_code.get(cell.value, "#ERROR"), CellKind.ERROR)
        case _:
            return text_cell(str(cell.value))


def _xls_date(value: float, datemode: int) -> str:
    try:
        year, month, day, hour, minute, second = xlrd.xldate_as_tuple(value, datemode)
    except xlrd.xldate.XLDateError:
        # Outside Excel's calendar: a number that merely wears a date format.
        return str(value)
    time = f"{hour:02}:{minute:02}:{second:02}"
    return time if (year, month, day) == (0, 0, 0) else f"{year:04}-{month:02}-{day:02} {time}"


def _unreadable(file_name: str, error: Exception) -> XLSFormInvalid:
    if "encrypt" in str(error).lower():
        message = Bilingual(
            "The workbook is locked with a password. Remove it and save again.",
            "Le classeur est protégé par un mot de passe. Retirez-le et enregistrez à nouveau.",
        )
        return refusal(file_name, "workbook_locked", message)
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return refusal(
        file_name,
        "workbook_damaged",
        Bilingual(
            f"The file cannot be read as a workbook ({reason}). Open it in Excel or LibreOffice and save it again as "
            ".xlsx.",
            f"Le fichier ne se lit pas comme un classeur ({reason}). Ouvrez-le dans Excel ou LibreOffice et "
            "enregistrez-le à nouveau en .xlsx.",
        ),
    )
