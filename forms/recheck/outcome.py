"""What a re-check finds: the rules a submission breaks, how much was checked, and what could not be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from forms.text import Bilingual


class Rule(StrEnum):
    """A rule that every answer of a submission keeps."""

    FORM = "form"
    """The XML fills in this form in this version."""
    KNOWN_NODE = "known_node"
    """Every node is one of the form, and stands once unless it is a repeat."""
    RELEVANT = "relevant"
    """Nothing is answered that is not asked: its own condition holds, and those of the groups around it."""
    REQUIRED = "required"
    """What is asked and required has an answer."""
    CONSTRAINT = "constraint"
    """The answer keeps its constraint."""
    TYPE = "type"
    """The answer is written as its type wants it."""
    RANGE = "range"
    """The answer to a `range` lies between its ends, on one of its steps."""
    CHOICE = "choice"
    """The answer is among the choices that its filter leaves."""
    CHOSEN_ONCE = "chosen_once"
    """No choice stands twice in an answer."""
    RANKED_ALL = "ranked_all"
    """A ranking names every choice."""
    CALCULATION = "calculation"
    """A calculation holds what its expression yields."""
    REPEAT_COUNT = "repeat_count"
    """A repeat has as many instances as its count says."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule that a submission breaks. positions: instance of each repeat around it, from 1, outermost first."""

    path: str
    positions: tuple[int, ...]
    rule: Rule
    detail: Bilingual


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A rule that could not be checked at a path, and why."""

    path: str
    rule: Rule
    reason: str


@dataclass(frozen=True)
class Rechecked:
    """The outcome for one submission. checked, not_checked: how often each was, by rule."""

    broken: tuple[BrokenRule, ...]
    checked: Mapping[Rule, int]
    not_checked: Mapping[NotChecked, int]
