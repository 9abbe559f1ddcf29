"""Questions in a row that share their choices, laid out as one table."""

from itertools import groupby

from forms.paper.parts import Answer, Grid, Item, Part, PrintedChoice

SHORTEST_GRID = 3
"""Questions in a row that are worth a table."""

_MOST_COLUMNS = 9


def with_grids(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts with each run of questions that share their choices as one Grid."""
    laid: list[Part] = []
    for key, run in groupby(parts, key=_grid_key):
        together = tuple(run)
        items = tuple(part for part in together if isinstance(part, Item))
        if key is not None and len(items) >= SHORTEST_GRID:
            laid.append(Grid(items, key))
        else:
            laid += together
    return tuple(laid)


def _grid_key(part: Part) -> tuple[PrintedChoice, ...] | None:
    """What the questions of one table have in common, or None for what fits in none.

    A choice after which one goes on elsewhere needs room for saying so.
    """
    if not isinstance(part, Item) or part.answer is not Answer.ONE or part.only_those is not None:
        return None
    if not 0 < len(part.choices) <= _MOST_COLUMNS or any(choice.go_to for choice in part.choices):
        return None
    return part.choices
