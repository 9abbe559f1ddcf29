"""From the sums of a domain to its estimates: Hájek means with variance, interval and design effect.

Shares, means, balances and distributions differ only in the score an answer has and in the interval that fits.
"""

import math
from collections.abc import Callable

import numpy as np

from transform.design import Floats, SampleDesign
from transform.figures import Estimate
from transform.interval import Interval, Point
from transform.sums import DomainSums
from transform.variance import Ratios, covariance, ratios

IntervalRule = Callable[[Point], Interval | None]


def domain_means(domain: DomainSums) -> Ratios:
    """Return the weighted mean score of each figure in a domain with a base, and its influence.

    The joint covariance of the figures, which a difference of two answers needs, is `covariance` of that influence.
    """
    return ratios(domain.scores, domain.weight)


def estimates(domain: DomainSums, design: SampleDesign, interval: IntervalRule) -> tuple[Estimate, ...]:
    """Return the estimate of each figure of a domain of a probability sample.

    No standard error where the base lies in one PSU: the variance between PSUs is then unknown, not zero.
    """
    base, psus = int(domain.base.sum()), int(np.count_nonzero(domain.base))
    if not base:
        return tuple(Estimate(None, 0, 0) for _ in domain.scores)
    means = domain_means(domain)
    degrees_of_freedom = design.degrees_of_freedom(domain.rows > 0)
    if psus < 2:
        return tuple(
            Estimate(float(value), base, psus, degrees_of_freedom=degrees_of_freedom)
            for value in _settled(means.values)
        )
    variances = np.diag(covariance(means.influence, design, domain.base > 0))
    # Sums of thousands of weights leave 1e-16 where everyone agreed; that is no variance and has no design effect.
    size = np.maximum(np.abs(means.values), 1.0)
    variances = np.where(variances < (1e-13 * size) ** 2, 0.0, variances)
    reference = _simple_random_variance(domain, means.values, design)
    rows = int(domain.rows.sum())
    effective_base = float(domain.weight.sum()) ** 2 / domain.squared_weight
    found = []
    for value, variance, simple in zip(_settled(means.values), variances, reference, strict=True):
        if math.isnan(variance):
            found.append(Estimate(float(value), base, psus, degrees_of_freedom=degrees_of_freedom))
            continue
        bounds = interval(Point(float(value), float(variance), degrees_of_freedom, rows, effective_base))
        low, high = bounds or (None, None)
        found.append(
            Estimate(
                float(value),
                base,
                psus,
                standard_error=math.sqrt(variance),
                low=low,
                high=high,
                design_effect=float(variance / simple) if simple > 0 else None,
                degrees_of_freedom=degrees_of_freedom,
            )
        )
    return tuple(found)


def unweighted_estimates(domain: DomainSums) -> tuple[Estimate, ...]:
    """Return values and bases alone: of a sample whose design allows no standard error."""
    base, psus = int(domain.base.sum()), int(np.count_nonzero(domain.base))
    if not base:
        return tuple(Estimate(None, 0, 0) for _ in domain.scores)
    return tuple(Estimate(float(value), base, psus) for value in _settled(domain_means(domain).values))


def _settled(values: Floats) -> Floats:
    """Return the values with rounding noise about a whole number removed: a share of 1 - 1e-16 is 1."""
    whole = np.round(values)
    return np.where(np.abs(values - whole) < 1e-13 * np.maximum(np.abs(whole), 1.0), whole, values)


def _simple_random_variance(domain: DomainSums, values: Floats, design: SampleDesign) -> Floats:
    """Return the variance that a simple random sample of the same base would have; NaN for a base of 1.

    As `svymean(deff = TRUE)`: without replacement from a population of sum(w). Weights that sum to no more than the
    interviews tell no population, so then with replacement (`deff = "replace"`).
    """
    base, weight = int(domain.base.sum()), float(domain.weight.sum())
    if base < 2:
        return np.full(len(values), np.nan)
    spread: Floats = (domain.squared_scores / weight - values**2) * base / (base - 1)
    spread = np.where(spread < 1e-13 * np.maximum(values**2, 1.0), 0.0, spread)
    unsampled = 1.0 if design.weights_are_relative else (weight - base) / weight
    return spread * unsampled / base
