"""How a sample was drawn, as variance needs it: PSUs in strata, their number in the population, the single-PSU rule.

Which columns of a form hold strata and PSUs is read by `transform.sample`; the arithmetic is `transform.variance`.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forms.text import Bilingual
from transform.errors import DesignIncomplete

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class LonelyPsu(StrEnum):
    """What a stratum of one PSU adds to the variance: R's `options(survey.lonely.psu=)`."""

    ADJUST = "adjust"
    """Its distance from the grand mean: cautious, the default."""
    AVERAGE = "average"
    """What the other strata add on average."""
    CERTAINTY = "certainty"
    """Nothing: the PSU was sure to be in the sample."""
    REMOVE = "remove"
    """Nothing: the stratum is left out of the variance."""
    FAIL = "fail"
    """No estimate: DesignIncomplete."""


@dataclass(frozen=True, eq=False)
class SampleDesign:
    """The PSUs and strata of a whole sample; domains are subsets of its rows and never shrink it.

    stratum_of_psu: stratum number of each PSU, numbers from 0 without gaps. population: PSUs in the population of each
    stratum (the first-stage finite population correction), or None: drawn with replacement. records, weight_total: of
    the whole sample.
    """

    stratum_of_psu: Integers
    records: int
    weight_total: float
    population: Floats | None = None
    lonely_psu: LonelyPsu = LonelyPsu.ADJUST

    def __post_init__(self) -> None:
        """Refuse a design that no sample can have, or that its own rule for single PSUs forbids."""
        if self.lonely_psu is LonelyPsu.FAIL and self.has_lonely_stratum:
            raise DesignIncomplete(
                Bilingual(
                    "A stratum has one PSU, and the sheet design says lonely_psu = fail. Declare adjust, average, "
                    "certainty or remove, or merge the stratum with another.",
                    "Une strate n'a qu'une seule UPE et la feuille design dit lonely_psu = fail. Déclarez adjust, "
                    "average, certainty ou remove, ou fusionnez la strate avec une autre.",
                )
            )
        if self.population is not None and np.any(self.population < self.psus_of_stratum):
            raise DesignIncomplete(
                Bilingual(
                    "finite_population is smaller than the number of PSUs visited in a stratum. It counts the PSUs of "
                    "the stratum's population: correct the variable that the sheet design names.",
                    "finite_population est inférieur au nombre d'UPE visitées dans une strate. Cette valeur compte les "
                    "UPE de la population de la strate : corrigez la variable nommée dans la feuille design.",
                )
            )

    @property
    def psus(self) -> int:
        """Number of PSUs."""
        return len(self.stratum_of_psu)

    @cached_property
    def psus_of_stratum(self) -> Integers:
        """Number of PSUs of each stratum."""
        return np.bincount(self.stratum_of_psu)

    @property
    def has_lonely_stratum(self) -> bool:
        """True where a stratum has one PSU, so that its variance cannot be estimated from itself."""
        return bool(np.any(self.psus_of_stratum == 1))

    @property
    def weights_are_relative(self) -> bool:
        """True where the weights sum to the number of interviews at most: they say nothing of the population's size."""
        return self.weight_total <= self.records * (1 + 1e-9)

    def degrees_of_freedom(self, is_in_domain: NDArray[np.bool_]) -> int:
        """PSUs minus strata, of the PSUs in which the domain has rows: R's `degf(subset(design, ...))`.

        The variance of an area that is one stratum of 8 PSUs rests on these 8; the quantile of the whole design
        would promise 95 % and hold about 91 %.
        """
        strata = self.stratum_of_psu[is_in_domain]
        return len(strata) - len(np.unique(strata))


def nest(stratum: NDArray[Any], psu: NDArray[Any]) -> tuple[Integers, Integers]:
    """Return (stratum number of each PSU, PSU number of each row) of two columns of codes.

    A PSU is its code within its stratum, as in R's `nest=TRUE`: village 1 of Koro is not village 1 of Macina.
    """
    _, stratum_of_row = np.unique(stratum, return_inverse=True)
    codes, code_of_row = np.unique(psu, return_inverse=True)
    pair_of_row = stratum_of_row.astype(np.int64) * max(len(codes), 1) + code_of_row
    pairs, psu_of_row = np.unique(pair_of_row, return_inverse=True)
    return pairs // max(len(codes), 1), psu_of_row.astype(np.int64)
