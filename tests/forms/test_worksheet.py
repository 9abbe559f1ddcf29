"""Reading worksheets in one pass gives what openpyxl gives in two, cell for cell."""

import datetime as dt
import gc
import io
import threading
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from forms.garbage_collector import collector_paused
from forms.remembered import Remembered
from forms.workbook.file import open_workbook
from forms.workbook.workbook import CellKind

MakeWorkbook = Callable[[Mapping[str, object]], bytes]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def by_openpyxl(raw: bytes) -> dict[str, dict[tuple[int, int], tuple[str, bool]]]:
    """Sheet to place (row, column) to the text as XLSForm tools read it, and whether it is a formula."""
    values, formulas = grid_by_openpyxl(raw, data_only=True), grid_by_openpyxl(raw, data_only=False)
    return {
        name: {
            place: (text, formulas[name][place].startswith("="))
            for place, text in cells.items()
            if text or formulas[name][place].startswith("=")
        }
        for name, cells in values.items()
    }


def grid_by_openpyxl(raw: bytes, *, data_only: bool) -> dict[str, dict[tuple[int, int], str]]:
    # Read-only, for openpyxl cannot load every form with its drawings.
    book = openpyxl.load_workbook(io.BytesIO(raw), data_only=data_only, read_only=True)
    grids: dict[str, dict[tuple[int, int], str]] = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        grids[sheet.title] = {
            (number, position): as_text("=" if cell.data_type == "f" else cell.value)
            for number, cells in enumerate(sheet.rows, start=1)
            for position, cell in enumerate(cells, start=1)
        }
    return grids


def as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case str():
            return value.strip().replace("\u00a0", " ")
        case _:
            return str(value)


def ours(raw: bytes) -> dict[str, dict[tuple[int, int], tuple[str, bool]]]:
    return {
        sheet.name: {
            (row.number, sheet.positions[header]): (cell.text, cell.kind is CellKind.FORMULA)
            for row in sheet.rows
            for header, cell in row.cells.items()
        }
        for sheet in open_workbook(raw, "form.xlsx").sheets
        # Of two columns with one header a row keeps one: such a form is refused.
        if sheet.headers and len(set(sheet.headers)) == len(sheet.headers)
    }


def test_every_kind_of_cell_comes_to_the_same_text(make_workbook: MakeWorkbook):
    values = (
        *(
            "plain",
            "  spaces  ",
            "non\u00a0break",
            "line\nbreak",
            1,
            4.0,
            0.1,
            1e20,
            True,
            False,
            "#N/A",
            "=1+1",
            "",
            None,
        ),
        *(dt.datetime(2026, 3, 10, 9, 30), dt.date(2026, 3, 10), dt.time(9, 30), dt.timedelta(hours=30), "é & <x>"),  # noqa: DTZ001 - Excel knows no time zones
    )
    raw = make_workbook(
        {"survey": [{"type": "note", "name": f"n{n}", "label": value} for n, value in enumerate(values)]}
    )

    expected = by_openpyxl(raw)["survey"]
    found = ours(raw)["survey"]
    assert found == {place: cell for place, cell in expected.items() if place[0] > 1}
    # A formula that nobody computed yet has no text, but is a formula all the same.
    (sheet,) = open_workbook(raw, "form.xlsx").sheets
    assert [
        row.number for row in sheet.rows if "label" in row.cells and row.cells["label"].kind is CellKind.FORMULA
    ] == [13]


@pytest.mark.slow
def test_every_cell_of_the_forms_of_others_comes_to_the_same_text(shared: Path):
    compared = 0
    for path in sorted((shared / "corpus" / "forms").rglob("*.xlsx")):
        raw = path.read_bytes()
        if not raw.startswith(b"PK") or len(raw) > 200_000:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            expected, found = by_openpyxl(raw), ours(raw)
        for name, cells in found.items():
            assert {place: expected[name].get(place) for place in cells} == cells, (path, name)
            compared += len(cells)
    assert compared > 50_000


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A2" t="inlineStr"><is><t>in</t></is></c>', "in"),
        ('<c r="A2" t="inlineStr"><is><r><t>two </t></r><r><t>runs</t></r></is></c>', "two runs"),
        ('<c r="A2" t="inlineStr"><is><t>kanji</t><rPh sb="0" eb="1"><t>guide</t></rPh></is></c>', "kanji"),
        ('<c t="str"><f>A1</f><v>stored</v></c>', "stored"),
        ('<c r="A2" t="b"><v>1</v></c>', "TRUE"),
        ('<c r="A2" t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="A2" t="d"><v>2026-03-10T00:00:00</v></c>', "2026-03-10 00:00:00"),
        ('<c r="A2"><v>1E3</v></c>', "1000"),
        ('<c r="A2"><v></v></c>', ""),
    ],
)
def test_cells_as_other_programs_write_them_are_read(make_workbook: MakeWorkbook, cell: str, text: str):
    raw = make_workbook({"survey": [{"type": "x"}]})
    rows = f'<row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is></c></row><row>{cell}</row><row r="2"/>'

    sheet = open_workbook(with_rows(raw, rows), "form.xlsx").sheets[0]

    assert "".join(row.text("type") for row in sheet.rows) == text


def with_rows(raw: bytes, rows: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
    return content.getvalue()


def test_the_collector_runs_again_after_the_last_of_all_pauses():
    assert gc.isenabled()
    with collector_paused():
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()

    def fail() -> None:
        with collector_paused():
            raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        fail()
    assert gc.isenabled()


def test_pauses_of_several_threads_end_with_the_last_one_in_any_order():
    entered, leave = threading.Event(), threading.Event()

    def pause() -> None:
        with collector_paused():
            entered.set()
            leave.wait(10)

    other = threading.Thread(target=pause)
    with collector_paused():
        other.start()
        assert entered.wait(10)
    assert not gc.isenabled()
    leave.set()
    other.join()
    assert gc.isenabled()


def test_of_remembered_results_the_one_not_asked_for_longest_goes_first():
    done: list[int] = []
    squares: Remembered[int, int] = Remembered(2)

    def square(number: int) -> int:
        def work() -> int:
            done.append(number)
            return number * number

        return squares.result(number, work)

    assert [square(number) for number in (1, 2, 1, 3, 1, 2)] == [1, 4, 1, 9, 1, 4]
    assert done == [1, 2, 3, 2]


def test_a_failure_is_not_remembered():
    remembered: Remembered[str, int] = Remembered(1)

    with pytest.raises(ZeroDivisionError):
        remembered.result("a", lambda: 1 // 0)
    assert remembered.result("a", lambda: 1) == 1
    remembered.forget()
    assert remembered.result("a", lambda: 2) == 2
