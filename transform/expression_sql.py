"""Compile the workbook's expressions to three-valued SQL over the tables of a form.

Blank, not asked and never-substantive answers (don't know, refused) are unknown, NULL, in every comparison and all
arithmetic; `and`, `or`, `not` are SQL's. They are known on purpose only in `=` and `!=` with '' or with a
never-substantive code of that very list. Answers that are only handed on (branches of `if`, `concat`, `join`, the key
of `pulldata`) stay as they are. Names are looked up and literals quoted: nothing of an expression reaches SQL as such.
Reading variables and rows of repeats is `transform.expression_rows`.
"""

from collections.abc import Callable, Mapping

from forms.expression import Binary, Call, Expression, Negation, Number, Text, Variable
from forms.text import Bilingual
from transform import expression_rows
from transform.errors import BuildError
from transform.expression_values import (
    BLANK,
    Kind,
    Value,
    as_kind,
    as_moment,
    as_number,
    as_text,
    common_kind,
    is_blank,
    is_moment,
    without_blank,
)
from transform.scope import Scope
from transform.sql import literal, literals, name

MAX_SQL = 200_000
"""Characters of SQL that one expression may become: conditions within conditions double it at each level."""


def scalar_sql(expression: Expression, scope: Scope) -> str:
    """SQL of the expression's value over rows of `scope.home`, selected as `scope.alias`; NULL where it is blank.

    A condition gives 1 or 0. Raises BuildError for what cannot be compiled, in words that follow "name: ".
    """
    value = without_blank(value_of(expression, scope))
    if value.kind is Kind.TRUTH:
        return f"CAST({value.sql} AS BIGINT)"
    return as_kind(value, value.kind)


def condition_sql(expression: Expression, scope: Scope) -> str:
    """SQL of a BOOLEAN: true, false, or NULL where the answers it needs are unknown. Raises BuildError."""
    value = known(expression, scope)
    if value.kind is Kind.TRUTH:
        return value.sql
    if value.kind is Kind.NUMBER:
        return f"({as_number(value)} <> 0)"
    raise BuildError(
        Bilingual(
            "a condition is expected where a value stands: compare it, as in ${consent} = 1.",
            "une condition est attendue là où se trouve une valeur : comparez-la, comme dans ${consent} = 1.",
        )
    )


def value_of(expression: Expression, scope: Scope) -> Value:
    """The expression's value as typed SQL, don't know and refused kept as they are."""
    return _bounded(_compile(expression, scope, hands_on=True))


def known(expression: Expression, scope: Scope) -> Value:
    """The expression's value as typed SQL, NULL where it is no substantive answer."""
    return _bounded(_compile(expression, scope, hands_on=False))


def _compile(expression: Expression, scope: Scope, *, hands_on: bool) -> Value:
    match expression:
        case Number(text):
            return Value(f"CAST({text} AS DOUBLE)", Kind.NUMBER, _canonical(text))
        case Text(""):
            return BLANK
        case Text(text):
            return Value(literal(text), Kind.TEXT, text)
        case Variable(variable):
            return expression_rows.variable(variable, scope, hands_on=hands_on)
        case Negation(operand):
            return Value(f"(-{as_number(known(operand, scope))})", Kind.NUMBER)
        case Binary("and" | "or" as operator, left, right):
            sides = f"{condition_sql(left, scope)} {operator} {condition_sql(right, scope)}"
            return Value(f"({sides})", Kind.TRUTH)
        case Binary(operator, left, right) if operator in _COMPARISONS:
            return Value(_comparison(operator, left, right, scope), Kind.TRUTH)
        case Binary(operator, left, right):
            return _arithmetic(operator, known(left, scope), known(right, scope))
        case Call("if", (condition, then, otherwise)):
            return _if(condition_sql(condition, scope), _branches((then, otherwise), scope, hands_on=hands_on))
        case Call("coalesce", (*candidates, last)):
            # An unknown candidate gives way to the next; what the last one is, the whole is.
            values = [without_blank(known(candidate, scope)) for candidate in candidates]
            values.extend(_branches((last,), scope, hands_on=hands_on))
            kind = common_kind(values)
            return Value(f"coalesce({', '.join(as_kind(value, kind) for value in values)})", kind)
        case Call(function, arguments) if function in _FUNCTIONS:
            return _FUNCTIONS[function](arguments, scope)
        case Call(function, _):
            raise BuildError(
                Bilingual(f"the function {function}() does not exist.", f"la fonction {function}() n'existe pas.")
            )


