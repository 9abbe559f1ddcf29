"""Write a workbook that people can read: what is typed, set out so that a designer sees its shape at a glance.

Frozen headers in two colours (XLSForm's columns, ours), widths, wrapped text, a tint for each group and each choice
list, drop-down lists, Text format against Excel's guesses, a note on every header, and a page set-up for printing.
What the notes say is `forms.workbook_style.explanations`; the sheet README is `forms.workbook_style.readme`.
"""

import io
import math
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from forms.sheets.names import OUR_COLUMNS, OUR_SHEETS
from forms.workbook_style.dropdowns import DESIGN_VALUES, DROP_DOWNS, DropDown
from forms.workbook_style.explanations import column_note
from forms.workbook_style.readme import Kind, ReadmeLine
from forms.workbook_style.saved import saved
from forms.workbook_style.tints import looks

PREPARED_ROWS = 500
"""Rows under the header that are ready to be typed in: Text format in our sheets, drop-down lists everywhere."""

_TEXT = "@"
_POINTS_A_LINE = 15
_HIGHEST_ROW = 409  # Excel's limit, in points
_BLUE, _AMBER, _GREEN = "1F4E79", "B45F06", "38761D"
_GRID = Side(style="thin", color="D9D9D9")
_BORDER = Border(left=_GRID, right=_GRID, top=_GRID, bottom=_GRID)
_LIST_BORDER = Border(left=_GRID, right=_GRID, top=Side(style="thin", color="7F7F7F"), bottom=_GRID)
_WIDTHS: Mapping[str, int] = {
    "type": 30,
    "name": 20,
    "list_name": 16,
    "required": 25,
    "relevant": 34,
    "appearance": 16,
    "constraint": 36,
    "calculation": 52,
    "choice_filter": 26,
    "sensitivity": 14,
    "renamed_from": 17,
    "comparable_since": 19,
    "code_kind": 16,
    "measure": 14,
    "question": 28,
    "counts": 16,
    "against": 11,
    "base": 18,
    "where": 40,
    "unit": 13,
    "by": 26,
    "mirror": 36,
    "key": 20,
    "value": 56,
    "variable": 18,
    "total": 12,
    "source": 40,
    "date": 14,
    "round": 10,
    "target": 12,
    "parent": 12,
    "form_title": 38,
    "form_id": 24,
    "version": 14,
    "default_language": 18,
    "instance_name": 44,
    "label": 46,
    "hint": 40,
}
_WIDTH = 36
_README_WIDTH = 80
_NOTE_SIZE = (180, 340)  # height and width in pixels
_PAGE_WIDTH = 190
"""Characters across a landscape page that are still read easily on paper."""


@dataclass(frozen=True)
class SheetContent:
    """What stands in a sheet: its headers in order, and rows of header to text (a header left out is a blank cell)."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether other tools leave the whole sheet aside."""
        return self.name in OUR_SHEETS

    @property
    def our_columns(self) -> tuple[str, ...]:
        """The headers that other tools leave aside."""
        return self.columns if self.is_ours else OUR_COLUMNS.get(self.name, ())


def write_workbook(sheets: Sequence[SheetContent], readme: Sequence[ReadmeLine], *, title: str) -> bytes:
    """Return the .xlsx of the sheets, README first and the survey open; every cell is text.

    title: for the file's properties.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = "Jekafo", title
    _write_readme(book.create_sheet("README"), readme)
    for content in sheets:
        _write_sheet(book.create_sheet(content.name), content)
    fit_notes(book)
    book.active = next((n for n, sheet in enumerate(book.worksheets) if sheet.title == "survey"), 0)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def write_sheets(sheets: Sequence[SheetContent], *, title: str) -> bytes:
    """Return the .xlsx of the sheets alone, every cell text; equal sheets give equal bytes.

    title: for the file's properties.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = "Jekafo", title
    for content in sheets:
        _write_sheet(book.create_sheet(content.name), content)
    fit_notes(book)
    return saved(book)


