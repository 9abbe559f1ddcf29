"""`$filter` as the simulated Central understands it: on `__id` and `__system/…` alone, with SQL's idea of null.

The grammar is that of the facts: lt le eq ne ge gt, and or not, parentheses, now() year() month() day() hour()
minute() second(). What names deletedAt gets the deleted ones too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from servers.central_problem import Problem, database_refused, filter_field_not_supported, filter_unparseable
from servers.central_records import Submission, Submissions

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<open>\()|(?P<close>\))"
    r"|(?P<date>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?(?=[\s)]|$))"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<name>[$A-Za-z_][\w/$.-]*)"
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_FIELDS: dict[str, Callable[[Submission], Any]] = {
    "__id": lambda one: one.root_id,
    "__system/submissionDate": lambda one: one.created_at,
    "__system/updatedAt": lambda one: one.updated_at,
    "__system/deletedAt": lambda one: one.deleted_at,
    "__system/submitterId": lambda one: one.submitter.number,
    "__system/reviewState": lambda one: one.review_state,
}

Value = Callable[[Submission], Any]
Indexed = Callable[[Submissions], "set[Submission] | None"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A `$filter` ready for use. holds: True, False or None (SQL's unknown) for a submission."""

    holds: Value
    indexed: Indexed
    names_deleted: bool

    def rows(self, submissions: Submissions) -> tuple[Submission, ...]:
        """The submissions it holds for, newest first."""
        candidates = self.indexed(submissions)
        if candidates is None:
            listed = submissions.all() if self.names_deleted else submissions.live()
            return tuple(one for one in listed if self.holds(one) is True)
        found = [
            one for one in candidates if (self.names_deleted or one.deleted_at is None) and self.holds(one) is True
        ]
        return tuple(sorted(found, key=lambda one: one.key, reverse=True))


@dataclass(frozen=True, slots=True)
class _Operand:
    """A side of a comparison. field: the name of the submission's, None for anything else; kind: of its value."""

    value: Value
    kind: str
    field: str | None = None
    literal: Any = None


@dataclass(frozen=True, slots=True)
class _Condition:
    holds: Value
    indexed: Indexed


def read_filter(text: str, now: datetime) -> Filter:
    """Raises Problem 400.18 for what is no expression, 501.5 for other fields, a bare 500 for a bad date."""
    reader = _Reader(text, now)
    condition = reader.whole()
    return Filter(condition.holds, condition.indexed, "__system/deletedAt" in reader.fields)


class _Reader:
    def __init__(self, text: str, now: datetime) -> None:
        self._now = now
        self.fields: set[str] = set()
        self._tokens: list[tuple[str, str, int]] = []
        self._at = 0
        position = 0
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                self._tokens.append(("unknown", text[position:], position))
                break
            if found.lastgroup != "space":
                self._tokens.append((str(found.lastgroup), found[0], position))
            position = found.end()
        self._tokens.append(("end", "", len(text)))

    def whole(self) -> _Condition:
        condition = self._either()
        if self._kind != "end":
            raise self._unexpected()
        return condition

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def _text(self) -> str:
        return self._tokens[self._at][1]

    def _unexpected(self) -> Problem:
        """Central points at the end of what it understood."""
        _, text, position = self._tokens[self._at - 1] if self._at else ("", "", 0)
        return filter_unparseable(position + len(text))

    def _takes(self, kind: str, text: str | None = None) -> bool:
        if self._kind == kind and (text is None or self._text == text):
            self._at += 1
            return True
        return False

    def _either(self) -> _Condition:
        sides = [self._both()]
        while self._takes("name", "or"):
            sides.append(self._both())
        return _any(sides)

    def _both(self) -> _Condition:
        sides = [self._one()]
        while self._takes("name", "and"):
            sides.append(self._one())
        return _all(sides)

    def _one(self) -> _Condition:
        if self._takes("name", "not"):
            denied = self._one().holds
            return _Condition(lambda one: None if (said := denied(one)) is None else not said, lambda _: None)
        if self._takes("open"):
            inside = self._either()
            if not self._takes("close"):
                raise self._unexpected()
            return inside
        return self._comparison()

    def _comparison(self) -> _Condition:
        left = self._operand()
        operator = self._text
        if self._kind != "name" or operator not in {*_COMPARISONS, "eq", "ne"}:
            raise self._unexpected()
        self._at += 1
        right = self._operand()
        return _compared(left, operator, right)

    def _operand(self) -> _Operand:
        kind, text, position = self._tokens[self._at]
        if kind not in {"date", "number", "text", "name"}:
            raise self._unexpected()
        self._at += 1
        match kind:
            case "date":
                return _constant(_moment(text), "moment")
            case "number":
                return _constant(float(text), "number")
            case "text":
                return _constant(text[1:-1].replace("''", "'"), "text")
            case "name" if text == "null":
                return _constant(None, "null")
            case "name" if self._kind == "open":
                return self._call(text, position)
            case _:
                return self._field(text, position)

    def _call(self, name: str, position: int) -> _Operand:
        self._at += 1
        if name == "now" and self._takes("close"):
            return _constant(self._now, "moment")
        if name not in _PARTS:
            raise filter_unparseable(position)
        inside = self._operand()
        if inside.kind != "moment" or not self._takes("close"):
            raise self._unexpected()

        def part(one: Submission) -> Any:
            at = inside.value(one)
            return None if at is None else getattr(at, name)

        return _Operand(part, "number")

    def _field(self, text: str, position: int) -> _Operand:
        name = text.removeprefix("$root/Submissions/")
        if name not in _FIELDS:
            raise filter_field_not_supported(text, position)
        self.fields.add(name)
        is_text = name in {"__id", "__system/reviewState"}
        kind = "text" if is_text else "number" if name == "__system/submitterId" else "moment"
        return _Operand(_FIELDS[name], kind, field=name)


