"""A form that KoboToolbox keeps comes back as the XLSForm it was imported from."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from forms.errors import XLSFormInvalid
from forms.form import Form, Sensitivity
from forms.library import library_forms, library_workbook
from forms.read import read_form
from sync.sources.kobo.content import workbook_of_content

RECORDED = ("08b-asset-content", "08c-asset-valid-content", "13b-version-detail", "73-asset-after-redeploy")
TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")


def compiled(content: Mapping[str, Any]) -> Form:
    return read_form(workbook_of_content(content, form_id="ours", version="v1", title="Titre"), "ours.xlsx")


def recorded(shared: Path, name: str) -> Mapping[str, Any]:
    body = json.loads((shared / "replies" / "kobo" / f"{name}.json").read_text())["response"]["body"]
    return body.get("content") or body["data"]


def imported(workbook: bytes) -> dict[str, Any]:
    """What KoboToolbox makes of a workbook: texts in lists by language, types in two, its own keys in every row."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    tables = {
        sheet.title: [
            {str(h): str(v) for h, v in zip(headers, row, strict=True) if h is not None and v is not None}
            for row in rows
        ]
        for sheet in book.worksheets
        for headers, *rows in [list(sheet.iter_rows(values_only=True))]
    }
    settings = tables["settings"][0]
    named = {h.partition("::")[2] for row in tables["survey"] for h in row if h.startswith("label::")}
    # The default language comes first, whatever the order of the columns.
    languages = sorted(named, key=lambda language: language != settings["default_language"]) or [None]
    settings["id_string"] = settings.pop("form_id")
    return {
        "schema": "1",
        "survey": [row_imported(row, languages) for row in tables["survey"] if row],
        "choices": [row_imported(row, languages) for row in tables["choices"] if row],
        "settings": settings,
        "translations": languages,
        "translated": list(TRANSLATED),
        **{name: [] for name in tables if name not in ("survey", "choices", "settings")},
    }


def row_imported(row: Mapping[str, str], languages: list[str | None]) -> dict[str, Any]:
    kept: dict[str, Any] = {"$kuid": "k" + str(len(row))}
    for header, text in row.items():
        column, _, language = header.partition("::")
        if column in TRANSLATED:
            kept.setdefault(column, [None] * len(languages))[languages.index(language or None)] = text
        else:
            kept[header] = text
    if kept.get("required") in ("yes", "true"):
        kept["required"] = True
    kind, _, list_name = str(kept.get("type", "")).partition(" ")
    if kind in ("select_one", "select_multiple"):
        kept |= {"type": kind, "select_from_list_name": list_name}
    if kind.endswith("_from_file"):
        kept |= {"type": kind, "file": list_name}
    if str(kept.get("type", "")).startswith("end_"):
        kept.pop("name", None)
    elif "name" in kept:
        kept["$autoname" if "type" in kept else "$autovalue"] = kept["name"]
    return dict(sorted(kept.items()))


@pytest.mark.parametrize("form_id", library_forms())
def test_a_shipped_form_asks_the_same_after_a_stay_at_kobotoolbox(form_id: str):
    workbook = library_workbook(form_id)
    original = read_form(workbook, f"{form_id}.xlsx")
    returned = read_form(
        workbook_of_content(imported(workbook), form_id=form_id, version="v", title=original.title), "a.xlsx"
    )
    asked = [(q.path, q.type, q.list_name, q.relevant, q.constraint, q.calculation) for q in original.questions]
    assert [(q.path, q.type, q.list_name, q.relevant, q.constraint, q.calculation) for q in returned.questions] == asked
    assert [q.labels for q in returned.questions] == [q.labels for q in original.questions]
    assert [(q.sensitivity, q.required, q.choice_filter) for q in returned.questions] == [
        (q.sensitivity, q.required, q.choice_filter) for q in original.questions
    ]
    assert returned.lists == original.lists
    assert returned.groups == original.groups
    assert (returned.languages, returned.files) == (original.languages, original.files)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_form_is_read_in_each_of_its_shapes(shared: Path, name: str):
    form = compiled(recorded(shared, name))
    assert (form.form_id, form.version, form.title) == ("ours", "v1", "Titre")
    assert form.languages == ("English (en)", "Français (fr)")
    assert form.by_path["hh/district"].list_name == "district"
    assert form.by_path["hh/hh_id"].required == "true()"
    assert form.by_path["member/visit/v_date"].repeat == "member/visit"
    assert [choice.name for choice in form.lists["needs"]] == ["water", "food", "health", "other"]


