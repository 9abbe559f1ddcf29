"""Where the answers of today's questions stood in earlier versions (`renamed_from` of questions, groups and repeats).

`renamed_from` reads back from the newest version to all older ones, never between neighbours only: a path's earlier
paths are its own, each also under the earlier paths of the groups around it.
"""

from collections.abc import Mapping, Sequence

from forms.form import Form, Group, Question


def earlier_paths(newest_first: Sequence[Form]) -> Mapping[str, tuple[str, ...]]:
    """Path of a question, group or repeat to its earlier paths, without itself; only those that have any.

    The newest version that has a node speaks for it. A question that moved into another repeat, or out of one, has no
    place in a row there: its earlier path stays a column of its own.
    """
    own: dict[str, tuple[str, ...]] = {}
    repeat_of: dict[str, str | None] = {}
    for version in newest_first:
        nodes: list[Group | Question] = [*version.groups, *version.questions]
        for node in nodes:
            if node.path not in own:
                own[node.path] = node.renamed_from
            repeat_of.setdefault(node.path, node.repeat)
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(own, key=lambda path: path.count("/")):
        before = tuple(dict.fromkeys((*own[path], *_under_earlier_groups(path, found))))
        kept = tuple(
            old for old in before if old != path and (old not in repeat_of or _same_repeat(path, old, repeat_of, found))
        )
        if kept:
            found[path] = kept
    return found


def _under_earlier_groups(path: str, found: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    parent, _, name = path.rpartition("/")
    return tuple(f"{earlier}/{name}" for earlier in found.get(parent, ()))


def _same_repeat(
    path: str, old: str, repeat_of: Mapping[str, str | None], found: Mapping[str, tuple[str, ...]]
) -> bool:
    today, then = repeat_of[path], repeat_of[old]
    return then == today or (today is not None and then is not None and then in found.get(today, ()))
