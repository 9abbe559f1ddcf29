"""Tell of constraints that no answer satisfies, that guard nothing, or that do not say what is wrong."""

from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question
from forms.logic.claims import claim_of, comparisons_in, takes_numbers
from forms.logic.expressions import Expression, Role
from forms.logic.own_constraint import accepts
from forms.nearest import listed
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.xpath.references import references

CODES: Mapping[str, Bilingual] = {
    "constraint_never_true": Bilingual(
        "No answer satisfies the constraint, so the question can only be left blank.",
        "Aucune réponse ne satisfait la contrainte : la question ne peut que rester vide.",
    ),
    "constraint_forbids_choices": Bilingual(
        "A constraint refuses a choice that the question offers.",
        "Une contrainte refuse un choix que la question propose.",
    ),
    "constraint_ignored": Bilingual(
        "A constraint stands on what nobody answers, so it is never checked.",
        "Une contrainte porte sur ce que personne ne saisit : elle n'est jamais vérifiée.",
    ),
    "constraint_of_another": Bilingual(
        "A constraint holds limits for another question's answer and does not look at its own.",
        "Une contrainte limite la réponse d'une autre question et ne regarde pas la sienne.",
    ),
    "constraint_unexplained": Bilingual(
        "A constraint has no message, so the enumerator reads a general one.",
        "Une contrainte n'a pas de message : l'enquêteur lit un message général.",
    ),
}

_NEVER_ANSWERED = frozenset({"calculate", "note", "hidden", "start", "end", "today", "deviceid", "username"})


def check(examined: Examined, findings: Findings) -> None:
    """Add findings about the constraints of the form."""
    unexplained: list[str] = []
    for expression in examined.expressions:
        question = examined.form.by_path.get(expression.owner)
        if expression.role is not Role.CONSTRAINT or question is None:
            continue
        if question.type in _NEVER_ANSWERED:
            _tell_ignored(question, examined, findings)
            continue
        _check_answers(question, expression, examined, findings)
        _check_own(question, expression, examined, findings)
        if not question.constraint_messages:
            unexplained.append(question.path)
    if unexplained:
        names = listed([path.rsplit("/", 1)[-1] for path in unexplained])
        header = header_of(examined.survey, ("constraint_message",))
        place = examined.at(unexplained[0], header or "constraint")
        findings.info(
            "constraint_unexplained",
            place,
            f"The constraint says nothing to the enumerator: {names}. Fill in constraint_message.",
            f"La contrainte ne dit rien à l'enquêteur : {names}. Remplissez constraint_message.",
        )


def _check_answers(question: Question, expression: Expression, examined: Examined, findings: Findings) -> None:
    place = examined.at(question.path, *Role.CONSTRAINT.columns)
    answers = examined.possibilities.allowed(question)
    if answers is not None and not any(answers):
        examined.tell_ruin(findings)(
            "constraint_never_true",
            place,
            f"No answer to {question.name} satisfies this constraint. Correct it: nobody can answer the question.",
            f"Aucune réponse à {question.name} ne satisfait cette contrainte. Corrigez-la : personne ne peut répondre.",
        )
        return
    codes = examined.codes(question)
    if question.type != "select_one" or question.calculation is not None:
        return
    refused = [code for code in codes if accepts(expression.tree, question, code) is False]
    if refused:
        findings.info(
            "constraint_forbids_choices",
            place,
            f"The constraint refuses what {question.name} offers: {listed(refused)}. Take the choice out, or correct "
            "the constraint.",
            f"La contrainte refuse ce que {question.name} propose : {listed(refused)}. Retirez le choix ou corrigez la "
            "contrainte.",
        )


def _check_own(question: Question, expression: Expression, examined: Examined, findings: Findings) -> None:
    """A number whose constraint is nothing but limits for another number that is asked."""
    claim = claim_of(expression.tree, question.path, examined.form)
    others = {each.path for each in comparisons_in(claim) if each.is_ordered}
    if len(others) != 1 or set(references(expression.tree, question.path)) != others - {question.path}:
        return
    other = examined.form.by_path[others.pop()]
    if takes_numbers(question) and takes_numbers(other) and other.calculation is None:
        examined.tell_ruin(findings)(
            "constraint_of_another",
            examined.at(question.path, *Role.CONSTRAINT.columns),
            f"This constraint looks at {other.name} and not at {question.name}: any {question.name} is accepted. Write "
            f"`.` in place of ${{{other.name}}}.",
            f"Cette contrainte regarde {other.name} et non {question.name} : toute réponse à {question.name} est "
            f"admise. Écrivez `.` au lieu de ${{{other.name}}}.",
        )


def _tell_ignored(question: Question, examined: Examined, findings: Findings) -> None:
    findings.warning(
        "constraint_ignored",
        examined.at(question.path, *Role.CONSTRAINT.columns),
        f"{question.name} is a {question.type}: nobody answers it, so its constraint is never checked. Move the "
        "constraint to a question.",
        f"{question.name} est de type {question.type} : personne n'y répond, sa contrainte n'est jamais vérifiée. "
        "Déplacez-la vers une question.",
    )
