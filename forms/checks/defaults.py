"""Tell of default answers that the question itself would refuse: no choice, against the constraint, of another type."""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question
from forms.logic.answers import NUMERIC
from forms.logic.expressions import Role, is_dynamic
from forms.logic.own_constraint import accepts
from forms.nearest import did_you_mean, listed, nearest
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "default_no_choice": Bilingual(
        "A default is no choice of its question.",
        "Une valeur par défaut n'est pas un choix de sa question.",
    ),
    "default_breaks_constraint": Bilingual(
        "A default breaks the constraint of its question.",
        "Une valeur par défaut enfreint la contrainte de sa question.",
    ),
    "default_of_another_type": Bilingual(
        "A default is no number or date where the question takes one.",
        "Une valeur par défaut n'est ni un nombre ni une date alors que la question en attend.",
    ),
}

_SHAPES = {
    "int": re.compile(r"-?\d+"),
    "decimal": re.compile(r"-?(?:\d+\.?\d*|\.\d+)"),
    "date": re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?"),
}


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each default that is no expression and does not fit its question."""
    for question in examined.form.questions:
        default = examined.cell(question.path, "default")
        if default and not is_dynamic(default):
            _check(question, default, examined, findings)


def _check(question: Question, default: str, examined: Examined, findings: Findings) -> None:
    place = examined.at(question.path, "default")
    codes = examined.codes(question)
    if codes:
        for word in default.split() if question.is_multiple else (default,):
            if word not in codes:
                english, french = did_you_mean(nearest(word, codes))
                examined.tell_ruin(findings)(
                    "default_no_choice",
                    place,
                    f"The default {word} is no choice of {question.name}.{english} The choices are {listed(codes)}.",
                    f"La valeur par défaut {word} n'est pas un choix de {question.name}.{french} Les choix sont "
                    f"{listed(codes)}.",
                )
                return
    shape = _SHAPES.get(question.data_type)
    if shape is not None and not shape.fullmatch(default):
        what_en, what_fr = ("number", "un nombre") if question.data_type in NUMERIC else ("date", "une date")
        written = "2026-01-31" if what_en == "date" else "5"
        examined.tell_ruin(findings)(
            "default_of_another_type",
            place,
            f"The default {default} is no {what_en} as {question.name} takes it. Write it like {written}.",
            f"La valeur par défaut {default} n'est pas {what_fr} comme {question.name} l'attend. Écrivez-la comme "
            f"{written}.",
        )
        return
    for expression in examined.expressions_of(question.path):
        if expression.role is Role.CONSTRAINT and accepts(expression.tree, question, default) is False:
            examined.tell_ruin(findings)(
                "default_breaks_constraint",
                place,
                f"The default {default} breaks the constraint of {question.name}. Correct one of them.",
                f"La valeur par défaut {default} enfreint la contrainte de {question.name}. Corrigez l'une des deux.",
            )
