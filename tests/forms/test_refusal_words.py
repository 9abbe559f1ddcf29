"""What a designer reads of a refusal leads to the cell that is wrong, and says what to write there."""

import pytest
from refused_forms import CHOICES, PLAIN, A, columns, sheet, survey

from forms.compile.type_words import meant_type
from forms.examine import examine
from forms.finding import Finding, Severity


def errors(text: str) -> list[Finding]:
    return [each for each in examine(text.encode(), "form.md").findings if each.severity is Severity.ERROR]


def only(text: str, code: str) -> Finding:
    (told,) = (each for each in examine(text.encode(), "form.md").findings if each.code == code)
    return told


def formula(text: str) -> str:
    """A form whose third question is asked on a condition; bars are escaped for the Markdown table."""
    written = text.replace("|", r"\|")
    return survey(columns("relevant"), "begin_group | interview | I | ", "integer | age | A | ",
                  f"text | b | B | {written}", "end_group | | | ")  # fmt: skip


OPEN = ("begin_group | interview | I", A, "begin_group | water | W", "text | b | B")


@pytest.mark.parametrize(
    ("rows", "code", "row", "said"),
    [
        # Ends that carry names: the one between is told, not the outermost.
        ((*OPEN, "end_group | interview | ", "text | d | D"), "group_not_closed", 4,
         "end_group interview (row 6) closes interview (row 2) while water (row 4) is still open"),
        # A missing end_repeat is told by its kind: once.
        (("begin_group | g | G", "begin_repeat | r | R", A, "end_group | | "), "group_not_closed", 3,
         "end_group (row 5) closes g (row 2) while r (row 3) is still open"),
        (("begin_repeat | r | R", "begin_group | g | G", A, "end_repeat | | "), "group_not_closed", 3, "Add end_group"),
        # Nothing tells which of two: it says so.
        ((*OPEN, "end_group | | "), "group_not_closed", 4, "One of the groups that begin in rows 2, 4 has no"),
        # An end that is named is beyond doubt.
        ((*OPEN, "end_group | water | "), "group_not_closed", 2, "This begin_group interview has no end_group"),
        (("begin_group | g | G", A, "end_group | water | ", "text | b | B", "end_group | g | "), "group_not_opened", 4,
         "This end_group water has no begin_group"),
        # The other word for an end.
        (("begin_repeat | r | R", A, "end_group | | "), "group_not_opened", 4, "Write end_repeat"),
        # Names that were never kept up do not make three errors of one.
        (("begin_group | g | G", "begin_group | h | H", A, "end_group | old | "), "group_not_closed", 3, "rows 2, 3"),
    ],
)  # fmt: skip
def test_a_group_without_its_end_is_told_once_and_where_it_is(rows: tuple[str, ...], code: str, row: int, said: str):
    (told,) = errors(survey(PLAIN, *rows))

    assert (told.code, told.sheet, told.row, told.column) == (code, "survey", row, "type")
    assert said in told.message.en
    assert told.message.fr != told.message.en


def test_errors_of_rows_behind_a_missing_end_are_told_with_it():
    told = errors(
        survey(PLAIN, *OPEN, "end_group | interview | ", "select_one nowhere | c | C", "text | | D") + CHOICES
    )

    assert [(each.code, each.row) for each in told] == [
        ("group_not_closed", 4), ("list_unknown", 7), ("name_missing", 8)
    ]  # fmt: skip


def test_groups_written_in_french_are_not_told_as_groups_without_partner():
    told = errors(survey(PLAIN, "debut groupe | g | G", A, "fin groupe | | "))

    assert [(each.code, each.row) for each in told] == [("unknown_question_type", 2), ("unknown_question_type", 4)]


def test_a_form_that_does_not_compile_is_told_last_to_have_more_checks_before_it():
    found = examine(survey(PLAIN, "texte | a | A").encode(), "form.md").findings

    assert [each.code for each in found] == ["unknown_question_type", "more_after_this"]
    assert (found[-1].severity, found[-1].place()) == (Severity.INFO, "")
    compiled = examine(survey(PLAIN, A).encode(), "form.md").findings
    assert "more_after_this" not in {each.code for each in compiled}


def test_a_list_of_a_derived_row_that_cannot_be_read_is_not_told_as_unused():
    lists = sheet("choices", "list_name | name | label", "age_band | 1 | x", "left_over | 1 | z")
    derived = sheet(
        "derived", "type | name | calculation | label", "select_one age_band | b | if(${age} < 3; 1, 2) | B"
    )
    found = examine((survey(PLAIN, "integer | age | A") + lists + derived).encode(), "form.md").findings

    assert "expression_invalid" in {each.code for each in found}
    assert [each.message.en.split("list ")[1].split(".")[0] for each in found if each.code == "list_unused"] == [
        "left_over"
    ]


LANGUAGES = "type | name | label::Français (fr) | label::English (en) | required | required_message"


def test_a_column_that_names_no_language_is_told_how_to_be_called():
    text = survey(LANGUAGES, "text | a | A | A | yes | Il le faut")
    told = only(text, "language_unnamed")

    assert (told.row, told.column, told.severity) == (1, "required_message", Severity.WARNING)
    assert "Rename it required_message::Français (fr), and add required_message::English (en)." in told.message.en
    assert "translation_missing" not in {each.code for each in examine(text.encode(), "form.md").findings}


