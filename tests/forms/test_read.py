"""Reading a workbook in every dress it comes in, and joining a kept XForm with its workbook."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from forms import read as reading
from forms.errors import XLSFormInvalid
from forms.form import CodeKind, Form, Sensitivity
from forms.read import examine_form, join_form, read_form
from forms.workbook.file import read_workbook
from forms.workbook.workbook import Cell, CellKind

MakeWorkbook = Callable[[Mapping[str, object]], bytes]

MARKDOWN = """
# a comment
| survey  |              |      |                         |             |
|         | type         | name | label::Français (fr)    | sensitivity |
| ------- | ------------ | ---- | ----------------------- | ----------- |
|         | integer      | age  | Quel âge \\| combien ?  | quasi       |
|         | select_one yn | ok  | D'accord ?              | open        |
| choices |              |      |                         |             |
|         | list_name    | name | label::Français (fr)    | code_kind   |
|         | yn           | 1    | Oui                     |             |
|         | yn           | 98   | Ne sait pas             | dont_know   |
| settings |             |      |                         |             |
|         | form_id      | version |                      |             |
|         | dress        | 3    |                         |             |
"""
CSV = """survey,,,,
,type,name,label::Français (fr),sensitivity
,integer,age,Quel âge | combien ?,quasi
,select_one yn,ok,D'accord ?,open
choices,,,,
,list_name,name,label::Français (fr),code_kind
,yn,1,Oui,
,yn,98,Ne sait pas,dont_know
settings,,,,
,form_id,version,,
,dress,3,,
"""


def excel() -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheet = None
    for line in CSV.splitlines():
        first, *rest = line.split(",")
        if first:
            sheet = book.create_sheet(f" {first} " if first == "settings" else first)
        else:
            assert sheet is not None
            sheet.append([int(cell) if cell.isdigit() else cell or None for cell in rest])
    book["choices"]["B3"].number_format = "0.00"
    book.worksheets[2].title = "settings"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


DRESSES = {
    "Excel": excel,
    "Markdown": MARKDOWN.encode,
    "Markdown with Windows line ends": lambda: MARKDOWN.replace("\n", "\r\n").encode(),
    "CSV": CSV.encode,
    "CSV with a byte order mark": lambda: CSV.encode("utf-8-sig"),
    "CSV with semicolons": lambda: CSV.replace(",", ";").encode(),
    "CSV with tabs": lambda: CSV.replace(",", "\t").encode(),
    "CSV in Windows' code page": lambda: CSV.encode("cp1252"),
    "CSV in UTF-16": lambda: CSV.encode("utf-16"),
    "CSV with every cell quoted": lambda: "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in CSV.splitlines()
    ).encode(),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("file_name", ["dress.xlsx", "dress.xls", "dress.csv", "dress"])
def test_a_form_reads_the_same_whatever_its_file_is_and_is_called(dress: str, file_name: str):
    form = read_form(DRESSES[dress](), file_name)

    assert (form.form_id, form.version, form.languages) == ("dress", "3", ("Français (fr)",))
    assert [(question.path, question.type, question.sensitivity) for question in form.questions] == [
        ("age", "integer", Sensitivity.QUASI),
        ("ok", "select_one", Sensitivity.OPEN),
    ]
    assert form.by_path["age"].labels == {"Français (fr)": "Quel âge | combien ?"}
    assert [(choice.name, choice.kind) for choice in form.lists["yn"]] == [
        ("1", CodeKind.VALID),
        ("98", CodeKind.DONT_KNOW),
    ]


def test_a_cell_is_read_as_text_that_knows_what_it_was():
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["a", " b\u00a0  c ", None, "d"])
    sheet.append([4.0, 3.5, "dropped", True])
    sheet.append(["=1+1", " \u00a0", None, "x\u00a0y "])
    content = io.BytesIO()
    book.save(content)

    (read,) = read_workbook(content.getvalue(), "cells.xlsx").sheets

    assert read.headers == ("a", "b c", "d")
    assert [
        (row.number, {header: (cell.text, cell.kind) for header, cell in row.cells.items()}) for row in read.rows
    ] == [
        (
            2,
            {"a": ("4", CellKind.NUMBER), read.headers[1]: ("3.5", CellKind.FRACTION), "d": ("TRUE", CellKind.BOOLEAN)},
        ),
        (3, {"a": ("", CellKind.FORMULA), "d": ("x y", CellKind.TEXT)}),
    ]


def test_sheets_that_no_one_reads_keep_only_their_names(make_workbook: MakeWorkbook):
    workbook = read_workbook(
        make_workbook({"survey": [{"type": "text"}], "Analysis": [{"x": 1}], "Design": [{"key": "kind"}]}), "a.xlsx"
    )

    assert [(sheet.key, len(sheet.rows)) for sheet in workbook.sheets] == [
        ("survey", 1),
        ("analysis", 0),
        ("design", 1),
    ]


@pytest.fixture(scope="module")
def library() -> bytes:
    return (Path(__file__).parents[2] / "forms" / "library" / "community_perceptions.xlsx").read_bytes()


@pytest.fixture(scope="module")
def survey_form(library: bytes) -> Form:
    return read_form(library, "community_perceptions.xlsx")


def test_the_instrument_of_the_library_is_read_without_a_warning(library: bytes):
    reading = examine_form(library, "community_perceptions.xlsx")

    assert reading.warnings == ()
    assert reading.form.interpretation.design is not None
    assert len(reading.form.interpretation.indicators) > 30


def test_a_kept_xform_joined_with_its_workbook_is_the_form_that_was_published(library: bytes, survey_form: Form):
    assert join_form(survey_form.xform, library, "community_perceptions.xlsx") == survey_form


def test_joining_compiles_nothing(library: bytes, survey_form: Form, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("pyxform was called")

    monkeypatch.setattr(reading, "compile_sheets", refuse)

    assert join_form(survey_form.xform, library, "community_perceptions.xlsx").form_id == survey_form.form_id


def test_a_label_with_a_sign_that_xml_forbids_is_refused_as_a_finding(
    make_workbook: MakeWorkbook, monkeypatch: pytest.MonkeyPatch
):
    """Excel's files cannot hold such a sign, old ones can: here it slips in behind the reading."""
    workbook = read_workbook(make_workbook({"survey": [{"type": "text", "name": "a", "en": "A bell"}]}), "form.xlsx")
    (sheet,) = workbook.sheets
    (row,) = sheet.rows
    cells = {**row.cells, "label::English (en)": Cell("A\x07 bell")}
    rung = replace(workbook, sheets=(replace(sheet, rows=(replace(row, cells=cells),)),))

    monkeypatch.setattr(reading, "read_workbook", lambda *_: rung)
    with pytest.raises(XLSFormInvalid) as refused:
        read_form(b"", "form.xlsx")

    assert [finding.code for finding in refused.value.findings] == ["xform_unreadable"]


def test_a_newer_interpretation_applies_to_an_older_xform(make_workbook: MakeWorkbook):
    def sheets(sensitivity: str, label: str) -> dict[str, object]:
        return {"survey": [{"type": "text", "name": "why", "en": label, "sensitivity": sensitivity}]}

    kept = read_form(make_workbook(sheets("identifier", "Why?")), "form.xlsx")

    joined = join_form(kept.xform, make_workbook(sheets("sensitive", "Why then?")), "form.xlsx")

    assert joined.by_path["why"].sensitivity is Sensitivity.SENSITIVE
    assert joined.by_path["why"].labels == {"English (en)": "Why?"}


def test_what_contradicts_the_xform_is_refused_on_joining_too(make_workbook: MakeWorkbook):
    survey = [{"type": "text", "name": "why", "en": "Why?"}]
    kept = read_form(make_workbook({"survey": survey}), "form.xlsx")
    design = [{"key": "kind", "value": "quota"}, {"key": "psu", "value": "village"}]

    with pytest.raises(XLSFormInvalid) as refused:
        join_form(kept.xform, make_workbook({"survey": survey, "design": design}), "form.xlsx")

    assert [finding.code for finding in refused.value.findings] == ["name_unknown"]
    assert "village" in refused.value.message.fr
