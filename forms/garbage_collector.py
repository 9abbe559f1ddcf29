"""Pause Python's cycle collector while very many objects are made that all stay.

The collector looks through all objects again and again as their number grows. Of the time that pyxform takes for
10,000 choices it has half, and it is why long forms take longer than their length (measured: docs/performance.md).
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_under_way: list[bool] = []
"""One entry for each pause in any thread: whether it found the collector running, which only the first can."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the collector from running until the last of all pauses ends; what is no longer used is freed all the same.

    Only for a stretch of work that is bounded: garbage that refers to itself stays until the pause is over.
    """
    with _lock:
        _under_way.append(gc.isenabled() or any(_under_way))
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            was_running = _under_way.pop()
            if was_running and not _under_way:
                gc.enable()
