"""Compiling: the XForm is what pyxform makes of the workbook without us, and says nothing of our columns."""

import io
from collections.abc import Callable, Mapping

import pytest
from pyxform.xls2xform import convert

from forms.compile.compiler import compile_workbook
from forms.errors import XLSFormInvalid
from forms.finding import Severity
from forms.workbook.file import read_workbook

MakeWorkbook = Callable[[Mapping[str, object]], bytes]

SURVEY = [
    {"type": "select_one trust", "name": "trust", "en": "Trust", "fr": "Confiance"},
    {"type": "integer", "name": "age", "en": "Age", "fr": "Âge"},
]
CHOICES = [
    {"list_name": "trust", "name": 1, "en": "No", "fr": "Non"},
    {"list_name": "trust", "name": 4, "en": "Yes", "fr": "Oui"},
    {"list_name": "trust", "name": 98, "en": "Does not know", "fr": "Ne sait pas"},
]
SETTINGS = [{"form_id": "small", "version": "1"}]
PLAIN = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}


def interpreted(sensitivity: str, kind: str, counts: str) -> dict[str, object]:
    """The same form with our columns and sheets around it."""
    return {
        "README": [{"Hello": "x"}],
        "survey": [
            {**row, "sensitivity": sensitivity, "renamed_from": "old", "comparable_since": "1"} for row in SURVEY
        ],
        "choices": [{**row, "Code_Kind ": kind if row["name"] == 98 else "", "renamed_from": ""} for row in CHOICES],
        "settings": SETTINGS,
        "indicators": [{"name": "t", "measure": "share", "question": "trust", "counts": counts}],
        "design": [{"key": "kind", "value": "quota"}],
        "quotas": [{"variable": "age"}],
    }


def test_the_xform_is_byte_for_byte_the_same_when_only_the_interpretation_changes(make_workbook: MakeWorkbook):
    plain = compile_workbook(make_workbook(PLAIN), "small.xlsx").xform
    one = compile_workbook(make_workbook(interpreted("open", "dont_know", "4")), "small.xlsx").xform
    other = compile_workbook(make_workbook(interpreted("severe", "refused", "1 4")), "small.xlsx").xform

    assert plain == one == other


def test_the_xform_is_what_pyxform_itself_makes_of_the_file(make_workbook: MakeWorkbook):
    workbook = make_workbook(PLAIN)

    assert compile_workbook(workbook, "small.xlsx").xform == convert(io.BytesIO(workbook)).xform.encode()


def test_a_further_column_of_choices_still_travels_to_the_tablet(make_workbook: MakeWorkbook):
    choices = [{**row, "region": "north", "code_kind": "valid"} for row in CHOICES]

    xform = compile_workbook(make_workbook({**PLAIN, "choices": choices}), "small.xlsx").xform

    assert b"<region>north</region>" in xform
    assert b"code_kind" not in xform


def test_without_a_form_id_the_file_gives_its_name(make_workbook: MakeWorkbook):
    xform = compile_workbook(make_workbook({"survey": SURVEY, "choices": CHOICES}), "a folder/markets.xlsx").xform

    assert b'id="markets"' in xform


def test_external_choices_come_out_as_a_csv(make_workbook: MakeWorkbook):
    survey = [
        {"type": "text", "name": "region", "en": "Region"},
        {"type": "select_one_external town", "name": "town", "en": "Town", "choice_filter": "region=${region}"},
    ]
    external = [{"list_name": "town", "name": "mopti", "label": "Mopti", "region": "m"}]

    compiled = compile_workbook(make_workbook({"survey": survey, "external_choices": external}), "towns.xlsx")

    assert compiled.itemsets is not None
    assert compiled.itemsets.decode().splitlines() == [
        '"list_name","name","label","region"',
        '"town","mopti","Mopti","m"',
    ]


def test_a_form_without_external_choices_has_no_itemsets(make_workbook: MakeWorkbook):
    assert compile_workbook(make_workbook(PLAIN), "small.xlsx").itemsets is None


def test_a_row_after_more_blank_rows_than_odk_tools_read_is_told(make_workbook: MakeWorkbook):
    survey = [*SURVEY, *({"type": None} for _ in range(61)), {"type": "text", "name": "lost", "en": "Lost"}]

    compiled = compile_workbook(make_workbook({**PLAIN, "survey": survey}), "small.xlsx")

    assert b"lost" not in compiled.xform
    told = [finding for finding in compiled.warnings if finding.code == "rows_after_gap"]
    assert [(finding.sheet, finding.row, finding.severity) for finding in told] == [("survey", 65, Severity.WARNING)]


