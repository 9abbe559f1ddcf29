"""Which domains of a one-way table are hidden, from bases and weights: never from answers, so the holes tell nothing.

The attacker is taken to know every base, every weight and these rules. What a shown figure looks like is
`transform.disclose`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transform.figures import Footing, Weights


@dataclass(frozen=True, slots=True)
class Minimum:
    """Fewest people and PSUs; fewest people of equal weight, and the most that one person may weigh of all."""

    base: int
    psus: int
    effective_base: float = 0.0
    largest_share: float = 1.0

    def holds(self, footings: Iterable[Footing]) -> bool:
        """Return True where these groups, which share nobody, are together large enough.

        Groups of which each is large enough are so together.
        """
        together = list(footings)
        weights = sum((group.weighed for group in together), Weights.equal(0))
        return (
            sum(group.base for group in together) >= self.base
            and _psus_together(together) >= self.psus
            and weights.effective_base >= self.effective_base
            and weights.largest_share <= self.largest_share
        )


def hidden_domains(
    total: Footing, cells: Sequence[Footing], unplaced: Footing, *, own: Minimum, derivable: Minimum
) -> frozenset[int]:
    """Return the positions of the hidden cells; of all cells where the total itself must be hidden.

    unplaced: the people of the total who are in no cell. own: what each shown figure needs. derivable: what everything
    needs that a reader can work out. From a total and its parts that is the total minus all shown parts: the hidden
    cells and the unplaced (minus fewer parts it only grows, by cells that are large enough themselves). Where that
    rest is too small, the smallest shown cell is hidden too, and again. Cells hidden for the rest's sake are then
    shown again, largest first, where the rest is large enough without them.
    """
    everywhere = frozenset(range(len(cells)))
    if not own.holds([total]):
        return everywhere
    primary = {position for position, cell in enumerate(cells) if not own.holds([cell])}

    def is_closed(hidden: set[int]) -> bool:
        rest = [*(cells[position] for position in hidden), unplaced]
        return not any(group.base for group in rest) or derivable.holds(rest)

    def size(position: int) -> tuple[int, int]:
        return cells[position].base, position

    hidden = set(primary)
    while not is_closed(hidden) and hidden != everywhere:
        hidden.add(min(everywhere - hidden, key=size))
    for position in sorted(hidden - primary, key=size, reverse=True):
        if is_closed(hidden - {position}):
            hidden.remove(position)
    return frozenset(hidden)


def _psus_together(groups: Iterable[Footing]) -> int:
    """Return how many PSUs the groups lie in together; the least it can be where their numbers are unknown."""
    numbers: set[int] = set()
    largest = 0
    for group in groups:
        numbers.update(group.psu_numbers or ())
        largest = max(largest, group.psus)
    return max(len(numbers), largest)
