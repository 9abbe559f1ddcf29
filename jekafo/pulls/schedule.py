"""Pulls of a running server: each source at its interval, and soon after a hook has spoken; one at a time.

A pull is a child process, so that readers never wait. The tables follow by themselves: `jekafo.build` sees the changes.
"""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Final

from jekafo.pulls.pace import Pace
from jekafo.sources.configured import ConfiguredSource
from store.kept import Store
from store.mirror.hints import Hint, hints
from sync.known_forms import known_forms

log = logging.getLogger("jekafo.pulls")

QUIET: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(seconds=60)
HINTS_AFTER: Final = timedelta(seconds=30)
"""How long hints wait after a pull for them: a form that is filled in all day is not pulled all day."""

_STOP_SECONDS = 10.0

Run = Callable[[list[str]], bool]
"""Runs `jekafo` with these arguments and says whether it ended without a failure."""


class PullSchedule:
    """Watches the clock and the hints of all sources. Tests bring their own clock and `run`, and call `turn`."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        sources: Iterable[ConfiguredSource],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        run: Run | None = None,
    ) -> None:
        self._folder = folder
        self._store = store
        self._clock = clock
        self._run = run or self._run_child
        self._sources = tuple(sources)
        self._paces = {source.name: Pace(source.every) for source in self._sources if source.every is not None}
        self._told: set[str] = set()
        self._hint_paces = {source.name: Pace(HINTS_AFTER) for source in self._sources}
        self._stopped = Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._watch, name="pull-schedule", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching, and end a pull that is under way: the next one goes on from what is kept."""
        self._stopped.set()
        child = self._child
        if child is not None:
            child.terminate()
        self._thread.join(_STOP_SECONDS)
        if child is not None and child.poll() is None:
            child.kill()
            child.wait()

    def turn(self) -> None:
        """Pull what is due now."""
        waiting = self._waiting_hints()
        for source in self._sources:
            if self._stopped.is_set():
                return
            pace = self._paces.get(source.name)
            if pace is not None and pace.is_due(self._clock()):
                if self._has_known_forms(source.name):
                    pace.done(self._clock(), failed=not self._pull(source.name, ()))
            elif self._is_due(waiting.get(source.name, [])) and self._hint_paces[source.name].is_due(self._clock()):
                forms = dict.fromkeys(hint.remote_id for hint in waiting[source.name])
                self._hint_paces[source.name].done(self._clock(), failed=not self._pull(source.name, forms))

    def _watch(self) -> None:
        while not self._stopped.wait(1.0):
            try:
                self.turn()
            except Exception as failure:  # noqa: BLE001 - a database that is away for a moment must not end all pulls
                log.error("the schedule of pulls failed: %s", type(failure).__name__)  # noqa: TRY400 - a message may hold answers

    def _waiting_hints(self) -> Mapping[str, list[Hint]]:
        by_source: dict[str, list[Hint]] = {}
        with self._store.database.read() as connection:
            for hint in hints(connection):
                by_source.setdefault(hint.source, []).append(hint)
        return by_source

    def _is_due(self, waiting: list[Hint]) -> bool:
        """Whether hooks have been quiet for a while, or the first hint has waited for long."""
        if not waiting:
            return False
        times, now = [hint.at for hint in waiting], self._clock()
        is_clock_back = now < min(times)
        return is_clock_back or now - max(times) >= QUIET or now - min(times) >= LONGEST_WAIT

    def _has_known_forms(self, source: str) -> bool:
        with self._store.database.read() as connection:
            return bool(known_forms(connection, source))

    def _pull(self, source: str, forms: Iterable[str]) -> bool:
        named = [argument for form in forms for argument in ("--form", form)]
        log = "changes" if source in self._told else "all"  # the first shows that it works
        is_done = self._run(["pull", source, *named, "--log", log, "--project", str(self._folder)])
        if is_done:
            self._told.add(source)
        return is_done

    def _run_child(self, arguments: list[str]) -> bool:
        # What it says goes where the server's own lines go.
        self._child = subprocess.Popen([sys.executable, "-m", "jekafo", *arguments])
        try:
            if self._stopped.is_set():  # stop() may have looked for a child before there was one
                self._child.terminate()
            return self._child.wait() in _DONE
        finally:
            self._child = None


_DONE = (0, 1)  # 1: done, and a person should look
