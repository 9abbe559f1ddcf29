"""What a lead sees of a table, and what not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.expression import parse
from forms.form import Form, Question, Sensitivity
from forms.interpretation import Derived, DesignRow, IndicatorRow, Interpretation
from transform.coarsen import Bound
from transform.disclose import DisclosedFigure, DisclosedTable, disclose, lead_by
from transform.errors import IndicatorUnknown, TableNotDeclared
from transform.figures import Agreement, Estimate, Figure, FigureTable, Footing, Weights
from transform.sensitivity import indicator_sensitivity

CLASSES = {
    "trust": Sensitivity.SENSITIVE,
    "school": Sensitivity.OPEN,
    "reprisal": Sensitivity.SEVERE,
    "phone": Sensitivity.IDENTIFIER,
    "village": Sensitivity.QUASI,
    "area": Sensitivity.OPEN,
    "region": Sensitivity.OPEN,
    "sex": Sensitivity.QUASI,
    "told": Sensitivity.SEVERE,
}

DESIGN = DesignRow(
    kind="probability",
    round="round_id",
    psu="village",
    weight="weight",
    by=(("area",), ("sex",), ("area", "sex"), ("village",), ("region",)),
    geography=("village", "area", "region"),
    sensitive_level="area",
    severe_level="region",
)


def share(name: str, question: str | None = None, **more: object) -> IndicatorRow:
    return IndicatorRow(name, "share", (question or name,), counts=("1",), **more)


INDICATORS = (
    share("trust"),
    share("school"),
    share("reprisal"),
    share("phone"),
    share("narrow", "school", where=parse("${told} = 1")),
    share("guess", "derived_trust"),
    share("apart", "school", by=(("sex",),)),
    share("alone", "school", by=((),)),
)


def form_of(design: DesignRow | None = DESIGN) -> Form:
    questions = tuple(
        Question(path=name, name=name, type="select_one", data_type="string", labels={}, sensitivity=sensitivity)
        for name, sensitivity in CLASSES.items()
    )
    derived = (Derived("derived_trust", "integer", None, parse("if(${trust} = 1, 1, 0)")),)
    interpretation = Interpretation(derived=derived, indicators=INDICATORS, design=design)
    return Form("survey", "1", "Survey", ("default",), questions, (), {}, (), b"<h/>", interpretation)


FORM = form_of()
VILLAGES = tuple(range(8))


def cell(
    base: int,
    value: float | None = 0.5,
    psus: tuple[int, ...] = VILLAGES,
    *,
    counted: int | None = None,
    answer: str | None = None,
    low: float | None = None,
    high: float | None = None,
    **domain: str,
) -> Figure:
    estimate = Estimate(value, base, len(psus), 0.0717, low, high, 1.7, 41)
    return Figure(domain, estimate, answer, psus, counted)


def table_of(
    *figures: Figure,
    indicator: str = "trust",
    by: tuple[str, ...] = ("sex",),
    measure: str = "share",
    unplaced: Footing | None = None,
    answers: tuple[str, ...] = (),
    round_id: str | None = "r1",
) -> FigureTable:
    return FigureTable(
        "survey", indicator, measure, by, round_id, figures, answers, ("single_psu_stratum",), unplaced or Footing(0, 0)
    )


def shown(table: DisclosedTable) -> list[bool]:
    return [figure.shown for figure in table.figures]


def alone(figure: Figure, indicator: str = "trust", measure: str = "share") -> DisclosedFigure:
    return disclose(table_of(figure, indicator=indicator, by=(), measure=measure), FORM).figures[0]


@pytest.mark.parametrize(
    ("low", "high", "imprecise"),
    [
        (0.301, 0.699, False),  # 39.8 points, shown as 30 to 70: not wider than 40
        (0.299, 0.698, True),  # 39.9 points, shown as 29 to 70
        (0.30, 0.70, False),
        (0.295, 0.705, True),
    ],
)
def test_a_figure_is_imprecise_where_the_interval_that_is_shown_is_wide(low: float, high: float, *, imprecise: bool):
    figure = alone(cell(300, low=low, high=high, counted=150), indicator="school")

    assert figure.is_imprecise is imprecise


@pytest.mark.parametrize(
    ("indicator", "by", "minimum"), [("school", "area", 10), ("trust", "area", 15), ("reprisal", "region", 20)]
)
def test_a_figure_needs_the_people_that_its_class_asks_for(indicator: str, by: str, minimum: int):
    geography = DESIGN.geography if by == "area" else ("village", "region")
    form = form_of(
        DesignRow("probability", by=((by,),), geography=geography, sensitive_level="area", severe_level="region")
    )
    for base, is_shown in ((minimum - 1, False), (minimum, True)):
        # the rest of the total is never the problem here
        cells = [cell(200 + base), cell(100, **{by: "a"}), cell(base, **{by: "b"}), cell(100, **{by: "c"})]

        found = disclose(table_of(*cells, indicator=indicator, by=(by,)), form)

        assert found.figures[2].shown is is_shown


def test_a_figure_on_two_villages_is_hidden_however_many_people_they_are():
    cells = [cell(300), cell(100, psus=(0, 1), sex="f"), cell(200, sex="m")]

    assert disclose(table_of(*cells), FORM).figures[1].shown is False


def test_the_last_shown_part_falls_with_the_hidden_one():
    found = disclose(table_of(cell(46), cell(40, sex="f"), cell(6, sex="m")), FORM)

    assert shown(found) == [True, False, False]


def test_people_in_no_cell_are_not_given_away_by_the_total():
    cells = [cell(63), cell(40, sex="f"), cell(20, sex="m")]

    found = disclose(table_of(*cells, unplaced=Footing(3, 1, (4,))), FORM)

    assert shown(found) == [True, True, False]


def test_people_in_no_cell_count_as_one_village_where_nobody_counted_them():
    cells = (cell(80), cell(40, sex="f"), cell(20, sex="m"))
    uncounted = FigureTable("survey", "trust", "share", ("sex",), "r1", cells)

    assert shown(disclose(uncounted, FORM)) == [True, True, False]


def test_everything_is_hidden_where_the_total_is_too_small_and_nothing_is_to_be_seen_instead():
    found = disclose(table_of(cell(14), cell(14, sex="f"), cell(0, None, (), sex="m")), FORM)

    assert shown(found) == [False, False, False]
    assert {figure.see for figure in found.figures} == {None}
    assert found.notes == ()


def test_hidden_and_empty_cells_look_the_same_and_point_to_the_total():
    cells = [cell(70), cell(40, sex="f"), cell(0, None, (), sex="x"), cell(6, sex="m"), cell(24, sex="o")]

    found = disclose(table_of(*cells), FORM)

    empty, small, complementary = found.figures[2:]
    for figure in (empty, small, complementary):
        assert (figure.shown, figure.estimate, figure.see) == (False, None, {})
        assert (figure.is_imprecise, figure.bound) == (False, None)
    assert [dict(figure.domain) for figure in found.figures] == [
        {},
        {"sex": "f"},
        {"sex": "x"},
        {"sex": "m"},
        {"sex": "o"},
    ]


def test_a_domain_is_hidden_with_all_its_answers():
    cells = [
        cell(46, 0.5, answer="state"), cell(46, 0.5, answer="custom"),
        cell(40, 0.5, answer="state", sex="f"), cell(40, 0.5, answer="custom", sex="f"),
        cell(6, 1.0, answer="state", sex="m"), cell(6, 0.0, answer="custom", sex="m"),
    ]  # fmt: skip

    found = disclose(table_of(*cells, measure="distribution", answers=("state", "custom")), FORM)

    assert shown(found) == [True, True, False, False, False, False]


@given(st.lists(st.integers(0, 60), min_size=2, max_size=5), st.data())
@settings(max_examples=60, deadline=None)
def test_the_holes_depend_on_bases_alone(bases: list[int], data: st.DataObject):
    def holes() -> list[bool]:
        counts = [data.draw(st.integers(0, base)) for base in bases]
        cells = [
            cell(base, count / base if base else None, VILLAGES[:base], counted=count, sex=str(number))
            for number, (base, count) in enumerate(zip(bases, counts, strict=True))
        ]
        return shown(disclose(table_of(cell(sum(bases), counted=sum(counts)), *cells), FORM))

    assert holes() == holes()


def test_leads_see_one_way_tables_of_places_as_coarse_as_the_class_asks():
    # village is a PSU; region beside area would give a hidden area away, so the finest allowed level stands
    assert lead_by(FORM, "school") == ((), ("area",), ("sex",))
    assert lead_by(FORM, "trust") == ((), ("area",), ("sex",))
    assert lead_by(FORM, "reprisal") == ((), ("sex",), ("region",))
    assert lead_by(FORM, "apart") == ((), ("sex",))
    assert lead_by(FORM, "alone") == ((),)
    assert lead_by(FORM, "phone") == ()


def test_where_no_level_is_named_only_the_coarsest_place_is_shown():
    form = form_of(DesignRow("probability", by=(("area",), ("region",)), geography=("village", "area", "region")))

    assert lead_by(form, "trust") == ((), ("region",))


def test_an_indicator_is_as_sensitive_as_the_strictest_thing_it_reads():
    found = {row.name: indicator_sensitivity(FORM, row) for row in INDICATORS}

    assert found["narrow"] is Sensitivity.SEVERE  # by its condition
    assert found["guess"] is Sensitivity.SENSITIVE  # by the input of a computed variable
    assert found["phone"] is Sensitivity.IDENTIFIER


@pytest.mark.parametrize(
    ("indicator", "by"),
    [
        ("trust", ("area", "sex")),
        ("trust", ("village",)),
        ("trust", ("age",)),
        ("reprisal", ("area",)),
        ("alone", ("sex",)),
        ("phone", ()),
    ],
)
def test_a_table_that_leads_may_not_see_shows_not_even_its_form(indicator: str, by: tuple[str, ...]):
    with pytest.raises(TableNotDeclared):
        disclose(table_of(cell(500), indicator=indicator, by=by), FORM)


def test_rounds_are_never_pooled_for_a_lead():
    # all rounds minus round 2 would be round 1, whose holes it fills
    with pytest.raises(TableNotDeclared, match="round"):
        disclose(table_of(cell(500), by=(), round_id=None), FORM)


def test_an_unknown_indicator_is_refused():
    with pytest.raises(IndicatorUnknown):
        lead_by(FORM, "nothing")


@pytest.mark.parametrize(
    ("indicator", "base", "value"),
    [("school", 60, 0.43), ("trust", 60, 0.45), ("trust", 250, 0.43), ("reprisal", 199, 0.45)],
)
def test_shares_are_rounded_to_a_point_and_sensitive_ones_on_few_people_to_five(
    indicator: str, base: int, value: float
):
    found = alone(cell(base, 0.4312, low=0.3312, high=0.5612), indicator).estimate

    assert found is not None
    assert found.value == value


def test_an_interval_is_rounded_outward_and_the_digits_beside_it_are_gone():
    found = alone(cell(63, 0.4312, low=0.3312, high=0.5612)).estimate

    assert found == Estimate(0.45, 65, 8, low=0.3, high=0.6)


def test_means_are_rounded_to_a_tenth():
    found = alone(cell(60, 2.5627, low=2.31, high=2.81), measure="mean").estimate

    assert found is not None
    assert (found.value, found.low, found.high) == (2.6, 2.3, 2.9)


def test_a_bound_that_lies_on_its_step_stays_there():
    found = alone(cell(60, 0.15, low=0.1, high=0.3)).estimate

    assert found is not None
    assert (found.value, found.low, found.high) == (0.15, 0.1, 0.3)


@pytest.mark.parametrize(("counted", "value"), [(0, 0.0), (1, 0.04), (2, 0.083)])
def test_nearly_nobody_is_said_as_at_most_whatever_the_count(counted: int, value: float):
    found = alone(cell(24, value, counted=counted, low=0.0, high=0.2))

    # 2 of 24 is 8.3 %: none, one and two look the same
    assert found.bound is Bound.AT_MOST
    assert found.estimate == Estimate(0.1, 25, 8)


def test_nearly_everybody_is_said_as_at_least():
    found = alone(cell(24, 0.97, counted=23))

    assert found.bound is Bound.AT_LEAST
    assert found.estimate == Estimate(0.9, 25, 8)


def weighed(weights: Sequence[float]) -> Weights:
    return Weights(sum(weights), sum(weight**2 for weight in weights), max(weights))


def hard_weights(base: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.sampled_from((1.0, 1.5, 2.0, 5.0)), min_size=base, max_size=base)


def holds(found: DisclosedFigure, value: float) -> bool:
    """Whether what is shown is true of the value."""
    if found.estimate is None or found.estimate.value is None:
        return not found.shown
    if found.bound is Bound.AT_MOST:
        return value <= found.estimate.value + 1e-9
    return found.bound is None or value >= found.estimate.value - 1e-9


@given(st.integers(15, 80), st.data())
def test_a_band_holds_the_share_it_stands_for_whoever_the_few_are(base: int, data: st.DataObject):
    weights = data.draw(hard_weights(base))
    few = data.draw(st.permutations(range(base)))[: data.draw(st.integers(0, 4))]
    value = sum(weights[position] for position in few) / sum(weights)

    low = alone(replace(cell(base, value, counted=len(few)), weights=weighed(weights)))
    high = alone(replace(cell(base, 1 - value, counted=base - len(few)), weights=weighed(weights)))

    assert holds(low, value)
    assert holds(high, 1 - value)


@given(st.integers(15, 80), st.data())
def test_no_answer_within_a_band_shows(base: int, data: st.DataObject):
    weights = data.draw(hard_weights(base))

    def seen() -> DisclosedFigure:
        few = data.draw(st.permutations(range(base)))[: data.draw(st.integers(0, 2))]
        value = sum(weights[position] for position in few) / sum(weights)
        high = data.draw(st.floats(value, 1))
        return alone(replace(cell(base, value, counted=len(few), low=0.0, high=high), weights=weighed(weights)))

    first, second = seen(), seen()

    assert (first.shown, first.estimate, first.bound) == (second.shown, second.estimate, second.bound)
    assert first.is_imprecise is second.is_imprecise


def balance(counted: int, against: int, base: int = 24) -> DisclosedFigure:
    value = (counted - against) / base
    return alone(replace(cell(base, value, counted=counted, low=-1.0, high=1.0), against=against), measure="net")


@pytest.mark.parametrize(
    ("counted", "against", "bound", "value"),
    [
        # two of 24 are 8.3 %; moved from against to for they are 16.7 points
        (0, 24, Bound.AT_MOST, -0.8),
        (1, 22, Bound.AT_MOST, -0.8),
        (24, 0, Bound.AT_LEAST, 0.8),
        (2, 10, Bound.AT_MOST, 0.1),
        (10, 0, Bound.AT_LEAST, -0.1),
        (1, 1, Bound.AT_MOST, 0.1),
        (10, 10, None, 0.0),
    ],
)
def test_a_sensitive_balance_of_nearly_nobody_or_everybody_is_a_band(
    counted: int, against: int, bound: Bound | None, value: float
):
    found = balance(counted, against)

    assert found.bound is bound
    assert found.estimate is not None
    assert found.estimate.value == value
    assert (found.estimate.low is None) is (bound is not None)


@given(st.integers(15, 60), st.data())
def test_a_balance_is_true_of_its_band(base: int, data: st.DataObject):
    weights = data.draw(hard_weights(base))
    sides = data.draw(st.lists(st.sampled_from((-1, 0, 1)), min_size=base, max_size=base))
    value = sum(weight * side for weight, side in zip(weights, sides, strict=True)) / sum(weights)
    figure = replace(cell(base, value, counted=sides.count(1)), against=sides.count(-1), weights=weighed(weights))

    assert holds(alone(figure, measure="net"), value)


@pytest.mark.parametrize(
    ("agreement", "bound", "value"),
    [
        # the middle of 1 to 4 is 2.5, and two of 24 can move a mean 1/12 of the way from there: 2.625, 2.375
        (Agreement(1, 24, 1, 4), Bound.AT_MOST, 2.7),
        (Agreement(2, 22, 1, 4), Bound.AT_MOST, 2.7),
        (Agreement(4, 23, 1, 4), Bound.AT_LEAST, 2.3),
        (Agreement(1, 21, 1, 4), None, 1.5),
    ],
)
def test_a_sensitive_mean_of_one_answer_says_only_the_half_of_the_scale(
    agreement: Agreement, bound: Bound | None, value: float
):
    found = alone(replace(cell(24, 1.5, low=1.0, high=2.0), agreement=agreement), measure="mean")

    assert found.bound is bound
    assert found.estimate is not None
    assert found.estimate.value == value
    assert (found.estimate.low is None) is (bound is not None)


@given(st.integers(15, 60), st.data())
def test_a_mean_is_true_of_its_band(base: int, data: st.DataObject):
    weights = data.draw(hard_weights(base))
    common = data.draw(st.integers(1, 4))
    others = data.draw(st.lists(st.integers(1, 4), max_size=3))
    scores = [*others, *[common] * (base - len(others))]
    value = sum(weight * score for weight, score in zip(weights, scores, strict=True)) / sum(weights)
    agreement = Agreement(common, scores.count(common), 1, 4)

    found = alone(replace(cell(base, value), agreement=agreement, weights=weighed(weights)), measure="mean")

    assert holds(found, value)


def test_a_sensitive_number_that_nearly_everybody_gave_alike_is_not_shown():
    alike = replace(cell(24, 0.1, sex="m"), agreement=Agreement(0, 22))
    apart = replace(cell(30, 1.0, sex="f"), agreement=Agreement(0, 20))
    total = replace(cell(54, 0.6), agreement=Agreement(0, 42))

    assert shown(disclose(table_of(total, apart, alike, measure="mean"), FORM)) == [True, True, False]
    nobody_told = replace(cell(54, 0.0), agreement=Agreement(0, 54))
    found = disclose(table_of(nobody_told, apart, alike, measure="mean"), FORM)
    assert shown(found) == [False, True, False]
    assert found.figures[2].see is None
    assert all(shown(disclose(table_of(nobody_told, apart, alike, measure="mean", indicator="school"), FORM)))


def test_one_forged_weight_hides_the_figure_that_it_would_be():
    # one household of two billion adults: the share would be that person's answer
    honest, forged = weighed([10.0] * 40), weighed([10.0] * 23 + [2e9])
    total = replace(cell(64, 1.0), weights=honest + forged)

    found = disclose(
        table_of(total, replace(cell(40, sex="f"), weights=honest), replace(cell(24, sex="m"), weights=forged)), FORM
    )

    assert shown(found) == [False, False, False]


@pytest.mark.parametrize(
    ("heaviest", "is_shown"),
    [
        # of 19 others of weight 1, 8.1 is 29.9 % and 8.2 is 30.1 %
        ([8.1], True),
        ([8.2], False),
        # four of 20 % each: nobody passes 30 %, but they are the figure: (16 x 0.01 + 4 x 4)^2 / (16 x 0.0001 + 4 x 16)
        ([400.0] * 4, False),
    ],
)
def test_no_person_and_no_handful_is_the_figure(heaviest: list[float], *, is_shown: bool):
    others = [1.0] * (20 - len(heaviest))

    assert alone(replace(cell(20), weights=weighed([*others, *heaviest]))).shown is is_shown


def test_a_weighty_rest_is_not_given_away_by_the_total():
    # 16 people without a known sex, one of them half their weight: total - women - men is that person's answer
    parts = {"f": [1.0] * 60, "m": [1.0] * 40}
    rest = weighed([1.0] * 15 + [15.0])
    total = replace(cell(116), weights=weighed([1.0] * 115 + [15.0]))
    cells = [replace(cell(len(part), sex=sex), weights=weighed(part)) for sex, part in parts.items()]

    found = disclose(table_of(total, *cells, unplaced=Footing(16, 8, VILLAGES, rest)), FORM)

    assert shown(found) == [True, True, False]


def test_open_shares_and_averages_need_no_band():
    assert alone(cell(24, 0.0, counted=0), "school").bound is None
    assert alone(cell(24, 4.0), measure="mean").bound is None


def test_few_people_or_a_wide_interval_make_a_figure_imprecise():
    assert alone(cell(49, 0.5, low=0.4, high=0.6)).is_imprecise
    assert alone(cell(90, 0.5, low=0.29, high=0.71)).is_imprecise
    assert not alone(cell(90, 0.5, low=0.4, high=0.6)).is_imprecise


def test_the_worked_margins_of_three_areas_hide_nobody():
    # the margins of a table whose crossing has a cell of six men in Koro; crossings are not shown
    by_area = [cell(126), cell(46, area="djenne"), cell(36, area="koro"), cell(44, area="macina")]
    by_sex = [cell(126), cell(78, sex="f"), cell(48, sex="m")]

    assert all(shown(disclose(table_of(*by_area, by=("area",)), FORM)))
    assert all(shown(disclose(table_of(*by_sex), FORM)))
