"""XPath read into its tree and written back, the words for slips, and what an expression refers to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.xpath import (
    BROWSER_FUNCTIONS,
    FUNCTIONS,
    Binary,
    Call,
    Comparison,
    Filtered,
    Negation,
    Number,
    Path,
    Step,
    Text,
    Variable,
    XPath,
    XPathInvalid,
    comparisons,
    functions_called,
    parse_xpath,
    references,
    resolve,
    text_of,
    variables,
    walk,
)
from forms.xpath.evaluate import compile_xpath
from forms.xpath.parser import AXES
from forms.xpath.tree import PARENT, SELF

NAMES = st.sampled_from(("age", "trust_gend", "and", "div", "or", "mod", "été", "a-b", "jr:x", "node", "text", "x.y"))


def steps(predicates: st.SearchStrategy[XPath]) -> st.SearchStrategy[Step]:
    tests = NAMES | st.sampled_from(("*", "node()", "text()", "odk:*", "processing-instruction('x')"))
    plain = st.builds(Step, st.sampled_from(sorted(AXES)), tests, st.lists(predicates, max_size=2).map(tuple))
    return st.sampled_from((SELF, PARENT, Step("descendant-or-self", "node()"))) | plain


def paths(inner: st.SearchStrategy[XPath]) -> st.SearchStrategy[XPath]:
    some = st.lists(steps(inner), min_size=1, max_size=4).map(tuple)
    starts = inner.filter(lambda tree: not isinstance(tree, Number | Text | Negation))
    return (
        st.builds(Path, some)
        | st.builds(Path, some, st.just(True))  # noqa: FBT003 - the field of a dataclass
        | st.builds(lambda of, steps: Path(steps, of=of), starts, some)
    )


def larger(inner: st.SearchStrategy[XPath]) -> st.SearchStrategy[XPath]:
    operators = st.sampled_from(("or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "|"))
    calls = st.sampled_from(("selected", "count-selected", "jr:choice-name", "if", "today", "and", "x"))
    return (
        st.builds(Binary, operators, inner, inner)
        | st.builds(Negation, inner)
        | st.builds(Call, calls, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Filtered, inner, st.lists(inner, min_size=1, max_size=2).map(tuple))
        | paths(inner)
    )


LEAVES = (
    st.builds(Number, st.from_regex(r"[0-9]{1,4}(\.[0-9]{0,2})?|\.[0-9]{1,3}", fullmatch=True))
    | st.builds(Text, st.text(max_size=6).filter(lambda text: "'" not in text or '"' not in text))
    | st.builds(Variable, st.sampled_from(("age", "last-saved#age", "été")))
    | st.builds(Path, st.just(()), st.just(True))  # noqa: FBT003 - the field of a dataclass
)
TREES = st.recursive(LEAVES, larger, max_leaves=12)


@given(TREES)
def test_a_tree_written_and_parsed_again_is_equal(tree: XPath):
    assert parse_xpath(text_of(tree)) == tree


def read_or_refused(text: str) -> XPath | XPathInvalid:
    try:
        return parse_xpath(text)
    except XPathInvalid as invalid:
        return invalid


FRAGMENTS = st.sampled_from(
    [*"()[]/.@,*|+-=<>!:;$'\"{}&", "..", "//", "::", " ", "and", "or", "div", "age", "${age}", "1.5", "child", "text()"]
)


@given(st.text(max_size=60) | st.lists(FRAGMENTS, max_size=25).map("".join))
def test_random_text_is_an_expression_or_said_to_be_none(text: str):
    read = read_or_refused(text)

    if isinstance(read, XPathInvalid):
        assert 0 <= read.position <= len(text)
        assert "" != read.message.en != read.message.fr != ""
    else:
        assert parse_xpath(text_of(read)) == read


@pytest.mark.parametrize("opening", ["(", "[", "x[", "-", "not(", "a[b[", "(-", "/a[", "(1)["])
def test_hostile_nesting_is_refused_and_does_not_exhaust_the_stack(opening: str):
    with pytest.raises(XPathInvalid):
        parse_xpath(opening * 20_000)


@pytest.mark.parametrize("joint", [" or ", " and ", " + ", " | ", " = ", "/", "//", " div "])
def test_a_chain_of_thousands_is_read_walked_and_written(joint: str):
    text = joint.join(["a"] * 5000)

    tree = parse_xpath(text)

    assert text_of(tree) == text
    assert sum(isinstance(part, Path) for part in walk(tree)) == (1 if "/" in joint else 5000)
    assert len(references(tree, "q")) == (joint != "//")  # `//` may lead anywhere


def test_a_chain_of_thousands_of_conditions_is_compiled():
    assert callable(compile_xpath(parse_xpath(" or ".join(["selected(/data/a, 'x')"] * 5000))))


def test_a_hundred_thousand_signs_are_read_and_more_are_refused():
    assert parse_xpath(f"'{'x' * 100_000}'") == Text("x" * 100_000)
    with pytest.raises(XPathInvalid, match="250,000"):
        parse_xpath("x" * 250_000)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (" /data/a  and  ../b ", Binary("and", Path((Step("child", "data"), Step("child", "a")), is_absolute=True),
                                        Path((PARENT, Step("child", "b"))))),
        ("1 - -2", Binary("-", Number("1"), Negation(Number("2")))),
        ("2 * 3 + 4", Binary("+", Binary("*", Number("2"), Number("3")), Number("4"))),
        ("a-b", Path((Step("child", "a-b"),))),
        ("a -b", Binary("-", Path((Step("child", "a"),)), Path((Step("child", "b"),)))),
        ("* * *", Binary("*", Path((Step("child", "*"),)), Path((Step("child", "*"),)))),
        ("@id", Path((Step("attribute", "id"),))),
        ("current()/../x", Path((PARENT, Step("child", "x")), of=Call("current", ()))),
        ("${age}/x", Path((Step("child", "x"),), of=Variable("age"))),
        (".", Path((SELF,))),
        ("jr:choice-name(a, 'b')", Call("jr:choice-name", (Path((Step("child", "a"),)), Text("b")))),
        ("a = b = c", Binary("=", Binary("=", Path((Step("child", "a"),)), Path((Step("child", "b"),))),
                             Path((Step("child", "c"),)))),
    ],
)  # fmt: skip
def test_expressions_are_read_as_xpath_has_them(text: str, tree: XPath):
    assert parse_xpath(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("${a} =< 3", 5, "write `<=`"),
        ("${a} => 3", 5, "write `>=`"),
        ("${a} == 3", 5, "write `=`"),
        ("${a} <> 3", 5, "write `!=`"),
        ("${a} ≥ 3", 5, "write `>=`"),
        ("${a} && ${b}", 5, "write `and`"),
        ("${a} || ${b}", 5, "write `or`"),
        ("!${a}", 0, "write `not(…)`"),
        ("${a} = ‘x’", 7, "straight quotes"),
        ("${a} = «x»", 7, "straight quotes"),
        ("${a} = 'x", 7, "not closed"),
        ("selected(${a}, 'x'", 8, "not closed"),
        ("item[name = 'x'", 4, "not closed"),
        ("(${a} = 1", 0, "not closed"),
        ("${a} = 1)", 8, "closes nothing"),
        ("if(${a} = 1; 2; 3)", 11, "instead of `;`"),
        ("${a} = 0,5", 7, "written 0.5"),
        ("${a}, ${b}", 4, "outside a function"),
        ("${a} and", 8, "ends too early"),
        ("${a} > ", 7, "ends too early"),
        ("and ${a}", 4, "operator"),
        ("if (${a}) then 1 else 2", 10, "write if(condition"),
        ("not selected(${a}, 'x')", 0, "write not(…)"),
        ("${a} AND ${b}", 5, "small letters"),
        ("${a} 5", 5, "operator"),
        ("${a} ${b}", 5, "`${b}`"),
        ("${a} / 2", 5, "write `div`"),
        ("10 / ${a}", 3, "write `div`"),
        (" /data/a / /data/b ", 9, "write `div`"),
        ("${a} % 2", 5, "write `mod`" ),
        ("${}", 0, "${age}"),
        ("${a b}", 0, "${age}"),
        ("$a", 0, "`${a}`"),
        ("1 + {a}", 4, "`${a}`"),
        ("${a} et ${b}", 5, "write `and`"),
        ("${a} OU ${b}", 5, "write `or`"),
        ("${a}\u00a0= 1", 4, "no-break space"),
        ("childs::a", 0, "child::"),
        ("f(,1)", 2, "missing before"),
        ("()", 1, "missing before"),
        ("a # b", 2, "does not belong"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_what_to_write_instead(text: str, position: int, words: str):
    with pytest.raises(XPathInvalid) as caught:
        parse_xpath(text)

    assert caught.value.position == position
    assert words in caught.value.message.en


@pytest.mark.parametrize(
    ("text", "at", "paths"),
    [
        (" /data/g/a  = 'x' and selected( ../b , '3')", "g/r/c", ("g/a", "g/r/b")),
        (". > 5", "g/c", ("g/c",)),
        ("instance('areas')/root/item[name = current()/../area and zone = /data/z ]/label", "g/c", ("g/area", "z")),
        ("instance('l')/root/item[selected(current()/../q, name)]", "g/c", ("g/q",)),
        ("count( /data/r [position() = 1 and x = 'y']/z)", "q", ("r/z", "r/x")),
        ("indexed-repeat( /data/r/x , /data/r , position(..))", "r/y", ("r/x", "r")),
        ("jr:choice-name( /data/a , ' /data/g/b ')", "x", ("a", "g/b")),
        ("../../../x", "a/b", ()),
        ("instance('__last-saved')/data/age", "age", ()),
        ("//age", "x", ()),
        ("'/data/a'", "x", ()),
        ("/data/orx:meta/orx:instanceName", "x", ("meta/instanceName",)),
        ("(/data/r)[x = 2]", "q", ("r", "r/x")),
    ],
)  # fmt: skip
def test_references_are_paths_of_the_form(text: str, at: str, paths: tuple[str, ...]):
    assert references(parse_xpath(text), at) == paths


def test_a_path_that_leads_out_of_the_form_resolves_to_nothing():
    out, root = parse_xpath("../../.."), parse_xpath("../..")
    assert isinstance(out, Path)
    assert isinstance(root, Path)

    assert resolve(out, "a/b") is None
    assert resolve(root, "a/b") == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/data/a = 'x' or 'y' = /data/a", [("a", "x", "="), ("a", "y", "=")]),
        ("5 < .", [("g/c", "5", ">")]),
        ("../b != -1", [("g/b", "-1", "!=")]),
        ("not(selected(../b, ' none '))", [("g/b", "none", "selected")]),
        ("selected('1 2', ../b)", [("g/b", "1", "in"), ("g/b", "2", "in")]),
        ("selected-at(../b, 0) = 'x'", [("g/b", "x", "selected")]),
        ("string(../b) = 'x'", [("g/b", "x", "=")]),
        ("jr:choice-name('f', '/data/sex')", [("sex", "f", "jr:choice-name")]),
        ("instance('areas')/root/item[zone = 'n' and current()/../b = 'x']", [("g/b", "x", "=")]),
        ("count(/data/r[x = 'y'])", [("r/x", "y", "=")]),
        ("../b = ../d", []),
        ("'x' = 'x'", []),
        ("concat(../b, 'z') = 'x'", []),
    ],
)  # fmt: skip
def test_comparisons_name_the_question_and_the_literal(text: str, found: list[tuple[str, str, str]]):
    assert list(comparisons(parse_xpath(text), "g/c")) == [Comparison(*each) for each in found]


def test_functions_and_questions_are_listed_once_in_their_order():
    tree = parse_xpath("if(selected(${b}, 'x'), count-selected(${b}), selected(${a}, 'y'))")

    assert functions_called(tree) == ("if", "selected", "count-selected")
    assert variables(tree) == ("b", "a")


def test_functions_know_how_many_arguments_they_take():
    assert [count for count in range(14) if FUNCTIONS["indexed-repeat"].takes(count)] == [3, 5, 7, 9, 11]
    assert [count for count in range(8) if FUNCTIONS["weighted-checklist"].takes(count)] == [2, 4, 6]
    assert FUNCTIONS["indexed-repeat"].counts == "3, 5, 7, 9, 11"
    assert (FUNCTIONS["if"].counts, FUNCTIONS["round"].counts, FUNCTIONS["concat"].counts) == ("3", "1-2", "0+")
    assert not set(FUNCTIONS) & set(BROWSER_FUNCTIONS)
