"""Ratios of weighted sums and their Taylor-linearised covariance: PSUs with replacement within strata.

Equal to R `survey` 4.1 (`svymean`, `svyratio`, `svytotal`, `svyby`) with one-stage designs. What an estimate's
interval is made of is `transform.interval`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transform.design import Floats, LonelyPsu, SampleDesign


@dataclass(frozen=True, eq=False)
class Ratios:
    """Several ratios over one domain, and how much each PSU moves each of them.

    values: one a figure. influence: figures x PSUs of the whole design, zero for PSUs outside the domain.
    """

    values: Floats
    influence: Floats


def ratios(numerators: Floats, denominator: Floats) -> Ratios:
    """Return sum(numerator) / sum(denominator) for each row of numerators, linearised.

    numerators: figures x PSUs, weighted sums; denominator: one weighted sum a PSU, with a positive total. With weights
    as the denominator this is Hájek's mean. Influence of PSU i: (numerator_i - ratio * denominator_i) / total.
    """
    total = denominator.sum()
    values = numerators.sum(axis=1) / total
    return Ratios(values, (numerators - values[:, None] * denominator) / total)


def covariance(influence: Floats, design: SampleDesign, is_in_domain: NDArray[np.bool_] | None = None) -> Floats:
    """Return the covariance matrix (figures x figures) of estimates with this influence (figures x PSUs).

    A weighted total is estimated by its own PSU sums, so the same function serves totals. is_in_domain: the PSUs in
    which the domain has rows in the base (default: all); it matters only for the rule `average`, which averages over
    the strata that the domain touches. NaN where no stratum that it touches has two PSUs under that rule.
    Source: sum_h (1 - n_h/N_h) n_h/(n_h - 1) sum_i (z_hi - mean z_h)(z_hi - mean z_h)'.
    """
    stratum = design.stratum_of_psu
    psus = design.psus_of_stratum
    is_lonely = psus == 1
    sampled = np.zeros(len(psus)) if design.population is None else psus / design.population
    scale = (1 - sampled) * np.where(is_lonely, 1.0, psus / np.maximum(psus - 1, 1))

    means = np.stack([np.bincount(stratum, weights=row, minlength=len(psus)) / psus for row in influence])
    if design.lonely_psu is LonelyPsu.ADJUST:
        # The influences of a mean sum to zero over the sample, so the grand mean to centre a lonely PSU on is zero.
        means[:, is_lonely] = 0.0
    centred = influence - means[:, stratum]
    result: Floats = (centred * scale[stratum]) @ centred.T

    if design.lonely_psu is LonelyPsu.AVERAGE and is_lonely.any():
        touched = np.zeros(len(psus), dtype=bool)
        touched[stratum if is_in_domain is None else stratum[is_in_domain]] = True
        usable = np.count_nonzero(touched & ~is_lonely)
        result = result * (np.count_nonzero(touched) / usable if usable else np.nan)
    return result