@pytest.mark.parametrize(
    ("survey", "code", "row", "french"),
    [
        ([{"type": "text", "name": "a", "en": "A"}, {"type": "telepathy", "name": "b", "en": "B"}],
         "unknown_question_type", None, "« telepathy »"),
        ([{"type": "text", "en": "A"}], "name_missing", 2, "n'a pas de nom"),
        ([{"type": "text", "name": "a", "en": "A"}, {}, {"type": "text", "name": "a", "en": "A"}],
         "duplicate_name", 4, "déjà pris"),
        ([{"type": "text", "name": "a b", "en": "A"}], "name_invalid", 2, "commence par une lettre"),
        ([{"type": "text", "name": "a", "en": "A ${b}"}], "reference_unknown", 2, "pas de question « b »"),
        ([{"type": "text", "name": "a", "en": "A", "relevant": "${ b"}], "reference_malformed", 2, "${nom}"),
        ([{"type": "begin_group", "name": "g", "en": "G"}, {"type": "text", "name": "a", "en": "A"}],
         "group_not_closed", 2, "end_group"),
        ([{"type": "text", "name": "a", "en": "A"}, {"type": "end_group"}], "group_not_opened", 3, "begin_group"),
        ([{"type": "calculate", "name": "a"}], "calculation_missing", 2, "formule"),
        ([{"type": "select_one nowhere", "name": "a", "en": "A"}], "list_unknown", 2, "« nowhere »"),
        ([{"type": "begin_group", "name": "meta", "en": "G"}, {"type": "text", "name": "a", "en": "A"},
          {"type": "end_group"}], "name_reserved", 2, "meta"),
    ],
)  # fmt: skip
def test_what_pyxform_refuses_is_told_with_its_row_in_both_languages(
    make_workbook: MakeWorkbook, survey: list[dict[str, str]], code: str, row: int | None, french: str
):
    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(make_workbook({"survey": survey, "choices": CHOICES}), "wrong.xlsx")

    (finding,) = refused.value.findings
    assert (finding.code, finding.sheet) == (code, "survey")
    assert row is None or finding.row == row
    assert french in finding.message.fr
    assert "pyxform" not in finding.message.en
    assert refused.value.file_name == "wrong.xlsx"


