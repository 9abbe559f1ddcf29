"""Each change between two workbooks has a minimal pair that shows it, and a near miss that does not."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from forms.changes.change import Change, Rank
from forms.changes.compare import changes
from forms.changes.edition import Edition, read_edition
from forms.library import library_forms, library_workbook

Rows = Sequence[Mapping[str, object]]
MakeWorkbook = Callable[[Mapping[str, Rows]], bytes]
Sheets = dict[str, list[dict[str, Any]]]

BASE: Sheets = {
    "survey": [
        {"type": "begin_group", "name": "security", "en": "Security", "fr": "Sécurité"},
        {
            "type": "select_one trust", "name": "trust_gend", "en": "Do you trust the gendarmes?",
            "fr": "Faites-vous confiance aux gendarmes ?", "sensitivity": "open",
        },
        {
            "type": "integer", "name": "age", "en": "How old are you?", "fr": "Quel âge avez-vous ?",
            "constraint": ". >= 18", "sensitivity": "quasi", "hint::English (en)": "In years",
        },
        {"type": "select_multiple service", "name": "services", "en": "Which work?", "fr": "Lesquels marchent ?"},
        {"type": "end_group"},
        {"type": "text", "name": "remark", "en": "Any remark?", "fr": "Une remarque ?", "relevant": "${age} > 20"},
        {"type": "note", "name": "thanks", "en": "Thank you", "fr": "Merci"},
    ],
    "choices": [
        {"list_name": "trust", "name": "1", "en": "No", "fr": "Non"},
        {"list_name": "trust", "name": "2", "en": "Yes", "fr": "Oui"},
        {"list_name": "trust", "name": "98", "en": "Does not know", "fr": "Ne sait pas", "code_kind": "dont_know"},
        {"list_name": "service", "name": "school", "en": "School", "fr": "École"},
        {"list_name": "service", "name": "health", "en": "Health centre", "fr": "Centre de santé"},
    ],
    "settings": [{"form_id": "voices", "form_title": "Voices", "version": "2026010101"}],
    "derived": [{"type": "integer", "name": "old", "calculation": "if(${age} > 60, 1, 0)"}],
    "indicators": [
        {"name": "trusting", "measure": "share", "question": "trust_gend", "counts": "2",
         "where": "${old} = 0", "by": "total"},
    ],
    "design": [{"key": "kind", "value": "quota"}],
}  # fmt: skip


def edited(edit: Callable[[Sheets], None] | None = None, *, version: str = "2026020101") -> Sheets:
    sheets = copy.deepcopy(BASE)
    sheets["settings"][0]["version"] = version
    if edit is not None:
        edit(sheets)
    return sheets


def row(sheets: Sheets, sheet: str, name: str) -> dict[str, Any]:
    return next(each for each in sheets[sheet] if name in (each.get("name"), each.get("key")))


def put(sheet: str, name: str, column: str, value: object) -> Callable[[Sheets], None]:
    return lambda sheets: row(sheets, sheet, name).__setitem__(column, value)


def both(*edits: Callable[[Sheets], None]) -> Callable[[Sheets], None]:
    def edit(sheets: Sheets) -> None:
        for each in edits:
            each(sheets)

    return edit


def drop(sheet: str, name: str) -> Callable[[Sheets], None]:
    return lambda sheets: sheets[sheet].remove(row(sheets, sheet, name))


def add(sheet: str, at: int, **cells: object) -> Callable[[Sheets], None]:
    return lambda sheets: sheets[sheet].insert(at, dict(cells))


def as_repeat(sheets: Sheets) -> None:
    sheets["survey"][0]["type"], sheets["survey"][4]["type"] = "begin_repeat", "end_repeat"


def out_of_group(sheets: Sheets) -> None:
    survey = sheets["survey"]
    survey.insert(5, survey.pop(3))


def renamed_group(sheets: Sheets) -> None:
    row(sheets, "survey", "security")["name"] = "safety"


def follows(sheets: Sheets) -> None:
    """Everything that reads `age` reads `years`."""
    row(sheets, "survey", "remark")["relevant"] = "${years} > 20"
    row(sheets, "derived", "old")["calculation"] = "if(${years} > 60, 1, 0)"


RENAMED_AGE = both(put("survey", "age", "name", "years"), follows)
NEUTRAL = {"version_raised"}


@pytest.fixture(scope="module")
def found(make_workbook: MakeWorkbook) -> Callable[..., tuple[Change, ...]]:
    """The changes that edits make to the base, without that of the version; `before` is edited too where given."""

    def find(
        after: Callable[[Sheets], None] | None, before: Callable[[Sheets], None] | None = None, **names: str
    ) -> tuple[Change, ...]:
        old = read_edition(make_workbook(edited(before, version=names.get("was", "2026010101"))), "voices.xlsx")
        new = read_edition(make_workbook(edited(after, version=names.get("now", "2026020101"))), "voices.xlsx")
        return tuple(change for change in changes(old, new) if change.code not in NEUTRAL)

    return find


# edit, and the changes it makes: code, rank, path
EDITS: list[tuple[str, Callable[[Sheets], None], list[tuple[str, str, str]]]] = [
    ("other words", put("survey", "age", "en", "What is your age in years?"),
     [("label_changed", "comparable", "security/age")]),
    ("other punctuation", put("survey", "age", "en", "How **old** are you"),
     [("label_polished", "cosmetic", "security/age")]),
    ("a note in other words", put("survey", "thanks", "en", "Thanks a lot to you"),
     [("note_changed", "cosmetic", "thanks")]),
    ("another hint", put("survey", "age", "hint::English (en)", "Completed years"),
     [("hint_changed", "cosmetic", "security/age")]),
    ("another appearance", put("survey", "remark", "appearance", "multiline"),
     [("appearance_changed", "cosmetic", "remark")]),
    ("a column of somebody else", put("survey", "remark", "todo", "ask Awa"),
     [("column_changed", "cosmetic", "remark")]),
    ("another constraint", put("survey", "age", "constraint", ". >= 15"),
     [("constraint_changed", "comparable", "security/age")]),
    ("the same constraint, spaced otherwise", put("survey", "age", "constraint", ".>=18"), []),
    ("another relevant", put("survey", "remark", "relevant", "${age} > 30"),
     [("relevant_changed", "comparable", "remark")]),
    ("required", put("survey", "age", "required", "yes"), [("required_changed", "comparable", "security/age")]),
    ("a default", put("survey", "age", "default", "30"), [("answering_changed", "comparable", "security/age")]),
    ("a translation blanked", put("survey", "remark", "en", None), [("translation_removed", "comparable", "remark")]),
    ("less protected", put("survey", "age", "sensitivity", "open"),
     [("sensitivity_loosened", "comparable", "security/age")]),
    ("more protected", put("survey", "age", "sensitivity", "sensitive"),
     [("sensitivity_tightened", "comparable", "security/age")]),
    ("a series begins", put("survey", "age", "comparable_since", "2026020101"),
     [("comparable_since_changed", "comparable", "security/age")]),
    ("a wider type", put("survey", "age", "type", "decimal"), [("type_changed", "comparable", "security/age")]),
    ("another type", put("survey", "remark", "type", "integer"), [("type_changed", "breaking", "remark")]),
    ("a question more", add("survey", 5, type="integer", name="children", en="Children?", fr="Enfants ?"),
     [("question_added", "cosmetic", "children")]),
    ("a question less", drop("survey", "remark"), [("question_removed", "breaking", "remark")]),
    ("a note less", drop("survey", "thanks"), [("note_removed", "cosmetic", "thanks")]),
    ("another order", lambda s: s["survey"].insert(5, s["survey"].pop(6)),
     [("question_reordered", "cosmetic", "thanks")]),
    ("a question out of its group", out_of_group, [("question_moved_undeclared", "breaking", "services")]),
    ("a question out of its group, declared",
     both(out_of_group, put("survey", "services", "renamed_from", "security/services")),
     [("question_moved", "comparable", "services")]),
    ("a question renamed", RENAMED_AGE,
     [("question_renamed_undeclared", "breaking", "security/years"), ("derived_changed", "cosmetic", "derived/old")]),
    ("a question renamed, declared", both(RENAMED_AGE, put("survey", "years", "renamed_from", "security/age")),
     [("question_renamed", "comparable", "security/years"), ("derived_changed", "cosmetic", "derived/old")]),
    ("a group renamed", renamed_group, [("group_renamed_undeclared", "breaking", "safety")]),
    ("a group renamed, declared", both(renamed_group, put("survey", "safety", "renamed_from", "security")),
     [("group_renamed", "comparable", "safety")]),
    ("a group becomes a repeat", as_repeat, [("repeat_changed", "breaking", "security")]),
    ("another title of a group", put("survey", "security", "en", "Peace and order"),
     [("group_label_changed", "cosmetic", "security")]),
    ("a group for fewer", put("survey", "security", "relevant", "today() > 0"),
     [("group_relevant_changed", "comparable", "security")]),
    ("a choice in other words", put("choices", "2", "en", "Yes, fully"),
     [("choice_label_changed", "comparable", "trust/2")]),
    ("a choice in other letters", put("choices", "2", "en", "YES!"),
     [("choice_label_polished", "cosmetic", "trust/2")]),
    ("a choice more", add("choices", 2, list_name="trust", name="3", en="Very much", fr="Tout à fait"),
     [("choice_added", "comparable", "trust/3")]),
    ("a choice less", drop("choices", "1"), [("choice_removed", "breaking", "trust/1")]),
    ("a choice renamed", put("choices", "health", "name", "clinic"),
     [("choice_renamed_undeclared", "breaking", "service/clinic")]),
    ("a choice renamed, declared",
     both(put("choices", "health", "name", "clinic"), put("choices", "clinic", "renamed_from", "health")),
     [("choice_renamed", "comparable", "service/clinic")]),
    ("two choices merged",
     both(drop("choices", "health"), put("choices", "school", "renamed_from", "health")),
     [("choice_merged", "comparable", "service/health")]),
    ("choices in another order", lambda s: s["choices"].insert(0, s["choices"].pop(1)),
     [("choices_reordered", "cosmetic", "trust")]),
    ("another kind of answer", put("choices", "98", "code_kind", "refused"),
     [("code_kind_changed", "comparable", "trust/98")]),
    ("another numerator", put("indicators", "trusting", "counts", "1 2"),
     [("indicator_changed", "comparable", "indicators/trusting")]),
    ("an indicator less", drop("indicators", "trusting"), [("indicator_removed", "comparable", "indicators/trusting")]),
    ("an indicator's title", put("indicators", "trusting", "en", "Trust"),
     [("indicator_label_changed", "cosmetic", "indicators/trusting")]),
    ("another calculation", put("derived", "old", "calculation", "if(${age} > 65, 1, 0)"),
     [("derived_changed", "comparable", "derived/old")]),
    ("another design", put("design", "kind", "value", "purposive"), [("design_changed", "comparable", "design/kind")]),
    ("a language more", lambda s: [r.__setitem__("label::Fulfulde (ffm)", "…") for r in s["survey"] if "en" in r],
     [("language_added", "cosmetic", "Fulfulde (ffm)")]),
    ("another form_id", lambda s: s["settings"][0].__setitem__("form_id", "voice"),
     [("form_id_changed", "breaking", "voice")]),
    ("another title", lambda s: s["settings"][0].__setitem__("form_title", "Voix"),
     [("title_changed", "cosmetic", "voices")]),
    ("sealed answers", lambda s: s["settings"][0].__setitem__("public_key", "MIIB"),
     [("encryption_changed", "breaking", "public_key")]),
    ("another style", lambda s: s["settings"][0].__setitem__("style", "pages"),
     [("setting_changed", "cosmetic", "style")]),
    ("nothing", lambda _: None, []),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), [each[1:] for each in EDITS], ids=[each[0] for each in EDITS])
def test_an_edit_is_told_as_what_it_is_and_nothing_else_is(
    found: Callable[..., tuple[Change, ...]], edit: Callable[[Sheets], None], expected: list[tuple[str, str, str]]
) -> None:
    told = [(change.code, change.rank.value, change.path) for change in found(edit)]
    assert sorted(told) == sorted(expected)


@pytest.mark.parametrize("form_id", library_forms())
def test_a_shipped_instrument_does_not_differ_from_itself(form_id: str) -> None:
    workbook = library_workbook(form_id)
    assert changes(read_edition(workbook, f"{form_id}.xlsx"), read_edition(workbook, f"{form_id}.xlsx")) == ()


def test_a_wording_declared_comparable_asks_for_nothing_more(found: Callable[..., tuple[Change, ...]]) -> None:
    reworded = put("survey", "age", "en", "What is your age in years?")
    (open_one,) = found(reworded)
    assert not open_one.is_declared
    assert open_one.advice is not None
    assert "write 2026010101 in row 4" in open_one.advice.en
    declared = found(both(reworded, put("survey", "age", "comparable_since", "2026010101")))
    (label,) = [change for change in declared if change.code == "label_changed"]
    assert label.is_declared
    assert label.advice is None


def test_a_declaration_older_than_the_change_is_pointed_at(found: Callable[..., tuple[Change, ...]]) -> None:
    before = put("survey", "age", "comparable_since", "2025010101")
    (change,) = found(both(before, put("survey", "age", "en", "What is your age in years?")), before)
    assert change.is_declared
    assert change.advice is not None
    assert "check that it holds" in change.advice.en


def test_a_declaration_that_begins_with_the_newer_version_covers_nothing(
    found: Callable[..., tuple[Change, ...]],
) -> None:
    edit = both(
        put("survey", "age", "en", "What is your age in years?"),
        put("survey", "age", "comparable_since", "2026020101"),
    )
    (label,) = [change for change in found(edit) if change.code == "label_changed"]
    assert not label.is_declared


def test_what_to_declare_names_the_very_cell(found: Callable[..., tuple[Change, ...]]) -> None:
    has_column = put("survey", "remark", "renamed_from", None)
    renamed = next(change for change in found(both(RENAMED_AGE, has_column)) if change.rank is Rank.BREAKING)
    assert renamed.advice is not None
    assert renamed.spot is not None
    assert renamed.spot.cell is not None
    assert f"Write security/age in survey!{renamed.spot.cell} (renamed_from)." in renamed.advice.en
    assert f"Écrivez security/age en survey!{renamed.spot.cell} (renamed_from)." in renamed.advice.fr
    assert renamed.spot.row == 4
    without = next(change for change in found(RENAMED_AGE) if change.rank is Rank.BREAKING)
    assert without.advice is not None
    assert "Add a column renamed_from to the sheet survey" in without.advice.en


def test_a_removed_question_is_placed_in_the_older_workbook(found: Callable[..., tuple[Change, ...]]) -> None:
    (change,) = found(drop("survey", "remark"))
    assert change.spot is not None
    assert change.spot.in_old
    assert str(change.spot) == "survey!B7"


def test_figures_that_read_a_question_through_a_derived_variable_are_named(
    found: Callable[..., tuple[Change, ...]],
) -> None:
    (change,) = found(put("survey", "age", "constraint", ". >= 15"))
    assert change.readers == ("derived/old", "trusting")
    (not_read,) = found(put("survey", "remark", "relevant", "${age} > 30"))
    assert not_read.readers == ()


def test_the_answers_a_change_touches_stand_under_all_earlier_paths(found: Callable[..., tuple[Change, ...]]) -> None:
    before = put("survey", "age", "renamed_from", "age_years")
    (change,) = found(both(before, put("survey", "age", "constraint", ". >= 15")), before)
    assert change.touched is not None
    assert change.touched.paths == ("security/age", "age_years")


def test_a_choice_touches_the_answers_that_took_it_only(found: Callable[..., tuple[Change, ...]]) -> None:
    (change,) = found(drop("choices", "health"))
    assert change.touched is not None
    assert (change.touched.paths, change.touched.choices) == (("security/services",), ("health",))


def test_an_earlier_path_taken_out_of_renamed_from_breaks(found: Callable[..., tuple[Change, ...]]) -> None:
    before = put("survey", "age", "renamed_from", "age_years")
    (change,) = found(None, before)
    assert (change.code, change.rank) == ("renamed_from_lost", Rank.BREAKING)
    assert found(before, before) == ()


def test_a_question_joined_with_another_is_declared_where_that_says_so(
    found: Callable[..., tuple[Change, ...]],
) -> None:
    second = add("survey", 6, type="text", name="remark_2", en="Anything else?", fr="Autre chose ?")
    (change,) = found(put("survey", "remark", "renamed_from", "remark_2"), second)
    assert (change.code, change.rank, change.path) == ("question_merged", Rank.COMPARABLE, "remark_2")


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("2026010101", "2026010101", "version_not_raised"),
        ("2026010101", "2025120101", "version_lowered"),
        ("v1.10", "v1.9", "version_lowered"),
        ("v1.9", "v1.10", None),
        ("draft", "final", "version_changed"),
    ],
)
def test_a_version_has_to_rise_with_the_questionnaire(
    found: Callable[..., tuple[Change, ...]], was: str, now: str, code: str | None
) -> None:
    told = {change.code for change in found(put("survey", "age", "constraint", ". >= 15"), was=was, now=now)}
    assert told - {"constraint_changed"} == ({code} if code else set())


def test_an_interpretation_may_change_under_the_same_version(found: Callable[..., tuple[Change, ...]]) -> None:
    told = found(put("indicators", "trusting", "counts", "1 2"), was="1", now="1")
    assert [change.code for change in told] == ["indicator_changed"]
    assert "all rounds" in told[0].message.en


def test_another_list_is_compared_choice_by_choice(found: Callable[..., tuple[Change, ...]]) -> None:
    edit = both(
        add("choices", 0, list_name="belief", name="1", en="No", fr="Non"),
        add("choices", 1, list_name="belief", name="3", en="Somewhat so", fr="Plutôt"),
        put("survey", "trust_gend", "type", "select_one belief"),
        put("indicators", "trusting", "counts", "3"),
    )
    told = {(change.code, change.path) for change in found(edit)}
    assert {("choice_removed", "trust/98"), ("choice_removed", "trust/2"), ("choice_added", "belief/3")} <= told


def test_a_question_that_moves_into_a_repeat_breaks_even_when_declared(
    found: Callable[..., tuple[Change, ...]],
) -> None:
    survey_end = [{"type": "begin_repeat", "name": "people"}, {"type": "end_repeat"}]

    def into_repeat(sheets: Sheets) -> None:
        asked = row(sheets, "survey", "services")
        sheets["survey"].remove(asked)
        asked["renamed_from"] = "security/services"
        sheets["survey"] += [survey_end[0], asked, survey_end[1]]

    codes = {(change.code, change.rank) for change in found(into_repeat)}
    assert ("repeat_changed", Rank.BREAKING) in codes


def test_a_bare_xform_is_compared_with_a_workbook(make_workbook: MakeWorkbook) -> None:
    new = read_edition(make_workbook(edited()), "voices.xlsx")
    bare = Edition(read_edition(make_workbook(edited(drop("survey", "thanks"))), "voices.xlsx").form)
    assert {change.code for change in changes(bare, new)} >= {"question_added"}


def test_every_change_is_told_in_two_languages(found: Callable[..., tuple[Change, ...]]) -> None:
    for _, edit, _ in EDITS:
        for change in found(edit):
            texts = [change.message, *([change.advice] if change.advice else [])]
            assert all(text.en.strip() and text.fr.strip() and text.en != text.fr for text in texts), change
