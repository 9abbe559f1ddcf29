"""95 % intervals of one estimate from its value, variance and degrees of freedom.

None stands where an interval would claim what the sample does not say. Which measure has which interval is said by
its estimator.
"""

import math
from dataclasses import dataclass

from scipy.special import betaincinv, expit, ndtri, stdtrit

LEVEL = 0.95

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """An estimate before its interval.

    degrees_of_freedom: `math.inf` gives the normal quantile. rows: of the domain, with or without an answer.
    effective_base: (sum w)^2 / sum w^2 over the rows in the base, the number of rows of equal weight that would say as
    much (Kish).
    """

    value: float
    variance: float
    degrees_of_freedom: float
    rows: int
    effective_base: float


def t_interval(point: Point) -> Interval | None:
    """Value -/+ t quantile x standard error, as R's `confint(svymean(), df=)`.

    None without a degree of freedom, and where the variance is 0: everyone asked agreed, and a mean has no bound that
    would tell how far others may differ.
    """
    if not point.degrees_of_freedom >= 1 or not point.variance > 0:
        return None
    half_width = _quantile(point.degrees_of_freedom) * math.sqrt(point.variance)
    return point.value - half_width, point.value + half_width


def balance_interval(point: Point) -> Interval | None:
    """The t interval, held within -1..1, which a balance of shares cannot leave."""
    interval = t_interval(point)
    return interval and (max(interval[0], -1.0), min(interval[1], 1.0))


def share_interval(point: Point) -> Interval | None:
    """The logit interval; at 0 and 1, where the logit has none, the exact one."""
    return logit_interval(point) if 0 < point.value < 1 else exact_interval(point)


def logit_interval(point: Point) -> Interval | None:
    """The t interval on the logit scale, back in 0..1: R's `svyciprop(method="logit")`. None at 0 and 1."""
    if not point.degrees_of_freedom >= 1 or not 0 < point.value < 1 or math.isnan(point.variance):
        return None
    logit = math.log(point.value / (1 - point.value))
    # Delta method: d logit(p) / dp = 1 / (p (1 - p)).
    standard_error = math.sqrt(point.variance) / (point.value * (1 - point.value))
    half_width = _quantile(point.degrees_of_freedom) * standard_error
    return float(expit(logit - half_width)), float(expit(logit + half_width))


def exact_interval(point: Point) -> Interval | None:
    """Clopper-Pearson with the number of rows that a simple random sample of this precision would need.

    Korn & Graubard (1998); R's `svyciprop(method="beta")`. At 0 and 1 the variance is 0 and tells no such number (R
    gives NaN): there Kish's effective base stands in, which knows unequal weights but not clustering.
    """
    if not point.degrees_of_freedom >= 1 or point.rows < 2 or math.isnan(point.variance):
        return None
    is_at_bound = point.value in (0, 1)
    if not is_at_bound and not point.variance > 0:
        return None
    effective = point.effective_base if is_at_bound else point.value * (1 - point.value) / point.variance
    effective *= (_quantile(point.rows - 1) / _quantile(point.degrees_of_freedom)) ** 2
    count = effective * point.value
    tail = (1 - LEVEL) / 2
    low = 0.0 if point.value == 0 else float(betaincinv(count, effective - count + 1, tail))
    high = 1.0 if point.value == 1 else float(betaincinv(count + 1, effective - count, 1 - tail))
    return low, high


def _quantile(degrees_of_freedom: float) -> float:
    upper = 1 - (1 - LEVEL) / 2
    return float(ndtri(upper) if math.isinf(degrees_of_freedom) else stdtrit(degrees_of_freedom, upper))
