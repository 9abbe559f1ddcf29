"""The standard sheets of a workbook as pyxform takes them, without the columns and sheets that only we read."""

import re
from copy import copy
from typing import Any, Self

from forms.compile.headers import header_findings
from forms.finding import Finding, Severity
from forms.sheets.names import OUR_COLUMNS, OUR_SHEETS
from forms.sheets.survey_rows import NAME_HEADERS, TYPE_HEADERS
from forms.text import Bilingual
from forms.workbook.workbook import STANDARD_SHEETS, Row, Sheet, Workbook, plain

MAX_BLANK_ROWS = 60
"""pyxform reads no row after so many blank ones (xls2json_backends, 4.5); KoboToolbox and Central run pyxform too."""

Table = list[dict[str, str]]

_GROUP = re.compile(r"\s*(?:begin|end)[\s_]", re.IGNORECASE)


class Feed:
    """Per sheet a list of header-to-text rows, blank rows in their place, and the row number that stands behind each.

    errors: what pyxform would not say, or not say clearly. warnings: what it passes over.
    """

    def __init__(self, workbook: Workbook) -> None:
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []
        self.rows: dict[str, tuple[int, ...]] = {}
        self.tables: dict[str, Table] = {}
        self.headers: dict[str, list[str]] = {}
        self._workbook = workbook
        for sheet in workbook.sheets:
            name = self._standard_name(sheet)
            if name in self.tables:
                self.errors.append(_sheet_twice(sheet))
            elif name:
                self._take(name, sheet)
        self.errors.extend(header_findings(self.headers, workbook))

    def definition(self) -> dict[str, Any]:
        """The keyword arguments of pyxform's `DefinitionData`; a copy, for pyxform changes what it is given."""
        tables: dict[str, Any] = {name: [dict(row) for row in table] for name, table in self.tables.items()}
        headers = {f"{name}_header": [dict.fromkeys(found)] if found else [] for name, found in self.headers.items()}
        return {
            **tables,
            **headers,
            "sheet_names": [sheet.name for sheet in self._workbook.sheets if sheet.key not in OUR_SHEETS],
            "fallback_form_name": self._workbook.stem or None,
        }

    def copy(self) -> Self:
        """A feed whose rows can be changed while this one stays as the designer wrote it."""
        other = copy(self)
        other.tables = {name: [dict(row) for row in table] for name, table in self.tables.items()}
        other.headers = {name: list(headers) for name, headers in self.headers.items()}
        return other

    def column(self, sheet: str, names: tuple[str, ...]) -> str | None:
        """The header as written for the first of these names; a language after it (`label::Français (fr)`) counts."""
        for name in names:
            for header in self.headers.get(sheet, ()):
                if plain(header.partition("::")[0]).replace(" ", "_") == name:
                    return header
        return None

    def make_column(self, sheet: str, names: tuple[str, ...]) -> str:
        """The header for these names; where the sheet has none of them it gets the first."""
        header = self.column(sheet, names)
        if header is None:
            header = names[0]
            self.headers.setdefault(sheet, []).append(header)
        return header

    def opens_or_closes(self, row: dict[str, str]) -> bool:
        """Whether a row of the survey begins or ends a group, repeat or loop."""
        return _GROUP.match(row.get(self.column("survey", TYPE_HEADERS) or "", "")) is not None

    def plain_question(self, row: dict[str, str]) -> dict[str, str]:
        """A text question under the row's name: nothing in it can go wrong, and references to it still hold."""
        name = self.column("survey", NAME_HEADERS)
        if not name or not row.get(name):
            return {}
        return {
            self.make_column("survey", TYPE_HEADERS): "text",
            name: row[name],
            self.make_column("survey", ("label",)): "-",
        }

    def _standard_name(self, sheet: Sheet) -> str | None:
        name = sheet.name.lower()
        if name in STANDARD_SHEETS:
            return name
        # pyxform takes the only sheet of a workbook for its survey, whatever its name.
        return "survey" if len(self._workbook.sheets) == 1 else None

    def _take(self, name: str, sheet: Sheet) -> None:
        ours = OUR_COLUMNS.get(name, ())
        headers = [header for header in sheet.headers if plain(header) not in ours]
        read = frozenset(headers)
        table: Table = []
        numbers: list[int] = []
        for row in sheet.rows:
            blank = row.number - (numbers[-1] if numbers else 1) - 1
            if blank > MAX_BLANK_ROWS:
                self.warnings.append(_rows_after_gap(sheet, row))
                break
            numbers.extend(range(row.number - blank, row.number + 1))
            table.extend({} for _ in range(blank))
            table.append({header: cell.text for header, cell in row.cells.items() if cell.text and header in read})
        self.tables[name] = table
        self.headers[name] = headers
        self.rows[name] = tuple(numbers)


def _sheet_twice(sheet: Sheet) -> Finding:
    return Finding(
        "sheet_twice",
        Severity.ERROR,
        Bilingual(
            f"Two sheets are called {sheet.name}. Keep one.",
            f"Deux feuilles s'appellent {sheet.name}. Gardez-en une.",
        ),
        sheet=sheet.name,
    )


def _rows_after_gap(sheet: Sheet, row: Row) -> Finding:
    return Finding(
        "rows_after_gap",
        Severity.WARNING,
        Bilingual(
            f"More than {MAX_BLANK_ROWS} blank rows stand before this one: ODK tools read no further. Delete them.",
            f"Plus de {MAX_BLANK_ROWS} lignes vides précèdent celle-ci : les outils ODK ne lisent pas plus loin. "
            "Supprimez-les.",
        ),
        sheet=sheet.name,
        row=row.number,
    )
