"""Fixtures that several rooms' tests need."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the checkout; what needs it is skipped where it is absent."""
    folder = Path(os.environ.get("JEKAFO_TEST_SHARED", PROJECT.parent / "shared"))
    if not (folder / "DESIGN.md").is_file():
        pytest.skip(f"the reference folder {folder} is absent (JEKAFO_TEST_SHARED names another place)")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that hold slow tests: run side by side, no worker ends long after the others."""
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    items.sort(key=lambda item: item.path not in slow)
