"""Our columns and sheets: what a small whole workbook reads as, and each mistake in the words that mend it."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest
from whole_workbook import (
    DERIVED,
    DESIGN,
    INDICATORS,
    POPULATION,
    SURVEY,
    WHOLE,
    choice,
    derived,
    indicator,
    pairs,
    with_design,
    with_row,
)

from forms.errors import XLSFormInvalid
from forms.expression import Binary, Call, Number, Text, Variable, parse
from forms.finding import Severity
from forms.form import CodeKind, Form, Sensitivity
from forms.interpretation import Derived, DesignRow, IndicatorRow, PopulationRow, QuotaRow
from forms.read import FormReading, examine_form

MakeWorkbook = Callable[[Mapping[str, object]], bytes]


@pytest.fixture(scope="module")
def reading(make_workbook: MakeWorkbook) -> FormReading:
    return examine_form(make_workbook(WHOLE), "whole.xlsx")


@pytest.fixture(scope="module")
def whole(reading: FormReading) -> Form:
    return reading.form


def test_a_questions_columns_are_read_case_and_spaces_forgiven(whole: Form):
    trust, sex = whole.by_path["q/trust"], whole.by_path["q/sex"]

    assert (trust.sensitivity, sex.sensitivity) == (Sensitivity.SENSITIVE, Sensitivity.QUASI)
    assert trust.renamed_from == ("q/trust_g", "trust_g")
    assert trust.comparable_since == "2026010101"
    assert {group.path: group.renamed_from for group in whole.groups}["q"] == ("questions",)


def test_a_question_without_a_class_is_never_shown_and_the_author_is_told(reading: FormReading):
    assert reading.form.by_path["q/why"].sensitivity is Sensitivity.IDENTIFIER
    (told,) = [finding for finding in reading.warnings if finding.code == "sensitivity_blank"]
    assert "why" in told.message.en
    assert "age" not in told.message.en


def test_a_choice_knows_its_kind_and_earlier_names(whole: Form):
    trust = {each.name: each for each in whole.lists["trust"]}

    assert [trust[code].kind for code in ("1", "98", "99")] == [CodeKind.VALID, CodeKind.DONT_KNOW, CodeKind.REFUSED]
    assert trust["2"].renamed_from == ("20", "21")


def test_derived_variables_are_read_in_any_order(whole: Form):
    band, region, weight, adults = whole.interpretation.derived

    assert band == Derived(
        "band", "select_one", "agegrp", parse("if(${age} < 35, 'young', 'old')"), {"English (en)": "Age band"}, None
    )
    assert region.list_name == "region"
    assert weight.sensitivity == "open"
    assert weight.calculation == Binary("*", Variable("base_weight"), Variable("adults"))
    assert adults.calculation == Call("count", (Variable("member"),))


def test_indicators_are_read_with_their_lists_bases_and_tables(whole: Form):
    rows = {row.name: row for row in whole.interpretation.indicators}

    assert rows["trusting"] == IndicatorRow(
        "trusting", "share", ("trust",), {"English (en)": "Trust them"}, counts=("3", "4"), base=("valid",), by=None
    )
    assert (rows["balance"].counts, rows["balance"].against) == (("3", "4"), ("1", "2"))
    assert rows["balance"].by == (("sex",), ("area_id", "sex"))
    assert rows["asked_all"].counts == ("4",)
    assert rows["asked_all"].base == ("valid", "none", "dont_know", "refused", "not_applicable", "blank")
    assert rows["asked_all"].by == ((),)
    assert rows["asked_all"].where == Binary("=", Variable("sex"), Text("f"))
    assert rows["mood"].questions == ("trust", "respect")
    assert rows["took"].questions == ("asked_on", "done_on")
    assert rows["share_of"].questions == ("age", "adults")
    assert (rows["people"].questions, rows["people"].unit) == ((), "attempts")
    assert rows["members_age"].unit == "member"
    assert rows["who"].mirror == "asp:who"


def test_the_design_is_read_from_its_keys(whole: Form):
    assert whole.interpretation.design == DesignRow(
        kind="probability",
        records=Binary("=", Variable("consent"), Number("1")),
        round="round_id",
        stratum="area_id",
        psu="psu_id",
        weight="weight",
        lonely_psu="average",
        by=(("area_id",), ("sex",)),
        geography=("psu_id", "area_id", "region"),
        sensitive_level="area_id",
        severe_level="region",
        rake=("sex",),
    )


def test_known_totals_are_read(whole: Form):
    assert whole.interpretation.population[0] == PopulationRow(("sex",), ("f",), 60.5, "census", "2023", None)
    assert whole.interpretation.population[2].value == ("ML05", "f")


WRONG = {
    # names of sheets and columns
    "a sheet named nearly as ours": ({**WHOLE, "indicator": []}, "sheet_name", "warning", "it is called indicators"),
    "a sheet of ours under a French name": (
        {**{k: v for k, v in WHOLE.items() if k != "indicators"}, "Indicateurs": INDICATORS},
        "sheet_name",
        "error",
        "it is called indicators",
    ),
    "a column named nearly as ours": (
        {**WHOLE, "survey": [{**SURVEY[0], "sensitivty": "open"}, *SURVEY[1:]]},
        "column_name",
        "error",
        "sensitivity",
    ),
    "a column that a sheet of ours does not have": (indicator(count="4"), "column_unknown", "error", "called counts"),
    "a column of no use": (indicator(colour="red"), "column_unknown", "error", "the columns are name measure"),
    "a required column missing": (
        {**WHOLE, "design": [{"key": "kind"}]},
        "column_missing",
        "error",
        "The column value is missing",
    ),
    # cells
    "a comma in a list": (indicator(counts="3,4"), "list_comma", "error", "write `3 4`"),
    "a list that Excel made a number": (indicator(counts=3.4), "cell_fraction", "error", "type `3 4`"),
    "a truth value": (indicator(counts=True), "cell_boolean", "error", "format the column as Text"),
    "a formula": (indicator(counts="=3+1"), "cell_formula", "error", "Here stands a formula"),
    "codes run together": (indicator(counts="34"), "code_unknown", "error", "did you mean `3 4`?"),
    # survey and choices
    "an unknown class": (
        {**WHOLE, "survey": [{**SURVEY[0], "sensitivity": "secret"}, *SURVEY[1:]]},
        "sensitivity_unknown",
        "error",
        "open quasi sensitive severe identifier",
    ),
    "a path that is still in use": (
        {**WHOLE, "survey": [{**SURVEY[0], "renamed_from": "q/age"}, *SURVEY[1:]]},
        "renamed_from_in_use",
        "error",
        "q/age is still",
    ),
    "a choice name that is still in use": (
        with_row("choices", choice("trust", 5, renamed_from="4")),
        "renamed_from_in_use",
        "error",
        "4 is still",
    ),
    "an unknown kind of code": (
        with_row("choices", choice("trust", 97, "unsure")),
        "code_kind_unknown",
        "error",
        "valid none dont_know",
    ),
    "a don't know that would count as an answer": (
        with_row("choices", choice("trust", 97)),
        "code_kind_blank",
        "error",
        "dont_know",
    ),
    "a refusal by its label": (
        with_row("choices", {**choice("trust", 7), "en": "Refused to answer"}),
        "code_kind_blank",
        "error",
        "Refused",
    ),
    "none in a ranked list": (
        with_row("choices", choice("service", "none", "none")),
        "none_in_rank",
        "error",
        "cannot be ranked",
    ),
    "a choice that Excel made a truth value": (
        with_row("choices", choice("yn", name=True)),
        "choice_name_boolean",
        "error",
        "Excel made TRUE",
    ),
    "a version longer than a number": (
        {**WHOLE, "settings": [{"form_id": "whole", "version": 2026010101000001}]},
        "version_too_long",
        "error",
        "15",
    ),
    "a filter by a column that stays here": (
        {
            **WHOLE,
            "survey": [
                *SURVEY,
                {"type": "select_one trust", "name": "t", "en": "T", "choice_filter": "code_kind = ''"},
            ],
        },
        "filter_by_our_column",
        "error",
        "does not go to the tablet",
    ),
    # derived
    "a derived name of the survey": (derived("1", name="Age"), "derived_name_taken", "error", "Age is taken"),
    "a derived name twice": (derived("1", name="weight"), "derived_name_taken", "error", "weight is taken"),
    "a derived variable that reads itself": (
        {
            **WHOLE,
            "derived": [
                *DERIVED,
                {"type": "integer", "name": "a", "calculation": "${b}"},
                {"type": "integer", "name": "b", "calculation": "${a} + 1"},
            ],
        },
        "derived_cycle",
        "error",
        "a -> b -> a",
    ),
    "a derived type that does not exist": (derived("1", kind="number"), "derived_type_unknown", "error", "integer, "),
    "a derived list that does not exist": (derived("1", kind="select_one nope"), "list_unknown", "error", "nope"),
    "a result that is no choice": (
        derived("if(${age} < 3, 'baby', 'old')", kind="select_one agegrp"),
        "literal_no_choice",
        "error",
        "young old",
    ),
    "no calculation": (derived(""), "cell_missing", "error", "calculation is blank"),
    "a calculation outside the language": (derived("age + 1"), "expression_invalid", "error", "written ${age}"),
    "an unknown question": (derived("${agee} + 1"), "name_unknown", "error", "did you mean age?"),
    "a literal that is no choice": (
        derived("if(${sex} = 'F', 1, 0)"),
        "literal_no_choice",
        "error",
        "no choice of sex: choices are f m",
    ),
    "a selected code that is no choice": (
        derived("if(selected('water wells', ${services}), 1, 0)"),
        "literal_no_choice",
        "error",
        "'wells' is no choice",
    ),
    "a coalesced code that is no choice": (
        derived("if(coalesce(${trust}, 0) = 7, 1, 0)"),
        "literal_no_choice",
        "error",
        "'7' is no choice of trust",
    ),
    "a repeat's answer taken for one": (derived("${member_age} + 1"), "repeat_unaggregated", "error", "use sum"),
    "a sum over what does not repeat": (derived("sum(${age})"), "repeat_expected", "error", "in a repeat"),
    "pulldata with a computed column": (
        derived("pulldata('psu', ${sex}, 'name', ${psu_id})"),
        "pulldata_names",
        "error",
        "in quotes",
    ),
    "pulldata from a file that the survey does not use": (
        derived("pulldata('prices', 'rice', 'name', ${psu_id})"),
        "pulldata_file_unknown",
        "error",
        "prices.csv",
    ),
    # indicators
    "an indicator twice": (indicator(name="trusting"), "indicator_twice", "error", "trusting stands twice"),
    "no name": (indicator(name=""), "name_invalid", "error", "no name"),
    "an unknown measure": (indicator(measure="shares"), "measure_unknown", "error", "did you mean share?"),
    "an indicator of an unknown question": (indicator(question="trst"), "name_unknown", "error", "did you mean trust?"),
    "two questions for one share": (indicator(question="trust respect"), "question_count", "error", "one question"),
    "an index of one question": (indicator(measure="index", counts=""), "question_count", "error", "2+"),
    "a ratio without a stroke": (
        indicator(measure="ratio", question="age adults", counts=""),
        "question_count",
        "error",
        "`girls_now / pupils",
    ),
    "a share without counts": (indicator(counts=""), "codes_missing", "error", "needs codes in counts"),
    "a net without against": (indicator(measure="net"), "codes_missing", "error", "needs codes in against"),
    "a net that subtracts what it counts": (
        indicator(measure="net", against="4 1"),
        "codes_overlap",
        "error",
        "4 stands in counts and in against",
    ),
    "a counted don't know": (indicator(counts="4 98"), "code_not_substantive", "error", "98 of respect is dont_know"),
    "a counted code of another list": (indicator(counts="yes"), "code_unknown", "error", "choices are 1 2 3 4 98 99"),
    "counts for a mean": (indicator(measure="mean", question="age"), "codes_unused", "error", "no use for counts"),
    "a share of a number": (indicator(question="age"), "measure_unfit", "error", "age is integer"),
    "a mean of words": (
        indicator(measure="mean", question="reprisal", counts="", by="region"),
        "codes_not_numeric",
        "error",
        "low high",
    ),
    "a mean of several answers": (
        indicator(measure="mean", question="services", counts=""),
        "measure_unfit",
        "error",
        "services is select_multiple",
    ),
    "a duration between numbers": (
        indicator(measure="duration", question="age to asked_on", counts=""),
        "measure_unfit",
        "error",
        "age is integer",
    ),
    "an unknown base": (indicator(base="everyone"), "base_unknown", "error", "valid none dont_know"),
    "a mean of blanks": (
        indicator(measure="mean", question="age", counts="", base="all"),
        "base_not_numeric",
        "error",
        "Leave base blank",
    ),
    "an unknown unit": (indicator(unit="house"), "unit_unknown", "error", "or a repeat (member)"),
    "entities without an entity": (indicator(unit="entities"), "unit_without_entity", "error", "the key entity"),
    "a repeat's question with another unit": (
        indicator(measure="mean", question="member_age", counts=""),
        "repeat_not_the_unit",
        "error",
        "name the repeat",
    ),
    "a where that is no expression": (indicator(where="sex = f"), "expression_invalid", "error", "written ${sex}"),
    "a table by a number": (indicator(by="age"), "not_categorical", "error", "derive a select_one"),
    "a table by nothing known": (indicator(by="zone"), "name_unknown", "error", "zone"),
    "a table crossed with itself": (indicator(by="sex*sex"), "table_malformed", "error", "two different variables"),
    "a sensitive answer by village": (
        indicator(question="trust", by="psu_id"),
        "by_too_fine",
        "error",
        "no table finer than area_id",
    ),
    "a severe answer by area": (
        indicator(question="reprisal", counts="high", by="area_id*sex"),
        "by_too_fine",
        "error",
        "finer than region",
    ),
    "a severe condition by the default tables": (
        indicator(where="${reprisal} = 'high'"),
        "by_too_fine",
        "error",
        "new is severe",
    ),
    "an identifier": (
        indicator(where="starts-with(${why}, 'a')"),
        "indicator_reads_identifier",
        "warning",
        "reads why",
    ),
    "a mirror without a form": (indicator(mirror="who"), "mirror_malformed", "error", "`asp:svc_suff`"),
    "indicators without a design": (
        {key: rows for key, rows in WHOLE.items() if key != "design"},
        "design_missing",
        "error",
        "needs the sheet design",
    ),
    # design
    "no kind": (with_design(kind=None), "design_kind_missing", "error", "probability census quota purposive"),
    "an unknown kind": (
        with_design(kind="probabilities"),
        "design_value_unknown",
        "error",
        "did you mean probability?",
    ),
    "an unknown key": (with_design(strata="area_id"), "design_key_unknown", "error", "it is called stratum"),
    "a key twice": (
        {**WHOLE, "design": [*pairs(**DESIGN), {"key": "psu", "value": "psu_id"}]},
        "design_key_twice",
        "error",
        "psu",
    ),
    "a probability sample without weight": (with_design(weight=None), "design_incomplete", "error", "missing: weight"),
    "weights in a quota sample": (with_design(kind="quota"), "design_weight_forbidden", "error", "no weights"),
    "consent that no record asks for": (
        with_design(records=None),
        "design_records_missing",
        "error",
        "`${consent} = 1`",
    ),
    "a design of an unknown question": (with_design(psu="village"), "name_unknown", "error", "village"),
    "two strata": (with_design(stratum="area_id sex"), "design_one_name", "error", "one variable"),
    "a level outside the geography": (with_design(severe_level="sex"), "design_level_unknown", "error", "geography"),
    "an unknown rule for a lonely psu": (
        with_design(lonely_psu="drop"),
        "design_value_unknown",
        "error",
        "adjust average",
    ),
    # population
    "a total that is no number": (
        with_row("population", {"variable": "band", "value": "young", "total": "many"}),
        "population_total",
        "error",
        "many",
    ),
    "a total for no choice": (
        with_row("population", {"variable": "sex", "value": "x", "total": 1}),
        "domain_value_unknown",
        "error",
        "f m",
    ),
    "a crossing with one code": (
        with_row("population", {"variable": "area_id*sex", "value": "f", "total": 1}),
        "domain_malformed",
        "error",
        "cross",
    ),
    "a total twice": (
        with_row("population", {"variable": "sex", "value": "f", "total": 1}),
        "population_twice",
        "error",
        "f stands twice",
    ),
    "a variable without all its values": (
        with_row("population", {"variable": "band", "value": "old", "total": 100}),
        "population_incomplete",
        "error",
        "lacks young",
    ),
    "two populations": (
        {
            **WHOLE,
            "population": [
                *POPULATION,
                {"variable": "band", "value": "old", "total": 90},
                {"variable": "band", "value": "young", "total": 9},
            ],
        },
        "population_sums_differ",
        "error",
        "band (99) and sex (100)",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_told_where_it_stands_and_how_to_mend_it(make_workbook: MakeWorkbook, mistake: str):
    sheets, code, severity, words = WRONG[mistake]

    try:
        found = examine_form(make_workbook(sheets), "wrong.xlsx").warnings
    except XLSFormInvalid as refused:
        found = refused.findings

    told = [finding for finding in found if finding.code == code]
    assert told, [(finding.code, finding.message.en) for finding in found]
    assert any(words in finding.message.en for finding in told), [finding.message.en for finding in told]
    assert {finding.severity for finding in told} == {Severity(severity)}
    for finding in told:
        assert finding.sheet is not None
        assert finding.message.fr != finding.message.en


def test_a_derived_variable_that_cannot_be_read_is_told_once_and_not_by_all_who_read_it(make_workbook: MakeWorkbook):
    derived_rows = [{**row, "calculation": "if("} if row["name"] == "adults" else row for row in DERIVED]

    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook({**WHOLE, "derived": derived_rows}), "wrong.xlsx")

    assert [finding.code for finding in refused.value.findings] == ["expression_invalid"]


def test_a_finding_names_sheet_row_and_column(make_workbook: MakeWorkbook):
    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook(indicator(counts="3,4")), "wrong.xlsx")

    finding = refused.value.findings[0]
    assert (finding.sheet, finding.row, finding.column) == ("indicators", len(INDICATORS) + 2, "counts")
    assert finding.place() == "indicators row 14, column counts"


def test_all_mistakes_of_a_workbook_are_told_together_with_those_of_the_xlsform(make_workbook: MakeWorkbook):
    sheets = {
        **WHOLE,
        "survey": [*SURVEY, {"type": "telepathy", "name": "mind", "en": "Mind"}],
        "indicators": [{"name": "a", "measure": "share", "question": "trust", "counts": "3,4", "colour": "red"}],
    }

    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook(sheets), "wrong.xlsx")

    assert [finding.code for finding in refused.value.findings] == [
        "unknown_question_type",
        "column_unknown",
        "list_comma",
    ]


@pytest.mark.parametrize("code", [97, 98, 99, -97, -98, -99, "nsp", "dk", "refus", "DK"])
def test_each_code_that_by_custom_is_no_answer_needs_its_kind(make_workbook: MakeWorkbook, code: object):
    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook(with_row("choices", choice("risk", code))), "wrong.xlsx")

    assert [finding.code for finding in refused.value.findings] == ["code_kind_blank"]
    assert examine_form(make_workbook(with_row("choices", choice("risk", code, "valid"))), "right.xlsx")


@pytest.mark.parametrize("label", ["Refuse l'aide de l'État", "Ne sait pas lire", "The chief does not know them", "Na"])
def test_a_label_that_only_begins_like_no_answer_is_left_alone(make_workbook: MakeWorkbook, label: str):
    row = {**choice("risk", "other"), "en": label}

    assert examine_form(make_workbook(with_row("choices", row)), "whole.xlsx")


def test_a_plain_xlsform_with_a_98_is_read_with_a_warning(make_workbook: MakeWorkbook):
    survey = [{"type": "select_one trust", "name": "trust", "en": "Trust"}]
    choices = [{"list_name": "trust", "name": 1, "en": "Yes"}, {"list_name": "trust", "name": 98, "en": "Ne sait pas"}]

    found = examine_form(make_workbook({"survey": survey, "choices": choices}), "plain.xlsx").warnings

    assert {finding.code: finding.severity for finding in found}["code_kind_blank"] is Severity.WARNING


def test_a_known_total_dated_by_excel_keeps_its_day(make_workbook: MakeWorkbook):
    rows = [{**row, "date": date(2023, 4, 5)} for row in POPULATION]

    population = examine_form(make_workbook({**WHOLE, "population": rows}), "whole.xlsx").form.interpretation.population

    assert {row.date for row in population} == {"2023-04-05"}


def test_a_sheet_of_ours_without_rows_says_nothing(make_workbook: MakeWorkbook):
    sheets = {key: rows for key, rows in WHOLE.items() if key not in ("indicators", "population", "derived")}
    empty = {**sheets, "population": [], "quotas": [], "design": pairs(kind="quota", records="${consent} = 1")}

    interpretation = examine_form(make_workbook(empty), "whole.xlsx").form.interpretation

    assert interpretation.design is not None
    assert interpretation.population == ()


@pytest.mark.parametrize(
    ("sheet", "row", "code"),
    [
        ("indicators", {"name": "new", "measure": "share", "question": "respect", "counts": "3,4"}, "list_comma"),
        ("indicators", {"name": "new", "measure": "share", "question": "respect", "counts": 3.4}, "cell_fraction"),
        ("indicators", {"name": "new", "measure": "share", "question": 3.4, "counts": "4"}, "cell_fraction"),
        ("indicators", {"name": 3.4, "measure": "share", "question": "respect", "counts": "4"}, "cell_fraction"),
        ("indicators", {"name": "new", "measure": True, "question": "respect", "counts": "4"}, "cell_boolean"),
        ("derived", {"type": "integer", "name": "new", "calculation": 3.4}, "cell_fraction"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_one_finding_and_not_a_second_one_for_being_blank(
    make_workbook: MakeWorkbook, sheet: str, row: dict[str, object], code: str
):
    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook(with_row(sheet, row)), "wrong.xlsx")

    assert [finding.code for finding in refused.value.findings] == [code]


def test_quotas_are_read_with_each_standing_for_every_value(whole: Form):
    each, named = whole.interpretation.quotas

    assert each == QuotaRow(("psu_id", "sex"), (None, "f"), 5, None)
    assert named == QuotaRow(("psu_id", "sex"), ("p1", "f"), 6, "r2")


def test_a_codebook_is_read_as_a_tree_with_earlier_names(whole: Form):
    justice, bribes = whole.interpretation.codebook

    assert justice.labels == {"English (en)": "Justice"}
    assert justice.definition == "Courts, judges; and prisons"
    assert justice.renamed_from == ("courts", "law")
    assert (bribes.parent, bribes.include, bribes.exclude) == ("justice", "any, also small", "fines")


def test_totals_of_all_rounds_hold_beside_those_of_one(make_workbook: MakeWorkbook):
    by_round = [
        {"variable": "sex", "value": value, "total": total, "round": round_}
        for round_, total in (("r1", 50), ("r2", 51))
        for value in ("f", "m")
    ]
    of_all = [{"variable": "band", "value": value, "total": 50} for value in ("young", "old")]

    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook({**WHOLE, "population": [*by_round, *of_all]}), "whole.xlsx")

    (finding,) = refused.value.findings
    assert finding.code == "population_sums_differ"
    assert "band (100) and sex (102)" in finding.message.en


def test_a_misnamed_column_is_read_under_its_right_name_so_that_its_cells_are_checked_too(make_workbook: MakeWorkbook):
    rows = [{"nom": "one", "mesure": "share", "question": "respect", "compte": "7", "Libellé::fr": "Un"}]

    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook({**WHOLE, "indicators": rows}), "wrong.xlsx")

    findings = refused.value.findings
    assert [finding.code for finding in findings] == ["column_unknown"] * 4 + ["code_unknown"]
    assert [finding.message.en.rsplit(" ", 1)[1] for finding in findings[:4]] == [
        "name.",
        "measure.",
        "counts.",
        "label::fr.",
    ]


def test_a_severe_figure_needs_the_coarsest_level_where_no_level_is_named(make_workbook: MakeWorkbook):
    sheets = {
        **with_design(severe_level=None),
        "indicators": indicator(question="reprisal", counts="high")["indicators"],
    }

    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook(sheets), "wrong.xlsx")

    (finding,) = refused.value.findings
    assert finding.code == "by_too_fine"
    assert "no table finer than region" in finding.message.en


def test_a_design_value_that_excel_changed_is_told_once(make_workbook: MakeWorkbook):
    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook(with_design(kind=True, records="=1+1")), "wrong.xlsx")

    assert [finding.code for finding in refused.value.findings] == ["cell_boolean", "cell_formula"]


def test_a_sheet_named_nearly_as_ours_is_a_warning_where_nothing_else_is_ours(make_workbook: MakeWorkbook):
    plain = {"survey": [{"type": "note", "name": "n", "en": "N"}], "indicator": [{"code": "1"}]}

    (told,) = [each for each in examine_form(make_workbook(plain), "p.xlsx").warnings if each.code == "sheet_name"]
    with pytest.raises(XLSFormInvalid, match="it is called design"):
        examine_form(make_workbook({**plain, "Plan de sondage": [{"clé": "kind"}]}), "p.xlsx")

    assert told.severity is Severity.WARNING


def test_totals_of_long_lists_crossed_are_told_by_a_few_that_lack(make_workbook: MakeWorkbook):
    lists = [choice(name, f"{name}{code}") for name in ("x", "y", "z") for code in range(1000)]
    survey = [
        {"type": f"select_one {name}", "name": name, "en": name, "sensitivity": "open"} for name in ("x", "y", "z")
    ]
    totals = [{"variable": "x*y*z", "value": "x0*y0*z0", "total": 5}]

    with pytest.raises(XLSFormInvalid, match=r"lacks x0\*y0\*z1 .* …: every value") as refused:
        examine_form(make_workbook({"survey": survey, "choices": lists, "population": totals}), "long.xlsx")

    assert [finding.code for finding in refused.value.findings] == ["population_incomplete"]


def test_a_finding_in_a_misnamed_column_names_the_column_as_it_is_written(make_workbook: MakeWorkbook):
    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(
            make_workbook({**WHOLE, "quotas": [{"variable": "sex", "value": "f", "cible": "ten"}]}), "wrong.xlsx"
        )

    assert [finding.column for finding in refused.value.findings] == ["cible", "cible"]


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        (indicator(measure="moyenne"), "did you mean mean?"),
        (indicator(unit="entités"), "did you mean entities?"),
        (with_design(kind="raisonné"), "did you mean purposive?"),
        (with_row("choices", choice("risk", 98, "ne sait pas")), "did you mean dont_know?"),
        ({**WHOLE, "survey": [{**SURVEY[0], "sensitivity": "sensible"}, *SURVEY[1:]]}, "did you mean sensitive?"),
    ],
)
def test_a_keyword_in_french_is_answered_with_the_english_one(
    make_workbook: MakeWorkbook, sheets: Mapping[str, object], words: str
):
    with pytest.raises(XLSFormInvalid) as refused:
        examine_form(make_workbook(sheets), "wrong.xlsx")

    assert any(words in finding.message.en for finding in refused.value.findings)
