"""The nouns of a workbook as a designer typed it: sheets of text cells that still know their place.

Opening a file is `forms.workbook.file`; what the cells mean is for `forms.compile` and `forms.sheets`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

STANDARD_SHEETS = ("survey", "choices", "settings", "external_choices", "osm", "entities")
"""The sheets that XLSForm defines (xlsform.org, pyxform 4.5 `constants.SUPPORTED_SHEET_NAMES`)."""

INTERPRETATION_SHEETS = ("derived", "indicators", "design", "population", "quotas", "codebook")
"""The sheets that are read into an Interpretation."""


class CellKind(StrEnum):
    """What stood in the cell before it became text; everything but TEXT and NUMBER may be Excel's doing."""

    TEXT = "text"
    NUMBER = "number"
    FRACTION = "fraction"
    DATE = "date"
    BOOLEAN = "boolean"
    FORMULA = "formula"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is not empty. text: as XLSForm tools read it (`4.0` is `4`); of a formula its stored value."""

    text: str
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """A row under the headers. number: counted as Excel does, the header being row 1. Empty cells are absent."""

    number: int
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def text(self, header: str) -> str:
        """The text under a header, empty where there is none."""
        cell = self.cells.get(header)
        return cell.text if cell else ""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name and headers as written, and its rows in order, blank ones left out.

    positions: header to its column, counted from 1; of several headers alike the first. unheaded: where something
    stands under no header, as row and column (from 1) of the topmost cell of each such column.
    """

    name: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    positions: Mapping[str, int] = field(default_factory=dict)
    unheaded: tuple[tuple[int, int], ...] = ()

    @property
    def key(self) -> str:
        """The name without case and outer spaces, as it is compared."""
        return plain(self.name)

    @cached_property
    def header_by_key(self) -> Mapping[str, str]:
        """Header as compared (`plain`) to header as written; of several alike the first."""
        keys: dict[str, str] = {}
        for header in self.headers:
            keys.setdefault(plain(header), header)
        return keys

    def cell_name(self, row: int, header: str) -> str | None:
        """A cell as Excel names it (`F12`), or None where the sheet has no such header."""
        position = self.positions.get(header) or self.positions.get(self.header_by_key.get(plain(header), ""))
        return f"{column_letters(position)}{row}" if position else None


@dataclass(frozen=True)
class Workbook:
    """All sheets of a file. stem: its name without folder and extension, a form's id when settings give none."""

    file_name: str
    sheets: tuple[Sheet, ...]

    @property
    def stem(self) -> str:
        """The file's name without folder and extension."""
        return self.file_name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]

    def sheet(self, key: str) -> Sheet | None:
        """The sheet of that name (case and outer spaces forgiven), or None."""
        return next((sheet for sheet in self.sheets if sheet.key == key), None)


def plain(text: str) -> str:
    """A keyword as it is compared: no outer or doubled spaces, no-break spaces as spaces, lower case."""
    return " ".join(text.split()).casefold()


def column_letters(position: int) -> str:
    """A column as Excel names it: 1 is A, 27 is AA."""
    letters = ""
    while position:
        position, letter = divmod(position - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
