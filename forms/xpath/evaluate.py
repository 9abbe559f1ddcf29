"""What an expression yields on a filled-in form, as JavaRosa reckons it, or `NotEvaluable`: never a guess.

An expression is compiled once into closures and then evaluated on many forms. Values and their conversions are
`forms.xpath.values`, the functions `forms.xpath.calls`. Source of the rules: JavaRosa's bytecode; the agreement with
JavaRosa itself is held by a test.
"""

import math
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt

from forms.xpath.calls import compile_call
from forms.xpath.context import Compiled, Context, Surroundings
from forms.xpath.nodes import Node
from forms.xpath.tree import Binary, Call, Filtered, Negation, Number, Path, Step, Text, Variable, XPath
from forms.xpath.values import NotEvaluable, Value, equal, to_boolean, to_number


def compile_xpath(tree: XPath) -> Compiled:
    """Return the function that evaluates an expression. Raises NotEvaluable for what nobody can evaluate here."""
    compiled: Compiled
    match tree:
        case Number(text):
            compiled = _constant(float(text))
        case Text(value):
            compiled = _constant(value)
        case Binary("and" | "or" as operator, _, _):
            compiled = _junction(operator, tree)
        case Binary(operator, left, right):
            compiled = _binary(operator, compile_xpath(left), compile_xpath(right))
        case Negation(operand):
            compiled = _negated(compile_xpath(operand))
        case Call():
            compiled = compile_call(tree, compile_xpath)
        case Path():
            compiled = _path(tree)
        case Filtered():
            raise NotEvaluable("JavaRosa evaluates no predicates behind brackets")
        case Variable(name):
            raise NotEvaluable(f"${{{name}}} is of a workbook that is not compiled yet")
    return compiled


def evaluate(tree: XPath, around: Surroundings, node: Node) -> Value:
    """Return what an expression yields at a node. Raises NotEvaluable."""
    return compile_xpath(tree)(Context(around, around.zone, node, node))


def holds(compiled: Compiled, around: Surroundings, node: Node) -> bool:
    """Return whether a compiled condition holds at a node. Raises NotEvaluable."""
    zone = around.zone
    return to_boolean(compiled(Context(around, zone, node, node)), zone)


def _constant(value: Value) -> Compiled:
    return lambda _context: value


def _negated(operand: Compiled) -> Compiled:
    return lambda context: -to_number(operand(context), context.zone)


def _junction(operator: str, tree: XPath) -> Compiled:
    """A chain of one operator, flat: a thousand `or` are a tree a thousand levels deep."""
    operands: list[XPath] = []
    while isinstance(tree, Binary) and tree.operator == operator:
        operands.append(tree.right)
        tree = tree.left
    compiled = [compile_xpath(operand) for operand in (tree, *reversed(operands))]
    stops_at = operator == "or"

    def junction(context: Context) -> bool:
        zone = context.zone
        return any(to_boolean(part(context), zone) is stops_at for part in compiled) is stops_at

    return junction


def _binary(operator: str, left: Compiled, right: Compiled) -> Compiled:
    if operator in ("=", "!="):
        expected = operator == "="
        return lambda context: equal(left(context), right(context), context.zone) is expected
    if operator in _ORDERS:
        order = _ORDERS[operator]
        return lambda context: order(to_number(left(context), context.zone), to_number(right(context), context.zone))
    if operator in _ARITHMETIC:
        reckon = _ARITHMETIC[operator]
        return lambda context: reckon(to_number(left(context), context.zone), to_number(right(context), context.zone))
    raise NotEvaluable("JavaRosa evaluates no unions")


# --- paths ----------------------------------------------------------------------------------------------------------


