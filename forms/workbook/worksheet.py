"""Read the parts of an .xlsx that hold most of its bytes, texts and rows, in one pass each.

openpyxl, which reads all other parts, makes several objects of each cell and must read a sheet twice to tell formulas
from values: two thirds of the time that compiling a form with long lists took. What a cell's text comes to is the
same (tests/forms/test_worksheet.py compares every cell of many forms).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import IO, Any, TypeAlias

from lxml import etree
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from forms.workbook.cell_texts import date_cell, number_cell, text_cell
from forms.workbook.workbook import Cell, CellKind

NumberedRow: TypeAlias = tuple[int, tuple[Cell | None, ...]]
"""Row number, counted from 1, and its cells by position; None is an empty cell."""

_ROW, _STRING, _TEXT, _RUN, _VALUE, _FORMULA, _INLINE = (
    f"{{{SHEET_MAIN_NS}}}{name}" for name in ("row", "si", "t", "r", "v", "f", "is")
)
_DIGITS = "0123456789"


class TextsAsCells(ExcelReader):
    """openpyxl's reader, whose table of shared texts holds each text as the cell that it makes."""

    def read_strings(self) -> None:
        """Read the table; each text is made a cell once, however many cells show it."""
        part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]  # openpyxl's stubs
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                cells: list[Any] = [text_cell(_joined(element)) for element in _elements(source, _STRING)]
                self.shared_strings = cells


def numbered_rows(sheet: ReadOnlyWorksheet, spend: Callable[[int], None]) -> Iterator[NumberedRow]:
    """Return the rows of a worksheet that have a cell which is not empty; `sheet` was opened by `TextsAsCells`.

    spend: told the number of cells of each row, empty ones in between included, before the row is made.
    """
    opened: Any = sheet
    reading = _Reading(opened)
    last = 0
    with opened._get_source() as source:  # noqa: SLF001 - openpyxl offers no public way to a worksheet's XML
        for element in _elements(source, _ROW):
            number = int(float(element.get("r", last + 1)))
            if number <= last:
                # openpyxl, and so pyxform, passes over a row that comes too late.
                continue
            last = number
            cells = reading.cells(element, spend)
            if any(cells):
                yield number, cells


class _Reading:
    def __init__(self, sheet: Any) -> None:
        book = sheet.parent
        self._strings: Sequence[Cell | None] = sheet._shared_strings  # noqa: SLF001 - see numbered_rows
        self._dates = frozenset(str(style) for style in book._date_formats)  # noqa: SLF001 - the same
        self._durations = frozenset(str(style) for style in book._timedelta_formats)  # noqa: SLF001 - the same
        self._epoch: dt.datetime = book.epoch

    def cells(self, row: etree._Element, spend: Callable[[int], None]) -> tuple[Cell | None, ...]:
        """The cells of a row by position."""
        placed: dict[int, Cell | None] = {}
        column = 0
        for element in row:
            coordinate = element.get("r")
            column = _column(coordinate.rstrip(_DIGITS)) if coordinate else column + 1
            placed[column] = self._cell(element)
        width = max(placed, default=0)
        spend(1 + width)
        return tuple(placed.get(position) for position in range(1, width + 1))

    def _cell(self, element: etree._Element) -> Cell | None:
        kind = element.get("t", "n")
        text, inline, is_formula = None, None, False
        for part in element:
            if part.tag == _VALUE:
                text = part.text
            elif part.tag == _FORMULA:
                is_formula = True
            elif part.tag == _INLINE:
                inline = part
        if kind == "inlineStr":
            cell = text_cell(_joined(inline)) if inline is not None else None
        else:
            cell = self._stored(kind, text, element.get("s", "0")) if text else None
        return Cell(cell.text if cell else "", CellKind.FORMULA) if is_formula else cell

    def _stored(self, kind: str, text: str, style: str) -> Cell | None:
        match kind:
            case "s":
                return self._strings[int(text)]
            case "n":
                number = float(text) if "." in text or "E" in text or "e" in text else int(text)
                return self._date(number, style) if style in self._dates else number_cell(number)
            case "b":
                return Cell("TRUE" if int(text) else "FALSE", CellKind.BOOLEAN)
            case "d":
                return date_cell(from_ISO8601(text))  # type: ignore[no-untyped-call]  # openpyxl's stubs
            case _:
                return text_cell(text)

    def _date(self, number: float, style: str) -> Cell | None:
        try:
            return date_cell(from_excel(number, self._epoch, timedelta=style in self._durations))
        except (OverflowError, ValueError):
            # Outside Excel's calendar: what Excel shows in its place.
            return text_cell("#VALUE!")


def _elements(source: IO[bytes], tag: str) -> Iterator[etree._Element]:
    """The elements of that name, each thrown away when the next is asked for."""
    options: Mapping[str, bool] = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "remove_comments": True,
        "remove_pis": True,
    }
    for _, element in etree.iterparse(source, events=("end",), tag=tag, **options):
        yield element
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def _joined(element: etree._Element) -> str:
    """The text of a shared or inline string: its plain text, then those of its formatted runs; no phonetic guides."""
    if len(element) == 1 and element[0].tag == _TEXT:
        return (element[0].text or "").replace("x005F_", "")
    texts = [element.findtext(_TEXT) or "", *(run.findtext(_TEXT) or "" for run in element.iterfind(_RUN))]
    # openpyxl's way with Excel's escape of an underscore; pyxform reads through it.
    return "".join(texts).replace("x005F_", "")


@lru_cache(maxsize=1000)
def _column(letters: str) -> int:
    return column_index_from_string(letters)
