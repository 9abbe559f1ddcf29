"""Slips that every other tool passes over: an answer in a list of its own, a text in one language only."""

from collections.abc import Callable, Mapping

import pytest

from forms.errors import XLSFormInvalid
from forms.finding import Finding, Severity
from forms.read import examine_form, join_form
from forms.sheets.translations import MAX_TOLD

MakeWorkbook = Callable[[Mapping[str, object]], bytes]
Rows = list[dict[str, object]]

SURVEY: Rows = [{"type": "select_one trust4", "name": "trust", "en": "Trust", "fr": "Confiance"}]
CODES = ("1", "2", "3", "4")


def choices(list_name: str, *codes: str) -> Rows:
    return [{"list_name": list_name, "name": code, "en": f"E {code}", "fr": f"F {code}"} for code in codes]


def found(make_workbook: MakeWorkbook, sheets: dict[str, Rows]) -> list[Finding]:
    """All findings about a workbook except those of our columns left blank."""
    try:
        findings = examine_form(make_workbook(sheets), "slips.xlsx").warnings
    except XLSFormInvalid as error:
        findings = error.findings
    return [finding for finding in findings if not finding.code.endswith("_blank")]


def test_an_answer_that_a_slip_put_in_a_list_of_its_own_is_an_error(make_workbook: MakeWorkbook):
    sheets = {"survey": SURVEY, "choices": [*choices("trust4", "1", "2", "3"), *choices("trusst", "4")]}

    (finding,) = found(make_workbook, sheets)

    assert (finding.code, finding.severity) == ("list_misspelt", Severity.ERROR)
    assert finding.place() == "choices row 5, column list_name"
    assert "did you mean trust4? As it stands, trust4 lacks 4" in finding.message.en
    assert "vouliez-vous dire trust4 ?" in finding.message.fr


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("colours", ("red", "blue")),  # no name like it
        ("trust5", ("9",)),  # a number tells two lists apart
        ("trusst", ("4",)),  # that code is in trust4 already: nothing is lost
        ("trusst", ("a", "b", "c")),  # too many for rows gone astray
    ],
)
def test_a_list_that_nothing_uses_is_a_warning_where_no_answer_is_lost(
    make_workbook: MakeWorkbook, name: str, codes: tuple[str, ...]
):
    sheets = {"survey": SURVEY, "choices": [*choices("trust4", *CODES), *choices(name, *codes)]}

    (finding,) = found(make_workbook, sheets)

    assert (finding.code, finding.severity, finding.row) == ("list_unused", Severity.WARNING, 6)
    assert name in finding.message.en
    assert name in finding.message.fr


@pytest.mark.parametrize(
    "sheets",
    [
        {"survey": [{"type": "select_multiple trust", "name": "b", "en": "B", "fr": "B"}]},
        {"survey": [{"type": "rank trust", "name": "b", "en": "B", "fr": "B"}]},
        {"survey": [{"type": "select_one trust or_other", "name": "b", "en": "B", "fr": "B"}]},
        {
            "survey": [
                {"type": "calculate", "name": "b", "calculation": "instance('trust')/root/item[name = '9']/label"}
            ]
        },
        {"derived": [{"type": "select_one trust", "name": "b", "calculation": "${trust}"}]},
    ],
)
def test_a_list_is_in_use_wherever_it_is_named(make_workbook: MakeWorkbook, sheets: dict[str, Rows]):
    survey = [*SURVEY, *sheets.get("survey", [])]
    whole = {"choices": [*choices("trust4", *CODES), *choices("trust", "9")], **sheets, "survey": survey}

    assert not [finding for finding in found(make_workbook, whole) if finding.code.startswith("list_")]


def test_a_form_that_is_out_already_stays_readable_whatever_its_workbook_leaves_unused(make_workbook: MakeWorkbook):
    clean = {"survey": SURVEY, "choices": choices("trust4", "1", "2", "3")}
    xform = examine_form(make_workbook(clean), "slips.xlsx").form.xform
    slip = make_workbook({**clean, "choices": [*clean["choices"], *choices("trusst", "4")]})

    assert join_form(xform, slip, "slips.xlsx").by_path


def test_a_text_in_one_language_only_is_told_with_its_cell(make_workbook: MakeWorkbook):
    survey = [
        *SURVEY,
        {"type": "begin_group", "name": "g"},
        {"type": "integer", "name": "age", "en": "Age", "hint::English (en)": "In years"},
        {"type": "end_group"},
    ]
    lists = choices("trust4", *CODES)
    lists[2]["en"] = None

    findings = found(make_workbook, {"survey": survey, "choices": lists})

    missing = [finding for finding in findings if finding.code == "missing_translation"]
    assert [finding.place() for finding in missing] == [
        "survey row 4, column label::Français (fr)",
        "choices row 4, column label::English (en)",
    ]
    assert {finding.severity for finding in missing} == {Severity.WARNING}
    assert "label::English (en)" in missing[0].message.en
    assert "Traduisez-le" in missing[0].message.fr


def test_a_column_hardly_begun_does_not_bury_the_other_findings(make_workbook: MakeWorkbook):
    lists = choices("trust4", *(str(code) for code in range(1, 31)))
    for row in lists[1:]:
        row["fr"] = None

    findings = found(make_workbook, {"survey": SURVEY, "choices": lists})

    missing = [finding for finding in findings if finding.code == "missing_translation"]
    assert len(missing) == MAX_TOLD
    assert "19 further rows" in missing[-1].message.en
    assert "19 autres lignes" in missing[-1].message.fr