def test_the_same_content_gives_the_same_bytes(shared: Path):
    content = recorded(shared, "13b-version-detail")
    shuffled = {
        **content,
        "survey": [dict(reversed(row.items())) for row in content["survey"]],
    }
    first = workbook_of_content(content, form_id="a", version="v", title="A")
    assert workbook_of_content(shuffled, form_id="a", version="v", title="A") == first


def test_a_question_that_was_never_named_goes_by_the_automatic_name():
    form = compiled(
        {
            "survey": [{"type": "text", "$autoname": "Your_name", "label": ["Your name"], "$kuid": "a"}],
            "choices": [],
            "settings": {},
            "translations": [None],
        }
    )
    assert [question.path for question in form.questions] == ["Your_name"]


def test_a_language_without_a_name_stands_in_a_plain_column():
    form = compiled(
        {
            "survey": [{"type": "text", "name": "a", "label": ["Nom", "Name"]}],
            "settings": {},
            "translations": [None, "English (en)"],
            "translated": ["label"],
        }
    )
    assert dict(form.by_path["a"].labels) == {"default": "Nom", "English (en)": "Name"}


def test_our_columns_come_back_and_those_of_the_server_do_not():
    content = {
        "survey": [
            {"type": "text", "name": "a", "label": ["A"], "sensitivity": "severe", "_isRepeat": "false", "$kuid": "x"}
        ],
        "settings": {"kobo--locking-profile": "core", "style": "pages"},
        "indicators": [],
    }
    workbook = workbook_of_content(content, form_id="a", version="1", title="A")
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    assert book.sheetnames == ["survey", "settings"]
    assert [cell.value for cell in book["survey"][1]] == ["type", "name", "label", "sensitivity"]
    assert "kobo--locking-profile" not in [cell.value for cell in book["settings"][1]]
    assert read_form(workbook, "a.xlsx").by_path["a"].sensitivity is Sensitivity.SEVERE


def test_or_other_and_files_go_back_into_the_type():
    form = compiled(
        {
            "survey": [
                {"type": "select_one", "select_from_list_name": "c", "_or_other": True, "name": "a", "label": ["A"]},
                {"type": "select_one_from_file", "file": "posts.csv", "name": "b", "label": ["B"]},
            ],
            "choices": [{"list_name": "c", "name": "x", "label": ["X"]}, {"list_name": "c", "$autovalue": "y"}],
            "settings": {},
        }
    )
    assert [question.path for question in form.questions] == ["a", "a_other", "b"]
    assert form.files == ("posts.csv",)
    assert [choice.name for choice in form.lists["c"]] == ["x", "y", "other"]


def test_a_question_whose_external_choices_the_server_emptied_is_read_as_text():
    rows = [
        {
            "type": "select_one_external",
            "select_from_list_name": "town",
            "name": "town",
            "label": ["Town"],
            "choice_filter": "state=${state}",
        },
        {"type": "text", "name": "state", "label": ["State"]},
    ]
    emptied = compiled({"survey": rows, "settings": {}, "external_choices": []})
    assert [(question.path, question.type) for question in emptied.questions] == [("town", "text"), ("state", "text")]
    towns = [{"list_name": "town", "name": "kaya", "state": "north", "label": ["Kaya"]}]
    kept = compiled({"survey": rows, "settings": {}, "external_choices": towns})
    assert kept.by_path["town"].type == "select_one_external"


