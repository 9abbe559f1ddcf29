"""Things are made one ahead of their use, and nothing else about them changes."""

import threading
from collections.abc import Iterator

import pytest

from sync.ahead import one_ahead


def test_things_come_in_their_order_and_each_once():
    assert list(one_ahead(iter(range(50)))) == list(range(50))
    assert list(one_ahead([])) == []


def test_the_next_thing_is_made_while_one_is_used():
    made = [threading.Event() for _ in range(3)]

    def things() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    for number in one_ahead(things()):
        if number < 2:
            assert made[number + 1].wait(5)
        if number == 0:
            assert not made[2].is_set()


def test_where_there_is_one_thing_it_is_made_by_who_asks_for_it():
    makers: list[threading.Thread] = []

    def things() -> Iterator[int]:
        makers.append(threading.current_thread())
        yield 1

    assert list(one_ahead(things())) == [1]
    assert makers == [threading.current_thread()]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_making_a_thing_raises_is_raised_where_it_would_have_been_given(error: type[BaseException]):
    def things() -> Iterator[int]:
        yield 1
        yield 2
        raise error

    ahead = one_ahead(things())
    assert (next(ahead), next(ahead)) == (1, 2)
    with pytest.raises(error):
        next(ahead)


def test_who_ends_early_leaves_no_thread_behind():
    before = threading.active_count()
    ahead = one_ahead(iter(range(10)))
    assert next(ahead) == 0
    ahead.close()
    assert threading.active_count() == before
