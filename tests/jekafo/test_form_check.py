"""`jekafo form check` as a designer, a script, a code host and pre-commit use it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from jekafo.main import FORM_COMMANDS, app

PROJECT = Path(__file__).resolve().parents[2]
CLEAN = """| survey |
| | type | name | label |
| | integer | children | How many children live here? |
| settings |
| | form_id | version | form_title |
| | household | 2026010101 | Household |
"""
BROKEN = CLEAN.replace("| | integer |", "| | integr |")
MISSING_FILE = CLEAN.replace("| settings |", "| | select_one_from_file towns.csv | town | Which town? |\n| settings |")


Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    runner = CliRunner()
    return lambda *arguments, **options: runner.invoke(app, ["form", "check", *map(str, arguments)], **options)


def written(folder: Path, text: str, name: str = "household.xlsx") -> Path:
    """Save a workbook whose sheets are written as markdown rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for line in text.splitlines():
        first, *rest = (cell.strip() for cell in line.strip("|").split("|"))
        if first:
            book.create_sheet(first)
        else:
            book.worksheets[-1].append(rest)
    path = folder / name
    book.save(path)
    return path


def test_a_clean_workbook_ends_with_0_and_is_summed_up_in_one_line(run: Run, tmp_path: Path):
    result = run(written(tmp_path, CLEAN), "--language", "en")
    assert result.exit_code == 0
    assert "household version 2026010101, 1 question asked, 0 indicators: 1 warning" in result.stdout


def test_the_summary_counts_what_people_are_asked(run: Run, tmp_path: Path):
    unasked = CLEAN.replace("| | integer", "| | start | begun | |\n| | deviceid | device | |\n| | integer", 1)
    assert unasked != CLEAN
    result = run(written(tmp_path, unasked), "--language", "fr")
    assert "1 question posée, 0 indicateur" in result.stdout


def test_an_error_ends_with_1_and_names_file_cell_severity_code_and_what_to_do(run: Run, tmp_path: Path):
    path = written(tmp_path, BROKEN)
    result = run(path, "--language", "en")
    assert result.exit_code == 1
    line = result.stdout.splitlines()[0]
    assert line.startswith(f"{path}: survey A2, column type: error unknown_question_type:")
    assert "integer" in line


def test_the_same_is_said_in_french(run: Run, tmp_path: Path):
    result = run(written(tmp_path, BROKEN), "--language", "fr")
    assert "survey A2, colonne type: erreur unknown_question_type" in result.stdout


def test_json_gives_each_finding_with_its_cell_and_both_languages(run: Run, tmp_path: Path):
    path = written(tmp_path, BROKEN)
    result = run(path, "--as", "json")
    read = json.loads(result.stdout)
    (finding,) = [found for found in read["files"][0]["findings"] if found["severity"] == "error"]
    assert result.exit_code == 1
    assert read["files"][0]["file"] == str(path)
    assert (finding["sheet"], finding["row"], finding["cell"]) == ("survey", 2, "A2")
    assert set(finding["message"]) == {"en", "fr"}
    assert read["errors"] == 1


def test_sarif_is_one_run_whose_results_point_to_their_rules(run: Run, tmp_path: Path):
    result = run(written(tmp_path, BROKEN), written(tmp_path, CLEAN, "clean.xlsx"), "--as", "sarif", "--language", "en")
    (sarif,) = json.loads(result.stdout)["runs"]
    rules = sarif["tool"]["driver"]["rules"]
    error = next(found for found in sarif["results"] if found["level"] == "error")
    assert rules[error["ruleIndex"]]["id"] == error["ruleId"] == "unknown_question_type"
    assert rules[error["ruleIndex"]]["shortDescription"]["text"]
    place = error["locations"][0]
    assert place["physicalLocation"]["region"]["startLine"] == 2
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "survey!A2"


