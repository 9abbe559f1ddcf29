"""What several tests of commands work on."""

from pathlib import Path

import pytest

from forms.library import library_files, library_workbook

FORM = "community_perceptions"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as a designer keeps it: the workbook, and its CSVs beside it."""
    (tmp_path / f"{FORM}.xlsx").write_bytes(library_workbook(FORM))
    for name, content in library_files(FORM).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path
