"""Compute derived variables on the rows of a chunk, wave by wave; a result that does not fit its type is an issue row.

The language is compiled by `transform.expression_sql`; the order comes from `transform.derived_order`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forms.expression import Expression
from forms.interpretation import Derived
from forms.text import Bilingual
from transform.casts import ValueType, cast
from transform.chunk_rows import Rows
from transform.derived_order import in_waves
from transform.errors import BuildError
from transform.expression_sql import condition_sql, value_of
from transform.expression_values import Kind, Value, as_moment, as_number, as_text, without_blank
from transform.scope import NamedColumn, ReferenceTable, RowSource, Scope
from transform.sql import literal, literals, name
from transform.table_layout import Column, FormLayout

_REASONS = {
    ValueType.INTEGER: "derived_not_an_integer",
    ValueType.DECIMAL: "derived_not_a_decimal",
    ValueType.DATE: "derived_not_a_date",
    ValueType.TIME: "derived_not_a_time",
    ValueType.DATETIME: "derived_not_a_datetime",
    ValueType.CHOICE: "derived_not_a_choice",
    ValueType.CHOICES: "derived_not_a_choice",
}
_EXACT = 2**53


def scope_of(
    layout: FormLayout, row_tables: Mapping[str | None, str], files: Mapping[str, ReferenceTable], as_of: date
) -> Scope:
    """The names of a form's variables over its tables. row_tables: repeat (None: the form) to the table of its rows."""
    variables = {
        column.variable: NamedColumn(table.repeat, column.name, column.value, column.unknown_codes)
        for table in layout.tables
        for column in table.columns
        if column.variable is not None
    }
    rows = {table.repeat: RowSource(row_tables[table.repeat], table.parent) for table in layout.tables}
    return Scope(variables, rows, as_of, files)


@dataclass(frozen=True, slots=True)
class Derivation:
    """The variables of one wave on one table.

    compute: SQL that puts them into `table`, a temporary table beside the rows. extend: SQL that adds them to the view
    of the rows. issues: for each, SQL of how many results did not fit its type (an aggregate over `table`) and of the
    rows of `_misfits` that list them. alone: for each variable, SQL that computes only it, to find the one that fails.
    """

    table: str
    compute: str
    extend: str
    issues: tuple[tuple[str, str], ...]
    alone: tuple[tuple[str, str], ...]


def derivations(layout: FormLayout, derived: Sequence[Derived], rows: Sequence[Rows], scope: Scope) -> list[Derivation]:
    """The statements that compute all derived variables, in order. rows: the tables of a chunk.

    Raises BuildError naming the variable whose calculation cannot be compiled.
    """
    found = []
    beside: dict[str, list[str]] = {each.name: [] for each in rows}
    for number, wave in enumerate(in_waves(derived)):
        for each in rows:
            table = each.cells.table
            columns = {column.variable: column for column in table.derived}
            here = [(columns[variable.name], variable) for variable in wave if variable.name in columns]
            if here:
                home = scope.at(table.repeat, scope.alias)
                results = [(column, _compiled(variable, home)) for column, variable in here]
                name_beside = f"~derived_{each.cells.number}_{number}"
                beside[each.name].append(name_beside)
                found.append(_derivation(layout.form_id, each, results, beside[each.name]))
    return found


def kept_record_sql(records: Expression | None, scope: Scope) -> str:
    """SQL of whether a record counts: TRUE without a rule, never unknown. Raises BuildError."""
    if records is None:
        return "TRUE"
    try:
        return f"coalesce({condition_sql(records, scope)}, FALSE)"
    except BuildError as error:
        raise about(error, "design.records", "design.records") from error


