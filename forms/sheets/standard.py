"""Read our columns of the standard sheets into the form, and check the cells there that Excel is known to change.

The columns never reach the XForm (`forms.compile`); a form without them reads as a plain XLSForm.
"""

from forms.finding import Findings, Place
from forms.form import Form
from forms.sheets.choice_columns import NAME_HEADERS, join_choice_columns
from forms.sheets.survey_columns import join_survey_columns
from forms.sheets.survey_rows import header_of, survey_sheet
from forms.workbook.workbook import CellKind, Sheet, Workbook

EXCEL_DIGITS = 15
"""Digits that Excel keeps of a number."""


def join_standard_columns(form: Form, workbook: Workbook, findings: Findings) -> Form:
    """Return the form with what our columns of `survey` and `choices` say of its questions and choices."""
    survey = survey_sheet(workbook)
    if survey is not None:
        form = join_survey_columns(form, survey, findings)
    choices = workbook.sheet("choices")
    if choices is not None:
        form = join_choice_columns(form, choices, findings, is_ours=_is_ours(workbook))
    return form


def check_standard_cells(workbook: Workbook, findings: Findings) -> None:
    """Add findings for cells of standard sheets that Excel changed and pyxform would compile without a word."""
    choices, settings = workbook.sheet("choices"), workbook.sheet("settings")
    if choices is not None:
        _refuse_boolean_names(choices, findings)
    if settings is not None:
        _refuse_cut_version(settings, findings)
    for sheet in (sheet for sheet in workbook.sheets if sheet.key in ("survey", "choices", "settings")):
        _refuse_unstored_formulas(sheet, findings)


def _refuse_boolean_names(choices: Sheet, findings: Findings) -> None:
    header = header_of(choices, NAME_HEADERS)
    for row in choices.rows if header is not None else ():
        cell = row.cells.get(header or "")
        if cell is not None and cell.kind is CellKind.BOOLEAN:
            findings.error(
                "choice_name_boolean",
                Place(choices.name, row.number, header),
                f"Excel made {cell.text} of this choice's name, and that would be the answer. Format the column as "
                "Text and type yes and no, or 1 and 0.",
                f"Excel a fait {cell.text} du nom de ce choix, et ce serait la réponse. Mettez la colonne au format "
                "Texte et tapez oui et non, ou 1 et 0.",
            )


def _refuse_cut_version(settings: Sheet, findings: Findings) -> None:
    header = header_of(settings, ("version",))
    for row in settings.rows[:1] if header is not None else ():
        cell = row.cells.get(header or "")
        if cell is not None and cell.kind is CellKind.NUMBER and len(cell.text) > EXCEL_DIGITS:
            findings.error(
                "version_too_long",
                Place(settings.name, row.number, header),
                f"Excel keeps {EXCEL_DIGITS} digits of a number: the rest of this version is lost. Format the cell as "
                "Text.",
                f"Excel garde {EXCEL_DIGITS} chiffres d'un nombre : le reste de cette version est perdu. Mettez la "
                "cellule au format Texte.",
            )


def _refuse_unstored_formulas(sheet: Sheet, findings: Findings) -> None:
    for row in sheet.rows:
        for header, cell in row.cells.items():
            if cell.kind is CellKind.FORMULA and not cell.text:
                findings.error(
                    "formula_without_value",
                    Place(sheet.name, row.number, header),
                    "The formula has no stored value, so it would read as blank. Open the workbook in Excel and save "
                    "it, or type the value.",
                    "La formule n'a pas de valeur enregistrée, elle se lirait comme vide. Ouvrez le classeur dans "
                    "Excel et enregistrez-le, ou tapez la valeur.",
                )


def _is_ours(workbook: Workbook) -> bool:
    """Whether figures are made from this workbook, so that a code's kind must be certain."""
    choices = workbook.sheet("choices")
    has_column = choices is not None and header_of(choices, ("code_kind",)) is not None
    return has_column or workbook.sheet("indicators") is not None
