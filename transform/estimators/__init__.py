"""The registry of estimators: one file a measure, found by being in this folder.

An estimator says which answers have which score and what interval fits; the weighted mean of scores and its variance
are the same for all of them (`transform.ratio`).
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from forms.form import Choice
from forms.interpretation import IndicatorRow
from forms.text import Bilingual
from transform.errors import MeasureUnavailable
from transform.ratio import IntervalRule


class AnswerShape(StrEnum):
    """What one answer is made of."""

    CODE = "code"
    CODES = "codes"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Score:
    """What an answer counts for in one figure.

    points: by code, 0 for codes it does not name; an answer of several codes has each different number of points once
    (any of the codes of 1 point: 1). None: the answer's own number. answer: the choice the figure is about, if any.
    """

    points: Mapping[str, float] | None
    answer: str | None = None

    @property
    def is_share(self) -> bool:
        """True where an answer counts for 1 or for nothing."""
        return self.points is not None and set(self.points.values()) <= {1.0}


@dataclass(frozen=True, slots=True)
class Estimator:
    """A measure as weighted means of scores.

    shapes: the answers it can read. scores: of an indicator, given the choices that stand in its base (in order; empty
    for numbers); one score a figure. needs_valid_base: True where an answer without a value has no score, not 0.
    """

    measure: str
    shapes: frozenset[AnswerShape]
    scores: Callable[[IndicatorRow, tuple[Choice, ...]], tuple[Score, ...]]
    interval: IntervalRule
    needs_valid_base: bool = False


@cache
def estimators() -> Mapping[str, Estimator]:
    """Return the estimators of this folder by measure."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return {module.ESTIMATOR.measure: module.ESTIMATOR for module in modules}


def estimator_of(indicator: IndicatorRow) -> Estimator:
    """Return the estimator of the indicator's measure; raises MeasureUnavailable where this folder has none."""
    known = estimators()
    if indicator.measure not in known:
        raise MeasureUnavailable(
            Bilingual(
                f"Indicator {indicator.name}: the measure {indicator.measure} is not computed yet; computed are "
                f"{', '.join(sorted(known))}.",
                f"Indicateur {indicator.name} : la mesure {indicator.measure} n'est pas encore calculée ; sont "
                f"calculées : {', '.join(sorted(known))}.",
            )
        )
    return known[indicator.measure]
