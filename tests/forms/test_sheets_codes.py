"""Each code of our sheets has a workbook that brings it up and a near miss that does not."""

import ast
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from whole_workbook import (
    CHOICES,
    CODEBOOK,
    DERIVED,
    DESIGN,
    POPULATION,
    QUOTAS,
    SURVEY,
    WHOLE,
    choice,
    derived,
    indicator,
    pairs,
    with_design,
    with_row,
)

from forms import checks
from forms.compile.codes import CODES as COMPILE_CODES
from forms.finding import Finding
from forms.read import attempt_to_read
from forms.sheets.codes import CODES
from forms.workbook.file import read_workbook

MakeWorkbook = Callable[[Mapping[str, object]], bytes]
Sheets = Mapping[str, Sequence[Mapping[str, object]]]

SHEETS = Path(__file__).resolve().parents[2] / "forms" / "sheets"
LISTED_ELSEWHERE = {"name_invalid", "duplicate_header", "sheet_twice", "list_unknown", "literal_no_choice"}


def with_first_question(**columns: object) -> Sheets:
    return {**WHOLE, "survey": [{**SURVEY[0], **columns}, *SURVEY[1:]]}


def with_group(**columns: object) -> Sheets:
    return {**WHOLE, "survey": [{**row, **columns} if row.get("name") == "q" else row for row in SURVEY]}


def with_question(**columns: object) -> Sheets:
    return with_row("survey", {"en": "New", "name": "new_one", "sensitivity": "open", **columns})


def with_choice(list_name: str, name: object, kind: str = "", **columns: object) -> Sheets:
    return with_row("choices", {**choice(list_name, name, kind), **columns})


def with_settings(**columns: object) -> Sheets:
    return {**WHOLE, "settings": [{"form_id": "whole", "version": "2026010101", **columns}]}


def with_total(**columns: object) -> Sheets:
    return {**WHOLE, "population": [{**POPULATION[0], **columns}, *POPULATION[1:]]}


def with_quota(**columns: object) -> Sheets:
    return with_row("quotas", {"variable": "sex", "value": "f", "target": 10, **columns})


def with_code(**columns: object) -> Sheets:
    return with_row("codebook", {"name": "new", "en": "New", **columns})


def without(sheet: str) -> Sheets:
    return {name: rows for name, rows in WHOLE.items() if name != sheet}


def mean(**columns: object) -> Sheets:
    return indicator(**{"measure": "mean", "question": "age", "counts": "", **columns})


def net(**columns: object) -> Sheets:
    return indicator(**{"measure": "net", "counts": "3 4", "against": "1 2", **columns})


def rows_of_circle(second: str) -> Sheets:
    return {
        **WHOLE,
        "derived": [
            *DERIVED,
            {"type": "integer", "name": "a", "calculation": "${b}"},
            {"type": "integer", "name": "b", "calculation": second},
        ],
    }


FILES = [*SURVEY, {"type": "select_one_from_file towns.csv", "name": "town", "en": "Town", "sensitivity": "open"}]
TWINS = [
    *SURVEY,
    {"type": "integer", "name": "goats", "en": "Goats", "sensitivity": "open"},
    {"type": "begin_group", "name": "twin", "en": "Twin"},
    {"type": "integer", "name": "goats", "en": "Goats", "sensitivity": "open"},
    {"type": "end_group"},
]
SCALE_OF_ONE = [*CHOICES, choice("one", 1)]
ONE = [*SURVEY, {"type": "select_one one", "name": "single", "en": "One", "sensitivity": "open"}]

