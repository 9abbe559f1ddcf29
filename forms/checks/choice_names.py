"""Tell of choice names that are easily taken for one another, or that a list of answers would tear apart."""

import math
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Choice
from forms.logic.answers import as_number
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "choice_name_with_space": Bilingual(
        "A choice's name holds a space, which separates the answers of a select_multiple.",
        "Le nom d'un choix contient un espace, qui sépare les réponses d'un select_multiple.",
    ),
    "choice_names_alike": Bilingual(
        "Two choices of a list have names that programs take for one: `1` and `01`, `A` and `a`.",
        "Deux choix d'une liste ont des noms que les logiciels confondent : `1` et `01`, `A` et `a`.",
    ),
    "choices_labelled_alike": Bilingual(
        "Two choices of a list have the same label, so nobody can tell them apart on the tablet.",
        "Deux choix d'une liste ont le même libellé : impossible de les distinguer sur la tablette.",
    ),
}


def check(examined: Examined, findings: Findings) -> None:
    """Add findings about the names and labels of the choices, list by list."""
    filtered = {question.list_name for question in examined.form.questions if question.choice_filter is not None}
    for list_name, choices in examined.form.lists.items():
        _tell_spaces(list_name, choices, examined, findings)
        _tell_alike(list_name, choices, examined, findings)
        if list_name not in filtered:
            _tell_labels(list_name, choices, examined, findings)


def _tell_spaces(list_name: str, choices: tuple[Choice, ...], examined: Examined, findings: Findings) -> None:
    spaced = [choice.name for choice in choices if len(choice.name.split()) > 1]
    if spaced:
        names = ", ".join(f"`{name}`" for name in spaced[:5]) + (f" … ({len(spaced)})" if len(spaced) > 5 else "")
        findings.warning(
            "choice_name_with_space",
            examined.at_choice(list_name, spaced[0], "name", "value"),
            f"Names of choices in {list_name} hold spaces: {names}. Write underscores; the label may hold spaces.",
            f"Des noms de choix de {list_name} contiennent des espaces : {names}. Mettez des tirets bas ; le libellé "
            "peut avoir des espaces.",
        )


def _tell_alike(list_name: str, choices: tuple[Choice, ...], examined: Examined, findings: Findings) -> None:
    met: dict[object, str] = {}
    for name in dict.fromkeys(choice.name for choice in choices):
        number = as_number(name)
        key: object = name.casefold() if math.isnan(number) else number
        other = met.setdefault(key, name)
        if other != name:
            findings.warning(
                "choice_names_alike",
                examined.at_choice(list_name, name, "name", "value"),
                f"{name} and {other} of the list {list_name} are one answer to many programs. Rename one.",
                f"{name} et {other} de la liste {list_name} sont une même réponse pour bien des logiciels. Renommez-en "
                "un.",
            )


def _tell_labels(list_name: str, choices: tuple[Choice, ...], examined: Examined, findings: Findings) -> None:
    met: dict[tuple[str, str], str] = {}
    for choice in choices:
        for language, label in choice.labels.items():
            other = met.setdefault((language, label.strip().casefold()), choice.name)
            if other != choice.name:
                column = "label" if language == "default" else f"label::{language.casefold().replace(' ', '_')}"
                findings.warning(
                    "choices_labelled_alike",
                    examined.at_choice(list_name, choice.name, column, "label", "name"),
                    f"{choice.name} and {other} of the list {list_name} are both called “{label}”. Tell them apart.",
                    f"{choice.name} et {other} de la liste {list_name} s'appellent tous deux « {label} ». "
                    "Distinguez-les.",
                )
                break
