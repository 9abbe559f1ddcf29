"""Compiling and reading the forms of many organisations: nothing crashes, nothing is lost, nothing reads otherwise."""

import csv
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from pyxform.xls2xform import convert

from forms.errors import XLSFormInvalid
from forms.form import Form
from forms.read import examine_form, join_form
from forms.xform.read import read_xform

# Sheets named nearly as ours: refused on purpose, with the right name.
NEARLY_OURS = {"SurveyDesigner_Referential.xlsx"}
# Its sheets claim to be of one cell, and pyxform believes it: it compiles to a form without a question.
WRONG_DIMENSION = {"sample_xlsform_with_plan.xlsx"}
# An .xls called .xlsx: pyxform, given a path, believes the name.
WRONG_EXTENSION = {"ifrc-distribution-site-assessment-v1.xlsx"}

XF = "{http://www.w3.org/2002/xforms}"


def forms(shared: Path) -> Iterator[tuple[Path, bool]]:
    """Each form of the corpus and whether pyxform compiles it."""
    with (shared / "corpus" / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest):
            yield shared / "corpus" / row["file"], row["pyxform_ok"] == "True"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # openpyxl tells of styles and extensions that no form depends on.
        warnings.simplefilter("ignore", UserWarning)
        yield


def named_paths(form: Form) -> set[str]:
    """The paths that the XForm binds or asks for (pyxform binds no acknowledge), without its instance metadata."""
    root = etree.fromstring(form.xform)
    named = [bind.get("nodeset") for bind in root.iter(f"{XF}bind")]
    named += [trigger.get("ref") for trigger in root.iter(f"{XF}trigger")]
    paths = {re.sub(r"/\w+:", "/", path or "").split("/", 2)[2] for path in named}
    return {path for path in paths if "meta/" not in f"/{path}/" or path == "meta/audit"}


@pytest.mark.slow
def test_every_form_that_pyxform_compiles_is_read_with_all_that_its_binds_name(shared: Path):
    read = 0
    for path, compiles in forms(shared):
        if not compiles or path.name in NEARLY_OURS:
            continue
        reading = examine_form(path.read_bytes(), path.name)
        form = reading.form

        groups = {group.path for group in form.groups}
        named = named_paths(form)
        assert named - groups == set(form.by_path), path
        assert len(form.questions) == len(form.by_path), path
        body = etree.fromstring(form.xform).find("{http://www.w3.org/1999/xhtml}body")
        assert len(form.repeats) == len(list(body.iter(f"{XF}repeat"))), path
        assert {question.repeat for question in form.questions} - {None} <= set(form.repeats), path
        asked = [question for question in form.questions if question.type in ("select_one", "select_multiple", "rank")]
        assert all(form.choices(each) or each.file_name or each.list_name is None for each in asked), path
        bare = read_xform(form.xform).lists
        assert {name: len(choices) for name, choices in form.lists.items()} == {
            name: len(choices) for name, choices in bare.items()
        }, path
        assert join_form(reading.compiled.xform, path.read_bytes(), path.name) == form, path
        read += 1
    assert read > 200


@pytest.mark.slow
def test_every_form_that_pyxform_refuses_is_refused_with_a_finding_that_says_what_to_do(shared: Path):
    for path, compiles in forms(shared):
        if compiles or path.name in WRONG_EXTENSION:
            continue
        with pytest.raises(XLSFormInvalid) as refused:
            examine_form(path.read_bytes(), path.name)
        assert all(finding.message.en and finding.message.fr for finding in refused.value.findings), path


@pytest.mark.slow
def test_the_xform_of_every_form_is_what_pyxform_makes_of_the_file_by_itself(shared: Path):
    for path, compiles in forms(shared):
        if compiles and path.name not in WRONG_DIMENSION | NEARLY_OURS:
            assert examine_form(path.read_bytes(), path.name).form.xform == convert(str(path)).xform.encode(), path


def test_a_form_whose_sheets_claim_to_be_of_one_cell_is_read_whole(shared: Path):
    path = next(path for path, _ in forms(shared) if path.name in WRONG_DIMENSION)

    form = examine_form(path.read_bytes(), path.name).form

    assert len(form.questions) == 176
    assert len(convert(str(path)).xform) < 1_000


def test_an_xls_named_xlsx_is_read_as_what_it_is(shared: Path):
    path = next(path for path, _ in forms(shared) if path.name in WRONG_EXTENSION)

    assert examine_form(path.read_bytes(), path.name).form.questions