# code: the workbook that brings it up, and the one next to it that does not
PAIRS: Mapping[str, tuple[Sheets, Sheets]] = {
    "base_not_numeric": (mean(base="valid dont_know"), mean(base="valid")),
    "base_unknown": (indicator(base="answred"), indicator(base="Answered")),
    "by_too_fine": (indicator(question="trust", by="psu_id"), indicator(question="trust", by="area_id")),
    "cell_boolean": (indicator(counts=True), indicator(counts="1")),
    "cell_date": (indicator(counts=date(2026, 5, 4)), with_total(date=date(2026, 5, 4))),
    "cell_error": (indicator(by="#N/A"), indicator(by="total")),
    "cell_formula": (indicator(counts="=3+1"), indicator(counts="4")),
    "cell_fraction": (indicator(counts=3.4), with_total(total=60.5)),
    "cell_missing": (derived(""), derived("1")),
    "choice_name_boolean": (with_choice("yn", name=True), with_choice("yn", name="VRAI")),
    "code_kind_blank": (with_choice("risk", 98), with_choice("risk", 98, "valid")),
    "code_kind_unknown": (with_choice("risk", 98, "unsure"), with_choice("risk", 98, "Don’t know")),
    "code_not_substantive": (indicator(counts="4 98"), indicator(counts="4 3")),
    "code_unknown": (indicator(counts="34"), indicator(counts="3 4")),
    "codebook_circle": (
        with_row("codebook", {"name": "fines", "parent": "fines"}),
        with_row("codebook", {"name": "fines", "parent": "bribes"}),
    ),
    "codebook_code_split": (with_code(renamed_from="courts"), with_code(renamed_from="judges")),
    "codebook_code_twice": (with_code(name="bribes"), with_code(name="bribes2")),
    "codebook_parent_unknown": (with_code(parent="justce"), with_code(parent="justice")),
    "codes_missing": (indicator(counts=""), indicator(counts="4")),
    "codes_not_numeric": (
        mean(question="reprisal", by="region"),
        mean(question="trust", by="region"),
    ),
    "codes_overlap": (net(against="1 3"), net()),
    "codes_unknown": (
        {**mean(question="town", by="total"), "survey": FILES},
        {**indicator(measure="distribution", question="town", counts="", by="total"), "survey": FILES},
    ),
    "codes_unused": (mean(counts="4"), mean()),
    "column_missing": (
        {**WHOLE, "quotas": [{"variable": "sex", "value": "f"}]},
        {**WHOLE, "quotas": [{"variable": "sex", "value": "f", "target": 1}]},
    ),
    "column_name": (with_first_question(sensitivty="open"), with_first_question(note_to_self="open")),
    "column_unheaded": (with_quota(**{"": 5}), WHOLE),
    "column_unknown": (
        {**WHOLE, "quotas": [{"variable": "sex", "value": "f", "cible": 1}]},
        {**WHOLE, "quotas": [{"variable": "sex", "value": "f", " TARGET": 1}]},
    ),
    "comparable_since_later": (
        with_first_question(comparable_since="2026010102"),
        with_first_question(comparable_since="2026010101"),
    ),
    "counts_outside_base": (indicator(base="dont_know"), indicator(base="valid dont_know")),
    "derived_cycle": (rows_of_circle("${a} + 1"), rows_of_circle("${age} + 1")),
    "derived_name_taken": (derived("1", name="Age"), derived("1", name="age_2")),
    "derived_type_unknown": (derived("1", kind="number"), derived("1", kind="Integer")),
    "design_calibrated_twice": (with_design(poststratify="area_id*sex"), with_design(rake="sex")),
    "design_incomplete": (with_design(weight=None), with_design(kind="census", weight=None)),
    "design_key_twice": (
        {**WHOLE, "design": [*pairs(**DESIGN), {"key": "PSU", "value": "psu_id"}]},
        WHOLE,
    ),
    "design_key_unknown": (with_design(strate="sex"), WHOLE),
    "design_kind_missing": (with_design(kind=None), with_design(kind=" Probability")),
    "design_latest_without_entity": (
        with_design(latest_by="asked_on"),
        with_design(latest_by="asked_on", entity="psu_id"),
    ),
    "design_level_unknown": (with_design(severe_level="sex"), with_design(severe_level="region")),
    "design_levels_swapped": (with_design(severe_level="psu_id"), with_design(severe_level="area_id")),
    "design_missing": (without("design"), {**without("design"), "indicators": [], "quotas": []}),
    "design_one_name": (with_design(stratum="area_id sex"), with_design(stratum="area_id")),
    "design_records_missing": (
        with_design(records=None),
        with_design(records="${consent} = 1 and ${age} > 17"),
    ),
    "design_totals_missing": (with_design(rake="sex band"), with_design(rake=None, poststratify="sex*area_id")),
    "design_value_unfit": (with_design(weight="psu_id"), with_design(weight="base_weight")),
    "design_value_unknown": (with_design(lonely_psu="drop"), with_design(lonely_psu="Remove")),
    "design_weight_forbidden": (
        with_design(kind="purposive", weight=None),
        with_design(kind="purposive", weight=None, rake=None),
    ),
    "domain_malformed": (
        with_quota(variable="sex*sex", value="f*m"),
        with_quota(variable="sex * area_id", value="f*ML05"),
    ),
    "domain_value_unknown": (with_quota(value="F"), with_quota(value="each")),
    "duplicate_header": (with_quota(**{"Target ": 5}), with_quota(target=5)),
    "expression_invalid": (indicator(where="sex = 'f'"), indicator(where="${sex} = 'f'")),
    "filter_by_our_column": (
        with_question(type="select_one trust", choice_filter="code_kind = ''"),
        with_question(type="select_one trust", choice_filter="name != 'code_kind'"),
    ),
    "formula_without_value": (with_choice("risk", "=1+1"), with_choice("risk", "1+1")),
    "index_without_scale": (
        {**indicator(measure="index", question="single trust", counts=""), "survey": ONE, "choices": SCALE_OF_ONE},
        {
            **indicator(measure="index", question="single trust", counts=""),
            "survey": ONE,
            "choices": [*SCALE_OF_ONE, choice("one", 2)],
        },
    ),
    "indicator_reads_identifier": (indicator(where="${why} = ''"), indicator(where="${sex} = ''")),
    "indicator_twice": (indicator(name="Trusting"), indicator(name="trusting_2")),
    "list_comma": (with_code(renamed_from="a,b"), with_code(definition="a,b")),
    "list_misspelt": (with_choice("rsk", "middle"), with_choice("risk", "middle")),
    "list_unknown": (derived("1", kind="select_one nope"), derived("1", kind="select_one yn")),
    "list_unused": (with_choice("colours", "red"), with_choice("risk", "red")),
    "literal_no_choice": (indicator(where="${sex} = 'F'"), indicator(where="${sex} = ''")),
    "measure_unfit": (
        indicator(measure="index", question="age adults", counts=""),
        indicator(measure="ratio", question="age / adults", counts=""),
    ),
    "measure_unknown": (indicator(measure="shares"), indicator(measure="SHARE")),
    "mirror_malformed": (indicator(mirror="asp/svc"), indicator(mirror="asp:svc")),
    "mirror_of_itself": (indicator(mirror="whole:trusting"), indicator(mirror="wholes:trusting")),
    "missing_translation": (
        {"survey": [{"type": "note", "name": "a", "en": "A", "fr": "A"}, {"type": "note", "name": "b", "en": "B"}]},
        {
            "survey": [
                {"type": "note", "name": "a", "en": "A", "fr": "A"},
                {"type": "calculate", "name": "b", "calculation": "1"},
            ]
        },
    ),
    "name_ambiguous": ({**mean(question="goats"), "survey": TWINS}, {**mean(question="age"), "survey": TWINS}),
    "name_invalid": (with_code(name="3rd"), with_code(name="third")),
    "name_unknown": (with_quota(variable="zone"), with_quota(variable="sex")),
    "none_in_rank": (with_choice("service", "no", "none"), with_choice("risk", "no", "none")),
    "not_categorical": (with_quota(variable="age", value="35"), with_quota(variable="band", value="old")),
    "population_incomplete": ({**WHOLE, "population": POPULATION[:-1]}, WHOLE),
    "population_sums_differ": (with_total(total=61), WHOLE),
    "population_total": (with_total(total=0), with_total(total=" 60.5")),
    "population_twice": (with_row("population", {**POPULATION[0], "round": "r1"}), WHOLE),
    "poststratify_one_crossing": (
        with_design(rake=None, poststratify="area_id sex"),
        with_design(rake=None, poststratify="area_id * sex"),
    ),
    "pulldata_file_unknown": (
        {**derived("pulldata('town', 'size', 'name', ${town})"), "survey": FILES},
        {**derived("pulldata('towns', 'size', 'name', ${town})"), "survey": FILES},
    ),
    "pulldata_names": (
        {**derived("pulldata('towns', ${sex}, 'name', ${town})"), "survey": FILES},
        {**derived("pulldata('towns', 'sex', 'name', ${town})"), "survey": FILES},
    ),
    "question_count": (
        indicator(measure="count", question="", counts="4"),
        indicator(measure="count", question="", counts=""),
    ),
    "quota_target": (with_quota(target=2.5), with_quota(target="1 000")),
    "quota_twice": (
        with_quota(variable="sex*psu_id", value="f*each"),
        with_quota(variable="sex*psu_id", value="f*each", round="r1"),
    ),
    "rake_crossed": (with_design(rake="area_id*sex"), with_design(rake="sex")),
    "renamed_from_in_use": (with_code(renamed_from="bribes"), with_code(renamed_from="bribe")),
    "renamed_from_malformed": (
        with_first_question(renamed_from="/data/round"),
        with_first_question(renamed_from="data/round"),
    ),
    "renamed_from_twice": (with_first_question(renamed_from="trust_g"), with_first_question(renamed_from="trust_h")),
    "repeat_expected": (derived("sum(${age})"), derived("sum(${member_age})")),
    "repeat_not_the_unit": (mean(question="member_age"), mean(question="member_age", unit="member")),
    "repeat_unaggregated": (derived("${member_age} + 1"), derived("count(${member_age}) + 1")),
    "result_unfit": (derived("if(${age} < 3, 'baby', 1)"), derived("if(${age} < 3, '', '1')")),
    "round_undeclared": (with_design(round=None), {**with_design(round=None), "quotas": QUOTAS[:1]}),
    "round_unknown": (with_quota(round="R1"), with_quota(round="r1")),
    "said_of_no_question": (with_group(comparable_since="2026010101"), with_group(renamed_from="old")),
    "sensitivity_blank": (WHOLE, {**WHOLE, "survey": [{"sensitivity": "open", **row} for row in SURVEY]}),
    "sensitivity_unknown": (with_first_question(sensitivity="secret"), with_first_question(sensitivity="QUASI")),
    "sheet_name": (
        {**without("codebook"), "Livre de codes": CODEBOOK},
        {**without("codebook"), "notes": CODEBOOK},
    ),
    "sheet_twice": ({**WHOLE, "quotas ": QUOTAS}, {**without("quotas"), "Quotas ": QUOTAS}),
    "table_malformed": (indicator(by="sex*"), indicator(by="sex  *  area_id")),
    "unit_unknown": (indicator(unit="attempt"), indicator(unit="Attempts")),
    "unit_without_entity": (
        indicator(unit="entities"),
        {**with_design(entity="psu_id"), "indicators": indicator(unit="entities")["indicators"]},
    ),
    "version_too_long": (with_settings(version=2026010101000001), with_settings(version="2026010101000001")),
}
# Several forms, or the versions that were kept, bring these up: they have tests of their own below.
OF_SEVERAL_WORKBOOKS = {
    "comparable_since_unknown",
    "mirror_absent",
    "mirror_base",
    "mirror_codes",
    "mirror_counts",
    "mirror_measure",
    "mirror_not_checked",
}


