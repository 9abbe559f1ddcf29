"""Write the file a translator gets: one row a text, one column to fill, and how to fill it in French and English."""

import io
import textwrap
from collections.abc import Sequence

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from forms.translation import layout
from forms.translation.missing import OpenText

_HEADER = PatternFill("solid", fgColor="1F4E5F")
_TO_FILL = PatternFill("solid", fgColor="FFF4C2")
_READ_ONLY = PatternFill("solid", fgColor="F4F4F4")
_LINE = Border(bottom=Side(style="thin", color="D0D0D0"))
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTHS = {
    layout.WHERE: 15,
    layout.NAME: 20,
    layout.KIND: 20,
    layout.CONTEXT: 30,
    layout.SOURCE: 55,
    layout.PRESENT: 40,
    layout.FILL: 55,
}
_README_WIDTH = 80
_POINTS_A_LINE = 15
_HIGHEST_ROW = 400  # Excel's limit is 409 points.


def translation_file(texts: Sequence[OpenText], language: str, form_id: str) -> bytes:
    """Return an .xlsx with the texts to translate into a language. Texts are written as text, also those with `=`."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    _instructions(book.create_sheet("Lisez-moi · Read me"), language)
    sheet = book.create_sheet(layout.SHEET)
    has_stale = any(text.present for text in texts)
    _rows(sheet, texts, language)
    _looks(sheet, hides_present=not has_stale)
    about = book.create_sheet(layout.ABOUT)
    for key, value in (("layout", layout.LAYOUT), ("form_id", form_id), ("language", language)):
        about.append([key, value])
    about.sheet_state = "hidden"
    book.active = 1
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _rows(sheet: Worksheet, texts: Sequence[OpenText], language: str) -> None:
    sheet.append([*layout.VISIBLE[:-1], f"{layout.FILL}: {language}", *layout.HIDDEN])
    for number, text in enumerate(texts, start=2):
        values = (
            f"{text.sheet} {text.row}",
            text.name,
            text.key.kind,
            text.context,
            text.source,
            text.present,
            "",
            text.key.sheet,
            text.key.path,
            text.key.kind,
            text.source_language,
            text.source_hash,
            text.present_hash,
        )
        for position, value in enumerate(values, start=1):
            cell = sheet.cell(number, position)
            cell.number_format = "@"
            if value:
                cell.value = value
                # A label may begin with `=`; here nothing is a formula.
                cell.data_type = "s"


def _looks(sheet: Worksheet, *, hides_present: bool) -> None:
    to_fill = layout.VISIBLE.index(layout.FILL) + 1
    for cell in sheet[1]:
        cell.fill, cell.font, cell.alignment = _HEADER, _font(bold=True, color="FFFFFF"), _WRAPPED
    for number, row in enumerate(sheet.iter_rows(min_row=2, max_col=len(layout.VISIBLE)), start=2):
        for cell in row:
            cell.fill = _TO_FILL if cell.column == to_fill else _READ_ONLY
            cell.font = _font(color="000000" if cell.column in (to_fill, to_fill - 2) else "555555")
            cell.alignment, cell.border = _WRAPPED, _LINE
        widths = (_WIDTHS[header] for header in layout.VISIBLE)
        _fit(sheet, number, [(cell.value, width) for cell, width in zip(row, widths, strict=True)])
    for position, header in enumerate((*layout.VISIBLE, *layout.HIDDEN), start=1):
        dimension = sheet.column_dimensions[get_column_letter(position)]
        dimension.width = _WIDTHS.get(header, 12)
        dimension.hidden = header in layout.HIDDEN or (header == layout.PRESENT and hides_present)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(layout.VISIBLE))}{max(sheet.max_row, 1)}"
    _set_page(sheet)


def _fit(sheet: Worksheet, number: int, texts: Sequence[tuple[object, int]]) -> None:
    """Set the height of a row to its longest text; spreadsheet programs do not fit rows that another program wrote.

    texts: each with the width of its column, in characters.
    """
    lines = max(
        sum(max(1, len(textwrap.wrap(part, width))) for part in str(text or "").split("\n")) for text, width in texts
    )
    sheet.row_dimensions[number].height = min(lines * _POINTS_A_LINE + 2, _HIGHEST_ROW)


def _set_page(sheet: Worksheet) -> None:
    """Set the page for print: landscape, all columns on it, the headers on each."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _font(*, bold: bool = False, size: int = 11, color: str = "000000") -> Font:
    # Named: without a name each program takes a face of its own.
    return Font(name="Calibri", family=2, bold=bold, size=size, color=color)


def _instructions(sheet: Worksheet, language: str) -> None:
    rows = (
        (f"Traduire en {language}", f"Translate into {language}"),
        (
            "Feuille « translation » : ne remplissez que la colonne jaune. Laissez vide ce que vous ne savez traduire.",
            "In the sheet “translation”, fill the yellow column only. Leave blank what you cannot translate.",
        ),
        (
            "Gardez tels quels les renvois comme ${village} : la tablette y met une réponse.",
            "Keep references such as ${village} as they are: the tablet puts an answer there.",
        ),
        (
            "Gardez la mise en forme : **gras**, *italique*, <span …>, les retours à la ligne.",
            "Keep the formatting: **bold**, *italics*, <span …>, line breaks.",
        ),
        (
            "Traduisez pour une personne qui écoute : phrases courtes, polies, mots de tous les jours.",
            "Translate for somebody who listens: short, polite, in everyday words.",
        ),
        (
            "La colonne « Traduction périmée » montre une ancienne traduction dont la source a changé : réécrivez-la.",
            "The column “Stale translation” shows an old one whose source has changed: write the new one in full.",
        ),
        (
            "Ne déplacez et ne supprimez ni colonnes cachées ni lignes. Vous pouvez trier et filtrer.",
            "Do not move or delete hidden columns or rows. You may sort and filter.",
        ),
        (
            "Enregistrez en .xlsx et renvoyez le fichier.",
            "Save as .xlsx and send the file back.",
        ),
    )
    sheet.append(["Français", "English"])
    for row in rows:
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.fill, cell.font = _HEADER, _font(bold=True, color="FFFFFF")
    for number, cells in enumerate(sheet.iter_rows(min_row=2), start=2):
        _fit(sheet, number, [(cell.value, _README_WIDTH - 5) for cell in cells])
        for cell in cells:
            cell.font, cell.alignment = _font(), _WRAPPED
    for cell in sheet[2]:
        cell.font = _font(bold=True, size=14)
    sheet.row_dimensions[2].height = 24
    for letter in ("A", "B"):
        sheet.column_dimensions[letter].width = _README_WIDTH
    sheet.freeze_panes = "A2"
    sheet.sheet_view.showGridLines = False
    _set_page(sheet)
