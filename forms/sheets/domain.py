"""Read which part of the population a row of `population` or `quotas` is about: variables crossed, a code of each."""

from dataclasses import dataclass

from forms.finding import Findings
from forms.interpretation import DesignRow
from forms.sheets.cells import OurRow
from forms.sheets.scope import Scope
from forms.sheets.tables import is_categorical


@dataclass(frozen=True, slots=True)
class Domain:
    """Variables, and for each the word of its cell: a code, or a keyword that the sheet allows in its place."""

    variable: tuple[str, ...]
    value: tuple[str, ...]


def read_domain(row: OurRow, scope: Scope, findings: Findings, *, keywords: tuple[str, ...] = ()) -> Domain | None:
    """Return what `variable` and `value` name, or None with findings where they cannot be read.

    keywords: words that may stand in the place of a code.
    """
    if row.broken & {"variable", "value"}:
        return None
    variable = tuple(name.strip() for name in row.text("variable").split("*"))
    value = tuple(code.strip() for code in row.text("value").split("*"))
    if len(variable) != len(value) or "" in (*variable, *value) or len(set(variable)) < len(variable):
        findings.error(
            "domain_malformed",
            row.at("value"),
            "variable and value cross as many different names as codes: `area_id*sex` and `ML0506*f`.",
            "variable et value croisent autant de noms différents que de codes : `area_id*sex` et `ML0506*f`.",
        )
        return None
    names_known = [is_categorical(name, scope, row.at("variable"), findings, repeat=None) for name in variable]
    codes_known = [
        code in keywords or _is_code(code, name, row, scope, findings)
        for name, code, known in zip(variable, value, names_known, strict=True)
        if known
    ]
    return Domain(variable, value) if all(names_known) and all(codes_known) else None


def read_round(row: OurRow, scope: Scope, design: DesignRow | None, findings: Findings) -> str | None:
    """Return the round that a row holds for, or None for all."""
    written = row.text("round")
    if not written:
        return None
    subject = scope.find(design.round) if design is not None and design.round is not None else None
    if subject is None:
        findings.error(
            "round_undeclared",
            row.at("round"),
            "The sheet design does not name the question of the round: add the key round, or leave this cell blank.",
            "La feuille design ne nomme pas la question de la vague : ajoutez la clé round, ou videz cette cellule.",
        )
    elif subject.valid_codes is not None and written not in subject.valid_codes:
        findings.error(
            "round_unknown",
            row.at("round"),
            f"{written!r} is no choice of {subject.name}: choices are {' '.join(subject.valid_codes)}.",
            f"{written!r} n'est pas un choix de {subject.name} : les choix sont {' '.join(subject.valid_codes)}.",
        )
    return written


def _is_code(code: str, name: str, row: OurRow, scope: Scope, findings: Findings) -> bool:
    subject = scope.find(name)
    codes = subject.valid_codes if subject is not None else None
    if codes is None or code in codes:
        return True
    findings.error(
        "domain_value_unknown",
        row.at("value"),
        f"{code!r} is no valid choice of {name}: choices are {' '.join(codes)}.",
        f"{code!r} n'est pas un choix valide de {name} : les choix sont {' '.join(codes)}.",
    )
    return False
