"""The tree of an XPath expression: its nouns, how one walks over them, and how they are written back as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

ANY_NODE = "node()"
"""The node test that every node passes."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: `0.5`."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text: `'f'`. XPath has no escape: no text holds both kinds of quote."""

    value: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A question as a workbook names it, `${age}`; a compiled XForm has paths in its place."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path. test: a name, `*`, `prefix:*`, `node()`, `text()`; `.` and `..` are `self` and `parent`."""

    axis: str
    test: str
    predicates: tuple["XPath", ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from the root (`/data/age`), from the context (`../age`), or from what `of` yields (`current()/../age`)."""

    steps: tuple[Step, ...]
    is_absolute: bool = False
    of: "XPath | None" = None


@dataclass(frozen=True, slots=True)
class Filtered:
    """An expression that is no path, with predicates: `(/data/age | /data/sex)[1]`."""

    operand: "XPath"
    predicates: tuple["XPath", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments: `selected(/data/services, 'school')`."""

    function: str
    arguments: tuple["XPath", ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and one of `or and = != < <= > >= + - * div mod |`."""

    operator: str
    left: "XPath"
    right: "XPath"


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: "XPath"


XPath: TypeAlias = Number | Text | Variable | Path | Filtered | Call | Binary | Negation

PRECEDENCE = {
    operator: level
    for level, operators in enumerate(
        (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
    )
    for operator in operators
}
"""How tightly an operator binds, from 0; unary minus and then `|` bind more tightly than all of these."""

MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The comparisons, each with what it becomes where its sides change places."""

NEGATION_LEVEL = 6
UNION_LEVEL = 7
_PRIMARY_LEVEL = 8

SELF = Step("self", ANY_NODE)
PARENT = Step("parent", ANY_NODE)
DESCENDANTS = Step("descendant-or-self", ANY_NODE)


def children(tree: XPath) -> tuple[XPath, ...]:
    """The expressions an expression is made of, in order; those in the predicates of its steps included."""
    match tree:
        case Call(_, arguments):
            return arguments
        case Binary(_, left, right):
            return (left, right)
        case Negation(operand):
            return (operand,)
        case Filtered(operand, predicates):
            return (operand, *predicates)
        case Path(steps, _, of):
            inside = tuple(predicate for step in steps for predicate in step.predicates)
            return inside if of is None else (of, *inside)
        case _:
            return ()


def walk(tree: XPath) -> Iterator[XPath]:
    """The expression and all its parts, outer before inner, left before right."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def written_literal(tree: XPath) -> str | None:
    """The text of a literal: `'f'`, `1`, `-1`; None for anything else."""
    match tree:
        case Text(value):
            return value
        case Number(text):
            return text
        case Negation(Number(text)):
            return f"-{text}"
        case _:
            return None


def bare_name(tree: XPath) -> str | None:
    """The name that an expression is, alone and without a slash: `region`; None for anything else."""
    match tree:
        case Path((step,), False, None) if step.axis == "child" and not step.predicates and "(" not in step.test:
            return step.test if step.test != "*" else None
        case _:
            return None


def bare_names(tree: XPath) -> Iterator[str]:
    """The bare names of an expression; those in the predicates of a path belong to something else."""
    waiting = [tree]
    while waiting:
        node = waiting.pop(0)
        name = bare_name(node)
        if name is not None:
            yield name
        waiting.extend(children(node) if not isinstance(node, Path | Filtered) else ())


def functions_called(tree: XPath) -> tuple[str, ...]:
    """Names of the functions an expression calls, each once, in the order in which they stand."""
    return tuple(dict.fromkeys(node.function for node in walk(tree) if isinstance(node, Call)))


def variables(tree: XPath) -> tuple[str, ...]:
    """The names in `${name}`, each once, in the order in which they stand."""
    return tuple(dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Variable)))


def text_of(tree: XPath) -> str:
    """The expression as text; parsed again it gives an equal tree. Raises ValueError for a text with both quotes.

    Without recursion: a chain of a thousand `or` is a tree a thousand levels deep.
    """
    written: list[str] = []
    waiting: list[str | XPath] = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            written.append(part)
        else:
            waiting.extend(reversed(_parts(part)))
    return "".join(written)


def _parts(tree: XPath) -> list[str | XPath]:
    parts: list[str | XPath]
    match tree:
        case Number(text):
            parts = [text]
        case Text(value):
            parts = [_quoted(value)]
        case Variable(name):
            parts = [f"${{{name}}}"]
        case Negation(operand):
            parts = ["-", *_in_brackets(operand, NEGATION_LEVEL)]
        case Call(function, arguments):
            inside = [part for argument in arguments for part in (", ", argument)]
            parts = [f"{function}(", *inside[1:], ")"]
        case Binary(_, left, right):
            level = _level(tree)
            parts = [*_in_brackets(left, level), f" {tree.operator} ", *_in_brackets(right, level + 1)]
        case Filtered(operand, predicates):
            parts = [*_start(operand), *_predicates(predicates)]
        case Path(steps, is_absolute, of):
            start = [] if of is None else [of] if isinstance(of, Filtered) else _start(of)
            parts = [*start, *_steps(steps, leading=is_absolute or of is not None)]
    return parts


def _level(tree: XPath) -> int:
    match tree:
        case Binary("|", _, _):
            return UNION_LEVEL
        case Binary(operator, _, _):
            return PRECEDENCE[operator]
        case Negation():
            return NEGATION_LEVEL
        case _:
            return _PRIMARY_LEVEL


def _in_brackets(tree: XPath, level: int) -> list[str | XPath]:
    """An operand, in brackets where it binds less than `level`. A lone `/` would swallow what follows it."""
    is_root = isinstance(tree, Path) and not tree.steps and tree.of is None
    return ["(", tree, ")"] if is_root or _level(tree) < level else [tree]


def _start(tree: XPath) -> list[str | XPath]:
    """What stands before `/` or `[`: a path or predicates of its own would merge with what follows."""
    return [tree] if isinstance(tree, Call | Variable) else ["(", tree, ")"]


def _steps(steps: tuple[Step, ...], *, leading: bool) -> list[str | XPath]:
    parts: list[str | XPath] = ["/"] if leading and not steps else []
    # `//` stands for a whole step: it needs a slash before it that is its own, and a step behind it.
    after_slash = leading
    may_shorten = leading
    for number, step in enumerate(steps):
        if step == DESCENDANTS and may_shorten and number + 1 < len(steps):
            parts.append("//")
            after_slash, may_shorten = False, False
            continue
        if after_slash:
            parts.append("/")
        parts += _step(step)
        after_slash, may_shorten = True, True
    return parts


def _step(step: Step) -> list[str | XPath]:
    if step == SELF:
        return ["."]
    if step == PARENT:
        return [".."]
    axis = {"child": "", "attribute": "@"}.get(step.axis, f"{step.axis}::")
    return [f"{axis}{step.test}", *_predicates(step.predicates)]


def _predicates(predicates: tuple[XPath, ...]) -> list[str | XPath]:
    parts: list[str | XPath] = []
    for predicate in predicates:
        parts += ["[", predicate, "]"]
    return parts


def _quoted(value: str) -> str:
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value:
        return f'"{value}"'
    raise ValueError(f"XPath cannot write a text with both kinds of quote: {value}")
