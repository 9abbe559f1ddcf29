"""Weighted sums by PSU: all that a figure needs of the rows, however many they are.

`transform.query` lets the database make them; `GroupSums.of_rows` makes them from arrays. The figures they give are
the work of `transform.ratio`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transform.design import Floats, Integers

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DomainSums:
    """The sums of one domain over every PSU of the design; PSUs without rows in the domain hold zeros.

    rows, base: number of rows in the domain, and of those in the denominator, by PSU. weight: sum of weights in the
    base, by PSU. scores: sum of weight x score, figures x PSUs. squared_weight, squared_scores (by figure): sums of
    weight^2 and of weight x score^2 over the whole domain.
    """

    rows: Integers
    base: Integers
    weight: Floats
    scores: Floats
    squared_weight: float
    squared_scores: Floats


@dataclass(frozen=True, eq=False)
class GroupSums:
    """The sums of groups of rows, each within one PSU and one cell of the table.

    psu: PSU number of each group; psus: how many the design has. The other arrays as in `DomainSums`, by group (and
    figures x groups), before they are added up to a domain.
    """

    psus: int
    psu: Integers
    rows: Integers
    base: Integers
    weight: Floats
    squared_weight: Floats
    scores: Floats
    squared_scores: Floats

    @classmethod
    def of_rows(
        cls, *, psus: int, psu: Integers, weight: Floats, in_base: Mask, scores: Sequence[NDArray[np.floating]]
    ) -> "GroupSums":
        """Return each row as a group of its own, all in one domain; scores outside the base are not read."""
        used = np.where(in_base, weight, 0.0)
        score = np.where(in_base, np.asarray(scores, dtype=float), 0.0)
        return cls(
            psus=psus,
            psu=psu,
            rows=np.ones(len(psu), dtype=np.int64),
            base=in_base.astype(np.int64),
            weight=used,
            squared_weight=used**2,
            scores=used * score,
            squared_scores=used * score**2,
        )

    def domain(self, groups: Mask | Integers | None = None) -> DomainSums:
        """Add the groups of a domain up by PSU; groups: a mask or positions, by default all (the total)."""
        inside = np.ones(len(self.psu), dtype=bool) if groups is None else groups
        psu = self.psu[inside]

        def by_psu(values: Floats) -> Floats:
            # bincount gives integers where there is no group at all
            return np.bincount(psu, values[inside], self.psus).astype(np.float64)

        return DomainSums(
            rows=by_psu(self.rows.astype(np.float64)).astype(np.int64),
            base=by_psu(self.base.astype(np.float64)).astype(np.int64),
            weight=by_psu(self.weight),
            scores=np.stack([by_psu(scores) for scores in self.scores]),
            squared_weight=float(self.squared_weight[inside].sum()),
            squared_scores=self.squared_scores[:, inside].sum(axis=1),
        )
