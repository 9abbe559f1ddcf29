"""The functions of the expression language, but `if` and `coalesce`, which hand answers on.

Their grammar and numbers of arguments are `forms.expression`.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from forms.expression import Call, Expression, Number, Text, Variable
from forms.text import Bilingual
from transform.errors import BuildError
from transform.expression_operators import plain_text
from transform.expression_rows import over_rows
from transform.expression_values import Kind, Value, as_number, as_text, is_blank
from transform.scope import Scope
from transform.sql import literal, literals, name


class Reader(Protocol):
    """Compiles the arguments."""

    def value(self, expression: Expression, scope: Scope) -> Value:
        """The value, don't know and refused kept as they are."""

    def known(self, expression: Expression, scope: Scope) -> Value:
        """The value, NULL where it is no substantive answer."""

    def condition(self, expression: Expression, scope: Scope) -> str:
        """SQL of a BOOLEAN."""


def code_of(side: Number | Text) -> str:
    """The code that a literal names."""
    return _canonical(side.text) if isinstance(side, Number) else side.value


def unknown_codes(expression: Expression, scope: Scope) -> frozenset[str]:
    """Never-substantive codes of the variables whose answers the expression hands on."""
    match expression:
        case Variable(variable):
            return frozenset(scope.variable(variable).unknown_codes)
        case Call("if", (_, *handed_on)) | Call("coalesce", handed_on):
            return frozenset[str]().union(*(unknown_codes(part, scope) for part in handed_on))
        case _:
            return frozenset()


def _canonical(number: str) -> str:
    """A number as a code is written: `1`, not `1.0` or `01`."""
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def _not(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    return Value(f"(NOT {read.condition(arguments[0], scope)})", Kind.TRUTH)


def _selected(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    """True where the code is among those chosen.

    Without it, an answer that holds a never-substantive code is unknown, unless such a code is asked for by name.
    """
    chosen, code = arguments
    wanted = {code_of(code)} if isinstance(code, (Number, Text)) else set()
    offered = set(chosen.value.split()) if isinstance(chosen, Text) else set()
    needle = (read.value if offered & unknown_codes(code, scope) else read.known)(code, scope)
    haystack = _codes(read.value(chosen, scope))
    found = f"list_contains({haystack}, {plain_text(needle)})"
    unknown = unknown_codes(chosen, scope)
    if unknown and not wanted & unknown:
        found = f"CASE WHEN {found} THEN TRUE WHEN NOT {_holds_any(haystack, unknown)} THEN FALSE END"
    return Value(f"CASE WHEN {plain_text(needle)} IS NOT NULL THEN {found} END", Kind.TRUTH)


def _holds_any(codes: str, unknown: frozenset[str]) -> str:
    return f"list_has_any({codes}, [{literals(sorted(unknown))}])"


def _codes(value: Value) -> str:
    """A list of codes; NULL where there is none."""
    if value.kind is Kind.CODES:
        return f"CASE WHEN len({value.sql}) > 0 THEN {value.sql} END"
    return f"list_filter(string_split(nullif(trim({as_text(value)}), ''), ' '), lambda code: code <> '')"


def _count_selected(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    return Value(f"CAST(len({_codes(read.known(arguments[0], scope))}) AS DOUBLE)", Kind.NUMBER)


def _starts_with(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    text, start = (plain_text(read.known(argument, scope)) for argument in arguments)
    return Value(f"starts_with({text}, {start})", Kind.TRUTH)


def _concat(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    """One text of several; unknown where a part is blank, so that no half a key is looked up; '' written is empty."""
    return Value(f"({' || '.join(as_text(read.value(argument, scope)) for argument in arguments)})", Kind.TEXT)


def _round(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    number = as_number(read.known(arguments[0], scope))
    if len(arguments) == 1:
        return Value(f"round({number})", Kind.NUMBER)
    places = f"TRY_CAST({as_number(read.known(arguments[1], scope))} AS INTEGER)"
    # DuckDB refuses a precision that is NULL, so an unknown one never reaches round().
    return Value(f"CASE WHEN {places} IS NOT NULL THEN round({number}, coalesce({places}, 0)) END", Kind.NUMBER)


def _today(_: tuple[Expression, ...], scope: Scope, __: Reader) -> Value:
    return Value(f"DATE {literal(scope.as_of.isoformat())}", Kind.DATE)


def _pulldata(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    if not all(isinstance(argument, Text) for argument in arguments[:3]):
        raise BuildError(
            Bilingual(
                "pulldata() takes the names of file, column and key column as quoted texts.",
                "pulldata() prend les noms du fichier, de la colonne et de la clé comme textes entre apostrophes.",
            )
        )
    stem, column, key_column = (argument.value for argument in arguments[:3] if isinstance(argument, Text))
    file = scope.files.get(stem.removesuffix(".csv"))
    if file is None or not {column, key_column} <= set(file.columns):
        columns = " ".join(file.columns) if file else ""
        raise BuildError(
            Bilingual(
                f"pulldata() reads {column} by {key_column} from {stem}.csv, but "
                + (f"its columns are {columns}." if file else "this file is not attached to the form."),
                f"pulldata() lit {column} selon {key_column} dans {stem}.csv, mais "
                + (f"ses colonnes sont {columns}." if file else "ce fichier n'est pas joint au formulaire."),
            )
        )
    key = as_text(read.value(arguments[3], scope))
    alias = name(scope.alias + "_f")
    row = f"SELECT {alias}.{name(column)} FROM {name(file.table)} {alias} WHERE {alias}.{name(key_column)} = {key}"
    return Value(f"({row})", Kind.TEXT)


def _join(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    separator, rows = arguments
    if not isinstance(separator, Text):
        raise BuildError(
            Bilingual("join() takes its separator as a quoted text.", "join() prend son séparateur entre apostrophes.")
        )
    return over_rows(
        rows,
        scope,
        lambda inner: (
            f"string_agg(nullif({as_text(read.value(rows, inner))}, ''), {literal(separator.value)}"
            f" ORDER BY {name(inner.alias)}.position)"
        ),
        Kind.TEXT,
    )


def _sum(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    """The sum over the rows: 0 of no rows, unknown where one is unknown."""

    def total(inner: Scope) -> str:
        number = as_number(read.known(arguments[0], inner))
        return f"CASE WHEN count(*) = count({number}) THEN coalesce(sum({number}), 0) END"

    return over_rows(arguments[0], scope, total, Kind.NUMBER)


def _count(arguments: tuple[Expression, ...], scope: Scope, read: Reader) -> Value:
    """The number of rows of a repeat, or of those in which a question is answered (don't know is an answer)."""
    counted = arguments[0]
    if isinstance(counted, Variable) and scope.repeat_named(counted.name) is not None:
        return over_rows(counted, scope, lambda _: "CAST(count(*) AS DOUBLE)", Kind.NUMBER)

    def answered(inner: Scope) -> str:
        return f"CAST(count(*) FILTER (NOT {is_blank(read.value(counted, inner))}) AS DOUBLE)"

    return over_rows(counted, scope, answered, Kind.NUMBER)


FUNCTIONS: Mapping[str, Callable[[tuple[Expression, ...], Scope, Reader], Value]] = {
    "not": _not,
    "selected": _selected,
    "count-selected": _count_selected,
    "starts-with": _starts_with,
    "concat": _concat,
    "round": _round,
    "today": _today,
    "pulldata": _pulldata,
    "join": _join,
    "sum": _sum,
    "count": _count,
}
