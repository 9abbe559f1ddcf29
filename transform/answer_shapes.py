"""Bring the answers of one submission into the shape that its form's tables can read, and list what has no place there.

Nearly all submissions have that shape already; `transform.loading` recognises those in SQL and sends only the others
here. Types of values are for `transform.casts`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from transform.table_layout import FormLayout

UNKNOWN_PATH = "unknown_path"
WRONG_SHAPE = "wrong_shape"
STANDS_SEVERAL_TIMES = "stands_several_times"
NOT_JSON = "not_json"
NOT_TEXT = "not_text"
TOO_LARGE_TO_READ = "too_large_to_read"


@dataclass(frozen=True, slots=True)
class ShapeMisfit:
    """One leaf without a place. positions: of the rows around it, counted from 1 within each parent."""

    path: str
    positions: tuple[int, ...]
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShapedAnswers:
    """Answers (JSON text) whose every leaf the tables can read, and the leaves they cannot.

    leaves: texts in both, empty ones among the answers included.
    """

    answers: str
    misfits: tuple[ShapeMisfit, ...]
    leaves: int


@dataclass(frozen=True)
class _Level:
    """What one level of the answers may hold."""

    paths: frozenset[str]
    repeats: Mapping[str, "_Level"] = field(default_factory=dict)


class AnswerShape:
    """The shape of a form's answers."""

    def __init__(self, layout: FormLayout) -> None:
        self._root = _level(layout, None)

    def bring_to_shape(self, answers: str) -> ShapedAnswers:
        """Return the answers without what has no place in them; every non-empty leaf is in one of the two.

        A text that is no JSON object is one leaf. A key that stands twice: the first speaks, the second is a misfit.
        """
        work = _Shaping()
        try:
            tree = json.loads(answers, object_pairs_hook=_Pairs)
            shaped = work.shape(tree, self._root, ()) if isinstance(tree, _Pairs) else None
        except (ValueError, RecursionError):
            shaped = None
        if shaped is None:
            return ShapedAnswers("{}", (ShapeMisfit("", (), _storable(answers), NOT_JSON),), 1)
        return ShapedAnswers(json.dumps(shaped, ensure_ascii=False), tuple(work.misfits), work.kept + len(work.misfits))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its keys as often as they stand."""


@dataclass
class _Shaping:
    misfits: list[ShapeMisfit] = field(default_factory=list)
    kept: int = 0

    def shape(self, pairs: _Pairs, level: _Level, positions: tuple[int, ...]) -> dict[str, Any]:
        shaped: dict[str, Any] = {}
        for path, value in pairs:
            inner = level.repeats.get(path)
            if inner is not None:
                self._rows(path, value, inner, positions, shaped)
            elif path not in level.paths:
                self._refuse(path, value, positions, UNKNOWN_PATH)
            elif path in shaped:
                self._refuse(path, value, positions, STANDS_SEVERAL_TIMES)
            elif not isinstance(value, str):
                self._keep(shaped, path, "")
                self._refuse(path, value, positions, _why_no_text(value))
            elif _storable(value) != value:
                self._keep(shaped, path, "")
                self._refuse(path, value, positions, NOT_TEXT)
            else:
                self._keep(shaped, path, value)
        return shaped

    def _keep(self, shaped: dict[str, Any], path: str, text: str) -> None:
        """An empty text stands for a node that was there and whose content is listed as a misfit."""
        shaped[path] = text
        self.kept += 1

    def _rows(self, path: str, value: Any, level: _Level, positions: tuple[int, ...], shaped: dict[str, Any]) -> None:
        if isinstance(value, _Pairs) or not isinstance(value, list):
            self._refuse(path, value, positions, WRONG_SHAPE)
            return
        rows = shaped.setdefault(path, [])
        for element in value:
            here = (*positions, len(rows) + 1)
            if isinstance(element, _Pairs):
                rows.append(self.shape(element, level, here))
            else:
                self._refuse(path, element, here, WRONG_SHAPE)

    def _refuse(self, path: str, value: Any, positions: tuple[int, ...], reason: str) -> None:
        for leaf_path, text in _leaves(path, value):
            if text:
                self.misfits.append(ShapeMisfit(_storable(leaf_path), positions, _storable(text), reason))


def _level(layout: FormLayout, repeat: str | None) -> _Level:
    table = layout.table(repeat)
    return _Level(
        paths=frozenset((*table.silent, *(path for column in table.questions for path in column.paths))),
        repeats={key: _level(layout, child.repeat) for child in layout.children(repeat) for key in child.lists},
    )


def _why_no_text(value: Any) -> str:
    is_list_of_texts = isinstance(value, list) and not isinstance(value, _Pairs)
    return STANDS_SEVERAL_TIMES if is_list_of_texts else WRONG_SHAPE


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text below a value, with the innermost key above it; a number or a truth value as JSON writes it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, _Pairs):
        for key, inner in value:
            yield from _leaves(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(path, inner)
    elif value is not None:
        yield path, json.dumps(value)


def _storable(text: str) -> str:
    """The text with lone surrogates written out: no file and no database holds them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
