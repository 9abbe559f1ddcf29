"""Tell of conditions that mix up truth and text: `${sex} = 'f' or 'm'`, `18 <= . <= 99`, `${consent} = true()`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forms.examined import Examined
from forms.finding import Findings
from forms.logic.expressions import Expression
from forms.text import Bilingual
from forms.xpath.references import resolve
from forms.xpath.tree import Binary, Call, Number, Path, Text, XPath, walk, written_literal

CODES: Mapping[str, Bilingual] = {
    "text_as_condition": Bilingual(
        "A text or number stands alone beside `or`, `and` or in `not()`, where it is always true.",
        "Un texte ou un nombre est seul à côté de `or`, de `and` ou dans `not()`, où il est toujours vrai.",
    ),
    "comparison_compared": Bilingual(
        "The result of a comparison is compared once more, as in `18 <= . <= 99`, which does not ask what it seems to.",
        "Le résultat d'une comparaison est lui-même comparé, comme dans `18 <= . <= 99` : ce n'est pas l'effet voulu.",
    ),
    "choice_compared_with_truth": Bilingual(
        "A select_one is compared with true() or false(), which tells only whether it was answered.",
        "Un select_one est comparé avec true() ou false(), ce qui dit seulement s'il y a une réponse.",
    ),
}

_JOINING = frozenset({"and", "or"})
_ORDER = frozenset({"<", "<=", ">", ">="})
_SAME = frozenset({"=", "!="})
_TRUE_OR_FALSE = frozenset({"selected", "not", "true", "false", "regex", "contains", "starts-with", "ends-with"})
# 1 and 0 are what true and false are as numbers, and 'true' comes out right by chance.
_HARMLESS = frozenset({"0", "1", "true"})


@dataclass(frozen=True, slots=True)
class _Slip:
    code: str
    english: str
    french: str


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each such slip, in any expression of the form."""
    for expression in examined.expressions:
        for slip in dict.fromkeys(_slips(expression, examined)):
            place = examined.at(expression.owner, *expression.role.columns)
            examined.tell_ruin(findings)(slip.code, place, slip.english, slip.french)


def _slips(expression: Expression, examined: Examined) -> Iterator[_Slip]:
    for node in walk(expression.tree):
        match node:
            case Binary(operator, left, right) if operator in _JOINING:
                yield from _alone(left, operator)
                yield from _alone(right, operator)
            case Call("not", (operand,)):
                yield from _alone(operand, "not()")
            case Binary(operator, left, right) if operator in _ORDER | _SAME:
                yield from _compared_again(node, left, right)
                yield from _compared_again(node, right, left)
                for answer, truth in ((left, right), (right, left)):
                    if operator in _SAME and isinstance(truth, Call) and truth.function in ("true", "false"):
                        yield from _choice_against(answer, truth, expression.owner, examined)
            case _:
                pass


def _alone(operand: XPath, beside: str) -> Iterator[_Slip]:
    written = written_literal(operand)
    if written is None or not written.strip() or (isinstance(operand, Number) and float(written) in (0, 1)):
        return
    said = f"'{written}'" if isinstance(operand, Text) else written
    yield _Slip(
        "text_as_condition",
        f"{said} stands alone with `{beside}`, where it is always true. Repeat the question: `${{a}} = 'x' or ${{a}} = "
        "'y'`.",
        f"{said} est seul avec `{beside}`, où il est toujours vrai. Répétez la question : `${{a}} = 'x' or ${{a}} = "
        "'y'`.",
    )


def _compared_again(whole: Binary, side: XPath, other: XPath) -> Iterator[_Slip]:
    is_order = isinstance(side, Binary) and side.operator in _ORDER
    is_same = isinstance(side, Binary) and side.operator in _SAME
    literal = written_literal(other)
    if whole.operator in _ORDER:
        # `(a > 1) + (b > 1) >= 2` counts; only a comparison itself cannot be more or less.
        is_slip = is_order or (is_same and not isinstance(other, Binary | Call))
    else:
        is_truth = is_order or is_same or (isinstance(side, Call) and side.function in _TRUE_OR_FALSE)
        is_slip = is_truth and literal is not None and literal != "" and literal not in _HARMLESS
    if is_slip:
        yield _Slip(
            "comparison_compared",
            f"`{whole.operator}` compares the outcome of a comparison, true or false, with something else. Join two "
            "comparisons with `and`: `. >= 18 and . <= 99`.",
            f"`{whole.operator}` compare le résultat d'une comparaison, vrai ou faux, avec autre chose. Reliez deux "
            "comparaisons par `and` : `. >= 18 and . <= 99`.",
        )


def _choice_against(answer: XPath, truth: Call, owner: str, examined: Examined) -> Iterator[_Slip]:
    path = resolve(answer, owner) if isinstance(answer, Path) else None
    question = examined.form.by_path.get(path or "")
    if question is None or question.type != "select_one" or question.calculation is not None:
        return
    codes = examined.codes(question)
    if len(codes) > 1:
        yield _Slip(
            "choice_compared_with_truth",
            f"{truth.function}() is no choice of {question.name}: every choice counts as true, no answer as false. "
            f"Write a choice: `= '{codes[0]}'`.",
            f"{truth.function}() n'est pas un choix de {question.name} : tout choix compte comme vrai, l'absence de "
            f"réponse comme fausse. Écrivez un choix : `= '{codes[0]}'`.",
        )