@pytest.mark.parametrize(
    ("survey", "place", "english", "french"),
    [
        ([{"type": "select_on trust", "name": "a", "en": "A"}], "survey row 2, column type",
         "Did you mean select_one trust?", "Vouliez-vous dire select_one trust ?"),
        ([{"type": "text", "name": "n", "en": "N"}, {"type": "texte", "name": "a", "en": "A"},
          {"type": "texte", "name": "b", "en": "B"}], "survey row 3, column type",
         "Did you mean text?", "Vouliez-vous dire text ?"),
        ([{"type": "telepathy", "name": "a", "en": "A"}], "survey row 2, column type",
         "no question type telepathy. Take", "« telepathy » n'existe pas dans XLSForm. Choisissez"),
        ([{"type": "select_one trsut", "name": "a", "en": "A"}], "survey row 2, column type",
         "Did you mean trust? Add it", "Vouliez-vous dire trust ? Ajoutez-la"),
        ([{"type": "integer", "name": "age", "en": "Age"}, {"type": "text", "name": "a", "en": "A ${aeg}"}],
         "survey row 3, column label::English (en)", "no question aeg. Did you mean age?", "Vouliez-vous dire age ?"),
        ([{"type": "text", "name": "age", "en": "A"}, {"type": "note", "name": "n", "en": "N"},
          {"type": "integer", "name": "age", "en": "B"}], "survey row 4, column name",
         "The name age is taken already in this group. It stands first in row 2.",
         "Le nom age est déjà pris dans le même groupe. Il figure d'abord à la ligne 2."),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_cell_and_what_was_probably_meant(
    make_workbook: MakeWorkbook, survey: list[dict[str, str]], place: str, english: str, french: str
):
    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(make_workbook({"survey": survey, "choices": CHOICES}), "wrong.xlsx")

    (finding,) = refused.value.findings
    assert finding.place() == place
    assert english in finding.message.en
    assert french in finding.message.fr


def test_a_choice_that_stands_twice_is_told_with_the_row_of_the_first(make_workbook: MakeWorkbook):
    choices = [*CHOICES, {"list_name": "other", "name": 4, "en": "x"}, {"list_name": "trust", "name": 4, "en": "Again"}]

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(make_workbook({"survey": SURVEY, "choices": choices}), "wrong.xlsx")

    (finding,) = refused.value.findings
    assert (finding.code, finding.sheet, finding.row) == ("duplicate_choice", "choices", 6)
    assert "first in row 3" in finding.message.en


def test_missing_columns_of_translations_are_told_as_their_headers_are_written(make_workbook: MakeWorkbook):
    survey = [{**row, "hint::English (en)": "h", "required_message::English (en)": "r"} for row in SURVEY]

    compiled = compile_workbook(make_workbook({"survey": survey, "choices": CHOICES}), "small.xlsx")

    (told,) = [finding.message for finding in compiled.warnings if finding.code == "translation_missing"]
    missing = "survey hint::Français (fr); survey required_message::Français (fr)"
    assert told.en == f"Columns of translations are missing: {missing}. Add them."
    assert missing in told.fr


def test_the_rows_of_a_csv_are_told_as_its_own_sheets_count_them():
    text = "survey\n,type,name,label\n,text,a,A\n\n,text,a,A again\n"

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(text.encode(), "form.csv")

    assert [(finding.code, finding.row) for finding in refused.value.findings] == [("duplicate_name", 3)]


def test_where_pyxform_breaks_the_row_is_found_by_halving(make_workbook: MakeWorkbook):
    # An osm list that is not in the sheet osm: pyxform 4.5 meets it with a bare TypeError.
    survey = [*SURVEY, {"type": "osm roads", "name": "road", "en": "Road"}, {"type": "note", "name": "n", "en": "N"}]
    osm = [{"list_name": "buildings", "name": "b", "label": "B"}]

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(make_workbook({**PLAIN, "survey": survey, "osm": osm}), "wrong.xlsx")

    (finding,) = refused.value.findings
    assert (finding.code, finding.sheet, finding.row) == ("xlsform_compiler_failed", "survey", 4)
    assert "TypeError" in finding.message.en
    assert "Retapez la ligne" in finding.message.fr


def test_two_headers_typed_into_one_cell_are_told_as_such(make_workbook: MakeWorkbook):
    header = "required_message::French (fr)required_message::English (en)"
    survey = [{"type": "text", "name": "a", "en": "A", "required": "yes", header: "Please"}]

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(make_workbook({"survey": survey}), "wrong.xlsx")

    (finding,) = refused.value.findings
    assert (finding.code, finding.row, finding.column) == ("header_malformed", 1, header)


def test_all_errors_of_a_form_are_told_in_one_run_and_its_warnings_beside_them(make_workbook: MakeWorkbook):
    survey = [
        {"type": "texte", "name": "a", "en": "A"},
        {"type": "select_one nowhere", "name": "b", "en": "B ${zz}"},
        {"type": "text", "name": "b", "en": "Again"},
        {"type": "image", "name": "photo", "en": "Photo"},
        {"type": "calculate", "name": "c"},
        {"type": "text", "name": "d e", "en": "D"},
        {"type": "begin_group", "name": "g", "en": "G"},
        {"type": "text", "name": "f", "en": "F ${a}"},
    ]
    choices = [*CHOICES, {"list_name": "trust", "name": 4, "en": "Again"}]

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(make_workbook({"survey": survey, "choices": choices}), "wrong.xlsx")

    told = {(finding.code, finding.sheet, finding.row) for finding in refused.value.findings if finding.row}
    assert told == {
        ("duplicate_choice", "choices", 5),
        ("unknown_question_type", "survey", 2),
        ("list_unknown", "survey", 3),
        ("reference_unknown", "survey", 3),
        ("duplicate_name", "survey", 4),
        ("image_size", "survey", 5),
        ("calculation_missing", "survey", 6),
        ("name_invalid", "survey", 7),
        ("group_not_closed", "survey", 8),
    }


def test_an_end_that_an_unknown_type_may_have_orphaned_is_not_told(make_workbook: MakeWorkbook):
    survey = [
        {"type": "debut groupe", "name": "g", "en": "G"},
        {"type": "text", "name": "a", "en": "A"},
        {"type": "end_group"},
    ]

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(make_workbook({"survey": survey}), "wrong.xlsx")

    assert [finding.code for finding in refused.value.findings] == ["unknown_question_type"]


def test_the_same_bytes_are_opened_and_compiled_once(make_workbook: MakeWorkbook):
    raw = make_workbook(PLAIN)

    assert read_workbook(raw, "small.xlsx") is read_workbook(bytes(raw), "small.xlsx")
    assert compile_workbook(raw, "small.xlsx") is compile_workbook(raw, "small.xlsx")
    # The name gives the form its id where the settings name none.
    assert compile_workbook(raw, "other.xlsx") is not compile_workbook(raw, "small.xlsx")


def test_two_columns_of_one_name_are_all_told_at_once():
    text = "| survey |\n| | type | name | label | label | name |\n| | text | a | A | B | c |\n"

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(text.encode(), "form.md")

    assert [(finding.code, finding.column) for finding in refused.value.findings] == [
        ("duplicate_header", "name"),
        ("duplicate_header", "label"),
    ]
