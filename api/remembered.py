"""What was computed from the tables, kept as long as both the tables and the form are the same."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

from forms.form import Form
from transform.reader import Snapshot, Tables

T = TypeVar("T")

_KEPT = 2_000


class Remembered:
    """Remembers the results of slow questions to the tables; the one asked longest ago is forgotten first."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._snapshot: Snapshot | None = None
        self._results: OrderedDict[Hashable, tuple[Form, Any]] = OrderedDict()
        self._lock = Lock()

    def result(self, form: Form, question: tuple[Hashable, ...], compute: Callable[[], T]) -> T:
        """Return what `compute` gives for this question about this form, computed only if it is not remembered.

        Two that ask at once may both compute. The form is compared by identity: the shelf hands out the same object
        until the form changes.
        """
        key, snapshot = (form.form_id, *question), self._tables.snapshot()
        with self._lock:
            if snapshot is not self._snapshot:
                self._snapshot = snapshot
                self._results.clear()
            kept = self._results.get(key)
            if kept is not None and kept[0] is form:
                self._results.move_to_end(key)
                return cast("T", kept[1])
        computed = compute()
        with self._lock:
            if snapshot is self._snapshot:
                self._results[key] = (form, computed)
            while len(self._results) > _KEPT:
                self._results.popitem(last=False)
        return computed
