"""The tree of an expression: its nouns, and how one walks over them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: `0.5`."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text: `'f'`."""

    value: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A question or derived variable: `${trust_gend}`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments: `selected(${svc_present}, 'school')`."""

    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and one of `or and = != < <= > >= + - * div mod`."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: "Expression"


Expression: TypeAlias = Number | Text | Variable | Call | Binary | Negation


def children(expression: Expression) -> tuple[Expression, ...]:
    """The parts an expression is made of, in order."""
    match expression:
        case Call(_, arguments):
            return arguments
        case Binary(_, left, right):
            return (left, right)
        case Negation(operand):
            return (operand,)
        case _:
            return ()


def variables(expression: Expression) -> tuple[str, ...]:
    """The names an expression reads, each once, in the order in which they stand."""
    return tuple(dict.fromkeys(node.name for node in walk(expression) if isinstance(node, Variable)))


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, outer before inner, left before right."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))
