"""Every estimator of the folder keeps the registry's promises."""

from pathlib import Path

import pytest

import transform.estimators
from forms.form import Choice
from forms.interpretation import IndicatorRow
from transform.errors import MeasureUnavailable
from transform.estimators import AnswerShape, estimator_of, estimators
from transform.interval import Point

FIVE = tuple(Choice(str(code), {}) for code in range(1, 6))


def row(measure: str) -> IndicatorRow:
    return IndicatorRow("figure", measure, ("question",), counts=("4", "5"), against=("1", "2"))


def test_every_file_of_the_folder_is_a_measure_of_its_name():
    files = {path.stem for path in Path(transform.estimators.__path__[0]).glob("*.py")} - {"__init__"}

    assert set(estimators()) == files
    assert {"share", "mean", "net", "distribution", "multiple"} <= files


@pytest.mark.parametrize("measure", sorted(estimators()))
def test_an_estimator_reads_some_shape_and_scores_known_codes_alone(measure: str):
    estimator = estimator_of(row(measure))

    scores = estimator.scores(row(measure), FIVE)

    assert estimator.shapes
    assert estimator.shapes <= set(AnswerShape)
    assert scores
    assert all(score.points and set(score.points) <= {choice.name for choice in FIVE} for score in scores)


@pytest.mark.parametrize("measure", sorted(estimators()))
def test_an_interval_holds_its_value_and_needs_a_degree_of_freedom(measure: str):
    interval = estimator_of(row(measure)).interval

    low, high = interval(Point(0.4, 0.01, 12, 60, 50.0)) or (1.0, 0.0)

    assert low < 0.4 < high
    assert interval(Point(0.4, 0.01, 0, 60, 50.0)) is None


def test_a_balance_counts_for_and_against_and_leaves_the_middle_at_zero():
    (score,) = estimator_of(row("net")).scores(row("net"), FIVE)

    assert score.points == {"4": 1.0, "5": 1.0, "1": -1.0, "2": -1.0}
    assert not score.is_share


def test_a_distribution_has_a_figure_for_each_choice_in_order():
    scores = estimator_of(row("distribution")).scores(row("distribution"), FIVE)

    assert [score.answer for score in scores] == ["1", "2", "3", "4", "5"]


def test_a_mean_of_codes_that_are_no_numbers_is_refused():
    with pytest.raises(MeasureUnavailable, match="'often'"):
        estimator_of(row("mean")).scores(row("mean"), (*FIVE, Choice("often", {})))


def test_a_measure_without_an_estimator_is_named():
    with pytest.raises(MeasureUnavailable, match="rank"):
        estimator_of(row("rank"))
