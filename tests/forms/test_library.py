"""The community survey as shipped: clean for every tool, complete in two languages, true to the question bank."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pyxform.xls2xform import convert

from forms.compile.compiler import compile_workbook
from forms.errors import FormVersionUnknown
from forms.form import CodeKind, Form, Sensitivity
from forms.javarosa.validate import validate
from forms.library import library_files, library_forms, library_workbook
from forms.read import read_form

NAME = "community_perceptions"
LANGUAGES = ("Français (fr)", "English (en)")
OURS = ("derived", "indicators", "design", "population")
MENDED = {  # what the bank's own notes ask to mend: a list of its own, an identifier class for a voice
    "svc_present": "select_multiple svc_present",
    "school_ok": "select_one school_yn",
}


@pytest.fixture(scope="module")
def form() -> Form:
    return read_form(library_workbook(NAME), f"{NAME}.xlsx")


@pytest.fixture(scope="module")
def book() -> Workbook:
    return load_workbook(io.BytesIO(library_workbook(NAME)))


def rows(sheet: Worksheet) -> list[dict[str, str]]:
    header, *body = sheet.iter_rows(values_only=True)
    return [
        {str(name): str(value) for name, value in zip(header, row, strict=True) if value is not None}
        for row in body
        if any(value is not None for value in row)
    ]


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(library_files(NAME)[name].decode())))


def test_the_library_says_what_it_holds():
    assert library_forms() == (NAME, "authority_perceptions", "focus_group")
    with pytest.raises(FormVersionUnknown, match="there is community_perceptions"):
        library_workbook("../secret")
    with pytest.raises(FormVersionUnknown):
        library_files("nothing")


def test_pyxform_and_odk_validate_have_nothing_to_say():
    compiled = convert(io.BytesIO(library_workbook(NAME)), validate=False)

    assert compiled.warnings == []
    assert validate(compiled.xform.encode(), library_files(NAME)) == ()


def test_our_reader_has_nothing_to_say(form: Form):
    assert list(compile_workbook(library_workbook(NAME), f"{NAME}.xlsx").warnings) == []
    assert (form.form_id, form.languages) == (NAME, LANGUAGES)
    assert len(form.interpretation.derived) == 5
    assert len(form.interpretation.indicators) == 38


def test_the_form_names_just_the_files_that_are_shipped(form: Form):
    assert set(form.files) == set(library_files(NAME))


def test_every_question_of_the_bank_is_asked_as_the_bank_words_it(book: Workbook, shared: Path):
    asked = {row["name"]: row for row in rows(book["survey"]) if "name" in row}
    with (shared / "bank" / "question_bank.csv").open(encoding="utf-8") as file:
        bank = [row for row in csv.DictReader(file) if row["instrument"] == "csp"]

    assert len(bank) == 55
    for row in bank:
        ours = asked[row["name"]]
        assert ours["label::Français (fr)"] == row["label_fr"]
        assert ours["label::English (en)"] == row["label_en"]
        assert ours["type"] == MENDED.get(row["name"], row["type"])
        assert ours.get("constraint", "") == row["constraint"] or row["name"] in MENDED
        assert ours.get("choice_filter", "") == row["choice_filter"]


def test_everything_people_read_is_there_in_both_languages(book: Workbook):
    for sheet in ("survey", "choices", "derived", "indicators"):
        for row in rows(book[sheet]):
            for column in ("label", "hint", "constraint_message"):
                said = [f"{column}::{language}" in row for language in LANGUAGES]
                assert said[0] == said[1], (sheet, row)
            if sheet != "survey":
                assert f"label::{LANGUAGES[0]}" in row, row
    for row in rows(book["survey"]):
        assert ("constraint" in row) == (f"constraint_message::{LANGUAGES[0]}" in row), row


def test_every_question_says_what_harm_its_answer_can_do(book: Workbook, form: Form):
    for row in rows(book["survey"]):
        assert row["type"].startswith(("begin", "end_")) or "sensitivity" in row, row
    assert {q.name for q in form.questions if q.sensitivity is Sensitivity.SEVERE} == {"reprisal", "negot"}
    assert {q.name for q in form.questions if q.sensitivity is Sensitivity.IDENTIFIER} == {
        "deviceid",
        "household_no",
        "household_id",
        "gps",
        "free_say",
    }


def test_no_code_without_an_opinion_passes_for_one(form: Form):
    kinds = {"97": CodeKind.NOT_APPLICABLE, "98": CodeKind.DONT_KNOW, "99": CodeKind.REFUSED}
    for name, choices in form.lists.items():
        for choice in choices:
            assert choice.kind is kinds.get(choice.name, choice.kind), (name, choice.name)
            if choice.name in kinds:
                assert not choice.kind.is_substantive
    assert {c.name for c in form.lists["svc_present"] if c.kind is CodeKind.NONE} == {"none"}
    assert not any(c.kind is CodeKind.NONE for c in form.lists["service"])  # it serves a ranking


def test_consent_is_asked_once_and_opens_the_whole_interview(form: Form):
    conditions = [part.relevant for part in (*form.groups, *form.questions) if "consent" in (part.relevant or "")]
    inside = [q for q in form.questions if q.path.startswith("interview/")]

    assert len(conditions) == 1
    assert next(g for g in form.groups if g.path == "interview").relevant in conditions
    assert len(inside) == 43
    assert {q.name for q in form.questions if q not in inside and q.sensitivity.rank >= 2} == {
        "deviceid",
        "household_no",
        "household_id",
        "gps",
    }


def test_our_sheets_keep_what_a_designer_types(book: Workbook):
    """Text format on 500 rows and a frozen header."""
    for name in OURS:
        sheet = book[name]
        columns = [cell.column for cell in sheet[1] if cell.value]
        assert all(sheet.cell(row, column).number_format == "@" for row in (2, 250, 501) for column in columns)
        assert sheet.freeze_panes is not None


def test_areas_are_sets_of_communes_and_konna_lies_under_mopti(form: Form):
    areas = {row["name"]: row for row in table("areas.csv")}
    communes = {row["name"]: row for row in table("communes.csv")}

    assert [row["label"] for row in areas.values()] == [
        "Mopti",
        "Djenné",
        "Ténenkou",
        "Youwarou",
        "Koro",
        "Macina",
        "Pelengana (Ségou)",
    ]
    assert {row["region"] for row in areas.values()} == {choice.name for choice in form.lists["region"]}
    assert communes["ML0506-konna"] == {
        "name": "ML0506-konna",
        "label": "Konna",
        "area_id": "ML0506",
        "cercle": "ML0506",
    }
    assert [row["name"] for row in communes.values() if row["area_id"] == "ML0406-pelengana"] == ["ML0406-pelengana"]
    assert Counter(row["area_id"] for row in communes.values()).keys() == areas.keys()
    assert all(re.fullmatch(r"ML\d{4}-[a-z0-9-]+", name) for name in communes)


def test_communes_are_those_of_the_reference_list_that_the_sample_visits(shared: Path):
    with (shared / "admin_units.csv").open(encoding="utf-8") as file:
        known = {(row["name"], row["parent"]) for row in csv.DictReader(file) if row["level"] == "commune"}
    ours = {(row["label"], row["cercle"]) for row in table("communes.csv")}

    assert ours <= known
    # A commune without a cluster would be a dead end on the tablet.
    assert {row["name"] for row in table("communes.csv")} == {row["commune_id"] for row in table("psu.csv")}


def test_clusters_are_marked_as_invented_and_lie_in_their_commune():
    communes: Mapping[str, dict[str, str]] = {row["name"]: row for row in table("communes.csv")}
    clusters = table("psu.csv")

    assert set(Counter(row["area_id"] for row in clusters).values()) == {8}
    for row in clusters:
        commune = communes[row["commune_id"]]
        assert row["area_id"] == commune["area_id"]
        assert re.fullmatch(re.escape(row["commune_id"]) + r"-demo\d", row["name"])
        assert row["label"].startswith(f"{commune['label']} – grappe démo")
        assert float(row["base_weight"]) > 0
    assert len({row["base_weight"] for row in clusters}) > 40  # weights that differ are weights that matter
