"""The functions that look at nodes: which there are, where they stand, what another list holds."""

from collections.abc import Mapping, Sequence

from forms.xpath.calls.arguments import CalledFunction, nodes_of
from forms.xpath.context import Context
from forms.xpath.values import NotEvaluable, Value, node_value, to_text


def _instance(context: Context, arguments: Sequence[Value]) -> Value:
    """The document node of a list: the path behind it begins with the list's root."""
    name = to_text(arguments[0], context.zone)
    if name not in context.around.instances:
        raise NotEvaluable(f"the instance {name} is not given")
    return [context.around.instances[name]]


def _pulldata(context: Context, arguments: Sequence[Value]) -> Value:
    """The column of the first row whose key column holds the key; "" where there is none."""
    name, column, key_column, key = (to_text(argument, context.zone) for argument in arguments)
    document = context.around.instances.get(name.removesuffix(".csv"))
    if document is None:
        raise NotEvaluable(f"the file {name} is not given")
    for root in document.all_children():
        for row in root.all_children():
            if any(cell.text == key for cell in row.children.get(key_column, ())):
                return next((cell.text for cell in row.children.get(column, ())), "")
    return ""


def _position(context: Context, arguments: Sequence[Value]) -> Value:
    if not arguments:
        if context.position is None:
            raise NotEvaluable("position() outside of a predicate")
        return float(context.position)
    nodes = nodes_of(arguments[0])
    if not nodes:
        raise NotEvaluable("position() of no node")
    return float(nodes[0].position)


def _once(context: Context, arguments: Sequence[Value]) -> Value:
    """The node's own answer as long as it has one."""
    return node_value(context.current, context.zone) or arguments[0]


FUNCTIONS: Mapping[str, CalledFunction] = {
    "once": _once,
    "count": lambda _context, arguments: float(len(nodes_of(arguments[0]))),
    "count-non-empty": lambda _context, arguments: float(sum(bool(node.text) for node in nodes_of(arguments[0]))),
    "position": _position,
    "instance": _instance,
    "current": lambda context, _arguments: [context.current],
    "pulldata": _pulldata,
}