@pytest.mark.parametrize(
    ("name", "uri"), [("été 1 #2.xlsx", "%C3%A9t%C3%A9%201%20%232.xlsx"), ("plain.xlsx", "plain.xlsx")]
)
def test_the_places_of_sarif_are_uris_relative_to_where_the_command_ran(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, uri: str
):
    monkeypatch.chdir(tmp_path)
    absolute = written(tmp_path, BROKEN, name)

    def places(path: Path | str) -> set[str]:
        (sarif,) = json.loads(run(path, "--as", "sarif").stdout)["runs"]
        return {
            location["physicalLocation"]["artifactLocation"]["uri"]
            for result in sarif["results"]
            for location in result["locations"]
        }

    assert places(name) == {uri}
    assert places(absolute) == {absolute.as_uri()}


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_utf_8_gets_its_text_and_a_program_its_json(tmp_path: Path, charset: str):
    file = written(tmp_path, BROKEN, "ɓaaɗe.xlsx")
    runner = CliRunner(charset=charset)

    text = runner.invoke(app, ["form", "check", str(file)])
    as_json = runner.invoke(app, ["form", "check", str(file), "--as", "json"])
    help_text = runner.invoke(app, ["--help"])

    assert (text.exit_code, help_text.exit_code) == (1, 0)
    assert "unknown_question_type" in text.stdout
    assert json.loads(as_json.stdout_bytes.decode())["errors"] == 1


def test_a_file_that_the_form_names_is_looked_for_beside_the_workbook(run: Run, tmp_path: Path):
    path = written(tmp_path, MISSING_FILE)
    without = run(path, "--language", "en")
    (tmp_path / "towns.csv").write_text("name,label\nkoro,Koro\n", encoding="utf-8")
    beside = run(path, "--language", "en")
    assert without.exit_code == 1
    assert "towns.csv" in without.stdout
    assert beside.exit_code == 0


def test_fail_on_moves_the_bar(run: Run, tmp_path: Path):
    broken = written(tmp_path, BROKEN)
    doubtful = written(tmp_path, CLEAN.replace("| integer | children |", "| integer | Children |"), "doubtful.xlsx")
    assert run(broken, "--fail-on", "never").exit_code == 0
    assert run(doubtful).exit_code == 0
    assert run(doubtful, "--fail-on", "info").exit_code == 1


def test_a_file_that_is_not_there_is_a_failure_with_its_name(run: Run, tmp_path: Path):
    result = run(tmp_path / "nowhere.xlsx")
    assert result.exit_code == 3
    assert "nowhere.xlsx" in result.output


def test_a_name_that_no_disk_takes_is_a_failure_with_a_message(run: Run, tmp_path: Path):
    result = run(tmp_path / ("x" * 300 + ".xlsx"))

    assert result.exit_code == 3
    assert "xxx.xlsx" in result.stderr


def test_the_pre_commit_hook_runs_a_command_that_exists_on_the_files_it_reads():
    text = (PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    hook = dict(re.findall(r"^\W*(\w+): (.+)$", text, re.MULTILINE))
    program, group, name = hook["entry"].split()
    assert (program, group) == ("jekafo", "form")
    assert name in FORM_COMMANDS
    assert hook["files"] == r"\.(xlsx|xls)$"


LIBRARY = PROJECT / "forms" / "library"
ASP, CSP = LIBRARY / "authority_perceptions.xlsx", LIBRARY / "community_perceptions.xlsx"


def test_forms_that_mirror_each_other_are_checked_together(run: Run, tmp_path: Path):
    book = openpyxl.load_workbook(ASP)
    rows = book["indicators"]
    headers = [cell.value for cell in rows[1]]
    row = next(row for row in rows.iter_rows(min_row=2) if row[headers.index("name")].value == "consulted")
    row[headers.index("counts")].value = "5"
    changed = tmp_path / ASP.name
    book.save(changed)
    for file in LIBRARY.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())

    alone = run(changed, "--language", "en")
    together = run(changed, CSP, "--language", "en")
    as_shipped = run(ASP, CSP, "--language", "en", "--fail-on", "info")

    assert alone.exit_code == 0
    assert together.exit_code == 1
    assert "mirror_counts: consulted counts 5" in together.stdout
    assert f"indicators {row[headers.index('mirror')].coordinate}, column mirror" in together.stdout
    assert as_shipped.exit_code == 0, as_shipped.stdout


def test_a_client_that_nobody_knows_is_wrong_usage(run: Run, tmp_path: Path):
    result = run(written(tmp_path, CLEAN), "--client", "abacus")
    assert result.exit_code == 2


def test_a_client_is_named_by_what_it_lacks(run: Run, tmp_path: Path):
    form = CLEAN.replace("| | integer | children |", "| | audio | voice |")
    without = run(written(tmp_path, form), "--language", "en")
    named = run(
        written(tmp_path, form.replace("audio", "background-audio")), "--client", "web-forms", "--language", "en"
    )
    assert "feature_unsupported" not in without.stdout
    assert "feature_unsupported" in named.stdout
    assert "ODK Web Forms" in named.stdout
