"""Each code of the checks has a workbook that it is raised for, and a near miss that it is not raised for.

A workbook is Markdown as pyxform reads it; `@@` is where the flawed one and its near miss differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from forms import checks
from forms.examined import Examined
from forms.finding import Finding, Findings, Severity
from forms.read import attempt_to_read
from forms.workbook.file import read_workbook


@dataclass(frozen=True)
class Case:
    workbook: str
    flawed: str
    near_miss: str
    files: Mapping[str, bytes] | None = None
    mended_files: Mapping[str, bytes] | None = None
    clients: frozenset[str] = field(default_factory=frozenset)


CHOICES = """
| choices |
| | list_name | name | label |
| | sex | f | Female |
| | sex | m | Male |
| | services | school | School |
| | services | water | Water |
| | services | none | None |
| | rating | 1 | Bad |
| | rating | 2 | Good |
"""


def survey(*rows: str, columns: str = "") -> str:
    header = f"| survey |\n| | type | name | label | {columns} |\n"
    return header + "\n".join(f"| | {row} |" for row in rows) + "\n" + CHOICES


PEOPLE = (
    "select_one sex | sex | Sex",
    "integer | age | Age | | . <= 99",
    "select_multiple services | served | Served by",
)
CONDITION = survey(*PEOPLE, "text | why | Why | @@", columns="relevant | constraint")
CONSTRAINT = survey("integer | age | Age | @@", "select_one rating | rating | Rating", columns="constraint")
CALCULATION = survey("integer | age | Age", "calculate | result | | @@", columns="calculation")
DEFAULT = survey(
    "select_one sex | sex | Sex | @sex@", "integer | age | Age | @@ | . < 120", columns="default | constraint"
)
SETTINGS = "\n| settings |\n| | form_title | form_id | version |\n| | {} | {} | {} |\n"
TEXT = survey("text | why | Why")
NAMES = survey("text | @@ | One", "integer | {} | Two", "select_multiple services | served | Served by")
PLACES = """
| survey |
| | type | name | label | choice_filter | relevant |
| | select_one region | region | Region | | |
| | select_one district | district | District | @@ | |
| choices |
| | list_name | name | label | region |
| | region | north | North | |
| | region | south | South | |
| | district | n1 | First | north |
| | district | n2 | Second | {} |
"""
FROM_FILE = survey("select_one_from_file towns.csv | town | Town | @@", columns="parameters")
CSV = b"name,label,zone\nt1,T\xc3\xa9ra,a\nt2,Two,b\n"
LANGUAGES = """
| survey |
| | type | name | label::French (fr) | @@ |
| | text | why | Pourquoi | Why |
| | note | said | Dit ${why} | Said ${why} |
| settings |
| | form_id | default_language |
| | f | French (fr) |
"""
CLASSED = """
| survey |
| | type | name | label | sensitivity |
| | text | @@ | @label@ | @class@ |
| | integer | age | Age | quasi |
"""

CASES: dict[str, Case] = {
    "literal_no_choice": Case(CONDITION, "${sex} = 'F'", "${sex} = 'f' or ${sex} = ''"),
    "multiple_compared_whole": Case(CONDITION, "${served} = 'school'", "${served} = 'none'"),
    "exclusive_choice_unguarded": Case(
        survey("select_multiple services | served | Served by | @@", columns="constraint"),
        "count-selected(.) < 9 and not(selected(., 'water') and selected(., 'school'))",
        "not(selected(., 'none') and count-selected(.) > 1)",
    ),
    "never_asked": Case(CONDITION, "${age} > 100", "${age} >= 99"),
    "always_hidden": Case(CONDITION, "1 = 2", "1 = 1"),
    "used_before_answered": Case(
        survey("text | why | Why | @@", "integer | age | Age", columns="relevant"), "${age} > 3", "position(..) > 3"
    ),
    "constraint_never_true": Case(CONSTRAINT, ". > 5 and . < 3", ". > 3 and . < 5"),
    "constraint_forbids_choices": Case(
        survey("select_one rating | rating | Rating | @@", columns="constraint"), ". != 1", ". != 3"
    ),
    "constraint_ignored": Case(
        survey("note | said | Said | @@", "integer | age | Age | . > 1", columns="constraint"), "1 = 1", " "
    ),
    "constraint_unexplained": Case(
        survey("integer | age | Age | . < 120 | @@", columns="constraint | constraint_message"), " ", "At most 119."
    ),
    "function_unknown": Case(CALCULATION, "lenght(${age})", "string-length(${age})"),
    "function_arguments": Case(CALCULATION, "if(${age} > 1, 1)", "if(${age} > 1, 1, 0)"),
    "regex_invalid": Case(CONSTRAINT, "regex(., '^[0-9{3}$')", "regex(., '^[0-9]{3}$')"),
    "regex_never_matches": Case(CONSTRAINT, r"regex(., '^\\d{3}$')", r"regex(., '^\d{3}$')"),
    "filter_column_unknown": Case(PLACES.format("north"), "regoin = ${region}", "region = ${region}"),
    "filter_leaves_nothing": Case(PLACES.format("east"), "region = 'west'", "region = 'east'"),
    "filter_leaves_nothing_after": Case(PLACES.replace("@@", "region = ${{region}}").format("@@"), "north", "south"),
    "name_refused_by_spss": Case(NAMES.format("two"), "with", "with_whom"),
    "names_cut_alike": Case(
        NAMES.format("access_to_health_services_in_2026_b"),
        "access_to_health_services_in_2026_a",
        "a_access_to_health_services_in_2026",
    ),
    "names_alike_in_case": Case(
        "| survey |\n| | type | name | label |\n| | begin_group | one | One |\n| | text | Age | Age |\n"
        "| | end_group | | |\n| | integer | @@ | Age |\n",
        "age",
        "ages",
    ),
    "name_used_in_two_groups": Case(
        "| survey |\n| | type | name | label |\n| | begin_group | one | One |\n| | text | age | Age |\n"
        "| | end_group | | |\n| | integer | @@ | Age |\n",
        "age",
        "years",
    ),
    "name_of_a_dummy": Case(NAMES.format("two"), "served_water", "served_by_water"),
    "names_not_plain": Case(NAMES.format("two"), "Age", "age"),
    "names_long_for_stata": Case(NAMES.format("two"), "a" * 33, "a" * 32),
    "choice_name_with_space": Case(
        TEXT.replace("text | why", "select_one sex | why").replace("| f |", "| @@ |"), "fe male", "fe_male"
    ),
    "choice_names_alike": Case(
        TEXT.replace("text | why", "select_one sex | why").replace("| f |", "| 1 |").replace("| m |", "| @@ |"),
        "01",
        "10",
    ),
    "choices_labelled_alike": Case(
        TEXT.replace("text | why", "select_one sex | why").replace("Female", "@@"), "male", "Woman"
    ),
    "default_language_unknown": Case(
        LANGUAGES.replace("@@", "label::English (en)").replace("| f | French (fr)", "| f | @@"), "French", "French (fr)"
    ),
    "language_unnamed": Case(LANGUAGES, "label", "label::English (en)"),
    "language_spelt_twice": Case(LANGUAGES, "label::Français (fr)", "label::Bambara (bm)"),
    "label_reference_differs": Case(
        LANGUAGES.replace("@@", "label::English (en)").replace("Said ${why}", "Said @@"), "it", "${why}"
    ),
    "text_ordered": Case(CONSTRAINT, ". > '2020-01-01'", ". > 2020"),
    "date_malformed": Case(CALCULATION, "${age} - date('31/12/2020')", "${age} - date('2020-12-31')"),
    "form_id_missing": Case(TEXT + SETTINGS.format("Title", "@@", "1"), " ", "form"),
    "version_missing": Case(TEXT + SETTINGS.format("Title", "form", "@@"), " ", "2026010101"),
    "form_title_missing": Case(TEXT + SETTINGS.format("@@", "form", "1"), " ", "Title"),
    "hidden_character": Case(
        TEXT.replace("text | why", "select_one sex | why").replace("| f |", "| @@ |"), "f\u200b1", "f1"
    ),
    "letter_of_another_alphabet": Case(NAMES.format("two"), "\u0430ge", "\u0432\u043e\u0437\u0440\u0430\u0441\u0442"),
    "medium_missing": Case(
        survey("note | said | Said | @@", columns="media::image"), "map.png", "plan.png", {}, {"plan.png": b""}
    ),
    "data_column_missing": Case(FROM_FILE, "value=code", "value=zone", {"towns.csv": CSV}, {"towns.csv": CSV}),
    "data_name_twice": Case(FROM_FILE, " ", " ", {"towns.csv": CSV.replace(b"t2", b"t1")}, {"towns.csv": CSV}),
    "data_file_not_utf8": Case(
        FROM_FILE, " ", " ", {"towns.csv": CSV.decode().encode("cp1252")}, {"towns.csv": b"\xef\xbb\xbf" + CSV}
    ),
    "data_file_semicolons": Case(FROM_FILE, " ", " ", {"towns.csv": CSV.replace(b",", b";")}, {"towns.csv": CSV}),
    "feature_unsupported": Case(
        survey("@@ | code | Code"), "barcode", "text", clients=frozenset({"web-forms", "collect"})
    ),
    "identifier_unclassed": Case(
        CLASSED.replace("@@", "q1").replace("@class@", "open").replace("@label@", "@@"),
        "Quel est votre nom ?",
        "Quel est votre avis ?",
    ),
    "identifier_blank": Case(CLASSED.replace("@label@", "Said").replace("@class@", " "), "telephone", "opinion"),
    "word_unquoted": Case(CONDITION, "${sex} = f", "${sex} = 'f' and count(../age) = 1"),
    "text_as_condition": Case(CONDITION, "${sex} = 'f' or 'm'", "${sex} = 'f' or ${sex} = 'm' and 1"),
    "comparison_compared": Case(CONDITION, "18 <= ${age} <= 99", "(${age} >= 18) + (${sex} = 'f') >= 1"),
    "choice_compared_with_truth": Case(CONDITION, "${sex} = true()", "selected(${sex}, 'f') = true()"),
    "text_calculated": Case(CALCULATION, "${age} + ' years'", "${age} + '1'"),
    "sum_with_skipped": Case(
        survey(
            "integer | men | Men | |",
            "integer | women | Women | ${men} > 3 |",
            "calculate | all_of_them | | | @@",
            columns="relevant | calculation",
        ),
        "${men} + ${women}",
        "${men} + coalesce(${women}, 0)",
    ),
    "always_true": Case(CONDITION, "${sex} != 'f' or ${sex} != 'm'", "${sex} != 'f' or ${age} != 1"),
    "constraint_of_another": Case(
        survey("integer | men | Men | ", "integer | women | Women | @@", columns="constraint"),
        "${men} > 0 and ${men} < 90",
        "${men} > 0 and . < 90",
    ),
    "shown_before_answered": Case(
        "| survey |\n| | type | name | label::French (fr) |\n| | note | said | Bonjour @@ |\n| | text | who | Qui |\n",
        "${who}",
        "${last-saved#who}",
    ),
    "column_misspelt": Case(
        survey("integer | age | Age | 1 = 1 |", columns="@@ | names_of_theirs"), "relevent", "relevance"
    ),
    "choice_never_offered": Case(
        PLACES.replace("@@", "region = ${{region}}").format("@@") + "| | district | n3 | Third | south |\n",
        "North",
        "north",
    ),
    "filter_compares_nothing": Case(PLACES.format("south"), "${region}", "region = ${region}"),
    "version_became_date": Case(
        TEXT + SETTINGS.format("Title", "form", "@@"), "2026-11-22 00:00:00", "2026-11-22 14:05:00"
    ),
    "excel_error": Case(survey("text | why | Why @@"), "#REF!", "#REF"),
    "repeated_answer_taken_for_one": Case(
        survey(
            "begin_repeat | person | Person",
            "text | who | Who",
            "text | said | What does ${who} say?",
            "end_repeat | |",
            "note | thanks | Thanks@@",
        ),
        " ${who}",
        "",
    ),
    "none_kind_blank": Case(
        "| survey |\n| | type | name | label | sensitivity |\n| | select_multiple had | had | Had | open |\n"
        "| choices |\n| | list_name | name | label | code_kind |\n| | had | school | School | |\n"
        "| | had | zero | Aucun | @@ |\n",
        " ",
        "none",
    ),
    "required_never_answered": Case(
        survey("note | said | Said | @@", "integer | age | Age | yes", columns="required"), "yes", " "
    ),
    "calculation_overwrites": Case(
        survey(
            "integer | age | Age | | ", "integer | twice | Twice | ${age} * 2 | @@", columns="calculation | read_only"
        ),
        " ",
        "yes",
    ),
    "repeat_empty": Case(
        survey("begin_repeat | part | Part", "@@", "text | why | Why"),
        "end_repeat | |",
        "text | what | What |\n| | end_repeat | |",
    ),
    "end_row_ignored": Case(
        survey(
            *PEOPLE,
            "begin_group | part | Part |",
            "text | why | Why | |",
            "end_group | part | | @@",
            columns="relevant",
        ),
        "${age} > 5",
        "",
    ),
    "repeat_asked_at_zero": Case(
        survey(
            "integer | children | Children",
            "begin_repeat | child | Child | ${children} | @@",
            "text | school | School",
            "end_repeat | |",
            columns="repeat_count | relevant",
        ),
        "",
        "${children} > 0",
    ),
    "default_no_choice": Case(DEFAULT.replace("@@", "5").replace("@sex@", "@@"), "female", "f"),
    "default_breaks_constraint": Case(DEFAULT.replace("@sex@", "f"), "130", "30"),
    "default_of_another_type": Case(DEFAULT.replace("@sex@", "f"), "ten", "10"),
    "appearance_misspelt": Case(survey("select_one sex | sex | Sex | @@", columns="appearance"), "minimall", "Minimal"),
}


MORE_FLAWS = (
    ("choice_never_offered", PLACES.format("nort"), "region = ${region}"),
    (
        "choice_never_offered",
        PLACES.format("nort").replace("select_one region", "select_multiple region"),
        "selected(${region}, region)",
    ),
    ("filter_compares_nothing", PLACES.format("north"), "${region} = ${region}"),
    ("filter_compares_nothing", PLACES.format("north"), "region"),
    (
        "repeated_answer_taken_for_one",
        survey(
            "begin_repeat | person | Person |",
            "integer | age | Age | . < 120",
            "end_repeat | | |",
            "integer | oldest | Oldest | @@",
            columns="constraint",
        ),
        ". >= ${age}",
    ),
    ("always_true", CONSTRAINT, ". > 0 or . < 120"),
    ("text_as_condition", CONDITION, "not(${age} = 1 or 2)"),
    ("comparison_compared", CONDITION, "selected(${served}, 'water') = 'no'"),
    ("text_calculated", CALCULATION.replace("integer | age", "select_one sex | age"), "${age} * 2"),
    ("word_unquoted", CALCULATION, "if(${age} > 17, adult, 'child')"),
    ("word_unquoted", survey("integer | age | Age | @@", columns="required"), "oui"),
    ("word_unquoted", CONDITION, "non ${sex} = 'f'"),
    ("column_misspelt", survey("select_one sex | sex | Sex | minimal", columns="@@"), "apparence"),
    ("column_misspelt", survey("integer | age | Age | yes", columns="@@"), "Requis"),
    ("column_misspelt", survey("integer | age | Age | Âge", columns="@@"), "Libellé::Français (fr)"),
    (
        "column_misspelt",
        TEXT.replace("text | why", "select_one sex | why").replace("list_name | name | label", "list_name | name | @@"),
        "lable",
    ),
    ("column_misspelt", TEXT + "\n| settings |\n| | form_id | version | @@ |\n| | f | 1 | T |\n", "titre"),
    ("column_misspelt", TEXT + "\n| settings |\n| | form_id | version | @@ |\n| | f | 1 | abc |\n", "publik_key"),
    (
        "used_before_answered",
        survey("integer | men | Men | @@", "integer | all_of_them | All |", columns="constraint"),
        ". <= ${all_of_them}",
    ),
)
NO_FLAWS = (
    # A further column of the choices may be one that a filter reads.
    (
        "column_misspelt",
        PLACES.replace("label | region", "label | @@").format("x").replace("@@ | |", " | |"),
        "libelle",
    ),
    ("column_misspelt", TEXT + "\n| settings |\n| | form_id | title | @@ |\n| | f | T | T |\n", "titre"),
    ("choice_never_offered", PLACES.format("North"), "region = ${region} or region = 'North'"),
    (
        "choice_never_offered",
        PLACES.format("North").replace("| choices", "| | select_one district | any | Any | | |\n| choices"),
        "region = ${region}",
    ),
    ("filter_compares_nothing", PLACES.format("north"), "${region} != 'south'"),
    ("filter_compares_nothing", PLACES.format("north"), "true()"),
    ("filter_compares_nothing", PLACES.format("north"), "not(selected(${region}, region))"),
    ("version_became_date", TEXT + SETTINGS.format("Title", "form", "@@"), "2026-11-22"),
    (
        "repeated_answer_taken_for_one",
        survey(
            "begin_repeat | person | Person |",
            "integer | age | Age | . < 120",
            "end_repeat | | |",
            "integer | oldest | Oldest | @@",
            columns="constraint",
        ),
        ". = max(${age}) and . < ${age}[1]",
    ),
    # Without an answer neither side is true.
    ("always_true", CONDITION, "${age} > 5 or ${age} <= 5"),
    ("always_true", CONDITION, "${sex} != 'f' or ${sex} = 'f'"),
    ("always_true", survey("select_one rating | rating | Rating | @@", columns="constraint"), ". = 1 or . = 2"),
    ("text_as_condition", CONDITION, "true() or 1"),
    ("comparison_compared", CONDITION, "(${age} > 1) = (${sex} = 'f')"),
    ("comparison_compared", CONDITION, "not(${age} > 1) = true()"),
    ("text_calculated", CALCULATION.replace("integer | age", "select_one rating | age"), "${age} * 2"),
    ("word_unquoted", PLACES.format("north"), "region = ${region}"),
    ("word_unquoted", CONDITION, "${sex} != null"),
    ("word_unquoted", CONDITION, "1 div ${age} < 1 and concat('non ', ${sex}) != 'non f'"),
    ("column_misspelt", survey("integer | age | Age | 1 = 1 | 2 = 2", columns="relevant | @@"), "relevent"),
    ("column_misspelt", survey("integer | age | Age | x", columns="@@"), "label2"),
    (
        "used_before_answered",
        survey("integer | men | Men | @@", "integer | all_of_them | All |", columns="constraint"),
        "${all_of_them} = '' or . <= ${all_of_them}",
    ),
    (
        "sum_with_skipped",
        survey(
            "integer | men | Men | ${women} > 3 |",
            "integer | women | Women | |",
            "calculate | all_of_them | | ${women} > 3 | @@",
            columns="relevant | calculation",
        ),
        "${men} + ${women}",
    ),
)


def examined(case: Case, fill: str, files: Mapping[str, bytes] | None) -> Examined:
    workbook = read_workbook(case.workbook.replace("@@", fill).encode(), "form.md")
    attempt = attempt_to_read(workbook)
    assert attempt.form is not None, [finding.message.en for finding in attempt.findings]
    return Examined(workbook, attempt.form, files, case.clients)


def found(case: Case, fill: str, files: Mapping[str, bytes] | None) -> list[Finding]:
    findings = Findings()
    checks.check_all(examined(case, fill, files), findings)
    return findings.found


def test_every_code_has_a_case():
    assert set(CASES) == set(checks.codes())


@pytest.mark.parametrize("code", CASES)
def test_the_flaw_is_told_where_it_stands_in_two_languages(code: str):
    case = CASES[code]

    told = [finding for finding in found(case, case.flawed, case.files) if finding.code == code]

    assert told
    assert all(finding.sheet and finding.message.fr != finding.message.en for finding in told)
    assert all(finding.message.en.endswith((".", "?", "`")) for finding in told)


@pytest.mark.parametrize("code", CASES)
def test_the_near_miss_is_not_told(code: str):
    case = CASES[code]
    files = case.files if case.mended_files is None else case.mended_files

    assert code not in {finding.code for finding in found(case, case.near_miss, files)}


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if "sensitivity" not in case.workbook])
def test_the_form_of_others_gets_no_error(code: str):
    case = CASES[code]

    assert all(finding.severity is not Severity.ERROR for finding in found(case, case.flawed, case.files))


@pytest.mark.parametrize(("code", "workbook", "fill"), MORE_FLAWS)
def test_other_faces_of_a_flaw_are_told_too(code: str, workbook: str, fill: str):
    assert code in {finding.code for finding in found(Case(workbook, fill, ""), fill, None)}


@pytest.mark.parametrize(("code", "workbook", "fill"), NO_FLAWS)
def test_what_only_resembles_a_flaw_is_not_told(code: str, workbook: str, fill: str):
    assert code not in {finding.code for finding in found(Case(workbook, fill, ""), fill, None)}
