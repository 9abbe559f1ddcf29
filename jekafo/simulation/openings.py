"""What the form makes of an answer: how many questions a choice opens, and with which values an answer is compared.

A simulated person answers so that the interview goes on more often than by chance, and sometimes exactly at a
threshold: otherwise half of all interviews would end at the consent, and no test would reach the last page.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from forms.form import Form
from forms.xpath.parser import parse_xpath
from forms.xpath.references import comparisons
from forms.xpath.tokens import XPathInvalid
from forms.xpath.tree import functions_called

_OPENS = frozenset(("=", "selected", "in"))


@dataclass(frozen=True)
class Openings:
    """opened, closed: (question path, choice) to how many questions are asked, or not asked, because of it.

    compared: question path to the values it is held to.
    """

    opened: Mapping[tuple[str, str], int]
    closed: Mapping[tuple[str, str], int]
    compared: Mapping[str, AbstractSet[str]]

    @classmethod
    def of(cls, form: Form) -> "Openings":
        """Read them from every expression of the form; what cannot be parsed opens nothing."""
        opened: dict[tuple[str, str], int] = defaultdict(int)
        closed: dict[tuple[str, str], int] = defaultdict(int)
        compared: dict[str, set[str]] = defaultdict(set)
        for path, expression, inside in _expressions(form):
            try:
                tree = parse_xpath(expression)
            except XPathInvalid:
                continue
            # Under a `not` the value closes what it seems to open.
            hanging = 0 if "not" in functions_called(tree) else inside
            for comparison in comparisons(tree, path):
                compared[comparison.path].add(comparison.literal)
                if comparison.operator in _OPENS and hanging:
                    opened[comparison.path, comparison.literal] += hanging
                elif comparison.operator == "!=":
                    closed[comparison.path, comparison.literal] += hanging
        return cls(opened, closed, compared)


def _expressions(form: Form) -> Iterator[tuple[str, str, int]]:
    """Path, expression, and how many questions are asked only where it is true."""
    for group in form.groups:
        if group.relevant:
            inside = sum(question.path.startswith(group.path + "/") for question in form.questions)
            yield group.path, group.relevant, inside
    for question in form.questions:
        if question.relevant:
            yield question.path, question.relevant, 1
        for other in (question.calculation, question.constraint, question.choice_filter, question.required):
            if other:
                yield question.path, other, 0
