"""What is missing or stale in a language goes out to a translator; what comes back is laid in only where it fits."""

import io
from collections.abc import Callable, Mapping, Sequence

import openpyxl
import pytest

from forms.errors import JekafoError
from forms.language import LanguageUnknown
from forms.library import library_workbook
from forms.read import read_form
from forms.translation import layout
from forms.translation.acceptance import Why
from forms.translation.errors import TranslationFileInvalid, WorkbookNotEditable
from forms.translation.incoming import read_translation_file
from forms.translation.languages import default_language, language_named, languages, tag_of
from forms.translation.lay_in import LaidIn, form_id_of, lay_in, losses_of
from forms.translation.missing import OpenText, open_texts
from forms.translation.outgoing import translation_file
from forms.workbook.file import read_workbook

Rows = Sequence[Mapping[str, object]]
MakeWorkbook = Callable[[Mapping[str, Rows]], bytes]
FR, EN, FF = "Français (fr)", "English (en)", "Fulfulde (ffm)"

SURVEY: list[dict[str, object]] = [
    {"type": "begin_group", "name": "g", "fr": "Groupe", "en": "Group"},
    {"type": "text", "name": "village", "fr": "Quel village ?", "en": "Which village?"},
    {"type": "select_one yn", "name": "ok", "fr": "Est-ce **vrai** à ${village} ?", "hint::Français (fr)": "Lire"},
    {"type": "end_group"},
    {"type": "calculate", "name": "sum", "calculation": "1 + 1"},
]
CHOICES = [
    {"list_name": "yn", "name": "1", "fr": "Oui", "en": "Yes"},
    {"list_name": "yn", "name": "0", "fr": "Non"},
]
SETTINGS = [{"form_id": "small", "version": "1", "default_language": FR}]


