"""Time as the simulated servers and those who talk to them know it: it moves when a test moves it, or somebody sleeps.

Give `clock.now` and `clock.sleep` to `Wires`, and the clock itself to the servers: both sides then share one time.
"""

from datetime import UTC, datetime, timedelta
from threading import Lock

BEGIN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


class Clock:
    """An aware UTC clock that stands still in between; may be used by several threads."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self._at = at.astimezone(UTC)
        self._lock = Lock()
        self.slept: list[float] = []
        """What was slept, in seconds and in order: how patient somebody was."""

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._at += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        with self._lock:
            self.slept.append(seconds)

    def set(self, at: datetime) -> None:
        """Jump to a moment, also backwards (a server whose clock was put right)."""
        with self._lock:
            self._at = at.astimezone(UTC)
