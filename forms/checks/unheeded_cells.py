"""Tell of cells that do nothing, or that nobody can satisfy: a required note, a calculation over an answer."""

from collections.abc import Mapping

from forms.examined import Examined, groups_around
from forms.finding import Findings
from forms.form import Question
from forms.logic.expressions import Role
from forms.text import Bilingual
from forms.xpath.tree import functions_called

CODES: Mapping[str, Bilingual] = {
    "required_never_answered": Bilingual(
        "Something that nobody can answer is required, so the form can never be finished.",
        "Ce que personne ne peut saisir est obligatoire : le formulaire ne peut jamais être terminé.",
    ),
    "calculation_overwrites": Bilingual(
        "A question that people answer has a calculation, which overwrites the answer.",
        "Une question à laquelle on répond a un calcul, qui écrase la réponse.",
    ),
    "repeat_empty": Bilingual(
        "A repeat holds no question; ODK Validate refuses an empty group, but passes an empty repeat.",
        "Une répétition ne contient aucune question ; ODK Validate ne refuse que les groupes vides.",
    ),
}

_UNASKED = frozenset({"calculate", "hidden", "start", "end", "today", "deviceid", "username", "audit"})


def check(examined: Examined, findings: Findings) -> None:
    """Add findings about the questions of the workbook."""
    for question in examined.form.questions:
        if question.path in examined.rows:
            _check_required(question, examined, findings)
            _check_calculation(question, examined, findings)
    filled = {group for path in examined.rows for group in groups_around(path)}
    for repeat in examined.form.repeats:
        if repeat in examined.rows and repeat not in filled:
            name = examined.rows[repeat].name
            findings.warning(
                "repeat_empty",
                examined.at(repeat, "name"),
                f"The repeat {name} holds no question. Delete it, or move questions into it.",
                f"La répétition {name} ne contient aucune question. Supprimez-la ou déplacez-y des questions.",
            )


def _check_required(question: Question, examined: Examined, findings: Findings) -> None:
    is_filled = question.calculation is not None or examined.cell(question.path, "default", "trigger") != ""
    # A required note under a condition is a known way of stopping an interview: it is meant.
    is_stop = bool(examined.relevant_for(question.path))
    is_unanswerable = question.type == "note" or (question.read_only and question.type not in _UNASKED)
    if question.required == "true()" and is_unanswerable and not is_filled and not is_stop:
        examined.tell_ruin(findings)(
            "required_never_answered",
            examined.at(question.path, *Role.REQUIRED.columns),
            f"{question.name} is required and nobody can answer it, so the form can never be finished. Empty the cell "
            "required.",
            f"{question.name} est obligatoire et personne ne peut y répondre : le formulaire ne peut être terminé. "
            "Videz la cellule required.",
        )


def _check_calculation(question: Question, examined: Examined, findings: Findings) -> None:
    is_asked = question.type not in _UNASKED and question.type != "note" and bool(question.labels)
    if not is_asked or question.read_only or question.calculation is None or examined.cell(question.path, "trigger"):
        return
    trees = [each.tree for each in examined.expressions_of(question.path) if each.role is Role.CALCULATION]
    if not trees or any("once" in functions_called(tree) for tree in trees):
        return
    findings.warning(
        "calculation_overwrites",
        examined.at(question.path, *Role.CALCULATION.columns),
        f"The calculation overwrites the answer to {question.name}. Set read_only, or move it to default or to "
        "a calculate.",
        f"Le calcul écrase la réponse à {question.name}. Remplissez read_only, ou déplacez-le vers default ou un "
        "calculate.",
    )
