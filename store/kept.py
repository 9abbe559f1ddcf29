"""The store of a project: its database and its media folder, opened together."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store import migrate
from store.attachments import known_media
from store.database import Database
from store.engine import sqlite_file
from store.media import MediaFolder


@dataclass(frozen=True, slots=True)
class Store:
    """All that is kept of a project. What is derived from it (tables, figures) can be made anew."""

    database: Database
    media: MediaFolder

    @classmethod
    def open(cls, url: str, folder: Path) -> "Store":
        """Open the store, making what is not there yet and migrating the database up. Raises StoreError.

        folder: of the media. It and the folder of a SQLite file are readable by their owner alone where we make them.
        """
        file = sqlite_file(url)
        if file is not None:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        media = MediaFolder(folder)
        migrate.upgrade(url)
        return cls(Database.open(url), media)

    def sweep_media(self, *, before: datetime) -> int:
        """Remove media older than `before` that no row names; return how many."""
        with self.database.read() as connection:
            known = known_media(connection)
        return self.media.sweep(known, before=before)

    def close(self) -> None:
        """Finish the writes that are queued and let go of the database."""
        self.database.close()
