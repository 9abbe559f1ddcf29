"""The groups that a figure's query gives, as arrays without missing values."""

from collections.abc import Sequence

import numpy as np

from forms.text import Bilingual
from transform.design import Floats, Integers
from transform.errors import DesignIncomplete
from transform.estimators import Score
from transform.reader import Arrays


class Groups:
    """One row a cell, stratum and PSU. scores: those that the columns `scores_0`, `counted_0` ... stand for."""

    def __init__(self, rows: Arrays, scores: Sequence[Score]) -> None:
        self._rows = rows
        self._scores = scores

    def texts(self, column: str) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
        """Return the texts of a column, empty where one is missing."""
        return np.ma.filled(self._rows[column].astype(object), "").astype(np.str_)

    def floats(self, column: str) -> Floats:
        """Return the numbers of a column, 0 where one is missing."""
        return np.ma.filled(self._rows[column].astype(np.float64), 0.0)

    def integers(self, column: str) -> Integers:
        """Return the whole numbers of a column, 0 where one is missing."""
        return np.ma.filled(self._rows[column].astype(np.int64), 0)

    def stack(self, prefix: str) -> Floats:
        """Return the columns of that name, one for each score, as scores x groups."""
        return np.stack([self.floats(f"{prefix}_{position}") for position in range(len(self._scores))])

    def squared_scores(self) -> Floats:
        """Return the sums of weight x score^2; the square of 0 and 1 is itself, so a share has no column of its own."""
        return np.stack(
            [
                self.floats(f"{'' if score.is_share else 'squared_'}scores_{position}")
                for position, score in enumerate(self._scores)
            ]
        )

    def population(self, stratum_of_psu: Integers, psu: Integers) -> Floats:
        """Return the population of each stratum, which all its records must agree on; else DesignIncomplete."""
        stratum = stratum_of_psu[psu]
        strata = int(stratum_of_psu.max()) + 1 if len(stratum_of_psu) else 0
        least, most = np.full(strata, np.inf), np.full(strata, -np.inf)
        np.minimum.at(least, stratum, self.floats("population_least"))
        np.maximum.at(most, stratum, self.floats("population_most"))
        if np.any(least != most):
            raise DesignIncomplete(
                Bilingual(
                    "finite_population differs within a stratum. It counts the PSUs of the stratum's population, one "
                    "number a stratum.",
                    "finite_population varie au sein d'une strate. Cette valeur compte les UPE de la population de la "
                    "strate, un seul nombre par strate.",
                )
            )
        return least
