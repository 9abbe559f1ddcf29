"""docs/workbook.md speaks of every sheet, column, key and keyword that is read, and of no column that is not."""

import re
from pathlib import Path

import pytest

from forms.form import CodeKind, Sensitivity
from forms.sheets.derived import TYPES
from forms.sheets.design import KEYS, KINDS, LONELY_PSU
from forms.sheets.indicators import BASES, UNITS
from forms.sheets.interpretation import COLUMNS
from forms.sheets.measures import MEASURES
from forms.sheets.names import OUR_COLUMNS
from forms.sheets.quotas import EACH

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "workbook.md").read_text(encoding="utf-8")


def chapter(title: str) -> str:
    """The text under the heading that begins so, up to the next of its rank."""
    found = re.search(rf"^## {re.escape(title)}.*?\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def first_cells(text: str) -> set[str]:
    """What the tables of a text explain: the words in backquotes of their first column."""
    rows = re.findall(r"^\| (`[^|]*?) \|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("sheet", COLUMNS)
def test_every_column_of_a_sheet_of_ours_is_explained_in_its_chapter_and_no_other(sheet: str):
    columns = COLUMNS[sheet]
    if sheet == "design":
        assert first_cells(chapter("`design`")) == set(KEYS)
        return
    measures = set(MEASURES) if sheet == "indicators" else set()
    explained = first_cells(chapter(f"`{sheet}`")) - measures

    assert explained == {*columns.names, *({"label::..."} if columns.has_labels else ())}


@pytest.mark.parametrize("sheet", OUR_COLUMNS)
def test_every_column_of_ours_on_a_standard_sheet_is_explained(sheet: str):
    assert first_cells(chapter(f"Columns on `{sheet}`")) == set(OUR_COLUMNS[sheet])


def test_every_measure_is_explained():
    assert first_cells(chapter("`indicators`")) >= set(MEASURES)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Columns on `survey`", [*Sensitivity]),
        ("Columns on `choices`", [*CodeKind]),
        ("`derived`", [*TYPES]),
        ("`indicators`", [*BASES, *UNITS]),
        ("`design`", [*KINDS, *LONELY_PSU]),
        ("`quotas`", [EACH]),
    ],
)
def test_every_keyword_is_explained_where_it_is_used(title: str, words: list[str]):
    text = chapter(title)
    assert [word for word in words if not re.search(rf"`{re.escape(word)}[` ]", text)] == []
