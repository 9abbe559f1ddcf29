"""Tell of questions, groups and repeats that no answer can reach."""

from collections.abc import Iterator, Mapping

from forms.examined import Examined, groups_around
from forms.finding import Findings
from forms.form import Group, Question
from forms.logic.expressions import Expression
from forms.logic.possible import Condition
from forms.text import Bilingual
from forms.xpath.references import references

CODES: Mapping[str, Bilingual] = {
    "never_asked": Bilingual(
        "A question, group or repeat is relevant for no answers at all.",
        "Une question, un groupe ou une répétition n'est pertinent pour aucune réponse.",
    ),
    "always_hidden": Bilingual(
        "The condition of a question, group or repeat is false whatever is answered.",
        "La condition d'une question, d'un groupe ou d'une répétition est fausse quelles que soient les réponses.",
    ),
}


def check(examined: Examined, findings: Findings) -> None:
    """Add findings for what is never asked."""
    never: set[str] = set()
    for path in dict.fromkeys(each.path for each in _in_order(examined)):
        own = examined.relevant.get(path)
        is_told = own is None or bool(never.intersection(groups_around(path)))
        if own is not None and not is_told and _tell_never(own, examined, findings):
            never.add(path)


def _in_order(examined: Examined) -> Iterator[Group | Question]:
    """Groups, outer before inner, then questions: what stands in a group that is never asked is told once."""
    yield from examined.form.groups
    yield from examined.form.questions


def _tell_never(own: Expression, examined: Examined, findings: Findings) -> bool:
    possibilities = examined.possibilities
    condition = Condition(own.owner, own.tree)
    conditions = examined.relevant_for(own.owner)
    place = examined.at(own.owner, *own.role.columns)
    name = own.owner.rsplit("/", 1)[-1]
    if not possibilities.can_all_hold([condition]):
        if not references(own.tree, own.owner):
            findings.info(
                "always_hidden",
                place,
                f"{name} is never shown: its condition is false whatever is answered. Delete the row if nothing needs "
                "it.",
                f"{name} ne s'affiche jamais : sa condition est toujours fausse. Supprimez la ligne si elle est "
                "inutile.",
            )
        else:
            examined.tell_ruin(findings)(
                "never_asked",
                place,
                f"No answers make this condition true, so {name} is never asked. Compare it with the choices and "
                "constraints of the questions that it reads.",
                f"Aucune réponse ne rend cette condition vraie : {name} n'est jamais posé. Comparez-la aux choix et "
                "aux contraintes des questions qu'elle lit.",
            )
        return True
    if not possibilities.can_all_hold(conditions):
        group = conditions[-2].owner.rsplit("/", 1)[-1]
        examined.tell_ruin(findings)(
            "never_asked",
            place,
            f"{name} is never asked: its condition contradicts that of the group {group} around it. Correct one of "
            "them.",
            f"{name} n'est jamais posé : sa condition contredit celle du groupe {group} qui l'entoure. Corrigez l'une "
            "des deux.",
        )
        return True
    return False
