"""What an expression of the workbook yields on a row of answers, reckoned directly from its tree.

A second reading of docs/workbook.md beside the compiler to SQL, which a test holds to this one. Three values: what is
blank, was not asked, or is a never-substantive code is unknown, and so is what is reckoned from it.
"""

import math
import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from forms.expression.answers import Kind, Meanings, Row, Undefined, Value
from forms.expression.conversions import (
    arithmetic,
    as_number,
    as_text,
    junction,
    literal,
    moments,
    of_kind,
    shifted,
    words,
)
from forms.expression.kinds import Kinds
from forms.expression.tree import Binary, Call, Expression, Negation, Number, Text, Variable, children
from forms.text import Bilingual

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OVER_ROWS = frozenset(("join", "sum", "count"))


def evaluate(expression: Expression, row: Row, meanings: Meanings) -> Value:
    """Return what an expression yields on a row; None where that is unknown or blank.

    A condition yields True, False or None. Raises Undefined for what has no meaning there.
    """
    value = _Evaluation(meanings).handed_on(expression, row)
    return None if value in ("", ()) else value


class _Evaluation:
    """The reading of one form's expressions. `handed_on` keeps never-substantive codes, `known` makes them unknown."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings
        self._kinds = Kinds(meanings)

    def known(self, expression: Expression, row: Row) -> Value:
        """The value, None where it is blank or a never-substantive code."""
        match expression:
            case Call("if", (condition, then, otherwise)):
                holds = self._truth(condition, row)
                if holds is None:
                    return None
                value = self.known(then if holds else otherwise, row)
                return of_kind(value, self._kinds.kind(expression))
            case Call("coalesce"):
                return self._first_known(expression, row, self.known)
            case Variable(name):
                value = self.handed_on(expression, row)
                codes = self._kinds.meaning(name).unknown_codes
                is_unknown = value in codes if isinstance(value, str) else isinstance(value, tuple) and codes & {*value}
                return None if is_unknown or value in ("", ()) else value
            case _:
                value = self.handed_on(expression, row)
                return None if value in ("", ()) else value

    def handed_on(self, expression: Expression, row: Row) -> Value:
        """The value as it would be stored: a never-substantive code stays what it is, the literal '' stays a text."""
        value: Value
        match expression:
            case Number(text):
                value = float(text)
            case Text(text):
                value = text
            case Variable(name):
                value = self._answer(name, row)
            case Negation(operand):
                number = self._number(operand, row)
                value = None if number is None else -number
            case Binary("and" | "or" as sign, left, right):
                value = junction(sign, self._truth(left, row), self._truth(right, row))
            case Binary(sign, left, right) if sign in _COMPARISONS:
                value = self._compared(sign, left, right, row)
            case Binary(sign, left, right):
                value = self._reckoned(sign, left, right, row)
            case Call():
                value = self._called(expression, row)
        return value

    def _answer(self, name: str, row: Row) -> Value:
        home = self._kinds.meaning(name).repeat
        at: Row | None = row
        while at is not None and at.home != home:
            at = at.around
        if at is None:
            raise Undefined(
                Bilingual(
                    f"{name} has one answer a row of {home}: take sum, count or join of it.",
                    f"{name} a une réponse par ligne de {home} : prenez-en sum, count ou join.",
                )
            )
        value = at.answers.get(name)
        # A whole number of Python is a number like any other here.
        return float(value) if isinstance(value, float | int) and not isinstance(value, bool) else value

    def _truth(self, condition: Expression, row: Row) -> bool | None:
        kind = self._kinds.kind(condition)
        if kind is Kind.NUMBER:
            number = self._number(condition, row)
            return None if number is None else number != 0
        if kind is not Kind.BOOLEAN:
            raise Undefined(Bilingual("A condition is expected.", "Une condition est attendue."))
        value = self.handed_on(condition, row)
        return value if isinstance(value, bool) else None

    def _number(self, expression: Expression, row: Row) -> float | None:
        return as_number(self.known(expression, row))

    def _text(self, expression: Expression, row: Row) -> str | None:
        """The value as a known text; the literal '' is one, though a blank answer is none."""
        value = "" if expression == Text("") else self.known(expression, row)
        return None if value is None else as_text(value)

    def _called(self, call: Call, row: Row) -> Value:
        arguments = call.arguments
        if call.function in _OVER_ROWS:
            return self._over_rows(call, row)
        value: Value
        match call.function:
            case "if":
                holds = self._truth(arguments[0], row)
                chosen = None if holds is None else self.handed_on(arguments[1 if holds else 2], row)
                value = of_kind(chosen, self._kinds.kind(call))
            case "coalesce":
                value = self._first_known(call, row, self.handed_on)
            case "not":
                holds = self._truth(arguments[0], row)
                value = None if holds is None else not holds
            case "selected":
                value = self._selected(arguments[0], arguments[1], row)
            case "count-selected":
                codes = self.known(arguments[0], row)
                value = None if codes is None else float(len(words(codes)))
            case "starts-with":
                text, start = (self._text(argument, row) for argument in arguments)
                value = None if text is None or start is None else text.startswith(start)
            case "concat":
                parts = [self.handed_on(argument, row) for argument in arguments]
                value = None if any(part in (None, ()) for part in parts) else "".join(map(as_text, parts))
            case "round":
                value = self._rounded(arguments, row)
            case "today":
                value = self._meanings.today
            case _:
                value = self._pulled(arguments, row)
        return value

    def _first_known(self, call: Call, row: Row, last: Callable[[Expression, Row], Value]) -> Value:
        """The first argument that is known; the last one whatever it is."""
        kind = self._kinds.kind(call)
        for argument in call.arguments[:-1]:
            value = self.known(argument, row)
            if value is not None:
                return of_kind(value, kind)
        return of_kind(last(call.arguments[-1], row), kind)

    def _selected(self, answer: Expression, choice: Expression, row: Row) -> bool | None:
        """Whether a word is among others; asked for an unknown code itself, it is known."""
        those, word = self.handed_on(answer, row), self.handed_on(choice, row)
        if those in (None, "", ()) or word in (None, ()) or (word == "" and choice != Text("")):
            return None
        is_among = as_text(word).strip() in words(those)
        unknown = set(words(those)) & self._kinds.unknown_codes(answer)
        is_unknown_asked = as_text(word) in self._kinds.unknown_codes(choice)
        if is_among:
            return True
        asks_for_code = isinstance(choice, Text | Number) and literal(choice) in self._kinds.unknown_codes(answer)
        return None if (unknown and not asks_for_code) or is_unknown_asked else False

    def _rounded(self, arguments: tuple[Expression, ...], row: Row) -> float | None:
        number = self._number(arguments[0], row)
        places = self._number(arguments[1], row) if len(arguments) > 1 else 0.0
        if number is None or places is None:
            return None
        if abs(number) >= 1e15:
            return number
        return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP))

    def _pulled(self, arguments: tuple[Expression, ...], row: Row) -> Value:
        name, column, key_column = (literal(argument) for argument in arguments[:3])
        rows = self._meanings.files.get(name.removesuffix(".csv"))
        if rows is None:
            raise Undefined(Bilingual(f"The file {name} is not given.", f"Le fichier {name} n'est pas donné."))
        key = self.known(arguments[3], row)
        if key is None:
            return None
        wanted = as_text(key)
        return next((line.get(column) or None for line in rows if line.get(key_column) == wanted), None)

    # --- over the rows of a repeat ----------------------------------------------------------------------------------

    def _over_rows(self, call: Call, row: Row) -> Value:
        inner = call.arguments[-1]
        rows = self._rows_of(inner, row)
        if isinstance(inner, Variable) and inner.name not in self._meanings.variables:
            return float(len(rows))
        match call.function:
            case "count":
                return float(sum(self.handed_on(inner, each) not in (None, "", ()) for each in rows))
            case "sum":
                numbers = [self._number(inner, each) for each in rows]
                known = [number for number in numbers if number is not None]
                return None if len(known) < len(numbers) else math.fsum(known)
            case _:
                values = [self.handed_on(inner, each) for each in rows]
                texts = [as_text(value) for value in values if value not in (None, "", ())]
                return literal(call.arguments[0]).join(texts) if texts else None

    def _rows_of(self, expression: Expression, row: Row) -> list[Row]:
        """The rows an expression goes over: those of the innermost repeat it reads, inside the row it stands on."""
        repeats = [repeat for repeat in self._repeats_read(expression) if repeat is not None]
        if not repeats:
            raise Undefined(Bilingual("No repeat is meant here.", "Aucune répétition n'est visée ici."))
        return list(row.below(max(repeats, key=len)))

    def _repeats_read(self, expression: Expression) -> list[str | None]:
        if isinstance(expression, Variable):
            if expression.name in self._meanings.variables:
                return [self._kinds.meaning(expression.name).repeat]
            return [path for path in self._meanings.repeats if path.rpartition("/")[2] == expression.name]
        if isinstance(expression, Call) and expression.function in _OVER_ROWS:
            return []
        return [repeat for part in children(expression) for repeat in self._repeats_read(part)]

    # --- comparisons and arithmetic ---------------------------------------------------------------------------------

    def _compared(self, sign: str, left: Expression, right: Expression, row: Row) -> bool | None:
        if sign in ("=", "!=") and Text("") in (left, right):
            other = left if right == Text("") else right
            is_blank = self.handed_on(other, row) in (None, "", ())
            return is_blank is (sign == "=")
        a, b = self._side(left, right, row, sign), self._side(right, left, row, sign)
        if a is None or b is None:
            return None
        kinds = (self._kinds.kind(left), self._kinds.kind(right))
        if any(kind.is_moment for kind in kinds):
            both = moments(a, b)
            return None if both is None else _COMPARISONS[sign](*both)
        are_texts = all(kind in (Kind.TEXT, Kind.CODES) for kind in kinds)
        if are_texts and sign in ("=", "!="):
            return _COMPARISONS[sign](as_text(a), as_text(b))
        x, y = as_number(a), as_number(b)
        if x is None or y is None:
            # A text that is no number equals none; whether it is greater cannot be said.
            return sign == "!=" if sign in ("=", "!=") else None
        return _COMPARISONS[sign](x, y)

    def _side(self, side: Expression, other: Expression, row: Row, sign: str) -> Value:
        """A side of a comparison: its code is known where it is compared with that very code."""
        codes = self._kinds.unknown_codes(side)
        is_code = isinstance(other, Text | Number) and sign in ("=", "!=") and literal(other) in codes
        value = self.handed_on(side, row) if is_code else self.known(side, row)
        return None if value in ("", ()) else value

    def _reckoned(self, sign: str, left: Expression, right: Expression, row: Row) -> Value:
        kinds = (self._kinds.kind(left), self._kinds.kind(right))
        if any(kind.is_moment for kind in kinds):
            return shifted(sign, self.known(left, row), self.known(right, row), kinds)
        a, b = self._number(left, row), self._number(right, row)
        return None if a is None or b is None else arithmetic(sign, a, b)
