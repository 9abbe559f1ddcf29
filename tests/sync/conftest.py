"""Fixtures of sync's tests: an empty store on disk, its shelf, and the household form with a submission of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.kept import Store
from sync.shelf import Shelf

INSTANCES = Path(__file__).resolve().parent.parent / "instances"
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'jekafo.sqlite'}", tmp_path / "media")
    yield store
    store.close()


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store)


@pytest.fixture
def household() -> bytes:
    return (INSTANCES / "household.xml").read_bytes()


@pytest.fixture
def submission() -> bytes:
    return (INSTANCES / "household-1.xml").read_bytes()