def write_header(sheet: Worksheet, columns: Sequence[str], ours: Collection[str] = ()) -> None:
    """Write the headers into the first row, freeze it and set the widths of the columns.

    ours: the headers in amber, as columns that other tools leave aside; the others are blue.
    """
    for number, header in enumerate(columns, start=1):
        cell = sheet.cell(1, number, header)
        cell.font = _font(bold=True, color="FFFFFF")
        cell.fill = _filled(_AMBER if header in ours else _BLUE)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = _BORDER
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = _width(header)
        # The whole column, so that Excel also keeps what is typed below the prepared rows.
        dimension.number_format = _TEXT
    sheet.row_dimensions[1].height = 2 * _POINTS_A_LINE + 2
    sheet.freeze_panes = "A2"
    _set_page(sheet, sum(map(_width, columns)))


def fit_notes(book: Workbook) -> None:
    """Make the notes on the headers large enough to read; openpyxl forgets the size of those it reads."""
    for sheet in book.worksheets:
        for cell in sheet[1]:
            if cell.comment is not None:
                cell.comment.height, cell.comment.width = _NOTE_SIZE


def _write_sheet(sheet: Worksheet, content: SheetContent) -> None:
    write_header(sheet, content.columns, content.our_columns)
    sheet.freeze_panes = "B2" if content.is_ours else "C2"
    _set_page(sheet, sum(map(_width, content.columns)), "A:A" if content.is_ours else "A:B")
    sheet.sheet_view.zoomScale = 110
    sheet.sheet_properties.tabColor = _AMBER if content.is_ours else _BLUE
    for number, header in enumerate(content.columns, start=1):
        note = column_note(content.name, header)
        if note is not None:
            sheet.cell(1, number).comment = Comment(f"{note.fr}\n\n{note.en}", "Jekafo")
    _write_rows(sheet, content)
    last_column = get_column_letter(max(len(content.columns), 1))
    sheet.auto_filter.ref = f"A1:{last_column}{max(len(content.rows) + 1, 2)}"
    _add_drop_downs(sheet, content)


def _write_rows(sheet: Worksheet, content: SheetContent) -> None:
    for number, (row, look) in enumerate(zip(content.rows, looks(content.name, content.rows), strict=True), start=2):
        lines = 1
        for column, header in enumerate(content.columns, start=1):
            cell = sheet.cell(number, column)
            text = row.get(header, "")
            if text:
                cell.value = text
                cell.data_type = "s"  # a text that begins with `=` is no formula
                lines = max(lines, _lines(text, _width(header)))
            cell.number_format = _TEXT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = _LIST_BORDER if look.begins_list else _BORDER
            cell.font = _font(bold=look.is_bold)
            if look.color:
                cell.fill = _filled(look.color)
        # Spreadsheet programs do not fit the height of rows that another program wrote.
        sheet.row_dimensions[number].height = min(lines * _POINTS_A_LINE, _HIGHEST_ROW)
    if content.is_ours:
        for number in range(len(content.rows) + 2, PREPARED_ROWS + 2):
            for column in range(1, len(content.columns) + 1):
                sheet.cell(number, column).number_format = _TEXT


def _add_drop_downs(sheet: Worksheet, content: SheetContent) -> None:
    for number, header in enumerate(content.columns, start=1):
        drop_down = DROP_DOWNS.get((content.name, header))
        if drop_down is not None:
            letter = get_column_letter(number)
            last = max(PREPARED_ROWS, len(content.rows)) + 1
            _add_drop_down(sheet, drop_down, f"{letter}2:{letter}{last}")
    if content.name == "design":
        letter = get_column_letter(content.columns.index("value") + 1)
        for row_number, row in enumerate(content.rows, start=2):
            if row.get("key") in DESIGN_VALUES:
                _add_drop_down(sheet, DESIGN_VALUES[row["key"]], f"{letter}{row_number}")


