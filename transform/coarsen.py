"""What rounding leaves of a shown figure: steps, bands, and the mark of an imprecise one.

Rounding protects the people of a shown group; who is shown at all is `transform.suppression`.
"""

import math
from enum import StrEnum

from forms.form import Sensitivity
from transform.figures import Estimate, Figure
from transform.rules import Rules

SHARES = frozenset({"share", "distribution", "multiple"})
BALANCES = frozenset({"net"})
_CLOSED_CLASSES = frozenset({Sensitivity.SENSITIVE, Sensitivity.SEVERE})


class Bound(StrEnum):
    """How the value of a banded share is to be read."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


def coarsened(figure: Figure, measure: str, sensitivity: Sensitivity, rules: Rules) -> Estimate:
    """Return the figure's estimate as a lead sees it.

    Value rounded to its step, interval bounds outward to the step, base to its step. No standard error, design effect
    or degrees of freedom: they would tell the value to more digits. A banded share has no interval either.
    """
    exact = figure.estimate
    step = _step(exact, measure, sensitivity, rules)
    lowest, highest = _range(measure)
    base = rules.base_step * math.floor(exact.base / rules.base_step + 0.5)
    bound = bound_of(figure, sensitivity, rules)
    if bound is not None and exact.value is not None:
        # The limit is that of the band, not of the count, so that none, one and two of 24 look the same.
        widest = _few(exact.base, rules) / exact.base
        if bound is Bound.AT_MOST:
            limit = _up(max(exact.value, widest), rules.coarse_step)
        else:
            limit = _down(min(exact.value, 1 - widest), rules.coarse_step)
        return Estimate(min(max(limit, lowest), highest), base, exact.psus)
    return Estimate(
        None if exact.value is None else _tidy(math.floor(exact.value / step + 0.5) * step),
        base,
        exact.psus,
        low=None if exact.low is None else max(_down(exact.low, step), lowest),
        high=None if exact.high is None else min(_up(exact.high, step), highest),
    )


def bound_of(figure: Figure, sensitivity: Sensitivity, rules: Rules) -> Bound | None:
    """Return how a sensitive share that nearly nobody or nearly everybody of its base stands for is to be shown.

    "0 of 24 men trust the police" says it of each of the 24; "at most 10 %" does not.
    """
    if sensitivity not in _CLOSED_CLASSES or figure.counted is None:
        return None
    few = _few(figure.estimate.base, rules)
    if figure.counted <= few:
        return Bound.AT_MOST
    return Bound.AT_LEAST if figure.estimate.base - figure.counted <= few else None


def _few(base: int, rules: Rules) -> float:
    return max(rules.band_people, rules.band_share * base)


def is_imprecise(exact: Estimate, measure: str, rules: Rules) -> bool:
    """Return True for a figure on few people, or a share whose interval is wide: brackets, and no ranking."""
    if exact.base < rules.imprecise_base:
        return True
    if measure not in SHARES | BALANCES or exact.low is None or exact.high is None:
        return False
    return (exact.high - exact.low) / 2 > rules.imprecise_half_width


def _step(exact: Estimate, measure: str, sensitivity: Sensitivity, rules: Rules) -> float:
    if measure not in SHARES | BALANCES:
        return rules.mean_step
    is_coarse = sensitivity in _CLOSED_CLASSES and exact.base < rules.coarse_below
    return rules.coarse_step if is_coarse else rules.point_step


def _range(measure: str) -> tuple[float, float]:
    if measure in SHARES:
        return 0.0, 1.0
    return (-1.0, 1.0) if measure in BALANCES else (-math.inf, math.inf)


# A value that is on a step but for rounding noise stays there: 0.15 / 0.05 is 2.9999999999999996.
_NOISE = 1e-9


def _down(value: float, step: float) -> float:
    return _tidy(math.floor(value / step + _NOISE) * step)


def _up(value: float, step: float) -> float:
    return _tidy(math.ceil(value / step - _NOISE) * step)


def _tidy(value: float) -> float:
    """Return the value without the digits that multiplying by 0.05 leaves behind."""
    return round(value, 10)
