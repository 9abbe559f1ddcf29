"""Find the formulas that read one another in a circle, in the order in which they do."""

import re
from collections import deque
from collections.abc import Sequence

from forms.compile.expressions import WrittenExpression


def circle_of(paths: Sequence[str], expressions: Sequence[WrittenExpression]) -> list[WrittenExpression]:
    """Return the shortest circle through the first of these paths that is in one: each formula reads the next.

    paths: of questions that JavaRosa found to depend on one another, in no order. Empty where no circle is seen.
    """
    among = [each for each in expressions if each.path in paths and each.attribute in ("relevant", "calculate")]
    for path in paths:
        for first in (each for each in among if each.path == path):
            if circle := _way_back(first, among):
                return circle
    return []


def _way_back(first: WrittenExpression, among: Sequence[WrittenExpression]) -> list[WrittenExpression]:
    ways = deque([[first]])
    met = {id(first)}
    while ways:
        way = ways.popleft()
        if _reads(way[-1], first.path):
            return way
        for each in among:
            if id(each) not in met and _reads(way[-1], each.path):
                met.add(id(each))
                ways.append([*way, each])
    return []


def _reads(expression: WrittenExpression, path: str) -> bool:
    """Whether an expression names a question, by its whole path or from where it stands (`../age`)."""
    name = path.rpartition("/")[2]
    return re.search(rf"/{re.escape(name)}(?![\w.-])", expression.text) is not None
