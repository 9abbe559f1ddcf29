"""Any number of things, a few at a time."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Give the things in tuples of `size`, the last one shorter; only one tuple is asked for ahead of its use."""
    rest = iter(things)
    while batch := tuple(islice(rest, size)):
        yield batch


def as_they_come(
    things: Iterable[T], size: int, patience: timedelta, clock: Callable[[], datetime]
) -> Iterator[tuple[T, ...]]:
    """Give the things in tuples of `size`, or of fewer when the first of them has waited longer than `patience`.

    Where the things end in an error, or somebody interrupts, those that had come are given before it is raised.
    """
    batch: list[T] = []
    begun = clock()
    try:
        for thing in things:
            batch.append(thing)
            if len(batch) >= size or clock() - begun >= patience:
                full, batch = batch, []
                yield tuple(full)
                begun = clock()
    except (Exception, KeyboardInterrupt):
        if batch:
            yield tuple(batch)
        raise
    if batch:
        yield tuple(batch)
