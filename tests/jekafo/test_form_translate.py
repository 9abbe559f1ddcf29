"""`jekafo form translate` as a designer types it."""

from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from forms.library import library_workbook
from forms.translation import layout
from jekafo.main import app

RUNNER = CliRunner()
FORM = "community_perceptions"


def run(*arguments: object, language: str = "en_GB.UTF-8") -> Result:
    return RUNNER.invoke(app, ["form", "translate", *map(str, arguments)], env={"LC_ALL": language, "COLUMNS": "200"})


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / f"{FORM}.xlsx"
    path.write_bytes(library_workbook(FORM))
    path.chmod(0o640)
    return path


@pytest.fixture
def back(workbook: Path, tmp_path: Path) -> Path:
    """What a translator sends back: two texts filled, one of them without its reference or with one too many."""
    path = tmp_path / "ffm.xlsx"
    assert run(workbook, "Fulfulde (ffm)", "--to", path).exit_code == 0
    book = openpyxl.load_workbook(path)
    sheet = book[layout.SHEET]
    sheet.cell(2, len(layout.VISIBLE)).value = "Njillu"
    sheet.cell(3, len(layout.VISIBLE)).value = "Hol ${nobody}?"
    book.save(path)
    return path


def test_what_is_missing_goes_to_a_file_of_the_language_s_tag(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(workbook.name, "Fulfulde (ffm)")
    assert result.exit_code == 0, result.output
    assert (tmp_path / f"{FORM}-ffm.xlsx").is_file()
    assert "texts to translate into Fulfulde (ffm)" in result.output
    assert f"--lay-in {FORM}-ffm.xlsx" in result.output


def test_where_nothing_is_missing_no_file_is_written(workbook: Path, tmp_path: Path) -> None:
    result = run(workbook, "en", "--to", tmp_path / "en.xlsx", language="fr_FR.UTF-8")
    assert (result.exit_code, (tmp_path / "en.xlsx").exists()) == (0, False)
    assert "rien ne manque en English (en)" in result.output


def test_a_refused_translation_ends_with_1_and_the_others_are_laid_in(
    workbook: Path, back: Path, tmp_path: Path
) -> None:
    result = run(workbook, "--lay-in", back, "--to", tmp_path / "out.xlsx")
    assert result.exit_code == 1, result.output
    assert "row 3" in result.output
    assert "reference_unknown" in result.output
    assert "1 translations laid in, 1 refused" in result.output
    headers = [cell.value for cell in openpyxl.load_workbook(tmp_path / "out.xlsx")["survey"][1]]
    assert "label::Fulfulde (ffm)" in headers


def test_the_workbook_itself_is_written_only_when_forced_and_keeps_its_rights(workbook: Path, back: Path) -> None:
    before = workbook.read_bytes()
    assert run(workbook, "--lay-in", back).exit_code == 2
    assert workbook.read_bytes() == before
    assert run(workbook, "--lay-in", back, "--force").exit_code == 1
    assert workbook.read_bytes() != before
    assert workbook.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_there_is_not_written_over(workbook: Path, back: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.xlsx"
    there.write_bytes(b"mine")
    assert run(workbook, "Bambara (bam)", "--to", there).exit_code == 3
    assert run(workbook, "--lay-in", back, "--to", there).exit_code == 3
    assert run(workbook, "--lay-in", back, "--to", workbook).exit_code == 3
    assert there.read_bytes() == b"mine"
    assert run(workbook, "Bambara (bam)", "--to", there, "--force").exit_code == 0


def test_a_workbook_that_would_lose_something_is_not_written_in_place(workbook: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbook)
    book.create_sheet("calc")["A1"] = "=1+1"
    book.save(workbook)
    back = tmp_path / "back.xlsx"
    run(workbook, "Fulfulde (ffm)", "--to", back)
    filled = openpyxl.load_workbook(back)
    filled[layout.SHEET].cell(2, len(layout.VISIBLE)).value = "Njillu"
    filled.save(back)
    before = workbook.read_bytes()
    refused = run(workbook, "--lay-in", back, "--force", language="fr_FR.UTF-8")
    assert refused.exit_code == 3
    assert "les valeurs calculées des formules" in refused.output
    assert workbook.read_bytes() == before
    elsewhere = run(workbook, "--lay-in", back, "--to", tmp_path / "out.xlsx")
    assert elsewhere.exit_code == 0
    assert "formulas" in elsewhere.output


@pytest.mark.parametrize("name", ["form.md", "form.csv", "form.xls"])
def test_other_kinds_of_workbooks_are_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("| survey |\n| | type | name |\n", encoding="utf-8")
    result = run(tmp_path / name, "fr")
    assert result.exit_code == 3
    assert "save it as .xlsx" in result.output


def test_without_a_language_or_with_an_absent_file_the_designer_is_told(workbook: Path, tmp_path: Path) -> None:
    assert run(workbook).exit_code == 2
    assert run(tmp_path / "absent.xlsx", "fr").exit_code == 3
    assert run(workbook, "fr").exit_code == 3
    assert run(workbook, "ffm").exit_code == 3
    assert run(workbook, "Bambara (bam)", "--to", tmp_path).exit_code == 3
    assert run(workbook, "Bambara (bam)", "--to", tmp_path / "no" / "folder.xlsx").exit_code == 3


def test_a_workbook_without_a_survey_has_nothing_to_translate(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "notes"
    book.create_sheet("more notes")
    book.save(tmp_path / "notes.xlsx")

    result = CliRunner().invoke(app, ["form", "translate", str(tmp_path / "notes.xlsx"), "Bambara (bm)"])

    assert result.exit_code == 3
    assert "survey" in result.output