def _path(tree: Path) -> Callable[[Context], list[Node]]:
    steps = tuple(_step(step) for step in tree.steps)
    if tree.is_absolute:
        return _absolute(tree, steps)
    if tree.of is not None:
        if tree.of == Call("current", ()):
            return lambda context: _walked([context.current], steps, context)
        start = compile_xpath(tree.of)

        def from_nodes(context: Context) -> list[Node]:
            nodes = start(context)
            if not isinstance(nodes, list):
                raise NotEvaluable("a path can only start at nodes")
            return _walked(nodes, steps, context)

        return from_nodes
    return lambda context: _walked([context.node], steps, context)


_Step = Callable[[list[Node], Context], list[Node]]


def _walked(nodes: list[Node], steps: tuple[_Step, ...], context: Context) -> list[Node]:
    for step in steps:
        if not nodes:
            break
        nodes = step(nodes, context)
    return nodes


def _absolute(tree: Path, steps: tuple[_Step, ...]) -> Callable[[Context], list[Node]]:
    names = [step.test if step.axis == "child" else "*" for step in tree.steps]
    has_predicates = any(step.predicates for step in tree.steps)
    key = object()

    def absolute(context: Context) -> list[Node]:
        known = context.around.found.get(key)
        if known is not None:
            return known
        nodes, several = [context.around.document], False
        for step in steps:
            nodes = step(nodes, context)
            several = several or len(nodes) > 1
            if not nodes:
                break
        if not several:
            if not has_predicates:
                context.around.found[key] = nodes
            return nodes
        return _in_own_repeat(context)

    def _in_own_repeat(context: Context) -> list[Node]:
        """Through a repeat, a path from inside it leads to its own instance, as JavaRosa contextualises references."""
        line = context.node.line()[1:]
        nodes, is_own = [context.around.document], line[:1] != [] and line[0].parent is context.around.document
        for number, step in enumerate(steps):
            is_own = is_own and number < len(line) and line[number].name == names[number]
            is_own_here = is_own and not tree.steps[number].predicates
            nodes = [line[number]] if is_own_here else step(nodes, context)
        return nodes

    return absolute


def _step(step: Step) -> _Step:
    move = _move(step)
    if not step.predicates:
        return move
    predicates = [_predicate(predicate) for predicate in step.predicates]

    def filtered(nodes: list[Node], context: Context) -> list[Node]:
        kept = []
        for node in nodes:
            found = move([node], context)
            for predicate in predicates:
                found = predicate(found, context)
            kept += found
        return kept

    return filtered


def _move(step: Step) -> _Step:
    name = step.test
    match step.axis, name:
        case "self", "node()":
            return lambda nodes, _context: nodes
        case "parent", "node()":
            return lambda nodes, _context: _parents(nodes)
        case "child", "*":
            return lambda nodes, _context: [child for node in nodes for child in node.all_children()]
        case "child", _ if "(" not in name and "*" not in name:
            # The names of nodes are kept without a prefix, as forms of different clients write different ones.
            local = name.rpartition(":")[2]
            return lambda nodes, _context: (
                nodes[0].children.get(local, [])
                if len(nodes) == 1
                else [child for node in nodes for child in node.children.get(local, ())]
            )
        case _:
            raise NotEvaluable(f"JavaRosa knows no step {step.axis}::{name}")


def _parents(nodes: list[Node]) -> list[Node]:
    return list(dict.fromkeys(node.parent for node in nodes if node.parent is not None))


def _predicate(tree: XPath) -> _Step:
    compiled = compile_xpath(tree)

    def kept(nodes: list[Node], context: Context) -> list[Node]:
        found = []
        for position, node in enumerate(nodes, 1):
            value = compiled(Context(context.around, context.zone, node, context.current, position))
            if not isinstance(value, bool):
                raise NotEvaluable("a predicate that is no condition: JavaRosa finds nothing by it, a browser does")
            if value:
                found.append(node)
        return found

    return kept


# --- numbers, as Java reckons ---------------------------------------------------------------------------------------


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _remainder(left: float, right: float) -> float:
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)


_ORDERS = {"<": lt, "<=": le, ">": gt, ">=": ge}
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _divided,
    "mod": _remainder,
}
