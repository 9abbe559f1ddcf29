"""What only several workbooks tell, or the versions that were kept: mirrors, and how far back answers compare."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from forms.finding import Finding, Findings, Severity
from forms.form import Form
from forms.read import attempt_to_read
from forms.sheets.earlier import check_known_versions
from forms.sheets.mirrors import check_mirrors
from forms.workbook.file import read_workbook
from forms.workbook.workbook import Workbook

MakeWorkbook = Callable[[Mapping[str, object]], bytes]
Row = dict[str, object]

TRUST = [{"list_name": "trust", "name": code, "en": f"T {code}"} for code in (1, 2, 3, 4)]
DONT_KNOW: Row = {"list_name": "trust", "name": 98, "en": "Does not know", "code_kind": "dont_know"}
REFUSED: Row = {"list_name": "trust", "name": 99, "en": "Refused", "code_kind": "refused"}
OTHER = [{"list_name": "other", "name": code, "en": f"O {code}"} for code in (1, 2, 3, 4, 5)]
YN = [{"list_name": "yn", "name": code, "en": f"Y {code}"} for code in (0, 1)]


def sheets(form_id: str, indicator: Row, *choices: Row) -> Mapping[str, Sequence[Row]]:
    questions = [("select_one trust", "trust"), ("select_one other", "other"), ("select_one yn", "agrees")]
    plain = [("integer", "of_ten"), ("decimal", "part")]
    return {
        "survey": [
            {"type": kind, "name": name, "en": name, "sensitivity": "open"} for kind, name in (*questions, *plain)
        ],
        "choices": [*TRUST, *choices, *OTHER, *YN],
        "settings": [{"form_id": form_id, "version": "3"}],
        "derived": [{"type": "decimal", "name": "guess", "calculation": "${of_ten} div 10"}],
        "indicators": [{"name": "first", "measure": "mean", "question": "part"}, indicator],
        "design": [{"key": "kind", "value": "census"}],
    }


def read(make_workbook: MakeWorkbook, content: Mapping[str, object], name: str) -> tuple[Form, Workbook]:
    workbook = read_workbook(make_workbook(content), name)
    attempt = attempt_to_read(workbook)
    assert attempt.form is not None
    assert attempt.errors == ()
    return attempt.form, workbook


def mirrored(make_workbook: MakeWorkbook, this: Row, other: Row, *choices: Row) -> list[Finding]:
    """What is found where `this` of the form csp mirrors `other` of the form asp, whose list has these choices more."""
    one = sheets("csp", {"name": "seen", "mirror": "asp:held", **this}, DONT_KNOW)
    two = sheets("asp", {"name": "held", **other}, *choices)
    csp, workbook = read(make_workbook, one, "csp.xlsx")
    asp, _ = read(make_workbook, two, "asp.xlsx")
    found = check_mirrors([csp, asp], {"csp": workbook})
    assert found["asp"] == []
    return found["csp"]


SHARE: Row = {"measure": "share", "question": "trust", "counts": "3 4"}
GUESS: Row = {"measure": "mean", "question": "guess"}


@pytest.mark.parametrize(
    ("this", "other", "code"),
    [
        (SHARE, {"measure": "distribution", "question": "trust"}, "mirror_measure"),
        (SHARE, {**SHARE, "question": "other"}, "mirror_codes"),
        (SHARE, {**SHARE, "counts": "4"}, "mirror_counts"),
        (SHARE, {**SHARE, "base": "answered"}, "mirror_base"),
        ({"measure": "mean", "question": "of_ten"}, SHARE, "mirror_measure"),
        ({"measure": "mean", "question": "trust"}, SHARE, "mirror_measure"),
        ({"measure": "mean", "question": "trust"}, {"measure": "mean", "question": "part"}, "mirror_codes"),
    ],
)
def test_a_mirror_that_cannot_stand_beside_the_other_is_told_in_its_row(
    make_workbook: MakeWorkbook, this: Row, other: Row, code: str
):
    (finding,) = mirrored(make_workbook, this, other)

    assert (finding.code, finding.sheet, finding.row, finding.column) == (code, "indicators", 3, "mirror")
    assert finding.cell in ("D3", "E3", "F3", "G3")
    assert finding.message.en != finding.message.fr


@pytest.mark.parametrize(
    ("this", "other"),
    [
        (SHARE, SHARE),
        (SHARE, {**SHARE, "counts": "4 3"}),
        (GUESS, SHARE),
        (SHARE, GUESS),
        ({"measure": "mean", "question": "agrees"}, SHARE),
        (GUESS, {"measure": "mean", "question": "part"}),
    ],
)
def test_the_same_measure_or_a_guessed_share_beside_a_share_is_a_mirror(
    make_workbook: MakeWorkbook, this: Row, other: Row
):
    assert mirrored(make_workbook, this, other) == []


def test_other_never_substantive_codes_do_not_make_another_scale(make_workbook: MakeWorkbook):
    assert mirrored(make_workbook, SHARE, SHARE, DONT_KNOW, REFUSED) == []


def test_a_mirror_that_the_other_form_lacks_is_an_error(make_workbook: MakeWorkbook):
    this = {"name": "seen", "mirror": "asp:lost", **SHARE}
    csp, _ = read(make_workbook, sheets("csp", this), "csp.xlsx")
    asp, _ = read(make_workbook, sheets("asp", {"name": "held", **SHARE}), "asp.xlsx")

    (finding,) = check_mirrors([csp, asp])["csp"]

    assert (finding.code, finding.severity, finding.row) == ("mirror_absent", Severity.ERROR, None)


def test_a_mirror_in_a_form_that_is_not_given_is_said_to_be_unchecked(make_workbook: MakeWorkbook):
    csp, workbook = read(make_workbook, sheets("csp", {"name": "seen", "mirror": "asp:held", **SHARE}), "csp.xlsx")

    (finding,) = check_mirrors([csp], {"csp": workbook})["csp"]

    assert (finding.code, finding.severity, finding.row) == ("mirror_not_checked", Severity.INFO, 3)


def test_a_version_that_answers_are_comparable_since_was_kept_or_is_the_forms_own(make_workbook: MakeWorkbook):
    content = dict(sheets("csp", {"name": "seen", **SHARE}))
    content["survey"] = [
        {**row, "comparable_since": since}
        for row, since in zip(content["survey"], ["1", "2", "3", "pilot", None], strict=True)
    ]
    form, workbook = read(make_workbook, content, "csp.xlsx")
    findings = Findings()

    check_known_versions(workbook, form, ["1"], findings)

    assert [(finding.code, finding.row) for finding in findings.found] == [
        ("comparable_since_unknown", 3),
        ("comparable_since_unknown", 5),
    ]
    assert "versions are 1" in findings.found[0].message.en
