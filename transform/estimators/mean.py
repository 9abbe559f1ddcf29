"""`mean`: the mean of a number, or of the codes of a scale written as numbers (equal spacing is then assumed)."""

import math

from forms.form import Choice
from forms.interpretation import IndicatorRow
from forms.text import Bilingual
from transform.errors import MeasureUnavailable
from transform.estimators import AnswerShape, Estimator, Score
from transform.interval import t_interval


def scores(indicator: IndicatorRow, choices: tuple[Choice, ...]) -> tuple[Score, ...]:
    """Return each code's number, or the answer itself where there are no choices."""
    if not choices:
        return (Score(None),)
    return (Score({choice.name: _number(choice.name, indicator) for choice in choices}),)


def _number(code: str, indicator: IndicatorRow) -> float:
    try:
        number = float(code)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    raise MeasureUnavailable(
        Bilingual(
            f"Indicator {indicator.name}: a mean needs codes that are numbers, and {code!r} is none. Give that choice "
            f"its code_kind, or use share or distribution.",
            f"Indicateur {indicator.name} : une moyenne exige des codes numériques, or {code!r} n'en est pas un. "
            f"Donnez à ce choix son code_kind, ou utilisez share ou distribution.",
        )
    )


ESTIMATOR = Estimator(
    "mean", frozenset({AnswerShape.CODE, AnswerShape.NUMBER}), scores, t_interval, needs_valid_base=True
)
