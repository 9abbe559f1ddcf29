"""Tell of choices that exclude the others (none, does not know, refused) and that nothing keeps alone."""

from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question
from forms.logic.exclusive import stands_alone
from forms.logic.expressions import Role
from forms.logic.own_constraint import accepts
from forms.nearest import listed
from forms.text import Bilingual
from forms.xpath.references import comparisons
from forms.xpath.tree import XPath, functions_called

CODES: Mapping[str, Bilingual] = {
    "exclusive_choice_unguarded": Bilingual(
        "A select_multiple lets `none`, `does not know` or `refused` be ticked together with other choices.",
        "Un select_multiple laisse cocher « aucun », « ne sait pas » ou « refuse » avec d'autres choix.",
    ),
}


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each select_multiple whose constraint or filter does not keep such a choice alone."""
    conditions: dict[str, list[XPath]] = {}
    for expression in examined.expressions:
        if expression.role in (Role.CONSTRAINT, Role.CHOICE_FILTER):
            conditions.setdefault(expression.owner, []).append(expression.tree)
    for question in examined.form.questions:
        # The appearance `label` heads a table: nobody ticks anything in it.
        if question.type == "select_multiple" and "label" not in (question.appearance or "").split():
            _check(question, conditions.get(question.path, []), examined, findings)


def _check(question: Question, conditions: list[XPath], examined: Examined, findings: Findings) -> None:
    choices = examined.form.choices(question)
    alone = [choice.name for choice in choices if stands_alone(choice)]
    other = next((choice.name for choice in choices if choice.name not in alone), None)
    named = {each.literal for tree in conditions for each in comparisons(tree, question.path)}
    unguarded = [
        name
        for name in alone
        if not any(_keeps_alone(tree, question, name, other or "", is_named=name in named) for tree in conditions)
    ]
    if not unguarded or other is None:
        return
    tests = " or ".join(f"selected(., '{name}')" for name in alone)
    rule = f"not(({tests}) and count-selected(.) > 1)" if len(alone) > 1 else f"not({tests} and count-selected(.) > 1)"
    english, french = f"Write in constraint: `{rule}`.", f"Écrivez dans constraint : `{rule}`."
    if question.constraint is not None:
        english, french = f"Add to the constraint: `and {rule}`.", f"Ajoutez à la contrainte : `and {rule}`."
    findings.warning(
        "exclusive_choice_unguarded",
        examined.at(question.path, *Role.CONSTRAINT.columns, "type"),
        f"{listed(unguarded)} of {question.name} can be ticked together with other choices. {english}",
        f"On peut cocher {listed(unguarded)} de {question.name} avec d'autres choix. {french}",
    )


def _keeps_alone(condition: XPath, question: Question, name: str, other: str, *, is_named: bool) -> bool:
    """Whether a constraint refuses the choice beside another, in whichever order they were ticked.

    Where other answers decide, naming the choice, or counting without naming any, is taken for it.
    """
    told = [accepts(condition, question, answer) for answer in (f"{name} {other}", f"{other} {name}")]
    if None in told:
        return is_named or "count-selected" in functions_called(condition)
    return not any(told)
