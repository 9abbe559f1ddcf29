"""Cascades of choices: an interview that is stuck is refused, and a value that is no choice is told in its own cell."""

from collections.abc import Mapping

import pytest

from forms.examine import examine
from forms.finding import Finding, Severity

CASCADE = """
| survey |
| | type | name | label | sensitivity | choice_filter | required |
| | select_one region | region | Region | open | | yes |
| | select_one district | district | District | open | region = ${region} | @required@ |
| choices |
| | list_name | name | label | region |
| | region | mopti | Mopti | |
| | region | gao | Gao | |
| | district | m1 | One | mopti |
| | district | m2 | Two | @@ |
| | district | m3 | Three | @@ |
"""
FROM_FILE = """
| survey |
| | type | name | label | sensitivity | choice_filter |
| | select_one region | region | Region | open | |
| | select_one_from_file towns.csv | town | Town | open | zone = ${region} |
| choices |
| | list_name | name | label |
| | region | mopti | Mopti |
| | region | gao | Gao |
"""


def told(workbook: str, code: str, files: Mapping[str, bytes] | None = None) -> list[Finding]:
    findings = examine(workbook.encode(), "form.md", files).findings
    return [finding for finding in findings if finding.code == code]


@pytest.mark.parametrize(("required", "severity"), [("yes", Severity.ERROR), ("", Severity.INFO)])
def test_no_choice_after_an_answer_is_an_error_only_where_one_must_be_given(required: str, severity: Severity) -> None:
    workbook = CASCADE.replace("@@", "mopti").replace("@required@", required)

    (stuck,) = told(workbook, "filter_leaves_nothing_after")

    assert stuck.severity is severity
    assert "gao" in stuck.message.en


def test_a_value_that_is_no_choice_is_told_once_in_its_first_cell() -> None:
    (hidden,) = told(CASCADE.replace("@@", "Gao").replace("@required@", ""), "choice_never_offered")

    assert (hidden.sheet, hidden.row, hidden.column) == ("choices", 5, "region")
    assert hidden.severity is Severity.ERROR
    assert "Did you mean gao?" in hidden.message.en
    assert "(2 lignes)" in hidden.message.fr


def test_a_choice_whose_filter_column_is_blank_is_never_offered() -> None:
    (hidden,) = told(CASCADE.replace("@@", " ").replace("@required@", ""), "choice_never_offered")

    assert "blank" in hidden.message.en


def test_a_value_in_a_file_is_told_with_the_row_of_the_file() -> None:
    towns = b"name,label,zone\nt1,One,mopti\nt2,Two,Gao\n"

    (hidden,) = told(FROM_FILE, "choice_never_offered", {"towns.csv": towns})

    assert (hidden.sheet, hidden.row, hidden.column) == ("towns.csv", 3, "zone")
    assert hidden.severity is Severity.WARNING
    assert not told(FROM_FILE, "choice_never_offered", {"towns.csv": towns.replace(b"Gao", b"gao")})


def test_a_file_that_is_not_at_hand_is_not_judged() -> None:
    assert not told(FROM_FILE, "choice_never_offered")
