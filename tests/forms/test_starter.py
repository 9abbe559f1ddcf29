"""The workbook a designer begins with: it works as it stands, in the languages asked for."""

import io
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from forms.compile.compiler import compile_workbook
from forms.errors import FormVersionUnknown
from forms.examine import examine
from forms.library import library_forms, library_workbook
from forms.read import read_form
from forms.starter import (
    LANGUAGES,
    Starter,
    StarterRefused,
    copy_of_instrument,
    form_id_of,
    read_languages,
    small_survey,
    version_of,
)

TODAY = date(2026, 11, 5)


def starter(languages: str = ", ".join(LANGUAGES), title: str | None = None) -> Starter:
    return small_survey("mine", title=title, languages=read_languages(languages), today=TODAY)


def book_of(made: Starter) -> Workbook:
    return load_workbook(io.BytesIO(made.workbook))


def codes_found(made: Starter) -> list[str]:
    return [finding.code for finding in examine(made.workbook, f"{made.form_id}.xlsx", made.files).findings]


@pytest.mark.parametrize(
    "languages",
    [
        "Français (fr), English (en)",
        "English (en), Français (fr)",
        "Français (fr)",
        "English (en)",
        "Bamanankan (bm), Français (fr)",
        "English (en), العربية (ar), Fulfulde (ff)",
    ],
)
def test_a_new_survey_has_no_finding_in_whatever_languages(languages: str):
    assert codes_found(starter(languages)) == []


def test_a_new_survey_shows_one_of_each_thing_a_survey_needs():
    form = read_form(starter().workbook, "mine.xlsx")
    design = form.interpretation.design

    assert (form.form_id, form.version, form.languages) == ("mine", "2026110501", LANGUAGES)
    assert [group.relevant is not None for group in form.groups if group.path == "interview"] == [True]
    assert {choice.name: str(choice.kind) for choice in form.lists["agree5"] if not choice.kind.is_substantive} == {
        "98": "dont_know",
        "99": "refused",
    }
    assert [variable.name for variable in form.interpretation.derived] == ["age_band"]
    assert [indicator.name for indicator in form.interpretation.indicators] == ["svc_suff"]
    assert design is not None
    assert (design.kind, design.by) == ("purposive", (("sex",), ("age_band",)))


def test_a_language_whose_texts_are_not_written_yet_has_its_columns_but_no_tablet_shows_gaps():
    made = starter("Bamanankan (bm), Français (fr)")
    headers = [cell.value for cell in book_of(made)["survey"][1]]
    labels = [cell.value for cell in book_of(made)["survey"][headers_at(made, "label::Bamanankan (bm)")][1:]]
    xform = compile_workbook(made.workbook, "mine.xlsx").xform.decode()

    assert headers[2:4] == ["label::Bamanankan (bm)", "label::Français (fr)"]
    assert not any(labels)
    assert read_form(made.workbook, "mine.xlsx").languages == ("Français (fr)",)
    assert "Bamanankan" not in xform


def headers_at(made: Starter, header: str) -> str:
    return next(str(cell.column_letter) for cell in book_of(made)["survey"][1] if cell.value == header)


def test_each_language_asked_for_gets_its_own_words():
    sheet = book_of(starter("English (en), Français (fr)"))["choices"]
    header, *body = sheet.iter_rows(values_only=True)
    assert dict(zip(header, body[0], strict=True)) == {
        "list_name": "yn",
        "name": "1",
        "label::English (en)": "Yes",
        "label::Français (fr)": "Oui",
        "code_kind": None,
        "renamed_from": None,
    }


def test_the_title_stands_in_the_settings_and_on_the_readme():
    book = book_of(starter(title="Enquête d'Ansongo"))
    assert book["settings"]["A2"].value == "Enquête d'Ansongo"
    assert [cell.value for cell in book["README"][2]] == ["Enquête d'Ansongo"] * 2
    assert book_of(starter("Français (fr)"))["settings"]["A2"].value == "Mon enquête"
    assert book_of(starter("English (en)"))["settings"]["A2"].value == "My survey"


