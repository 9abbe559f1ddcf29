"""Whether answers exist that make conditions true together: tried out on few candidates for each answer.

The candidates are `forms.logic.answers`. What a claim leaves untold (a function over answers, two answers compared with
one another, a repeat seen from outside) counts as possibly true, so that "impossible" is certain.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from forms.form import Form, Question
from forms.logic.answers import candidates
from forms.logic.claims import Claim, Comparison, claim_of, comparisons_in, conjuncts, takes_numbers, truth_of
from forms.xpath.tree import XPath

MAX_TRIED = 4000
"""Combinations of answers that are tried before a condition counts as possible."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that must be true, and the path of the question or group that has it."""

    owner: str
    tree: XPath


@dataclass(frozen=True, eq=False)
class _Part:
    """One of the claims that must all hold, and the comparisons in it. Equal to itself alone, so quick to look up."""

    claim: Claim
    comparisons: tuple[Comparison, ...]
    paths: frozenset[str]


@dataclass(frozen=True)
class Possibilities:
    """A form, and whether its conditions can be true. constraints: those of its questions, by path."""

    form: Form
    constraints: Mapping[str, XPath]
    # The tree stands beside its parts to stay alive: its id is what it is found by.
    _parts_by_tree: dict[tuple[str, int], tuple[XPath, tuple[_Part, ...]]] = field(default_factory=dict)
    _kept: dict[tuple[_Part, ...], bool] = field(default_factory=dict)

    def can_all_hold(self, conditions: Iterable[Condition]) -> bool:
        """Whether there are answers, allowed by type, choices and constraint, that make all conditions true."""
        parts = [part for condition in conditions for part in self._parts(condition.tree, condition.owner)]
        return all(self._can_hold(tuple(together)) for together in _sharing_answers(parts))

    def allowed(self, question: Question) -> list[str] | None:
        """Return answers that stand for all the question's constraint allows, a blank included; None where unknown."""
        return self._answers(question, ())

    def _parts(self, tree: XPath, owner: str) -> tuple[_Part, ...]:
        key = (owner, id(tree))
        if key not in self._parts_by_tree:
            self._parts_by_tree[key] = (tree, tuple(self._part(each, owner) for each in conjuncts(tree)))
        return self._parts_by_tree[key][1]

    def _part(self, tree: XPath, owner: str) -> _Part:
        claim = claim_of(tree, owner, self.form)
        comparisons = tuple(comparisons_in(claim))
        return _Part(claim, comparisons, frozenset(each.path for each in comparisons))

    def _can_hold(self, parts: tuple[_Part, ...]) -> bool:
        if parts not in self._kept:
            self._kept[parts] = self._found(parts)
        return self._kept[parts]

    def _found(self, parts: tuple[_Part, ...]) -> bool:
        compared: dict[str, list[Comparison]] = {}
        for each in (comparison for part in parts for comparison in part.comparisons):
            compared.setdefault(each.path, []).append(each)
        answers = {path: self._answers(self.form.by_path[path], its) for path, its in compared.items()}
        tried = {path: its for path, its in answers.items() if its is not None}
        if math.prod(len(its) for its in tried.values()) > MAX_TRIED:
            return True
        return any(
            all(truth_of(part.claim, given, self._is_numeric) is not False for part in parts)
            for given in (dict(zip(tried, chosen, strict=True)) for chosen in product(*tried.values()))
        )

    def _answers(self, question: Question, compared: Sequence[Comparison]) -> list[str] | None:
        """The candidates that the question's own constraint allows; no answer at all needs nobody's leave."""
        constraint = self.constraints.get(question.path)
        own = self._parts(constraint, question.path) if constraint is not None else ()
        all_compared = [*compared, *(each for part in own for each in part.comparisons if each.path == question.path)]
        found = candidates(
            question,
            self.form,
            tuple(dict.fromkeys(each.literal for each in all_compared)),
            is_ordered=any(each.is_ordered for each in all_compared),
        )
        if found is None:
            return None
        return [
            answer
            for answer in found
            if answer == ""
            or all(truth_of(part.claim, {question.path: answer}, self._is_numeric) is not False for part in own)
        ]

    def _is_numeric(self, path: str) -> bool:
        return takes_numbers(self.form.by_path[path])


def _sharing_answers(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """The parts that share an answer, together."""
    groups: list[tuple[frozenset[str], list[_Part]]] = []
    for part in parts:
        paths, members = part.paths, [part]
        apart = []
        for group in groups:
            if group[0] & paths:
                paths |= group[0]
                members = [*group[1], *members]
            else:
                apart.append(group)
        groups = [*apart, (paths, members)]
    yield from (members for _, members in groups)
