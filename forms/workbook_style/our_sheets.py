"""Take our sheets off a copy of a workbook, for servers that would empty them, and lay them on one that came back.

Both read what Excel stored for formulas, as every server does, and write that: a copy saved with formulas alone would
be read as empty there.
"""

import io
import re
from collections.abc import Collection, Sequence

import openpyxl
from openpyxl import Workbook as Book
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

from forms.workbook.file import read_workbook
from forms.workbook.guard import FileKind, file_kind
from forms.workbook.workbook import INTERPRETATION_SHEETS, Row, Sheet, Workbook, plain
from forms.workbook_style.saved import saved
from forms.workbook_style.write import write_header

_NAME = "workbook.xlsx"  # for errors: bytes have no name


def without_our_sheets(workbook: bytes) -> bytes:
    """Return a copy as .xlsx without the sheets that only we read; equal workbooks give equal bytes.

    The rest stays as openpyxl can keep it: sheets, styles, drop-down lists, our columns. What is no .xlsx, or is
    damaged in a part that is no cell, comes as its sheets of XLSForm alone. Raises XLSFormInvalid for what cannot be
    opened.
    """
    book = _book(workbook)
    _remove(book, [sheet.title for sheet in book.worksheets if plain(sheet.title) in INTERPRETATION_SHEETS])
    return saved(book)


def with_our_sheets(workbook: bytes, ours: bytes) -> bytes:
    """Return the workbook as .xlsx with the sheets of `ours` that only we read, in the place of its own.

    Their cells stand where they stood, as text. Equal workbooks give equal bytes. Raises XLSFormInvalid for what
    cannot be opened.
    """
    laid = [sheet for sheet in read_workbook(ours, _NAME).sheets if sheet.key in INTERPRETATION_SHEETS]
    book = _book(workbook)
    _remove(book, [sheet.title for sheet in book.worksheets if plain(sheet.title) in INTERPRETATION_SHEETS])
    for sheet in laid:
        target = book.create_sheet(sheet.name)
        write_header(target, sheet.headers, sheet.headers)
        _write_cells(target, sheet)
    return saved(book)


def _book(workbook: bytes) -> Book:
    """The workbook to be changed, its formulas replaced by their values."""
    read = read_workbook(workbook, _NAME)  # what is dangerous to open is refused here
    if file_kind(workbook, _NAME) is not FileKind.XLSX:
        return _rebuilt(read)
    try:
        return openpyxl.load_workbook(io.BytesIO(workbook), data_only=True, rich_text=True)
    except Exception:  # noqa: BLE001 - openpyxl lets whatever a damaged part causes pass: KeyError, ParseError, ...
        return _rebuilt(read)


def _rebuilt(workbook: Workbook) -> Book:
    book = Book()
    book.remove(book.worksheets[0])
    # Sheets that no XLSForm tool reads were not read.
    for sheet in workbook.sheets:
        if sheet.headers:
            target = book.create_sheet(sheet.name)
            write_header(target, sheet.headers)
            _write_cells(target, sheet)
    return book


def _write_cells(target: Worksheet, sheet: Sheet) -> None:
    """Write the cells as text, each in its place; headers of text files have none and stand one after the other."""
    places = {header: sheet.positions.get(header, number) for number, header in enumerate(sheet.headers, start=1)}
    for row in (Row(1), *sheet.rows):
        texts = {header: header for header in sheet.headers} if row.number == 1 else _texts(row)
        for header, text in texts.items():
            cell = target.cell(row.number, places[header])
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
            cell.data_type = "s"  # a text that begins with `=` is no formula


def _texts(row: Row) -> dict[str, str]:
    return {header: cell.text for header, cell in row.cells.items()}


def _remove(book: Book, titles: Sequence[str]) -> None:
    """Take the sheets out, and all that points to them: Excel calls a file with dangling references damaged."""
    for title in titles:
        book.remove(book[title])
    for name in [name for name, defined in book.defined_names.items() if _names(defined.attr_text or "", titles)]:
        del book.defined_names[name]
    for sheet in book.worksheets:
        for name in [name for name, defined in sheet.defined_names.items() if _names(defined.attr_text or "", titles)]:
            del sheet.defined_names[name]
        rules = sheet.data_validations.dataValidation
        kept = [rule for rule in rules if not _names(f"{rule.formula1} {rule.formula2}", titles)]
        sheet.data_validations.dataValidation = kept
        for cells in list(sheet.conditional_formatting):
            if any(_names(" ".join(map(str, rule.formula or ())), titles) for rule in cells.rules):
                del sheet.conditional_formatting[str(cells.sqref)]
    if not any(sheet.sheet_state == "visible" for sheet in book.worksheets):
        book.worksheets[0].sheet_state = "visible"
    book.active = next((n for n, sheet in enumerate(book.worksheets) if plain(sheet.title) == "survey"), 0)


def _names(formula: str, titles: Collection[str]) -> bool:
    """Whether a formula refers to one of these sheets, as `indicators!A1` or `'plan d''essai'!A1`."""
    folded = formula.casefold()
    for title in map(str.casefold, titles):
        quoted = title.replace("'", "''")
        if f"'{quoted}'!" in folded or re.search(rf"(?<![\w.]){re.escape(title)}!", folded):
            return True
    return False
