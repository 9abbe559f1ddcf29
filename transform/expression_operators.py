"""Comparisons and arithmetic between typed pieces of SQL.

What the operands are, and when don't know is one, is decided in `transform.expression_sql`.
"""

from forms.text import Bilingual
from transform.errors import BuildError
from transform.expression_values import Kind, Value, as_moment, as_number, as_text, is_moment

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_SQL_OPERATORS = {"!=": "<>", "div": "/", "mod": "%"}
_EQUALITIES = ("=", "!=")


def compared(operator: str, left: Value, right: Value) -> str:
    """SQL of a BOOLEAN. Texts compare with numbers and in order as numbers, with dates as dates.

    Raises BuildError where a date meets what is none.
    """
    sql_operator = _SQL_OPERATORS.get(operator, operator)
    kinds = {left.kind, right.kind}
    if Kind.BLANK in kinds:
        return "CAST(NULL AS BOOLEAN)"
    moment = next((kind for kind in (Kind.DATETIME, Kind.DATE, Kind.TIME) if kind in kinds), None)
    if moment is not None:
        left_moment, right_moment = (_moment(value, moment) for value in (left, right))
        return f"({left_moment} {sql_operator} {right_moment})"
    are_texts = kinds <= {Kind.TEXT, Kind.CODES}
    if are_texts and operator in _EQUALITIES:
        return f"({plain_text(left)} {sql_operator} {plain_text(right)})"
    if operator in _EQUALITIES and not kinds <= {Kind.NUMBER, Kind.TRUTH}:
        text, number = (left, right) if left.kind in (Kind.TEXT, Kind.CODES) else (right, left)
        return _text_against_number(operator, text, as_number(number))
    return f"({as_number(left)} {sql_operator} {as_number(right)})"


def _text_against_number(operator: str, text: Value, number: str) -> str:
    """A known text that is no number is not equal to any number, as in XPath."""
    same = f"({as_number(text)} IS NOT DISTINCT FROM {number})"
    answer = same if operator == "=" else f"NOT {same}"
    return f"CASE WHEN {plain_text(text)} IS NOT NULL AND {number} IS NOT NULL THEN {answer} END"


def plain_text(value: Value) -> str:
    """SQL of the value as text, '' made unknown."""
    return as_text(value) if value.literal is not None else f"nullif({as_text(value)}, '')"


def _moment(value: Value, kind: Kind) -> str:
    sql = as_moment(value, kind)
    is_readable = value.kind in (Kind.TEXT, Kind.CODES) or is_moment(value.kind)
    mixes_clock_and_day = is_moment(value.kind) and (value.kind is Kind.TIME) != (kind is Kind.TIME)
    if not is_readable or mixes_clock_and_day:
        raise BuildError(
            Bilingual(
                "a date or time is compared or counted with something that is none.",
                "une date ou une heure est comparée ou calculée avec autre chose.",
            )
        )
    return sql


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """A number, or a date where days are added to one; unknown where divided by 0.

    Raises BuildError for what is not defined: times of day, dates that are added or multiplied.
    """
    kinds = (left.kind, right.kind)
    if Kind.TIME in kinds:
        raise BuildError(
            Bilingual("times of day are not added or subtracted.", "on n'additionne ni ne soustrait des heures.")
        )
    if operator == "-" and (Kind.DATETIME in kinds or Kind.DATE in kinds) and Kind.NUMBER not in kinds:
        return _days_between(left, right, Kind.DATETIME if Kind.DATETIME in kinds else Kind.DATE)
    if Kind.DATE in kinds and operator in ("+", "-") and left.kind is not right.kind:
        return _day_shifted(operator, left, right)
    if Kind.DATE in kinds or Kind.DATETIME in kinds:
        raise BuildError(
            Bilingual(
                f"{operator} is not defined for dates; date - date gives days.",
                f"{operator} n'est pas défini pour des dates ; date - date donne des jours.",
            )
        )
    divisor = as_number(right)
    if operator in ("div", "mod"):
        divisor = f"nullif({divisor}, 0)"
    return Value(f"({as_number(left)} {_SQL_OPERATORS.get(operator, operator)} {divisor})", Kind.NUMBER)


def _days_between(left: Value, right: Value, kind: Kind) -> Value:
    end, start = _moment(left, kind), _moment(right, kind)
    if kind is Kind.DATE:
        return Value(f"({end} - {start})", Kind.NUMBER)
    return Value(f"((epoch_ms({end}) - epoch_ms({start})) / 86400000)", Kind.NUMBER)


def _day_shifted(operator: str, left: Value, right: Value) -> Value:
    day, days = (left, right) if left.kind is Kind.DATE else (right, left)
    if operator == "-" and right.kind is Kind.DATE:
        raise BuildError(Bilingual("a date is subtracted from a number.", "une date est soustraite d'un nombre."))
    # Seven digits of days, 27,000 years, lead from any date an answer holds to one that DuckDB has; TRY would do
    # without such a bound, but does not take the subqueries that read answers of other rows.
    shift = f"CAST(TRY_CAST(trunc({as_number(days)}) AS DECIMAL(7, 0)) AS INTEGER)"
    return Value(f"({day.sql} {operator} {shift})", Kind.DATE)
