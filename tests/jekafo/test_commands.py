"""The commands as a person types them: what they print, and the exit codes that scripts rely on."""

import json
import re
from pathlib import Path

from typer.testing import CliRunner, Result

from api.labels import Lexicon
from forms.library import library_workbook
from forms.read import read_form
from jekafo.commands.estimate import figure_table
from jekafo.main import app
from transform.figures import Estimate, Figure, FigureTable

RUNNER = CliRunner()
FORM = "community_perceptions"


def run(*arguments: object, language: str = "en_GB.UTF-8") -> Result:
    return RUNNER.invoke(app, [str(argument) for argument in arguments], env={"LC_ALL": language, "COLUMNS": "200"})


def test_a_sound_workbook_is_checked_without_a_finding(folder: Path) -> None:
    result = run("form", "check", folder / f"{FORM}.xlsx")
    assert result.exit_code == 0, result.output
    assert "nothing to mend" in result.output


def test_a_typo_in_a_workbook_is_named_by_sheet_and_row_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "typo.md").write_text(
        "| survey | | | |\n| | type | name | label |\n| | integr | age | Age |\n", encoding="utf-8"
    )
    result = run("form", "check", tmp_path / "typo.md")
    assert result.exit_code == 1
    assert re.search(r"typo\.md: survey row 2.*integr", result.output), result.output


def test_a_workbook_whose_csv_is_missing_does_not_pass_the_check(folder: Path) -> None:
    (folder / "psu.csv").unlink()
    result = run("form", "check", folder / f"{FORM}.xlsx")
    assert result.exit_code == 1
    assert "psu.csv" in result.output


def test_a_file_that_is_not_there_ends_with_3_and_says_so_in_french_too(tmp_path: Path) -> None:
    assert run("form", "check", tmp_path / "absent.xlsx").exit_code == 3
    assert "n'existe pas" in run("form", "check", tmp_path / "absent.xlsx", language="fr_FR.UTF-8").output


def test_a_form_published_twice_is_published_once(folder: Path) -> None:
    project = folder / "project"
    assert "Published" in run("form", "publish", folder / f"{FORM}.xlsx", "--project", project).output
    again = run("form", "publish", folder / f"{FORM}.xlsx", "--project", project)
    assert again.exit_code == 0
    assert "already" in again.output
    assert run("form", "list", "--project", project).output.count(FORM) == 1


def test_what_a_project_writes_may_be_read_by_its_owner_only(folder: Path) -> None:
    project = folder / "project"
    run("form", "publish", folder / f"{FORM}.xlsx", "--project", project)
    for path in (project, *project.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_an_enumerator_is_given_the_address_for_collect_and_a_lead_is_not(tmp_path: Path) -> None:
    tablet = run("user", "add", "tablet-1", "--role", "enumerator", "--project", tmp_path / "project")
    lead = run("user", "add", "awa", "--role", "lead", "--project", tmp_path / "project")
    assert re.search(r"http://127\.0\.0\.1:8080/key/\S{20,}", tablet.output)
    assert "/key/" not in lead.output
    assert re.search(r"awa \(lead\), password: \S{12,}", lead.output)


def test_a_role_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    assert run("user", "add", "awa", "--role", "boss", "--project", tmp_path / "project").exit_code == 2


def test_the_same_name_twice_is_refused_in_words(tmp_path: Path) -> None:
    run("user", "add", "awa", "--role", "lead", "--project", tmp_path / "project")
    again = run("user", "add", "awa", "--role", "lead", "--project", tmp_path / "project")
    assert again.exit_code == 3
    assert "awa" in again.output


def test_an_unknown_form_or_indicator_is_refused_in_words(folder: Path) -> None:
    project = folder / "project"
    run("form", "publish", folder / f"{FORM}.xlsx", "--project", project)
    assert run("estimate", "nothing", "trust", "--project", project).exit_code == 3
    run("build", "--project", project)
    unknown = run("estimate", FORM, "trust_in_nobody", "--project", project)
    assert unknown.exit_code == 3
    assert "trust_gend" in unknown.output


def test_an_estimate_without_a_submission_has_no_value_and_no_base(folder: Path) -> None:
    project = folder / "project"
    run("form", "publish", folder / f"{FORM}.xlsx", "--project", project)
    assert run("build", "--project", project).exit_code == 0
    result = run("estimate", FORM, "trust_gend", "--as", "json", "--project", project)
    total = json.loads(result.output)["figures"][0]
    assert (total["value"], total["base"], total["standard_error"]) == (None, 0, None)


def test_an_estimate_is_printed_in_the_words_of_the_form() -> None:
    form = read_form(library_workbook(FORM), f"{FORM}.xlsx")
    few = Estimate(value=0.25, base=4, psus=1)
    figures = FigureTable(
        FORM,
        "trust_gend",
        "share",
        ("sex",),
        None,
        (Figure({}, few), Figure({"sex": "f"}, few), Figure({"sex": "9"}, few)),
    )
    table = figure_table(figures, Lexicon(form, {}, "fr"))
    first = [str(cell) for cell in table.columns[0].cells]
    assert "Femme" in first
    assert first[-1] == "9"  # no choice: the code itself
    assert str(table.columns[0].header) != "sex"
    assert "trust_gend (share)" in str(table.title)


def test_the_status_of_an_empty_project_says_that_nothing_waits(tmp_path: Path) -> None:
    run("user", "add", "awa", "--role", "lead", "--project", tmp_path / "project")
    assert "Nothing waits" in run("status", "--project", tmp_path / "project").output


def test_a_disabled_tablet_is_no_longer_listed_and_its_name_says_what_to_do(tmp_path: Path) -> None:
    project = tmp_path / "project"
    run("user", "add", "tablet-1", "--role", "enumerator", "--project", project)
    assert "tablet-1" in run("user", "list", "--project", project).output
    assert run("user", "disable", "tablet-1", "--project", project).exit_code == 0
    assert "tablet-1" not in run("user", "list", "--project", project).output
    again = run("user", "disable", "tablet-1", "--project", project)
    assert again.exit_code == 3
    assert "jekafo user list" in again.output


def test_a_program_s_token_is_printed_alone_so_that_a_script_can_take_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    run("user", "add", "ana", "--role", "analyst", "--project", project)
    assert re.fullmatch(r"\S{20,}\n", run("user", "token", "ana", "--project", project).output)


def test_looking_at_a_project_that_is_not_there_makes_none(tmp_path: Path) -> None:
    result = run("status", "--project", tmp_path / "absent")
    assert result.exit_code == 3
    assert "no project" in result.output
    assert not (tmp_path / "absent").exists()


def test_a_form_that_no_tablet_can_open_is_not_published(tmp_path: Path) -> None:
    # pyxform compiles it: the constraint is XPath that JavaRosa cannot parse.
    (tmp_path / "broken.md").write_text(
        "| survey | | | | |\n| | type | name | label | constraint |\n| | integer | age | Age | . >> 3 |\n",
        encoding="utf-8",
    )
    result = run("form", "publish", tmp_path / "broken.md", "--project", tmp_path / "project")
    assert result.exit_code == 1, result.output
    assert "survey row 2, column constraint: error" in result.output
    assert "A question, number, text or function is missing before `>`" in result.output
    assert not (tmp_path / "project").exists()