def test_columns_that_a_language_really_lacks_are_still_told_beside_one_without_language():
    text = survey(LANGUAGES + " | hint::English (en)", "text | a | A | A | yes | Il le faut | h")
    told = only(text, "translation_missing")

    assert told.message.en == "Columns of translations are missing: survey hint::Français (fr). Add them."


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("${age} = 1 et ${age} = 2", "xpath_syntax", "write `and`"),
        ("${age} = 1 ou ${age} = 2", "xpath_syntax", "write `or`"),
        ("${age} = 1 AND ${age} = 2", "xpath_syntax", "in small letters: `and`"),
        ("${age} = 1 OR ${age} = 2", "xpath_syntax", "in small letters: `or`"),
        ("${age} = 1 && ${age} = 2", "xpath_syntax", "write `and`"),
        ("${age} = 1 || ${age} = 2", "xpath_syntax", "write `or`"),
        ("non(${age} = 1)", "function_refused", "write not(…)"),
        ("NOT(${age} = 1)", "function_refused", "write not(…)"),
        ("vrai()", "function_refused", "write true()"),
        ("${age} = vrai", "word_unquoted", "Write true()"),
        ("{age} = 1", "xpath_syntax", "write `${age}`"),
        ("$age = 1", "formula_fails", "`${age}`"),
        ("uuidd() = 1", "function_refused", "no function uuidd"),
    ],
)
def test_a_formula_in_the_words_of_another_language_is_told_the_right_ones(written: str, code: str, said: str):
    assert said in only(formula(written), code).message.en


def test_a_formula_is_shown_as_it_stands_in_the_cell():
    short = only(formula("${age} == 'f'"), "xpath_syntax").message.en
    long = only(formula("${age} = 1 and ${age} = 2 and ${age} == 'f' or ${age} = 3 or ${age} = 4"), "xpath_syntax")

    assert "Here: ${age} == 'f'." in short
    assert "Here: …and ${age} = 2 and ${age} == 'f' or ${age} = 3 or ${age}… Correct it." in long.message.en
    assert "/data" not in short + long.message.en


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nombre", "integer"), ("texte", "text"), ("Entier", "integer"), ("décimal", "decimal"),
        ("calcul", "calculate"),
        ("choix unique", "select_one"), ("choix multiple sources", "select_multiple sources"), ("liste", "select_one"),
        ("groupe", "begin_group"), ("Début groupe", "begin_group"), ("fin_groupe", "end_group"), ("heure", "time"),
        ("selectone l", "select_one l"), ("intger", "integer"), ("Select one from source", None), ("xyz", None),
    ],
)  # fmt: skip
def test_the_type_that_was_meant_is_known_by_its_french_word_too(written: str, meant: str | None):
    assert meant_type(written) == meant


@pytest.mark.parametrize("kind", ["select_one", "select_multiple", "rank"])
def test_a_select_without_its_list_is_told_which_lists_there_are(kind: str):
    told = only(survey(PLAIN, f"{kind} | a | A") + CHOICES, "unknown_question_type")

    assert told.message.en == (
        f"{kind} needs the name of its list. Write it behind: `{kind} LIST`. The lists in the sheet choices: yes_no."
    )


def test_two_questions_of_one_name_are_named_by_their_rows():
    told = only(
        survey(columns("relevant"), "begin_group | g | G | ", "text | sex | S | ", "end_group | | | ",
               "begin_group | h | H | ", "text | sex | S | ", "end_group | | | ", "text | b | B | ${sex} = 'f'"),
        "reference_ambiguous",
    )  # fmt: skip

    assert told.row == 8
    assert "Several questions are called sex (rows 3 and 6)" in told.message.en
    assert "(lignes 3 et 6)" in told.message.fr


def test_a_circle_of_calculations_is_told_once_in_the_order_in_which_they_read():
    circle = ("calculate | b | | ${c} + 1", "calculate | a | | ${b} + 1", "calculate | d | | ${a} + 1",
              "calculate | c | | ${d} + 1")  # fmt: skip
    (told,) = errors(survey(columns("calculation"), *circle, "text | q | Q | "))

    assert (told.code, told.row, told.column) == ("cycle", 2, "calculation")
    assert "b (row 2) → c (row 5) → d (row 4) → a (row 3) → b (row 2)" in told.message.en


def test_each_of_several_circles_is_told_and_a_circle_of_one_in_its_own_words():
    told = errors(
        survey(columns("relevant"), "text | a | A | ${b} = 1", "text | b | B | ${a} = 1", "text | s | S | ${s} = 1")
    )

    assert [(each.code, each.row) for each in told] == [("cycle", 2), ("cycle", 4)]
    assert "reads its own result: s (row 4)" in told[1].message.en


@pytest.mark.parametrize("name", ["enquete", "Survey1", "Feuil1"])
def test_a_survey_under_another_name_is_found_by_its_columns(name: str):
    told = only(sheet(name, PLAIN, A) + CHOICES, "sheet_missing")

    assert f"The workbook has: {name}, choices." in told.message.en
    assert f"{name} has the columns type and name: rename it survey." in told.message.en


def test_without_anything_like_a_survey_the_sheets_are_named():
    told = only(sheet("notes", "type | label", "note | Two") + CHOICES, "sheet_missing")

    assert told.message.en == (
        "The sheet survey is missing. The workbook has: notes, choices. Add the sheet, or correct its name."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (survey(PLAIN, "image | a | A"), "Add the column parameters to this sheet, and write max-pixels=1024"),
        (survey(columns("parameters"), "image | a | A | "), "Write max-pixels=1024 in this cell"),
        (
            survey(columns("parameters"), "image | a | A | app=org.a.b"),
            "Write app=org.a.b max-pixels=1024 in this cell",
        ),
    ],
)
def test_a_photo_in_full_size_is_told_what_to_write_and_where(text: str, said: str):
    assert said in only(text, "image_size").message.en