@pytest.fixture
def small(make_workbook: MakeWorkbook) -> bytes:
    return make_workbook({"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS})


def sent_out(workbook: bytes, language: str = EN, source: str = FR) -> tuple[OpenText, ...]:
    return open_texts(read_workbook(workbook, "small.xlsx"), language, source)


def answered(workbook: bytes, answers: Mapping[str, object], language: str = EN) -> bytes:
    """The translator's file for what a workbook lacks, filled by the name in its second column and the kind of text."""
    texts = sent_out(workbook, language)
    book = openpyxl.load_workbook(io.BytesIO(translation_file(texts, language, "small")))
    sheet = book[layout.SHEET]
    fill = len(layout.VISIBLE)
    for number in range(2, sheet.max_row + 1):
        name = f"{sheet.cell(number, 2).value} {sheet.cell(number, 3).value}"
        sheet.cell(number, fill).value = answers.get(name)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def laid(workbook: bytes, translation: bytes) -> LaidIn:
    return lay_in(workbook, "small.xlsx", read_translation_file(translation, "back.xlsx"))


def edited(workbook: bytes, sheet: str, cell: str, value: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    book[sheet][cell] = value
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_what_is_missing_is_named_with_its_source_and_context(small: bytes) -> None:
    texts = {(text.name, text.key.kind): text for text in sent_out(small)}
    assert set(texts) == {("ok", "label"), ("ok", "hint"), ("yn/0", "label")}
    asked = texts["ok", "label"]
    assert (asked.sheet, asked.row, asked.source) == ("survey", 4, "Est-ce **vrai** à ${village} ?")
    assert asked.context == "select_one yn: Oui / Non"


def test_a_new_language_lacks_every_text_and_no_blank(small: bytes) -> None:
    assert len(sent_out(small, FF)) == 6


def test_a_text_that_the_source_lacks_is_taken_from_another_language(make_workbook: MakeWorkbook) -> None:
    survey = [*SURVEY[1:2], {"type": "text", "name": "late", "en": "Only English"}]
    workbook = make_workbook({"survey": survey, "settings": SETTINGS})
    texts = {text.name: text for text in sent_out(workbook, FF)}
    assert (texts["late"].source_language, texts["late"].source) == (EN, "Only English")


def test_stale_is_what_changed_in_the_source_and_not_in_the_translation(small: bytes) -> None:
    now = edited(small, "survey", "C3", "Dans quel village ?")
    both = edited(now, "survey", "D3", "In which village?")
    since = read_workbook(small, "small.xlsx")
    stale = [text for text in open_texts(read_workbook(now, "s.xlsx"), EN, FR, since=since) if text.present]
    assert [(text.name, text.present) for text in stale] == [("village", "Which village?")]
    fresh = open_texts(read_workbook(both, "s.xlsx"), EN, FR, since=since)
    assert not [text for text in fresh if text.present]


def test_a_stale_text_that_comes_back_replaces_the_old_one(small: bytes) -> None:
    now = edited(small, "survey", "C3", "Dans quel village ?")
    texts = open_texts(read_workbook(now, "s.xlsx"), EN, FR, since=read_workbook(small, "small.xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(translation_file(texts, EN, "small")))
    row = next(row for row in book[layout.SHEET].iter_rows(min_row=2) if row[1].value == "village")
    row[len(layout.VISIBLE) - 1].value = "In which village?"
    content = io.BytesIO()
    book.save(content)
    result = laid(now, content.getvalue())
    assert result.laid == 1
    assert read_form(result.workbook, "small.xlsx").by_name["village"].labels[EN] == "In which village?"


def test_what_comes_back_is_in_the_form(small: bytes) -> None:
    back = answered(small, {"ok label": "Is it **true** in ${village}?", "ok hint": "Read", "yn/0 label": "No"})
    result = laid(small, back)
    assert (result.laid, result.empty, result.refused, result.remarks, result.new_columns) == (
        3, 0, (), (), ("survey: hint::English (en)",),
    )  # fmt: skip
    form = read_form(result.workbook, "small.xlsx")
    assert form.by_name["ok"].labels[EN] == "Is it **true** in ${village}?"
    assert form.by_name["ok"].hints[EN] == "Read"
    assert sent_out(result.workbook) == ()


def test_a_blank_answer_leaves_the_workbook_as_it_is(small: bytes) -> None:
    result = laid(small, answered(small, {"ok label": "   "}))
    assert (result.laid, result.empty) == (0, 3)
    assert result.workbook == small


def test_the_same_file_laid_in_twice_changes_nothing_the_second_time(small: bytes) -> None:
    back = answered(small, {"yn/0 label": "No"})
    once = laid(small, back)
    twice = laid(once.workbook, back)
    assert twice.laid == 0
    assert [remark.why for remark in twice.remarks] == [Why.ALREADY_THERE]
    assert twice.refused == ()


REFUSED: dict[str, tuple[str, object, Callable[[bytes], bytes], Why]] = {
    "the source was changed since": (
        "yn/0 label", "No", lambda book: edited(book, "choices", "C3", "Pas du tout"), Why.SOURCE_CHANGED),
    "somebody else translated it": (
        "yn/0 label", "No", lambda book: edited(book, "choices", "D3", "Nope"), Why.TRANSLATION_CHANGED),
    "the choice is gone": (
        "yn/0 label", "No", lambda book: edited(book, "choices", "B3", "2"), Why.ROW_GONE),
    "a reference is missing": (
        "ok label", "Is it **true** in the village?", lambda book: book, Why.REFERENCE_MISSING),
    "a reference is broken": (
        "ok label", "Is it **true** in $ {village}?", lambda book: book, Why.REFERENCE_MISSING),
    "a reference is unknown": (
        "ok label", "Is it **true** in ${village}, ${town}?", lambda book: book, Why.REFERENCE_UNKNOWN),
    "a formula": ("yn/0 label", "=1+1", lambda book: book, Why.NOT_TEXT),
    "a fraction": ("yn/0 label", 1.5, lambda book: book, Why.NOT_TEXT),
    "a truth": ("yn/0 label", True, lambda book: book, Why.NOT_TEXT),
}  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "meanwhile", "why"), REFUSED.values(), ids=REFUSED)
def test_what_no_longer_fits_is_refused_and_the_rest_is_laid_in(
    small: bytes, name: str, answer: object, meanwhile: Callable[[bytes], bytes], why: Why
) -> None:
    back = answered(small, {"ok hint": "Read", name: answer})
    now = meanwhile(small)
    result = laid(now, back)
    assert [remark.why for remark in result.refused] == [why]
    assert result.laid == 1
    assert result.refused[0].message.en != result.refused[0].message.fr


def test_another_question_may_be_referred_to_where_the_language_needs_it(small: bytes) -> None:
    result = laid(small, answered(small, {"ok label": "Is it **true** in ${village} (${sum})?"}))
    assert (result.laid, result.refused) == (1, ())


def test_lost_markup_is_remarked_and_laid_in(small: bytes) -> None:
    result = laid(small, answered(small, {"ok label": "Is it true in ${village}?"}))
    assert (result.laid, [remark.why for remark in result.remarks]) == (1, [Why.MARKUP_MISSING])


def test_a_question_that_moved_to_another_group_keeps_its_translation(
    small: bytes, make_workbook: MakeWorkbook
) -> None:
    back = answered(small, {"ok label": "Is it **true** in ${village}?"})
    moved = [SURVEY[2], SURVEY[0], SURVEY[1], *SURVEY[3:]]
    now = make_workbook({"survey": moved, "choices": CHOICES, "settings": SETTINGS})
    assert laid(now, back).laid == 1


def test_rows_may_be_sorted_and_columns_added_by_the_translator(small: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(answered(small, {"ok hint": "Read", "yn/0 label": "No"})))
    sheet = book[layout.SHEET]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(rows), start=2):
        for position, value in enumerate(row, start=1):
            sheet.cell(number, position).value = value
    sheet.insert_cols(3)
    sheet["C1"] = "my notes"
    content = io.BytesIO()
    book.save(content)
    assert laid(small, content.getvalue()).laid == 2


@pytest.mark.parametrize(("second", "refused"), [("Nope", [Why.ANSWERED_TWICE]), ("No", [])])
def test_of_two_rows_for_one_text_the_later_is_refused_where_it_says_something_else(
    small: bytes, second: str, refused: list[Why]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(answered(small, {"yn/0 label": "No"})))
    sheet = book[layout.SHEET]
    fill = len(layout.VISIBLE)
    row = next(number for number in range(2, sheet.max_row + 1) if sheet.cell(number, fill).value == "No")
    sheet.append([cell.value for cell in sheet[row]])
    sheet.cell(sheet.max_row, fill).value = second
    content = io.BytesIO()
    book.save(content)

    result = laid(small, content.getvalue())

    assert (result.laid, [remark.why for remark in result.refused]) == (1, refused)


@pytest.mark.parametrize("typed", ["Bambara", "X::Y (bm)", "=1+1", "Anglais (en)"])
def test_a_language_that_was_typed_over_in_the_file_makes_no_column(small: bytes, typed: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(answered(small, {"yn/0 label": "No"})))
    (cell,) = (row[1] for row in book[layout.ABOUT].iter_rows() if row[0].value == "language")
    cell.value, cell.data_type = typed, "s"
    content = io.BytesIO()
    book.save(content)

    with pytest.raises(LanguageUnknown):
        laid(small, content.getvalue())


def test_a_file_that_lost_its_hidden_columns_is_refused(small: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(answered(small, {"yn/0 label": "No"})))
    book[layout.SHEET].delete_cols(len(layout.VISIBLE) + 1)
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(TranslationFileInvalid, match=layout.KEY_SHEET):
        read_translation_file(content.getvalue(), "back.xlsx")


@pytest.mark.parametrize("raw", [b"|survey|\n", b"PK\x03\x04 nothing", b"%PDF-1.4"])
def test_what_is_no_translation_file_is_refused(raw: bytes) -> None:
    with pytest.raises(JekafoError, match=r"back\.xlsx"):
        read_translation_file(raw, "back.xlsx")


def test_a_questionnaire_is_no_translation_file(small: bytes) -> None:
    with pytest.raises(TranslationFileInvalid, match="no translation file"):
        read_translation_file(small, "small.xlsx")


def test_translations_of_another_form_are_refused(small: bytes) -> None:
    other = edited(small, "settings", "A2", "other")
    assert form_id_of(read_workbook(other, "small.xlsx")) == "other"
    with pytest.raises(TranslationFileInvalid, match="other"):
        laid(other, answered(small, {"yn/0 label": "No"}))


@pytest.mark.parametrize("raw", [b"| survey |\n| | type | name |\n", b"survey\n,type,name\n"])
def test_a_workbook_that_is_no_xlsx_is_refused_with_what_to_do(raw: bytes) -> None:
    with pytest.raises(WorkbookNotEditable, match=r"save it as \.xlsx"):
        losses_of(raw, "small.md")


def test_labels_that_begin_with_an_equals_sign_are_no_formula(make_workbook: MakeWorkbook) -> None:
    survey = [{"type": "text", "name": "a", "en": "x"}]
    workbook = make_workbook({"survey": survey, "settings": [{"form_id": "small"}]})
    texts = [
        OpenText(t.key, t.sheet, t.row, t.name, t.context, EN, "=HYPERLINK(1)") for t in sent_out(workbook, FF, EN)
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(translation_file(texts, FF, "small")))[layout.SHEET]
    assert [cell.data_type for cell in sheet["E"]] == ["s", "s"]


def test_a_translator_sees_the_cell_to_fill_and_instructions_in_both_languages(small: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(translation_file(sent_out(small), EN, "small")))
    sheet = book[layout.SHEET]
    assert book.active is sheet
    assert sheet.freeze_panes == "A2"
    assert sheet["G1"].value == f"{layout.FILL}: {EN}"
    assert sheet["G2"].fill.fgColor.rgb != sheet["E2"].fill.fgColor.rgb
    assert [sheet.column_dimensions[letter].hidden for letter in "EGHM"] == [False, False, True, True]
    assert book[layout.ABOUT].sheet_state == "hidden"
    words = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row)
    assert "${village}" in words
    assert "Enregistrez" in words
    assert "Save as" in words


def test_rows_are_as_high_as_their_longest_text_also_in_the_instructions(make_workbook: MakeWorkbook) -> None:
    survey = [
        {"type": "text", "name": "short", "fr": "Nom ?"},
        {"type": "note", "name": "long", "fr": "Bonjour à toutes et à tous. " * 20},
    ]
    workbook = make_workbook({"survey": survey, "settings": SETTINGS})
    book = openpyxl.load_workbook(io.BytesIO(translation_file(sent_out(workbook), EN, "small")))
    heights = [book[layout.SHEET].row_dimensions[row].height for row in (2, 3)]
    assert heights[0] < 20
    assert heights[1] > 10 * 15  # 560 characters in a column of 55
    instructions = book.worksheets[0]
    assert all(instructions.row_dimensions[row].height for row in range(2, instructions.max_row + 1))


def test_languages_are_named_by_name_tag_or_both() -> None:
    known = (FR, EN)
    assert [language_named(written, known) for written in ("fr", "FRANÇAIS", "francais", "English (en)")] == [
        FR, FR, FR, EN,
    ]  # fmt: skip
    assert language_named("Fulfulde  (ffm)", known) == FF
    assert language_named("Fulfulde(ffm)", known) == FF


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("ffm", "name and tag"),
        ("Bambara", "name and tag"),
        ("Franzais (fr)", "Did you mean Français"),
        ("Englisch", "Did you mean English"),
        ("English (eng)", "Did you mean English"),
        ("(fr", "name and tag"),
    ],
)
def test_a_language_that_is_not_there_is_asked_back(written: str, says: str) -> None:
    with pytest.raises(LanguageUnknown, match=says):
        language_named(written, (FR, EN))


