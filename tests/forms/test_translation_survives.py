"""A designer's workbook keeps its looks and its other contents when translations are laid in, or the loss is told."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from forms.translation import layout
from forms.translation.incoming import read_translation_file
from forms.translation.insert_column import insert_column_after, moved_formula
from forms.translation.lay_in import LaidIn, lay_in, losses_of
from forms.translation.missing import open_texts
from forms.translation.outgoing import translation_file
from forms.workbook.file import read_workbook

FF = "Fulfulde (ffm)"


def content_of(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def designed() -> openpyxl.Workbook:
    """A workbook as designers make them: `label` in C, notes of their own in E, drop-downs, a hidden column."""
    book = openpyxl.Workbook()
    survey = book.worksheets[0]
    survey.title = "survey"
    survey.append(["type", "name", "label::Français (fr)", "relevant", "my notes"])
    survey.append(["text", "village", "Quel village ?", None, "ask Awa"])
    survey.append(["integer", "age", "Quel âge ?", "${village} != ''", None])
    survey["C2"].font, survey["C2"].fill = Font(bold=True, color="FF112233"), PatternFill("solid", fgColor="FFFFEECC")
    survey["E2"].comment = Comment("not sure", "Awa")
    survey["E3"].hyperlink = "https://example.org/"
    for letter, width in (("A", 21), ("B", 12), ("C", 55), ("D", 33), ("E", 44)):
        survey.column_dimensions[letter].width = width
    survey.column_dimensions["D"].hidden = True
    types = DataValidation(type="list", formula1='"text,integer"', sqref="A2:A50")
    notes = DataValidation(type="list", formula1="=$E$2:$E$9", sqref="E2:E50")
    survey.add_data_validation(types)
    survey.add_data_validation(notes)
    red = PatternFill("solid", bgColor="FFFF0000")
    survey.conditional_formatting.add("A2:E50", FormulaRule(formula=['$E2="ask Awa"'], fill=red))
    survey.conditional_formatting.add("D2:D50", FormulaRule(formula=['$A2="text"'], fill=red))
    survey.freeze_panes = "D2"
    survey.auto_filter.ref = "A1:E3"
    survey.merge_cells("D5:E5")
    survey.row_dimensions[2].height = 40
    settings = book.create_sheet("settings")
    settings.append(["form_id", "version"])
    settings.append(["designed", "1"])
    other = book.create_sheet("Équipe")
    other.append(["Awa", "+223"])
    other["A1"].font = Font(italic=True)
    other.sheet_state = "hidden"
    book.defined_names["NOTES"] = DefinedName("NOTES", attr_text="survey!$E$2:$E$9")
    return book


def laid(raw: bytes, language: str = FF) -> LaidIn:
    texts = open_texts(read_workbook(raw, "d.xlsx"), language, "Français (fr)")
    back = openpyxl.load_workbook(io.BytesIO(translation_file(texts, language, "designed")))
    for row in back[layout.SHEET].iter_rows(min_row=2):
        row[len(layout.VISIBLE) - 1].value = f"ff {row[4].value}"
    return lay_in(raw, "d.xlsx", read_translation_file(content_of(back), "back.xlsx"))


@pytest.fixture(scope="module")
def after() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(laid(content_of(designed())).workbook))


@pytest.fixture(scope="module")
def survey(after: openpyxl.Workbook) -> Worksheet:
    return after["survey"]


def test_the_new_column_stands_after_that_of_the_default_language_and_looks_like_it(survey: Worksheet) -> None:
    assert [cell.value for cell in survey[1]] == [
        "type", "name", "label::Français (fr)", "label::Fulfulde (ffm)", "relevant", "my notes",
    ]  # fmt: skip
    assert survey["D2"].value == "ff Quel village ?"
    assert survey["D2"].font.bold
    assert survey["D2"].fill.fgColor.rgb == "FFFFEECC"
    assert survey.column_dimensions["D"].width == 55


def test_other_columns_keep_cells_comments_links_widths_and_what_is_hidden(survey: Worksheet) -> None:
    assert [survey["F2"].value, survey["E3"].value] == ["ask Awa", "${village} != ''"]
    assert survey["F2"].comment is not None
    assert survey["F2"].comment.text == "not sure"
    assert survey["F3"].hyperlink is not None
    assert survey["F3"].hyperlink.ref == "F3"
    widths = {letter: survey.column_dimensions[letter].width for letter in "ABCEF"}
    assert widths == {"A": 21, "B": 12, "C": 55, "E": 33, "F": 44}
    assert [letter for letter in "ABCDEF" if survey.column_dimensions[letter].hidden] == ["E"]
    assert survey.row_dimensions[2].height == 40


def test_drop_downs_and_conditional_formats_follow_their_columns(survey: Worksheet) -> None:
    validations = {str(each.sqref): each.formula1 for each in survey.data_validations.dataValidation}
    assert validations == {"A2:A50": '"text,integer"', "F2:F50": "=$F$2:$F$9"}
    formats = {str(each.sqref): each.rules[0].formula for each in survey.conditional_formatting}
    assert formats == {"A2:F50": ['$F2="ask Awa"'], "E2:E50": ['$A2="text"']}


def test_the_frozen_line_the_filter_and_merged_cells_follow(survey: Worksheet) -> None:
    assert survey.freeze_panes == "D2"  # the new column is the first that scrolls, as its neighbour was the last fixed
    assert survey.auto_filter.ref == "A1:F3"
    assert [str(each) for each in survey.merged_cells.ranges] == ["E5:F5"]


def test_other_sheets_and_names_survive(after: openpyxl.Workbook) -> None:
    assert after.sheetnames == ["survey", "settings", "Équipe"]
    assert after["Équipe"].sheet_state == "hidden"
    assert after["Équipe"]["A1"].font.italic
    assert after.defined_names["NOTES"].attr_text == "survey!$F$2:$F$9"


def test_filling_a_column_that_is_there_moves_nothing() -> None:
    once = laid(content_of(designed())).workbook
    book = openpyxl.load_workbook(io.BytesIO(once))
    book["survey"]["D3"] = None
    again = laid(content_of(book))
    assert (again.laid, again.new_columns) == (1, ())
    assert openpyxl.load_workbook(io.BytesIO(again.workbook))["survey"]["D3"].value == "ff Quel âge ?"


def test_words_in_bold_within_a_cell_stay_bold() -> None:
    book = designed()
    book["survey"]["E2"] = CellRichText("ask ", TextBlock(InlineFont(b=True), "Awa"))
    kept = openpyxl.load_workbook(io.BytesIO(laid(content_of(book)).workbook), rich_text=True)["survey"]["F2"].value
    assert isinstance(kept, CellRichText)
    assert str(kept) == "ask Awa"


def test_a_sheet_with_a_table_gets_the_column_at_its_end() -> None:
    book = designed()
    book["survey"].auto_filter.ref = None
    book["survey"].add_table(Table(displayName="Survey", ref="A1:E3"))
    result = openpyxl.load_workbook(io.BytesIO(laid(content_of(book)).workbook))["survey"]
    assert result["F1"].value == "label::Fulfulde (ffm)"
    assert result.tables["Survey"].ref == "A1:E3"


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("=A1+D1+E$9", "=A1+E1+F$9"),
        ("=SUM(B2:E2)", "=SUM(B2:F2)"),
        ("=SUM($D:$D)", "=SUM($E:$E)"),
        ("=other!D1+survey!D1", "=other!D1+survey!E1"),
        ('=IF(C1="D1",D1,"E1")', '=IF(C1="D1",E1,"E1")'),
        ("=VLOOKUP(D2,'survey'!$A$1:$E$9,2,FALSE)", "=VLOOKUP(E2,'survey'!$A$1:$F$9,2,FALSE)"),
        ("=LOG10(D2)+NOTES", "=LOG10(E2)+NOTES"),
        ("$D2>3", "$E2>3"),
        ("=3:3", "=3:3"),
    ],
)
def test_a_formula_points_to_where_its_cells_moved(formula: str, moved: str) -> None:
    assert moved_formula(formula, "survey", "survey", 4) == moved


def test_formulas_of_other_sheets_follow_too() -> None:
    book = designed()
    book["Équipe"]["B1"] = "=survey!E2"
    insert_column_after(book["survey"], 3)
    assert book["Équipe"]["B1"].value == "=survey!F2"


def test_columns_that_share_one_width_are_not_spread() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list("abcdef"))
    group = sheet.column_dimensions["B"]
    group.min, group.max, group.width = 2, 5, 30
    sheet = openpyxl.load_workbook(io.BytesIO(content_of(book))).worksheets[0]
    insert_column_after(sheet, 3)
    spans = {(each.min, each.max): each.width for each in sheet.column_dimensions.values()}
    assert spans == {(2, 6): 30}


def test_a_plain_workbook_loses_nothing() -> None:
    assert losses_of(content_of(designed()), "d.xlsx") == ()


def test_charts_and_formulas_are_told_as_losses() -> None:
    book = designed()
    book["Équipe"].add_chart(BarChart(), "D4")
    book["Équipe"]["B1"] = "=1+1"
    told = " ".join(loss.en for loss in losses_of(content_of(book), "d.xlsx"))
    assert "charts" in told
    assert "formulas" in told
    assert laid(content_of(book)).lost


@pytest.mark.parametrize(
    ("part", "content", "word"),
    [
        ("xl/vbaProject.bin", b"macro", "macros"),
        ("xl/pivotTables/pivotTable1.xml", b"<pivot/>", "pivot"),
        ("xl/threadedComments/threadedComment1.xml", b"<x/>", "discussions"),
        ("xl/worksheets/sheet9.xml", b'<worksheet><x14:dataValidation type="list"/></worksheet>', "another sheet"),
    ],
)
def test_what_openpyxl_would_drop_is_told(part: str, content: bytes, word: str) -> None:
    raw = io.BytesIO(content_of(designed()))
    with zipfile.ZipFile(raw, "a") as archive:
        archive.writestr(part, content)
    assert any(word in loss.en and loss.fr for loss in losses_of(raw.getvalue(), "d.xlsx"))
