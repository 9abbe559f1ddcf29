"""Cast an answer's text to its type only when the whole text has the lexical form of that type.

A bare `TRY_CAST` is no judge: DuckDB 2.0 makes `1.5` the integer 2, `0x10` 16, `1_000` 1000, drops the time of a
date and takes `nan` and `1e400`. What does not match is NULL here; listing it as a misfit is for `transform.loading`.

Lexical forms: W3C XML Schema Part 2 for integer, decimal, date, time and dateTime, geo types as the ODK XForms
specification ("Data Types") gives them, with three decisions of ours:

- a decimal may have an exponent, though XML Schema's has none: JavaRosa, hence ODK Collect, writes 12345678.5 as
  `1.23456785E7` (tried with the JavaRosa of pyxform 4.5); INF, NaN and what overflows a double do not fit;
- an offset may lack its minutes (`+01`), as ODK Collect writes it; a dateTime without an offset is read as UTC;
- a time keeps the clock that the respondent saw: an offset is checked and then left out of the column.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from forms.form import Question
from transform.sql import literal

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_OFFSET = r"(?:Z|[-+](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
_DATE = r"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
_POINT = rf"{_NUMBER} {_NUMBER}(?: {_NUMBER}){{0,2}}"

_LINE = rf"{_POINT}(?:; ?{_POINT})*;? ?"
_SPACES = r"\s+"
_PLAIN_LIST = r"\S+( \S+)*"

DECIMAL_FORM = _NUMBER
DATE_FORM = _DATE
TIME_FORM = _TIME + _OFFSET + "?"
DATETIME_FORM = _DATE + "T" + _TIME + _OFFSET + "?"


def matches(text: str, form: str) -> str:
    """SQL: the whole of `text` (SQL) has the lexical form `form` (a regular expression)."""
    return f"regexp_full_match({text}, {literal(form)})"


class ValueType(StrEnum):
    """What an answer is in the tables; the values are the words of the registry `_columns`."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    TEXT = "text"
    CHOICE = "select_one"
    CHOICES = "select_multiple"
    GEOPOINT = "geopoint"
    GEOTRACE = "geotrace"
    GEOSHAPE = "geoshape"
    NOTHING = "nothing"


def _as_it_is(text: str) -> str:
    return text


def _as(sql_type: str) -> Callable[[str], str]:
    return lambda text: f"TRY_CAST({text} AS {sql_type})"


def _finite(text: str) -> str:
    # 400 digits and 1e400 have the form of a decimal and overflow to infinity.
    number = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _clock(text: str) -> str:
    return f"TRY_CAST(regexp_replace({text}, {literal(_OFFSET + '$')}, '') AS TIME)"


def _codes(text: str) -> str:
    split = f"list_filter(string_split_regex({text}, {literal(_SPACES)}), lambda code: code <> '')"
    return f"CASE WHEN {matches(text, _PLAIN_LIST)} THEN string_split({text}, ' ') ELSE {split} END"


def _on_earth(text: str) -> str:
    latitude, longitude = (f"abs(TRY_CAST(split_part({text}, ' ', {part}) AS DOUBLE))" for part in (1, 2))
    return f"CASE WHEN {latitude} <= 90 AND {longitude} <= 180 THEN {text} END"


@dataclass(frozen=True, slots=True)
class _Cast:
    """How one type is stored.

    form: regular expression that the whole text must match, None where any text fits. value: SQL of the value of a
    text that matches; NULL where the value lies outside what the type can hold.
    """

    sql_type: str
    form: str | None = None
    misfit: str = "not_text"
    value: Callable[[str], str] = _as_it_is


_CASTS = {
    ValueType.INTEGER: _Cast("BIGINT", "[-+]?[0-9]+", "not_an_integer", _as("BIGINT")),
    ValueType.DECIMAL: _Cast("DOUBLE", DECIMAL_FORM, "not_a_decimal", _finite),
    ValueType.DATE: _Cast("DATE", DATE_FORM, "not_a_date", _as("DATE")),
    ValueType.TIME: _Cast("TIME", TIME_FORM, "not_a_time", _clock),
    ValueType.DATETIME: _Cast("TIMESTAMPTZ", DATETIME_FORM, "not_a_datetime", _as("TIMESTAMPTZ")),
    ValueType.TEXT: _Cast("VARCHAR"),
    ValueType.CHOICE: _Cast("VARCHAR"),
    ValueType.CHOICES: _Cast("VARCHAR[]", r"(?s).*\S.*", "not_a_list_of_choices", _codes),
    ValueType.GEOPOINT: _Cast("VARCHAR", _POINT, "not_a_geopoint", _on_earth),
    ValueType.GEOTRACE: _Cast("VARCHAR", _LINE, "not_a_geotrace"),
    ValueType.GEOSHAPE: _Cast("VARCHAR", _LINE, "not_a_geoshape"),
    ValueType.NOTHING: _Cast("VARCHAR", "", "holds_no_answer"),
}

OUT_OF_RANGE = "out_of_range"

_BY_DATA_TYPE = {
    "int": ValueType.INTEGER,
    "integer": ValueType.INTEGER,
    "long": ValueType.INTEGER,
    "decimal": ValueType.DECIMAL,
    "double": ValueType.DECIMAL,
    "float": ValueType.DECIMAL,
    "date": ValueType.DATE,
    "time": ValueType.TIME,
    "datetime": ValueType.DATETIME,
    "geopoint": ValueType.GEOPOINT,
    "geotrace": ValueType.GEOTRACE,
    "geoshape": ValueType.GEOSHAPE,
    "select1": ValueType.CHOICE,
    "select": ValueType.CHOICES,
    "odk:rank": ValueType.CHOICES,
    "rank": ValueType.CHOICES,
}


def value_type(question: Question) -> ValueType:
    """The type of a question's column: choices by the word of the form, all else by the bind's data type."""
    if question.type == "note" and question.calculation is None:
        return ValueType.NOTHING
    if question.type.startswith("select_one"):
        return ValueType.CHOICE
    if question.type.startswith("select_multiple") or question.type == "rank":
        return ValueType.CHOICES
    data_type = question.data_type.lower()
    if data_type.startswith(("xsd:", "xs:", "xforms:")):
        data_type = data_type.partition(":")[2]
    return _BY_DATA_TYPE.get(data_type, ValueType.TEXT)


def sql_type(value: ValueType) -> str:
    """The DuckDB type of a column of this kind."""
    return _CASTS[value].sql_type


def can_misfit(value: ValueType) -> bool:
    """True where some text does not fit the type."""
    return _CASTS[value].form is not None


def cast(value: ValueType, text: str) -> str:
    """SQL of the typed value of `text` (SQL of a VARCHAR); NULL where it is missing, empty or does not fit."""
    how = _CASTS[value]
    if how.form is None:
        return f"nullif({text}, '')"
    if value is ValueType.NOTHING:
        return "CAST(NULL AS VARCHAR)"
    return f"CASE WHEN {matches(text, how.form)} THEN {how.value(text)} END"


def misfit_reason(value: ValueType, text: str) -> str:
    """SQL of the reason why `text`, which is not empty and was not cast, does not fit."""
    how = _CASTS[value]
    if how.form is None or value is ValueType.NOTHING:
        return literal(how.misfit)
    return f"CASE WHEN {matches(text, how.form)} THEN {literal(OUT_OF_RANGE)} ELSE {literal(how.misfit)} END"
