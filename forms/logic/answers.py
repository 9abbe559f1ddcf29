"""The answers a question may have, as few as are needed to tell the conditions of a form apart.

Each condition compares an answer with literals; so it is enough to try the literals themselves, what lies between
and beyond them, the choices, and no answer at all. Whether a condition holds for them is `forms.logic.possible`.
"""

import math
import re
from collections.abc import Collection, Iterable
from itertools import combinations, pairwise

from forms.form import Form, Question

MAX_CHOICES = 40
"""Of longer lists only the choices that a condition names are tried, and one that none does."""

MAX_NAMED = 5
"""Choices of one select_multiple that a condition may name before its subsets are too many to try."""

NUMERIC = frozenset({"int", "integer", "decimal"})
_WHOLE = frozenset({"int", "integer"})
_NUMERAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_UNNAMED = "\u2007an answer that no condition names"


def candidates(
    question: Question, form: Form, literals: Collection[str], *, is_ordered: bool
) -> tuple[str, ...] | None:
    """Return answers that stand for all a question may have, or None where they are too many to try.

    literals: what conditions compare it with. is_ordered: whether one asks for more or less, not only for sameness.
    A literal that is no choice counts as possible: that slip is told by itself.
    """
    codes = tuple(choice.name for choice in form.choices(question))
    if question.is_multiple:
        return _subsets(question, literals) if not is_ordered else None
    if codes and question.file_name is None:
        if len(codes) > MAX_CHOICES:
            return None if is_ordered else (*literals, _UNNAMED, "")
        return tuple(dict.fromkeys((*codes, *(() if is_ordered else literals), "")))
    if question.data_type in NUMERIC:
        return (*_points(_numbers(literals), whole=question.data_type in _WHOLE), "")
    return (*dict.fromkeys((*literals, *_points(_numbers(literals), whole=False), _UNNAMED, "")),)


def as_number(text: str) -> float:
    """The number a text says as XPath reads numbers, or NaN."""
    return float(text) if _NUMERAL.fullmatch(text.strip()) else math.nan


def _numbers(literals: Iterable[str]) -> list[float]:
    return sorted({number for number in map(as_number, literals) if math.isfinite(number)})


def _points(numbers: list[float], *, whole: bool) -> tuple[str, ...]:
    """Numbers at, between and beyond those given."""
    if not numbers:
        return ("1",)
    if whole:
        near = {math.floor(number) + step for number in numbers for step in (-1, 0, 1, 2)}
        return tuple(str(number) for number in sorted(near))
    between = [(one + other) / 2 for one, other in pairwise(numbers)]
    return tuple(_written(number) for number in (numbers[0] - 1, *numbers, *between, numbers[-1] + 1))


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def _subsets(question: Question, literals: Collection[str]) -> tuple[str, ...] | None:
    if question.type == "rank":
        return None
    named = tuple(dict.fromkeys(word for literal in literals for word in literal.split()))
    if len(named) > MAX_NAMED:
        return None
    words = (*named, _UNNAMED.replace(" ", "_"))
    subsets = (" ".join(chosen) for size in range(len(words) + 1) for chosen in combinations(words, size))
    # An answer holds the choices in the order they were ticked in: `= 'a b'` may be met though b was named first.
    return tuple(dict.fromkeys((*subsets, *literals)))
