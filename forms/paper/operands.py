"""What a comparison in an XForm is about: the question, and what is measured of it."""

from dataclasses import dataclass
from enum import StrEnum

from forms.paper.numbering import path_from
from forms.xpath import Binary, Call, Number, Path, Text, XPath, written_literal
from forms.xpath.tree import MIRRORED

# They change the kind of a value, not the value that a person thinks of.
_TRANSPARENT = frozenset({"number", "int", "string", "once", "normalize-space", "date", "boolean-from-string"})


class Measure(StrEnum):
    """What of an answer is compared."""

    VALUE = "value"
    CHOSEN = "chosen"
    LENGTH = "length"
    ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class Operand:
    """The answer to a question, how many choices or characters it has, or how many entries a roster has."""

    path: str
    measure: Measure = Measure.VALUE


def bare(tree: XPath) -> XPath:
    """The expression without functions that only change a value's kind."""
    while isinstance(tree, Call) and tree.function in _TRANSPARENT and len(tree.arguments) == 1:
        tree = tree.arguments[0]
    while isinstance(tree, Call) and tree.function == "coalesce" and len(tree.arguments) == 2 and _is_constant(tree):
        tree = bare(tree.arguments[0])
    return tree


def operand(tree: XPath, here: str) -> Operand | None:
    """Return what an expression measures, seen from the node `here`; None where it is anything else."""
    tree = bare(tree)
    path = _plain_path(tree, here)
    if path is not None:
        return Operand(path)
    if not isinstance(tree, Call) or len(tree.arguments) != 1:
        return None
    measure = {
        "count-selected": Measure.CHOSEN,
        "string-length": Measure.LENGTH,
        "count": Measure.ENTRIES,
        "count-non-empty": Measure.ENTRIES,
    }.get(tree.function)
    inside = _plain_path(bare(tree.arguments[0]), here)
    return Operand(inside, measure) if measure is not None and inside is not None else None


def constant(tree: XPath) -> str | None:
    """The text of a constant as a person writes it (`-3`, `yes`); None for what is computed."""
    literal = written_literal(bare(tree))
    return None if literal is None else literal.strip()


def _plain_path(tree: XPath, here: str) -> str | None:
    """The node a path names; None where predicates make it depend on more than its name."""
    if isinstance(tree, Path) and any(step.predicates for step in tree.steps):
        return None
    return path_from(tree, here)


def _is_constant(call: Call) -> bool:
    return isinstance(call.arguments[1], Number | Text)


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison with the operand on the left: `operand operator limit`."""

    operand: Operand
    operator: str
    limit: XPath


def bound(tree: XPath, here: str) -> Bound | None:
    """Return what a comparison bounds, turned round where the constant stands first; None for what is none."""
    if not isinstance(tree, Binary) or tree.operator not in MIRRORED:
        return None
    left = operand(tree.left, here)
    right = operand(tree.right, here)
    # `${a} <= .` is about the answer itself.
    if right is not None and (left is None or (right.path == here and left.path != here)):
        return Bound(right, MIRRORED[tree.operator], tree.left)
    return Bound(left, tree.operator, tree.right) if left is not None else None


def operands_of(tree: Binary) -> tuple[XPath, ...]:
    """What `and` or `or` joins, however long the chain; chains of the other operator stay whole."""
    found: list[XPath] = []
    waiting: list[XPath] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Binary) and node.operator == tree.operator:
            waiting += [node.right, node.left]
        else:
            found.append(node)
    return tuple(found)


def without_wrapping(tree: XPath) -> XPath:
    """The condition within `boolean(...)` and the like."""
    while isinstance(tree, Call) and tree.function == "boolean" and len(tree.arguments) == 1:
        tree = tree.arguments[0]
    return tree
