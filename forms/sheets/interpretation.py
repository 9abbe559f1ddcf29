"""Lay a workbook's columns and sheets on the form that it compiles to, all findings at once.

What needs no form (names, headers, cells) is checked first, so that it is told also where the form does not compile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from forms.form import Form
from forms.interpretation import DesignRow, Interpretation
from forms.sheets import derived, design, indicators, population
from forms.sheets.cells import Columns, OurRow, rows_of
from forms.sheets.derived import read_derived
from forms.sheets.design import read_design
from forms.sheets.findings import Findings, Place
from forms.sheets.indicators import read_indicators
from forms.sheets.names import INTERPRETATION_SHEETS, OUR_COLUMNS, OUR_SHEETS, meant
from forms.sheets.population import read_population
from forms.sheets.standard import check_standard_cells, join_standard_columns
from forms.workbook.workbook import STANDARD_SHEETS, Sheet, Workbook, plain

_COLUMNS: Mapping[str, Columns] = {
    "derived": derived.COLUMNS,
    "indicators": indicators.COLUMNS,
    "design": design.COLUMNS,
    "population": population.COLUMNS,
}


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
        workbook, sheets, {name: rows_of(sheet, _COLUMNS[name], findings) for name, sheet in sheets.items()}
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
    return replace(
        form,
        interpretation=Interpretation(
            derived=scope.derived,
            indicators=read_indicators(ours.rows.get("indicators", []), scope, drawn, findings),
            design=drawn,
            population=read_population(ours.rows.get("population", []), scope, findings),
        ),
    )


def _check_names(workbook: Workbook, findings: Findings) -> None:
    """Sheets and headers that are nearly ours: other tools pass them silently, and a whole sheet would be ignored."""
    ours = tuple(name for name in OUR_SHEETS if name != "readme")
    present = {sheet.key for sheet in workbook.sheets}
    for sheet in workbook.sheets if len(workbook.sheets) > 1 else ():
        right = None if sheet.key in (*STANDARD_SHEETS, *OUR_SHEETS) else meant(sheet.name, ours)
        if right is not None:
            tell = findings.warning if right in present else findings.error
            tell(
                "sheet_name",
                Place(sheet.name),
                f"The sheet {sheet.name} is not read: if it is ours it is called {right}; else give it another name.",
                f"La feuille {sheet.name} n'est pas lue : si c'est la nôtre, elle s'appelle {right} ; sinon donnez-lui "
                "un autre nom.",
            )
        for header in sheet.headers:
            right = _meant_header(sheet, header)
            if right is not None:
                findings.error(
                    "column_name",
                    Place(sheet.name, 1, header),
                    f"The column {header} is not read: it is called {right}.",
                    f"La colonne {header} n'est pas lue : elle s'appelle {right}.",
                )


def _meant_header(sheet: Sheet, header: str) -> str | None:
    names = OUR_COLUMNS.get(sheet.key, ())
    if not names or plain(header) in names:
        return None
    return meant(header, names)