def test_a_matrix_asks_each_of_its_questions_once_for_each_choice():
    # The paths are those of kpi's own example of a matrix: `countries_poland/countries_poland_ecology_level`.
    form = compiled(
        {
            "survey": [
                {
                    "type": "begin_kobomatrix",
                    "name": "countries",
                    "label": ["Countries"],
                    "kobo--matrix_list": "count_ch_list",
                    "appearance": "field-list",
                },
                {"type": "integer", "name": "ecology_level", "$autoname": "ecology_level", "label": ["Ecology"]},
                {
                    "type": "text",
                    "name": "why",
                    "$autoname": "why",
                    "label": ["Why"],
                    "relevant": "${ecology_level} > 3",
                },
                {"type": "end_kobomatrix"},
            ],
            "choices": [
                {"list_name": "count_ch_list", "name": "poland", "label": ["Poland"]},
                {"list_name": "count_ch_list", "name": "mali", "label": ["Mali"]},
            ],
            "settings": {},
        }
    )
    asked = [question.path for question in form.questions if question.type != "note"]
    assert asked == [
        "countries_poland/countries_poland_ecology_level",
        "countries_poland/countries_poland_why",
        "countries_mali/countries_mali_ecology_level",
        "countries_mali/countries_mali_why",
    ]
    why = form.by_path["countries_mali/countries_mali_why"]
    assert "countries_mali_ecology_level" in (why.relevant or "")
    assert dict(why.labels) == {"default": "Mali - Why"}


def test_a_score_asks_each_row_with_the_same_choices():
    form = compiled(
        {
            "survey": [
                {"type": "begin_score", "name": "s", "label": ["S"], "kobo--score-choices": "l", "required": True},
                {"type": "score__row", "name": "r1", "label": ["R1"]},
                {"type": "score__row", "name": "r2", "label": ["R2"]},
                {"type": "end_score"},
            ],
            "choices": [{"list_name": "l", "name": "x", "label": ["X"]}],
            "settings": {},
        }
    )
    assert [(q.path, q.type, q.list_name) for q in form.questions] == [
        ("s/s_header", "select_one", "l"),
        ("s/r1", "select_one", "l"),
        ("s/r2", "select_one", "l"),
    ]
    assert form.by_path["s/r2"].required == "true()"


def test_a_rank_gives_each_level_another_choice():
    form = compiled(
        {
            "survey": [
                {
                    "type": "begin_rank",
                    "name": "rnk",
                    "label": ["Top needs?"],
                    "kobo--rank-items": "needs",
                    "kobo--rank-constraint-message": "Another one",
                    "relevant": "1 = 1",
                },
                {"type": "rank__level", "name": "n1", "label": ["1st"]},
                {"type": "rank__level", "name": "n2", "label": ["2nd"]},
                {"type": "end_rank"},
            ],
            "choices": [{"list_name": "needs", "name": "food", "label": ["Food"]}],
            "settings": {},
        }
    )
    assert [(q.path, q.type) for q in form.questions][1:] == [("rnk/n1", "select_one"), ("rnk/n2", "select_one")]
    assert form.by_path["rnk/n1"].constraint is None
    assert "n1" in (form.by_path["rnk/n2"].constraint or "")
    assert [group.relevant for group in form.groups] == ["1 = 1"]


@pytest.mark.parametrize(
    ("survey", "named"),
    [
        ([{"type": "begin_score", "name": "s", "kobo--score-choices": "l"}], "end_score"),
        ([{"type": "begin_rank", "name": "s"}, {"type": "end_rank"}], "kobo--rank-items"),
        (
            [
                {"type": "begin_score", "name": "s", "kobo--score-choices": "l"},
                {"type": "text", "name": "stranger"},
                {"type": "end_score"},
            ],
            "text stranger",
        ),
        ([{"type": "begin_kobomatrix", "name": "s", "kobo--matrix_list": "l"}, {"type": "end_kobomatrix"}], "list l"),
    ],
)
def test_a_row_that_cannot_be_unfolded_is_named(survey: list[dict[str, str]], named: str):
    with pytest.raises(XLSFormInvalid) as refused:
        compiled({"survey": [{"type": "start", "name": "start"}, *survey], "settings": {}})
    (finding,) = refused.value.findings
    assert named in finding.message.en
    assert finding.row == (4 if "stranger" in named else 3)


def test_a_text_that_no_cell_can_hold_is_refused_and_not_cut_off():
    rows = [{"type": "note", "name": "a", "label": ["x" * 32_768]}]
    with pytest.raises(XLSFormInvalid, match="32768 characters"):
        compiled({"survey": rows, "settings": {}})
