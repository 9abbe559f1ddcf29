"""The forms of many organisations in one run: nothing crashes, nothing is lost, and what others refuse is placed.

What was found over all of them stands in docs/corpus.md (bench/corpus_report.py).
"""

import csv
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree
from pyxform.xls2xform import convert

from forms.compile.compiler import compile_workbook
from forms.examine import Examination, examine
from forms.finding import Finding, Severity
from forms.form import Form
from forms.read import join_form
from forms.workbook.file import misnamed
from forms.xform.read import read_xform

pytestmark = pytest.mark.slow

XF = "{http://www.w3.org/2002/xforms}"

# Every sheet of this file claims to be of one cell (`dimension ref="A1"`), and pyxform, which takes openpyxl's word for
# it, compiles it to a form without a question. We read the rows that are there, so it is the one form whose XForm is
# another than pyxform's own.
WRONG_DIMENSION = "sample_xlsform_with_plan.xlsx"
# An .xls called .xlsx: the ending is wrong, so there is no row to name.
WITHOUT_A_PLACE = {"ifrc-distribution-site-assessment-v1.xlsx": "workbook_misnamed"}


@dataclass(frozen=True)
class Examined:
    """A form of the corpus, whether both pyxform and ODK Validate accept it, and what we find."""

    path: Path
    compiles: bool
    is_accepted: bool
    examination: Examination

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.examination.findings if finding.severity is Severity.ERROR]


@pytest.fixture(scope="module")
def corpus(shared: Path) -> list[Examined]:
    with warnings.catch_warnings(), (shared / "corpus" / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        # openpyxl tells of styles and extensions that no form depends on.
        warnings.simplefilter("ignore", UserWarning)
        return [examined(shared / "corpus" / row["file"], row) for row in csv.DictReader(manifest)]


def examined(path: Path, row: dict[str, str]) -> Examined:
    compiles = row["pyxform_ok"] == "True"
    accepted = compiles and row["validate_ok"] == "True"
    return Examined(path, compiles, accepted, examine(path.read_bytes(), path.name))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def named_paths(form: Form) -> set[str]:
    """The paths that the XForm binds or asks for (pyxform binds no acknowledge), without its instance metadata."""
    root = etree.fromstring(form.xform)
    named = [bind.get("nodeset") for bind in root.iter(f"{XF}bind")]
    named += [trigger.get("ref") for trigger in root.iter(f"{XF}trigger")]
    paths = {re.sub(r"/\w+:", "/", path or "").split("/", 2)[2] for path in named}
    return {path for path in paths if "meta/" not in f"/{path}/" or path == "meta/audit"}


def test_every_form_that_compiles_is_read_with_all_that_its_binds_name(corpus: list[Examined]):
    read = 0
    for each in corpus:
        if not each.compiles:
            continue
        form = each.examination.form
        assert form is not None, each.path

        groups = {group.path for group in form.groups}
        assert named_paths(form) - groups == set(form.by_path), each.path
        assert len(form.questions) == len(form.by_path), each.path
        body = etree.fromstring(form.xform).find("{http://www.w3.org/1999/xhtml}body")
        assert len(form.repeats) == len(list(body.iter(f"{XF}repeat"))), each.path
        assert {question.repeat for question in form.questions} - {None} <= set(form.repeats), each.path
        asked = [question for question in form.questions if question.type in ("select_one", "select_multiple", "rank")]
        assert all(form.choices(ask) or ask.file_name or ask.list_name is None for ask in asked), each.path
        bare = read_xform(form.xform).lists
        assert {name: len(choices) for name, choices in form.lists.items()} == {
            name: len(choices) for name, choices in bare.items()
        }, each.path
        if not each.errors:
            assert join_form(form.xform, each.path.read_bytes(), each.path.name) == form, each.path
        read += 1
    assert read > 240


def test_a_form_that_pyxform_and_odk_validate_accept_has_no_error(corpus: list[Examined]):
    accepted = [each for each in corpus if each.is_accepted]
    told = {each.path.name: {error.code for error in each.errors} for each in accepted if each.errors}

    assert len(accepted) == 233
    assert told == {}


def test_a_form_that_is_refused_elsewhere_is_refused_with_its_place(corpus: list[Examined]):
    refused = [each for each in corpus if not each.is_accepted]
    unplaced = {
        each.path.name: each.errors[0].code if each.errors else "no error"
        for each in refused
        if not any(error.sheet and error.row for error in each.errors)
    }

    assert len(refused) == 70
    assert unplaced == WITHOUT_A_PLACE
    assert len(unplaced) <= len(refused) / 10


def test_every_error_says_what_to_do_in_both_languages(corpus: list[Examined]):
    for each in corpus:
        for finding in each.examination.findings:
            assert finding.message.en, each.path
            assert finding.message.fr, each.path
            assert finding.message.en != finding.message.fr, (each.path, finding)


def test_the_xform_of_every_form_is_what_pyxform_makes_of_the_file_by_itself(corpus: list[Examined]):
    compared = 0
    for each in corpus:
        form = each.examination.form
        if each.compiles and form is not None and each.path.name != WRONG_DIMENSION:
            assert form.xform == convert(str(each.path)).xform.encode(), each.path
            compared += 1
    assert compared > 240


def test_a_form_whose_sheets_claim_to_be_of_one_cell_is_read_whole(corpus: list[Examined]):
    (each,) = (each for each in corpus if each.path.name == WRONG_DIMENSION)

    assert each.examination.form is not None
    assert len(each.examination.form.questions) == 176
    assert len(convert(str(each.path)).xform) < 1_000


def test_an_xls_named_xlsx_is_read_as_what_it_is_but_not_let_through(corpus: list[Examined]):
    (each,) = (each for each in corpus if each.path.name in WITHOUT_A_PLACE)

    assert compile_workbook(each.path.read_bytes(), each.path.name).xform
    assert [finding.code for finding in misnamed(each.path.read_bytes(), each.path.name)] == ["workbook_misnamed"]
