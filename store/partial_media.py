"""Media that came in part: their bytes on disk, so that a download which broke off goes on where it ended.

A note beside the bytes says which (`etag`) and how many of them are safe; it is written only after these are on disk,
and bytes of another etag have another file. So whatever a crash leaves behind, no medium is pieced together from two.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from store.media import MediaFolder, Medium, StagedMedium

NOTED_EVERY: Final = 4_194_304
"""Bytes after which what came so far is made safe: what a power cut costs at most."""

_PARTIAL: Final = "partial"
_CHUNK: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class _Note:
    etag: str
    size: int


class PartialMedia:
    """The folder `partial` of a media folder. No name from a server is used on disk."""

    def __init__(self, home: MediaFolder) -> None:
        self._home = home
        self._folder = home.folder / _PARTIAL
        home.make_durable(self._folder)

    def open(self, *names: str) -> "PartialMedium":
        """Return what came so far of the medium that these names (source, form, record, medium) mean together.

        Use as a context manager. One at a time for the same names: that is for the caller to hold.
        """
        key = hashlib.sha256(json.dumps(names).encode()).hexdigest()
        return PartialMedium(self._home, self._folder, key)

    def sweep(self, *, before: datetime) -> int:
        """Remove what nobody went on with since `before`; return how many files."""
        removed = 0
        for path in self._folder.iterdir():
            try:
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    removed += 1
            except FileNotFoundError:  # it was kept meanwhile
                continue
        return removed


class PartialMedium(StagedMedium):
    """A medium whose bytes outlive a broken download. Call `begin` or `resume` before writing.

    etag, offset: which bytes are here and how many; None and 0 where there are none to go on from.
    """

    def __init__(self, home: MediaFolder, folder: Path, key: str) -> None:
        super().__init__(home)
        self._folder = folder
        self._key = key
        note = self._read_note()
        self.etag = note.etag if note else None
        self.offset = note.size if note else 0
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_open or self._kept:
            return
        try:
            if self.etag is not None and not self._file.closed:
                self._note_progress()
        finally:
            self._file.close()
            self._is_open = False
        if self.etag is None:
            self._path.unlink(missing_ok=True)

    def begin(self, etag: str | None) -> None:
        """Start from the first byte. etag None: nothing will be left to go on from."""
        self.forget()
        self.etag = etag
        self._path = self._bytes_of(etag)
        self._file = self._path.open("wb")
        self._path.chmod(0o600)
        self._is_open = True

    def resume(self) -> None:
        """Go on behind `offset`."""
        self._path = self._bytes_of(self.etag)
        os.truncate(self._path, self.offset)
        with self._path.open("rb") as here:
            while chunk := here.read(_CHUNK):
                self._count(chunk)
        self._file = self._path.open("ab")
        self._is_open = True

    def write(self, chunk: bytes) -> None:
        """Add the next bytes."""
        super().write(chunk)
        if self.etag is not None and self.size - self.offset >= NOTED_EVERY:
            self._note_progress()

    def keep(self) -> Medium:
        """Make the bytes durable under their sha256 and say what they are; nothing is left in part."""
        self.seal()
        # Young, however long ago its last byte came: a sweep of the media folder takes old files without a row.
        os.utime(self._path)
        medium = super().keep()
        self._note_path.unlink(missing_ok=True)
        return medium

    def forget(self) -> None:
        """Remove what came so far."""
        self._note_path.unlink(missing_ok=True)
        for path in self._folder.glob(f"{self._key}-*"):
            path.unlink(missing_ok=True)
        self.etag, self.offset = None, 0

    @property
    def _note_path(self) -> Path:
        return self._folder / f"{self._key}.json"

    def _bytes_of(self, etag: str | None) -> Path:
        return self._folder / f"{self._key}-{hashlib.sha256((etag or '').encode()).hexdigest()[:16]}"

    def _note_progress(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self.offset = self.size
        fresh = self._folder / f"{self._key}.new"
        fresh.write_text(json.dumps({"etag": self.etag, "size": self.size}))
        fresh.replace(self._note_path)

    def _read_note(self) -> _Note | None:
        try:
            said = json.loads(self._note_path.read_text())
            note = _Note(str(said["etag"]), int(said["size"]))
            return note if self._bytes_of(note.etag).stat().st_size >= note.size else None
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