def _constant(value: Any, kind: str) -> _Operand:
    return _Operand(lambda _: value, kind, literal=value)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise database_refused() from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _compared(left: _Operand, operator: str, right: _Operand) -> _Condition:
    for side, other in ((left, right), (right, left)):
        # Which text PostgreSQL would take for a moment or a number was not recorded: all of it is refused.
        if side.kind == "text" and side.field is None and other.kind in {"moment", "number"}:
            raise database_refused()
    a, b = left.value, right.value
    if operator == "eq":
        return _Condition(lambda one: a(one) == b(one), _lookup(left, right))
    if operator == "ne":
        return _Condition(lambda one: a(one) != b(one), _everything_deleted(left, right))
    compare = _COMPARISONS[operator]

    def holds(one: Submission) -> bool | None:
        x, y = a(one), b(one)
        return None if x is None or y is None else compare(x, y)

    return _Condition(holds, _since(left, right) if operator in {"ge", "gt"} else lambda _: None)


def _lookup(left: _Operand, right: _Operand) -> Indexed:
    if left.field == "__id" and right.field is None:
        return lambda held: {held.by_root[right.literal]} if right.literal in held.by_root else set()
    return lambda _: None


def _everything_deleted(left: _Operand, right: _Operand) -> Indexed:
    if left.field == "__system/deletedAt" and right.kind == "null":
        return lambda held: set(held.deleted())
    return lambda _: None


def _since(left: _Operand, right: _Operand) -> Indexed:
    at = right.literal
    if not isinstance(at, datetime):
        return lambda _: None
    match left.field:
        case "__system/submissionDate":
            return lambda held: held.created_since(at)
        case "__system/updatedAt":
            return lambda held: held.updated_since(at)
        case "__system/deletedAt":
            return lambda held: set(held.deleted())
    return lambda _: None


def _any(conditions: list[_Condition]) -> _Condition:
    def holds(one: Submission) -> bool | None:
        unknown = False
        for condition in conditions:
            said = condition.holds(one)
            if said is True:
                return True
            unknown = unknown or said is None
        return None if unknown else False

    def indexed(held: Submissions) -> set[Submission] | None:
        found: set[Submission] = set()
        for condition in conditions:
            some = condition.indexed(held)
            if some is None:
                return None
            found |= some
        return found

    return conditions[0] if len(conditions) == 1 else _Condition(holds, indexed)


def _all(conditions: list[_Condition]) -> _Condition:
    def holds(one: Submission) -> bool | None:
        unknown = False
        for condition in conditions:
            said = condition.holds(one)
            if said is False:
                return False
            unknown = unknown or said is None
        return None if unknown else True

    def indexed(held: Submissions) -> set[Submission] | None:
        known = [some for condition in conditions if (some := condition.indexed(held)) is not None]
        return min(known, key=len) if known else None

    return conditions[0] if len(conditions) == 1 else _Condition(holds, indexed)
