"""`share`: the share of the base that gave one of the answers in `counts`; of several answers, any of them."""

from forms.form import Choice
from forms.interpretation import IndicatorRow
from transform.estimators import AnswerShape, Estimator, Score
from transform.interval import share_interval


def scores(indicator: IndicatorRow, choices: tuple[Choice, ...]) -> tuple[Score, ...]:
    """Return 1 for each counted code."""
    del choices
    return (Score(dict.fromkeys(indicator.counts, 1.0)),)


ESTIMATOR = Estimator("share", frozenset({AnswerShape.CODE, AnswerShape.CODES}), scores, share_interval)
