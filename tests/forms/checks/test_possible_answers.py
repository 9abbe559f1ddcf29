"""What the checks hold for impossible is impossible: tried against all answers, as JavaRosa would evaluate them."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.form import Choice, Form, Question
from forms.logic.possible import Condition, Possibilities
from forms.xpath.context import Surroundings
from forms.xpath.evaluate import compile_xpath, holds
from forms.xpath.nodes import Node
from forms.xpath.parser import parse_xpath

CONSTRAINT = ". >= 0 and . <= 6"


def question(name: str, kind: str, data_type: str = "string", list_name: str | None = None) -> Question:
    return Question(path=name, name=name, type=kind, data_type=data_type, labels={}, list_name=list_name)


FORM = Form(
    form_id="f",
    version="1",
    title="f",
    languages=("default",),
    questions=(
        question("sex", "select_one", list_name="sex"),
        question("age", "integer", "int"),
        question("served", "select_multiple", list_name="services"),
        question("why", "text"),
    ),
    groups=(),
    lists={
        "sex": tuple(Choice(name, {}) for name in ("f", "m")),
        "services": tuple(Choice(name, {}) for name in ("a", "b", "c")),
    },
    files=(),
    xform=b"",
)
SUBSETS = [" ".join(chosen) for size in range(4) for chosen in itertools.combinations("abc", size)]
ALL_ANSWERS = [
    {"sex": sex, "age": age, "served": served, "why": why}
    for sex in ("", "f", "m")
    for age in ("", *map(str, range(7)))
    for served in SUBSETS
    for why in ("", "x", "y")
]


def filled_in(answers: dict[str, str]) -> Surroundings:
    document = Node("")
    root = Node("data", parent=document)
    document.add(root)
    for asked in FORM.questions:
        node = Node(asked.name, answers[asked.name], root, asked.data_type)
        node.path = asked.name
        root.add(node)
    return Surroundings(document, {}, datetime(2026, 1, 1, tzinfo=UTC))


EVERYWHERE = [filled_in(answers) for answers in ALL_ANSWERS]


def possibilities() -> Possibilities:
    return Possibilities(FORM, {"age": parse_xpath(CONSTRAINT)})


def holds_somewhere(expression: str) -> bool:
    compiled = compile_xpath(parse_xpath(expression))
    return any(holds(compiled, around, around.document) for around in EVERYWHERE)


numbers = st.integers(-2, 8).map(str)
comparisons = st.one_of(
    st.builds("/data/sex {} '{}'".format, st.sampled_from(("=", "!=")), st.sampled_from(("f", "m", ""))),
    st.builds("/data/age {} {}".format, st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), numbers),
    st.builds("{} {} /data/age".format, numbers, st.sampled_from(("=", "<", ">="))),
    st.builds("/data/age {} ''".format, st.sampled_from(("=", "!="))),
    st.builds("selected(/data/served, '{}')".format, st.sampled_from("abc")),
    st.builds("/data/served {} '{}'".format, st.sampled_from(("=", "!=")), st.sampled_from(("a", "a b", ""))),
    st.builds("/data/why {} '{}'".format, st.sampled_from(("=", "!=")), st.sampled_from(("x", "y", ""))),
)
undecided = st.sampled_from(
    ("count-selected(/data/served) > 2", "string-length(/data/why) = 1", "/data/sex = /data/why")
)


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        parts,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not({})".format, inner),
        ),
        max_leaves=6,
    )


@settings(max_examples=300, deadline=None)
@given(combined(comparisons))
def test_conditions_on_literals_are_possible_exactly_where_an_answer_makes_them_true(expression: str):
    told = possibilities().can_all_hold([Condition("why", parse_xpath(expression))])

    assert told == holds_somewhere(expression)


@settings(max_examples=200, deadline=None)
@given(combined(st.one_of(comparisons, undecided)))
def test_what_cannot_be_told_counts_as_possible(expression: str):
    if holds_somewhere(expression):
        assert possibilities().can_all_hold([Condition("why", parse_xpath(expression))])


@pytest.mark.parametrize(
    ("outer", "inner"), [("/data/age < 3", "/data/age > 4"), ("/data/sex = 'f'", "not(/data/sex != 'm')")]
)
def test_conditions_that_hold_apart_may_contradict_one_another(outer: str, inner: str):
    conditions = [Condition("why", parse_xpath(each)) for each in (outer, inner)]

    assert all(possibilities().can_all_hold([each]) for each in conditions)
    assert not possibilities().can_all_hold(conditions)
