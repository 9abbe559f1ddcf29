"""What is found in one submission: the rules it breaks, how many were checked, and what could not be worked out."""

from collections import Counter
from datetime import tzinfo

from forms.recheck.definition import Definition, Expression
from forms.recheck.outcome import BrokenRule, NotChecked, Rule
from forms.text import Bilingual
from forms.xpath.context import Context, Surroundings
from forms.xpath.nodes import Node
from forms.xpath.values import NotEvaluable, Value, to_boolean


class Tally:
    """The rules of one submission as they are worked out."""

    def __init__(self, around: Surroundings) -> None:
        self.broken: list[BrokenRule] = []
        self.checked: Counter[Rule] = Counter()
        self.not_checked: Counter[NotChecked] = Counter()
        self.around = around
        self.zone: tzinfo = around.zone

    def condition(
        self, definition: Definition, expression: Expression | None, node: Node, rule: Rule, *, unknown: bool
    ) -> bool:
        """Return whether a condition holds; none holds always, and what cannot be known is taken as `unknown`."""
        if expression is None:
            return True
        value = self.value(definition, expression, node, rule)
        if value is None:
            return unknown
        try:
            return to_boolean(value, self.zone)
        except NotEvaluable as not_evaluable:
            self.skip(definition, rule, not_evaluable.reason)
            return unknown

    def value(self, definition: Definition, expression: Expression | None, node: Node, rule: Rule) -> Value | None:
        """Return what an expression yields at a node; None where it cannot be known, which is noted."""
        if expression is None or expression.compiled is None:
            self.skip(definition, rule, "" if expression is None else expression.reason)
            return None
        try:
            value = expression.compiled(Context(self.around, self.zone, node, node))
        except NotEvaluable as unknown:
            self.skip(definition, rule, unknown.reason)
            return None
        self.checked[rule] += 1
        return value

    def skip(self, definition: Definition, rule: Rule, reason: str) -> None:
        """Note that a rule could not be checked, and why."""
        self.not_checked[NotChecked(definition.path, rule, reason)] += 1

    def breaks(self, definition: Definition, positions: tuple[int, ...], rule: Rule, detail: Bilingual) -> None:
        """Note that a rule is broken."""
        self.broken.append(BrokenRule(definition.path, positions, rule, detail))
