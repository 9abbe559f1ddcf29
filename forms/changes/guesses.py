"""Guess which question or group was renamed into which: same type, and a name, label or place that is near."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from forms.changes.wording import label_likeness
from forms.form import Group, Question

MAX_FUZZY_PAIRS = 20_000
"""Pairs that are compared letter by letter; beyond that only those of one group are, so that 1,000 new questions beside
1,000 old ones take seconds."""

_LABEL, _LABEL_IN_PLACE, _NAME, _NAME_IN_PLACE = 0.82, 0.6, 0.85, 0.6
_SHARED = 0.5


def guess_groups(
    old: Sequence[Group], new: Sequence[Group], old_questions: Sequence[Question], new_questions: Sequence[Question]
) -> dict[str, str]:
    """Newer path to older path of groups that hold at least half of each other's questions by name."""
    guessed: dict[str, str] = {}
    inside_old = {group.path: _names_inside(group, old_questions) for group in old}
    for group in new:
        names = _names_inside(group, new_questions)
        shares = {
            before.path: len(names & inside_old[before.path]) / max(len(names), len(inside_old[before.path]))
            for before in old
            if names and inside_old[before.path] and before.is_repeat == group.is_repeat
        }
        free = {path: share for path, share in shares.items() if path not in guessed.values() and share >= _SHARED}
        # What stands in a guessed group follows from that guess.
        if free and not any(group.path.startswith(f"{outer}/") for outer in guessed):
            guessed[group.path] = max(free, key=lambda path: (free[path], -path.count("/")))
    return guessed


def guess_questions(old: Sequence[Question], new: Sequence[Question], same_place: Mapping[str, str]) -> dict[str, str]:
    """Newer path to older path of questions that look renamed or moved, the surest pairs first.

    same_place: newer path to the older one that stood after the same question.
    """
    by_type: dict[tuple[str, bool], list[Question]] = {}
    for question in old:
        by_type.setdefault(_kind(question), []).append(question)
    pairs = [(before, after) for after in new for before in by_type.get(_kind(after), ())]
    if len(pairs) > MAX_FUZZY_PAIRS:
        pairs = [
            (before, after)
            for before, after in pairs
            if before.name == after.name or _parent(before.path) == _parent(after.path)
        ]
    scored = [
        (score, before.path, after.path)
        for before, after in pairs
        if (score := _score(before, after, is_in_place=same_place.get(after.path) == before.path)) > 0
    ]
    guessed: dict[str, str] = {}
    taken: set[str] = set()
    for _, before_path, after_path in sorted(scored, reverse=True):
        if after_path not in guessed and before_path not in taken:
            guessed[after_path] = before_path
            taken.add(before_path)
    return guessed


def _score(before: Question, after: Question, *, is_in_place: bool) -> float:
    """How sure a pair is; 0 where nothing speaks for it."""
    if before.name == after.name:
        return 3.0
    name = SequenceMatcher(None, before.name.casefold(), after.name.casefold(), autojunk=False).ratio()
    label = label_likeness(before.labels, after.labels)
    if label == 0 and not before.labels and not after.labels:
        # Calculations have no label: the same formula under another name is the same variable.
        label = 1.0 if before.calculation and before.calculation == after.calculation else 0.0
    enough = label >= (_LABEL_IN_PLACE if is_in_place else _LABEL) or name >= (_NAME_IN_PLACE if is_in_place else _NAME)
    if not enough or (label and label < 0.3):
        return 0.0
    return name + label + (0.5 if is_in_place else 0.0)


def _kind(question: Question) -> tuple[str, bool]:
    return question.type, question.repeat is not None


def _names_inside(group: Group, questions: Sequence[Question]) -> set[str]:
    start = f"{group.path}/"
    return {question.path[len(start) :] for question in questions if question.path.startswith(start)}


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
