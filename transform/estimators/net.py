"""`net`: the share of `counts` minus the share of `against`; answers in neither stand in the base."""

from forms.form import Choice
from forms.interpretation import IndicatorRow
from transform.estimators import AnswerShape, Estimator, Score
from transform.interval import balance_interval


def scores(indicator: IndicatorRow, choices: tuple[Choice, ...]) -> tuple[Score, ...]:
    """Return 1 for each counted code and -1 for each code against."""
    del choices
    return (Score(dict.fromkeys(indicator.counts, 1.0) | dict.fromkeys(indicator.against, -1.0)),)


ESTIMATOR = Estimator("net", frozenset({AnswerShape.CODE, AnswerShape.CODES}), scores, balance_interval)
