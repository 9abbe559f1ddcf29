"""KoboToolbox's `query`: MongoDB's words on the flat keys of a record, as far as its API lets them through.

What is unknown matches nothing and says nothing (51f, 51g): that is the trap.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

_MISSING = object()
DOTTED = ("_validation_status.uid", "_validation_status.timestamp")
"""The only keys that reach into a value (51c, 54)."""


class BadQuery(Exception):
    """The parameter is no JSON object."""


def parse(text: str) -> dict[str, Any]:
    """Return the query. Raises BadQuery."""
    try:
        query = json.loads(text)
    except ValueError as error:
        raise BadQuery from error
    if not isinstance(query, dict):
        raise BadQuery
    return query


def compile_query(query: Mapping[str, Any]) -> Test:
    """Return what tells whether a record matches."""
    tests = [_clause(key, wanted) for key, wanted in query.items()]
    return lambda row: all(test(row) for test in tests)


def without_ids(query: Mapping[str, Any]) -> dict[str, Any]:
    """The query less its conditions on `_id` at the top, which `ids_within` answers from an index."""
    return {key: wanted for key, wanted in query.items() if key != "_id" or not _indexable(wanted)}


def ids_within(query: Mapping[str, Any], ids: Sequence[int]) -> Sequence[int]:
    """Those of the sorted ids that the query's top-level conditions on `_id` leave."""
    wanted = query.get("_id", _MISSING)
    if wanted is _MISSING or not _indexable(wanted):
        return ids
    if not isinstance(wanted, Mapping):
        wanted = {"$in": [wanted]}
    low, high = 0, len(ids)
    for operator, operand in wanted.items():
        if operator == "$gt":
            low = max(low, bisect_right(ids, operand))
        elif operator == "$gte":
            low = max(low, bisect_left(ids, operand))
        elif operator == "$lt":
            high = min(high, bisect_left(ids, operand))
        elif operator == "$lte":
            high = min(high, bisect_right(ids, operand))
    left = ids[low : max(low, high)]
    if "$in" in wanted:
        asked = sorted({operand for operand in wanted["$in"] if _is_id(operand)})
        left = [each for each in asked if _has(left, each)]
    return left


def _has(ids: Sequence[int], each: int) -> bool:
    place = bisect_left(ids, each)
    return place < len(ids) and ids[place] == each


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _indexable(wanted: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return _is_id(wanted)
    bounds = all(_is_id(wanted[operator]) for operator in ("$gt", "$gte", "$lt", "$lte") if operator in wanted)
    listed = isinstance(wanted.get("$in", []), list)
    return set(wanted) <= {"$gt", "$gte", "$lt", "$lte", "$in"} and bounds and listed


def _clause(key: str, wanted: Any) -> Test:
    if key in {"$and", "$or", "$nor"} and isinstance(wanted, list):
        tests = [compile_query(each) for each in wanted if isinstance(each, Mapping)]
        if key == "$and":
            return lambda row: all(test(row) for test in tests)
        if key == "$or":
            return lambda row: any(test(row) for test in tests)
        return lambda row: not any(test(row) for test in tests)
    if key.startswith("$"):
        return lambda _row: False
    if isinstance(wanted, Mapping) and any(name.startswith("$") for name in wanted):
        options = str(wanted.get("$options", ""))
        conditions = [_condition(name, each, options) for name, each in wanted.items() if name != "$options"]
        return lambda row: (value := _value(row, key), all(test(value) for test in conditions))[1]
    return lambda row: _equals(_value(row, key), wanted)


def _value(row: Row, key: str) -> Any:
    if key in DOTTED:
        outer, inner = key.split(".")
        value = row.get(outer)
        return value.get(inner, _MISSING) if isinstance(value, Mapping) else _MISSING
    return row.get(key, _MISSING)


def _condition(operator: str, wanted: Any, options: str) -> Callable[[Any], bool]:  # noqa: PLR0911 (a table of operators)
    match operator:
        case "$eq":
            return lambda value: _equals(value, wanted)
        case "$ne":
            return lambda value: not _equals(value, wanted)
        case "$gt":
            return lambda value: _comparable(value, wanted) and value > wanted
        case "$gte":
            return lambda value: _comparable(value, wanted) and value >= wanted
        case "$lt":
            return lambda value: _comparable(value, wanted) and value < wanted
        case "$lte":
            return lambda value: _comparable(value, wanted) and value <= wanted
        case "$in":
            listed = _listed(wanted)
            return lambda value: value in listed
        case "$nin":
            unlisted = _listed(wanted)
            return lambda value: value not in unlisted
        case "$exists":
            return lambda value: (value is not _MISSING) == bool(wanted)
        case "$regex":
            pattern = re.compile(str(wanted), re.IGNORECASE if "i" in options else 0)
            return lambda value: isinstance(value, str) and pattern.search(value) is not None
        case "$not" if isinstance(wanted, Mapping):
            tests = [_condition(name, each, "") for name, each in wanted.items()]
            return lambda value: not all(test(value) for test in tests)
        case _:
            return lambda _value: False


def _listed(wanted: Any) -> "_Listed":
    return _Listed(wanted if isinstance(wanted, list) else [])


class _Listed:
    """The operand of `$in`; null in it matches what is missing."""

    def __init__(self, values: list[Any]) -> None:
        self._hashable = frozenset(value for value in values if isinstance(value, (str, int, float)))
        self._null = None in values

    def __contains__(self, value: object) -> bool:
        if value is _MISSING or value is None:
            return self._null
        return isinstance(value, (str, int, float)) and value in self._hashable


def _equals(value: Any, wanted: Any) -> bool:
    if value is _MISSING:
        return wanted is None
    return bool(value == wanted)


def _comparable(value: Any, wanted: Any) -> bool:
    """MongoDB compares within a type only: a number asked of a text matches nothing."""
    return (isinstance(value, str) and isinstance(wanted, str)) or (
        isinstance(value, (int, float)) and isinstance(wanted, (int, float)) and not isinstance(wanted, bool)
    )


def sorted_rows(rows: Sequence[Row], order: Mapping[str, int]) -> list[Row]:
    """Sort by the keys in their order; 1 ascending, -1 descending. Missing values come first, as in MongoDB.

    Rows that share a key keep the order they come in; a real server promises none.
    """
    result = list(rows)
    for key, direction in reversed(list(order.items())):
        result.sort(key=lambda row, key=key: _rank(_value(row, key)), reverse=direction < 0)  # type: ignore[misc]
    return result


def _rank(value: Any) -> tuple[int, Any]:
    if value is _MISSING or value is None:
        return (0, 0)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, 0)
