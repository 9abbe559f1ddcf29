"""Write a `Workbook` as .xlsx, every cell in its place and of its kind: what is read of the file is that workbook.

The product writes workbooks for people (`forms.workbook_style.write`) and edits theirs in place; this is the bare
inverse of reading, so that tests can say that reading loses nothing. A `Workbook` holds no formulas, only the values
that Excel stored for them, so these are written as text; nor does it hold the rows of sheets that nobody reads.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

from forms.workbook.workbook import Cell, CellKind, Sheet, Workbook

_DURATION = re.compile(r"(?:(?P<days>-?\d+) days?, )?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d+)?)")


def written(workbook: Workbook) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in workbook.sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write_sheet(target: Worksheet, sheet: Sheet) -> None:
    columns: dict[str, int] = {}
    for header, column in _placed(sheet):
        columns.setdefault(header, column)
        _write_cell(target, 1, column, Cell(header))
    for row in sheet.rows:
        for header, cell in row.cells.items():
            _write_cell(target, row.number, columns[header], cell)


def _placed(sheet: Sheet) -> Iterator[tuple[str, int]]:
    """The headers with their columns: as read, and one after the other where they have no place or one is met again."""
    last = 0
    met: set[str] = set()
    for header in sheet.headers:
        position = sheet.positions.get(header, 0) if header not in met else 0
        last = max(position, last + 1)
        met.add(header)
        yield header, last


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
    target = sheet.cell(row, column)
    match cell.kind:
        case CellKind.NUMBER:
            target.value = int(cell.text)
        case CellKind.FRACTION:
            target.value = float(cell.text)
        case CellKind.BOOLEAN:
            target.value = cell.text == "TRUE"
        case CellKind.DATE if (moment := _moment(cell.text)) is not None:
            target.value = moment
        case CellKind.ERROR:
            target.value = cell.text
        case _:
            # Signs that XML cannot hold come from .xls files only; a text that begins with = is no formula.
            target.value = ILLEGAL_CHARACTERS_RE.sub("", cell.text)
            target.data_type = "s"


def _moment(text: str) -> dt.datetime | dt.time | dt.timedelta | None:
    """What a date cell's text says; None where it is a number that merely wore a date format."""
    for kind in (dt.datetime, dt.time):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    return dt.timedelta(
        days=int(found["days"] or 0),
        hours=int(found["hours"]),
        minutes=int(found["minutes"]),
        seconds=float(found["seconds"]),
    )
