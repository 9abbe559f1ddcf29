"""Which questions an expression reads, and with which literals it compares them.

Paths of an XForm (`/data/security/age`, `../age`, `current()/../age`) become paths of a `Form` (`security/age`). Inside
the predicates of a choice list names are columns of the list, not questions. Whether a path exists is for the caller.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from forms.xpath.parser import parse_xpath
from forms.xpath.tokens import XPathInvalid
from forms.xpath.tree import (
    MIRRORED,
    Binary,
    Call,
    Filtered,
    Path,
    Step,
    Text,
    XPath,
    children,
    written_literal,
)

_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
# What yields an answer of the question it is given, as the question holds it.
_ANSWER_OF = frozenset(("once", "string", "number", "int", "selected-at", "indexed-repeat"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question compared with a literal, the question on the left.

    operator: `= != < <= > >=`; `selected` where the literal is one of the answer's words; `in` where the answer is one
    of the literal's words (`selected('1 2 3', /data/x)`); `jr:choice-name` where the literal's label is asked for.
    """

    path: str
    literal: str
    operator: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands. here: the context node's path, None inside a choice list. at: `current()`."""

    here: str | None
    at: str


def references(tree: XPath, at: str) -> tuple[str, ...]:
    """Paths of the questions and groups an expression reads, each once, in the order in which they stand.

    at: path of the question or group the expression belongs to; its own `.` is among the references.
    """
    return _references(tree, _Place(at, at))


def filter_references(tree: XPath, at: str) -> tuple[str, ...]:
    """Paths of the questions and groups a question's choice filter reads; names alone are columns of its list."""
    return _references(tree, _Place(None, at))


def _references(tree: XPath, start: _Place) -> tuple[str, ...]:
    found: dict[str, None] = {}
    named_in_text: list[XPath] = []
    for node, place in _placed(tree, start):
        path = None
        if isinstance(node, Path):
            path = _resolved(node, place)
        elif isinstance(node, Call) and node.function == "jr:choice-name":
            named_in_text += node.arguments[1:]
        elif any(node is named for named in named_in_text):
            path = _named_in_text(node, place)
        if path:
            found[path] = None
    return tuple(found)


def resolve(path: Path, at: str) -> str | None:
    """The question or group a path leads to from `at`; None where it leads out of the form or cannot be known.

    "" is the form itself.
    """
    return _resolved(path, _Place(at, at))


def comparisons(tree: XPath, at: str) -> tuple[Comparison, ...]:
    """The comparisons of a question with a literal, in the order in which they stand."""
    return tuple(comparison for node, place in _placed(tree, _Place(at, at)) for comparison in _compared(node, place))


def _compared(node: XPath, place: _Place) -> Iterator[Comparison]:
    match node:
        case Binary(operator, left, right) if operator in _COMPARISONS:
            for question, literal, seen in (
                (left, right, operator),
                (right, left, MIRRORED[operator]),
            ):
                path, text = _question(question, place), written_literal(literal)
                if path and text is not None:
                    is_one_of_several = isinstance(question, Call) and question.function == "selected-at"
                    yield Comparison(path, text, "selected" if is_one_of_several else seen)
        case Call("selected" | "is-selected", (first, second)):
            path, text = _question(first, place), written_literal(second)
            if path and text is not None:
                yield Comparison(path, text.strip(), "selected")
            path, text = _question(second, place), written_literal(first)
            if path and text is not None:
                yield from (Comparison(path, word, "in") for word in text.split())
        case Call("jr:choice-name", (first, second)):
            path, text = _named_in_text(second, place), written_literal(first)
            if path and text is not None:
                yield Comparison(path, text, "jr:choice-name")
        case _:
            return


def _question(node: XPath, place: _Place) -> str | None:
    while isinstance(node, Call) and node.function in _ANSWER_OF and node.arguments:
        node = node.arguments[0]
    return _resolved(node, place) if isinstance(node, Path) else None


def _named_in_text(node: XPath, place: _Place) -> str | None:
    """The question whose path is written as a text, as `jr:choice-name` wants it."""
    if not isinstance(node, Text):
        return None
    try:
        named = parse_xpath(node.value)
    except XPathInvalid:
        return None
    return _resolved(named, place) if isinstance(named, Path) else None


def _placed(tree: XPath, start: _Place) -> Iterator[tuple[XPath, _Place]]:
    """Every part of an expression with the place its relative paths start from, in the order of the text."""
    waiting: list[tuple[XPath, _Place]] = [(tree, start)]
    while waiting:
        node, place = waiting.pop()
        yield node, place
        inside: list[tuple[XPath, _Place]]
        match node:
            case Path(steps, _, of):
                inside = [] if of is None else [(of, place)]
                for number, step in enumerate(steps):
                    if step.predicates:
                        reached = _resolved(Path(steps[: number + 1], node.is_absolute, of), place)
                        inside += [(predicate, _Place(reached, start.at)) for predicate in step.predicates]
            case Filtered(operand, predicates):
                reached = _resolved(operand, place) if isinstance(operand, Path) else None
                inside = [(operand, place), *((predicate, _Place(reached, start.at)) for predicate in predicates)]
            case _:
                inside = [(child, place) for child in children(node)]
        waiting.extend(reversed(inside))


def _resolved(path: Path, place: _Place) -> str | None:
    parts = _start(path, place)
    if parts is None:
        return None
    steps = path.steps[1:] if path.is_absolute and path.steps else path.steps
    if path.is_absolute and path.steps and not _is_name(path.steps[0]):
        return None
    for step in steps:
        if step.test == "node()" and step.axis == "self":
            continue
        if step.test == "node()" and step.axis == "parent":
            if not parts:
                return None
            parts = parts[:-1]
        elif _is_name(step):
            # Paths of a form have no prefixes: clients write different ones.
            parts = [*parts, step.test.rpartition(":")[2]]
        else:
            return None
    return "/".join(parts)


def _start(path: Path, place: _Place) -> list[str] | None:
    """The names on the way to where a path starts; None where that is no node of the form."""
    if path.is_absolute:
        return []
    if path.of is None:
        start = place.here
    elif path.of == Call("current", ()):
        start = place.at
    elif isinstance(path.of, Filtered) and isinstance(path.of.operand, Path):
        start = _resolved(path.of.operand, place)
    else:
        start = _resolved(path.of, place) if isinstance(path.of, Path) else None
    return None if start is None else start.split("/") if start else []


def _is_name(step: Step) -> bool:
    return step.axis == "child" and "*" not in step.test and "(" not in step.test
