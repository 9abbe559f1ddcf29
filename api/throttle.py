"""How often a password may be tried: a few failures per name and address, then a pause.

Kept in the memory of the process: a restart forgets it, and several processes each count for themselves.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from store.people import name_key

FAILURES_ALLOWED = 5
PAUSE = timedelta(minutes=10)
_REMEMBERED = 10_000
_TURNS = 64


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: datetime


class SignInThrottle:
    """Counts failed sign-ins. After FAILURES_ALLOWED in a row the pair waits PAUSE from its last failure."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        self._lock = Lock()
        self._turns = tuple(Lock() for _ in range(_TURNS))

    def turn(self, name: str, address: str) -> Lock:
        """Return the lock under which a pair tries: one at a time, or tries sent together would all count as one."""
        return self._turns[hash(_pair(name, address)) % _TURNS]

    def pause_left(self, name: str, address: str, *, at: datetime) -> timedelta | None:
        """Return how long this pair still has to wait, or None when it may try now."""
        with self._lock:
            failures = self._failures.get(_pair(name, address))
        if failures is None or failures.count < FAILURES_ALLOWED:
            return None
        left = failures.last + PAUSE - at
        return left if left > timedelta(0) else None

    def failed(self, name: str, address: str, *, at: datetime) -> None:
        """Count one failure; a pair that has rested for PAUSE starts again at one."""
        pair = _pair(name, address)
        with self._lock:
            before = self._failures.pop(pair, None)
            count = before.count + 1 if before is not None and at - before.last < PAUSE else 1
            self._failures[pair] = _Failures(count, at)
            # Guessed names must not fill the memory: the pair that failed longest ago is forgotten first.
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of a pair that has signed in."""
        with self._lock:
            self._failures.pop(_pair(name, address), None)


def _pair(name: str, address: str) -> tuple[str, str]:
    return name_key(name)[:200], address