def _branches(expressions: tuple[Expression, ...], scope: Scope, *, hands_on: bool) -> list[Value]:
    read = value_of if hands_on else known
    return [read(expression, scope) for expression in expressions]


def _if(condition: str, branches: list[Value]) -> Value:
    kind = common_kind(branches)
    then, otherwise = (as_kind(branch, kind) for branch in branches)
    return Value(f"CASE WHEN {condition} THEN {then} WHEN NOT {condition} THEN {otherwise} END", kind)


_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_SQL_OPERATORS = {"!=": "<>", "div": "/", "mod": "%"}


def _comparison(operator: str, left: Expression, right: Expression, scope: Scope) -> str:
    if operator in ("=", "!="):
        for side, other in ((left, right), (right, left)):
            if side == Text(""):
                blank = is_blank(value_of(other, scope))
                return blank if operator == "=" else f"(NOT {blank})"
            if isinstance(side, (Number, Text)) and _code(side) in _unknown_codes(other, scope):
                return _compared(operator, without_blank(value_of(other, scope)), _compile(side, scope, hands_on=True))
    return _compared(operator, without_blank(known(left, scope)), without_blank(known(right, scope)))


def _compared(operator: str, left: Value, right: Value) -> str:
    sql_operator = _SQL_OPERATORS.get(operator, operator)
    kinds = {left.kind, right.kind}
    if Kind.BLANK in kinds:
        return "CAST(NULL AS BOOLEAN)"
    moment = next((kind for kind in (Kind.DATETIME, Kind.DATE, Kind.TIME) if kind in kinds), None)
    if moment is not None:
        left_moment, right_moment = (_moment(value, moment) for value in (left, right))
        return f"({left_moment} {sql_operator} {right_moment})"
    are_texts = kinds <= {Kind.TEXT, Kind.CODES}
    if are_texts and operator in ("=", "!="):
        return f"({_text(left)} {sql_operator} {_text(right)})"
    if operator in ("=", "!=") and not kinds <= {Kind.NUMBER, Kind.TRUTH}:
        text, number = (left, right) if left.kind in (Kind.TEXT, Kind.CODES) else (right, left)
        return _text_against_number(operator, text, as_number(number))
    return f"({as_number(left)} {sql_operator} {as_number(right)})"


def _text_against_number(operator: str, text: Value, number: str) -> str:
    """A known text that is no number is not equal to any number, as in XPath."""
    same = f"({as_number(text)} IS NOT DISTINCT FROM {number})"
    answer = same if operator == "=" else f"NOT {same}"
    return f"CASE WHEN {_text(text)} IS NOT NULL AND {number} IS NOT NULL THEN {answer} END"


def _text(value: Value) -> str:
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


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
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
    shift = f"TRY_CAST(trunc({as_number(days)}) AS INTEGER)"
    return Value(f"TRY({day.sql} {operator} {shift})", Kind.DATE)


