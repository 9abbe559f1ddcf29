"""From the sums of a query to the figures of a table: the total, then every cell of the crossing in choice order."""

from collections.abc import Iterator
from itertools import count, product

import numpy as np

from transform.answered import Answered
from transform.coarsen import BALANCES, SHARES
from transform.design import Integers
from transform.estimators import Estimator, Score
from transform.figures import Agreement, Domain, Estimate, Figure, Footing, Weights
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
        has_psu: bool,
    ) -> None:
        self._groups = groups
        self._estimator = estimator
        self._scores = scores
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
        unplaced = order[: bounds[1]]
        return tuple(figures), Footing(int(outside.base.sum()), *self._psus(outside), self._weights(unplaced))

    def _figures(self, domain: Domain, groups: Integers) -> Iterator[Figure]:
        sums = self._groups.sums.domain(groups)
        design = self._groups.design
        found = unweighted_estimates(sums) if design is None else estimates(sums, design, self._estimator.interval)
        psus, psu_numbers = self._psus(sums)
        counted, against = (numbers[:, groups].sum(axis=1) for numbers in (self._groups.counted, self._groups.against))
        measure = self._estimator.measure
        for position, score in enumerate(self._scores):
            yield Figure(
                domain,
                _with_psus(found[position], psus),
                score.answer,
                psu_numbers,
                counted=int(counted[position]) if measure in SHARES | BALANCES else None,
                against=int(against[position]) if measure in BALANCES else None,
                agreement=self._agreement(score, domain),
                weights=self._weights(groups),
            )

    def _weights(self, groups: Integers) -> Weights:
        sums, largest = self._groups.sums, self._groups.largest_weight[groups]
        return Weights(
            float(sums.weight[groups].sum()),
            float(sums.squared_weight[groups].sum()),
            float(largest.max()) if len(largest) else 0.0,
        )

    def _agreement(self, score: Score, domain: Domain) -> Agreement | None:
        tally = self._groups.tally
        if tally is None:
            return None
        inside = np.ones(len(tally.score), dtype=bool)
        for codes, code in zip(tally.cells, domain.values(), strict=False):
            inside &= codes == code
        if not inside.any():
            return None
        scores, place = np.unique(tally.score[inside], return_inverse=True)
        people = np.bincount(place, weights=tally.people[inside])
        most = int(people.argmax())
        points = score.points.values() if score.points else None
        return Agreement(
            float(scores[most]), int(people[most]), min(points) if points else None, max(points) if points else None
        )

    def _psus(self, sums: DomainSums) -> tuple[int, tuple[int, ...] | None]:
        """Return how many PSUs a base lies in, and which. Without PSUs in the design each row is one of its own."""
        if not self._has_psu:
            return int(sums.base.sum()), None
        numbers = np.flatnonzero((sums.base > 0) & self._groups.known_psus)
        return len(numbers), tuple(numbers.tolist())


def _with_psus(found: Estimate, psus: int) -> Estimate:
    return found if found.psus == psus else Estimate(found.value, found.base, psus)