def test_the_default_language_is_that_of_the_settings_else_the_first(make_workbook: MakeWorkbook) -> None:
    survey = [{"type": "text", "name": "a", "en": "A", "fr": "B"}]
    declared = read_workbook(make_workbook({"survey": survey, "settings": SETTINGS}), "s.xlsx")
    assert (default_language(declared), languages(declared)) == (FR, (FR, EN))
    assert default_language(read_workbook(make_workbook({"survey": survey, "settings": [{}]}), "s.xlsx")) == EN
    assert (tag_of(FF), tag_of("Français")) == ("ffm", "francais")


def test_a_workbook_without_languages_gets_a_first_one_beside_its_labels(make_workbook: MakeWorkbook) -> None:
    survey = [{"type": "text", "name": "village", "label": "Quel village ?"}]
    workbook = make_workbook({"survey": survey, "settings": [{"form_id": "small"}]})
    texts = sent_out(workbook, FF, "default")
    book = openpyxl.load_workbook(io.BytesIO(translation_file(texts, FF, "small")))
    book[layout.SHEET]["G2"] = "Wuro ndu?"
    content = io.BytesIO()
    book.save(content)
    result = laid(workbook, content.getvalue())
    assert result.new_columns == ("survey: label::Fulfulde (ffm)",)
    assert read_form(result.workbook, "small.xlsx").by_name["village"].labels[FF] == "Wuro ndu?"


