"""Tell of conditions joined by `or` that are true of every answer: `. > 0 or . < 120`, `!= 'x' or != 'y'`."""

from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.logic.claims import alternatives, conjuncts
from forms.logic.expressions import Expression, Role
from forms.logic.possible import Condition, Possibilities
from forms.text import Bilingual
from forms.xpath.references import references
from forms.xpath.tree import SELF, Binary, Call, Path, Text, XPath

CODES: Mapping[str, Bilingual] = {
    "always_true": Bilingual(
        "A condition with `or` is true whatever is answered; `and` was meant.",
        "Une condition avec `or` est vraie quelle que soit la réponse ; il fallait `and`.",
    ),
}

_ANSWERED = Binary("!=", Path((SELF,)), Text(""))


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each `or` that must hold for a question and always does."""
    for expression in examined.expressions:
        if expression.role not in (Role.RELEVANT, Role.CONSTRAINT):
            continue
        if any(_is_slip(part, expression, examined) for part in conjuncts(expression.tree)):
            examined.tell_ruin(findings)(
                "always_true",
                examined.at(expression.owner, *expression.role.columns),
                "Whatever is answered, one side of `or` is true, so this condition never holds anything back. Write "
                "`and`.",
                "Quelle que soit la réponse, un côté de `or` est vrai : cette condition ne retient jamais rien. "
                "Écrivez `and`.",
            )


def _is_slip(part: XPath, expression: Expression, examined: Examined) -> bool:
    if not isinstance(part, Binary) or part.operator != "or" or not references(part, expression.owner):
        return False
    sides = tuple(alternatives(part))
    # Several that shut something out, joined by `or`, shut out nothing; `< 5 or >= 5` may ask whether it was answered.
    if expression.role is Role.RELEVANT and not all(_excludes(side) for side in sides):
        return False
    return _is_always_true(part, expression, examined) and not any(
        _is_always_true(side, expression, examined) for side in sides
    )


def _excludes(tree: XPath) -> bool:
    """Whether a condition shuts something out."""
    return (isinstance(tree, Binary) and tree.operator == "!=") or (isinstance(tree, Call) and tree.function == "not")


def _is_always_true(tree: XPath, expression: Expression, examined: Examined) -> bool:
    """Whether no answers make it false. A constraint is asked only of what was answered, and not of its own leave."""
    possibilities = examined.possibilities
    conditions = [Condition(expression.owner, Call("not", (tree,)))]
    if expression.role is Role.CONSTRAINT:
        question = examined.form.by_path.get(expression.owner)
        if question is None or examined.codes(question):
            return False
        others = {path: each for path, each in possibilities.constraints.items() if path != expression.owner}
        possibilities = Possibilities(examined.form, others)
        conditions.append(Condition(expression.owner, _ANSWERED))
    return not possibilities.can_all_hold(conditions)
