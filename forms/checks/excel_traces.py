"""Tell of what Excel left in texts: a version that became a date, `#REF!` in a label."""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.workbook.workbook import CellKind, Sheet

CODES: Mapping[str, Bilingual] = {
    "version_became_date": Bilingual(
        "Excel turned the version into a date with a time.",
        "Excel a transformé la version en date avec une heure.",
    ),
    "excel_error": Bilingual(
        "A cell holds an error of Excel such as #REF!, which would be shown as it is.",
        "Une cellule contient une erreur d'Excel, par exemple #REF!, qui serait affichée telle quelle.",
    ),
}

_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
# With an hour it came from NOW(), as some templates have it, and tells two versions apart.
_DAY_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_DAY = len("2026-11-22")


def check(examined: Examined, findings: Findings) -> None:
    """Add findings about the sheets that tablets get."""
    settings, choices = examined.workbook.sheet("settings"), examined.workbook.sheet("choices")
    if settings is not None:
        _check_version(settings, examined, findings)
    for sheet in (examined.survey, choices, settings):
        if sheet is not None:
            _check_errors(sheet, examined, findings)


def _check_version(settings: Sheet, examined: Examined, findings: Findings) -> None:
    header = header_of(settings, ("version",))
    if header is None or not settings.rows or header not in settings.rows[0].cells:
        return
    row = settings.rows[0]
    cell = row.cells[header]
    if _DAY_ONLY.fullmatch(cell.text) and (cell.kind is CellKind.DATE or len(cell.text) > _DAY):
        day = cell.text[:_DAY].replace("-", "")
        examined.tell_ruin(findings)(
            "version_became_date",
            Place(settings.name, row.number, header),
            f"Excel turned the version into a date ({cell.text}). Format the cell as Text and type {day}01.",
            f"Excel a transformé la version en date ({cell.text}). Mettez la cellule au format Texte et tapez {day}01.",
        )


def _check_errors(sheet: Sheet, examined: Examined, findings: Findings) -> None:
    for row in sheet.rows:
        for header, cell in row.cells.items():
            error = _ERROR.search(cell.text)
            if error is not None:
                examined.tell_ruin(findings)(
                    "excel_error",
                    Place(sheet.name, row.number, header),
                    f"This cell holds {error[0]}, an error of Excel. Correct the formula, or type the text.",
                    f"Cette cellule contient {error[0]}, une erreur d'Excel. Corrigez la formule ou tapez le texte.",
                )
