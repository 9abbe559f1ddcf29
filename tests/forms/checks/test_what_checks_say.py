"""How the checks tell what they find: with the cell, the name that was meant, and the severity that fits the form."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from forms import checks
from forms.examine import examine
from forms.examined import Examined
from forms.finding import Finding, Findings, Severity
from forms.read import attempt_to_read
from forms.workbook.file import read_workbook

MakeWorkbook = Callable[[Mapping[str, Sequence[Mapping[str, object]]]], bytes]

LIBRARY = Path(__file__).resolve().parents[3] / "forms" / "library"

CHOICES = """
| choices |
| | list_name | name | label |
| | sex | f | Femme |
| | sex | m | Homme |
"""
SLIP = (
    """
| survey |
| | type | name | label | relevant |
| | select_one sex | sex | Sexe | |
| | text | why | Pourquoi | ${sex} = '@@' |
"""
    + CHOICES
)


def found(text: str, code: str | None = None) -> Sequence[Finding]:
    workbook = read_workbook(text.encode(), "form.md")
    attempt = attempt_to_read(workbook)
    assert attempt.form is not None, [finding.message.en for finding in attempt.findings]
    findings = Findings()
    checks.check_all(Examined(workbook, attempt.form), findings)
    return [finding for finding in findings.found if code in (None, finding.code)]


def test_a_slip_is_told_in_its_cell_with_the_choice_that_was_meant(make_workbook: MakeWorkbook):
    workbook = make_workbook(
        {
            "survey": [
                {"type": "select_one sex", "name": "sex", "label": "Sexe"},
                {"type": "text", "name": "why", "label": "Pourquoi", "relevant": "${sex} = 'F'"},
            ],
            "choices": [
                {"list_name": "sex", "name": "f", "label": "Femme"},
                {"list_name": "sex", "name": "m", "label": "Homme"},
            ],
        }
    )
    examination = examine(workbook, "form.xlsx")

    (told,) = [finding for finding in examination.findings if finding.code == "literal_no_choice"]
    assert (told.sheet, told.row, told.column, told.cell) == ("survey", 3, "relevant", "D3")
    assert "Did you mean f?" in told.message.en
    assert "Vouliez-vous dire « f » ?" in told.message.fr


def test_a_label_in_place_of_a_name_is_recognised():
    (told,) = found(SLIP.replace("@@", "Homme"), "literal_no_choice")

    assert "Did you mean m?" in told.message.en


def test_a_slip_is_an_error_where_figures_are_made_of_the_answers():
    ours = SLIP.replace("@@", "F").replace("| label |\n| | sex | f", "| label | code_kind |\n| | sex | f")

    assert [finding.severity for finding in found(ours, "literal_no_choice")] == [Severity.ERROR]
    assert [finding.severity for finding in found(SLIP.replace("@@", "F"), "literal_no_choice")] == [Severity.WARNING]


def test_a_group_that_is_never_asked_is_told_once_and_not_its_questions():
    told = found(
        """
| survey |
| | type | name | label | relevant |
| | select_one sex | sex | Sexe | |
| | begin_group | part | Partie | ${sex} = 'f' and ${sex} = 'm' |
| | text | why | Pourquoi | ${sex} = 'f' |
| | end_group | | | |
"""
        + CHOICES,
        "never_asked",
    )

    assert [finding.row for finding in told] == [3]


def test_a_question_that_contradicts_its_group_is_told_with_the_group():
    (told,) = found(
        """
| survey |
| | type | name | label | relevant |
| | select_one sex | sex | Sexe | |
| | begin_group | women | Femmes | ${sex} = 'f' |
| | text | why | Pourquoi | ${sex} = 'm' |
| | end_group | | | |
"""
        + CHOICES,
        "never_asked",
    )

    assert told.row == 4
    assert "women" in told.message.en


def test_answers_on_one_screen_may_be_used_in_any_order():
    rows = """
| survey |
| | type | name | label | relevant | appearance |
| | begin_group | screen | Ecran | | @@ |
| | text | why | Pourquoi | ${age} > 3 | |
| | integer | age | Age | | |
| | end_group | | | | |
"""

    assert not found(rows.replace("@@", "field-list"), "used_before_answered")
    assert found(rows.replace("@@", ""), "used_before_answered")


def test_a_filter_without_choices_is_not_told_where_the_question_is_not_asked():
    rows = """
| survey |
| | type | name | label | choice_filter | relevant |
| | select_one region | region | Region | | |
| | select_one district | district | District | region = ${region} | @@ |
| choices |
| | list_name | name | label | region |
| | region | north | North | |
| | region | south | South | |
| | district | n1 | First | north |
"""

    assert found(rows.replace("@@", ""), "filter_leaves_nothing_after")
    assert not found(rows.replace("@@", "${region} = 'north'"), "filter_leaves_nothing_after")


def test_answers_within_a_repeat_are_several_from_outside_it():
    rows = """
| survey |
| | type | name | label | relevant |
| | begin_repeat | person | Personne | |
| | select_one sex | sex | Sexe | |
| | text | why | Pourquoi | @@ |
| | end_repeat | | | |
| | text | both | Les deux | ${sex} = 'f' and ${sex} = 'm' |
"""

    inside = found(rows.replace("@@", "${sex} = 'f' and ${sex} = 'm'") + CHOICES, "never_asked")
    assert [finding.row for finding in inside] == [4]


def test_a_condition_of_a_thousand_parts_is_read():
    chain = " or ".join(["${sex} = 'f'"] * 1000)

    assert not found(SLIP.replace("${sex} = '@@'", chain), "never_asked")


def test_a_thousand_questions_are_checked_within_seconds():
    rows = [
        "| | integer | q0 | Q | |",
        *(f"| | integer | q{number} | Q | ${{q{number - 1}}} > 2 and ${{sex}} = 'f' |" for number in range(1, 1000)),
    ]
    header = "| survey |\n| | type | name | label | relevant |\n| | select_one sex | sex | Sexe | |"
    workbook = read_workbook("\n".join((header, *rows, CHOICES)).encode(), "form.md")
    form = attempt_to_read(workbook).form
    assert form is not None

    started = time.process_time()
    checks.check_all(Examined(workbook, form), Findings())

    # About a third of a second; ten times that on a loaded machine is still no quadratic work.
    assert time.process_time() - started < 4


def test_the_shipped_workbooks_have_nothing_to_tell():
    for path in LIBRARY.glob("*.xlsx"):
        files = {file.name: file.read_bytes() for file in LIBRARY.iterdir() if file.is_file()}
        told = [
            (path.name, finding.code, finding.place())
            for finding in examine(path.read_bytes(), path.name, files).findings
            if finding.code in checks.codes()
        ]
        assert not told
