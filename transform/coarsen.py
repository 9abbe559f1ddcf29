"""What rounding leaves of a shown figure: steps, bands, and the mark of an imprecise one.

Rounding protects the people of a shown group; who is shown at all is `transform.suppression`.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from forms.form import Sensitivity
from transform.figures import Agreement, Estimate, Figure
from transform.rules import Rules

SHARES = frozenset({"share", "distribution", "multiple"})
BALANCES = frozenset({"net"})
_CLOSED_CLASSES = frozenset({Sensitivity.SENSITIVE, Sensitivity.SEVERE})


class Bound(StrEnum):
    """How the value of a banded figure is to be read."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Band:
    """What is shown in place of a value: that it is at most, or at least, a limit."""

    bound: Bound
    limit: float


def coarsened(figure: Figure, measure: str, sensitivity: Sensitivity, rules: Rules) -> Estimate:
    """Return the figure's estimate as a lead sees it.

    Value rounded to its step, interval bounds outward to the step, base to its step. No standard error, design effect
    or degrees of freedom: they would tell the value to more digits. A banded figure has no interval either.
    """
    exact = figure.estimate
    step = _step(exact, measure, sensitivity, rules)
    lowest, highest = _range(measure)
    base = rules.base_step * math.floor(exact.base / rules.base_step + 0.5)
    band = band_of(figure, sensitivity, rules)
    if band is not None:
        return Estimate(min(max(band.limit, lowest), highest), base, exact.psus)
    return Estimate(
        None if exact.value is None else _tidy(math.floor(exact.value / step + 0.5) * step),
        base,
        exact.psus,
        low=None if exact.low is None else max(_down(exact.low, step), lowest),
        high=None if exact.high is None else min(_up(exact.high, step), highest),
    )


def band_of(figure: Figure, sensitivity: Sensitivity, rules: Rules) -> Band | None:
    """Return how a sensitive figure that speaks of nearly nobody or nearly everybody of its base is to be shown.

    "0 of 24 men trust the police" says it of each of the 24; "at most 10 %" does not. Which band it is depends on the
    answers, its limit on base and weights alone: none, one and two of 24 look the same, whoever they are.
    """
    if sensitivity not in _CLOSED_CLASSES or not figure.estimate.base:
        return None
    few = _few(figure.estimate.base, rules)
    reach = figure.footing.weighed.reach(few)
    if figure.agreement is not None:
        return _mean_band(figure.agreement, figure.estimate.base - few, reach, rules.mean_step)
    if figure.against is not None:
        return _balance_band(figure, few, reach, rules.coarse_step)
    return _share_band(figure, few, reach, rules.coarse_step)


def is_withheld(figure: Figure, sensitivity: Sensitivity, rules: Rules) -> bool:
    """Return True for the sensitive mean of a number that nearly everybody gave alike: without a scale it has no band.

    A mean of 0 "times harmed" would say it of each of them.
    """
    agreement, base = figure.agreement, figure.estimate.base
    if sensitivity not in _CLOSED_CLASSES or agreement is None or agreement.lowest is not None:
        return False
    return base - agreement.people <= _few(base, rules)


def _share_band(figure: Figure, few: int, reach: float, step: float) -> Band | None:
    counted, base = figure.counted, figure.estimate.base
    if counted is None:
        return None
    if counted <= few:
        return Band(Bound.AT_MOST, _up(reach, step))
    return Band(Bound.AT_LEAST, _down(1 - reach, step)) if base - counted <= few else None


def _balance_band(figure: Figure, few: int, reach: float, step: float) -> Band | None:
    """Return the band of a balance where nearly nobody or nearly everybody stands on one of its sides.

    It is wide where the other side is not: beside the share of that side the balance would give this one away.
    """
    counted, against, base = figure.counted, figure.against, figure.estimate.base
    if counted is None or against is None:
        return None
    if base - against <= few:
        return Band(Bound.AT_MOST, _up(2 * reach - 1, step))
    if base - counted <= few:
        return Band(Bound.AT_LEAST, _down(1 - 2 * reach, step))
    if counted <= few:
        return Band(Bound.AT_MOST, _up(reach, step))
    return Band(Bound.AT_LEAST, _down(-reach, step)) if against <= few else None


def _mean_band(agreement: Agreement, nearly_all: int, reach: float, step: float) -> Band | None:
    """Return the band of a mean of codes where nearly everybody gave one: only in which half of the scale it lies.

    A limit next to that code would name it.
    """
    lowest, highest = agreement.lowest, agreement.highest
    if agreement.people < nearly_all or lowest is None or highest is None:
        return None
    middle = (lowest + highest) / 2
    if agreement.score <= middle:
        return Band(Bound.AT_MOST, _up(middle + reach * (highest - middle), step))
    return Band(Bound.AT_LEAST, _down(middle - reach * (middle - lowest), step))


def _few(base: int, rules: Rules) -> int:
    return math.floor(max(rules.band_people, rules.band_share * base + _NOISE))


def is_imprecise(estimate: Estimate, measure: str, rules: Rules) -> bool:
    """Return True for a figure on few people, or a share whose interval is wide: brackets, and no ranking.

    A reader of a rounded figure judges what it shows, so it is imprecise where either of both is, exact or rounded.
    """
    if estimate.base < rules.imprecise_base:
        return True
    if measure not in SHARES | BALANCES or estimate.low is None or estimate.high is None:
        return False
    return _tidy((estimate.high - estimate.low) / 2) > rules.imprecise_half_width


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
