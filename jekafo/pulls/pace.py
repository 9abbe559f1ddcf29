"""When to turn to a source again: at its interval, and later each time it fails."""

from datetime import datetime, timedelta

LONGEST = timedelta(hours=1)


class Pace:
    """One source's turns. The first is due at once; after failures the pauses double, up to LONGEST or the interval."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._failures = 0
        self._done_at: datetime | None = None
        self._pause = timedelta(0)

    def is_due(self, at: datetime) -> bool:
        """Whether it is this source's turn."""
        return self.left(at) == timedelta(0)

    def left(self, at: datetime) -> timedelta:
        """How long until it is."""
        # A clock that was set back must not keep a source waiting until it is there again.
        if self._done_at is None or at < self._done_at:
            return timedelta(0)
        return max(timedelta(0), self._done_at + self._pause - at)

    def done(self, at: datetime, *, failed: bool) -> None:
        """Note that a turn ended at `at`."""
        self._failures = self._failures + 1 if failed else 0
        # 2 ** 16 intervals of 10 s are a week: far beyond LONGEST, and no number that overflows.
        pause = self._every * 2 ** min(self._failures, 16)
        self._done_at, self._pause = at, min(pause, max(LONGEST, self._every))
