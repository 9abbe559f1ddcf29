"""Open a workbook of any kind XLSForm tools know, by its content: .xlsx, .xls, .csv, .md.

The one way in is `read_workbook`; guards come before anything is unpacked.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from forms.finding import Finding, Severity
from forms.garbage_collector import collector_paused
from forms.remembered import Remembered
from forms.text import Bilingual
from forms.workbook.excel import Grid, xls_grids, xlsx_grids
from forms.workbook.guard import FileKind, file_kind, weigh_archive
from forms.workbook.text import text_grids
from forms.workbook.workbook import INTERPRETATION_SHEETS, STANDARD_SHEETS, Cell, Row, Sheet, Workbook, plain

_KIND_BY_ENDING = {
    ".xlsx": FileKind.XLSX,
    ".xlsm": FileKind.XLSX,
    ".xls": FileKind.XLS,
    ".csv": FileKind.TEXT,
    ".md": FileKind.TEXT,
}
_REMEMBERED: Remembered[tuple[bytes, str], Workbook] = Remembered(4)
MAX_REMEMBERED_BYTES = 2_000_000
"""A larger workbook is read anew each time: read, it may take a hundred times its bytes."""

_SPACES = re.compile(" +")
# pyxform reads no column after so many blank headers (xls2json_backends, 4.5): a designer's notes far to the right.
MAX_BLANK_COLUMNS = 20


def read_workbook(raw: bytes, file_name: str) -> Workbook:
    """Return the sheets of a workbook, whatever its extension claims; of a sheet that no one reads only the name.

    The same bytes give the same workbook, not read again while it is among the last ones.
    Raises XLSFormInvalid with a finding that says what the file is or where it breaks.
    """
    if len(raw) > MAX_REMEMBERED_BYTES:
        return open_workbook(raw, file_name)
    return _REMEMBERED.result((hashlib.sha256(raw).digest(), file_name), lambda: open_workbook(raw, file_name))


def open_workbook(raw: bytes, file_name: str) -> Workbook:
    """Return the sheets of a workbook as `read_workbook` does, read anew."""
    with collector_paused():
        return _opened(raw, file_name)


def _opened(raw: bytes, file_name: str) -> Workbook:
    match file_kind(raw, file_name):
        case FileKind.XLSX:
            grids = xlsx_grids(raw, file_name, wanted=_wanted, weighed=weigh_archive(raw, file_name))
        case FileKind.XLS:
            grids = xls_grids(raw, file_name, wanted=_wanted)
        case FileKind.TEXT:
            # Sheets lie one below the other in a text file: no cell of it has a name of its own.
            grids = text_grids(raw, file_name)
            return Workbook(file_name, tuple(replace(_sheet(grid), positions={}) for grid in grids))
    return Workbook(file_name, tuple(_sheet(grid) for grid in grids))


def misnamed(raw: bytes, file_name: str) -> tuple[Finding, ...]:
    """Return an error where the file's ending promises another kind of file: other tools believe the ending."""
    promised = _KIND_BY_ENDING.get(PurePath(file_name).suffix.lower())
    kind = file_kind(raw, file_name)
    if promised is None or promised is kind:
        return ()
    ending = ".csv" if kind is FileKind.TEXT else f".{kind}"
    message = Bilingual(
        f"The file's ending is wrong: by its content it is a {ending} file, and KoboToolbox and ODK Central refuse it. "
        "Open it in Excel or LibreOffice and save it as .xlsx.",
        f"L'extension du fichier est fausse : son contenu est celui d'un fichier {ending}, et KoboToolbox et ODK "
        "Central le refusent. Ouvrez-le dans Excel ou LibreOffice et enregistrez-le en .xlsx.",
    )
    return (Finding("workbook_misnamed", Severity.ERROR, message),)


def _wanted(names: Sequence[str]) -> Collection[str]:
    """The sheets that are read: XLSForm's and ours, or the only one there is, which pyxform takes for the survey."""
    # `simulation` holds shares of answers for `jekafo simulate`; no form is made of it.
    read = {*STANDARD_SHEETS, *INTERPRETATION_SHEETS, "simulation"}
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
        tuple(_unheaded(grid, headers)),
    )


def _unheaded(grid: Grid, headers: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Row and column of the topmost cell of each column that has no header."""
    met: set[int] = set()
    for number, cells in grid.rows[1:]:
        for column, cell in enumerate(cells, start=1):
            if cell and column not in met and (column > len(headers) or not headers[column - 1]):
                met.add(column)
                yield number, column


def _headers(cells: tuple[Cell | None, ...]) -> list[str]:
    headers: list[str] = []
    blank = 0
    for cell in cells:
        blank = 0 if cell else blank + 1
        if blank > MAX_BLANK_COLUMNS:
            break
        headers.append(_SPACES.sub(" ", cell.text.strip()) if cell else "")
    return headers