def test_a_sheet_of_single_colons_keeps_them(make_workbook: MakeWorkbook) -> None:
    survey = [{"type": "text", "name": "village", "label": "Quel village ?", "bind:relevant": "1 = 1"}]
    workbook = make_workbook({"survey": survey, "settings": [{"form_id": "small"}]})
    texts = sent_out(workbook, FF, "default")
    book = openpyxl.load_workbook(io.BytesIO(translation_file(texts, FF, "small")))
    book[layout.SHEET]["G2"] = "Wuro ndu?"
    content = io.BytesIO()
    book.save(content)
    result = laid(workbook, content.getvalue())
    assert result.new_columns == ("survey: label:Fulfulde (ffm)",)
    asked = read_form(result.workbook, "small.xlsx").by_name["village"]
    assert (asked.relevant, asked.labels[FF]) == ("1 = 1", "Wuro ndu?")


def test_a_workbook_without_an_id_may_be_translated(make_workbook: MakeWorkbook) -> None:
    workbook = make_workbook({"survey": SURVEY, "choices": CHOICES})
    texts = sent_out(workbook)
    read = read_translation_file(translation_file(texts, EN, ""), "back.xlsx")
    assert read.form_id == ""


def test_the_shipped_instrument_comes_back_in_a_third_language_with_all_texts() -> None:
    workbook = library_workbook("community_perceptions")
    texts = open_texts(read_workbook(workbook, "c.xlsx"), FF, FR)
    assert {text.key.sheet for text in texts} >= {"survey", "choices", "derived", "indicators"}
    book = openpyxl.load_workbook(io.BytesIO(translation_file(texts, FF, "community_perceptions")))
    for row in book[layout.SHEET].iter_rows(min_row=2):
        row[len(layout.VISIBLE) - 1].value = f"FF {row[4].value}"
    content = io.BytesIO()
    book.save(content)
    result = laid(workbook, content.getvalue())
    assert (result.laid, result.refused, result.lost) == (len(texts), (), ())
    before, after = (read_form(each, "community_perceptions.xlsx") for each in (workbook, result.workbook))
    assert set(after.languages) == {*before.languages, FF}
    assert [question.labels.get(FF, "") for question in after.questions] == [
        f"FF {question.labels[FR]}" if FR in question.labels else "" for question in before.questions
    ]
    assert after.interpretation.design == before.interpretation.design
