"""From the sums of a query to the figures of a table: the total, then every cell of the crossing in choice order."""

from collections.abc import Iterator
from itertools import count, product

import numpy as np

from transform.answered import Answered
from transform.design import Integers
from transform.estimators import Estimator, Score
from transform.figures import Domain, Estimate, Figure, Footing
from transform.query import SampledGroups
from transform.ratio import estimates, unweighted_estimates
from transform.sums import DomainSums


class FigureMaker:
    """Turns the sums of domains into figures."""

    def __init__(
        self,
        groups: SampledGroups,
        estimator: Estimator,
        scores: tuple[Score, ...],
        *,
        is_share: bool,
        has_psu: bool,
    ) -> None:
        self._groups = groups
        self._estimator = estimator
        self._scores = scores
        self._is_share = is_share
        self._has_psu = has_psu

    def table(self, by: tuple[Answered, ...]) -> tuple[tuple[Figure, ...], Footing]:
        """Return the figures of the total and of every cell, and who is in no cell."""
        everyone = np.arange(len(self._groups.sums.psu))
        figures = list(self._figures({}, everyone))
        if not by:
            return tuple(figures), Footing(0, 0)
        places = dict(zip(product(*(variable.categories for variable in by)), count(), strict=False))
        cell_of_group = np.array(
            [places.get(codes, -1) for codes in zip(*(column.tolist() for column in self._groups.cells), strict=True)],
            dtype=np.int64,
        )
        order = np.argsort(cell_of_group, kind="stable")
        bounds = np.searchsorted(cell_of_group[order], np.arange(-1, len(places) + 1))
        for position, codes in enumerate(places):
            domain = {variable.name: code for variable, code in zip(by, codes, strict=True)}
            figures += self._figures(domain, order[bounds[position + 1] : bounds[position + 2]])
        outside = self._groups.sums.domain(order[: bounds[1]])
        return tuple(figures), Footing(int(outside.base.sum()), *self._psus(outside))

    def _figures(self, domain: Domain, groups: Integers) -> Iterator[Figure]:
        sums = self._groups.sums.domain(groups)
        design = self._groups.design
        found = unweighted_estimates(sums) if design is None else estimates(sums, design, self._estimator.interval)
        psus, psu_numbers = self._psus(sums)
        counted = self._groups.counted[:, groups].sum(axis=1)
        for position, score in enumerate(self._scores):
            yield Figure(
                domain,
                _with_psus(found[position], psus),
                score.answer,
                psu_numbers,
                int(counted[position]) if self._is_share else None,
            )

    def _psus(self, sums: DomainSums) -> tuple[int, tuple[int, ...] | None]:
        """Return how many PSUs a base lies in, and which. Without PSUs in the design each row is one of its own."""
        if not self._has_psu:
            return int(sums.base.sum()), None
        numbers = np.flatnonzero((sums.base > 0) & self._groups.known_psus)
        return len(numbers), tuple(numbers.tolist())


def _with_psus(found: Estimate, psus: int) -> Estimate:
    return found if found.psus == psus else Estimate(found.value, found.base, psus)
