"""Read which tables are declared: variables and their crossings, `area_id sex area_id*sex`."""

import re
from typing import TypeAlias

from forms.finding import Findings, Place
from forms.sheets.cells import words_of
from forms.sheets.expressions import unknown_name
from forms.sheets.scope import Scope, is_around

Tables: TypeAlias = tuple[tuple[str, ...], ...]
"""Declared tables, each the variables it crosses; `()` is the total."""

TOTAL = "total"

_CROSS = re.compile(r"\s*\*\s*")


def read_tables(text: str, scope: Scope, place: Place, findings: Findings, *, repeat: str | None = None) -> Tables:
    """Return the declared tables in order; `total` is `()`. What cannot be a table is a finding and left out.

    repeat: the path of the repeat whose rows are tabled, or None for the form's own rows.
    """
    tables: list[tuple[str, ...]] = []
    for word in words_of(_CROSS.sub("*", text)):
        names = () if word.casefold() == TOTAL else tuple(word.split("*"))
        if len(set(names)) < len(names) or "" in names:
            findings.error(
                "table_malformed",
                place,
                f"`{word}` is no table: cross two different variables, `area_id*sex`.",
                f"`{word}` n'est pas un tableau : croisez deux variables différentes, `area_id*sex`.",
            )
        else:
            fitting = tuple(name for name in names if is_categorical(name, scope, place, findings, repeat=repeat))
            if fitting == names:
                tables.append(names)
    return tuple(dict.fromkeys(tables))


def is_categorical(name: str, scope: Scope, place: Place, findings: Findings, *, repeat: str | None) -> bool:
    """Whether a name stands for one answer of a closed list in each row; if not, a finding says why."""
    subject = scope.find(name)
    if subject is None:
        unknown_name(name, scope, place, findings)
        return False
    if subject.type != "select_one":
        findings.error(
            "not_categorical",
            place,
            f"{name} has no categories (it is {subject.type}): derive a select_one from it and name that.",
            f"{name} n'a pas de catégories (son type est {subject.type}) : dérivez-en un select_one et nommez-le.",
        )
        return False
    if not is_around(subject.repeat, repeat):
        findings.error(
            "repeat_not_the_unit",
            place,
            f"{name} has one answer a row of the repeat {subject.repeat}, so it cannot sort whole records. Derive one "
            "value a record from it.",
            f"{name} a une réponse par ligne de la répétition {subject.repeat} et ne peut donc classer des fiches "
            "entières. Dérivez-en une valeur par fiche.",
        )
        return False
    return True
