"""Find for each question and group of the newer version its like in the older one: by path, as declared, or by guess.

Declared is what `renamed_from` says, of the node itself or of a group around it. A guess is never taken for granted:
it says what to declare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forms.changes.guesses import guess_groups, guess_questions
from forms.form import Form, Group, Question


@dataclass(frozen=True)
class Pairing:
    """Paths of the newer version to paths of the older one. Each older node stands in at most one of the mappings.

    declared: those found by `renamed_from`. guessed: those that look like one another and are not declared.
    carried: guessed because a group around them was. merged: older paths that a newer question declares beside
    another one of its own. earlier: newer path to all paths it declares, those through groups included.
    """

    kept: Mapping[str, str]
    declared: Mapping[str, str]
    guessed: Mapping[str, str]
    carried: Mapping[str, str]
    merged: Mapping[str, str]
    earlier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def old_of(self) -> dict[str, str]:
        """Newer path to older path, however it was found."""
        return {**self.carried, **self.guessed, **self.declared, **self.kept}

    @property
    def sure(self) -> dict[str, str]:
        """Newer path to older path, without guesses."""
        return {**self.declared, **self.kept}


def pair(old: Form, new: Form) -> Pairing:
    """Return how the groups and questions of two versions go together."""
    earlier = _earlier_paths(new)
    old_paths = {*(group.path for group in old.groups), *old.by_path}
    is_group = {group.path for group in old.groups}
    kept: dict[str, str] = {}
    declared: dict[str, str] = {}
    taken: set[str] = set()
    nodes: list[Group | Question] = [*new.groups, *new.questions]
    for node in nodes:
        if node.path in old_paths and (node.path in is_group) == isinstance(node, Group):
            kept[node.path] = node.path
            taken.add(node.path)
    merged: dict[str, str] = {}
    for node in nodes:
        before = [
            path
            for path in earlier.get(node.path, ())
            if path in old_paths and path not in taken and (path in is_group) == isinstance(node, Group)
        ]
        if before and node.path not in kept:
            declared[node.path] = before.pop(0)
            taken.add(declared[node.path])
        for path in before:
            merged.setdefault(path, node.path)
            taken.add(path)
    guessed, carried = _guesses(old, new, {**kept, **declared}, taken)
    return Pairing(kept, declared, guessed, carried, merged, earlier)


def _guesses(old: Form, new: Form, found: Mapping[str, str], taken: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Guessed pairs, and those that follow from a guessed group around them."""
    groups_left = [group for group in old.groups if group.path not in taken]
    questions_left = [question for question in old.questions if question.path not in taken]
    fresh_groups = [group for group in new.groups if group.path not in found]
    fresh_questions = [question for question in new.questions if question.path not in found]
    groups = guess_groups(groups_left, fresh_groups, questions_left, fresh_questions)
    carried: dict[str, str] = {}
    left: list[Group | Question] = [*groups_left, *questions_left]
    free = {node.path for node in left} - set(groups.values())
    fresh: list[Group | Question] = [*fresh_groups, *fresh_questions]
    for node in fresh:
        if node.path in groups:
            continue
        before = _under_guessed_group(node.path, groups)
        if before is not None and before in free:
            carried[node.path] = before
            free.discard(before)
    questions = guess_questions(
        [question for question in questions_left if question.path in free],
        [question for question in fresh_questions if question.path not in carried],
        _neighbours(old, new, found),
    )
    return {**groups, **questions}, carried


def _under_guessed_group(path: str, groups: Mapping[str, str]) -> str | None:
    parent = path
    while "/" in parent:
        parent = parent.rpartition("/")[0]
        if parent in groups:
            return groups[parent] + path[len(parent) :]
    return None


def _neighbours(old: Form, new: Form, found: Mapping[str, str]) -> Mapping[str, str]:
    """Newer path to the older path that stands at the same place: after the same question."""
    after_old = _preceding(old.questions)
    by_preceding = {before: path for path, before in after_old.items()}
    return {
        path: by_preceding[known]
        for path, before in _preceding(new.questions).items()
        if (known := found.get(before, before)) in by_preceding
    }


def _preceding(questions: Sequence[Question]) -> dict[str, str]:
    paths = [question.path for question in questions]
    return dict(zip(paths, ["", *paths], strict=False))


def _earlier_paths(form: Form) -> dict[str, tuple[str, ...]]:
    """Path to its earlier paths, its own first, then its present name under the earlier paths of its group.

    The same rule by which tables find old answers (`transform.renames`).
    """
    nodes: list[Group | Question] = [*form.groups, *form.questions]
    found: dict[str, tuple[str, ...]] = {}
    for node in sorted(nodes, key=lambda node: node.path.count("/")):
        parent, _, name = node.path.rpartition("/")
        through_group = (f"{before}/{name}" for before in found.get(parent, ()))
        paths = tuple(path for path in dict.fromkeys((*node.renamed_from, *through_group)) if path != node.path)
        if paths:
            found[node.path] = paths
    return found
