"""Insert a column into a sheet as Excel does: what stands to its right moves, and all that points there follows.

openpyxl's own `insert_cols` moves cells alone; widths, drop-downs, formats and formulas would stay behind.
"""

import re
from copy import copy

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.dimensions import ColumnDimension, DimensionHolder
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

_LAST_COLUMN = 16_384
_REFERENCE = re.compile(r"(?P<fixed>\$?)(?P<letters>[A-Za-z]{1,3})(?=\$?\d|\b(?=:)|$)")
_AREA = re.compile(r"^\$?[A-Za-z]{1,3}\$?\d*(?::\$?[A-Za-z]{1,3}\$?\d*)?$")


def insert_column_after(sheet: Worksheet, position: int) -> int:
    """Insert a column after another (counted from 1), with its widths and styles; return where the new one stands."""
    new = position + 1
    sheet.insert_cols(new)
    for row in range(1, sheet.max_row + 1):
        copy_style(sheet.cell(row, position), sheet.cell(row, new))
    _move_widths(sheet, new)
    _move_validations(sheet, new)
    _move_formats(sheet, new)
    _move_ranges(sheet, new)
    if sheet.parent is not None:
        _move_formulas(sheet.parent, sheet.title, new)
    return new


def copy_style(source: Cell | MergedCell, target: Cell | MergedCell) -> None:
    """Give a cell the looks of another; merged cells have none of their own."""
    if isinstance(source, Cell) and isinstance(target, Cell) and source.has_style:
        for part in ("font", "fill", "border", "alignment", "protection"):
            setattr(target, part, copy(getattr(source, part)))
        target.number_format = source.number_format


def _moved(area: CellRange, new: int, *, takes_neighbour: bool = False) -> CellRange:
    """An area after the insertion: moved, widened where the new column lies in it, or as it was.

    takes_neighbour: widen it also where it ends with the column before the new one.
    """
    low, high = area.min_col, area.max_col
    if low >= new:
        low, high = low + 1, high + 1
    elif high >= new or (takes_neighbour and high == new - 1):
        high += 1
    return CellRange(
        min_col=min(low, _LAST_COLUMN), max_col=min(high, _LAST_COLUMN), min_row=area.min_row, max_row=area.max_row
    )


def _move_widths(sheet: Worksheet, new: int) -> None:
    old = list(sheet.column_dimensions.values())
    dimensions: DimensionHolder[str, ColumnDimension] = DimensionHolder(worksheet=sheet)
    beside: ColumnDimension | None = None
    for dimension in old:
        dimension.reindex()
        low, high = dimension.min or 1, dimension.max or 1
        if low <= new - 1 <= high:
            beside = dimension
        if low >= new:
            low, high = low + 1, high + 1
        elif high >= new:
            high += 1
        if low <= _LAST_COLUMN:
            dimensions[get_column_letter(low)] = _placed(dimension, low, min(high, _LAST_COLUMN))
    if beside is not None and (beside.max or 1) == new - 1:
        fresh = _placed(beside, new, new)
        fresh.hidden = False
        dimensions[get_column_letter(new)] = fresh
    sheet.column_dimensions = dimensions


def _placed(dimension: ColumnDimension, low: int, high: int) -> ColumnDimension:
    placed = copy(dimension)
    placed.index, placed.min, placed.max = get_column_letter(low), low, high
    return placed


def _move_validations(sheet: Worksheet, new: int) -> None:
    for validation in sheet.data_validations.dataValidation:
        validation.sqref = MultiCellRange([_moved(area, new) for area in validation.sqref.ranges])


def _move_formats(sheet: Worksheet, new: int) -> None:
    moved = ConditionalFormattingList()
    for conditional in sheet.conditional_formatting:
        areas = [_moved(area, new, takes_neighbour=True) for area in conditional.sqref.ranges]
        for rule in conditional.rules:
            rule.formula = [moved_formula(text, sheet.title, sheet.title, new) for text in rule.formula]
            moved.add(" ".join(area.coord for area in areas), rule)
    sheet.conditional_formatting = moved


def _move_ranges(sheet: Worksheet, new: int) -> None:
    """Merged cells, links, the filter, the print area, and the line at which the sheet is frozen."""
    for merged in list(sheet.merged_cells.ranges):
        placed = _moved(merged, new)
        merged.min_col, merged.max_col = placed.min_col, placed.max_col
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, Cell) and cell.hyperlink is not None:
                cell.hyperlink.ref = cell.coordinate
    if sheet.auto_filter.ref:
        area = CellRange(sheet.auto_filter.ref)
        for column in sheet.auto_filter.filterColumn:
            if area.min_col + column.colId >= new:
                column.colId += 1
        sheet.auto_filter.ref = _moved(area, new, takes_neighbour=True).coord
    if sheet.freeze_panes:
        letters, row_number = coordinate_from_string(sheet.freeze_panes)
        if new < column_index_from_string(letters):
            sheet.freeze_panes = f"{get_column_letter(column_index_from_string(letters) + 1)}{row_number}"
    if sheet.print_area:
        areas = (CellRange(part.rpartition("!")[2].replace("$", "")) for part in sheet.print_area.split(","))
        sheet.print_area = ",".join(_moved(area, new).coord for area in areas)


def _move_formulas(book: Workbook, title: str, new: int) -> None:
    """Formulas of all sheets, drop-downs and names that point to where cells moved."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula) and cell.value.text:
                    cell.value.text = moved_formula(cell.value.text, sheet.title, title, new)
                elif cell.data_type == "f" and isinstance(cell.value, str):
                    cell.value = moved_formula(cell.value, sheet.title, title, new)
        for validation in sheet.data_validations.dataValidation:
            validation.formula1 = _of_validation(validation.formula1, sheet.title, title, new)
            validation.formula2 = _of_validation(validation.formula2, sheet.title, title, new)
    for name in (*book.defined_names.values(), *(n for sheet in book.worksheets for n in sheet.defined_names.values())):
        if name.attr_text:
            name.attr_text = moved_formula(name.attr_text, "", title, new)


def _of_validation(formula: str | None, on_sheet: str, title: str, new: int) -> str | None:
    """A drop-down's list in quotes is no formula."""
    return moved_formula(formula, on_sheet, title, new) if formula and not formula.startswith('"') else formula


def moved_formula(formula: str, on_sheet: str, title: str, new: int) -> str:
    """A formula that stands on one sheet, after a column was inserted on the sheet `title`."""
    starts = formula.startswith("=")
    tokens = Tokenizer(formula if starts else f"={formula}")
    text = "".join(
        _moved_operand(token.value, on_sheet, title, new)
        if token.type == Token.OPERAND and token.subtype == Token.RANGE
        else token.value
        for token in tokens.items
    )
    return f"={text}" if starts else text


def _moved_operand(operand: str, on_sheet: str, title: str, new: int) -> str:
    prefix, bang, area = operand.rpartition("!")
    points_to = prefix.strip("'").replace("''", "'") if bang else on_sheet
    if points_to.casefold() != title.casefold() or not _AREA.match(area):
        return operand
    return prefix + bang + _REFERENCE.sub(lambda match: _moved_letters(match, new), area)


def _moved_letters(match: re.Match[str], new: int) -> str:
    column = column_index_from_string(match["letters"].upper())
    moved = column + 1 if new <= column < _LAST_COLUMN else column
    return match["fixed"] + get_column_letter(moved)
