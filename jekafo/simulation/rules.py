"""What a constraint lets through, told beforehand: the span of numbers, the length and pattern of a text.

A constraint is read as alternatives ("or") of conditions that hold together ("and"). What cannot be told beforehand is
left open: JavaRosa refuses such an answer, and another is drawn. Values of other answers are JavaRosa's own.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from forms.javarosa.filler import Asked
from forms.xpath.parser import parse_xpath
from forms.xpath.references import resolve
from forms.xpath.tokens import XPathInvalid
from forms.xpath.tree import MIRRORED, Binary, Call, Negation, Number, Path, Text, XPath, text_of

MAX_ALTERNATIVES = 24
"""A constraint with more alternatives than this is left to trial and error."""

_NEGATED = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
# Two points give a line, the third tells whether it is one.
_PROBES = (3.0, 4.0, 17.0)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of an alternative. holds: False where the constraint wants it to be false."""

    tree: XPath
    holds: bool
    has_dot: bool


@dataclass
class Span:
    """The numbers that are left: both ends included (open ends are moved by `step`)."""

    low: float = -math.inf
    high: float = math.inf
    excluded: set[float] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether no number is left."""
        return self.low > self.high

    @property
    def is_free(self) -> bool:
        """Whether nothing bounds it."""
        return self.low == -math.inf and self.high == math.inf

    def keep(self, operator: str, value: float, step: float) -> None:
        """Keep only what stands in this relation to the value."""
        match operator:
            case "=":
                self.low, self.high = max(self.low, value), min(self.high, value)
            case "!=":
                self.excluded.add(value)
            case "<=":
                self.high = min(self.high, value)
            case "<":
                self.high = min(self.high, value - step)
            case ">=":
                self.low = max(self.low, value)
            case ">":
                self.low = max(self.low, value + step)


@dataclass
class Allowed:
    """What one alternative lets through at this moment.

    length, chosen: of a text, how many characters; of a choice of several, how many. patterns: all to be matched.
    texts: the whole answer is one of these, where there are any. parts: what the answer must contain.
    """

    number: Span = field(default_factory=Span)
    length: Span = field(default_factory=Span)
    chosen: Span = field(default_factory=Span)
    patterns: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    wanted: set[str] = field(default_factory=set)
    unwanted: set[str] = field(default_factory=set)

    @property
    def is_possible(self) -> bool:
        """Whether anything is left."""
        return not (self.number.is_empty or self.length.is_empty or self.chosen.is_empty)


@dataclass(frozen=True)
class Rule:
    """A question's constraint, taken apart once.

    alternatives: none where the constraint is blank, cannot be parsed, or has too many of them.
    """

    path: str
    alternatives: tuple[tuple[Condition, ...], ...] = ()

    @classmethod
    def of(cls, constraint: str | None, path: str) -> "Rule":
        """Take a constraint of an XForm apart."""
        if not constraint:
            return cls(path)
        try:
            tree = parse_xpath(constraint)
            found = _alternatives(tree, holds=True)
        except (XPathInvalid, _TooMany):
            return cls(path)
        return cls(
            path,
            tuple(
                tuple(Condition(part, holds, _has_dot(part, path)) for part, holds in conditions)
                for conditions in found
            ),
        )

    def allowed(self, asked: Asked, write: Callable[[float], str], step: float) -> tuple[Allowed, ...]:
        """Return what each alternative that is open at this moment lets through; empty where nothing is known.

        write: a number as the answer's text, for trying expressions out. step: to the next number, for `<` and `>`.
        """
        if asked.circumstances is None:
            return ()
        found = []
        for conditions in self.alternatives:
            allowed = Allowed()
            if all(self._admit(condition, allowed, asked, write, step) for condition in conditions):
                found.append(allowed)
        return tuple(each for each in found if each.is_possible)

    def _admit(
        self, condition: Condition, allowed: Allowed, asked: Asked, write: Callable[[float], str], step: float
    ) -> bool:
        """Add a condition to what is allowed; False where it can never hold now."""
        if not condition.has_dot:
            truth = asked.truth(text_of(condition.tree))
            return truth is None or truth == condition.holds
        match condition.tree:
            case Binary(operator, left, right) if operator in _NEGATED:
                wanted = operator if condition.holds else _NEGATED[operator]
                self._compare(wanted, left, right, allowed, asked, write, step)
            case Call("regex", (_, Text(pattern))) if condition.holds:
                allowed.patterns.append(pattern)
            case Call("starts-with", (_, Text(start))) if condition.holds:
                allowed.patterns.append(_literally(start) + ".*")
            case Call("contains", (_, Text(part))) if condition.holds:
                allowed.parts.append(part)
            case Call("selected", (_, Text(code) | Number(code))):
                (allowed.wanted if condition.holds else allowed.unwanted).add(code)
            case _:
                pass
        return True

    def _compare(
        self,
        operator: str,
        left: XPath,
        right: XPath,
        allowed: Allowed,
        asked: Asked,
        write: Callable[[float], str],
        step: float,
    ) -> None:
        if not _has_dot(left, self.path):
            operator, left, right = MIRRORED[operator], right, left
        if _has_dot(right, self.path):
            self._solve(operator, left, right, allowed, asked, write, step)
            return
        match left:
            case Call("string-length", (inside,)) if self._is_dot(inside):
                _keep(allowed.length, operator, asked.number(text_of(right)), 1)
            case Call("count-selected", (inside,)) if self._is_dot(inside):
                _keep(allowed.chosen, operator, asked.number(text_of(right)), 1)
            case _ if self._is_dot(left):
                value = _constant(right)
                _keep(allowed.number, operator, asked.number(text_of(right)) if value is None else value, step)
                if operator == "=":
                    allowed.texts.append(asked.text(text_of(right)))
            case _:
                self._solve(operator, left, right, allowed, asked, write, step)

    def _solve(
        self,
        operator: str,
        left: XPath,
        right: XPath,
        allowed: Allowed,
        asked: Asked,
        write: Callable[[float], str],
        step: float,
    ) -> None:
        """Solve `. + a + b = total` and its like for `.`, by trying it at three points; others are left open."""
        difference = text_of(Binary("-", left, right))
        at = [asked.number(difference, write(probe)) for probe in _PROBES]
        slope = (at[1] - at[0]) / (_PROBES[1] - _PROBES[0])
        foreseen = at[0] + slope * (_PROBES[2] - _PROBES[0])
        if not math.isfinite(slope) or slope == 0 or not math.isclose(foreseen, at[2], abs_tol=1e-6):
            return
        root = round(_PROBES[0] - at[0] / slope, 9)
        _keep(allowed.number, operator if slope > 0 else MIRRORED[operator], root, step)

    def _is_dot(self, tree: XPath) -> bool:
        match tree:
            case Call("number" | "int" | "string" | "date", (inside,)):
                return _is_self(inside, self.path)
            case _:
                return _is_self(tree, self.path)


class _TooMany(Exception):
    """A constraint with so many alternatives that taking it apart would not end."""


def _alternatives(tree: XPath, *, holds: bool) -> list[list[tuple[XPath, bool]]]:
    """The disjunctive normal form of a condition; raises _TooMany."""
    match tree:
        case Call("not" | "boolean", (inside,)):
            return _alternatives(inside, holds=holds != (tree.function == "not"))
        case Call("true" | "false", ()):
            return [[]] if (tree.function == "true") == holds else []
        case Call("if", (condition, then, otherwise)):
            return _bounded(
                _both(_alternatives(condition, holds=True), _alternatives(then, holds=holds))
                + _both(_alternatives(condition, holds=False), _alternatives(otherwise, holds=holds))
            )
        case Binary("and" | "or", left, right):
            one, other = _alternatives(left, holds=holds), _alternatives(right, holds=holds)
            return _both(one, other) if (tree.operator == "and") == holds else _bounded(one + other)
        case _:
            return [[(tree, holds)]]


def _both(one: list[list[tuple[XPath, bool]]], other: list[list[tuple[XPath, bool]]]) -> list[list[tuple[XPath, bool]]]:
    _bounded_count(len(one) * len(other))
    return [[*a, *b] for a in one for b in other]


def _bounded(found: list[list[tuple[XPath, bool]]]) -> list[list[tuple[XPath, bool]]]:
    _bounded_count(len(found))
    return found


def _bounded_count(count: int) -> None:
    if count > MAX_ALTERNATIVES:
        raise _TooMany


def _keep(span: Span, operator: str, value: float, step: float) -> None:
    if math.isfinite(value):
        span.keep(operator, value, step)


def _constant(tree: XPath) -> float | None:
    match tree:
        case Number(text) | Negation(Number(text)):
            return -float(text) if isinstance(tree, Negation) else float(text)
        case _:
            return None


def _has_dot(tree: XPath, path: str) -> bool:
    """Whether the expression speaks of the answer itself; a `.` inside a predicate is another node's."""
    match tree:
        case Path(_, _, of):
            return _is_self(tree, path) or (of is not None and _has_dot(of, path))
        case Binary(_, left, right):
            return _has_dot(left, path) or _has_dot(right, path)
        case Negation(operand):
            return _has_dot(operand, path)
        case Call(_, arguments):
            return any(_has_dot(argument, path) for argument in arguments)
        case _:
            return False


def _is_self(tree: XPath, path: str) -> bool:
    return isinstance(tree, Path) and resolve(tree, path) == path


def _literally(text: str) -> str:
    return "".join(character if character.isalnum() else f"\\{character}" for character in text)
