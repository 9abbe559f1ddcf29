"""Compare what a server lists with what we hold: which records to fetch, and which are gone.

A sweep of any size takes a bit of memory for each record held, and a page of rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from store.database import Connection
from store.kept import Store
from store.mirror.records import Mirrored, highest_key, mirror_pages, mirrored, mirrored_by_root
from sync.source import Batch, Fingerprint


@dataclass(slots=True)
class Wanted:
    """Records to fetch, in the order they were listed. forced: even where their mark is the one we know."""

    remote_ids: list[str] = field(default_factory=list)
    forced: set[str] = field(default_factory=set)

    def add(self, more: "Wanted") -> None:
        """Take in more, each record once."""
        self.remote_ids = list(dict.fromkeys((*self.remote_ids, *more.remote_ids)))
        self.forced |= more.forced


class Comparison:
    """What we hold of one remote form, asked page by page."""

    def __init__(self, store: Store, state_key: int) -> None:
        self._store = store
        self._state_key = state_key

    def differing(self, batch: Batch) -> Wanted:
        """Return the records of a feed's batch that differ from what we hold."""
        with self._store.database.read() as connection:
            held = mirrored(connection, self._state_key, [mark.remote_id for mark in batch.fingerprints])
        wanted = Wanted([mark.remote_id for mark in batch.fingerprints if _differs(mark, held.get(mark.remote_id))])
        wanted.remote_ids.extend(set(batch.changed).difference(wanted.remote_ids))
        wanted.forced.update(batch.changed)
        return wanted

    def held_by_root(self, root_ids: Iterable[str]) -> list[int]:
        """Return the keys of what we hold, and have not seen go, under these root ids."""
        with self._store.database.read() as connection:
            rows = mirrored_by_root(connection, self._state_key, list(root_ids))
        return [row.key for row in rows if not row.is_gone]

    def sweep(self) -> "Sweep":
        """Begin to compare with everything on the server; what we hold now is what can turn out to be gone."""
        with self._store.database.read() as connection:
            return Sweep(self._store, self._state_key, highest_key(connection, self._state_key))


class Sweep:
    """A comparison with a complete list. Show it every batch; then ask what was not in any."""

    def __init__(self, store: Store, state_key: int, highest: int) -> None:
        self._store = store
        self._state_key = state_key
        self._highest = highest
        self._seen = bytearray(highest // 8 + 1)

    def differing(self, batch: Batch) -> list[str]:
        """Note the batch as seen and return what to fetch of it; what is set aside is tried again."""
        with self._store.database.read() as connection:
            held = mirrored(connection, self._state_key, [mark.remote_id for mark in batch.fingerprints])
        for row in held.values():
            if row.key <= self._highest:
                self._seen[row.key >> 3] |= 1 << (row.key & 7)
        aside = {row.remote_id for row in held.values() if row.is_set_aside}
        return [
            mark.remote_id
            for mark in batch.fingerprints
            if mark.remote_id in aside or _differs(mark, held.get(mark.remote_id))
        ]

    def unseen(self) -> Iterator[list[int]]:
        """Give, in lists, the keys of what we held when the sweep began and no batch named."""
        after = 0
        while rows := self._rows(after):
            gone = [row.key for row in rows if not row.is_gone and self._is_unseen(row.key)]
            if gone:
                yield gone
            after = rows[-1].key

    def _is_unseen(self, key: int) -> bool:
        return key <= self._highest and not self._seen[key >> 3] & 1 << (key & 7)

    def _rows(self, after: int) -> list[Mirrored]:
        connection: Connection
        with self._store.database.read() as connection:
            return mirror_pages(connection, self._state_key, after_key=after)


def _differs(mark: Fingerprint, held: Mirrored | None) -> bool:
    return held is None or held.is_gone or held.mark != mark.mark
