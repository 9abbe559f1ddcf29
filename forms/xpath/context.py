"""Where an expression is evaluated: its node, and what it may look at beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TypeAlias

from forms.xpath.nodes import Node
from forms.xpath.values import Value


@dataclass(frozen=True)
class Surroundings:
    """What an expression may look at beside its own node.

    document: the node above the form's root. instances: the document nodes of lists and files, by instance id. now:
    timezone-aware; its zone is that of the tablet, in which days begin.
    """

    document: Node
    instances: Mapping[str, Node]
    now: datetime
    # Absolute paths that lead to one node at most are the same from everywhere.
    found: dict[object, list[Node]] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        """The tablet's time zone."""
        if self.now.tzinfo is None:
            raise ValueError("the moment of evaluation needs a time zone")
        return self.now.tzinfo


class Context:
    """Where an expression is evaluated. node: its `.`; current: `current()`; position: in a predicate, from 1."""

    __slots__ = ("around", "current", "node", "position", "zone")

    def __init__(
        self, around: Surroundings, zone: tzinfo, node: Node, current: Node, position: int | None = None
    ) -> None:
        self.around = around
        self.zone = zone
        self.node = node
        self.current = current
        self.position = position


Compiled: TypeAlias = Callable[[Context], Value]
"""An expression that is ready to be evaluated. Raises NotEvaluable."""
