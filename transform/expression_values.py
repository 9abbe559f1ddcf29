"""Typed pieces of SQL, and how a value of one kind is read as another; every piece is NULL where it is unknown.

The meaning of operators and functions is `transform.expression_sql`.
"""

from dataclasses import dataclass
from enum import Enum, auto

from forms.text import Bilingual
from transform.casts import DATE_FORM, DATETIME_FORM, DECIMAL_FORM, TIME_FORM, ValueType
from transform.errors import BuildError
from transform.sql import literal


class Kind(Enum):
    """What a piece of SQL yields. TRUTH is BOOLEAN; CODES a list of texts; BLANK the literal ''."""

    NUMBER = auto()
    TEXT = auto()
    DATE = auto()
    DATETIME = auto()
    TIME = auto()
    CODES = auto()
    TRUTH = auto()
    BLANK = auto()


@dataclass(frozen=True, slots=True)
class Value:
    """A piece of SQL and its kind. literal: the text of a number or text written in the expression."""

    sql: str
    kind: Kind
    literal: str | None = None


BLANK = Value("NULL", Kind.BLANK, "")
_KINDS = {
    ValueType.INTEGER: Kind.NUMBER,
    ValueType.DECIMAL: Kind.NUMBER,
    ValueType.DATE: Kind.DATE,
    ValueType.DATETIME: Kind.DATETIME,
    ValueType.TIME: Kind.TIME,
    ValueType.CHOICES: Kind.CODES,
}


def kind_of(value: ValueType) -> Kind:
    """The kind of a column of this type."""
    return _KINDS.get(value, Kind.TEXT)


def as_number(value: Value) -> str:
    """SQL of a DOUBLE; a text that is not written as a decimal is unknown. Raises BuildError for a date or time."""
    if value.kind in (Kind.TEXT, Kind.CODES):
        return _written_as(as_text(value), DECIMAL_FORM, "DOUBLE")
    if is_moment(value.kind):
        raise BuildError(
            Bilingual(
                "a date or time stands where a number is expected.",
                "une date ou une heure se trouve là où un nombre est attendu.",
            )
        )
    return f"CAST({value.sql} AS DOUBLE)"


def as_text(value: Value) -> str:
    """SQL of a VARCHAR: a whole number without a point, codes separated by spaces; '' only where it is meant."""
    if value.kind is Kind.BLANK:
        return "''"
    if value.literal is not None:
        return literal(value.literal)
    # Adding 0 makes -0.0 zero.
    number = f"regexp_replace(CAST(CAST({value.sql} AS DOUBLE) + 0 AS VARCHAR), '\\.0$', '')"
    return {
        Kind.TEXT: value.sql,
        Kind.CODES: f"array_to_string({value.sql}, ' ')",
        Kind.NUMBER: number,
        Kind.TRUTH: number,
        Kind.DATETIME: f"strftime({value.sql}, '%Y-%m-%dT%H:%M:%S.%gZ')",
    }.get(value.kind, f"CAST({value.sql} AS VARCHAR)")


def as_moment(value: Value, kind: Kind) -> str:
    """SQL of a DATE, TIMESTAMPTZ or TIME; a text that is not written as one is unknown."""
    sql_type, form = _MOMENTS[kind]
    if value.kind in (Kind.TEXT, Kind.CODES):
        return _written_as(as_text(value), form, sql_type)
    # DuckDB has dates that are no moments: those beyond the year 294246.
    return f"TRY_CAST({value.sql} AS {sql_type})"


def _written_as(text: str, form: str, sql_type: str) -> str:
    # The text stands once: casting inside CASE WHEN would double it, and nested expressions would grow as powers of 2.
    return f"TRY_CAST(regexp_extract({text}, {literal(f'^(?:{form})$')}) AS {sql_type})"


def is_moment(kind: Kind) -> bool:
    """True for dates and times."""
    return kind in _MOMENTS


_MOMENTS = {
    Kind.DATE: ("DATE", DATE_FORM),
    Kind.DATETIME: ("TIMESTAMPTZ", f"{DATETIME_FORM}|{DATE_FORM}"),
    Kind.TIME: ("TIME", TIME_FORM),
}


def without_blank(value: Value) -> Value:
    """The same with '' made unknown."""
    if value.kind is Kind.TEXT and value.literal is None:
        return Value(f"nullif({value.sql}, '')", Kind.TEXT)
    return value


def is_blank(value: Value) -> str:
    """SQL that is true where the value is missing or '', else false; never unknown."""
    if value.kind is Kind.TEXT:
        return f"(coalesce({value.sql}, '') = '')"
    if value.kind is Kind.CODES:
        return f"(coalesce(len({value.sql}), 0) = 0)"
    return f"({value.sql} IS NULL)"


def common_kind(values: list[Value]) -> Kind:
    """The kind in which several values (branches of an `if`) can stand: their own if they agree, else TEXT.

    '' agrees with every kind; true and false are 1 and 0 beside numbers; a date beside a moment becomes one.
    """
    kinds = {value.kind for value in values} - {Kind.BLANK}
    if not kinds:
        return Kind.BLANK
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {Kind.TRUTH, Kind.NUMBER}:
        return Kind.NUMBER
    if kinds == {Kind.DATE, Kind.DATETIME}:
        return Kind.DATETIME
    return Kind.TEXT


def as_kind(value: Value, kind: Kind) -> str:
    """SQL of the value read as `kind`, which `common_kind` gave; '' is NULL."""
    if value.kind is Kind.BLANK:
        return "NULL" if kind is not Kind.BLANK else "CAST(NULL AS VARCHAR)"
    if kind is Kind.NUMBER:
        return as_number(value)
    if kind is Kind.TEXT:
        return as_text(value)
    if kind in _MOMENTS:
        return as_moment(value, kind)
    return value.sql
