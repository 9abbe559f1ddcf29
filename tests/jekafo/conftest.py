"""What several tests of commands work on."""

from pathlib import Path

import pytest
from pull_bench import ANSWER, Bench
from servers.worlds import Answers

from forms.library import library_files, library_workbook

FORM = "community_perceptions"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as a designer keeps it: the workbook, and its CSVs beside it."""
    (tmp_path / f"{FORM}.xlsx").write_bytes(library_workbook(FORM))
    for name, content in library_files(FORM).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def nothing_lies_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable, `.env` or pyODK configuration of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KOBOTOOLBOX_URL", "KOBOTOOLBOX_TOKEN", "PYODK_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"JEKAFO_{name}", raising=False)


@pytest.fixture
def bench(nothing_lies_around: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A project without sources, and the servers that they may lead to."""
    del nothing_lies_around  # it only has to have been
    bench = Bench(tmp_path / "project")
    for command in ("pull", "review", "source_add", "source_list", "form_publish"):
        monkeypatch.setattr(f"jekafo.commands.{command}.wires_for", bench.wires)
    return bench


@pytest.fixture
def pulled(bench: Bench) -> Bench:
    """Three records of the simulated KoboToolbox, pulled once."""
    bench.add_kobo()
    for name in ("Awa", "Moussa", ANSWER):
        bench.kobo.submit(Answers(name=name))
    assert bench.run("pull", "kobo", "--form", bench.form()).exit_code == 0
    return bench
