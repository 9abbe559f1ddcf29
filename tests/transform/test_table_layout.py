from collections.abc import Callable

import pytest

from forms.expression import parse
from forms.form import Form, Group, Question
from forms.interpretation import Derived, Interpretation
from transform.errors import BuildError
from transform.lay_out import lay_out
from transform.table_layout import FormLayout, Names


def columns(layout: FormLayout, repeat: str | None = None) -> dict[str, str]:
    return {column.paths[0] if column.paths else column.name: column.name for column in layout.table(repeat).columns}


def test_a_column_has_the_name_of_its_question(make_form: Callable[..., Form], question: Callable[..., Question]):
    form = make_form(question("trust/trust_gend", "integer"))
    assert columns(lay_out(form, [form], Names())) == {"trust/trust_gend": "trust_gend"}


def test_names_that_differ_by_case_or_stand_twice_become_paths(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    form = make_form(question("a/Age"), question("b/age"), question("w"))
    assert columns(lay_out(form, [form], Names())) == {"a/Age": "a__Age", "b/age": "b__age", "w": "w"}


def test_a_question_never_takes_a_system_column(make_form: Callable[..., Form], question: Callable[..., Question]):
    form = make_form(question("ROOT_ID"), question("who/submitter"), question("kept_record"))
    assert columns(lay_out(form, [form], Names())) == {
        "ROOT_ID": "ROOT_ID_2",
        "who/submitter": "who__submitter",
        "kept_record": "kept_record_2",
    }


def test_a_path_with_underscores_does_not_meet_another_path(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    form = make_form(question("a/b"), question("c/b"), question("a__b"))
    names = list(columns(lay_out(form, [form], Names())).values())
    assert len({name.casefold() for name in names}) == 3


def test_tables_of_two_forms_whose_ids_differ_by_case_are_two(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    names = Names(["_columns"])
    first = make_form(question("q"), form_id="CSP")
    second = make_form(question("q"), form_id="csp")
    registry = make_form(question("q"), form_id="_columns")
    laid = [lay_out(form, [form], names).main.name for form in (first, second, registry)]
    assert laid == ["CSP", "csp_2", "_columns_2"]


def test_repeats_get_tables_with_the_one_around_them(make_form: Callable[..., Form], question: Callable[..., Question]):
    form = make_form(
        question("hh/member/age", "integer", repeat="hh/member"),
        question("hh/member/visit/day", "date", repeat="hh/member/visit"),
        repeats=["hh/member", "hh/member/visit"],
    )
    layout = lay_out(form, [form], Names())
    assert [(t.name, t.repeat, t.parent) for t in layout.tables] == [
        ("f", None, None),
        ("f__member", "hh/member", None),
        ("f__visit", "hh/member/visit", "hh/member"),
    ]


def test_a_repeat_called_asked_does_not_take_the_companion_table(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    form = make_form(question("asked/x", repeat="asked"), repeats=["asked"])
    layout = lay_out(form, [form], Names())
    assert layout.main.asked_name == "f__asked"
    assert layout.table("asked").name == "f__asked_2"


def test_a_question_that_only_an_older_version_had_keeps_its_last_definition(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    oldest = make_form(question("gone", "text"), version="1")
    older = make_form(question("gone", "integer"), version="2")
    newest = make_form(question("kept"), version="3")
    layout = lay_out(newest, [oldest, older, newest], Names())
    assert {column.name: column.sql_type for column in layout.main.columns} == {"kept": "VARCHAR", "gone": "BIGINT"}


def test_renamed_from_reads_older_paths_through_renamed_groups(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    older = make_form(question("security/trust_g"), groups=[Group("security", {}, is_repeat=False, repeat=None)])
    newest = make_form(
        question("trust/trust_gend", renamed_from=("security/trust_g",)),
        question("trust/safe"),
        groups=[Group("trust", {}, is_repeat=False, repeat=None, renamed_from=("security",))],
    )
    layout = lay_out(newest, [older, newest], Names())
    assert [column.paths for column in layout.main.columns] == [
        ("trust/trust_gend", "security/trust_g", "security/trust_gend"),
        ("trust/safe", "security/safe"),
    ]


def test_a_question_that_left_with_a_renamed_repeat_stays_in_its_rows(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    older = make_form(question("old/age", "integer", repeat="old"), question("old/sex", repeat="old"), repeats=["old"])
    newest = make_form(
        question("new/age", "integer", repeat="new"),
        groups=[Group("new", {}, is_repeat=True, repeat=None, renamed_from=("old",))],
    )
    layout = lay_out(newest, [older, newest], Names())
    table = layout.table("new")
    assert table.lists == ("new", "old")
    assert [column.paths for column in table.columns] == [("new/age", "old/age"), ("old/sex",)]
    assert [each.repeat for each in layout.tables] == [None, "new"]


def test_two_questions_that_claim_one_path_stop_the_build_and_both_are_named(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    form = make_form(question("a", renamed_from=("x",)), question("b", renamed_from=("x",)))
    with pytest.raises(BuildError, match="b and a both read the answers of x"):
        lay_out(form, [form], Names())


def test_a_question_moved_into_a_repeat_keeps_its_old_answers_in_a_column_of_their_own(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    older = make_form(question("age", "integer"))
    newest = make_form(question("member/age", "integer", repeat="member", renamed_from=("age",)), repeats=["member"])
    layout = lay_out(newest, [older, newest], Names())
    assert [column.paths for column in layout.main.columns] == [("age",)]
    assert [column.paths for column in layout.table("member").columns] == [("member/age",)]


def test_a_derived_variable_belongs_to_the_innermost_repeat_it_reads(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    derived = (
        Derived("oldest", "integer", None, parse("if(${age} > ${head_age}, 1, 0)")),
        Derived("members", "integer", None, parse("count(${member})")),
        Derived("old_members", "integer", None, parse("sum(${oldest})")),
    )
    form = make_form(
        question("head_age", "integer"),
        question("member/age", "integer", repeat="member"),
        repeats=["member"],
        interpretation=Interpretation(derived=derived),
    )
    layout = lay_out(form, [form], Names())
    assert [column.name for column in layout.table("member").derived] == ["oldest"]
    assert [column.name for column in layout.main.derived] == ["members", "old_members"]


def test_a_derived_variable_of_two_unrelated_repeats_is_refused(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    form = make_form(
        question("a/x", "integer", repeat="a"),
        question("b/y", "integer", repeat="b"),
        repeats=["a", "b"],
        interpretation=Interpretation(derived=(Derived("both", "integer", None, parse("${x} + ${y}")),)),
    )
    with pytest.raises(BuildError, match="both: it reads rows of a, b"):
        lay_out(form, [form], Names())


def test_derived_variables_that_wait_for_one_another_are_named(
    make_form: Callable[..., Form], question: Callable[..., Question]
):
    derived = (
        Derived("one", "integer", None, parse("${two} + 1")),
        Derived("two", "integer", None, parse("${one} + 1")),
    )
    form = make_form(question("x"), interpretation=Interpretation(derived=derived))
    with pytest.raises(BuildError, match="one, two wait for one another"):
        lay_out(form, [form], Names())
