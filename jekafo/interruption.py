"""Ctrl-C while something waits for a server: heard at once, and a second one does not wait for anything."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from forms.text import Bilingual
from jekafo.settings import terminal_language

INTERRUPTED = 130
"""The exit code, as shells say it."""

_STOPPING = Bilingual(
    "\nStopping; nothing is lost. Answers that are under way are waited for; press Ctrl-C again not to wait.\n",
    "\nArrêt ; rien n'est perdu. Les réponses en cours sont attendues ; refaites Ctrl-C pour ne pas attendre.\n",
)


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first Ctrl-C into a word and a KeyboardInterrupt, and the second into the end of the process.

    For work that may be cut off at any point without harm.
    """
    # Made ready here: a handler that formats or locks may run in the middle of either.
    stopping = _STOPPING.in_language(terminal_language()).encode(errors="replace")

    def end(_signal: int, _frame: FrameType | None) -> None:
        os._exit(INTERRUPTED)

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, end)
        os.write(2, stopping)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
