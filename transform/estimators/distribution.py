"""`distribution`: the share of each answer of a question that has one answer; over the valid ones they sum to 1."""

from forms.form import Choice
from forms.interpretation import IndicatorRow
from transform.estimators import AnswerShape, Estimator, Score
from transform.interval import share_interval


def scores(indicator: IndicatorRow, choices: tuple[Choice, ...]) -> tuple[Score, ...]:
    """Return one figure a choice of the base, in the list's order."""
    del indicator
    return tuple(Score({choice.name: 1.0}, choice.name) for choice in choices)


ESTIMATOR = Estimator("distribution", frozenset({AnswerShape.CODE}), scores, share_interval)
