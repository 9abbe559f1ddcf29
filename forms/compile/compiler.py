"""Compile a workbook into an XForm with pyxform, without the columns and sheets that only we read.

So the XForm that tablets receive does not change when an interpretation does. Reading the XForm is `forms.xform`,
reading our columns and sheets `forms.sheets`; what pyxform's refusals mean is `forms.compile.findings`.
"""

from dataclasses import dataclass
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from forms.compile.findings import crash_finding, refusal_finding, warning_finding
from forms.errors import XLSFormInvalid
from forms.finding import Finding, Severity
from forms.sheets.names import OUR_COLUMNS, OUR_SHEETS
from forms.text import Bilingual
from forms.workbook.file import read_workbook
from forms.workbook.workbook import STANDARD_SHEETS, Row, Sheet, Workbook, plain

MAX_BLANK_ROWS = 60
"""pyxform reads no row after so many blank ones (xls2json_backends, 4.5); KoboToolbox and Central run pyxform too."""


@dataclass(frozen=True)
class CompiledWorkbook:
    """What a workbook compiles to.

    xform: the XML as tablets get it. itemsets: the CSV of sheet `external_choices`, which goes out as `itemsets.csv`;
    None where the form has none. warnings: what pyxform and we found doubtful.
    """

    xform: bytes
    itemsets: bytes | None
    warnings: tuple[Finding, ...] = ()


def compile_workbook(workbook: bytes, file_name: str) -> CompiledWorkbook:
    """Return the XForm of a workbook; the file's name gives the form its id where the settings name none.

    Raises XLSFormInvalid with all findings: pyxform's refusal, or what kept the file from being opened.
    """
    return compile_sheets(read_workbook(workbook, file_name))


def compile_sheets(workbook: Workbook) -> CompiledWorkbook:
    """Return the XForm of a workbook that is already open. Raises XLSFormInvalid."""
    feed = _Feed(workbook)
    if feed.errors:
        raise XLSFormInvalid(workbook.file_name, feed.errors)
    pyxform_warnings: list[str] = []
    try:
        result = convert(feed.definition(), warnings=pyxform_warnings, validate=False)
        xform, itemsets = result.xform.encode(), result.itemsets.encode() if result.itemsets is not None else None
    except PyXFormError as error:
        refusal = refusal_finding(str(error), feed.rows, workbook)
        raise XLSFormInvalid(workbook.file_name, [refusal]) from error
    except Exception as error:  # pyxform meets some malformed forms with a bare TypeError, KeyError, ExpatError ...
        raise XLSFormInvalid(workbook.file_name, [crash_finding(error)]) from error
    return CompiledWorkbook(
        xform=xform,
        itemsets=itemsets,
        warnings=(*feed.warnings, *(warning_finding(text, feed.rows, workbook) for text in pyxform_warnings)),
    )


class _Feed:
    """The standard sheets as pyxform takes them: per sheet a list of header-to-text rows, blank rows in their place."""

    def __init__(self, workbook: Workbook) -> None:
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []
        self.rows: dict[str, tuple[int, ...]] = {}
        self._workbook = workbook
        self._tables: dict[str, Any] = {}
        for sheet in workbook.sheets:
            name = self._standard_name(sheet)
            if name in self._tables:
                self.errors.append(_sheet_twice(sheet))
            elif name:
                self._take(name, sheet)

    def definition(self) -> dict[str, Any]:
        """The keyword arguments of pyxform's `DefinitionData`."""
        return {
            **self._tables,
            "sheet_names": [sheet.name for sheet in self._workbook.sheets if sheet.key not in OUR_SHEETS],
            "fallback_form_name": self._workbook.stem or None,
        }

    def _standard_name(self, sheet: Sheet) -> str | None:
        name = sheet.name.lower()
        if name in STANDARD_SHEETS:
            return name
        # pyxform takes the only sheet of a workbook for its survey, whatever its name.
        return "survey" if len(self._workbook.sheets) == 1 else None

    def _take(self, name: str, sheet: Sheet) -> None:
        headers = [header for header in sheet.headers if plain(header) not in OUR_COLUMNS.get(name, ())]
        self._refuse_doubles(sheet, headers)
        table: list[dict[str, str]] = []
        numbers: list[int] = []
        for row in sheet.rows:
            blank = row.number - (numbers[-1] if numbers else 1) - 1
            if blank > MAX_BLANK_ROWS:
                self.warnings.append(_rows_after_gap(sheet, row))
                break
            numbers.extend(range(row.number - blank, row.number + 1))
            table.extend({} for _ in range(blank))
            table.append({header: row.text(header) for header in headers if row.text(header)})
        self._tables[name] = table
        self._tables[f"{name}_header"] = [dict.fromkeys(headers)] if headers else []
        self.rows[name] = tuple(numbers)

    def _refuse_doubles(self, sheet: Sheet, headers: list[str]) -> None:
        for header in dict.fromkeys(header for header in headers if headers.count(header) > 1):
            self.errors.append(
                Finding(
                    "duplicate_header",
                    Severity.ERROR,
                    Bilingual(
                        f"Two columns are called {header}. Rename or delete one of them.",
                        f"Deux colonnes s'appellent {header}. Renommez ou supprimez-en une.",
                    ),
                    sheet=sheet.name,
                    row=1,
                    column=header,
                )
            )


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