@pytest.mark.parametrize("title", ["=1+1", "+33", "@SUM", "-2"])
def test_a_title_that_looks_like_a_formula_stays_a_title(title: str):
    made = starter(title=title)
    assert codes_found(made) == []
    assert book_of(made)["settings"]["A2"].data_type == "s"
    for instrument in library_forms():
        copied = copy_of_instrument(instrument, "mine", title=title, today=TODAY)
        assert load_workbook(io.BytesIO(copied.workbook))["settings"]["A2"].data_type == "s"


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Enquête\n de \tKoro", "Enquête de Koro"),
        ("bell\x07 and \ufeffmark", "bell and mark"),
        (" \x00 ", "Mon enquête"),
    ],
)
def test_a_title_is_one_line_of_letters_that_a_cell_can_hold(title: str, kept: str):
    assert book_of(starter(title=title))["settings"]["A2"].value == kept


@pytest.mark.parametrize("instrument", library_forms())
def test_a_copy_of_an_instrument_differs_in_its_settings_only(instrument: str):
    made = copy_of_instrument(instrument, "mine", title="Titre", today=TODAY)
    theirs, ours = load_workbook(io.BytesIO(library_workbook(instrument))), book_of(made)

    assert codes_found(made) == []
    assert ours.sheetnames == theirs.sheetnames
    assert {"form_id": "mine", "version": "2026110501", "form_title": "Titre"}.items() <= dict(
        zip(*ours["settings"].iter_rows(max_row=2, values_only=True), strict=True)
    ).items()
    for sheet in theirs.worksheets:
        if sheet.title != "settings":
            assert list(ours[sheet.title].values) == list(sheet.values)
    survey, before = ours["survey"], theirs["survey"]
    assert survey.freeze_panes == before.freeze_panes
    assert survey["C6"].fill.fgColor.rgb == before["C6"].fill.fgColor.rgb
    assert len(survey.data_validations.dataValidation) == len(before.data_validations.dataValidation)
    assert survey["A1"].comment is not None
    assert survey["A1"].comment.text == before["A1"].comment.text


def test_a_copy_keeps_its_title_where_none_is_given_and_only_shipped_instruments_are_copied():
    made = copy_of_instrument("focus_group", "mine", title=None, today=TODAY)
    assert book_of(made)["settings"]["A2"].value == "Groupe de discussion"
    assert set(made.files) == {"countries.csv", "facilitators.csv", "fg_plan.csv", "sites.csv", "stimuli.csv"}
    with pytest.raises(FormVersionUnknown):
        copy_of_instrument("../secret", "mine", title=None, today=TODAY)


@pytest.mark.parametrize(
    ("stem", "form_id"),
    [
        ("Enquête 2026", "enquete_2026"),
        ("enquete-ménages (v2)", "enquete_menages_v2"),
        ("ÉCOLE", "ecole"),
        ("a", "a"),
        ("x" * 200, "x" * 64),
        ("a" * 63 + " b", "a" * 63),
    ],
)
def test_the_files_name_gives_the_form_its_id(stem: str, form_id: str):
    assert form_id_of(stem) == form_id


@pytest.mark.parametrize("stem", ["2026", "_", "", "مسح", "...", "1er sondage"])
def test_a_name_without_a_letter_to_begin_with_is_refused(stem: str):
    with pytest.raises(StarterRefused, match="Choose another name"):
        form_id_of(stem)


def test_a_version_is_the_day_and_two_digits():
    assert version_of(TODAY) == "2026110501"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fr", "is no language"),
        ("Français", "is no language"),
        ("(fr)", "is no language"),
        ("Fran\x07çais (fr)", "is no language"),
        ("Français (fr) English (en)", "is no language"),
        ("Français (FR)", "is no language"),
        ("Français du Mali (fr-ML)", "is no language"),
        ("Français (fr), Francais (fr)", "stands twice"),
        ("Bamanankan (bm)", "at least one of them"),
        ("", "at least one of them"),
        (" , ", "at least one of them"),
    ],
)
def test_languages_that_cannot_be_used_are_refused_with_what_to_write(text: str, said: str):
    with pytest.raises(StarterRefused, match=said):
        read_languages(text)


def test_languages_are_read_with_the_spaces_people_type():
    assert read_languages("  Français   (fr) ,English (en),") == LANGUAGES
