"""Tell of choice filters that compare no column with an answer: `${region}` alone, `${region} = ${region}`."""

from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.logic.claims import conjuncts
from forms.logic.expressions import Role
from forms.text import Bilingual
from forms.xpath.references import resolve
from forms.xpath.tree import Binary, Path, XPath, bare_name, written_literal

CODES: Mapping[str, Bilingual] = {
    "filter_compares_nothing": Bilingual(
        "A choice filter compares no column of the choices with an answer, so it shows all choices or none.",
        "Un filtre de choix ne compare aucune colonne des choix à une réponse : il montre tous les choix ou aucun.",
    ),
}

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each filter with a part that looks at no column."""
    for expression in examined.expressions:
        if expression.role is not Role.CHOICE_FILTER:
            continue
        if any(_compares_nothing(part, expression.owner) for part in conjuncts(expression.tree)):
            findings.warning(
                "filter_compares_nothing",
                examined.at(expression.owner, *expression.role.columns),
                "This filter does not look at the choices: all of them are shown, or none. Compare a column of the "
                "sheet choices with an answer: `region = ${region}`.",
                "Ce filtre ne regarde pas les choix : ils s'affichent tous, ou aucun. Comparez une colonne de la "
                "feuille choices à une réponse : `region = ${region}`.",
            )


def _compares_nothing(part: XPath, owner: str) -> bool:
    """Whether a part is an answer, column or literal alone, or compares two answers.

    An answer compared with a literal is passed: some filters show all choices or none on purpose.
    """
    match part:
        case Binary(operator, left, right) if operator in _COMPARISONS:
            return _is_answer(left, owner) and _is_answer(right, owner)
        case _:
            return _is_answer(part, owner) or bare_name(part) is not None or written_literal(part) is not None


def _is_answer(tree: XPath, owner: str) -> bool:
    return (
        isinstance(tree, Path)
        and (tree.is_absolute or tree.of is not None)
        and bare_name(tree) is None
        and resolve(tree, owner) is not None
    )
