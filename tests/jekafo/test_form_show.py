"""`jekafo form show`: the questionnaire in the terminal."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from jekafo.main import app

RUNNER = CliRunner()
FORM = "community_perceptions"


def run(*arguments: object, language: str = "en_GB.UTF-8") -> Result:
    return RUNNER.invoke(app, [str(argument) for argument in arguments], env={"LC_ALL": language, "COLUMNS": "80"})


def test_a_workbook_is_shown_in_the_language_asked_for(folder: Path) -> None:
    result = run("form", "show", folder / f"{FORM}.xlsx", "--language", "en")
    assert result.exit_code == 0, result.output
    assert "Only if Q7 is ‘Complete’" in result.output
    assert "Round 1 (March 2026)" in result.output


def test_an_instrument_of_the_library_is_shown_by_its_name(tmp_path: Path) -> None:
    result = run("form", "show", FORM, "--project", tmp_path / "none")
    assert result.exit_code == 0, result.output
    assert "Seulement si Q12 est «\u00a0Oui\u00a0»." in result.output
    assert not (tmp_path / "none").exists()


def test_a_published_form_is_shown_by_its_id(folder: Path) -> None:
    (folder / "small.md").write_text(
        "| survey | | | |\n| | type | name | label |\n| | integer | age | How old? |\n"
        "| settings | | |\n| | form_id | version |\n| | small | 1 |\n",
        encoding="utf-8",
    )
    assert run("form", "publish", folder / "small.md", "--project", folder / "project").exit_code == 0
    result = run("form", "show", "small", "--project", folder / "project")
    assert result.exit_code == 0, result.output
    assert "Q1    How old?" in result.output


def test_json_holds_the_questions_for_programs(folder: Path) -> None:
    result = run("form", "show", folder / f"{FORM}.xlsx", "--as", "json")
    assert json.loads(result.output)["form_id"] == FORM


def test_an_unknown_language_ends_with_3_and_names_those_there_are(folder: Path) -> None:
    result = run("form", "show", folder / f"{FORM}.xlsx", "--language", "Bambara")
    assert result.exit_code == 3
    assert "Français (fr), English (en)" in result.output


def test_a_name_of_nothing_ends_with_3_and_says_what_there_is(tmp_path: Path) -> None:
    result = run("form", "show", "absent.xlsx", "--project", tmp_path / "none", language="fr_FR.UTF-8")
    assert result.exit_code == 3
    assert "absent.xlsx" in result.output
    assert FORM in result.output


def test_a_workbook_that_does_not_compile_ends_with_1_and_its_findings(tmp_path: Path) -> None:
    (tmp_path / "typo.md").write_text(
        "| survey | | | |\n| | type | name | label |\n| | integr | age | Age |\n", encoding="utf-8"
    )
    assert run("form", "show", tmp_path / "typo.md").exit_code == 1
