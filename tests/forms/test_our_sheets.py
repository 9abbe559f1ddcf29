"""A copy for other servers goes without our sheets and loses nothing else; what comes back gets them again."""

import io
import re
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from forms.errors import XLSFormInvalid
from forms.library import library_forms, library_workbook
from forms.read import read_form
from forms.workbook.file import read_workbook
from forms.workbook.workbook import INTERPRETATION_SHEETS, STANDARD_SHEETS
from forms.workbook_style.our_sheets import with_our_sheets, without_our_sheets


def bytes_of(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def small() -> Workbook:
    """A survey, a sheet of the designer's own, and two of ours: one with a name that only looks otherwise."""
    book = Workbook()
    survey = book.worksheets[0]
    survey.title = "survey"
    for row in (("type", "name", "label", "sensitivity"), ("text", "a", "Ask", "open"), ("text", "b", "Why", "open")):
        survey.append(row)
    book.create_sheet("Notes").append(("=1+1", "for the team"))
    book.create_sheet("Indicators ").append(("name", "measure"))
    book.create_sheet("derived").append(("type", "name", "calculation"))
    book.create_sheet("settings").append(("form_id", "version"))
    book["settings"].append(("a", "1"))
    return book


def reopened(raw: bytes) -> Workbook:
    return load_workbook(io.BytesIO(raw))


def cells(raw: bytes, names: tuple[str, ...]) -> list[Any]:
    return [
        (sheet.key, sheet.headers, [(row.number, {h: c.text for h, c in row.cells.items()}) for row in sheet.rows])
        for sheet in read_workbook(raw, "a.xlsx").sheets
        if sheet.key in names
    ]


@pytest.mark.parametrize("form_id", library_forms())
def test_a_shipped_workbook_loses_our_sheets_and_no_cell_of_the_others(form_id: str):
    raw = library_workbook(form_id)
    stripped = without_our_sheets(raw)
    assert cells(stripped, INTERPRETATION_SHEETS) == []
    assert cells(stripped, STANDARD_SHEETS) == cells(raw, STANDARD_SHEETS)
    assert "README" in reopened(stripped).sheetnames
    assert read_form(stripped, "a.xlsx").xform == read_form(raw, "a.xlsx").xform


@pytest.mark.parametrize("form_id", library_forms())
def test_what_was_taken_off_can_be_laid_on_again(form_id: str):
    raw = library_workbook(form_id)
    laid = with_our_sheets(without_our_sheets(raw), raw)
    assert cells(laid, INTERPRETATION_SHEETS) == cells(raw, INTERPRETATION_SHEETS)
    assert read_form(laid, "a.xlsx") == read_form(raw, "a.xlsx")


def test_the_same_workbook_gives_the_same_bytes_whenever_it_is_done(monkeypatch: pytest.MonkeyPatch):
    raw = bytes_of(small())
    first, laid = without_our_sheets(raw), with_our_sheets(raw, raw)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 4, 3, 2, 1, 0, 124, 0))
    assert without_our_sheets(raw) == first
    assert with_our_sheets(raw, raw) == laid
    made = reopened(first).properties
    assert (made.created.year, made.modified.year) == (1980, 1980)


def test_sheets_styles_and_lists_of_the_designer_stay():
    book = small()
    book["survey"]["C2"].font = Font(bold=True, name="Georgia")
    book["survey"].column_dimensions["C"].width = 77
    book["survey"].freeze_panes = "C2"
    rule = DataValidation(type="list", formula1='"text,integer"')
    book["survey"].add_data_validation(rule)
    rule.add("A2:A99")

    stripped = reopened(without_our_sheets(bytes_of(book)))

    assert stripped.sheetnames == ["survey", "Notes", "settings"]
    survey = stripped["survey"]
    assert (survey["C2"].font.bold, survey["C2"].font.name) == (True, "Georgia")
    assert (survey.column_dimensions["C"].width, survey.freeze_panes) == (77, "C2")
    assert [str(kept.sqref) for kept in survey.data_validations.dataValidation] == ["A2:A99"]
    assert survey["D2"].value == "open"


