"""`jekafo form diff` as a designer types it: ranks, exit codes, collected submissions, older files."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from jekafo.main import app
from jekafo.project import opened
from jekafo.settings import Settings
from sync.receive import Delivery, receive

RUNNER = CliRunner()
AT = datetime(2026, 1, 5, tzinfo=UTC)

XML = """<data id="voices" version="{version}"><g><age>{age}</age><svc>{svc}</svc></g>
<meta><instanceID>uuid:{number}</instanceID></meta></data>"""


def workbook(
    version: str, *, age: str = "How old are you?", age_name: str = "age", services: str = "school health"
) -> bytes:
    book = openpyxl.Workbook()
    survey = book.worksheets[0]
    survey.title = "survey"
    for row in (
        ["type", "name", "label", "renamed_from"],
        ["begin_group", "g", "Group"],
        ["integer", age_name, age],
        ["select_multiple svc", "svc", "Which work?"],
        ["end_group"],
    ):
        survey.append(row)
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", "label"])
    for name in services.split():
        choices.append(["svc", name, name.title()])
    settings = book.create_sheet("settings")
    settings.append(["form_id", "form_title", "version"])
    settings.append(["voices", "Voices", version])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def run(*arguments: object, language: str = "en_GB.UTF-8") -> Result:
    return RUNNER.invoke(app, ["form", *map(str, arguments)], env={"LC_ALL": language, "COLUMNS": "200"})


@pytest.fixture
def save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes], Path]:
    monkeypatch.chdir(tmp_path)

    def write(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.fixture
def project(tmp_path: Path, save: Callable[[str, bytes], Path]) -> Path:
    """A project with three versions of a form, two submissions of the second and one of the third."""
    folder = tmp_path / "project"
    for version, label in (("1", "Age?"), ("2", "How old are you?"), ("3", "How old are you today?")):
        assert (
            run("publish", save(f"v{version}.xlsx", workbook(version, age=label)), "--project", folder).exit_code == 0
        )
    with opened(Settings(project=folder)) as open_project:
        for number, (version, age, svc) in enumerate(
            [("2", "30", "school health"), ("2", "", "school"), ("3", "44", "")]
        ):
            xml = XML.format(version=version, age=age, svc=svc, number=number).encode()
            receive(open_project.store, open_project.shelf, Delivery(xml, (), None, None, AT)).result()
    return folder


def test_a_file_that_does_not_differ_ends_with_0(save: Callable[[str, bytes], Path]) -> None:
    result = run("diff", save("a.xlsx", workbook("1")), save("b.xlsx", workbook("1")))
    assert result.exit_code == 0
    assert "No change." in result.output


def test_comparable_changes_end_with_0_and_breaking_ones_with_1(save: Callable[[str, bytes], Path]) -> None:
    old = save("a.xlsx", workbook("1"))
    assert run("diff", old, save("b.xlsx", workbook("2", age="What is your age?"))).exit_code == 0
    assert run("diff", old, save("c.xlsx", workbook("2", services="school"))).exit_code == 1
    assert run("diff", old, save("d.xlsx", workbook("1", age="What is your age?"))).exit_code == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en_GB.UTF-8", ["BREAKING", "COSMETIC", "Write g/age in survey!D3 (renamed_from).", "was", "no project"]),
        ("fr_FR.UTF-8", ["RUPTURE", "COSMÉTIQUE", "Écrivez g/age en survey!D3 (renamed_from).", "avant", "projet"]),
    ],
)  # fmt: skip
def test_people_read_it_in_their_language(save: Callable[[str, bytes], Path], language: str, words: list[str]) -> None:
    new = save("b.xlsx", workbook("2", age_name="years"))
    result = run("diff", save("a.xlsx", workbook("1")), new, language=language)
    assert result.exit_code == 1
    assert [word for word in words if word not in result.output] == []
    assert max(map(len, result.output.splitlines())) <= 110


def test_programs_read_it_as_json(save: Callable[[str, bytes], Path]) -> None:
    result = run(
        "diff", save("a.xlsx", workbook("1")), save("b.xlsx", workbook("2", services="school")), "--as", "json"
    )
    told = json.loads(result.output)
    assert (told["breaking"], told["submissions"], told["old"]) == (1, None, {"form_id": "voices", "version": "1"})
    removed = told["changes"][0]
    assert (removed["code"], removed["path"], removed["cell"], removed["in_old"]) == (
        "choice_removed", "svc/health", "B3", True,
    )  # fmt: skip
    assert removed["message"]["fr"]


def test_collected_submissions_are_counted_where_a_project_is_at_hand(
    project: Path, save: Callable[[str, bytes], Path]
) -> None:
    new = save("new.xlsx", workbook("4", age_name="years", services="school water"))
    told = json.loads(run("diff", "voices", new, "--project", project, "--as", "json").output)
    assert told["submissions"] == 3
    assert told["old"]["version"] == "3"
    counts = {(change["code"], change["path"]): change["submissions"] for change in told["changes"]}
    assert counts["question_renamed_undeclared", "g/years"] == 2
    assert counts["choice_removed", "svc/health"] == 1
    assert counts["choice_added", "svc/water"] == 2
    text = run("diff", "voices@2", new, language="fr_FR.UTF-8").output
    assert "3 soumissions collectées" in text
    assert "touche   2 soumissions" in text


def test_submissions_of_the_newer_version_itself_are_not_touched(project: Path) -> None:
    result = run("diff", "voices@2", "v3.xlsx", "--project", project, "--as", "json")
    told = json.loads(result.output)
    assert told["submissions"] == 2
    assert {change["code"]: change["submissions"] for change in told["changes"]}["label_changed"] == 1


def test_an_older_file_uploaded_again_is_recognised(project: Path, save: Callable[[str, bytes], Path]) -> None:
    again = save("again.xlsx", workbook("9", age="Age?"))
    result = run("diff", "voices", again, "--project", project)
    assert result.exit_code == 1
    assert "older_file_again" in result.output
    assert "This is version 1 of" in result.output
    assert "2 versions back" in result.output
    assert "older_file_again" not in run("diff", "voices@1", "v3.xlsx", "--project", project).output


def test_what_is_neither_file_nor_form_ends_with_3_and_names_what_there_is(
    project: Path, save: Callable[[str, bytes], Path]
) -> None:
    new = save("new.xlsx", workbook("4"))
    assert "voices" in run("diff", "choices", new, "--project", project).output
    assert run("diff", "voices@7", new, "--project", project).exit_code == 3
    assert run("diff", "absent.xlsx", new, "--project", project).exit_code == 3
    assert run("diff", "voices", "absent.xlsx", "--project", project).exit_code == 3
    assert run("diff", "voices", new, "--project", project.parent / "nowhere").exit_code == 3


def test_a_workbook_that_cannot_be_read_is_not_taken_for_a_breaking_change(
    save: Callable[[str, bytes], Path],
) -> None:
    broken = save("broken.md", b"| survey | | | |\n| | type | name | label |\n| | integr | age | Age |\n")
    result = run("diff", save("a.xlsx", workbook("1")), broken)
    assert result.exit_code == 3
    assert "integr" in result.output