def found(make_workbook: MakeWorkbook, sheets: Sheets) -> list[Finding]:
    return list(attempt_to_read(read_workbook(make_workbook(sheets), "whole.xlsx")).findings)


def codes_raised() -> set[str]:
    """The codes written in the sources of forms/sheets; a code that is computed escapes no one: it fails here."""
    met: set[str] = set()
    for path in SHEETS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in ("error", "warning", "info", "tell", "_error") or not node.args:
                continue
            code = node.args[0]
            if isinstance(code, ast.Name) and path.name == "measures.py":
                continue  # `_error` itself, which hands its code on
            assert isinstance(code, ast.Constant), f"{path.name}:{node.lineno}"
            met.add(str(code.value))
    return met


def test_every_code_that_is_raised_here_is_listed_and_no_other():
    assert codes_raised() - LISTED_ELSEWHERE == set(CODES)


def test_codes_that_are_raised_elsewhere_too_are_listed_once():
    elsewhere = {*COMPILE_CODES, *checks.codes()}
    assert set(CODES) & elsewhere == set()
    assert elsewhere >= LISTED_ELSEWHERE


def test_every_code_has_a_workbook_that_brings_it_up_and_a_near_miss():
    assert set(PAIRS) | OF_SEVERAL_WORKBOOKS == codes_raised()


@pytest.mark.parametrize("code", PAIRS)
def test_a_code_is_brought_up_by_its_mistake_and_not_by_its_near_miss(make_workbook: MakeWorkbook, code: str):
    wrong, right = PAIRS[code]

    told = [finding for finding in found(make_workbook, wrong) if finding.code == code]
    near = [finding for finding in found(make_workbook, right) if finding.code == code]

    assert told
    assert near == []
    for finding in told:
        assert finding.sheet
        assert finding.message.en != finding.message.fr


@pytest.mark.parametrize("code", sorted(set(PAIRS)))
def test_a_near_miss_has_no_error_at_all(make_workbook: MakeWorkbook, code: str):
    errors = [finding for finding in found(make_workbook, PAIRS[code][1]) if finding.severity == "error"]

    assert [(finding.code, finding.message.en) for finding in errors] == []