def _not(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    return Value(f"(NOT {condition_sql(arguments[0], scope)})", Kind.TRUTH)


def _selected(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    """True where the code is among those chosen.

    Without it, an answer that holds a never-substantive code is unknown, unless such a code is asked for by name.
    """
    chosen, code = arguments
    wanted = {_code(code)} if isinstance(code, (Number, Text)) else set()
    offered = set(chosen.value.split()) if isinstance(chosen, Text) else set()
    needle = (value_of if offered & _unknown_codes(code, scope) else known)(code, scope)
    haystack = _codes(value_of(chosen, scope))
    found = f"list_contains({haystack}, {_text(needle)})"
    unknown = _unknown_codes(chosen, scope)
    if unknown and not wanted & unknown:
        found = f"CASE WHEN {found} THEN TRUE WHEN NOT {_holds_any(haystack, unknown)} THEN FALSE END"
    return Value(f"CASE WHEN {_text(needle)} IS NOT NULL THEN {found} END", Kind.TRUTH)


def _holds_any(codes: str, unknown: frozenset[str]) -> str:
    return f"list_has_any({codes}, [{literals(sorted(unknown))}])"


def _codes(value: Value) -> str:
    """A list of codes; NULL where there is none."""
    if value.kind is Kind.CODES:
        return f"CASE WHEN len({value.sql}) > 0 THEN {value.sql} END"
    return f"list_filter(string_split(nullif(trim({as_text(value)}), ''), ' '), lambda code: code <> '')"


def _count_selected(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    return Value(f"CAST(len({_codes(known(arguments[0], scope))}) AS DOUBLE)", Kind.NUMBER)


def _starts_with(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    text, start = (_text(known(argument, scope)) for argument in arguments)
    return Value(f"starts_with({text}, {start})", Kind.TRUTH)


def _concat(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    """One text of several; unknown where a part is blank, so that no half a key is looked up; '' written is empty."""
    return Value(f"({' || '.join(as_text(value_of(argument, scope)) for argument in arguments)})", Kind.TEXT)


def _round(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    number = as_number(known(arguments[0], scope))
    if len(arguments) == 1:
        return Value(f"round({number})", Kind.NUMBER)
    places = f"TRY_CAST({as_number(known(arguments[1], scope))} AS INTEGER)"
    return Value(f"round({number}, {places})", Kind.NUMBER)


def _today(_: tuple[Expression, ...], scope: Scope) -> Value:
    return Value(f"DATE {literal(scope.as_of.isoformat())}", Kind.DATE)


def _pulldata(arguments: tuple[Expression, ...], scope: Scope) -> Value:
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
        known_columns = " ".join(file.columns) if file else ""
        raise BuildError(
            Bilingual(
                f"pulldata() reads {column} by {key_column} from {stem}.csv, but "
                + (f"its columns are {known_columns}." if file else "this file is not attached to the form."),
                f"pulldata() lit {column} selon {key_column} dans {stem}.csv, mais "
                + (f"ses colonnes sont {known_columns}." if file else "ce fichier n'est pas joint au formulaire."),
            )
        )
    key = as_text(value_of(arguments[3], scope))
    alias = name(scope.alias + "_f")
    row = f"SELECT {alias}.{name(column)} FROM {name(file.table)} {alias} WHERE {alias}.{name(key_column)} = {key}"
    return Value(f"({row})", Kind.TEXT)


def _join(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    separator, rows = arguments
    if not isinstance(separator, Text):
        raise BuildError(
            Bilingual("join() takes its separator as a quoted text.", "join() prend son séparateur entre apostrophes.")
        )
    return expression_rows.over_rows(
        rows,
        scope,
        lambda inner: (
            f"string_agg(nullif({as_text(value_of(rows, inner))}, ''), {literal(separator.value)}"
            f" ORDER BY {name(inner.alias)}.position)"
        ),
        Kind.TEXT,
    )


def _sum(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    """The sum over the rows: 0 of no rows, unknown where one is unknown."""

    def total(inner: Scope) -> str:
        number = as_number(known(arguments[0], inner))
        return f"CASE WHEN count(*) = count({number}) THEN coalesce(sum({number}), 0) END"

    return expression_rows.over_rows(arguments[0], scope, total, Kind.NUMBER)


def _count(arguments: tuple[Expression, ...], scope: Scope) -> Value:
    """The number of rows of a repeat, or of those in which a question is answered (don't know is an answer)."""
    counted = arguments[0]
    if isinstance(counted, Variable) and scope.repeat_named(counted.name) is not None:
        return expression_rows.over_rows(counted, scope, lambda _: "CAST(count(*) AS DOUBLE)", Kind.NUMBER)

    def answered(inner: Scope) -> str:
        return f"CAST(count(*) FILTER (NOT {is_blank(value_of(counted, inner))}) AS DOUBLE)"

    return expression_rows.over_rows(counted, scope, answered, Kind.NUMBER)


_FUNCTIONS: Mapping[str, Callable[[tuple[Expression, ...], Scope], Value]] = {
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


def _code(side: Number | Text) -> str:
    return _canonical(side.text) if isinstance(side, Number) else side.value


def _unknown_codes(expression: Expression, scope: Scope) -> frozenset[str]:
    """Never-substantive codes of the variables whose answers the expression hands on."""
    match expression:
        case Variable(variable):
            return frozenset(scope.variable(variable).unknown_codes)
        case Call("if", (_, *handed_on)) | Call("coalesce", handed_on):
            return frozenset[str]().union(*(_unknown_codes(part, scope) for part in handed_on))
        case _:
            return frozenset()


def _canonical(number: str) -> str:
    """A number as a code is written: `1`, not `1.0` or `01`."""
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def _bounded(value: Value) -> Value:
    if len(value.sql) > MAX_SQL:
        raise BuildError(
            Bilingual(
                "conditions stand within conditions too deeply; split it into several derived variables.",
                "trop de conditions sont imbriquées ; divisez-la en plusieurs variables dérivées.",
            )
        )
    return value
