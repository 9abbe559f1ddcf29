"""Tell of sums that come out blank: `${first} + ' ' + ${last}`, choices that are words, an answer that was skipped."""

import math
from collections.abc import Iterator, Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question
from forms.logic.answers import as_number
from forms.logic.expressions import Expression, Role
from forms.text import Bilingual
from forms.xpath.references import resolve
from forms.xpath.tree import Binary, Negation, Path, Text, XPath, walk

CODES: Mapping[str, Bilingual] = {
    "text_calculated": Bilingual(
        "A calculation adds or multiplies a text or a choice that is no number, so it is always blank.",
        "Un calcul additionne ou multiplie un texte ou un choix qui n'est pas un nombre : il est toujours vide.",
    ),
    "sum_with_skipped": Bilingual(
        "A sum adds an answer that is not always asked for, and is blank where it is not.",
        "Une somme additionne une réponse qui n'est pas toujours demandée, et reste vide sans elle.",
    ),
}

_ARITHMETIC = frozenset({"+", "-", "*", "div", "mod"})


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each operand that is no number, and for each that may be missing in a sum."""
    for expression in examined.expressions:
        for operand in dict.fromkeys(_operands(expression.tree)):
            if _is_word(operand, expression, examined):
                _tell_word(operand, expression, examined, findings)
        if expression.role is Role.CALCULATION:
            _check_skipped(expression, examined, findings)


def _operands(tree: XPath) -> Iterator[Text | Path]:
    """The texts and answers that are added, multiplied and so on."""
    for node in walk(tree):
        operands: tuple[XPath, ...] = ()
        match node:
            case Binary(operator, left, right) if operator in _ARITHMETIC:
                operands = (left, right)
            case Negation(operand):
                operands = (operand,)
            case _:
                pass
        yield from (each for each in operands if isinstance(each, Text | Path))


def _is_word(operand: XPath, expression: Expression, examined: Examined) -> bool:
    if isinstance(operand, Text):
        return math.isnan(as_number(operand.value))
    question = _question(operand, expression.owner, examined)
    if question is None or question.calculation is not None:
        return False
    codes = examined.codes(question)
    return bool(codes) and all(math.isnan(as_number(code)) for code in codes)


def _question(operand: XPath, owner: str, examined: Examined) -> Question | None:
    path = resolve(operand, owner) if isinstance(operand, Path) else None
    return examined.form.by_path.get(path or "")


def _tell_word(operand: XPath, expression: Expression, examined: Examined, findings: Findings) -> None:
    question = _question(operand, expression.owner, examined)
    if question is not None:
        english = f"The choices of {question.name} are words, no numbers: this is always blank. Use if()."
        french = f"Les choix de {question.name} sont des mots, pas des nombres : c'est toujours vide. Utilisez if()."
    else:
        written = operand.value if isinstance(operand, Text) else ""
        english = f"'{written}' is no number: this is always blank. To join texts write concat(…, …)."
        french = f"« {written} » n'est pas un nombre : c'est toujours vide. Pour joindre des textes : concat(…, …)."
    examined.tell_ruin(findings)(
        "text_calculated", examined.at(expression.owner, *expression.role.columns), english, french
    )


def _check_skipped(expression: Expression, examined: Examined, findings: Findings) -> None:
    """A sum of answers of which some are under a condition that the others and the sum itself are not under."""
    added = [_question(each, expression.owner, examined) for each in _added(expression.tree)]
    asked = [each for each in added if each is not None and each.calculation is None]
    here = _conditions(expression.owner, examined)
    always = [each for each in asked if _conditions(each.path, examined) <= here]
    skipped = [each.name for each in asked if _is_under_more(each, here, expression, examined)]
    if always and skipped:
        names = " ".join(dict.fromkeys(skipped))
        first = skipped[0]
        findings.warning(
            "sum_with_skipped",
            examined.at(expression.owner, *expression.role.columns),
            f"Where these are not asked, the whole sum is blank: {names}. Write coalesce(${{{first}}}, 0) for "
            f"${{{first}}}.",
            f"Là où ces questions ne sont pas posées, toute la somme est vide : {names}. Écrivez "
            f"coalesce(${{{first}}}, 0) au lieu de ${{{first}}}.",
        )


def _added(tree: XPath) -> Iterator[XPath]:
    """The terms of a sum; nothing of what is no sum."""
    waiting: list[XPath] = [tree] if isinstance(tree, Binary) and tree.operator == "+" else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Binary) and node.operator == "+":
            waiting.extend((node.right, node.left))
        else:
            yield node


def _conditions(path: str, examined: Examined) -> set[str]:
    return {examined.relevant[condition.owner].text for condition in examined.relevant_for(path)}


def _is_under_more(question: Question, here: set[str], expression: Expression, examined: Examined) -> bool:
    conditions = _conditions(question.path, examined) - here
    same_repeat = question.repeat is None or f"{expression.owner}/".startswith(f"{question.repeat}/")
    return bool(conditions) and same_repeat and not examined.cell(question.path, "default")
