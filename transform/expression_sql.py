"""Compile the workbook's expressions to three-valued SQL over the tables of a form.

Blank, not asked and never-substantive answers (don't know, refused) are unknown, NULL, in every comparison and all
arithmetic; `and`, `or`, `not` are SQL's. They are known on purpose only in `=` and `!=` with '' or with a
never-substantive code of that very list. Answers that are only handed on (branches of `if`, `concat`, `join`, the key
of `pulldata`) stay as they are. Names are looked up and literals quoted: nothing of an expression reaches SQL as such.
Operators are `transform.expression_operators`, functions `transform.expression_functions`.
"""

from forms.expression import Binary, Call, Expression, Negation, Number, Text, Variable
from forms.text import Bilingual
from transform import expression_rows
from transform.errors import BuildError
from transform.expression_functions import FUNCTIONS, code_of, unknown_codes
from transform.expression_operators import COMPARISONS, arithmetic, compared
from transform.expression_values import (
    BLANK,
    Kind,
    Value,
    as_kind,
    as_number,
    as_text,
    common_kind,
    is_blank,
    without_blank,
)
from transform.scope import Scope
from transform.sql import literal

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


class _Reader:
    """Compiles the arguments of functions, which do not know this module."""

    value = staticmethod(value_of)
    known = staticmethod(known)
    condition = staticmethod(condition_sql)


def _compile(expression: Expression, scope: Scope, *, hands_on: bool) -> Value:
    match expression:
        case Number() | Text():
            return _literal(expression)
        case Variable(variable):
            return expression_rows.variable(variable, scope, hands_on=hands_on)
        case Negation(operand):
            return Value(f"(-{as_number(known(operand, scope))})", Kind.NUMBER)
        case Binary():
            return _binary(expression, scope)
        case Call("if" | "coalesce"):
            return _choosing(expression, scope, hands_on=hands_on)
        case Call(function, arguments):
            return _call(function, arguments, scope)


def _literal(expression: Number | Text) -> Value:
    match expression:
        case Number(text):
            # Quoted: DuckDB reads a bare number as a decimal first, which holds fewer digits.
            return Value(f"CAST({literal(text)} AS DOUBLE)", Kind.NUMBER, code_of(expression))
        case Text(""):
            return BLANK
        case Text(text):
            return Value(literal(text), Kind.TEXT, text)


def _binary(expression: Binary, scope: Scope) -> Value:
    operator, left, right = expression.operator, expression.left, expression.right
    if operator in ("and", "or"):
        return Value(f"({condition_sql(left, scope)} {operator} {condition_sql(right, scope)})", Kind.TRUTH)
    if operator in COMPARISONS:
        return Value(_comparison(operator, left, right, scope), Kind.TRUTH)
    return arithmetic(operator, known(left, scope), known(right, scope))


def _call(function: str, arguments: tuple[Expression, ...], scope: Scope) -> Value:
    if function not in FUNCTIONS:
        raise BuildError(
            Bilingual(f"the function {function}() does not exist.", f"la fonction {function}() n'existe pas.")
        )
    return FUNCTIONS[function](arguments, scope, _Reader())


def _choosing(call: Call, scope: Scope, *, hands_on: bool) -> Value:
    """What `if` or `coalesce` hands on; blank where the condition of an `if` is unknown."""
    hand_on = value_of if hands_on else known
    if call.function == "coalesce":
        *candidates, last = call.arguments
        # An unknown candidate gives way to the next; what the last one is, the whole is.
        values = [*(without_blank(known(candidate, scope)) for candidate in candidates), hand_on(last, scope)]
        if values[-1] is BLANK:
            # The one way to say that a missing answer is an empty text: for concat(), say.
            return Value(f"coalesce({', '.join(as_text(value) for value in values)})", Kind.TEXT)
        kind = common_kind(values)
        return Value(f"coalesce({', '.join(as_kind(value, kind) for value in values)})", kind)
    condition = condition_sql(call.arguments[0], scope)
    branches = [hand_on(branch, scope) for branch in call.arguments[1:]]
    kind = common_kind(branches)
    then, otherwise = (as_kind(branch, kind) for branch in branches)
    return Value(f"CASE WHEN {condition} THEN {then} WHEN NOT {condition} THEN {otherwise} END", kind)


def _comparison(operator: str, left: Expression, right: Expression, scope: Scope) -> str:
    if operator in ("=", "!="):
        for side, other in ((left, right), (right, left)):
            if side == Text(""):
                blank = is_blank(value_of(other, scope))
                return blank if operator == "=" else f"(NOT {blank})"
            if isinstance(side, (Number, Text)) and code_of(side) in unknown_codes(other, scope):
                return compared(operator, without_blank(value_of(other, scope)), _literal(side))
    return compared(operator, without_blank(known(left, scope)), without_blank(known(right, scope)))


def _bounded(value: Value) -> Value:
    if len(value.sql) > MAX_SQL:
        raise BuildError(
            Bilingual(
                "conditions stand within conditions too deeply; split it into several derived variables.",
                "trop de conditions sont imbriquées ; divisez-la en plusieurs variables dérivées.",
            )
        )
    return value
