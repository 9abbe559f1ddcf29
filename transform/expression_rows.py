"""Read variables and rows of repeats in SQL, from wherever an expression stands.

A row of a repeat is found by root_id and position; its parent's position stands in parent_position.
"""

from collections.abc import Callable
from itertools import pairwise

from forms.expression import Expression, Variable, variables
from forms.text import Bilingual
from transform.casts import ValueType
from transform.errors import BuildError
from transform.expression_values import Kind, Value, kind_of
from transform.scope import NamedColumn, Scope
from transform.sql import literals, name


def variable(variable_name: str, scope: Scope, *, hands_on: bool) -> Value:
    """The variable's answer in this row, or in the row around it that holds it.

    hands_on False: a never-substantive answer is NULL. Raises BuildError where many rows could be meant.
    """
    named = scope.variable(variable_name)
    kind = kind_of(named.value)
    if named.repeat == scope.home:
        return Value(_column(named, scope.alias, hands_on=hands_on), kind)
    upwards = tuple(scope.upwards(scope.home))
    if named.repeat not in upwards:
        raise BuildError(
            Bilingual(
                f"${{{variable_name}}} has one answer a row of the repeat {named.repeat}: "
                "say which by sum(), count() or join().",
                f"${{{variable_name}}} a une réponse par ligne du groupe répété {named.repeat} : "
                "précisez par sum(), count() ou join().",
            )
        )
    alias = scope.alias + "_p"
    around = _column(named, alias, hands_on=hands_on)
    if named.repeat is None:
        where = f"{name(alias)}.root_id = {name(scope.alias)}.root_id"
        return Value(f"(SELECT {around} FROM {name(scope.rows[None].table)} {name(alias)} WHERE {where})", kind)
    steps = upwards[1 : upwards.index(named.repeat) + 1]
    aliases = [scope.alias, *(f"{alias}{number}" for number in range(1, len(steps))), alias]
    tables = ", ".join(
        f"{name(scope.rows[step].table)} {name(each)}" for step, each in zip(steps, aliases[1:], strict=True)
    )
    links = " AND ".join(_is_around(outer, inner) for inner, outer in pairwise(aliases))
    return Value(f"(SELECT {around} FROM {tables} WHERE {links})", kind)


def over_rows(expression: Expression, scope: Scope, aggregate: Callable[[Scope], str], kind: Kind) -> Value:
    """An aggregate over the rows of the repeat that the expression is about, inside this row.

    aggregate: gives the SQL of the aggregate in the scope of those rows. Raises BuildError where no repeat is meant.
    """
    repeat = _repeat_of(expression, scope)
    steps = []
    for step in scope.upwards(repeat):
        if step == scope.home:
            break
        steps.append(step)
    alias = scope.alias + "_r"
    aliases = [alias, *(f"{alias}{number}" for number in range(1, len(steps)))]
    tables = ", ".join(
        f"{name(scope.rows[step].table)} {name(each)}" for step, each in zip(steps, aliases, strict=True)
    )
    links = [_is_around(outer, inner) for inner, outer in pairwise(aliases)]
    if scope.home is None:
        links.append(f"{name(aliases[-1])}.root_id = {name(scope.alias)}.root_id")
    else:
        links.append(_is_around(scope.alias, aliases[-1]))
    where = " AND ".join(links)
    return Value(f"(SELECT {aggregate(scope.at(repeat, alias))} FROM {tables} WHERE {where})", kind)


def _is_around(outer: str, inner: str) -> str:
    return f"{name(outer)}.root_id = {name(inner)}.root_id AND {name(outer)}.position = {name(inner)}.parent_position"


def _repeat_of(expression: Expression, scope: Scope) -> str:
    """The innermost repeat that the expression reads."""
    if isinstance(expression, Variable) and (repeat := scope.repeat_named(expression.name)) is not None:
        homes: set[str | None] = {repeat}
    else:
        homes = {scope.variable(each).repeat for each in variables(expression)}
    innermost = max((home for home in homes if home is not None), key=lambda home: home.count("/"), default=None)
    if innermost is None or innermost == scope.home or scope.home not in scope.upwards(innermost):
        raise BuildError(
            Bilingual(
                "sum(), count() and join() go over the rows of a repeat; none is meant here.",
                "sum(), count() et join() parcourent les lignes d'un groupe répété ; aucun n'est visé ici.",
            )
        )
    return innermost


def _column(named: NamedColumn, alias: str, *, hands_on: bool) -> str:
    column = f"{name(alias)}.{name(named.column)}"
    if hands_on or not named.unknown_codes:
        return column
    codes = literals(named.unknown_codes)
    if named.value is ValueType.CHOICES:
        return f"CASE WHEN NOT list_has_any({column}, [{codes}]) THEN {column} END"
    return f"CASE WHEN {column} NOT IN ({codes}) THEN {column} END"
