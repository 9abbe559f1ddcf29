"""The compiler and the evaluator of expressions, by examples worked by hand.

That they agree on expressions nobody thought of is for test_expression_agreement.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import duckdb
import pytest

from forms.expression import ExpressionInvalid, parse
from forms.expression.answers import Kind, Meaning, Meanings, Row, Value
from forms.expression.evaluate import evaluate as evaluated
from transform.casts import ValueType, sql_type
from transform.errors import BuildError
from transform.expression_sql import condition_sql, scalar_sql
from transform.scope import NamedColumn, ReferenceTable, RowSource, Scope

DONT_KNOW = ("98", "99")
VARIABLES = {
    "age": NamedColumn(None, "age", ValueType.INTEGER),
    "weight": NamedColumn(None, "weight", ValueType.DECIMAL),
    "sex": NamedColumn(None, "sex", ValueType.CHOICE),
    "trust": NamedColumn(None, "trust", ValueType.CHOICE, DONT_KNOW),
    "svc": NamedColumn(None, "svc", ValueType.CHOICES, DONT_KNOW),
    "name": NamedColumn(None, "name", ValueType.TEXT),
    "day": NamedColumn(None, "day", ValueType.DATE),
    "due": NamedColumn(None, "due", ValueType.DATE),
    "at": NamedColumn(None, "at", ValueType.DATETIME),
    "clock": NamedColumn(None, "clock", ValueType.TIME),
    "m_age": NamedColumn("member", "m_age", ValueType.INTEGER),
    "m_trust": NamedColumn("member", "m_trust", ValueType.CHOICE, DONT_KNOW),
    "v_day": NamedColumn("member/visit", "v_day", ValueType.DATE),
}
SCOPE = Scope(
    variables=VARIABLES,
    rows={
        None: RowSource("main"),
        "member": RowSource("members"),
        "member/visit": RowSource("visits", "member"),
        "other": RowSource("others"),
    },
    as_of=date(2026, 11, 22),
    files={"areas": ReferenceTable("_file_areas", ("name", "region", "weight"))},
)


TODAY = SCOPE.as_of
AREAS = ({"name": "a1", "region": "ML05", "weight": "1.5"}, {"name": "a2", "region": "ML04", "weight": "x"})
# What a column's type is to the evaluator, and how an answer below is read as one.
TYPES: Mapping[ValueType, tuple[Kind, Callable[[Any], Value]]] = {
    ValueType.INTEGER: (Kind.NUMBER, float),
    ValueType.DECIMAL: (Kind.NUMBER, float),
    ValueType.CHOICE: (Kind.TEXT, str),
    ValueType.CHOICES: (Kind.CODES, tuple),
    ValueType.TEXT: (Kind.TEXT, str),
    ValueType.DATE: (Kind.DATE, date.fromisoformat),
    ValueType.DATETIME: (Kind.DATETIME, datetime.fromisoformat),
    ValueType.TIME: (Kind.TIME, time.fromisoformat),
}
MEANINGS = Meanings(
    {
        name: Meaning(TYPES[column.value][0], column.repeat, frozenset(column.unknown_codes))
        for name, column in VARIABLES.items()
    },
    TODAY,
    ("member", "member/visit", "other"),
    {"areas": AREAS},
)


def one_person(answers: Mapping[str, Any]) -> Row:
    """The same answers as `evaluate` takes them, for the evaluator."""
    own = read({name: answer for name, answer in answers.items() if name in VARIABLES})
    around, members = Row(own), []
    for place, (age, trust) in enumerate(answers.get("member", ()), start=1):
        member = Row(read({"m_age": age, "m_trust": trust}), "member", around)
        days = [day for parent, day in answers.get("visit", ()) if parent == place]
        visits = tuple(Row(read({"v_day": day}), "member/visit", member) for day in days)
        members.append(replace(member, within={"member/visit": visits}))
    return replace(around, within={"member": tuple(members), "other": ()})


def read(answers: Mapping[str, Any]) -> dict[str, Value]:
    return {
        name: None if answer is None else TYPES[VARIABLES[name].value][1](answer) for name, answer in answers.items()
    }


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TABLE _file_areas AS VALUES ('a1', 'ML05', '1.5'), ('a2', 'ML04', 'x')")
    connection.execute("ALTER TABLE _file_areas RENAME col0 TO name")
    connection.execute("ALTER TABLE _file_areas RENAME col1 TO region")
    connection.execute("ALTER TABLE _file_areas RENAME col2 TO weight")
    return connection


def evaluate(connection: duckdb.DuckDBPyConnection, sql: str, answers: Mapping[str, Any]) -> Any:
    """The value of a piece of SQL over one row with these answers; rows of repeats under `member` and `visit`."""
    main = [column for column in VARIABLES.values() if column.repeat is None]
    columns = ", ".join(f"CAST(? AS {sql_type(column.value)}) AS {column.column}" for column in main)
    values = [answers.get(column.column) for column in main]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE main AS SELECT 'u' AS root_id, {columns}", values)
    keys = "root_id VARCHAR, parent_position INT, position INT"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE members ({keys}, m_age INT, m_trust VARCHAR)")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE visits ({keys}, v_day DATE)")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE others ({keys})")
    for position, (age, trust) in enumerate(answers.get("member", ()), start=1):
        connection.execute("INSERT INTO members VALUES ('u', NULL, ?, ?, ?)", [position, age, trust])
    for position, (parent, day) in enumerate(answers.get("visit", ()), start=1):
        connection.execute("INSERT INTO visits VALUES ('u', ?, ?, ?)", [parent, position, day])
    row = connection.execute(f"SELECT {sql} FROM main AS t").fetchone()
    assert row is not None
    return row[0]


# Answers are those of one person; None is unknown.
CONDITIONS: list[tuple[str, dict[str, Any], bool | None]] = [
    ("${trust} >= 3", {"trust": "4"}, True),
    ("${trust} >= 3", {"trust": "2"}, False),
    # the worst silent mistake: 98 counted as >= 3
    ("${trust} >= 3", {"trust": "98"}, None),
    ("${trust} >= 3", {}, None),
    ("not(${trust} >= 3)", {"trust": "98"}, None),
    ("${trust} = 98", {"trust": "98"}, True),
    ("${trust} = '98'", {"trust": "99"}, False),
    ("${trust} != 99", {"trust": "98"}, True),
    ("99 != ${trust}", {"trust": "99"}, False),
    ("${trust} != 99", {}, None),
    ("${trust} = ''", {}, True),
    ("${trust} = ''", {"trust": "98"}, False),
    ("${trust} != ''", {"trust": "98"}, True),
    ("${svc} = ''", {"svc": []}, True),
    ("${age} = ''", {"age": 0}, False),
    ("coalesce(${trust}, 0) = 0", {"trust": "98"}, True),
    ("coalesce(${trust}, 0) = 0", {"trust": "1"}, False),
    ("coalesce(${trust}, ${sex}) = 'f'", {"trust": "98", "sex": "f"}, True),
    ("${sex} = 'f' or ${trust} >= 3", {"sex": "f", "trust": "98"}, True),
    ("${sex} = 'f' or ${trust} >= 3", {"sex": "m", "trust": "98"}, None),
    ("${sex} = 'f' and ${trust} >= 3", {"sex": "m", "trust": "98"}, False),
    ("${age} < 25", {"age": 24}, True),
    ("${age} >= 0.5", {"age": 0}, False),
    ("${name} = 5", {"name": "5.0"}, True),
    ("${name} = 5", {"name": "five"}, False),
    ("${name} != 5", {"name": "five"}, True),
    ("${name} > 4", {"name": "five"}, None),
    ("${sex} > ${name}", {"sex": "10", "name": "9"}, True),
    ("${svc} = 'none'", {"svc": ["none"]}, True),
    ("${svc} = 'none'", {"svc": ["98"]}, None),
    ("${svc} = '98'", {"svc": ["98"]}, True),
    ("${svc} = 'school water'", {"svc": ["school", "water"]}, True),
    ("selected(${svc}, 'school')", {"svc": ["water", "school"]}, True),
    ("selected(${svc}, 'school')", {"svc": ["water"]}, False),
    ("selected(${svc}, 'school')", {"svc": ["98"]}, None),
    ("selected(${svc}, 'school')", {"svc": ["school", "98"]}, True),
    ("selected(${svc}, 98)", {"svc": ["water"]}, False),
    ("selected(${svc}, '98')", {"svc": ["98"]}, True),
    ("selected(${svc}, 'school')", {}, None),
    ("selected('gend police', ${name})", {"name": "police"}, True),
    ("selected('gend police', ${name})", {"name": "pol"}, False),
    ("selected('1 2', ${trust})", {"trust": "98"}, None),
    ("selected('1 98', ${trust})", {"trust": "98"}, True),
    ("starts-with(${name}, 'Ko')", {"name": "Konna"}, True),
    ("starts-with(${name}, 'ko')", {"name": "Konna"}, False),
    ("starts-with(${name}, 'Ko')", {}, None),
    ("starts-with(${name}, '')", {"name": "Konna"}, True),
    ("starts-with(${name}, '')", {}, None),
    ("selected(${svc}, '')", {"svc": ["water"]}, False),
    ("selected(${svc}, '')", {}, None),
    ("${clock} >= '08:00'", {"clock": "09:00:00"}, None),
    ("${day} != '05/01/2026'", {"day": "2026-01-05"}, None),
    ("${day} > '2026-01-04'", {"day": "2026-01-05"}, True),
    ("${day} <= today()", {"day": "2026-11-23"}, False),
    ("${at} > '2026-01-05'", {"at": "2026-01-05T10:00:00Z"}, True),
    ("${at} > '2026-01-05T11:30:00+02:00'", {"at": "2026-01-05T10:00:00Z"}, True),
    ("${day} < '2026-01-05T11:30:00Z'", {"day": "2026-01-05"}, None),
    ("${at} > ${day}", {"at": "2026-01-05T10:00:00Z", "day": "2026-01-06"}, False),
    ("${name} < ${day}", {"name": "2026-01-04", "day": "2026-01-05"}, True),
    ("${name} < ${day}", {"name": "yesterday", "day": "2026-01-05"}, None),
    ("${clock} >= '08:00:00'", {"clock": "07:59:59"}, False),
    ("count-selected(${svc}) = 2", {"svc": ["a", "b"]}, True),
    ("(${age} > 5) = 1", {"age": 6}, True),
    ("'' = ''", {}, True),
    ("${name} = 'O''Neil; DROP TABLE main; --'", {"name": "x"}, False),
]


@pytest.mark.parametrize(("text", "answers", "expected"), CONDITIONS)
def test_a_condition_is_true_false_or_unknown(
    connection: duckdb.DuckDBPyConnection, text: str, answers: dict[str, Any], expected: object
):
    expression = parse(text.replace("''Neil", "Neil") if "Neil" in text else text)
    assert evaluate(connection, condition_sql(expression, SCOPE), answers) is expected
    assert evaluated(expression, one_person(answers), MEANINGS) is expected


SCALARS: list[tuple[str, dict[str, Any], object]] = [
    ("if(${age} < 25, '18_24', if(${age} < 35, '25_34', '35p'))", {"age": 30}, "25_34"),
    ("if(${age} < 25, '18_24', '25p')", {}, None),
    ("if(${trust} = 1, 1, 0)", {"trust": "98"}, None),
    ("if(${sex} = 'f', ${trust}, '')", {"sex": "f", "trust": "98"}, "98"),
    ("if(${sex} = 'f', ${trust}, '')", {"sex": "m", "trust": "98"}, None),
    ("if(${sex} = 'f', ${age}, 'm')", {"sex": "f", "age": 30}, "30"),
    ("if(${sex} = 'f', 1.50, 'm')", {"sex": "f"}, "1.5"),
    ("${age} = 3", {"age": 3}, 1),
    ("${age} = 3", {"age": 4}, 0),
    ("${trust} div 10", {"trust": "4"}, 0.4),
    ("${trust} div 10", {"trust": "98"}, None),
    ("${age} div 0", {"age": 3}, None),
    ("${age} mod 3", {"age": -7}, -1.0),
    ("${age} mod 0", {"age": 3}, None),
    ("-${age} + 2 * 3", {"age": 4}, 2.0),
    ("${due} - ${day}", {"day": "2026-02-27", "due": "2026-03-02"}, 3),
    ("today() - ${day}", {"day": "2026-11-20"}, 2),
    ("${at} - ${day}", {"at": "2026-01-05T12:00:00Z", "day": "2026-01-05"}, 0.5),
    ("(${day} + 3) - ${day}", {"day": "2026-02-27"}, 3),
    ("${day} + 9999999999", {"day": "2026-02-27"}, None),
    ("${day} - '2026-02-20'", {"day": "2026-02-27"}, 7.0),
    ("'2026-03-01' - ${day}", {"day": "2026-02-27"}, 2.0),
    ("${day} - ${name}", {"day": "2026-02-27", "name": "20 Feb"}, None),
    ("${day} + 1.9", {"day": "2026-02-27"}, date(2026, 2, 28)),
    (
        "concat(${at}, ' ', ${clock})",
        {"at": "2026-01-05T10:30:00Z", "clock": "07:59:00"},
        "2026-01-05T10:30:00.000Z 07:59:00",
    ),
    ("if(${age}, 'yes', 'no')", {"age": 0}, "no"),
    ("count-selected(${svc})", {"svc": ["a", "b"]}, 2.0),
    ("count-selected(${svc})", {"svc": ["a", "98"]}, None),
    ("count-selected(${svc})", {}, None),
    ("count-selected(${name})", {"name": "a  b c "}, 3.0),
    ("round(${weight})", {"weight": 2.5}, 3.0),
    ("round(${weight}, 1)", {"weight": 1234.56}, 1234.6),
    ("concat(${name}, '-', ${age})", {"name": "r1", "age": 7}, "r1-7"),
    ("concat(${name}, '-', ${age})", {"name": "r1"}, None),
    ("concat(coalesce(${name}, ''), '-', ${age})", {"age": 7}, "-7"),
    ("concat(${trust}, ${svc})", {"trust": "98", "svc": ["a", "b"]}, "98a b"),
    ("pulldata('areas', 'region', 'name', ${name})", {"name": "a1"}, "ML05"),
    ("pulldata('areas.csv', 'region', 'name', ${name})", {"name": "a9"}, None),
    ("pulldata('areas', 'weight', 'name', ${name}) * 2", {"name": "a1"}, 3.0),
    ("pulldata('areas', 'weight', 'name', ${name}) * 2", {"name": "a2"}, None),
    ("count(${member})", {"member": [(3, "1"), (None, None)]}, 2.0),
    ("count(${member})", {}, 0.0),
    ("count(${other})", {}, 0.0),
    ("count(${m_age})", {"member": [(3, "1"), (None, None)]}, 1.0),
    ("count(${m_trust})", {"member": [(3, "98"), (None, None)]}, 1.0),
    ("sum(${m_age})", {"member": [(3, "1"), (4, "1")]}, 7.0),
    ("sum(${m_age})", {"member": [(3, "1"), (None, "1")]}, None),
    ("sum(${m_age})", {}, 0.0),
    ("sum(coalesce(${m_trust}, 0))", {"member": [(3, "1"), (4, "98")]}, 1.0),
    ("sum(if(${m_age} > ${age}, 1, 0))", {"age": 3, "member": [(3, "1"), (4, "1")]}, 1.0),
    ("join(' ', ${m_trust})", {"member": [(3, "2"), (4, None), (5, "98")]}, "2 98"),
    ("join(' ', ${m_trust})", {}, None),
    ("count(${v_day})", {"member": [(1, "1")], "visit": [(1, "2026-01-05"), (1, None)]}, 1.0),
]


@pytest.mark.parametrize(("text", "answers", "expected"), SCALARS)
def test_a_value_is_computed_or_blank(
    connection: duckdb.DuckDBPyConnection, text: str, answers: dict[str, Any], expected: object
):
    for found in (
        evaluate(connection, scalar_sql(parse(text), SCOPE), answers),
        evaluated(parse(text), one_person(answers), MEANINGS),
    ):
        assert found == pytest.approx(expected) if isinstance(expected, float) else found == expected


def test_rows_within_rows_are_counted_for_the_row_around_them(connection: duckdb.DuckDBPyConnection):
    members = SCOPE.at("member", "t")
    answers = {"age": 9, "member": [(3, "1"), (12, "1")], "visit": [(2, "2026-01-05"), (2, "2026-01-06"), (1, None)]}
    evaluate(connection, "1", answers)
    for text, expected in (
        ("count(${v_day})", [0.0, 2.0]),
        ("count(${visit})", [1.0, 2.0]),
        ("if(${m_age} > ${age}, 1, 0)", [0.0, 1.0]),
    ):
        sql = scalar_sql(parse(text), members)
        found = connection.execute(f"SELECT {sql} FROM members AS t ORDER BY position").fetchall()
        assert [value for (value,) in found] == expected
    sql = scalar_sql(parse("if(${v_day} > '2026-01-05', ${m_age} + ${age}, 0)"), SCOPE.at("member/visit", "t"))
    found = connection.execute(f"SELECT {sql} FROM visits AS t ORDER BY position").fetchall()
    assert [value for (value,) in found] == [0.0, 21.0, None]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${nobody} = 1", "no derived variable \\${nobody}"),
        ("if(${name}, 1, 0)", "a condition is expected"),
        ("${m_age} > 3", "one answer a row of the repeat member"),
        ("sum(${age})", "none is meant here"),
        ("${day} > 3", "compared or counted with something that is none"),
        ("${clock} > ${day}", "compared or counted with something that is none"),
        ("${day} * 2", "not defined for dates"),
        ("3 - ${day}", "subtracted from a number"),
        ("${clock} + 1", "times of day"),
        ("pulldata('areas', 'nothing', 'name', ${name})", "its columns are name region weight"),
        ("pulldata('psu', 'x', 'name', ${name})", "not attached to the form"),
        ("pulldata(${name}, 'x', 'name', ${name})", "quoted texts"),
        ("join(${name}, ${m_age})", "separator as a quoted text"),
    ],
)
def test_what_cannot_be_compiled_is_told_in_words(text: str, words: str):
    with pytest.raises(BuildError, match=words):
        scalar_sql(parse(text), SCOPE)


def test_conditions_within_conditions_do_not_swell_without_bound():
    text = "${age} = 1"
    for _ in range(20):
        text = f"if({text}, 1, 0) = 1"
    with pytest.raises(BuildError, match="too deeply"):
        condition_sql(parse(text), SCOPE)


@pytest.mark.parametrize("digits", ["9" * 39, "9" * 400, "0." + "9" * 38, "1" * 400 + ".5"])
def test_a_number_with_more_digits_than_a_decimal_holds_is_refused_in_words(digits: str):
    with pytest.raises(ExpressionInvalid, match="at most 38 are read") as raised:
        parse(f"${{age}} + {digits}")
    assert "chiffres" in raised.value.message.fr


def test_a_number_of_38_digits_is_read(connection: duckdb.DuckDBPyConnection):
    assert evaluate(connection, scalar_sql(parse("9" * 38), SCOPE), {}) == pytest.approx(1e38)