def test_nothing_is_left_that_points_to_a_sheet_that_is_gone():
    book = small()
    survey = book["survey"]
    for formula in ("derived!$A$2:$A$9", "'Indicators '!$A$2:$A$9", "Notes!$B$1:$B$9"):
        rule = DataValidation(type="list", formula1=formula)
        survey.add_data_validation(rule)
        rule.add("B2")
    book.defined_names["ours"] = DefinedName("ours", attr_text="derived!$A$1")
    book.defined_names["theirs"] = DefinedName("theirs", attr_text="Notes!$A$1")
    fill = PatternFill("solid", bgColor="FF0000")
    survey.conditional_formatting.add("A2:A9", FormulaRule(formula=["derived!$A$1=1"], fill=fill))
    survey.conditional_formatting.add("B2:B9", FormulaRule(formula=["Notes!$A$1=1"], fill=fill))

    stripped = reopened(without_our_sheets(bytes_of(book)))

    assert [rule.formula1 for rule in stripped["survey"].data_validations.dataValidation] == ["Notes!$B$1:$B$9"]
    assert list(stripped.defined_names) == ["theirs"]
    assert [str(kept.sqref) for kept in stripped["survey"].conditional_formatting] == ["B2:B9"]


def test_a_formula_goes_out_as_what_excel_stored_for_it():
    """A server reads stored values alone: a formula saved without one is an empty cell there."""
    book = small()
    book["survey"]["C3"] = "=C2"
    raw = with_stored_value(bytes_of(book), "C3", "Ask")

    stripped = without_our_sheets(raw)

    assert read_form(stripped, "a.xlsx").by_path["b"].labels["default"] == "Ask"
    assert (reopened(stripped)["survey"]["C3"].value, reopened(raw)["survey"]["C3"].value) == ("Ask", "=C2")


def with_stored_value(raw: bytes, cell: str, value: str) -> bytes:
    """As Excel saves a formula, with its value beside it; openpyxl leaves it out."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            stored = rf'<c r="{cell}" t="str">\1<v>{value}</v></c>'.encode()
            new.writestr(name, re.sub(rf'<c r="{cell}"[^>]*>(<f>.*?</f>)<v></v></c>'.encode(), stored, old.read(name)))
    return written.getvalue()


def test_a_text_that_begins_with_an_equals_sign_stays_a_text():
    book = small()
    book["survey"]["C2"].value = "= or more?"
    book["survey"]["C2"].data_type = "s"
    stripped = without_our_sheets(bytes_of(book))
    assert read_form(stripped, "a.xlsx").by_path["a"].labels["default"] == "= or more?"


def test_a_workbook_in_text_becomes_an_xlsx_of_its_xlsform():
    text = b"""
| survey |
| | type | name | label |
| | text | a | Ask |
| derived |
| | type | name | calculation |
| | integer | n | 1 |
| settings |
| | form_id | version |
| | a | 1 |
"""
    stripped = without_our_sheets(text)
    assert reopened(stripped).sheetnames == ["survey", "settings"]
    assert read_form(stripped, "a.xlsx").xform == read_form(text, "a.md").xform
    laid = with_our_sheets(stripped, text)
    assert [variable.name for variable in read_form(laid, "a.xlsx").interpretation.derived] == ["n"]


def test_our_sheets_replace_those_that_are_there():
    theirs = small()
    theirs["derived"].append(("integer", "old", "1"))
    ours = small()
    ours["derived"].append(("integer", "new", "2"))
    del ours["Indicators "], theirs["Indicators "]
    laid = with_our_sheets(bytes_of(theirs), bytes_of(ours))
    assert [variable.name for variable in read_form(laid, "a.xlsx").interpretation.derived] == ["new"]


def test_what_is_no_workbook_is_refused():
    with pytest.raises(XLSFormInvalid):
        without_our_sheets(b"%PDF-1.7 not a workbook")
