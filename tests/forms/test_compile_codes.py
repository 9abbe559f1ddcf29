"""Every code of compiling and validating is met by a small form, in its place, and not by a near miss."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest
from refused_forms import CASES, Case

import forms
from forms.compile.codes import CODES
from forms.compile.findings import refusal_findings, warning_finding
from forms.compile.validation import tell
from forms.errors import XLSFormInvalid
from forms.examined import Examined
from forms.finding import Finding, Severity
from forms.javarosa.validate import validation_findings
from forms.read import attempt_to_read
from forms.workbook.file import misnamed, read_workbook
from forms.workbook.workbook import Workbook

# Codes that a form of a few rows cannot show, and where they are tested.
TESTED_ELSEWHERE = {
    **dict.fromkeys(
        (
            *("workbook_too_large", "workbook_empty", "workbook_locked", "workbook_damaged", "workbook_bomb"),
            *("workbook_entities", "not_a_workbook"),
        ),
        "tests/forms/test_workbook_refused.py",
    ),
    "rows_after_gap": "tests/forms/test_compile.py",
    "sheet_twice": "tests/forms/test_workbook_refused.py",
    "xform_unreadable": "tests/forms/test_read.py",
    "more_after_this": "tests/forms/test_refusal_words.py",
    **dict.fromkeys(
        (
            *("csv_of_one_sheet", "workbook_misnamed", "xlsform_invalid", "xlsform_doubtful", "odk_validate"),
            *("file_missing", "file_unreadable"),
        ),
        "tests/forms/test_compile_codes.py",
    ),
}
ROOMS = ("compile", "workbook", "javarosa")


def found(text: str, files: dict[str, bytes] | None = None) -> Sequence[Finding]:
    """What reading and validating a form find; the checks have tests of their own."""
    workbook = read_workbook(text.encode(), "form.md")
    attempt = attempt_to_read(workbook)
    if attempt.form is None:
        return attempt.findings
    return (*attempt.findings, *validation_findings(Examined(workbook, attempt.form, files)))


def place(finding: Finding) -> str:
    return f"{finding.sheet or ''} {finding.row or ''} {finding.column or ''}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_small_form_triggers_the_code_in_its_place(case: Case):
    told = [finding for finding in found(case.trigger) if finding.code == case.code]

    assert [place(finding) for finding in told[:1]] == [case.place]
    assert all(finding.message.en != finding.message.fr for finding in told)
    assert [finding.message for finding in told if "{what" in str(finding.message)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_near_miss_is_no_error_and_has_not_the_code(case: Case):
    told = found(case.near_miss)

    assert case.code not in {finding.code for finding in told}
    assert [finding for finding in told if finding.severity is Severity.ERROR] == []


def test_every_code_is_met_by_a_case_or_by_a_test_named_here():
    met = {case.code for case in CASES}

    assert met | set(TESTED_ELSEWHERE) == set(CODES)
    assert not met & set(TESTED_ELSEWHERE)
    project = Path(__file__).parents[2]
    for code, test in TESTED_ELSEWHERE.items():
        assert f'"{code}"' in (project / test).read_text(encoding="utf-8"), code


def test_every_code_that_is_raised_is_listed_with_what_it_finds():
    raised = {
        code for room in ROOMS for path in (Path(forms.__path__[0]) / room).rglob("*.py") for code in codes_in(path)
    }

    assert raised <= set(CODES)
    assert len(raised) > 90
    for said in CODES.values():
        assert said.en.endswith(".")
        assert said.fr.endswith(".")
        assert said.en != said.fr


def codes_in(path: Path) -> set[str]:
    """The codes that a module writes down, as the argument in which each of these takes it."""
    argument = {"Finding": 0, "KnownSentence": 0, "Complaint": 0, "_parameter": 0, "_finding": 0, "refusal": 1}
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    given = [
        call.args[argument[call.func.id]]
        for call in calls
        if isinstance(call.func, ast.Name) and len(call.args) > argument.get(call.func.id, 99)
    ]
    return {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def test_a_sentence_that_is_new_is_passed_on_in_english():
    workbook = Workbook("form.xlsx", ())

    (refused,) = refusal_findings("[row : 3] The moon is full.", {}, workbook)
    warned = warning_finding("The moon is nearly full.", {}, workbook)

    assert (refused.code, refused.row, warned.code) == ("xlsform_invalid", 3, "xlsform_doubtful")
    assert refused.message.en == "The XLSForm compiler (pyxform) says: The moon is full."
    assert refused.message.fr == "Le compilateur XLSForm (pyxform) dit : The moon is full."


def test_a_message_of_odk_validate_that_is_new_is_passed_on_and_its_echo_is_not():
    (case,) = (case for case in CASES if case.code == "group_empty")
    workbook = read_workbook(case.near_miss.encode(), "form.md")
    form = attempt_to_read(workbook).form
    assert form is not None

    told = tell(["The moon is full.", "Xform is invalid!"], [], Examined(workbook, form))

    assert [(finding.code, finding.message.en) for finding in told.findings] == [
        ("odk_validate", "ODK Validate says: The moon is full.")
    ]


def test_one_sheet_saved_as_csv_is_told_from_a_file_that_is_no_form():
    with pytest.raises(XLSFormInvalid) as refused:
        read_workbook(b"type;name;label\ntext;a;A\n", "form.csv")

    (finding,) = refused.value.findings
    assert (finding.code, finding.sheet, finding.row) == ("csv_of_one_sheet", "survey", 1)


def test_a_file_whose_ending_lies_is_an_error_for_other_tools_refuse_it():
    (case,) = (case for case in CASES if case.code == "group_empty")
    raw = case.near_miss.encode()

    assert [finding.code for finding in misnamed(raw, "form.xlsx")] == ["workbook_misnamed"]
    assert misnamed(raw, "form.md") == misnamed(raw, "form.csv") == misnamed(raw, "form") == ()


FROM_FILE = "| survey |\n| | type | name | label |\n| | text | a | A |\n| | select_one_from_file towns.csv | t | T |\n"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "file_missing"),
        ({"towns.csv": b"label,nom\nMopti,m\n"}, "file_unreadable"),
        ({"towns.csv": b"name,label\nm,Mopti\n"}, None),
        (None, None),
    ],
)
def test_a_file_that_is_named_must_lie_beside_the_workbook_where_that_is_known(
    files: dict[str, bytes] | None, code: str | None
):
    told = [finding for finding in found(FROM_FILE, files) if finding.severity is Severity.ERROR]

    assert [(finding.code, place(finding)) for finding in told] == ([(code, "survey 3 type")] if code else [])


def test_what_a_check_has_told_of_a_cell_is_not_told_again():
    (case,) = (case for case in CASES if case.code == "function_refused")
    workbook = read_workbook(case.trigger.encode(), "form.md")
    form = attempt_to_read(workbook).form
    assert form is not None
    examined = Examined(workbook, form)
    (told,) = validation_findings(examined)

    assert validation_findings(examined, [told]) == ()


SHOWS_AN_ANSWER = (
    "| survey |\n| | type | name | label |\n| | text | a | A |\n| | select_one l | s | S |\n"
    "| | select_one_from_file towns.csv | t | T |\n"
    "| choices |\n| | list_name | name | label |\n| | l | x | {} |\n| | l | y | Else |\n"
)


def test_a_choice_whose_label_shows_an_answer_is_not_told_as_one_without_a_label():
    assert "choice_without_label" not in {finding.code for finding in found(SHOWS_AN_ANSWER.format("${a}"))}


def test_a_warning_of_odk_validate_does_not_hide_a_file_that_is_missing():
    told = {finding.code: finding.severity for finding in found(SHOWS_AN_ANSWER.format("${a}"), {})}

    assert told["file_missing"] is Severity.ERROR
