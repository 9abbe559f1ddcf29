"""`multiple`: of a question with several answers, the share of people who gave each; the shares may pass 1 together.

The base is people with an answer, so "none" stands in it and is a figure of its own.
"""

from forms.form import Choice
from forms.interpretation import IndicatorRow
from transform.estimators import AnswerShape, Estimator, Score
from transform.interval import share_interval


def scores(indicator: IndicatorRow, choices: tuple[Choice, ...]) -> tuple[Score, ...]:
    """Return one figure a choice of the base, in the list's order."""
    del indicator
    return tuple(Score({choice.name: 1.0}, choice.name) for choice in choices)


ESTIMATOR = Estimator("multiple", frozenset({AnswerShape.CODES}), scores, share_interval)
