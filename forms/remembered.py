"""Keep the last results of costly work, so that publishing a workbook does not compile it three times over."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Result = TypeVar("Result")


class Remembered(Generic[Key, Result]):
    """The last results by key, the one that was not asked for longest going first. Failures are not kept."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._results: OrderedDict[Key, Result] = OrderedDict()
        self._lock = threading.Lock()

    def result(self, key: Key, work: Callable[[], Result]) -> Result:
        """Return the result for a key, of `work` where it is not at hand; whatever `work` raises passes through.

        Two threads that ask at once may both do the work: neither waits for the other.
        """
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = work()
        with self._lock:
            kept = self._results.setdefault(key, result)
            self._results.move_to_end(key)
            while len(self._results) > self._size:
                self._results.popitem(last=False)
            return kept

    def forget(self) -> None:
        """Drop all results."""
        with self._lock:
            self._results.clear()
