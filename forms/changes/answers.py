"""Count the submissions that changes touch: those with an answer to the question, or with the choice, concerned."""

from collections.abc import Iterable, Iterator, Sequence

from forms.changes.change import Touched
from forms.submission import Answers


def count_touched(touched: Sequence[Touched | None], submissions: Iterable[Answers]) -> list[int | None]:
    """How many submissions have an answer that each entry is about; None where an entry is about none.

    One pass over the submissions, each walked once. A submission counts once, however many rows of a repeat answer. An
    answer is text other than white space; a choice is found among the codes of a `select_multiple` too.
    """
    by_path: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for number, entry in enumerate(touched):
        for path in entry.paths if entry is not None else ():
            by_path.setdefault(path, []).append(
                (number, frozenset(entry.choices) if entry is not None else frozenset())
            )
    counts = [0] * len(touched)
    for answers in submissions:
        met: set[int] = set()
        for path, text in _given(answers, by_path):
            for number, choices in by_path[path]:
                if number not in met and (not choices or not choices.isdisjoint(text.split())):
                    met.add(number)
        for number in met:
            counts[number] += 1
    return [None if entry is None else count for entry, count in zip(touched, counts, strict=True)]


def _given(answers: Answers, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Path and text of the answers given at these paths, in all rows of all repeats."""
    for path, value in answers.items():
        if isinstance(value, str):
            if path in paths and value.strip():
                yield path, value
            continue
        for part in value:
            if not isinstance(part, str):
                yield from _given(part, paths)
            elif path in paths and part.strip():
                yield path, part
