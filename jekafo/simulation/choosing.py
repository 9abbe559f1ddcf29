"""Choose among the choices that a question offers: one, several, or all in an order.

What a distribution says comes before this, in `jekafo.simulation.person`.
"""

import math
import random
from collections.abc import Mapping, Sequence

from forms.javarosa.filler import Asked
from jekafo.simulation.plan import QuestionPlan
from jekafo.simulation.rules import Allowed


class Choosing:
    """One person's choices."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._shuffled: dict[tuple[str, tuple[int, ...]], list[str]] = {}

    def several(self, asked: Asked, planned: QuestionPlan, allowed: Allowed | None) -> str | None:
        """Return some choices: those the constraint wants, none it forbids, what excludes the others alone."""
        wanted = [choice for choice in asked.choices if allowed and choice in allowed.wanted]
        offered = [choice for choice in asked.choices if not allowed or choice not in allowed.unwanted]
        alone = [choice for choice in offered if choice in planned.alone]
        others = [choice for choice in offered if choice not in planned.alone] or offered
        if alone and asked.attempt < 12 and self._dice.random() < 0.1:
            return self._dice.choice(alone)
        least, most = 1.0, max(1.0, min(len(others), 4))
        if allowed is not None:
            least = max(allowed.chosen.low, 1.0)
            most = min(max(most, least), allowed.chosen.high)
        count = min(self._dice.randint(math.ceil(least), max(math.floor(most), math.ceil(least))), len(others))
        taken = {*wanted, *self._dice.sample(others, count)}
        return " ".join(choice for choice in asked.choices if choice in taken) or None

    def untried(self, asked: Asked) -> str:
        """Return a choice to try: one after another, in an order of this question's own."""
        key = (asked.path, asked.positions)
        if key not in self._shuffled:
            self._shuffled[key] = self._dice.sample(asked.choices, len(asked.choices))
        order = self._shuffled[key]
        return order[asked.attempt % len(order)]

    def weighted(self, choices: Sequence[str], planned: QuestionPlan) -> str | None:
        """Return one of the choices by the weights that the plan gives them; None of none."""
        if not choices:
            return None
        return self._dice.choices(choices, [planned.weights.get(choice, 1.0) for choice in choices])[0]

    def ranking(self, weights: Mapping[str, float]) -> str:
        """Return a whole ranking: the heavier a choice, the sooner it tends to come (Plackett-Luce)."""
        arrival = {choice: self._dice.expovariate(max(weight, 1e-6)) for choice, weight in weights.items()}
        return " ".join(sorted(arrival, key=arrival.__getitem__))
