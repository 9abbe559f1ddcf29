"""From a table of interviews to figures: worked by hand, and equal to R through the whole path."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from forms.expression import parse
from forms.form import Choice, CodeKind, Form, Group, Question, Sensitivity
from forms.interpretation import Derived, DesignRow, IndicatorRow, Interpretation
from transform.errors import DesignIncomplete, IndicatorUnknown, MeasureUnavailable, TableNotDeclared
from transform.estimate import estimate, rounds
from transform.figures import Agreement, Estimate, FigureTable, Footing, Weights
from transform.reader import Tables
from transform.tables import AnswerRecord, FormData, build_tables

NOW = datetime(2026, 11, 22, tzinfo=UTC)

LISTS = {
    "round": ("r1", "r2"),
    "area": ("koro", "macina", "konna"),
    "sex": ("f", "m", Choice("x", {}, CodeKind.REFUSED)),
    "trust": (
        "1", "2", "3", "4", Choice("98", {}, CodeKind.DONT_KNOW), Choice("99", {}, CodeKind.REFUSED),
    ),
    "service": ("school", "water", Choice("none", {}, CodeKind.NONE), Choice("98", {}, CodeKind.DONT_KNOW)),
    "yn": ("0", "1"),
}  # fmt: skip


def choice_lists() -> dict[str, tuple[Choice, ...]]:
    return {
        name: tuple(choice if isinstance(choice, Choice) else Choice(choice, {}) for choice in choices)
        for name, choices in LISTS.items()
    }


def question(name: str, kind: str, sensitivity: Sensitivity = Sensitivity.OPEN, **more: Any) -> Question:
    type_name, _, list_name = kind.partition(" ")
    data_type = {"integer": "int", "decimal": "decimal"}.get(type_name, "string")
    return Question(
        path=more.pop("path", name), name=name.rpartition("/")[2], type=type_name, data_type=data_type, labels={},
        list_name=list_name or None, sensitivity=sensitivity, **more,
    )  # fmt: skip


QUESTIONS = (
    question("round_id", "select_one round"),
    question("area", "select_one area"),
    question("village", "text", Sensitivity.QUASI),
    question("weight", "decimal"),
    question("villages", "integer"),
    question("consent", "select_one yn"),
    question("sex", "select_one sex", Sensitivity.QUASI),
    question("trust", "select_one trust", Sensitivity.SENSITIVE),
    question("age", "integer", Sensitivity.QUASI),
    question("services", "select_multiple service"),
    question("phone", "text", Sensitivity.IDENTIFIER),
    question("told", "select_one yn", Sensitivity.IDENTIFIER),
    question("commune", "select_one_from_file communes", file_name="communes.csv"),
    question("visit/day", "integer", path="visit/day", repeat="visit"),
)

DESIGN = DesignRow(
    kind="probability",
    records=parse("${consent} = 1"),
    round="round_id",
    stratum="area",
    psu="village",
    weight="weight",
    by=(("area",), ("sex",)),
)


def indicator(name: str = "figure", measure: str = "share", questions: str = "trust", **more: Any) -> IndicatorRow:
    for key in ("counts", "against", "base"):
        if key in more:
            more[key] = tuple(more[key].split())
    if "where" in more:
        more["where"] = parse(more["where"])
    return IndicatorRow(name, measure, tuple(questions.split()), **more)


def form_of(*indicators: IndicatorRow, design: DesignRow | None = DESIGN, derived: tuple[Derived, ...] = ()) -> Form:
    return Form(
        form_id="survey",
        version="1",
        title="Survey",
        languages=("default",),
        questions=QUESTIONS,
        groups=(Group("visit", {}, is_repeat=True, repeat=None),),
        lists=choice_lists(),
        files=("communes.csv",),
        xform=b"<h/>",
        interpretation=Interpretation(derived=derived, indicators=indicators, design=design),
    )


_BUILT: dict[str, Tables] = {}


def tables_of(folder: Path, form: Form, interviews: Iterable[Mapping[str, str]]) -> Tables:
    """Build the tables, once for all tests that ask the same of them: indicators leave no trace in tables."""
    answers = [json.dumps(one) for one in interviews]
    design = form.interpretation.design
    key = repr((answers, form.lists, form.interpretation.derived, design.records if design is not None else None))
    if key not in _BUILT:
        records = [
            AnswerRecord(f"uuid:{number}", f"uuid:{number}", "1", NOW, NOW, None, None, None, one)
            for number, one in enumerate(answers)
        ]
        data = FormData(form, (form,), [records], {"communes.csv": b"name,label\nb,B\na,A\n"})
        path = folder / f"tables_{len(_BUILT)}.duckdb"
        build_tables(path, [data], as_of=date(2026, 11, 22))
        _BUILT[key] = Tables(path)
    return _BUILT[key]


def interview(area: str, village: str, weight: float = 10, **answers: str) -> dict[str, str]:
    return {"round_id": "r1", "area": area, "village": village, "weight": str(weight), "consent": "1", **answers}


# Two areas of two villages, two people each, weights 10. Trust 3 or 4: Koro 2/2 and 1/2, Macina 0/2 and 1/2.
EIGHT = [
    interview("koro", "1", sex="f", trust="3", age="20", services="school water"),
    interview("koro", "1", sex="m", trust="4", age="30", services="none"),
    interview("koro", "2", sex="f", trust="3", age="40", services="water"),
    interview("koro", "2", sex="m", trust="1", age="50", services="98"),
    interview("macina", "1", sex="f", trust="2", age="20", services="school"),
    interview("macina", "1", sex="m", trust="1", age="30", services="school"),
    interview("macina", "2", sex="f", trust="4", age="40", services="water"),
    interview("macina", "2", sex="x", trust="2", age="50", services=""),
]


def figure(table: FigureTable, answer: str | None = None, **domain: str) -> Estimate:
    (found,) = [one.estimate for one in table.figures if dict(one.domain) == domain and one.answer == answer]
    return found


def figures(
    folder: Path, row: IndicatorRow, interviews: Iterable[Mapping[str, str]] = EIGHT, **asked: Any
) -> FigureTable:
    form = form_of(row, design=asked.pop("design", DESIGN), derived=asked.pop("derived", ()))
    return estimate(tables_of(folder, form, interviews), form, row.name, **asked)


def test_a_share_and_its_error_are_worked_by_hand(tmp_path: Path):
    # p = 4/8. Influence of the villages: 0.125, 0 | -0.125, 0; V = 2 * (2/1 * 2 * 0.0625^2) = 0.03125.
    table = figures(tmp_path, indicator(counts="3 4"))

    total = figure(table)
    assert total.value == pytest.approx(0.5)
    assert total.standard_error == pytest.approx(0.03125**0.5)
    assert (total.base, total.psus, total.degrees_of_freedom) == (8, 4, 2)
    # logit: SE 0.1767767 / 0.25 = 0.7071068, t(0.975; 2) = 4.302653: 1 / (1 + exp(3.042435)) = 0.045545
    assert (total.low, total.high) == pytest.approx((0.045545, 0.954455), abs=1e-6)
    assert table.notes == ()


def test_every_declared_cell_has_a_row_in_choice_order_with_the_total_first(tmp_path: Path):
    table = figures(tmp_path, indicator(counts="3 4"), by=("area", "sex"))

    assert [dict(one.domain) for one in table.figures] == [
        {}, {"area": "koro", "sex": "f"}, {"area": "koro", "sex": "m"}, {"area": "macina", "sex": "f"},
        {"area": "macina", "sex": "m"}, {"area": "konna", "sex": "f"}, {"area": "konna", "sex": "m"},
    ]  # fmt: skip
    assert figure(table, area="koro", sex="f").value == pytest.approx(1.0)
    assert figure(table, area="macina", sex="m").base == 1
    assert figure(table, area="konna", sex="f") == Estimate(None, 0, 0)


def test_people_without_a_known_category_stand_in_the_total_alone_and_are_counted(tmp_path: Path):
    table = figures(tmp_path, indicator(counts="3 4"), by=("sex",))

    assert [dict(one.domain) for one in table.figures] == [{}, {"sex": "f"}, {"sex": "m"}]
    assert figure(table).base == 8
    assert table.unplaced is not None
    assert (table.unplaced.base, table.unplaced.psus) == (1, 1)


def test_a_domain_keeps_the_whole_design(tmp_path: Path):
    # Women: 1/1, 1/1 | 0/1, 1/1, p = 0.75. Influence: 1/16, 1/16 | -3/16, 1/16; V = 0 + 2 * 2 * (1/8)^2 = 0.0625.
    table = figures(tmp_path, indicator(counts="3 4"), by=("sex",))

    women = figure(table, sex="f")
    assert women.value == pytest.approx(0.75)
    assert women.standard_error == pytest.approx(0.25)
    # an area is a stratum: its own two villages, 1 degree of freedom
    by_area = figures(tmp_path, indicator(counts="3 4"), by=("area",))
    assert figure(by_area, area="koro").degrees_of_freedom == 1
    assert figure(by_area, area="koro").psus == 2


def test_a_condition_narrows_the_base_and_not_the_design(tmp_path: Path):
    # the condition holds for the women alone, and the sex "x" is unknown, so not true
    table = figures(tmp_path, indicator(counts="3 4", where="${sex} = 'f'"))

    assert figure(table).base == 4
    assert figure(table).standard_error == pytest.approx(0.25)


def test_records_that_are_not_kept_count_for_nothing(tmp_path: Path):
    refused = interview("konna", "9", trust="4") | {"consent": "0", "weight": ""}

    table = figures(tmp_path, indicator(counts="3 4"), [*EIGHT, refused])

    assert (figure(table).base, figure(table).degrees_of_freedom) == (8, 2)


def test_a_survey_that_has_no_record_yet_gives_empty_figures(tmp_path: Path):
    table = figures(tmp_path, indicator(counts="3 4"), [interview("koro", "1") | {"consent": "0"}], by=("area",))

    assert [one.estimate for one in table.figures] == [Estimate(None, 0, 0)] * 4


def test_a_net_balance_is_worked_by_hand(tmp_path: Path):
    # trust 4 against 1: two of 4, two of 1, four in between
    table = figures(tmp_path, indicator(measure="net", counts="3 4", against="1"))

    # +1: 4, -1: 2, of 8
    assert figure(table).value == pytest.approx((4 - 2) / 8)


def test_a_mean_weighs_people(tmp_path: Path):
    heavy = [*EIGHT[:-1], EIGHT[-1] | {"weight": "30"}]

    table = figures(tmp_path, indicator(measure="mean", questions="age"), heavy)

    assert figure(table).value == pytest.approx((10 * (20 + 30 + 40 + 50 + 20 + 30 + 40) + 30 * 50) / 100)


def test_a_mean_of_codes_leaves_out_do_not_know(tmp_path: Path):
    table = figures(tmp_path, indicator(measure="mean"), [*EIGHT, interview("koro", "1", trust="98")])

    assert figure(table).value == pytest.approx((3 + 4 + 3 + 1 + 2 + 1 + 4 + 2) / 8)
    assert figure(table).base == 8


def test_disclosure_learns_the_weights_and_counts_behind_each_figure(tmp_path: Path):
    heavy = [*EIGHT[:-2], EIGHT[-2] | {"weight": "40"}, EIGHT[-1]]
    net = figures(tmp_path, indicator(measure="net", counts="3 4", against="1"), heavy, by=("sex",))
    mean = figures(tmp_path, indicator(measure="mean"), heavy, by=("sex",))

    total, women, men = net.figures
    assert total.weights == Weights(110, 7 * 100 + 1600, 40)
    assert women.weights == Weights(70, 3 * 100 + 1600, 40)
    assert (total.counted, total.against) == (4, 2)
    assert (men.counted, men.against) == (1, 2)
    assert net.unplaced == Footing(1, 1, net.unplaced.psu_numbers if net.unplaced else None, Weights(10, 100, 10))
    # each code twice in all: the first; women said 3, 3, 2, 4; men 4, 1, 1
    assert [one.agreement for one in mean.figures] == [
        Agreement(1, 2, 1, 4), Agreement(3, 2, 1, 4), Agreement(1, 2, 1, 4),
    ]  # fmt: skip
    age = figures(tmp_path, indicator(measure="mean", questions="age"), [*heavy, heavy[0]])
    assert age.figures[0].agreement == Agreement(20, 3)


def test_the_shares_of_a_distribution_sum_to_one(tmp_path: Path):
    table = figures(tmp_path, indicator(measure="distribution"), by=("area",))

    assert table.answers == ("1", "2", "3", "4")
    assert [one.estimate.value for one in table.figures[:4]] == pytest.approx([2 / 8, 2 / 8, 2 / 8, 2 / 8])
    assert figure(table, "4", area="koro").value == pytest.approx(1 / 4)


def test_each_answer_of_several_has_its_share_of_the_people_with_an_answer(tmp_path: Path):
    # valid: seven answers less the don't know = 6 people; "none" is an answer
    table = figures(tmp_path, indicator(measure="multiple", questions="services"))

    assert table.answers == ("school", "water", "none")
    assert [one.estimate.value for one in table.figures] == pytest.approx([3 / 6, 3 / 6, 1 / 6])
    assert figure(table, "none").base == 6


def test_a_share_of_several_answers_counts_a_person_once(tmp_path: Path):
    table = figures(tmp_path, indicator(questions="services", counts="school water"))

    assert figure(table).value == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("base", "people", "yes"),
    [
        ("valid", 3, 1),
        ("valid dont_know", 4, 1),
        ("dont_know refused", 2, 0),
        ("valid none dont_know refused not_applicable", 5, 1),
        ("valid none dont_know refused not_applicable blank", 6, 1),
        ("valid blank", 4, 1),
        ("valid not_asked", 5, 1),
        ("not_asked", 2, 0),
        ("valid none dont_know refused not_applicable blank not_asked", 8, 1),
    ],
)
def test_a_base_holds_the_kinds_of_answers_it_names(tmp_path: Path, base: str, people: int, yes: int):
    answers: list[dict[str, str]] = [
        {"trust": "4"}, {"trust": "1"}, {"trust": "2"}, {"trust": "98"}, {"trust": "99"}, {"trust": ""}, {}, {},
    ]  # fmt: skip
    interviews = [interview("koro", str(number % 4), **answer) for number, answer in enumerate(answers)]

    table = figures(tmp_path, indicator(counts="3 4", base=base), interviews)

    assert figure(table).base == people
    assert figure(table).value == pytest.approx(yes / people)


@pytest.mark.parametrize(
    ("base", "people"),
    [
        ("valid", 3),
        ("valid dont_know", 4),
        ("dont_know", 1),
        ("none", 1),
        ("valid blank", 4),
        ("valid dont_know blank not_asked", 6),
    ],
)
def test_a_base_of_several_answers_holds_people_not_answers(tmp_path: Path, base: str, people: int):
    answers: list[dict[str, str]] = [
        {"services": "school water"}, {"services": "school 98"}, {"services": "none"}, {"services": "98"},
        {"services": ""}, {},
    ]  # fmt: skip
    interviews = [interview("koro", str(number % 4), **answer) for number, answer in enumerate(answers)]

    table = figures(tmp_path, indicator(questions="services", counts="school", base=base), interviews)

    assert figure(table).base == people


def test_much_do_not_know_and_refusal_is_noted(tmp_path: Path):
    interviews = [interview("koro", str(number % 2), trust="98" if number < 3 else "4") for number in range(10)]

    table = figures(tmp_path, indicator(counts="4"), interviews)

    assert table.notes == ("dont_know_over_20_percent",)


def test_a_lone_village_in_a_stratum_is_noted(tmp_path: Path):
    table = figures(tmp_path, indicator(counts="3 4"), [*EIGHT, interview("konna", "1", trust="1")])

    assert table.notes == ("single_psu_stratum",)
    assert figure(table).standard_error is not None


def test_rounds_are_told_apart_and_pooled_only_on_demand(tmp_path: Path):
    second = [one | {"round_id": "r2", "trust": "4"} for one in EIGHT]
    form = form_of(indicator(counts="4"))
    tables = tables_of(tmp_path, form, [*EIGHT, *second])

    assert rounds(tables, form) == ("r1", "r2")
    assert figure(estimate(tables, form, "figure", round="r1")).value == pytest.approx(2 / 8)
    assert figure(estimate(tables, form, "figure", round="r2")).value == pytest.approx(1.0)
    pooled = figure(estimate(tables, form, "figure"))
    # the same four villages in both rounds
    assert (pooled.value, pooled.base, pooled.psus) == (pytest.approx(10 / 16), 16, 4)
    by_round = estimate(tables, form, "figure", by=("round_id",))
    assert figure(by_round, round_id="r1").value == pytest.approx(2 / 8)
    with pytest.raises(TableNotDeclared, match="r1, r2"):
        estimate(tables, form, "figure", round="r3")


def test_a_mistyped_round_is_no_round(tmp_path: Path):
    form = form_of(indicator(counts="4"))
    tables = tables_of(tmp_path, form, [*EIGHT, EIGHT[0] | {"round_id": "zzz"}])

    assert rounds(tables, form) == ("r1",)
    with pytest.raises(TableNotDeclared, match="zzz"):
        estimate(tables, form, "figure", round="zzz")


def test_rounds_of_a_list_in_a_file_are_its_lines_in_their_order(tmp_path: Path):
    form = form_of(indicator(counts="4"), design=replace(DESIGN, round="commune"))
    codes = ("a", "zzz", "b")
    tables = tables_of(tmp_path, form, [one | {"commune": code} for code in codes for one in EIGHT])

    assert rounds(tables, form) == ("b", "a")


def test_rounds_written_as_free_text_are_all_that_were_written(tmp_path: Path):
    form = form_of(indicator(counts="4"), design=replace(DESIGN, round="village"))

    assert rounds(tables_of(tmp_path, form, EIGHT), form) == ("1", "2")


@pytest.mark.parametrize("kind", ["quota", "purposive"])
def test_a_sample_without_probabilities_gets_no_error_and_no_interval(tmp_path: Path, kind: str):
    design = DesignRow(kind=kind, records=parse("${consent} = 1"), psu="village")

    table = figures(tmp_path, indicator(counts="3 4"), design=design)

    assert figure(table) == Estimate(0.5, 8, 2)
    assert table.notes == ("unweighted", "no_interval")


def test_a_form_without_a_design_gives_plain_shares(tmp_path: Path):
    table = figures(tmp_path, indicator(counts="3 4"), design=None)

    assert figure(table) == Estimate(0.5, 8, 8)
    assert table.notes == ("unweighted", "no_interval", "psu_unknown")


def test_attempts_are_all_submissions_unweighted(tmp_path: Path):
    refused = [interview("koro", "1") | {"consent": "0", "weight": ""} for _ in range(2)]

    table = figures(tmp_path, indicator(questions="consent", counts="1", unit="attempts"), [*EIGHT, *refused])

    assert (figure(table).value, figure(table).base, figure(table).low) == (pytest.approx(0.8), 10, None)
    assert table.notes == ("unweighted", "no_interval")


def test_a_census_has_an_error_only_where_its_population_is_known(tmp_path: Path):
    posts = [one | {"villages": "8"} for one in EIGHT]
    known = DesignRow(kind="census", records=parse("${consent} = 1"), finite_population="villages")

    unknown = figures(tmp_path, indicator(counts="3 4"), posts, design=DesignRow(kind="census"))
    complete = figures(tmp_path, indicator(counts="3 4"), posts, design=known)

    assert figure(unknown).standard_error is None
    assert "no_interval" in unknown.notes
    assert figure(complete).standard_error == 0.0
    # 8 of 32 posts: sqrt((1 - 8/32) * 0.25 / 7)
    part = figures(tmp_path, indicator(counts="3 4"), [one | {"villages": "32"} for one in EIGHT], design=known)
    assert figure(part).standard_error == pytest.approx((0.75 * 0.25 / 7) ** 0.5)


@pytest.mark.parametrize(
    ("missing", "key"),
    [
        ({"weight": ""}, "weight"),
        ({"weight": "0"}, "weight"),
        ({"weight": "1e200"}, "weight"),
        ({"village": ""}, "psu"),
        ({"area": ""}, "stratum"),
    ],
)
def test_a_kept_record_that_lacks_its_place_in_the_design_is_set_aside(
    tmp_path: Path, missing: dict[str, str], key: str
):
    # 40 interviews: one of 41 is 2.4 %, three of 43 are 7 %
    whole, slip = EIGHT * 5, EIGHT[0] | missing
    row = indicator(counts="3 4")

    found = figures(tmp_path, row, [*whole, slip], by=("sex",))

    expected = figures(tmp_path, row, whole, by=("sex",))
    assert found.figures == expected.figures
    assert (expected.notes, found.notes) == ((), ("records_without_design",))
    with pytest.raises(DesignIncomplete, match=rf"\({key}\)") as refusal:
        figures(tmp_path, row, [*whole, slip, slip, slip])
    # a lead reads it too: neither who nor how many
    assert "uuid" not in str(refusal.value)
    assert not any(digits in refusal.value.message.en for digits in ("3", "43"))


def test_two_of_forty_records_are_set_aside_and_three_are_too_many(tmp_path: Path):
    def with_slips(slips: int) -> FigureTable:
        interviews = [*(EIGHT * 5)[slips:], *[EIGHT[0] | {"village": ""}] * slips]
        return figures(tmp_path, indicator(counts="3 4"), interviews)

    assert figure(with_slips(2)).base == 38
    with pytest.raises(DesignIncomplete):
        with_slips(3)


def test_a_record_set_aside_is_in_no_mean_and_no_tally_either(tmp_path: Path):
    row = indicator(measure="mean", questions="age")

    found = figures(tmp_path, row, [*EIGHT * 5, EIGHT[0] | {"village": "", "age": "20"}])

    assert found.figures == figures(tmp_path, row, EIGHT * 5).figures


def test_a_population_that_differs_within_a_stratum_stops_the_figure(tmp_path: Path):
    design = DesignRow(kind="probability", psu="village", weight="weight", stratum="area", finite_population="villages")
    interviews = [one | {"villages": str(40 + number)} for number, one in enumerate(EIGHT)]

    with pytest.raises(DesignIncomplete, match="within a stratum"):
        figures(tmp_path, indicator(counts="3 4"), interviews, design=design)


@pytest.mark.parametrize(
    "design",
    [
        DesignRow(kind="probability", psu="village"),
        DesignRow(kind="probability", weight="weight"),
        DesignRow(kind="probability", weight="weight", psu="village", rake=("sex",)),
    ],
)
def test_a_design_that_is_not_whole_or_not_computed_gives_no_figure(tmp_path: Path, design: DesignRow):
    with pytest.raises(DesignIncomplete):
        figures(tmp_path, indicator(counts="3 4"), design=design)


@pytest.mark.parametrize(
    "row",
    [
        indicator(measure="rank"),
        indicator(measure="index", questions="trust age"),
        indicator(measure="ratio", questions="age weight"),
        indicator(measure="count"),
        indicator(measure="total", questions="age"),
        indicator(measure="duration"),
        indicator(counts="3", unit="entities"),
        indicator(counts="3", unit="visit"),
        indicator(counts="1", questions="age"),
        indicator(measure="mean", questions="services"),
        indicator(measure="mean", questions="area"),
        indicator(measure="mean", questions="age", base="valid blank"),
        indicator(measure="distribution", questions="services"),
        indicator(measure="multiple"),
        indicator(measure="mean", questions="day"),
        indicator(measure="share", questions="trust age", counts="3"),
    ],
    ids=lambda row: f"{row.measure}-{'-'.join(row.questions)}-{row.unit}",
)
def test_what_is_not_computed_is_said_and_never_guessed(tmp_path: Path, row: IndicatorRow):
    with pytest.raises(MeasureUnavailable):
        figures(tmp_path, row)


def test_an_identifier_is_never_a_figure_and_never_a_category(tmp_path: Path):
    with pytest.raises(IndicatorUnknown):
        figures(tmp_path, indicator(questions="told", counts="1"))
    with pytest.raises(IndicatorUnknown):
        figures(tmp_path, indicator(counts="3", where="${told} = 1"))
    with pytest.raises(TableNotDeclared):
        figures(tmp_path, indicator(counts="3"), by=("told",))


def test_a_derived_variable_is_as_secret_as_what_it_reads(tmp_path: Path):
    secret = Derived("hint", "select_one", "yn", parse("if(${told} = 1, 1, 0)"))

    with pytest.raises(IndicatorUnknown):
        figures(tmp_path, indicator(questions="hint", counts="1"), derived=(secret,))


@pytest.mark.parametrize("by", [("nothing",), ("age",), ("services",), ("village",), ("day",), ("sex", "sex")])
def test_a_table_is_made_by_single_answers_from_a_list(tmp_path: Path, by: tuple[str, ...]):
    with pytest.raises(TableNotDeclared):
        figures(tmp_path, indicator(counts="3 4"), by=by)


def test_an_unknown_indicator_is_told_which_ones_there_are(tmp_path: Path):
    form = form_of(indicator("trusting", counts="3"))

    with pytest.raises(IndicatorUnknown, match="trusting"):
        estimate(tables_of(tmp_path, form, EIGHT), form, "figure")


def test_categories_of_an_external_list_stand_in_the_order_of_its_file(tmp_path: Path):
    table = figures(tmp_path, indicator(counts="3 4"), [one | {"commune": "a"} for one in EIGHT], by=("commune",))

    assert [dict(one.domain) for one in table.figures] == [{}, {"commune": "b"}, {"commune": "a"}]
    assert figure(table, commune="a").base == 8


def test_a_computed_variable_is_estimated_and_compared_by(tmp_path: Path):
    band = Derived("trusting", "select_one", "yn", parse("if(${trust} >= 3, 1, 0)"))

    table = figures(tmp_path, indicator(questions="trusting", counts="1"), derived=(band,), by=("trusting",))

    assert figure(table).value == pytest.approx(0.5)
    assert figure(table, trusting="1").value == pytest.approx(1.0)


def test_a_code_that_the_list_does_not_offer_is_noted(tmp_path: Path):
    table = figures(tmp_path, indicator(counts="3 4"), [*EIGHT, interview("koro", "1", trust="7")])

    assert "codes_without_choice" in table.notes


def test_the_whole_path_from_tables_equals_r(tmp_path: Path, shared: Path):
    expected = json.loads((shared / "oracle/oracle_R.json").read_text(encoding="utf-8"))
    with (shared / "oracle/synth.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["group"] == "community"]
    areas = sorted({row["stratum"] for row in rows})
    lists = choice_lists() | {"area": tuple(Choice(code, {}) for code in areas)}
    declared = (
        indicator("top", counts="3 4"),
        indicator("top_all", counts="3 4", base="valid dont_know refused"),
        indicator("balance", "net", counts="3 4", against="1 2"),
        indicator("score", "mean"),
    )
    form = form_of(*declared)
    form = Form(**{**{key: getattr(form, key) for key in form.__dataclass_fields__}, "lists": lists})
    tables = tables_of(
        tmp_path,
        form,
        (
            interview(row["stratum"], row["psu"], float(row["w"]), sex=row["sex"], trust=row["trust"])
            | {"round_id": f"r{row['round']}"}
            for row in rows
        ),
    )

    def found(name: str, **domain: str) -> list[float | None]:
        one = figure(estimate(tables, form, name, by=tuple(domain), round="r1"), **domain)
        return [one.value, one.standard_error]

    top = figure(estimate(tables, form, "top", round="r1"))
    r_top = expected["r1_top2_excl_dk"]
    assert [top.value, top.standard_error, top.design_effect] == pytest.approx(
        [r_top["est"], r_top["se"], r_top["deff"]], abs=1e-8
    )
    assert (top.base, top.degrees_of_freedom) == (r_top["n"], r_top["df"])
    assert [top.low, top.high] == pytest.approx(expected["r1_top2_ci_logit"], abs=1e-8)
    r_all = expected["r1_top2_incl_dk"]
    assert found("top_all") == pytest.approx([r_all["est"][0], r_all["se"][0]], abs=1e-8)
    assert found("balance") == pytest.approx(list(expected["r1_net_balance"].values()), abs=1e-8)
    assert found("score") == pytest.approx(list(expected["r1_mean_score"].values()), abs=1e-8)
    for by, code, key in (("area", "stratum", "r1_top2_by_stratum"), ("sex", "sex", "r1_top2_by_sex")):
        for domain in expected[key]:
            assert found("top", **{by: domain[code]}) == pytest.approx([domain["est"], domain["se"]], abs=1e-8)
