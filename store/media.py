"""Bytes of media, content-addressed on disk: photos and recordings of submissions, files that forms name.

The order of deeds is the promise: write to a temporary file on the same filesystem while hashing, fsync it, rename it
to its sha256, fsync the folder; only then may a row name it, and only after that row's commit may a device be told.
Which submission a medium belongs to is kept in rows (store.attachments, store.form_versions, store.quarantine).
"""

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from forms.text import Bilingual
from store.errors import StoreError

_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
_STAGING: Final = "staging"


class MediumUnknown(StoreError):
    """No bytes are kept under that sha256."""


@dataclass(frozen=True, slots=True)
class Medium:
    """Bytes that are on disk. Digests in lowercase hex; the md5 is what an OpenRosa manifest shows."""

    sha256: str
    md5: str
    size: int


class StagedMedium:
    """A medium on its way in. Use as a context manager; what is not kept by its end is discarded."""

    def __init__(self, home: "MediaFolder") -> None:
        self._home = home
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0
        self._kept = False

    def __enter__(self) -> Self:
        descriptor, name = tempfile.mkstemp(dir=self._home.staging)
        self._file = os.fdopen(descriptor, "wb")
        self._path = Path(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self._kept:
            self._path.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    def write(self, chunk: bytes) -> None:
        """Add the next bytes."""
        self._file.write(chunk)
        self._count(chunk)

    def seal(self) -> None:
        """End the writing: bytes on disk, handle let go, so that an upload of many media holds one open at a time."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def keep(self) -> Medium:
        """Make the bytes durable under their sha256 and say what they are; bytes already there stay one file."""
        self.seal()
        medium = Medium(self._sha256.hexdigest(), self._md5.hexdigest(), self._size)
        place = self._home.path(medium.sha256)
        self._home.make_durable(place.parent)
        # Also over a file that is there: the new one is young, so that a sweep under way does not take it.
        self._path.replace(place)
        _sync_folder(place.parent)
        self._kept = True
        return medium

    def _count(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._md5.update(chunk)
        self._size += len(chunk)


class MediaFolder:
    """A folder of media at `ab/cd/abcd…` (the first two bytes of the sha256), and `staging` for those on their way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.staging = folder / _STAGING
        self._durable: set[Path] = set()
        self._gate = threading.Lock()
        self.make_durable(self.staging)

    def stage(self) -> StagedMedium:
        """Return a medium to write to, as a context manager."""
        return StagedMedium(self)

    def path(self, sha256: str) -> Path:
        """Where the bytes of that sha256 are, or would be. Raises MediumUnknown for what is no sha256."""
        if not _SHA256.match(sha256):
            raise MediumUnknown(
                Bilingual(
                    "A medium is asked for by something that is no sha256 (64 lowercase hexadecimal digits).",
                    "Un média est demandé par autre chose qu’un sha256 (64 chiffres hexadécimaux en minuscules).",
                )
            )
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def holds(self, sha256: str) -> bool:
        """Whether the bytes are here."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading. Raises MediumUnknown where they are not here."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise MediumUnknown(
                Bilingual(
                    f"The media folder holds no file {sha256}. If it was restored from a backup, restore the media "
                    "of the same day too.",
                    f"Le dossier des médias ne contient pas le fichier {sha256}. S’il provient d’une sauvegarde, "
                    "restaurez aussi les médias du même jour.",
                )
            ) from error

    def sweep(self, known: Collection[str], *, before: datetime) -> int:
        """Remove files that no row names and unfinished uploads, both older than `before`; return how many.

        `before` leaves room for uploads whose row is not committed yet: a day ago, say. `known` is read before the
        sweep begins.
        """
        limit = before.timestamp()
        removed = 0
        for path in list(self._files()):
            if path.name in known and path.parent != self.staging:
                continue
            if _remove_if_old(path, limit, self.staging):
                removed += 1
        return removed

    def make_durable(self, folder: Path) -> None:
        """Make the folder, with its entry in each folder above it on disk. Done once a process and folder."""
        with self._gate:
            if folder in self._durable:
                return
            for level in reversed([folder, *folder.parents]):
                # One by one: mkdir(parents=True) would give its mode to the last only.
                level.mkdir(mode=0o700, exist_ok=True)
            # Synced even where another made the folder: it may have done so a moment ago, without a sync yet.
            above = folder
            while above != self.folder.parent:
                above = above.parent
                _sync_folder(above)
            self._durable.add(folder)

    def _files(self) -> Iterator[Path]:
        yield from self.staging.iterdir()
        yield from (path for path in self.folder.glob("??/??/*") if _SHA256.match(path.name))


def _remove_if_old(path: Path, limit: float, staging: Path) -> bool:
    """Remove the file unless it is, or meanwhile became, young."""
    try:
        if path.stat().st_mtime >= limit:
            return False
        # The same bytes may arrive between the look at the age and the removal. So it is taken aside and looked at
        # again: a young one goes back, before the row that will name it can be committed.
        aside = staging / f"{path.name}.swept"
        path.replace(aside)
        if aside.stat().st_mtime >= limit:
            aside.replace(path)
            return False
        aside.unlink()
    except FileNotFoundError:  # another sweep was faster, or the upload ended
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
