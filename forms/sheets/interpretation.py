"""Lay a workbook's columns and sheets on the form that it compiles to, all findings at once.

What needs no form (names, headers, cells) is checked first, so that it is told also where the form does not compile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from forms.finding import Findings, Place
from forms.form import Form
from forms.interpretation import DesignRow, Interpretation
from forms.sheets import codebook, derived, design, indicators, population, quotas
from forms.sheets.cells import Columns, OurRow, rows_of
from forms.sheets.codebook import read_codebook
from forms.sheets.derived import read_derived
from forms.sheets.design import check_calibration, read_design
from forms.sheets.indicators import read_indicators
from forms.sheets.names import OUR_COLUMNS, OUR_SHEETS, meant
from forms.sheets.population import read_population
from forms.sheets.quotas import read_quotas
from forms.sheets.standard import check_standard_cells, join_standard_columns
from forms.workbook.workbook import INTERPRETATION_SHEETS, STANDARD_SHEETS, Sheet, Workbook, plain

COLUMNS: Mapping[str, Columns] = {
    "derived": derived.COLUMNS,
    "indicators": indicators.COLUMNS,
    "design": design.COLUMNS,
    "population": population.COLUMNS,
    "quotas": quotas.COLUMNS,
    "codebook": codebook.COLUMNS,
}
"""Our sheets to the columns they may have."""


@dataclass(frozen=True)
class OurSheets:
    """Our sheets of a workbook, opened: rows by the sheet's name. A sheet that the workbook lacks is absent."""

    workbook: Workbook
    sheets: Mapping[str, Sheet]
    rows: Mapping[str, list[OurRow]]


def open_our_sheets(workbook: Workbook, findings: Findings) -> OurSheets:
    """Return our sheets' rows; names, headers and cells against the rules become findings. Needs no form."""
    _check_names(workbook, findings)
    check_standard_cells(workbook, findings)
    sheets = {name: sheet for name in INTERPRETATION_SHEETS if (sheet := workbook.sheet(name)) is not None}
    return OurSheets(
        workbook, sheets, {name: rows_of(sheet, COLUMNS[name], findings) for name, sheet in sheets.items()}
    )


def join_sheets(form: Form, ours: OurSheets, findings: Findings) -> Form:
    """Return the form with our columns and its interpretation; what contradicts the form becomes findings."""
    form = join_standard_columns(form, ours.workbook, findings)
    scope = read_derived(ours.rows.get("derived", []), form, findings)
    drawn: DesignRow | None = None
    if "design" in ours.sheets:
        drawn = read_design(ours.rows["design"], ours.sheets["design"].name, scope, findings)
    elif ours.rows.get("indicators"):
        findings.error(
            "design_missing",
            Place("design"),
            "The sheet indicators needs the sheet design: how was the sample drawn? Its key kind is probability, "
            "census, quota or purposive.",
            "La feuille indicators exige la feuille design : comment l'échantillon est-il tiré ? Sa clé kind est "
            "probability, census, quota ou purposive.",
        )
    known = ours.rows.get("population", [])
    if drawn is not None:
        check_calibration(ours.rows["design"], drawn, known, findings)
    return replace(
        form,
        interpretation=Interpretation(
            derived=scope.derived,
            indicators=read_indicators(ours.rows.get("indicators", []), scope, drawn, findings),
            # One of an unknown kind has its finding; the other sheets were still held to what it names.
            design=drawn if drawn is not None and drawn.kind else None,
            population=read_population(known, scope, drawn, findings),
            quotas=read_quotas(ours.rows.get("quotas", []), scope, drawn, findings),
            codebook=read_codebook(ours.rows.get("codebook", []), findings),
        ),
    )


def _check_names(workbook: Workbook, findings: Findings) -> None:
    """Sheets and headers that are nearly ours: other tools pass them silently, and a whole sheet would be ignored."""
    _refuse_sheets_twice(workbook, findings)
    _tell_near_sheets(workbook, findings)
    for sheet in workbook.sheets:
        for header in sheet.headers:
            right = _meant_header(sheet, header)
            if right is not None:
                findings.error(
                    "column_name",
                    Place(sheet.name, 1, header),
                    f"The column {header} is not read: it is called {right}.",
                    f"La colonne {header} n'est pas lue : elle s'appelle {right}.",
                )


def _tell_near_sheets(workbook: Workbook, findings: Findings) -> None:
    present = {sheet.key for sheet in workbook.sheets}
    near = {
        sheet.name: right
        for sheet in workbook.sheets
        if len(workbook.sheets) > 1
        and sheet.key not in (*STANDARD_SHEETS, *OUR_SHEETS)
        and (right := meant(sheet.name, INTERPRETATION_SHEETS)) is not None
    }
    # Somebody else's `indicator` in a workbook with nothing else of ours must not keep a form from the field.
    is_ours = len(near) > 1 or _has_ours(workbook)
    for name, right in near.items():
        tell = findings.error if is_ours and right not in present else findings.warning
        tell(
            "sheet_name",
            Place(name),
            f"The sheet {name} is not read: if it is ours it is called {right}; else give it another name.",
            f"La feuille {name} n'est pas lue : si c'est la nôtre, elle s'appelle {right} ; sinon donnez-lui un autre "
            "nom.",
        )


def _has_ours(workbook: Workbook) -> bool:
    """Whether anything in the workbook is written for us: a sheet, or a column of a standard sheet."""
    return any(
        sheet.key in INTERPRETATION_SHEETS or set(OUR_COLUMNS.get(sheet.key, ())) & sheet.header_by_key.keys()
        for sheet in workbook.sheets
    )


def _refuse_sheets_twice(workbook: Workbook, findings: Findings) -> None:
    """Excel knows `design` and `design ` for two sheets, we for one: the second would not be read."""
    met: set[str] = set()
    for sheet in workbook.sheets:
        if sheet.key in met and sheet.key in INTERPRETATION_SHEETS:
            findings.error(
                "sheet_twice",
                Place(sheet.name),
                f"Two sheets are called {sheet.key}. Keep one.",
                f"Deux feuilles s'appellent {sheet.key}. Gardez-en une.",
            )
        met.add(sheet.key)


def _meant_header(sheet: Sheet, header: str) -> str | None:
    names = OUR_COLUMNS.get(sheet.key, ())
    if not names or plain(header) in names:
        return None
    return meant(header, names)