def _add_drop_down(sheet: Worksheet, drop_down: DropDown, cells: str) -> None:
    rule = DataValidation(
        type="list", formula1=drop_down.formula, allow_blank=True, showErrorMessage=drop_down.is_closed
    )
    if drop_down.is_closed:
        rule.errorTitle = "Jekafo"
        rule.error = "Valeurs possibles / possible values: " + " ".join(drop_down.words)
    sheet.add_data_validation(rule)
    rule.add(cells)


def _write_readme(sheet: Worksheet, lines: Sequence[ReadmeLine]) -> None:
    sheet.sheet_properties.tabColor = _GREEN
    sheet.sheet_view.showGridLines = False
    for column, language in ((1, "Français"), (2, "English")):
        sheet.column_dimensions[get_column_letter(column)].width = _README_WIDTH + 4  # and the indent
        cell = sheet.cell(1, column, language)
        cell.font, cell.fill = _font(bold=True, color="FFFFFF"), _filled(_GREEN)
    sheet.freeze_panes = "A2"
    _set_page(sheet, 2 * _README_WIDTH)
    for number, line in enumerate(lines, start=2):
        # A title's letters are about half as wide again as the text's.
        width, points = (50, 24) if line.kind is Kind.TITLE else (_README_WIDTH, _POINTS_A_LINE)
        for column, text in ((1, line.text.fr), (2, line.text.en)):
            cell = sheet.cell(number, column, text)
            cell.data_type = "s"
            cell.number_format = _TEXT
            cell.font = _font()
            cell.alignment = Alignment(wrap_text=True, horizontal="left", vertical="top", indent=1)
            _style_readme_cell(sheet, number, column, line.kind)
        height = max(_lines(line.text.fr, width), _lines(line.text.en, width)) * points
        sheet.row_dimensions[number].height = min(height + 4, _HIGHEST_ROW)


def _style_readme_cell(sheet: Worksheet, row: int, column: int, kind: Kind) -> None:
    cell = sheet.cell(row, column)
    match kind:
        case Kind.TITLE:
            cell.font = _font(bold=True, size=16)
        case Kind.HEADING:
            cell.font = _font(bold=True, size=12, color=_GREEN)
            cell.border = Border(bottom=Side(style="thin", color=_GREEN))
        case Kind.FILL_IN:
            cell.fill = _filled("FFF9C4")
            cell.border = _BORDER
        case Kind.BLUE | Kind.AMBER:
            cell.fill = _filled(_BLUE if kind is Kind.BLUE else _AMBER)
            cell.font = _font(bold=True, color="FFFFFF")
        case Kind.TEXT:
            pass


def _set_page(sheet: Worksheet, width: int, repeated: str | None = None) -> None:
    """Set the page for print: landscape, as many pages across as keep the letters readable, headers on each.

    width: of all columns, in characters. repeated: the columns that each page across begins with (`A:B`).
    """
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = math.ceil(width / _PAGE_WIDTH), 0
    sheet.page_setup.pageOrder = "overThenDown"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    if repeated is not None:
        sheet.print_title_cols = repeated
    footer = HeaderFooterItem()
    footer.left.text, footer.right.text = "&F · &A", "&P / &N"
    sheet.HeaderFooter.oddFooter = footer


def _font(*, bold: bool = False, size: int = 11, color: str = "000000") -> Font:
    # Named: without a name each program takes a face of its own.
    return Font(name="Calibri", family=2, bold=bold, size=size, color=color)


def _filled(color: str) -> PatternFill:
    return PatternFill("solid", fgColor=color)


def _width(header: str) -> int:
    return _WIDTHS.get(header.split("::", maxsplit=1)[0], _WIDTH)


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column so wide, its own line breaks kept."""
    return sum(max(1, len(textwrap.wrap(part, width))) for part in text.split("\n"))
