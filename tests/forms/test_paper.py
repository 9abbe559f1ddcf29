"""The paper questionnaire: what is on it, in which words."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from forms.form import Form
from forms.language import LanguageUnknown
from forms.library import library_files, library_workbook
from forms.paper.as_text import questionnaire_text
from forms.paper.numbering import is_asked
from forms.paper.parts import Answer, Grid, Item, Note, Part, Questionnaire, Section
from forms.paper.questionnaire import paper_questionnaire
from forms.paper.rich_text import plain_text
from forms.read import read_form

Row = Mapping[str, object]
MakeWorkbook = Callable[[Mapping[str, Sequence[Row]]], bytes]
FormOf = Callable[..., Form]
YES_NO = [
    {"list_name": "yn", "name": "1", "en": "Yes", "fr": "Oui"},
    {"list_name": "yn", "name": "0", "en": "No", "fr": "Non"},
    {"list_name": "need", "name": "water", "en": "Water", "fr": "Eau"},
    {"list_name": "need", "name": "school", "en": "School", "fr": "École"},
    {"list_name": "need", "name": "none", "en": "None", "fr": "Aucun"},
]


@pytest.fixture
def form_of(make_workbook: MakeWorkbook) -> FormOf:
    """A form of survey rows; choices are `yn` and `need` unless others are given."""

    def make(survey: Sequence[Row], choices: Sequence[Row] = YES_NO) -> Form:
        sheets = {"survey": survey, "choices": choices, "settings": [{"form_id": "paper", "version": "1"}]}
        return read_form(make_workbook(sheets), "paper.xlsx")

    return make


def question(kind: str, name: str, **columns: object) -> Row:
    return {"type": kind, "name": name, "en": f"{name}?", "fr": f"{name} ?", **columns}


def asked(questionnaire: Questionnaire, name: str) -> Item:
    return next(item for item in questionnaire.items if item.path.rsplit("/", 1)[-1] == name)


def said(form: Form, name: str) -> tuple[str | None, str | None]:
    """When a question is asked, in English and in French."""
    english, french = paper_questionnaire(form, "en"), paper_questionnaire(form, "fr")
    condition = asked(french, name).condition
    return asked(english, name).condition, condition.replace("\u00a0", " ") if condition else None


@pytest.mark.parametrize(
    ("relevant", "english", "french"),
    [
        ("${agrees} = 1", "Q1 is ‘Yes’", "Q1 est « Oui »"),
        ("${agrees} = '1'", "Q1 is ‘Yes’", "Q1 est « Oui »"),
        ("'1' = ${agrees}", "Q1 is ‘Yes’", "Q1 est « Oui »"),
        ("selected(${agrees}, '1')", "Q1 is ‘Yes’", "Q1 est « Oui »"),
        ("${agrees} != '0'", "Q1 is not ‘No’", "Q1 n'est pas « Non »"),
        ("not(${agrees} = 0)", "Q1 is not ‘No’", "Q1 n'est pas « Non »"),
        ("${agrees} = ''", "Q1 is blank", "Q1 est sans réponse"),
        ("${agrees} != ''", "Q1 is answered", "Q1 a une réponse"),
        ("selected(${needs}, 'water')", "Q2 includes ‘Water’", "Q2 comprend « Eau »"),
        (
            "selected(${needs}, 'water') or selected(${needs}, 'school')",
            "Q2 includes ‘Water’ or ‘School’",
            "Q2 comprend « Eau » ou « École »",
        ),
        (
            "selected(${needs}, 'water') and selected(${needs}, 'school')",
            "Q2 includes ‘Water’ and ‘School’",
            "Q2 comprend « Eau » et « École »",
        ),
        (
            "not(selected(${needs}, 'water') or selected(${needs}, 'school'))",
            "Q2 includes neither ‘Water’ nor ‘School’",
            "Q2 ne comprend ni « Eau » ni « École »",
        ),
        (
            "not(selected(${needs}, 'water') and selected(${needs}, 'school'))",
            "Q2 does not include ‘Water’ or Q2 does not include ‘School’",
            "Q2 ne comprend pas « Eau » ou Q2 ne comprend pas « École »",
        ),
        (
            "not(selected(${needs}, 'water') or selected(${needs}, 'school') or selected(${needs}, 'none'))",
            "Q2 includes neither ‘Water’, ‘School’ nor ‘None’",
            "Q2 ne comprend ni « Eau » ni « École » ni « Aucun »",
        ),
        ("count-selected(${needs}) > 1", "Q2 has more than 1 answer", "Q2 a plus de 1 réponse"),
        ("${age} >= 18", "Q3 is 18 or more", "Q3 vaut 18 ou plus"),
        ("18 > ${age}", "Q3 is less than 18", "Q3 vaut moins de 18"),
        ("not(${age} < 18)", "Q3 is 18 or more", "Q3 vaut 18 ou plus"),
        ("${age} >= 18 and ${age} <= 59", "Q3 is from 18 to 59", "Q3 vaut de 18 à 59"),
        (
            "${age} >= 18 and ${agrees} != '0'",
            "Q3 is 18 or more and Q1 is not ‘No’",
            "Q3 vaut 18 ou plus et Q1 n'est pas « Non »",
        ),
        (
            "${age} > 17 and (${agrees} = 1 or selected(${needs}, 'water'))",
            "Q3 is more than 17 and (Q1 is ‘Yes’ or Q2 includes ‘Water’)",
            "Q3 vaut plus de 17 et (Q1 est « Oui » ou Q2 comprend « Eau »)",
        ),
        ("${born} < today()", "Q4 is before today", "Q4 est avant aujourd'hui"),
        ("${age} mod 2 = 0", "Q3 mod 2 = 0", "Q3 mod 2 = 0"),
        (
            "${age} > pulldata('limits', 'oldest', 'name', ${agrees})",
            "Q3 is more than oldest of Q1 in limits.csv",
            "Q3 vaut plus de oldest de Q1 dans limits.csv",
        ),
    ],
)
def test_a_skip_is_said_with_the_words_of_the_choice_and_the_number_of_the_question(
    form_of: FormOf, relevant: str, english: str, french: str
) -> None:
    form = form_of(
        [
            question("select_one yn", "agrees"),
            question("select_multiple need", "needs"),
            question("integer", "age"),
            question("date", "born"),
            question("text", "why", relevant=relevant),
        ]
    )
    assert said(form, "why") == (english, french)


def test_a_condition_in_a_repeat_names_the_question_beside_it(form_of: FormOf) -> None:
    form = form_of(
        [
            question("begin repeat", "person"),
            question("select_one yn", "alive"),
            question("integer", "age", relevant="${alive} = 1"),
            {"type": "end repeat"},
        ]
    )
    assert said(form, "age")[0] == "Q1 is ‘Yes’"


def test_a_group_s_condition_is_said_once_at_the_group(form_of: FormOf) -> None:
    form = form_of(
        [
            question("select_one yn", "agrees"),
            question("begin group", "talk", relevant="${agrees} = 1"),
            question("text", "first"),
            question("text", "second", relevant="${first} != ''"),
            {"type": "end group"},
        ]
    )
    paper = paper_questionnaire(form, "en")
    section = next(part for part in paper.parts if isinstance(part, Section))
    assert section.condition == "Q1 is ‘Yes’"
    assert [item.condition for item in section.items] == [None, "Q2 is answered"]


def test_a_group_without_a_title_still_says_its_condition(form_of: FormOf) -> None:
    form = form_of(
        [
            question("select_one yn", "agrees"),
            {"type": "begin group", "name": "silent", "relevant": "${agrees} = 1"},
            question("text", "first"),
            {"type": "end group"},
        ]
    )
    section = paper_questionnaire(form, "en").parts[1]
    assert isinstance(section, Section)
    assert (section.number, section.condition) == ("", "Q1 is ‘Yes’")


@pytest.mark.parametrize(
    ("kind", "constraint", "english", "french"),
    [
        ("integer", ". >= 18 and . <= 99", "from 18 to 99", "de 18 à 99"),
        ("integer", ". <= 99 and . >= 18", "from 18 to 99", "de 18 à 99"),
        ("integer", ". > 0", "more than 0", "plus de 0"),
        ("integer", "(. >= 0 and . <= 120) or . = 999", "from 0 to 120 or 999", "de 0 à 120 ou 999"),
        ("integer", ". <= ${limit}", "at most the answer to Q1", "au plus la réponse à Q1"),
        ("date", ". <= today()", "not after today", "pas après aujourd'hui"),
        ("text", "string-length(.) = 8", "exactly 8 characters", "exactement 8 caractères"),
        ("select_multiple need", "count-selected(.) <= 2", "at most 2 answers", "au plus 2 réponses"),
        (
            "select_multiple need",
            "not(selected(., 'none') and count-selected(.) > 1)",
            "‘None’ excludes the other answers",
            "« Aucun » exclut les autres réponses",
        ),
    ],
)
def test_a_constraint_is_said_in_words(form_of: FormOf, kind: str, constraint: str, english: str, french: str) -> None:
    form = form_of([question("integer", "limit"), question(kind, "answer", constraint=constraint)])
    in_english = asked(paper_questionnaire(form, "en"), "answer").limits
    in_french = asked(paper_questionnaire(form, "fr"), "answer").limits
    assert (in_english, (in_french or "").replace("\u00a0", " ")) == (english, french)


def test_a_constraint_that_no_phrase_fits_is_said_by_its_message(form_of: FormOf) -> None:
    row = question("text", "phone", constraint="regex(., '^[0-9]{8}$')")
    form = form_of(
        [{**row, "constraint_message::English (en)": "Eight digits.", "constraint_message::Français (fr)": ""}]
    )
    assert asked(paper_questionnaire(form, "en"), "phone").limits == "Eight digits."
    assert asked(paper_questionnaire(form, "fr"), "phone").limits == "de la forme ^[0-9]{8}$"


def test_an_answer_leads_past_the_questions_it_rules_out_and_those_that_depend_on_them(form_of: FormOf) -> None:
    form = form_of(
        [
            question("select_one yn", "adult"),
            question("select_one yn", "agrees", relevant="${adult} = 1"),
            question("text", "why", relevant="${agrees} = 1"),
            question("text", "last"),
        ]
    )
    paper = paper_questionnaire(form, "en")
    assert [choice.go_to for choice in asked(paper, "adult").choices] == [None, "Q4"]
    assert [choice.go_to for choice in asked(paper, "agrees").choices] == [None, "Q4"]


def test_an_answer_after_which_nothing_is_asked_leads_to_the_end(form_of: FormOf) -> None:
    form = form_of([question("select_one yn", "agrees"), question("text", "why", relevant="${agrees} = 1")])
    assert [choice.go_to for choice in asked(paper_questionnaire(form, "fr"), "agrees").choices] == [None, "FIN"]


def test_an_answer_leads_nowhere_where_another_answer_decides_too(form_of: FormOf) -> None:
    form = form_of(
        [
            question("select_one yn", "first"),
            question("select_one yn", "agrees"),
            question("text", "why", relevant="${agrees} = 1 or ${first} = 1"),
            question("text", "then", relevant="${agrees} = 1"),
            question("text", "last"),
        ]
    )
    assert [choice.go_to for choice in asked(paper_questionnaire(form, "en"), "agrees").choices] == [None, None]


def test_an_answer_within_a_repeat_never_leads_out_of_it(form_of: FormOf) -> None:
    form = form_of(
        [
            question("begin repeat", "person"),
            question("select_one yn", "alive"),
            question("integer", "age", relevant="${alive} = 1"),
            {"type": "end repeat"},
            question("text", "last"),
        ]
    )
    assert [choice.go_to for choice in asked(paper_questionnaire(form, "en"), "alive").choices] == [None, None]


def test_an_answer_does_not_lead_past_a_note_that_may_have_to_be_read(form_of: FormOf) -> None:
    form = form_of(
        [
            question("select_one yn", "agrees"),
            question("text", "why", relevant="${agrees} = 1"),
            question("note", "thanks"),
            question("text", "last"),
        ]
    )
    assert [choice.go_to for choice in asked(paper_questionnaire(form, "en"), "agrees").choices] == [None, None]


def test_what_a_tablet_fills_in_gets_no_number_and_a_note_is_printed_without_one(form_of: FormOf) -> None:
    form = form_of(
        [
            {"type": "start", "name": "start"},
            {"type": "calculate", "name": "double", "calculation": "${age} * 2"},
            question("note", "hello"),
            question("integer", "age"),
        ]
    )
    paper = paper_questionnaire(form, "en")
    assert [(item.number, item.path) for item in paper.items] == [(1, "age")]
    assert [type(part) for part in paper.parts] == [Note, Item]


def test_a_label_that_repeats_an_answer_names_the_question_it_comes_from(form_of: FormOf) -> None:
    form = form_of(
        [
            question("text", "village"),
            {"type": "text", "name": "since", "en": "Since when in ${village}?", "fr": "Depuis quand à ${village} ?"},
        ]
    )
    assert plain_text(asked(paper_questionnaire(form, "fr"), "since").text) == "Depuis quand à [réponse à Q1]\u00a0?"
    assert plain_text(asked(paper_questionnaire(form, "en"), "since").text) == "Since when in [answer to Q1]?"


def test_questions_in_a_row_that_share_their_choices_are_one_grid_and_two_are_not(form_of: FormOf) -> None:
    three = form_of([question("select_one yn", name) for name in ("a", "b", "c")])
    grid = paper_questionnaire(three, "en").parts[0]
    assert isinstance(grid, Grid)
    assert len(grid.items) == 3
    two = form_of([question("select_one yn", name) for name in ("a", "b")])
    assert all(isinstance(part, Item) for part in paper_questionnaire(two, "en").parts)


def test_a_short_list_file_is_printed_and_a_long_one_named() -> None:
    form = read_form(library_workbook("community_perceptions"), "community_perceptions.xlsx")
    with_files = paper_questionnaire(form, "en", files=library_files("community_perceptions"))
    assert [plain_text(choice.label) for choice in asked(with_files, "round_id").choices] == [
        "Round 1 (March 2026)",
        "Round 2 (September 2026)",
    ]
    assert asked(with_files, "psu_id").see_list == "see list psu.csv"
    assert asked(with_files, "psu_id").only_those == "only those that go with the answer to Q3"
    without = paper_questionnaire(form, "en")
    assert asked(without, "round_id").see_list == "see list rounds.csv"


def test_filtered_choices_stand_under_the_answer_they_go_with(form_of: FormOf) -> None:
    choices = [
        {"list_name": "area", "name": "n", "en": "North", "fr": "Nord"},
        {"list_name": "area", "name": "s", "en": "South", "fr": "Sud"},
        {"list_name": "town", "name": "gao", "en": "Gao", "fr": "Gao", "area": "n"},
        {"list_name": "town", "name": "segou", "en": "Ségou", "fr": "Ségou", "area": "s"},
    ]
    form = form_of(
        [question("select_one area", "area"), question("select_one town", "town", choice_filter="area = ${area}")],
        choices,
    )
    item = asked(paper_questionnaire(form, "fr"), "town")
    assert [choice.under for choice in item.choices] == ["Nord", "Sud"]
    assert item.only_those == "seulement ceux qui correspondent à la réponse à Q1"


def test_a_choice_whose_filter_value_is_no_answer_to_the_letter_is_not_printed(form_of: FormOf) -> None:
    choices = [
        {"list_name": "region", "name": "mopti", "en": "Mopti", "fr": "Mopti"},
        {"list_name": "region", "name": "segou", "en": "Ségou", "fr": "Ségou"},
        {"list_name": "commune", "name": "konna", "en": "Konna", "fr": "Konna", "region": "Mopti"},
        {"list_name": "commune", "name": "niono", "en": "Niono", "fr": "Niono", "region": "segou"},
    ]
    form = form_of(
        [
            question("select_one region", "region"),
            question("select_one commune", "commune", choice_filter="region = ${region}"),
        ],
        choices,
    )
    item = asked(paper_questionnaire(form, "en"), "commune")
    assert [(choice.code, choice.under) for choice in item.choices] == [("niono", "Ségou")]
    text = questionnaire_text(paper_questionnaire(form, "en"))
    assert "If Ségou:" in text
    assert "konna" not in text


def test_a_repeat_says_how_often_it_is_filled_in(form_of: FormOf) -> None:
    form = form_of(
        [
            question("integer", "size"),
            question("begin repeat", "person", repeat_count="${size}"),
            question("integer", "age"),
            {"type": "end repeat"},
        ]
    )
    section = paper_questionnaire(form, "en").parts[1]
    assert isinstance(section, Section)
    assert section.roster == "Fill in this section as many times as the answer to Q1 says."


def test_a_required_question_bears_a_mark_that_is_explained(form_of: FormOf) -> None:
    form = form_of(
        [
            question("select_one yn", "agrees", required="yes"),
            question("text", "why", required="${agrees} = 1"),
            question("text", "more"),
        ]
    )
    paper = paper_questionnaire(form, "en")
    assert [item.required for item in paper.items] == ["*", "*1", ""]
    assert [(note.mark, note.words) for note in paper.required_notes] == [
        ("*", "must be answered"),
        ("*1", "must be answered if Q1 is ‘Yes’"),
    ]


def test_a_scale_is_printed_number_by_number(form_of: FormOf) -> None:
    form = form_of([question("range", "mood", parameters="start=0 end=5 step=1")])
    item = paper_questionnaire(form, "en").items[0]
    assert (item.answer, item.steps) == (Answer.SCALE, ("0", "1", "2", "3", "4", "5"))


@pytest.mark.parametrize("asked_for", ["Français (fr)", "fr", "FR", "français", " FRANÇAIS (FR) "])
def test_a_language_is_known_by_name_by_tag_and_by_name_without_tag(form_of: FormOf, asked_for: str) -> None:
    assert paper_questionnaire(form_of([question("text", "a")]), asked_for).language == "Français (fr)"


def test_an_unknown_language_is_refused_with_those_there_are(form_of: FormOf) -> None:
    with pytest.raises(LanguageUnknown, match=r"English \(en\), Français \(fr\)"):
        paper_questionnaire(form_of([question("text", "a")]), "Bambara")


def test_every_question_that_a_person_answers_is_on_paper_exactly_once_and_in_order() -> None:
    form = read_form(library_workbook("community_perceptions"), "community_perceptions.xlsx")
    for language in form.languages:
        paper = paper_questionnaire(form, language)
        assert [item.path for item in paper.items] == [each.path for each in form.questions if is_asked(each)]
        assert [item.number for item in paper.items] == list(range(1, len(paper.items) + 1))


def test_a_section_that_holds_nothing_to_see_is_left_out(form_of: FormOf) -> None:
    form = form_of(
        [
            question("begin group", "hidden"),
            {"type": "calculate", "name": "one", "calculation": "1"},
            {"type": "end group"},
            question("begin group", "seen"),
            question("text", "a"),
            {"type": "end group"},
        ]
    )
    parts: tuple[Part, ...] = paper_questionnaire(form, "en").parts
    assert [part.number for part in parts if isinstance(part, Section)] == ["1"]


def test_a_calculated_value_that_a_condition_reads_is_explained_and_another_is_not(form_of: FormOf) -> None:
    form = form_of(
        [
            question("integer", "age"),
            {"type": "calculate", "name": "adult", "calculation": "if(${age} >= 18, 'yes', 'no')"},
            {"type": "calculate", "name": "unread", "calculation": "${age} * 2"},
            question("text", "why", relevant="${adult} = 'yes'"),
        ]
    )
    paper = paper_questionnaire(form, "en")
    assert asked(paper, "why").condition == "[calculated: adult] is ‘yes’"
    assert [(value.name, value.words) for value in paper.calculated] == [
        ("adult", "yes if Q1 is 18 or more, otherwise no")
    ]


def test_a_question_without_a_text_in_the_language_is_printed_in_the_form_s_first(form_of: FormOf) -> None:
    form = form_of([question("text", "a"), {"type": "text", "name": "b", "en": "Only English", "fr": ""}])
    assert plain_text(asked(paper_questionnaire(form, "fr"), "b").text) == "Only English"
