"""The arguments of a called function: nodes, or a value for each node or argument."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from forms.xpath.context import Context
from forms.xpath.nodes import Node
from forms.xpath.values import NotEvaluable, Value, node_value, to_number

CalledFunction: TypeAlias = Callable[[Context, Sequence[Value]], Value]
"""Yields a function's value from those of its arguments."""


def nodes_of(value: Value) -> list[Node]:
    """Return an argument that must be nodes. Raises NotEvaluable for a value."""
    if not isinstance(value, list):
        raise NotEvaluable("a function over nodes was given a value")
    return value


def each_value(context: Context, arguments: Sequence[Value]) -> list[Value]:
    """Return the values of the one node list given, or the arguments themselves."""
    if len(arguments) == 1 and isinstance(arguments[0], list):
        return [node_value(node, context.zone) for node in arguments[0]]
    return list(arguments)


def each_number(context: Context, arguments: Sequence[Value]) -> list[float]:
    """Return `each_value` as numbers, without what is none."""
    numbers = [to_number(value, context.zone) for value in each_value(context, arguments)]
    return [number for number in numbers if not math.isnan(number)]
