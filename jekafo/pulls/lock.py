"""One pull at a time for each form of a source, and how far it has come for whoever asks meanwhile.

A file a form in `pulls/` of the project's folder, locked while a pull runs. The kernel lets go of the lock when the
process ends, however it ends; a file that nobody holds says nothing.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from hashlib import sha256
from pathlib import Path

from forms.errors import JekafoError
from forms.text import Bilingual

_EACH = timedelta(seconds=0.5)
# Who looks holds the lock too, for a moment: a pull that begins just then is not one too many.
_TRIES, _PAUSE_SECONDS = 5, 0.05


@dataclass(frozen=True, slots=True)
class PullProgress:
    """A pull that runs. stage: `looking`, `fetching`, `media`, or "" at the very start; total None: not known yet."""

    source: str
    remote_id: str
    title: str
    started_at: datetime
    pid: int
    stage: str = ""
    done: int = 0
    total: int | None = None


class PullRunning(JekafoError):
    """Another process pulls this form of this source right now."""

    def __init__(self, source: str, remote_id: str, running: PullProgress | None) -> None:
        since = running and f"{running.started_at:%Y-%m-%d %H:%M:%S} UTC"
        by_en = f", since {since}, in process {running.pid}" if running else ""
        by_fr = f", depuis {since}, dans le processus {running.pid}" if running else ""
        super().__init__(
            Bilingual(
                f"{source}, form {remote_id}: a pull runs already{by_en}. Nothing was done; `jekafo status` shows how "
                "far it is.",
                f"{source}, formulaire {remote_id} : une récupération est déjà en cours{by_fr}. Rien n'a été fait ; "
                "`jekafo status` montre où elle en est.",
            )
        )
        self.running = running


class PullNote:
    """Where a pull that runs notes how far it is. Not often: it is for people."""

    def __init__(self, descriptor: int, started: PullProgress, clock: Callable[[], datetime]) -> None:
        self._descriptor = descriptor
        self._started = started
        self._clock = clock
        self._noted_at = started.started_at
        self._stage = ""
        self._write(started)

    def note(self, stage: str, done: int, total: int | None) -> None:
        """Note the progress, at once where the stage is another, else every half second."""
        now = self._clock()
        if stage == self._stage and now - self._noted_at < _EACH:
            return
        self._stage, self._noted_at = stage, now
        self._write(replace(self._started, stage=stage, done=done, total=total))

    def _write(self, progress: PullProgress) -> None:
        content = json.dumps(
            {
                "source": progress.source,
                "form": progress.remote_id,
                "title": progress.title,
                "started_at": progress.started_at.isoformat(),
                "pid": progress.pid,
                "stage": progress.stage,
                "done": progress.done,
                "total": progress.total,
            }
        ).encode()
        # In place: a new file would be another lock. A disk that is full must not end a pull that has room elsewhere.
        with suppress(OSError):
            os.pwrite(self._descriptor, content, 0)
            os.ftruncate(self._descriptor, len(content))


@contextmanager
def only_pull(
    folder: Path,
    *,
    source: str,
    remote_id: str,
    title: str,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[PullNote]:
    """Hold the form of the source for one pull. folder: the project's. Raises PullRunning where another holds it."""
    pulls = _pulls(folder)
    pulls.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = pulls / f"{source}.{sha256(remote_id.encode()).hexdigest()[:16]}.json"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        for left in reversed(range(_TRIES)):
            try:
                flock(descriptor, LOCK_EX | LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise PullRunning(source, remote_id, _read(descriptor)) from None
                sleep(_PAUSE_SECONDS)
        yield PullNote(descriptor, PullProgress(source, remote_id, title, clock(), os.getpid()), clock)
    finally:
        os.close(descriptor)


def running_pulls(folder: Path) -> list[PullProgress]:
    """Return the pulls that run right now, by source and form. folder: the project's."""
    found = (_running(path) for path in sorted(_pulls(folder).glob("*.json")))
    return sorted((one for one in found if one is not None), key=lambda one: (one.source, one.remote_id))


def _pulls(folder: Path) -> Path:
    return folder / "pulls"


def _running(path: Path) -> PullProgress | None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        flock(descriptor, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> PullProgress | None:
    """What the holder noted last; None while it is writing its first words."""
    for _ in range(3):
        try:
            noted = json.loads(os.pread(descriptor, 65_536, 0))
            return PullProgress(
                source=str(noted["source"]),
                remote_id=str(noted["form"]),
                title=str(noted["title"]),
                started_at=datetime.fromisoformat(noted["started_at"]),
                pid=int(noted["pid"]),
                stage=str(noted["stage"]),
                done=int(noted["done"]),
                total=None if noted["total"] is None else int(noted["total"]),
            )
        except (ValueError, KeyError, TypeError):
            continue  # read in the middle of a write
    return None
