"""The nouns of a result: `Estimate`, `Figure` (an estimate about a domain) and `FigureTable`.

Computing them is `transform.estimate`; what may be shown of them to whom is `transform.disclose`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Domain = Mapping[str, str]
"""Variable to code, in the order of the table's `by`; empty for the total."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A survey estimate.

    value: share, mean or net balance (shares 0..1, net -1..1, mean in the question's unit); None where the base is 0.
    standard_error, low, high (95 %), design_effect: None where the design allows none (quota, purposive, attempts)
    or the figure has none. base: unweighted number of rows in the denominator; psus: distinct PSUs among them;
    degrees_of_freedom: PSUs minus strata of the design, counted over the domain's rows as R's `degf` counts them
    (all PSUs and strata for the total; an area of 8 PSUs has 7, however large the survey).
    """

    value: float | None
    base: int
    psus: int
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    design_effect: float | None = None
    degrees_of_freedom: int | None = None


@dataclass(frozen=True, slots=True)
class Footing:
    """The rows that a figure stands on, as far as disclosure control must know them.

    psus: how many PSUs the rows lie in. psu_numbers: which, as numbers that mean something only within one table;
    None where unknown, and then nobody can say how many PSUs two groups have together.
    """

    base: int
    psus: int
    psu_numbers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate about a domain; `answer` is the choice it is about in a distribution or multiple, else None.

    psu_numbers: the PSUs of its base, as in `Footing`. counted: unweighted number of rows that a share counts; None
    for measures that are no share, and where it was not counted.
    """

    domain: Domain
    estimate: Estimate
    answer: str | None = None
    psu_numbers: tuple[int, ...] | None = field(default=None, repr=False)
    counted: int | None = None

    @property
    def footing(self) -> Footing:
        """Who it stands on."""
        return Footing(self.estimate.base, self.estimate.psus, self.psu_numbers)


@dataclass(frozen=True, slots=True)
class FigureTable:
    """All figures of one indicator for one `by` and round: the total first, then every cell of the crossing.

    Every declared cell has a row, in choice order, also where its base is 0. answers: the choices a distribution or
    multiple is about, in order; empty for one figure a domain. notes: stable codes of what a reader must know
    (`unweighted`, `no_interval`, `single_psu_stratum`, `dont_know_over_20_percent`, `psu_unknown`).
    unplaced: rows of the total that no cell holds (the `by` answer is missing, refused or not known), which a reader
    could work out from the total and the cells; None where they were not counted.
    """

    form_id: str
    indicator: str
    measure: str
    by: tuple[str, ...]
    round: str | None
    figures: tuple[Figure, ...]
    answers: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    unplaced: Footing | None = None
