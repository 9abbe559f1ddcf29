"""What an expression claims about answers, as far as it compares them with literals; the rest cannot be told.

Whether answers exist that make a claim true is `forms.logic.possible`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from forms.form import Form, Question
from forms.logic.answers import NUMERIC, as_number
from forms.xpath.references import resolve
from forms.xpath.tree import MIRRORED, Binary, Call, Number, Path, Text, XPath, written_literal

Truth: TypeAlias = bool | None
"""None where it cannot be told."""

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_AS_IT_IS = frozenset({"string", "number", "once"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """An answer compared with a literal, the answer on the left. operator: one of XPath's, or `selected`."""

    path: str
    operator: str
    literal: str
    is_number: bool = False

    @property
    def is_ordered(self) -> bool:
        """Whether it asks for more or less, not only for sameness."""
        return self.operator in ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Known:
    """What is true or false whatever is answered, or (None) cannot be told."""

    truth: Truth


@dataclass(frozen=True, slots=True)
class Joined:
    """Claims joined by `and` (all must hold) or `or`."""

    parts: tuple["Claim", ...]
    is_and: bool


@dataclass(frozen=True, slots=True)
class Denied:
    """`not(...)`."""

    part: "Claim"


Claim: TypeAlias = Comparison | Known | Joined | Denied


def claim_of(tree: XPath, owner: str, form: Form) -> Claim:
    """Return what an expression of a question or group claims."""
    match tree:
        case Binary("and" | "or" as operator, _, _):
            return Joined(tuple(claim_of(part, owner, form) for part in _operands(tree, operator)), operator == "and")
        case Call("not", (operand,)):
            return Denied(claim_of(operand, owner, form))
        case _:
            return _comparison(tree, owner, form) or Known(_constant(tree))


def conjuncts(tree: XPath) -> Iterator[XPath]:
    """The expressions that must all be true for an expression to be."""
    return _operands(tree, "and")


def alternatives(tree: XPath) -> Iterator[XPath]:
    """The expressions of which one must be true for an expression to be."""
    return _operands(tree, "or")


def comparisons_in(claim: Claim) -> Iterator[Comparison]:
    """The comparisons of a claim."""
    match claim:
        case Comparison():
            yield claim
        case Joined(parts, _):
            for part in parts:
                yield from comparisons_in(part)
        case Denied(part):
            yield from comparisons_in(part)
        case Known():
            return


def truth_of(claim: Claim, given: Mapping[str, str], is_numeric: Callable[[str], bool]) -> Truth:
    """Whether a claim is true of answers, by path. is_numeric: whether the question at a path takes numbers."""
    match claim:
        case Comparison(path, operator, literal, is_number):
            if path not in given:
                return None
            return _compare(given[path], operator, literal, is_number=is_number or is_numeric(path))
        case Known(truth):
            return truth
        case Denied(part):
            inside = truth_of(part, given, is_numeric)
            return None if inside is None else not inside
        case Joined(parts, is_and):
            return _joined((truth_of(part, given, is_numeric) for part in parts), is_and=is_and)


def _joined(truths: Iterator[Truth], *, is_and: bool) -> Truth:
    """One false part decides an `and`, one true part an `or`; else what cannot be told leaves the whole untold."""
    is_sure = True
    for truth in truths:
        if truth is (not is_and):
            return truth
        is_sure = is_sure and truth is not None
    return is_and if is_sure else None


def takes_numbers(question: Question) -> bool:
    """Whether JavaRosa holds the answers of a question as numbers."""
    return question.data_type in NUMERIC


def _operands(tree: XPath, joined_by: str) -> Iterator[XPath]:
    """What an operator joins, in order; without recursion, for chains of a thousand."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Binary) and node.operator == joined_by:
            waiting.extend((node.right, node.left))
        else:
            yield node


def _comparison(tree: XPath, owner: str, form: Form) -> Comparison | None:
    match tree:
        case Binary(operator, left, right) if operator in _COMPARISONS:
            mirrored = MIRRORED[operator]
            return _against(left, operator, right, owner, form) or _against(right, mirrored, left, owner, form)
        case Call("selected", (answer, literal)):
            return _against(answer, "selected", literal, owner, form)
        case _:
            return None


def _against(answer: XPath, operator: str, literal: XPath, owner: str, form: Form) -> Comparison | None:
    while isinstance(answer, Call) and answer.function in _AS_IT_IS and len(answer.arguments) == 1:
        answer = answer.arguments[0]
    path = resolve(answer, owner) if isinstance(answer, Path) else None
    text = written_literal(literal)
    question = form.by_path.get(path or "")
    if path is None or text is None or question is None:
        return None
    if question.repeat is not None and not f"{owner}/".startswith(f"{question.repeat}/"):
        return None  # from outside a repeat it is any of several answers
    return Comparison(path, operator, text, is_number=not isinstance(literal, Text))


def _constant(tree: XPath) -> Truth:
    """Whether an expression without answers is true: `true()`, `1`, `1 = 2`; None for any other."""
    match tree:
        case Call("true" | "false" as name, ()):
            return name == "true"
        case Number(text):
            return float(text) != 0
        case Binary(operator, left, right) if operator in _COMPARISONS:
            one, other = written_literal(left), written_literal(right)
            if one is None or other is None:
                return None
            return _compare(one, operator, other, is_number=not (isinstance(left, Text) and isinstance(right, Text)))
        case _:
            return None


def _compare(answer: str, operator: str, literal: str, *, is_number: bool) -> bool:
    """As XPath compares: as numbers where one is a number or more is asked than sameness; a blank is no number."""
    if operator == "selected":
        return literal.strip() in answer.split()
    if operator in ("=", "!="):
        as_numbers = is_number and literal != ""
        same = as_number(answer) == as_number(literal) if as_numbers else answer == literal
        return same is (operator == "=")
    one, other = as_number(answer), as_number(literal)
    match operator:
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
        case _:
            return one >= other
