"""Whatever single cell of a shipped instrument is edited, exactly what it belongs to is named."""

import io
import random
from collections.abc import Iterator

import openpyxl
import pytest

from forms.changes.compare import changes
from forms.changes.edition import Edition, read_edition
from forms.changes.order import moved
from forms.changes.versions import is_older
from forms.changes.wording import Wording, compare_texts
from forms.errors import XLSFormInvalid
from forms.library import library_workbook
from forms.sheets.survey_rows import survey_rows, survey_sheet

FORM = "community_perceptions"
TEXTS = ("label", "hint", "constraint_message")
EXPRESSIONS = {"relevant": "1 = 1", "constraint": ". != 0 or 1 = 1", "required": "1 = 1", "appearance": "other"}


@pytest.fixture(scope="module")
def shipped() -> Edition:
    return read_edition(library_workbook(FORM), f"{FORM}.xlsx")


def single_edits(shipped: Edition, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Path of a question and the workbook in which one of its cells was edited."""
    chance = random.Random(seed)  # noqa: S311 - picks cells of a test
    assert shipped.workbook is not None
    survey = survey_sheet(shipped.workbook)
    assert survey is not None
    rows = [row for row in survey_rows(survey) if not row.opens_group and row.path in shipped.form.by_path]
    for _ in range(count):
        row = chance.choice(rows)
        headers = [
            header for header in survey.headers if header.startswith(TEXTS) or (header in EXPRESSIONS and header)
        ]
        asked = row.row.text("label::Français (fr)") != ""
        header = chance.choice(headers if asked else ["relevant"])
        book = openpyxl.load_workbook(io.BytesIO(library_workbook(FORM)))
        cell = book[survey.name].cell(row.row.number, survey.positions[header])
        cell.value = EXPRESSIONS.get(header) or f"{cell.value or ''} autrement dit"
        content = io.BytesIO()
        book.save(content)
        yield row.path, content.getvalue()


def test_an_edit_of_any_one_cell_names_exactly_its_question(shipped: Edition) -> None:
    compared = 0
    for path, workbook in single_edits(shipped, 25, seed=20261122):
        try:
            edited = read_edition(workbook, f"{FORM}.xlsx")
        except XLSFormInvalid:
            continue  # some rows cannot be asked conditionally (start, audit)
        told = changes(shipped, edited)
        assert {change.path for change in told} - {FORM} == {path}, [(change.code, change.path) for change in told]
        compared += 1
    assert compared > 20


@pytest.mark.parametrize(
    ("order", "moves"),
    [([0, 1, 2, 3], ()), ([1, 0], (0,)), ([0, 3, 1, 2], (1,)), ([1, 2, 3, 0], (3,)), ([], ())],
)
def test_as_few_as_possible_are_said_to_have_moved(order: list[int], moves: tuple[int, ...]) -> None:
    assert moved(order) == moves


def test_what_did_not_move_stands_in_the_old_order_whatever_the_shuffle() -> None:
    chance = random.Random(7)  # noqa: S311 - shuffles a test's numbers
    for size in range(40):
        order = list(range(size))
        chance.shuffle(order)
        gone = set(moved(order))
        staying = [position for index, position in enumerate(order) if index not in gone]
        assert staying == sorted(staying)


@pytest.mark.parametrize(
    ("old", "new", "wording"),
    [
        ("How old are you?", "How old are you?", Wording.SAME),
        ("How old are you?", "how **old** are you", Wording.LOOKS),
        ("L’âge du chef", "L'âge  du chef", Wording.LOOKS),
        ("Did you pay?", "Did you not pay?", Wording.OTHER),
        ("Within 1.5 km", "Within 15 km", Wording.OTHER),
        ("At ${village}", "At ${town}", Wording.OTHER),
        ("Less than 5", "Less than -5", Wording.OTHER),
        ("<b>Name</b>", "Name", Wording.LOOKS),
        ("< 5", "> 5", Wording.OTHER),
    ],
)
def test_looks_are_told_from_words(old: str, new: str, wording: Wording) -> None:
    assert compare_texts(old, new) is wording


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("2026010101", "2026010102", True),
        ("2026010102", "2026010101", False),
        ("v1", "v1.1", True),
        ("v2", "final", None),
        ("", "1", None),
        ("20190101", "20190101", False),
    ],
)
def test_a_version_is_older_by_its_numbers(version: str, than: str, older: bool | None) -> None:  # noqa: FBT001 - as above
    assert is_older(version, than) is older
