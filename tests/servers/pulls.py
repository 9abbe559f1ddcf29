"""Stores to pull into, pulls of a simulated world, and the two truths that a store is held against afterwards."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from servers.kept import Kept, kept
from servers.worlds import World

from store.kept import Store
from sync.pull import Media, PullPlan, PullReport, pull_form
from sync.wires import Wires


@cache
def _template() -> Path:
    """An empty store, migrated once and copied from then on: a migration takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="jekafo-template-"))
    open_store(folder).close()
    return folder


def open_store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'jekafo.sqlite'}", folder / "media")


def new_store() -> tuple[Store, Path]:
    """An empty store and its folder, which whoever asked removes."""
    folder = Path(tempfile.mkdtemp(prefix="jekafo-pulls-"))
    shutil.copytree(_template(), folder, dirs_exist_ok=True)
    return open_store(folder), folder


@contextmanager
def fresh_store() -> Iterator[Store]:
    """An empty store, on disk as long as the context lasts."""
    store, folder = new_store()
    try:
        yield store
    finally:
        store.close()
        shutil.rmtree(folder)


def pull(world: World, store: Store, *, sweep: bool = False, media: Media = Media.ALL) -> PullReport:
    """Pull the world's form by a source of its own, as a new process does."""
    source = world.source()
    wires = Wires(clock=world.clock.now, sleep=world.clock.sleep, chance=lambda: 0.5)
    plan = PullPlan(media=media, sweep=sweep)
    return pull_form(store, source, world.remote_form(source), plan, wires, lambda _stage, _done, _total: None)


def full_download(world: World, form_id: str = "household") -> dict[str, Kept]:
    """What an empty store keeps after one pull."""
    with fresh_store() as store:
        pull(world, store)
        return kept(store, form_id)


def assert_store_equals_server(world: World, store: Store, form_id: str = "household") -> None:
    """Hold what is kept against what the server says of itself, and against a full download, bit for bit."""
    held, truth = kept(store, form_id), world.truth()
    assert {root: (each.instance_id, each.review) for root, each in held.items()} == {
        root: (each.instance_id, each.review) for root, each in truth.items()
    }
    assert {root: tuple(name for name, _ in each.attachments) for root, each in held.items()} == {
        root: each.files for root, each in truth.items()
    }
    assert held == full_download(world, form_id)


_RECORDS = """
    SELECT s.root_id, v.instance_id, v.version, v.answers, v.raw, s.received_at, s.submitter, s.device_id, s.review
    FROM submissions s JOIN submission_versions v ON v.submission_id = s.id AND v.ordinal = s.current_ordinal
    WHERE s.form_id = ? AND s.deleted_at IS NULL
"""
_LISTED = """
    SELECT s.root_id, m.name, m.state, CASE m.state WHEN 'received' THEN m.sha256 END
    FROM submissions s JOIN mirrored_records r ON r.submission_id = s.id JOIN remote_media m ON m.mirrored_id = r.id
    WHERE s.form_id = ? AND s.deleted_at IS NULL AND r.gone_at IS NULL
"""
_ATTACHED = """
    SELECT s.root_id, 'here', a.name, a.sha256
    FROM submissions s JOIN submission_versions v ON v.submission_id = s.id AND v.ordinal = s.current_ordinal
    JOIN attachments a ON a.version_id = v.id
    WHERE s.form_id = ? AND s.deleted_at IS NULL AND a.removed_at IS NULL
"""


def digests(store: Store, form_id: str = "household") -> dict[str, str]:
    """What `servers.kept` says of each record, as a digest by root id: to hold large stores together."""
    told: dict[str, list[object]] = {}
    with store.database.read() as connection:
        for query in (_RECORDS, _LISTED, _ATTACHED):
            rows = connection.exec_driver_sql(query, (form_id,))
            for root_id, *row in sorted(rows, key=repr) if query is not _RECORDS else rows:
                told.setdefault(root_id, []).append(row)
    return {root_id: hashlib.sha256(repr(rows).encode()).hexdigest() for root_id, rows in told.items()}
