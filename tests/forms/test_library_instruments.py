"""What holds for every shipped workbook: nothing to find, two languages, mirrors that fit, a look people can read."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from pyxform.xls2xform import convert

from forms.examine import examine
from forms.form import CodeKind, Form, Sensitivity
from forms.javarosa.validate import validate
from forms.library import library_files, library_forms, library_workbook
from forms.read import read_form
from forms.sheets.names import OUR_SHEETS
from forms.workbook_style.dropdowns import DESIGN_VALUES, DROP_DOWNS
from forms.workbook_style.explanations import column_note
from forms.workbook_style.write import PREPARED_ROWS

LANGUAGES = ("Français (fr)", "English (en)")
FORMS = library_forms()
CSP, ASP, FGD = "community_perceptions", "authority_perceptions", "focus_group"
MIRRORED_ELSEWHERE = {"safe_pop": "safe_day"}  # asp's question to csp's, where the names differ
MEASURES_THAT_FIT = {("mean", "share")}  # a guessed share on 0-1 stands beside the measured one


@cache
def form_of(name: str) -> Form:
    return read_form(library_workbook(name), f"{name}.xlsx")


@cache
def book_of(name: str) -> Workbook:
    return load_workbook(io.BytesIO(library_workbook(name)))


def rows(sheet: Worksheet) -> list[dict[str, str]]:
    header, *body = sheet.iter_rows(values_only=True)
    return [
        {str(name): str(value) for name, value in zip(header, row, strict=True) if value is not None}
        for row in body
        if any(value is not None for value in row)
    ]


def table(form: str, file_name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(library_files(form)[file_name].decode())))


@pytest.fixture(params=FORMS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def form(name: str) -> Form:
    return form_of(name)


@pytest.fixture
def book(name: str) -> Workbook:
    return book_of(name)


def test_there_is_nothing_to_find_in_it_not_even_a_remark(name: str):
    examination = examine(library_workbook(name), f"{name}.xlsx", library_files(name))

    assert [(finding.code, finding.place(), finding.message.en) for finding in examination.findings] == []
    assert examination.form is not None


def test_pyxform_and_odk_validate_have_nothing_to_say(name: str):
    compiled = convert(io.BytesIO(library_workbook(name)), validate=False)

    assert compiled.warnings == []
    assert validate(compiled.xform.encode(), library_files(name)) == ()


def test_the_form_names_just_the_files_that_are_shipped(name: str, form: Form):
    assert form.form_id == name
    assert form.languages == LANGUAGES
    assert set(form.files) == set(library_files(name))


def test_everything_people_read_is_there_in_both_languages(book: Workbook):
    for title in ("survey", "choices", "derived", "indicators", "codebook"):
        for row in rows(book[title]) if title in book.sheetnames else ():
            for kind in ("label", "hint", "constraint_message"):
                said = [f"{kind}::{language}" in row for language in LANGUAGES]
                assert said[0] == said[1], (title, row)
            if title != "survey":
                assert f"label::{LANGUAGES[0]}" in row, (title, row)
    for row in rows(book["survey"]):
        is_read = row["type"] not in ("start", "end", "today", "deviceid", "calculate", "end_group", "end_repeat")
        assert is_read == (f"label::{LANGUAGES[0]}" in row), row
        assert ("constraint" in row) == (f"constraint_message::{LANGUAGES[0]}" in row), row
    assert all(french.value and english.value for french, english in book["README"].iter_rows(max_col=2))


def test_french_and_english_differ_where_they_should(book: Workbook):
    """A label copied into the other column by mistake; words that are the same in both are few and short."""
    same = [
        (title, row[f"label::{LANGUAGES[0]}"])
        for title in ("survey", "choices", "indicators")
        for row in rows(book[title])
        if row.get(f"label::{LANGUAGES[0]}") == row.get(f"label::{LANGUAGES[1]}", "") != ""
    ]
    assert [each for each in same if len(each[1].split()) > 1] == []


def test_names_are_short_enough_for_statistics_programs_and_do_not_collide(form: Form):
    names = [
        *(question.name for question in form.questions),
        *(variable.name for variable in form.interpretation.derived),
    ]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", each) for each in names)
    assert len({each.casefold() for each in names}) == len(names)
    assert all(len(indicator.name) <= 32 for indicator in form.interpretation.indicators)


def test_every_question_says_what_harm_its_answer_can_do(book: Workbook):
    for row in rows(book["survey"]):
        assert row["type"].startswith(("begin", "end_")) or "sensitivity" in row, row


def test_no_figure_reads_what_may_never_be_shown(form: Form):
    hidden = {question.name for question in form.questions if question.sensitivity is Sensitivity.IDENTIFIER}
    assert {"deviceid"} <= hidden
    for indicator in form.interpretation.indicators:
        assert not hidden & set(indicator.questions)


def test_no_code_without_an_opinion_passes_for_one(form: Form):
    kinds = {"97": CodeKind.NOT_APPLICABLE, "98": CodeKind.DONT_KNOW, "99": CodeKind.REFUSED}
    for list_name, choices in form.lists.items():
        for choice in choices:
            assert choice.kind is kinds.get(choice.name, choice.kind), (list_name, choice.name)


def test_a_choice_that_excludes_the_others_is_guarded_by_a_constraint(form: Form):
    for question in form.questions:
        if question.type == "select_multiple" and question.file_name is None:
            alone = [c.name for c in form.choices(question) if c.kind is CodeKind.NONE or not c.kind.is_substantive]
            for code in alone:
                assert f"selected(., '{code}')" in (question.constraint or ""), (question.name, code)


def test_consent_is_asked_once_and_nothing_sensitive_is_asked_before_it(name: str, form: Form):
    gate = {CSP: "interview", ASP: "interview", FGD: "discussion"}[name]
    after = {CSP: (), ASP: (), FGD: ("notes",)}[name]  # what the facilitator writes down alone
    asked = {CSP: "consent", ASP: "consent", FGD: "consent_oral"}[name]
    group = next(each for each in form.groups if each.path == gate)
    outside = [q for q in form.questions if not q.path.startswith((f"{gate}/", *(f"{each}/" for each in after)))]

    assert (group.relevant or "").split("/")[-1].replace(" ", "") == f"{asked}=1"
    assert not [
        q.name
        for q in outside
        if q.sensitivity in (Sensitivity.SENSITIVE, Sensitivity.SEVERE)  # an identifier of the visit is no answer
    ]


# --- mirrored items ---------------------------------------------------------------------------------------------------


def mirrors() -> Iterator[tuple[str, str, str, str]]:
    """Form and indicator, and the form and indicator it stands beside."""
    for form in FORMS:
        for indicator in form_of(form).interpretation.indicators:
            if indicator.mirror:
                yield (form, indicator.name, *indicator.mirror.split(":"))


def test_a_mirror_shows_an_indicator_that_exists_with_the_same_measure_and_codes():
    found = list(mirrors())
    assert len(found) >= 30
    for form, ours, other_form, theirs in found:
        mine = next(i for i in form_of(form).interpretation.indicators if i.name == ours)
        other = next((i for i in form_of(other_form).interpretation.indicators if i.name == theirs), None)
        assert other is not None, (form, ours, theirs)
        assert mine.measure == other.measure or (mine.measure, other.measure) in MEASURES_THAT_FIT, (form, ours)
        if mine.measure == other.measure:
            assert mine.counts == other.counts, (form, ours)
            assert codes(form, mine.questions[0]) == codes(other_form, other.questions[0]), (form, ours)


def codes(form: str, question: str) -> list[tuple[str, CodeKind, tuple[tuple[str, str], ...]]]:
    """The choices of a question: codes, kinds and labels."""
    found = next(each for each in form_of(form).questions if each.name == question)
    return [(c.name, c.kind, tuple(sorted(c.labels.items()))) for c in form_of(form).choices(found)]


def test_mirrored_questions_are_asked_on_both_sides_on_the_same_scale():
    asp, csp = ({question.name: question for question in form_of(form).questions} for form in (ASP, CSP))
    mirrored = [name for name in asp if asp[name].path.startswith("interview/mirror/")]

    assert len(mirrored) == 12
    for name in mirrored:
        other = MIRRORED_ELSEWHERE.get(name, name)
        assert (asp[name].type, asp[name].list_name) == (csp[other].type, csp[other].list_name), name
        assert codes(ASP, name) == codes(CSP, other), name
        assert asp[name].sensitivity is csp[other].sensitivity, name


def test_a_list_that_several_instruments_share_is_the_same_in_all():
    seen: dict[str, tuple[str, list[tuple[str, CodeKind, tuple[tuple[str, str], ...]]]]] = {}
    for form in FORMS:
        for list_name, choices in form_of(form).lists.items():
            here = [(c.name, c.kind, tuple(sorted(c.labels.items()))) for c in choices]
            first, there = seen.setdefault(list_name, (form, here))
            assert here == there, (list_name, first, form)


def test_officials_are_never_shown_by_area():
    design = form_of(ASP).interpretation.design
    assert design is not None
    assert design.kind == "census"
    assert design.by == (("corps3",),)
    for indicator in form_of(ASP).interpretation.indicators:
        assert indicator.by in (None, ((),)), indicator.name


# --- focus groups -----------------------------------------------------------------------------------------------------


def test_the_plan_has_one_hundred_groups_in_eight_regions_and_the_camps_of_three_countries():
    plan = table(FGD, "fg_plan.csv")
    sites = {row["name"]: row for row in table(FGD, "sites.csv")}
    lists = form_of(FGD).lists

    assert [row["name"] for row in plan] == [f"FG-{number:03d}" for number in range(1, 101)]
    assert {row["area_id"] for row in plan} == set(sites)
    assert {row["country"] for row in plan} == {row["name"] for row in table(FGD, "countries.csv")}
    assert all(row["country"] == sites[row["area_id"]]["country"] for row in plan)
    assert {row["fg_type"] for row in plan} == {choice.name for choice in lists["fgtype"]}
    assert {row["place_kind"] for row in plan} == {choice.name for choice in lists["site_kind"]}
    assert {f"ML0{number}" for number in range(1, 9)} <= {row["area_id"] for row in plan}
    assert all((row["place_kind"] == "camp") == (row["country"] != "ML") for row in plan)
    assert all(row["label"].startswith(f"{row['name']} · ") for row in plan)


def test_the_quotas_of_focus_groups_are_those_of_the_plan():
    plan = table(FGD, "fg_plan.csv")
    quotas = [(row["variable"], row["value"], int(row["target"])) for row in rows(book_of(FGD)["quotas"])]
    for variable in ("country", "fg_type"):
        of_plan = Counter(row[variable] for row in plan)
        assert {value: target for name, value, target in quotas if name == variable} == of_plan


def test_a_focus_group_has_no_weight_and_a_codebook_of_its_themes():
    interpretation = form_of(FGD).interpretation
    assert interpretation.design is not None
    assert (interpretation.design.kind, interpretation.design.weight) == ("purposive", None)
    themes = form_of(FGD).lists["theme"]
    codebook = rows(book_of(FGD)["codebook"])
    assert [row["name"] for row in codebook] == [theme.name for theme in themes]
    for row, theme in zip(codebook, themes, strict=True):
        assert {language: row[f"label::{language}"] for language in LANGUAGES} == dict(theme.labels)
        for column in ("definition", "include", "exclude", "example"):
            assert len(row[column].split("\n")) == 2, (row["name"], column)  # French, then English


def test_a_voice_is_recorded_only_where_all_agreed_and_each_quote_has_its_own_permission():
    questions = {question.name: question for question in form_of(FGD).questions}
    assert "consent_rec" in (questions["st_audio"].relevant or "")
    assert questions["st_audio"].sensitivity is Sensitivity.IDENTIFIER
    assert questions["st_quote_ok"].repeat == questions["st_text"].repeat == "discussion/statements"
    assert [name for name, question in questions.items() if "consent_rec" in (question.relevant or "")] == ["st_audio"]


@pytest.mark.parametrize("file_name", ["facilitators.csv", "stimuli.csv", "countries.csv", "sites.csv"])
def test_files_have_labels_in_both_languages_and_no_persons_name(file_name: str):
    listed = table(FGD, file_name)
    assert all(row["name"] and row["label"] and row["label_en"] for row in listed)
    assert len({row["name"] for row in listed}) == len(listed)
    if file_name == "facilitators.csv":
        assert all(re.fullmatch(r"F\d\d – équipe \S+( \S+)?", row["label"]) for row in listed)


# --- the look ---------------------------------------------------------------------------------------------------------


def test_every_sheet_can_be_read_headers_stay_pages_print_and_the_survey_is_open(book: Workbook):
    assert book.sheetnames[0] == "README"
    assert book.active is not None
    assert book.active.title == "survey"
    for sheet in book.worksheets:
        assert sheet.freeze_panes in ("A2", "B2", "C2"), sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$1"
        if sheet.title == "README":
            continue
        for cell in sheet[1]:
            letter = get_column_letter(cell.column)
            assert sheet.column_dimensions[letter].width >= 10, cell
            assert cell.font.bold, cell
            if column_note(sheet.title, str(cell.value)) is not None:
                assert cell.comment is not None, cell


def test_every_column_is_explained(book: Workbook):
    for sheet in book.worksheets:
        if sheet.title != "README":
            assert [cell.value for cell in sheet[1] if column_note(sheet.title, str(cell.value)) is None] == []


def test_cells_of_our_sheets_keep_what_a_designer_types(book: Workbook):
    for sheet in book.worksheets:
        columns = [cell.column for cell in sheet[1]]
        if sheet.title in OUR_SHEETS and sheet.title != "README":
            assert all(sheet.cell(row, n).number_format == "@" for row in (2, 250, PREPARED_ROWS + 1) for n in columns)
        if sheet.title != "README":
            assert all(sheet.column_dimensions[get_column_letter(n)].number_format == "@" for n in columns)
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_every_closed_column_has_its_drop_down_list(book: Workbook):
    lists = {}
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            left, _, _, last = range_boundaries(str(rule.sqref))
            if last == PREPARED_ROWS + 1:
                lists[sheet.title, sheet.cell(1, left).value] = (rule.formula1, bool(rule.showErrorMessage))
    expected = {
        place: (drop_down.formula, drop_down.is_closed)
        for place, drop_down in DROP_DOWNS.items()
        if place[0] in book.sheetnames
    }
    assert lists == expected
    # Excel repairs a file that goes beyond: 255 characters between the quotes, 225 in the message.
    rules = [rule for sheet in book.worksheets for rule in sheet.data_validations.dataValidation]
    assert all(len(rule.formula1) <= 257 and len(rule.error or "") <= 225 for rule in rules)
    of_values = {str(rule.sqref) for rule in book["design"].data_validations.dataValidation}
    keys = [cell.value for cell in book["design"]["A"]]
    closed = {f"B{number}" for number, key in enumerate(keys, start=1) if key in DESIGN_VALUES}
    assert len(closed) >= 1
    assert closed <= of_values


def test_rows_of_a_group_share_a_tint_and_those_that_open_and_close_it_are_darker(book: Workbook):
    around: list[str] = []
    for row in book["survey"].iter_rows(min_row=2):
        if row[0].value is None:
            continue
        word, name, color = str(row[0].value), str(row[1].value), row[0].fill.fgColor.rgb
        if word.startswith("begin_"):
            around.append(f"{name} {color}")
        elif word.startswith("end_"):
            assert around.pop() == f"{name} {color}"
        elif around:
            opened = around[-1].split()[1]
            assert color != opened
            assert sum(int(color[at : at + 2], 16) for at in (2, 4, 6)) > sum(
                int(opened[at : at + 2], 16) for at in (2, 4, 6)
            )
    assert around == []


def test_no_wrapped_text_stands_in_a_row_too_low_for_it(book: Workbook):
    """LibreOffice does not fit the height of rows that a program wrote: 15 points a line at 11 points' size."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None or not cell.alignment.wrap_text:
                    continue
                width = sheet.column_dimensions[cell.column_letter].width
                lines = sum(-(-max(1, len(part)) // int(width)) for part in str(cell.value).split("\n"))
                height = sheet.row_dimensions[cell.row].height
                assert height is not None, cell
                assert height >= 15 * lines, cell


def test_the_bank_is_asked_in_full_word_for_word(shared: Path):
    short = {ASP: "asp", FGD: "fgd"}
    mended = {  # a code from the plan, a don't-know way, lists of their own, a gate instead of a constraint
        *("corps", "langs", "post_full", "q_trust_gend", "q_reprisal", "frame_no"),
        *("fg_code", "place_kind", "area_id", "consent_oral", "n_w1834", "n_w35p", "n_m1834", "st_theme2"),
    }
    with (shared / "bank" / "question_bank.csv").open(encoding="utf-8") as file:
        bank = list(csv.DictReader(file))
    for form, instrument in short.items():
        asked = {row["name"]: row for row in rows(book_of(form)["survey"]) if "name" in row}
        of_bank = [row for row in bank if row["instrument"] == instrument]
        assert len(of_bank) == {"asp": 33, "fgd": 39}[instrument]
        for row in of_bank:
            ours = asked[row["name"]]
            assert ours[f"label::{LANGUAGES[0]}"] == row["label_fr"]
            assert ours[f"label::{LANGUAGES[1]}"] == row["label_en"]
            if row["name"] not in mended:
                assert ours["type"] == row["type"]
                assert ours.get("constraint", "") == row["constraint"]
