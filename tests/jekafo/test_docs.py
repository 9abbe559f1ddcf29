"""What the documents say is held against the product."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jekafo.main import COMMANDS, FORM_COMMANDS, SOURCE_COMMANDS, USER_COMMANDS, app
from jekafo.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").glob("*.md"))]


def commands() -> set[str]:
    """Every command as it is typed after `jekafo`."""
    return {
        *COMMANDS,
        *(f"form {name}" for name in FORM_COMMANDS),
        *(f"source {name}" for name in SOURCE_COMMANDS),
        *(f"user {name}" for name in USER_COMMANDS),
    }


def test_every_command_can_be_imported_and_says_what_it_does() -> None:
    runner = CliRunner()
    for command in commands():
        result = runner.invoke(app, [*command.split(), "--help"])
        assert result.exit_code == 0, command
        assert "Usage" in result.output, command


def test_every_file_of_commands_is_a_command() -> None:
    files = {path.stem for path in (PROJECT / "jekafo" / "commands").glob("*.py")} - {"__init__", "options"}
    wired = [*COMMANDS.values(), *FORM_COMMANDS.values(), *SOURCE_COMMANDS.values(), *USER_COMMANDS.values()]
    assert files - {place.partition(":")[0] for place in wired} == {"user_lookup"}


def test_the_settings_page_lists_every_setting_and_no_other() -> None:
    page = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(JEKAFO_\w+)`", page, re.MULTILINE)) == {
        f"JEKAFO_{name.upper()}" for name in Settings.model_fields
    }


def test_the_readme_names_every_command_and_no_command_that_is_not_there() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    named = {
        match.group(1) if match.group(1) in commands() else f"{match.group(1)} {match.group(2)}"
        for match in re.finditer(r"^jekafo (\w+)(?: (\w+))?", readme, re.MULTILINE)
    }
    assert named == commands()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_and_link_in_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text)
    paths = re.findall(r"`((?:forms|transform|store|sync|api|jekafo|tests|docs|bench)/[\w./-]*)`", text)
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [path for path in paths if not (PROJECT / path).exists()]
    assert missing == []


def test_the_readme_draws_every_room_that_is_there() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert {room for room in rooms if f"{room}/" not in readme} == set()
