"""What the text of a cell comes to, by what Excel kept in it; the same as pyxform makes of it."""

import datetime as dt

from forms.workbook.workbook import Cell, CellKind

_NO_BREAK_SPACE = "\u00a0"
_EXCEL_ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})


def text_cell(value: str) -> Cell | None:
    """The cell of a text; None where it is blank."""
    text = value.strip().replace(_NO_BREAK_SPACE, " ")
    if not text:
        return None
    return Cell(text, CellKind.ERROR if text in _EXCEL_ERRORS else CellKind.TEXT)


def number_cell(value: float) -> Cell:
    """The cell of a number: `4.0` is `4`."""
    if isinstance(value, int) or value.is_integer():
        return Cell(str(int(value)), CellKind.NUMBER)
    return Cell(str(value), CellKind.FRACTION)


def date_cell(value: dt.datetime | dt.date | dt.time | dt.timedelta) -> Cell:
    """The cell of a date, a time or a duration."""
    return Cell(str(value), CellKind.DATE)
