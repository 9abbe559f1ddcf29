"""What the writer of workbooks makes of rows: text stays text, and a designer sees the shape of a form."""

import io

from openpyxl import Workbook, load_workbook

from forms.text import Bilingual
from forms.workbook_style.readme import Kind, ReadmeLine, readme
from forms.workbook_style.write import PREPARED_ROWS, SheetContent, write_header, write_workbook


def written(*sheets: SheetContent, lines: tuple[ReadmeLine, ...] = ()) -> Workbook:
    return load_workbook(io.BytesIO(write_workbook(sheets, lines, title="test")))


def test_what_excel_would_compute_or_convert_stays_as_typed():
    typed = ("=1+1", "4.5", "4-5", "TRUE", "2026-11-22", "007", "'quoted", "-2")
    sheet = written(SheetContent("indicators", ("counts",), tuple({"counts": text} for text in typed)))["indicators"]

    assert [cell.value for cell in sheet["A"][1 : len(typed) + 1]] == list(typed)
    assert {cell.data_type for cell in sheet["A"][1 : len(typed) + 1]} == {"s"}
    assert {cell.number_format for cell in sheet["A"][1 : PREPARED_ROWS + 1]} == {"@"}


def test_a_group_within_a_group_has_its_own_tint_and_the_outer_one_goes_on_after_it():
    types = ("text", "begin_group", "text", "begin repeat", "text", "end repeat", "text", "end_group", "text")
    sheet = written(SheetContent("survey", ("type", "name"), tuple({"type": word} for word in types)))["survey"]
    free, outer, a, inner, b, inner_end, c, outer_end, after = (row[0].fill.fgColor.rgb for row in sheet["A2:A10"])

    assert free == after == "00000000"
    assert outer == outer_end
    assert a == c
    assert inner == inner_end
    assert len({outer, a, inner, b}) == 4


def test_more_groups_than_tints_begin_again_and_a_lost_end_does_no_harm():
    types = ["begin_group", "text", "end_group"] * 30 + ["end_group", "text"]
    sheet = written(SheetContent("survey", ("type",), tuple({"type": word} for word in types)))["survey"]
    colours = [row[0].fill.fgColor.rgb for row in sheet.iter_rows(min_row=2, max_row=len(types) + 1)]
    assert colours[0:72:3] == [*colours[0:24:3]] * 3
    assert colours[-1] == "00000000"


def test_lists_are_told_apart_by_a_tint_and_a_line():
    rows = tuple({"list_name": name, "name": code} for name, code in (("yn", "1"), ("yn", "0"), ("sex", "f")))
    first, second, third = written(SheetContent("choices", ("list_name", "name"), rows))["choices"]["A2:A4"]
    assert first[0].fill.fgColor.rgb == second[0].fill.fgColor.rgb != third[0].fill.fgColor.rgb
    assert third[0].border.top.color.rgb != second[0].border.top.color.rgb


def test_a_long_text_gets_the_height_it_needs_and_never_more_than_excel_allows():
    sheet = written(SheetContent("survey", ("label",), ({"label": "a b " * 30}, {"label": "x\n" * 400})))["survey"]
    assert 15 * 3 <= sheet.row_dimensions[2].height <= 15 * 4
    assert sheet.row_dimensions[3].height == 409


def test_sheets_without_rows_keep_their_header_and_take_what_is_typed():
    sheet = written(SheetContent("population", ("variable", "value", "total")))["population"]
    assert [cell.value for cell in sheet[1]] == ["variable", "value", "total"]
    assert sheet.cell(PREPARED_ROWS + 1, 3).number_format == "@"


def test_long_surveys_have_their_drop_down_lists_to_the_last_row():
    sheet = written(SheetContent("survey", ("type", "sensitivity"), ({"type": "text"},) * 900))["survey"]
    assert {str(rule.sqref) for rule in sheet.data_validations.dataValidation} == {"A2:A901", "B2:B901"}


def test_a_header_can_be_written_on_a_sheet_of_ones_own():
    book = Workbook()
    sheet = book.worksheets[0]
    write_header(sheet, ("path", "label::Français (fr)", "status"), ours=("status",))
    blue, _, amber = sheet[1]
    assert (sheet.freeze_panes, sheet.column_dimensions["B"].number_format) == ("A2", "@")
    assert blue.fill.fgColor.rgb != amber.fill.fgColor.rgb


def test_a_readme_explains_only_the_sheets_and_columns_there_are():
    lines = readme(Bilingual("T", "T"), (), [("survey", ("type", "label::English (en)")), ("mine", ("name",))])
    said = [line.text.en.split(":")[0] for line in lines]
    assert "survey" in said
    assert {"survey.type", "survey.label"} <= set(said)
    assert not {"mine", "mine.name", "choices", "survey.hint"} & set(said)
    assert [line.kind for line in lines].count(Kind.FILL_IN) == 1
