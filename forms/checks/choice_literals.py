"""Tell of literals that no answer can equal: `${sex} = 'F'` where the choices are f and m.

pyxform and ODK Validate check that the question exists, not that the choice does; the condition is then never true.
"""

import math
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question
from forms.logic.answers import as_number
from forms.logic.exclusive import stands_alone
from forms.logic.expressions import Expression, Role
from forms.nearest import did_you_mean, listed, nearest
from forms.text import Bilingual
from forms.xpath.references import Comparison, comparisons

CODES: Mapping[str, Bilingual] = {
    "literal_no_choice": Bilingual(
        "An expression compares an answer with a text or number that is no choice of the question.",
        "Une expression compare une réponse avec un texte ou un nombre qui n'est pas un choix de la question.",
    ),
    "multiple_compared_whole": Bilingual(
        "A select_multiple is compared with `=`, which is true only where that choice is the only one.",
        "Un select_multiple est comparé avec `=`, ce qui n'est vrai que si ce choix est le seul coché.",
    ),
}

_NAMES_ONE_CHOICE = frozenset({"selected", "in", "jr:choice-name"})


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each literal that is no choice, and for each select_multiple compared as a whole."""
    for expression in examined.expressions:
        told: set[str] = set()
        for comparison in dict.fromkeys(comparisons(expression.tree, expression.owner)):
            question = examined.form.by_path.get(comparison.path)
            if question is None or comparison.literal == "":
                continue
            codes = examined.codes(question)
            if codes:
                _check_literal(comparison, question, codes, expression, examined, findings)
                if question.path not in told and _is_compared_whole(comparison, question, expression, examined):
                    told.add(question.path)
                    _tell_whole(comparison, question, expression, examined, findings)


def _check_literal(
    comparison: Comparison,
    question: Question,
    codes: tuple[str, ...],
    expression: Expression,
    examined: Examined,
    findings: Findings,
) -> None:
    if comparison.operator not in ("=", "!=", *_NAMES_ONE_CHOICE):
        return
    is_answer = question.is_multiple and comparison.operator in ("=", "!=")
    for word in comparison.literal.split() if is_answer else (comparison.literal,):
        if _is_choice(word, codes):
            continue
        meant = nearest(word, codes) or _labelled(word, question, examined)
        english, french = did_you_mean(meant)
        outcome_en, outcome_fr = (
            ("always", "est toujours") if comparison.operator == "!=" else ("never", "n'est jamais")
        )
        # A file may be renewed without the form.
        tell = examined.tell_ruin(findings) if question.file_name is None else findings.warning
        tell(
            "literal_no_choice",
            examined.at(expression.owner, *expression.role.columns),
            f"'{word}' is no choice of {question.name}.{english} The choices are {listed(codes)}. Correct it: as it "
            f"stands, this comparison is {outcome_en} true.",
            f"« {word} » n'est pas un choix de {question.name}.{french} Les choix sont {listed(codes)}. Corrigez-le : "
            f"en l'état, cette comparaison {outcome_fr} vraie.",
        )


def _is_choice(word: str, codes: tuple[str, ...]) -> bool:
    if word in codes:
        return True
    number = as_number(word)
    return not math.isnan(number) and any(as_number(code) == number for code in codes)


def _labelled(word: str, question: Question, examined: Examined) -> str | None:
    """The choice whose label was written in place of its name."""
    plain = word.strip().casefold()
    return next(
        (
            choice.name
            for choice in examined.form.choices(question)
            if plain in {label.strip().casefold() for label in choice.labels.values()}
        ),
        None,
    )


def _is_compared_whole(comparison: Comparison, question: Question, expression: Expression, examined: Examined) -> bool:
    """Whether a select_multiple is compared with one choice; a choice that excludes the others may be."""
    is_whole = question.type == "select_multiple" and comparison.operator in ("=", "!=")
    if not is_whole or expression.role is Role.CONSTRAINT or question.calculation is not None:
        return False
    choice = next((each for each in examined.form.choices(question) if each.name == comparison.literal), None)
    return choice is not None and not stands_alone(choice)


def _tell_whole(
    comparison: Comparison, question: Question, expression: Expression, examined: Examined, findings: Findings
) -> None:
    selected = f"selected(${{{question.name}}}, '{comparison.literal}')"
    written = selected if comparison.operator == "=" else f"not({selected})"
    compared = f"`{comparison.operator} '{comparison.literal}'`"
    findings.warning(
        "multiple_compared_whole",
        examined.at(expression.owner, *expression.role.columns),
        f"{question.name} takes several answers, and {compared} compares all of them at once: it is true for one "
        f"answer alone. Write `{written}`.",
        f"{question.name} accepte plusieurs réponses, et {compared} les compare toutes ensemble : ce n'est vrai "
        f"que si une seule est cochée. Écrivez `{written}`.",
    )
