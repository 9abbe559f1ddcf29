"""Check single answers of a submission: type, choices, range, constraint and calculation.

Which of them were asked at all is for `forms.recheck.rechecker`.
"""

from collections import Counter
from decimal import Decimal, InvalidOperation

from forms.recheck.definition import Choices, Definition
from forms.recheck.lexical import is_written_as
from forms.recheck.outcome import Rule
from forms.recheck.same import is_same_answer
from forms.recheck.tally import Tally
from forms.text import Bilingual
from forms.xpath.nodes import Node
from forms.xpath.values import NotEvaluable

_LONGEST_TEXT = 80


class Answers:
    """The check of a submission's answers. fixed: choices by path that are the same in all submissions, kept here."""

    def __init__(self, tally: Tally, fixed: dict[str, frozenset[str]]) -> None:
        self._tally = tally
        self._fixed = fixed

    def answer(self, definition: Definition, node: Node, positions: tuple[int, ...]) -> None:
        """Check an answer that is there: its type, choices, range and constraint."""
        control = definition.control
        is_select = control is not None and control.choices is not None
        if not is_select:
            self._tally.checked[Rule.TYPE] += 1
            is_written = is_written_as(definition.data_type, node.text)
            if control is not None and control.kind == "trigger":
                is_written = node.text == "OK"
            if not is_written:
                text, wanted = short(node.text), definition.data_type
                detail = Bilingual(f"{text} is no {wanted}", f"{text} n'est pas du type {wanted}")
                self._tally.breaks(definition, positions, Rule.TYPE, detail)
                return
        if control is None:
            return
        if control.choices is not None:
            self._choice(definition, control.kind, control.choices, node, positions)
        if control.range is not None:
            self._tally.checked[Rule.RANGE] += 1
            ends = control.range
            if not _is_on_range(node.text, ends.start, ends.end, ends.step):
                text = short(node.text)
                detail = Bilingual(
                    f"{text} is not on {ends.start} to {ends.end} by {ends.step}",
                    f"{text} n'est pas entre {ends.start} et {ends.end}, par pas de {ends.step}",
                )
                self._tally.breaks(definition, positions, Rule.RANGE, detail)
        if definition.constraint is not None and not self._tally.condition(
            definition, definition.constraint, node, Rule.CONSTRAINT, unknown=True
        ):
            text, rule = short(node.text), definition.constraint.text.strip()
            detail = Bilingual(f"{text} breaks {rule}", f"{text} enfreint {rule}")
            self._tally.breaks(definition, positions, Rule.CONSTRAINT, detail)

    def _choice(
        self, definition: Definition, kind: str, choices: Choices, node: Node, positions: tuple[int, ...]
    ) -> None:
        chosen = [node.text] if kind == "select1" else node.text.split()
        if kind != "select1":
            self._tally.checked[Rule.CHOSEN_ONCE] += 1
            twice = [name for name, count in Counter(chosen).items() if count > 1]
            if twice:
                text = short(" ".join(twice))
                detail = Bilingual(f"{text} stands twice", f"{text} figure deux fois")
                self._tally.breaks(definition, positions, Rule.CHOSEN_ONCE, detail)
        offered = self._offered(definition, choices, node)
        if offered is None:
            return
        for name in dict.fromkeys(chosen):
            if name not in offered:
                text, count = short(name), len(offered)
                detail = Bilingual(
                    f"{text} is none of the {count} choices offered",
                    f"{text} n'est aucun des {count} choix proposés",
                )
                self._tally.breaks(definition, positions, Rule.CHOICE, detail)
        if kind == "rank":
            self._tally.checked[Rule.RANKED_ALL] += 1
            left_out = sorted(offered.difference(chosen))
            if left_out:
                text = short(" ".join(left_out))
                detail = Bilingual(f"{text} is not ranked", f"{text} n'est pas classé")
                self._tally.breaks(definition, positions, Rule.RANKED_ALL, detail)

    def _offered(self, definition: Definition, choices: Choices, node: Node) -> frozenset[str] | None:
        """Names of the choices a node may hold; None where they cannot be known."""
        known = choices.names if choices.names is not None else self._fixed.get(definition.path)
        if known is not None:
            self._tally.checked[Rule.CHOICE] += 1
            return known
        items = self._tally.value(definition, choices.nodes, node, Rule.CHOICE)
        if not isinstance(items, list):
            return None
        offered = frozenset(cell.text for item in items for cell in item.children.get(choices.value, ()) if cell.text)
        if choices.is_fixed:
            self._fixed[definition.path] = offered
        return offered

    def calculation(self, definition: Definition, node: Node, positions: tuple[int, ...]) -> None:
        """Check that an answer, blank or not, is what its calculation yields."""
        expression = definition.calculation
        if expression is None:
            return
        if expression.is_fleeting:
            self._tally.skip(definition, Rule.CALCULATION, "it yields something else every time")
            return
        if definition.control is not None and definition.read_only is None:
            self._tally.skip(definition, Rule.CALCULATION, "a person may have changed it")
            return
        value = self._tally.value(definition, expression, node, Rule.CALCULATION)
        if value is None:
            return
        try:
            is_same = is_same_answer(node.text, value, definition.data_type, self._tally.zone)
        except NotEvaluable as unknown:
            self._tally.skip(definition, Rule.CALCULATION, unknown.reason)
            return
        if not is_same:
            text, rule = short(node.text), expression.text.strip()
            detail = Bilingual(f"«{text}» is not what {rule} yields", f"« {text} » n'est pas ce que donne {rule}")
            self._tally.breaks(definition, positions, Rule.CALCULATION, detail)


def short(text: str) -> str:
    """Return a text as a message shows it: cut where it is long."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _is_on_range(text: str, start: str, end: str, step: str) -> bool:
    try:
        value, first, last, by = (Decimal(part) for part in (text, start, end, step))
        low, high = min(first, last), max(first, last)
        return low <= value <= high and (by == 0 or (value - first) % by == 0)
    except InvalidOperation:
        return False
