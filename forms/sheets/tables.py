"""Read which tables are declared: variables and their crossings, `area_id sex area_id*sex`."""

from typing import TypeAlias

from forms.sheets.cells import words_of
from forms.sheets.expressions import unknown_name
from forms.sheets.findings import Findings, Place
from forms.sheets.scope import Scope

Tables: TypeAlias = tuple[tuple[str, ...], ...]
"""Declared tables, each the variables it crosses; `()` is the total."""

TOTAL = "total"


def read_tables(text: str, scope: Scope, place: Place, findings: Findings) -> Tables:
    """Return the declared tables in order; `total` is `()`. What cannot be a table is a finding and left out."""
    tables: list[tuple[str, ...]] = []
    for word in words_of(text.replace(" *", "*").replace("* ", "*")):
        names = () if word == TOTAL else tuple(word.split("*"))
        if len(set(names)) < len(names) or "" in names:
            findings.error(
                "table_malformed",
                place,
                f"`{word}` is no table: cross two different variables, `area_id*sex`.",
                f"`{word}` n'est pas un tableau : croisez deux variables différentes, `area_id*sex`.",
            )
        else:
            fitting = tuple(name for name in names if _is_categorical(name, scope, place, findings))
            if fitting == names:
                tables.append(names)
    return tuple(dict.fromkeys(tables))


def _is_categorical(name: str, scope: Scope, place: Place, findings: Findings) -> bool:
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
    return True
