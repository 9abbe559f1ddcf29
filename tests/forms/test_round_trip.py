"""Reading loses nothing: what is written is what was read, cells, kinds, places, foreign columns and the form."""

import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from whole_workbook import WHOLE
from written_workbook import written

from forms.errors import XLSFormInvalid
from forms.library import library_forms, library_workbook
from forms.read import attempt_to_read, read_form
from forms.workbook.file import read_workbook
from forms.workbook.workbook import Cell, CellKind, Row, Sheet, Workbook

MakeWorkbook = Callable[[Mapping[str, object]], bytes]


def as_written(workbook: Workbook) -> Workbook:
    """The workbook as its own .xlsx holds it: stored values for formulas, sheets and cells all with a place."""
    return Workbook(workbook.file_name, tuple(_sheet(sheet) for sheet in workbook.sheets))


def _sheet(sheet: Sheet) -> Sheet:
    rows = (Row(row.number, {header: _cell(cell) for header, cell in row.cells.items()}) for row in sheet.rows)
    kept = tuple(
        replace(row, cells={header: cell for header, cell in row.cells.items() if cell is not None}) for row in rows
    )
    return replace(sheet, rows=tuple(row for row in kept if row.cells))


def _cell(cell: Cell) -> Cell | None:
    if cell.kind is not CellKind.FORMULA:
        return cell
    return Cell(cell.text) if cell.text else None


def cells(workbook: Workbook) -> Iterator[tuple[str, int, str, Cell]]:
    for sheet in workbook.sheets:
        for row in sheet.rows:
            for header, cell in row.cells.items():
                yield sheet.name, row.number, header, cell


def assert_round_trip(workbook: Workbook) -> None:
    name = f"{workbook.stem}.xlsx"
    again = read_workbook(written(workbook), name)
    wanted = as_written(workbook)

    assert [sheet.name for sheet in again.sheets] == [sheet.name for sheet in wanted.sheets]
    assert [sheet.headers for sheet in again.sheets] == [sheet.headers for sheet in wanted.sheets]
    assert dict.fromkeys(cells(again)) == dict.fromkeys(cells(wanted))
    for read, meant in zip(again.sheets, wanted.sheets, strict=True):
        assert not meant.positions or read.positions == meant.positions


@pytest.mark.parametrize("name", library_forms())
def test_a_shipped_workbook_written_again_makes_the_same_form(name: str):
    workbook = read_workbook(library_workbook(name), f"{name}.xlsx")

    assert_round_trip(workbook)
    assert read_form(written(workbook), f"{name}.xlsx") == read_form(library_workbook(name), f"{name}.xlsx")


def test_a_workbook_with_all_of_our_sheets_written_again_makes_the_same_form(make_workbook: MakeWorkbook):
    workbook = read_workbook(make_workbook(WHOLE), "whole.xlsx")

    assert_round_trip(workbook)
    assert attempt_to_read(read_workbook(written(workbook), "whole.xlsx")) == attempt_to_read(workbook)


def test_every_kind_of_cell_keeps_its_text_and_kind():
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "survey"
    sheet.append(["type", None, "name", "name", "label", "their own"])
    values = [
        1,
        10**15,
        3.4,
        1e-7,
        True,
        False,
        dt.datetime(2026, 5, 4, 12, 30, 5),  # noqa: DTZ001 (a cell's date has no zone)
        dt.date(2026, 5, 4),
        dt.time(4, 5),
        dt.timedelta(hours=30, minutes=5),
        "#N/A",
        "'=quoted",
        "a\nb",
        "é « » \U0001f600",
    ]
    for number, value in enumerate(values):
        sheet.cell(2 + 3 * number, 6, value)
    sheet.cell(60, 1, "=1+1")
    sheet.cell(61, 1, "=sum")
    sheet.cell(61, 1).data_type = "s"
    content = io.BytesIO()
    book.save(content)

    workbook = read_workbook(content.getvalue(), "kinds.xlsx")

    assert {cell.kind for *_, cell in cells(workbook)} == set(CellKind)
    assert_round_trip(workbook)
    assert ("survey", 61, "type", Cell("=sum")) in list(cells(read_workbook(written(workbook), "kinds.xlsx")))


def test_columns_and_sheets_of_others_are_kept(make_workbook: MakeWorkbook):
    sheets = {
        "survey": [{"type": "note", "name": "n", "en": "N", "kuxut": "abc", "who wrote this": "Awa"}],
        "Notes of Awa": [{"x": "y"}],
    }

    again = read_workbook(written(read_workbook(make_workbook(sheets), "a.xlsx")), "a.xlsx")

    assert [sheet.name for sheet in again.sheets] == ["survey", "Notes of Awa"]
    assert again.sheets[0].rows[0].text("who wrote this") == "Awa"
    assert "kuxut" in again.sheets[0].headers


@pytest.mark.slow
def test_every_form_of_the_corpus_is_read_from_what_is_written_as_from_itself(shared: Path):
    files = sorted(path for path in (shared / "corpus" / "forms").rglob("*") if path.is_file())
    read = 0
    for path in files:
        try:
            workbook = read_workbook(path.read_bytes(), path.name)
        except XLSFormInvalid:
            continue
        read += 1
        assert_round_trip(workbook)
    assert read > 280
