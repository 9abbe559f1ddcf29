"""Read a CSV file that goes out beside a form, and say how far it is what tablets read: UTF-8, separated by commas.

What a form asks of the file's columns is for `forms.checks`.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

ITEMSETS: Final = "itemsets.csv"
"""The file that pyxform writes beside a form with `select_one_external`, and Collect downloads under this name."""


@dataclass(frozen=True)
class DataFile:
    """A data file. rows: one mapping of header to text a row. separator: what stands between the cells.

    is_utf8: whether tablets read its accents; a file that is not is read here as Windows' western code page.
    """

    headers: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    separator: str = ","
    is_utf8: bool = True

    def values(self, header: str) -> tuple[str, ...]:
        """The texts of a column that are not blank, in order; empty where there is no such column."""
        if header not in self._columns:
            self._columns[header] = tuple(row[header] for row in self.rows if row.get(header))
        return self._columns[header]

    @cached_property
    def _columns(self) -> dict[str, tuple[str, ...]]:
        return {}


def read_data_file(raw: bytes) -> DataFile:
    """Return what a CSV file holds. Nothing is raised: what is no CSV reads as one without rows."""
    try:
        text, is_utf8 = raw.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        text, is_utf8 = raw.decode("cp1252", errors="replace"), False
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        lines = []
    headers = tuple(header.strip() for header in lines[0]) if lines else ()
    rows = tuple(dict(zip(headers, (cell.strip() for cell in line), strict=False)) for line in lines[1:] if any(line))
    return DataFile(headers, rows, separator, is_utf8)
