"""Find names that lead back to themselves: derived variables that read one another, codes under one another."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter


def circles(leads_to: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Circles of names that lead to one another, until none is left; each begins where the mapping does."""
    order = {name: number for number, name in enumerate(leads_to)}
    left = dict(leads_to)
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            # The circle as graphlib tells it: each is led to by the next, the first stands at the end again.
            circle = list(reversed(error.args[1][1:]))
            start = min(range(len(circle)), key=lambda place: order[circle[place]])
            yield (*circle[start:], *circle[:start])
            left = {name: reads for name, reads in left.items() if name not in circle}
        else:
            return
