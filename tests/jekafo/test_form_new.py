"""`jekafo form new`: what it makes passes the check, and nothing of a user's is written over."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from forms.library import library_files, library_forms
from jekafo.commands.form_new import Instrument
from jekafo.main import app
from jekafo.terminal import FAILED

RUNNER = CliRunner()
USAGE = 2


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


def new(*arguments: str | Path) -> Result:
    return RUNNER.invoke(app, ["form", "new", *map(str, arguments)])


def check(file: Path) -> Result:
    return RUNNER.invoke(app, ["form", "check", str(file), "--fail-on", "info"])


def test_a_new_workbook_passes_the_check_without_a_finding(tmp_path: Path):
    file = tmp_path / "Enquête 2026.xlsx"
    made = new(file)

    assert made.exit_code == 0
    assert "form_id enquete_2026" in made.output
    checked = check(file)
    assert (checked.exit_code, "nothing to mend" in checked.output) == (0, True), checked.output


@pytest.mark.parametrize("instrument", library_forms())
def test_a_copy_of_an_instrument_lies_with_its_files_and_passes_the_check(instrument: str, tmp_path: Path):
    file = tmp_path / "ours.xlsx"
    made = new(file, "--like", instrument, "--title", "Our survey")

    assert made.exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"ours.xlsx", *library_files(instrument)}
    assert {name: (tmp_path / name).read_bytes() for name in library_files(instrument)} == library_files(instrument)
    checked = check(file)
    assert (checked.exit_code, "nothing to mend" in checked.output) == (0, True), checked.output


def test_every_shipped_instrument_can_be_asked_for():
    assert tuple(Instrument) == library_forms()


def test_it_says_the_commands_to_type_next_with_the_path_as_a_shell_takes_it(tmp_path: Path):
    file = tmp_path / "my survey.xlsx"
    said = new(file).output
    for command in ("form check", "form show", "simulate", "form print", "form publish"):
        assert f"jekafo {command} '{file}'" in said


def test_a_file_that_is_there_is_written_over_only_when_asked(tmp_path: Path):
    file = tmp_path / "mine.xlsx"
    file.write_bytes(b"a night's work")
    refused = new(file)

    assert refused.exit_code == FAILED
    assert "--force" in refused.output
    assert file.read_bytes() == b"a night's work"
    assert new(file, "--force").exit_code == 0
    assert check(file).exit_code == 0


def test_a_csv_of_the_users_keeps_the_whole_copy_from_being_written(tmp_path: Path):
    (tmp_path / "fg_plan.csv").write_text("name,label\nFG-001,ours\n")
    refused = new(tmp_path / "mine.xlsx", "--like", "focus_group")

    assert refused.exit_code == FAILED
    assert "fg_plan.csv" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["fg_plan.csv"]
    assert (tmp_path / "fg_plan.csv").read_text() == "name,label\nFG-001,ours\n"


def test_two_instruments_share_a_folder_where_their_files_are_the_same(tmp_path: Path):
    assert new(tmp_path / "a.xlsx", "--like", "community_perceptions").exit_code == 0
    assert new(tmp_path / "b.xlsx", "--like", "authority_perceptions").exit_code == 0
    assert check(tmp_path / "a.xlsx").exit_code == check(tmp_path / "b.xlsx").exit_code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine.xls", "must end with .xlsx"),
        ("mine", "must end with .xlsx"),
        ("2026.xlsx", "Choose another name"),
        ("no/such/mine.xlsx", "Make it first"),
    ],
)
def test_a_path_that_will_not_do_is_told_and_nothing_is_written(name: str, said: str, tmp_path: Path):
    refused = new(tmp_path / name)
    assert refused.exit_code == FAILED
    assert said in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_written_over_even_when_asked(tmp_path: Path):
    (tmp_path / "mine.xlsx").mkdir()
    refused = new(tmp_path / "mine.xlsx", "--force")
    assert refused.exit_code == FAILED
    assert "is a folder" in refused.output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_one_may_not_write_in_is_told(tmp_path: Path):
    tmp_path.chmod(0o500)
    refused = new(tmp_path / "mine.xlsx")
    tmp_path.chmod(0o700)
    assert refused.exit_code == FAILED
    assert "cannot be written" in refused.output


def test_languages_go_with_the_small_survey_only(tmp_path: Path):
    file = tmp_path / "mine.xlsx"
    assert new(file, "--languages", "Bamanankan (bm), English (en)").exit_code == 0
    assert check(file).exit_code == 0
    assert new(tmp_path / "b.xlsx", "--languages", "Bamanankan (bm)").exit_code == FAILED
    assert new(tmp_path / "c.xlsx", "--like", "focus_group", "--languages", "English (en)").exit_code == USAGE
    assert [path.name for path in tmp_path.iterdir()] == ["mine.xlsx"]


def test_it_speaks_french_to_a_french_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    file = tmp_path / "mien.xlsx"
    assert "Ouvrez-le dans Excel ou LibreOffice" in new(file).output
    file.write_bytes(b"x")
    assert "Existe déjà" in new(file).output
