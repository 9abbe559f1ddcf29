"""`jekafo form print`: the paper questionnaire as a file."""

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from forms.library import library_workbook
from jekafo.main import app

RUNNER = CliRunner()
FORM = "community_perceptions"


def run(*arguments: object, language: str = "en_GB.UTF-8") -> Result:
    return RUNNER.invoke(app, [str(argument) for argument in arguments], env={"LC_ALL": language, "COLUMNS": "200"})


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / f"{FORM}.xlsx"
    path.write_bytes(library_workbook(FORM))
    return path


def test_html_is_written_and_the_lists_to_take_along_are_named(workbook: Path) -> None:
    to = workbook.parent / "paper.html"
    result = run("form", "print", workbook, "--language", "en", "--to", to)
    assert result.exit_code == 0, result.output
    assert to.read_bytes().startswith(b"<!DOCTYPE html>")
    assert "psu.csv" in result.output


def test_a_word_document_is_written_where_the_name_ends_in_docx(workbook: Path) -> None:
    to = workbook.parent / "paper.docx"
    assert run("form", "print", workbook, "--to", to).exit_code == 0
    assert "word/document.xml" in zipfile.ZipFile(to).namelist()


def test_without_a_name_the_file_is_named_for_form_and_language(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workbook.parent)
    assert run("form", "print", workbook, "--language", "fr").exit_code == 0
    assert (workbook.parent / f"{FORM}-fr.html").is_file()


def test_a_file_that_is_there_is_kept_unless_forced(workbook: Path) -> None:
    to = workbook.parent / "paper.html"
    to.write_text("mine", encoding="utf-8")
    refused = run("form", "print", workbook, "--to", to, language="fr_FR.UTF-8")
    assert refused.exit_code == 3
    assert "--force" in refused.output
    assert to.read_text(encoding="utf-8") == "mine"
    assert run("form", "print", workbook, "--to", to, "--force").exit_code == 0
    assert to.read_bytes().startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("place", ["absent/paper.html", "folder.html"])
def test_a_place_that_cannot_be_written_ends_with_3(workbook: Path, place: str) -> None:
    (workbook.parent / "folder.html").mkdir()
    result = run("form", "print", workbook, "--to", workbook.parent / place)
    assert result.exit_code == 3
    assert "Name a file in" in result.output


def test_another_kind_of_file_is_wrong_usage(workbook: Path) -> None:
    assert run("form", "print", workbook, "--to", workbook.parent / "paper.pdf").exit_code == 2
