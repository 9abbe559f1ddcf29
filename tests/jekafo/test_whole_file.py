"""A file is written whole or not at all."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jekafo.whole_file import write_whole


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 100 bytes, the log of the test run included: be short in here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["old.html", "new.html"])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(tmp_path: Path, name: str):
    (tmp_path / "old.html").write_bytes(b"old")

    with full_disk(), pytest.raises(OSError, match="too large"):
        write_whole(tmp_path / name, b"x" * 200)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"old.html": b"old"}


def test_a_link_stays_a_link_and_a_file_keeps_its_rights(tmp_path: Path):
    (tmp_path / "real.html").write_bytes(b"old")
    (tmp_path / "real.html").chmod(0o640)
    (tmp_path / "link.html").symlink_to("real.html")

    write_whole(tmp_path / "link.html", b"new")

    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_bytes() == b"new"
    assert (tmp_path / "real.html").stat().st_mode & 0o777 == 0o640
