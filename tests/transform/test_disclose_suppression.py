"""Nothing that a reader can work out from a shown one-way table is about too few people or villages."""

from itertools import product

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transform.figures import Footing, Weights
from transform.suppression import Minimum, hidden_domains

OWN = Minimum(15, 3, 5, 0.3)
DERIVABLE = Minimum(10, 3, 5, 0.3)

weights = st.sampled_from(((1.0,), (1.0, 2.0), (1.0, 1.0, 1.0, 20.0), (1.0, 100.0), (0.01,)))


def group(base: int, psus: list[int], cycle: tuple[float, ...]) -> Footing:
    each = [cycle[number % len(cycle)] for number in range(base)]
    weighed = Weights(sum(each), sum(weight**2 for weight in each), max(each, default=0.0))
    return Footing(base, len(psus[:base]), tuple(psus[:base]), weighed)


groups = st.builds(
    group,
    st.integers(0, 40),
    st.lists(st.integers(0, 9), max_size=5, unique=True).map(lambda numbers: numbers or [0]),
    weights,
)


def together(parts: list[Footing]) -> Footing:
    numbers = {number for part in parts for number in part.psu_numbers or ()}
    weighed = sum((part.weighed for part in parts), Weights(0, 0, 0))
    return Footing(sum(part.base for part in parts), len(numbers), tuple(sorted(numbers)), weighed)


def hidden_of(cells: list[Footing], unplaced: Footing, own: Minimum = OWN) -> frozenset[int]:
    return hidden_domains(together([*cells, unplaced]), cells, unplaced, own=own, derivable=DERIVABLE)


def derivable_groups(cells: list[Footing], unplaced: Footing, hidden: frozenset[int]) -> list[Footing]:
    """Every group of whole atoms whose figure is a combination of shown ones, by trying them all."""
    atoms = [*cells, unplaced]
    total = together(atoms)
    shown = [np.eye(len(atoms))[position] for position in range(len(cells)) if position not in hidden]
    if OWN.holds([total]):
        shown.append(np.ones(len(atoms)))
    # an empty group has no answers: its column says nothing
    live = [position for position, atom in enumerate(atoms) if atom.base]
    if not shown or not live:
        return []
    rows = np.array(shown)[:, live]
    rank = np.linalg.matrix_rank(rows)
    return [
        together([atoms[position] for position, is_taken in zip(live, chosen, strict=True) if is_taken])
        for chosen in product((0, 1), repeat=len(live))
        if any(chosen) and np.linalg.matrix_rank(np.vstack([rows, chosen])) == rank
    ]


@given(st.lists(groups, min_size=1, max_size=6), groups)
@example([Footing(20, 4, (1, 2, 3, 4)), Footing(20, 3, (1, 2, 3))], Footing(3, 1, (1,)))
@settings(max_examples=300, deadline=None)
def test_no_group_below_the_derivable_minimum_can_be_worked_out(cells: list[Footing], unplaced: Footing):
    hidden = hidden_of(cells, unplaced)

    for group in derivable_groups(cells, unplaced, hidden):
        assert group.base >= DERIVABLE.base
        assert group.psus >= DERIVABLE.psus
        assert group.weighed.effective_base >= DERIVABLE.effective_base - 1e-9
        assert group.weighed.largest_share <= DERIVABLE.largest_share + 1e-9


@given(st.lists(groups, min_size=1, max_size=6), groups)
@settings(max_examples=200, deadline=None)
def test_a_cell_below_the_minimum_is_always_hidden(cells: list[Footing], unplaced: Footing):
    hidden = hidden_of(cells, unplaced)

    assert all(position in hidden for position, cell in enumerate(cells) if not OWN.holds([cell]))


def village(base: int, *psus: int) -> Footing:
    return Footing(base, len(psus), psus)


NOBODY = village(0)


def test_a_lone_small_cell_takes_the_next_smallest_with_it():
    # 60 - 30 - 24 = 6 people: showing both others would give the hidden six away
    cells = [village(30, 1, 2, 3), village(6, 1, 2, 3), village(24, 1, 2, 3)]

    assert hidden_of(cells, NOBODY) == {1, 2}


def test_two_small_cells_that_are_together_large_enough_hide_nobody_else():
    cells = [village(30, 1, 2, 3), village(6, 1, 2), village(7, 3, 4)]

    assert hidden_of(cells, NOBODY) == {1, 2}


def test_people_in_no_cell_are_protected_too():
    # three people refused to say their sex: total - women - men is about them
    cells = [village(30, 1, 2, 3), village(24, 1, 2, 3)]

    assert hidden_of(cells, village(3, 1)) == {1}


def test_a_rest_in_two_villages_is_too_small_however_many_people_it_has():
    cells = [village(80, 1, 2, 3), village(40, 4, 5), village(50, 6, 7, 8)]

    assert hidden_of(cells, NOBODY) == {1, 2}


def test_a_cell_that_turned_out_not_to_be_needed_is_shown_again():
    # 9 people in village 1: the 16 (villages 1, 2) close the count but not the villages, the 20 close both
    cells = [village(9, 1), village(16, 1, 2), village(20, 1, 2, 3), village(50, 4, 5, 6)]

    assert hidden_of(cells, NOBODY, Minimum(10, 2)) == {0, 2}


def test_everything_is_hidden_where_the_total_is_too_small():
    cells = [village(8, 1, 2, 3), village(6, 4, 5, 6)]

    assert hidden_of(cells, NOBODY) == {0, 1}


def test_unknown_village_numbers_count_as_the_fewest_villages_possible():
    # each half lies in two villages; nobody knows whether the same two
    cells = [Footing(8, 2), Footing(8, 2), Footing(90, 6)]
    total = Footing(106, 6)

    assert hidden_domains(total, cells, NOBODY, own=OWN, derivable=DERIVABLE) == {0, 1, 2}
