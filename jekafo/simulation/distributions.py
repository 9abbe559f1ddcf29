"""How often each answer is given: the shares with which a designer steers a simulation.

Reading them from a sheet is `jekafo.simulation.distribution_sheet`; drawing from them is `jekafo.simulation.person`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Test:
    """One part of a `when`: an answer given before is, or is not, this value (of several chosen: one of them)."""

    name: str
    value: str
    is_equal: bool

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds for the answers given so far, by name."""
        given = answers.get(self.name, "")
        return (self.value == given or self.value in given.split(" ")) == self.is_equal


@dataclass(frozen=True, slots=True)
class NumberRange:
    """`18..24`: both ends included."""

    low: float
    high: float


Value = str | NumberRange | None
"""A choice or text as it stands; a range of numbers; None for a blank."""


@dataclass(frozen=True)
class Distribution:
    """The shares of one question under one condition. shares: in the order of the sheet, at least one above 0."""

    name: str
    tests: tuple[Test, ...]
    shares: Mapping[Value, float]

    @property
    def rest(self) -> float:
        """What the sheet leaves to the values it does not name, 0..1."""
        return max(0.0, 1 - math.fsum(self.shares.values()))


Distributions = Mapping[str, tuple[Distribution, ...]]
"""Question name to its distributions; those with a condition before the one without."""


def applicable(distributions: Distributions, name: str, answers: Mapping[str, str]) -> Distribution | None:
    """Return the question's first distribution whose conditions hold, or None."""
    return next(
        (each for each in distributions.get(name, ()) if all(test.holds(answers) for test in each.tests)),
        None,
    )
