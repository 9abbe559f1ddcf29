"""Make the next thing while the one before is used: a page comes from the server while we read the last."""

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def one_ahead(things: Iterable[T]) -> Generator[T]:
    """Give the things in their order, each made in another thread while the one before is used.

    The first is made here: where there is no second, no other thread asks anybody anything. What making one raises is
    raised where it would have been given. Who ends early waits for the one that is being made.
    """
    rest = iter(things)
    made = list(islice(rest, 1))
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        while made:
            coming = thread.submit(lambda: list(islice(rest, 1)))
            yield from made
            made = coming.result()
