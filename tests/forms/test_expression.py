"""The expression language: what parses, into which tree, and in which words slips are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.expression import (
    Binary,
    Call,
    Expression,
    ExpressionInvalid,
    Negation,
    Number,
    Text,
    Variable,
    children,
    parse,
    variables,
    walk,
)

AGE, SEX = Variable("age"), Variable("sex")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1", Number("1")),
        (".5", Number("0.5")),
        ("${age}", AGE),
        ("${ age }", AGE),
        ("'it is'", Text("it is")),
        ('"f"', Text("f")),
        ("''", Text("")),
        ("-1.5", Negation(Number("1.5"))),
        ("${age} >= 18", Binary(">=", AGE, Number("18"))),
        ("1 + 2 * 3", Binary("+", Number("1"), Binary("*", Number("2"), Number("3")))),
        ("(1 + 2) * 3", Binary("*", Binary("+", Number("1"), Number("2")), Number("3"))),
        ("8 - 4 - 2", Binary("-", Binary("-", Number("8"), Number("4")), Number("2"))),
        ("7 div 2 mod 2", Binary("mod", Binary("div", Number("7"), Number("2")), Number("2"))),
        ("1 or 2 and 3", Binary("or", Number("1"), Binary("and", Number("2"), Number("3")))),
        ("${age} != -98", Binary("!=", AGE, Negation(Number("98")))),
        ("today()", Call("today", ())),
        ("count-selected(${sex})", Call("count-selected", (SEX,))),
        ("${age}-1", Binary("-", AGE, Number("1"))),
    ],
)
def test_an_expression_reads_as_the_tree_that_xpath_gives_it(text: str, tree: Expression):
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "if(${age} < 25, '18_24', if(${age} < 35, '25_34', if(${age} < 60, '35_59', '60p')))",
        "pulldata('areas', 'region', 'name', ${area_id})",
        "if(coalesce(${adult_ok}, 1) = 0, 'ineligible', if(coalesce(${consent}, 1) = 0, 'refused', ${outcome}))",
        "if(${svc_present} = 'none', 0, count-selected(${svc_present}))",
        "pulldata('psu', 'base_weight', 'name', concat(${round_id}, '-', ${psu_id})) * ${hh_adults}",
        "${q_trust_gend} div 10",
        "join(' ', ${st_theme})",
        "selected('complete partial', ${outcome_final}) and ${consent} = 1",
    ],
)
def test_the_expressions_that_designers_are_shown_all_parse(text: str):
    assert variables(parse(text))


@pytest.mark.parametrize(
    ("curly", "straight"),
    [
        ("‘f’ = ${sex}", "'f' = ${sex}"),
        ("“f” = ${sex}", '"f" = ${sex}'),
        ("'f’ = ${sex}", "'f' = ${sex}"),
    ],
)
def test_quotes_that_a_word_processor_curled_are_quotes(curly: str, straight: str):
    assert parse(curly) == parse(straight)


def test_an_apostrophe_within_straight_quotes_is_part_of_the_text():
    assert parse("'l’eau'") == Text("l’eau")


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("if(${age} > 1; 1; 0)", "use `,` instead of `;`", "utilisez `,` au lieu de `;`"),
        ("${age} > 0,5", "a decimal is written 0.5", "un nombre décimal s'écrit 0.5"),
        ("if(${age} > 0,5, 1, 0)", "a decimal is written 0.5", "un nombre décimal s'écrit 0.5"),
        ("age > 18", "A question is written ${age}", "Une question s'écrit ${age}"),
        ("${age} > 18 and consent", "A question is written ${consent}", "Une question s'écrit ${consent}"),
        ("$age > 18", "A question is written ${age}", "Une question s'écrit ${age}"),
        ("lower(${sex})", "The function lower() does not exist", "La fonction lower() n'existe pas"),
        ("IF(1, 2, 3)", "did you mean if?", "vouliez-vous dire if ?"),
        ("if(${age} > 1, 1)", "if() takes 3 arguments, 2 are given", "if() prend 3 arguments, il y en a 2"),
        ("coalesce(${age})", "coalesce() takes 2+ arguments, 1 are given", "il y en a 1"),
        ("${age} == 1", "write `=`", "écrivez `=`"),
        ("${age} <> 1", "write `!=`", "écrivez `!=`"),
        ("${age} / 2", "write `div`", "écrivez `div`"),
        ("1 < ${age} < 5", "Compare two things at a time", "Comparez deux choses à la fois"),
        ("${sex} = 'f", "is not closed", "n'est pas fermé"),
        ("(${age} + 1", "is not closed", "n'est pas fermée"),
        ("${age})", "closes nothing", "ne ferme rien"),
        ("${age} 18", "An operator", "Il manque un opérateur"),
        ("${age} >", "ends too early", "s'arrête trop tôt"),
        ("and ${age}", "is missing before `and`", "avant `and`"),
        ("", "is empty", "est vide"),
        ("  \n ", "is empty", "est vide"),
        ("${sex} = «f»", "straight quotes", "'texte'"),
        ("(" * 61 + "1" + ")" * 61, "More than 60 parentheses", "Plus de 60 parenthèses"),
        (" or ".join(["1"] * 200), "More than 150 operators", "Plus de 150 opérateurs"),
        ("1" * 10_001, "at most 10,000 are read", "au plus 10,000 sont lus"),
    ],
)
def test_a_slip_is_told_in_the_words_that_mend_it(text: str, english: str, french: str):
    with pytest.raises(ExpressionInvalid) as refused:
        parse(text)

    assert english in refused.value.message.en
    assert french in refused.value.message.fr


def test_a_refusal_says_where_in_the_text_it_stands():
    with pytest.raises(ExpressionInvalid) as refused:
        parse("${age} > 18 and consent = 1")

    assert refused.value.position == 16


def test_zero_and_five_as_two_arguments_are_no_decimal():
    assert parse("if(${age} > 1,0,5)") == Call("if", (Binary(">", AGE, Number("1")), Number("0"), Number("5")))


def test_variables_come_once_each_in_the_order_of_the_text():
    assert variables(parse("${b} + ${a} * coalesce(${b}, ${c})")) == ("b", "a", "c")


@given(st.text(alphabet="${}()'\"‘’“”,;.=<>!+-*& \n019aéé_iforandnotdivmod", max_size=60))
def test_random_text_is_read_or_refused_and_nothing_else(text: str):
    try:
        tree = parse(text)
    except ExpressionInvalid as refused:
        assert refused.message.en != refused.message.fr  # noqa: PT017 - either outcome is right
    else:
        assert all(isinstance(node, Expression) for node in walk(tree))


def written(tree: Expression) -> str:
    """The tree as text, with every part in parentheses."""
    match tree:
        case Number(text):
            return text
        case Text(value):
            return f"'{value}'"
        case Variable(name):
            return f"${{{name}}}"
        case Negation(operand):
            return f"(-({written(operand)}))"
        case Binary(operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Call(function, arguments):
            return f"{function}({', '.join(written(argument) for argument in arguments)})"


LEAVES = st.one_of(
    st.integers(0, 999).map(lambda number: Number(str(number))),
    st.text(alphabet="abc é.,;()", max_size=5).map(Text),
    st.sampled_from(["age", "trust.gend", "a-b", "é1"]).map(Variable),
)
OPERATORS = st.sampled_from(["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Negation, inner),
        st.builds(Binary, OPERATORS, inner, inner),
        st.builds(lambda a, b, c: Call("if", (a, b, c)), inner, inner, inner),
        st.builds(lambda a, b: Call("selected", (a, b)), inner, inner),
    ),
    max_leaves=12,
)


@given(TREES)
def test_a_tree_written_out_reads_back_as_itself(tree: Expression):
    assert parse(written(tree)) == tree
    assert len(list(walk(tree))) == 1 + sum(len(list(walk(part))) for part in children(tree))
