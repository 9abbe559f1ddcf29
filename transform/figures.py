"""The nouns of a result: `Estimate`, `Figure` (an estimate about a domain) and `FigureTable`.

`Footing`, `Weights` and `Agreement` are what disclosure control must know of the people behind a figure.

Computing them is `transform.estimate`; what may be shown of them to whom is `transform.disclose`.
"""

import math
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
class Weights:
    """The weights of a base: their sum, the sum of their squares, the largest. Those of several groups add up."""

    total: float
    squared: float
    largest: float

    @classmethod
    def equal(cls, base: int) -> "Weights":
        """Return those of a base in which everybody weighs 1."""
        return cls(float(base), float(base), 1.0 if base else 0.0)

    def __add__(self, other: "Weights") -> "Weights":
        """Return the weights of both groups together."""
        return Weights(self.total + other.total, self.squared + other.squared, max(self.largest, other.largest))

    @property
    def effective_base(self) -> float:
        """The number of people of equal weight who would say as much (Kish); 0 of nobody."""
        return self.total**2 / self.squared if self.squared > 0 else 0.0

    @property
    def largest_share(self) -> float:
        """How much of a figure one person can be; 0 of nobody."""
        return self.largest / self.total if self.total > 0 else 0.0

    def reach(self, people: int) -> float:
        """Return a share of the total weight that no group of so many people can pass, whoever they are.

        Each weighs the largest weight at most, and by Cauchy-Schwarz k weights sum to sqrt(k x sum of squares) at most.
        """
        if not self.total > 0:
            return 0.0
        return min(people * self.largest, math.sqrt(people * self.squared), self.total) / self.total


@dataclass(frozen=True, slots=True)
class Footing:
    """The rows that a figure stands on, as far as disclosure control must know them.

    psus: how many PSUs the rows lie in. psu_numbers: which, as numbers that mean something only within one table;
    None where unknown, and then nobody can say how many PSUs two groups have together. weights: None where all weigh
    the same.
    """

    base: int
    psus: int
    psu_numbers: tuple[int, ...] | None = None
    weights: Weights | None = None

    @property
    def weighed(self) -> Weights:
        """Its weights, equal ones where none are given."""
        return self.weights if self.weights is not None else Weights.equal(self.base)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The most common score in the base of a mean, and how many people gave it.

    lowest, highest: the ends of the scale as the form declares it; None for a number without a scale.
    """

    score: float
    people: int
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate about a domain; `answer` is the choice it is about in a distribution or multiple, else None.

    psu_numbers, weights: of its base, as in `Footing`. counted: unweighted number of rows that a share or balance
    counts; against: that a balance counts against; agreement: of a mean. None for other measures, and where it was not
    counted.
    """

    domain: Domain
    estimate: Estimate
    answer: str | None = None
    psu_numbers: tuple[int, ...] | None = field(default=None, repr=False)
    counted: int | None = None
    against: int | None = None
    agreement: Agreement | None = None
    weights: Weights | None = field(default=None, repr=False)

    @property
    def footing(self) -> Footing:
        """Who it stands on."""
        return Footing(self.estimate.base, self.estimate.psus, self.psu_numbers, self.weights)


@dataclass(frozen=True, slots=True)
class FigureTable:
    """All figures of one indicator for one `by` and round: the total first, then every cell of the crossing.

    Every declared cell has a row, in choice order, also where its base is 0. answers: the choices a distribution or
    multiple is about, in order; empty for one figure a domain. notes: stable codes of what a reader must know
    (`unweighted`, `no_interval`, `single_psu_stratum`, `dont_know_over_20_percent`, `codes_without_choice`,
    `psu_unknown`, `records_without_design`).
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