def _derivation(form_id: str, rows: Rows, results: Sequence[tuple[Column, Value]], beside: Sequence[str]) -> Derivation:
    table = name(beside[-1])
    keys = ['"~ordinal"'] if rows.cells.table.repeat is None else ['"~ordinal"', "position"]
    source = f"FROM {name(rows.name)} AS t"
    raws = []
    computed = []
    issues = []
    alone = []
    for number, (column, value) in enumerate(results):
        result = Value(name(f"~raw_{number}"), value.kind)
        text = name(f"~derived_{column.name}")
        raw = f"{value.sql} AS {result.sql}"
        fitted = f"{_fitting(column, result)} AS {name(column.name)}, nullif({as_text(result)}, '') AS {text}"
        raws.append(raw)
        computed.append(fitted)
        alone.append(
            (column.name, f'CREATE OR REPLACE TEMP TABLE "~alone" AS SELECT {fitted} FROM (SELECT {raw} {source})')
        )
        condition = f"{text} IS NOT NULL AND {name(column.name)} IS NULL"
        reason = literal(_REASONS.get(column.value, "derived_not_text"))
        listed = (
            f'SELECT {literal(form_id)}, root_id, instance_id, {literal(column.name)}, "~positions", {text}, {reason} '
            f'FROM {name(rows.name)} WHERE {condition} ORDER BY "~ordinal", position'
        )
        issues.append((f"count(*) FILTER ({condition})", listed))
    compute = (
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join([*keys, *computed])} "
        f"FROM (SELECT {', '.join([*keys, *raws])} {source})"
    )
    joined = " ".join(f"JOIN {name(each)} USING ({', '.join(keys)})" for each in beside)
    extend = f"CREATE OR REPLACE TEMP VIEW {name(rows.name)} AS SELECT * FROM {name(rows.typed)} {joined}"
    return Derivation(table, compute, extend, tuple(issues), tuple(alone))


def _compiled(variable: Derived, scope: Scope) -> Value:
    try:
        value = without_blank(value_of(variable.calculation, scope))
    except BuildError as error:
        raise about(error, f"Derived variable {variable.name}", f"Variable dérivée {variable.name}") from error
    return Value("CAST(NULL AS VARCHAR)", Kind.TEXT) if value.kind is Kind.BLANK else value


def _fitting(column: Column, result: Value) -> str:
    """The result as the column's type, NULL where it does not fit."""
    if column.value is ValueType.CHOICE:
        text = f"nullif({as_text(result)}, '')"
        return f"CASE WHEN {text} IN ({literals(column.codes)}) THEN {text} END" if column.codes else text
    if column.value is ValueType.CHOICES:
        return _fitting_codes(column, result)
    if column.value is ValueType.TEXT:
        return f"nullif({as_text(result)}, '')"
    if result.kind in (Kind.TEXT, Kind.CODES):
        return cast(column.value, as_text(result))
    return _FITTING[column.value](result)


def _fitting_codes(column: Column, result: Value) -> str:
    codes = result.sql if result.kind is Kind.CODES else cast(ValueType.CHOICES, as_text(result))
    once = f"list_filter({codes}, lambda code, place: list_position({codes}, code) = place)"
    return f"CASE WHEN list_has_all([{literals(column.codes)}], {codes}) THEN {once} END" if column.codes else once


def _integer(result: Value) -> str:
    if result.kind not in (Kind.NUMBER, Kind.TRUTH):
        return "CAST(NULL AS BIGINT)"
    number = as_number(result)
    return f"CASE WHEN {number} = trunc({number}) AND abs({number}) <= {_EXACT} THEN TRY_CAST({number} AS BIGINT) END"


def _decimal(result: Value) -> str:
    if result.kind not in (Kind.NUMBER, Kind.TRUTH):
        return "CAST(NULL AS DOUBLE)"
    number = as_number(result)
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _moment(kind: Kind, takes: frozenset[Kind], sql_type: str) -> Callable[[Value], str]:
    return lambda result: as_moment(result, kind) if result.kind in takes else f"CAST(NULL AS {sql_type})"


_FITTING: Mapping[ValueType, Callable[[Value], str]] = {
    ValueType.INTEGER: _integer,
    ValueType.DECIMAL: _decimal,
    ValueType.DATE: _moment(Kind.DATE, frozenset({Kind.DATE, Kind.DATETIME}), "DATE"),
    ValueType.DATETIME: _moment(Kind.DATETIME, frozenset({Kind.DATE, Kind.DATETIME}), "TIMESTAMPTZ"),
    ValueType.TIME: _moment(Kind.TIME, frozenset({Kind.TIME}), "TIME"),
}


def about(error: BuildError, what_en: str, what_fr: str) -> BuildError:
    """The error with what it is about said first."""
    return BuildError(Bilingual(f"{what_en}: {error.message.en}", f"{what_fr} : {error.message.fr}"))
