"""Open a workbook of any kind XLSForm tools know, by its content: .xlsx, .xls, .csv, .md.

The one way in is `read_workbook`; guards come before anything is unpacked.
"""

import re
from collections.abc import Collection, Sequence

from forms.sheets.names import INTERPRETATION_SHEETS
from forms.workbook.excel import Grid, xls_grids, xlsx_grids
from forms.workbook.guard import FileKind, file_kind, weigh_archive
from forms.workbook.text import text_grids
from forms.workbook.workbook import STANDARD_SHEETS, Cell, Row, Sheet, Workbook, plain

_SPACES = re.compile(" +")
# pyxform reads no column after so many blank headers (xls2json_backends, 4.5): a designer's notes far to the right.
MAX_BLANK_COLUMNS = 20


def read_workbook(raw: bytes, file_name: str) -> Workbook:
    """Return the sheets of a workbook, whatever its extension claims; of a sheet that no one reads only the name.

    Raises XLSFormInvalid with a finding that says what the file is or where it breaks.
    """
    match file_kind(raw, file_name):
        case FileKind.XLSX:
            grids = xlsx_grids(raw, file_name, wanted=_wanted, weighed=weigh_archive(raw, file_name))
        case FileKind.XLS:
            grids = xls_grids(raw, file_name, wanted=_wanted)
        case FileKind.TEXT:
            grids = text_grids(raw, file_name)
    return Workbook(file_name, tuple(_sheet(grid) for grid in grids))


def _wanted(names: Sequence[str]) -> Collection[str]:
    """The sheets that are read: XLSForm's and ours, or the only one there is, which pyxform takes for the survey."""
    read = {*STANDARD_SHEETS, *INTERPRETATION_SHEETS}
    return names if len(names) == 1 else [name for name in names if plain(name) in read]


def _sheet(grid: Grid) -> Sheet:
    if not grid.rows or grid.rows[0][0] != 1:
        # Excel's first row is the header; where it is blank the sheet has none.
        return Sheet(grid.name, (), tuple(Row(number) for number, _ in grid.rows))
    headers = _headers(grid.rows[0][1])
    rows = (
        Row(number, {header: cell for header, cell in zip(headers, cells, strict=False) if header and cell})
        for number, cells in grid.rows[1:]
    )
    positions: dict[str, int] = {}
    for position, header in enumerate(headers, start=1):
        if header:
            positions.setdefault(header, position)
    return Sheet(
        grid.name,
        tuple(header for header in headers if header),
        tuple(row for row in rows if row.cells),
        positions,
    )


def _headers(cells: tuple[Cell | None, ...]) -> list[str]:
    headers: list[str] = []
    blank = 0
    for cell in cells:
        blank = 0 if cell else blank + 1
        if blank > MAX_BLANK_COLUMNS:
            break
        headers.append(_SPACES.sub(" ", cell.text.strip()) if cell else "")
    return headers
