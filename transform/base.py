"""Who stands in the denominator of a figure, and for how much, as SQL over the form's table selected as `t`.

A condition that is unknown (NULL) means: not in the base.
"""

from collections.abc import Collection, Iterable

from forms.form import CodeKind
from forms.text import Bilingual
from transform.answered import Answered
from transform.errors import DesignIncomplete
from transform.estimators import AnswerShape, Score
from transform.sql import literals, name

ASKED_ALIAS = "asked"


def base_sql(variable: Answered, kinds: Collection[str]) -> str:
    """SQL of whether a row stands in a base of these kinds (`code_kind` words, `blank`, `not_asked`).

    `valid` holds every answer that is not don't know, refused or not applicable, so also `none` and codes that only an
    earlier version offered. A person with several answers is valid if one of them is. Blank and not asked are told
    apart by the table of asked questions, which the query must join as `asked`.
    """
    conditions = [condition for condition in (_answer_sql(variable, kinds), _silence_sql(variable, kinds)) if condition]
    return f"({' OR '.join(conditions)})" if conditions else "FALSE"


def needs_asked(kinds: Collection[str]) -> bool:
    """True where the base must tell blank from not asked."""
    return ("blank" in kinds) != ("not_asked" in kinds)


def answer_sql(variable: Answered) -> str:
    """SQL of whether there is any answer."""
    return f"len({variable.sql}) > 0" if variable.shape is AnswerShape.CODES else f"{variable.sql} IS NOT NULL"


def doubt_sql(variable: Answered) -> str:
    """SQL of whether the answer is don't know or refused alone."""
    return _answer_sql(variable, (CodeKind.DONT_KNOW, CodeKind.REFUSED)) or "FALSE"


def unlisted_sql(variable: Answered) -> str:
    """SQL of whether an answer holds a code that the form no longer offers."""
    listed = sorted({choice.name for choice in variable.choices} | variable.never_substantive)
    if not listed or variable.shape is AnswerShape.NUMBER:
        return "FALSE"
    if variable.shape is AnswerShape.CODES:
        return f"NOT list_has_all([{literals(listed)}], {variable.sql})"
    return f"{variable.sql} NOT IN ({literals(listed)})"


def score_sql(variable: Answered, score: Score) -> str:
    """SQL of what the row's answer counts for in a figure, 0 for an answer that has no points."""
    if score.points is None:
        return f"CAST({variable.sql} AS DOUBLE)"
    by_points: dict[float, list[str]] = {}
    for code, points in score.points.items():
        by_points.setdefault(points, []).append(code)
    if variable.shape is AnswerShape.CODES:
        parts = [
            f"CASE WHEN {_holds_any(variable, codes)} THEN {points!r} ELSE 0 END" for points, codes in by_points.items()
        ]
        return f"({' + '.join(parts)})" if parts else "0"
    cases = " ".join(
        f"WHEN {variable.sql} IN ({literals(codes)}) THEN {points!r}" for points, codes in by_points.items()
    )
    return f"CASE {cases} ELSE 0 END" if cases else "0"


def scored_sql(variable: Answered, score: Score) -> str:
    """SQL of whether the answer has a score at all: of a mean of codes, only a code that is a number."""
    if score.points is None or variable.shape is not AnswerShape.CODE:
        return "TRUE"
    return f"{variable.sql} IN ({literals(score.points)})"


def _holds_any(variable: Answered, codes: list[str]) -> str:
    # For one code list_contains is several times faster than list_has_any.
    if len(codes) == 1:
        return f"list_contains({variable.sql}, {literals(codes)})"
    return f"list_has_any({variable.sql}, [{literals(codes)}])"


def _answer_sql(variable: Answered, kinds: Collection[str]) -> str | None:
    if variable.shape is AnswerShape.NUMBER:
        return f"{variable.sql} IS NOT NULL" if "valid" in kinds else None
    included = _codes(variable, kinds)
    if variable.shape is AnswerShape.CODES:
        return _several_answers_sql(variable, included, counts_valid="valid" in kinds)
    if "valid" not in kinds:
        return f"{variable.sql} IN ({literals(included)})" if included else None
    excluded = sorted(variable.never_substantive - set(included))
    return f"{variable.sql} NOT IN ({literals(excluded)})" if excluded else f"{variable.sql} IS NOT NULL"


def _several_answers_sql(variable: Answered, included: Iterable[str], *, counts_valid: bool) -> str | None:
    empty_handed = f"list_has_all([{literals(sorted(variable.never_substantive))}], {variable.sql})"
    parts = []
    if counts_valid:
        parts.append(f"NOT {empty_handed}")
    substantive = [code for code in included if code not in variable.never_substantive]
    others = [code for code in included if code in variable.never_substantive]
    if substantive and not counts_valid:
        parts.append(f"list_has_any({variable.sql}, [{literals(substantive)}])")
    if others:
        parts.append(f"({empty_handed} AND list_has_any({variable.sql}, [{literals(others)}]))")
    return f"(len({variable.sql}) > 0 AND ({' OR '.join(parts)}))" if parts else None


def _codes(variable: Answered, kinds: Collection[str]) -> list[str]:
    return [choice.name for choice in variable.choices if choice.kind is not CodeKind.VALID and choice.kind in kinds]


def _silence_sql(variable: Answered, kinds: Collection[str]) -> str | None:
    if "blank" not in kinds and "not_asked" not in kinds:
        return None
    silent = f"NOT coalesce({answer_sql(variable)}, FALSE)"
    if not needs_asked(kinds):
        return silent
    if variable.is_derived:
        raise DesignIncomplete(
            Bilingual(
                f"{variable.name} is computed, so nobody was asked it: its base cannot tell blank from not asked. "
                "Use both (all), or a condition in where.",
                f"{variable.name} est calculée, elle n'a été posée à personne : sa base ne peut distinguer blank de "
                "not_asked. Utilisez les deux (all), ou une condition dans where.",
            )
        )
    asked = f"{ASKED_ALIAS}.{name(variable.column)}"
    return f"({silent} AND {asked})" if "blank" in kinds else f"NOT {asked}"
