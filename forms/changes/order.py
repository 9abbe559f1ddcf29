"""Find what was moved in an order: the fewest things that, taken out, leave the rest in the old order."""

from bisect import bisect_left
from collections.abc import Sequence


def moved(old_positions: Sequence[int]) -> tuple[int, ...]:
    """Indexes of those that moved, given the old position of each in the new order. Positions are distinct.

    All but a longest increasing subsequence (patience sorting, O(n log n)).
    """
    tails: list[int] = []
    tail_indexes: list[int] = []
    previous: list[int] = []
    for index, position in enumerate(old_positions):
        place = bisect_left(tails, position)
        previous.append(tail_indexes[place - 1] if place else -1)
        tails[place : place + 1] = [position]
        tail_indexes[place : place + 1] = [index]
    staying: set[int] = set()
    index = tail_indexes[-1] if tail_indexes else -1
    while index >= 0:
        staying.add(index)
        index = previous[index]
    return tuple(index for index in range(len(old_positions)) if index not in staying)
