"""Tell of answers of a repeat that are shown or compared outside it, as if there were one.

ODK Validate refuses that under relevant, required and calculation with its place, in a choice filter without one, and
passes it in texts and constraints.
"""

from collections.abc import Iterator, Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.form import Question
from forms.logic.expressions import Role
from forms.text import Bilingual
from forms.workbook.references import REFERENCE
from forms.workbook.text_columns import text_column
from forms.xpath.references import resolve
from forms.xpath.tree import Call, Filtered, Path, XPath, children

CODES: Mapping[str, Bilingual] = {
    "repeated_answer_taken_for_one": Bilingual(
        "A text, constraint or filter outside a repeat takes an answer of the repeat for a single one.",
        "Hors d'une répétition, un texte, une contrainte ou un filtre prend les réponses de celle-ci pour une seule.",
    ),
}

_NOT_PLACED_BY_VALIDATE = (Role.CONSTRAINT, Role.CHOICE_FILTER)
_TAKES_SEVERAL = frozenset(
    {"sum", "count", "count-non-empty", "min", "max", "join", "concat", "indexed-repeat", "position", "once", "area"}
    | {"distance", "boolean", "randomize"}
)


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each such answer and the cell that reads it."""
    for path, survey_row in examined.rows.items():
        for header in examined.survey.headers:
            if text_column(header) is None:
                continue
            for name in dict.fromkeys(REFERENCE.findall(survey_row.row.text(header))):
                place = Place(examined.survey.name, survey_row.row.number, header)
                _check(examined.form.by_name.get(name), path, place, findings)
    for expression in examined.expressions:
        if expression.role in _NOT_PLACED_BY_VALIDATE:
            place = examined.at(expression.owner, *expression.role.columns)
            for path in dict.fromkeys(_taken_for_one(expression.tree, expression.owner)):
                _check(examined.form.by_path.get(path), expression.owner, place, findings)


def _check(read: Question | None, reader: str, place: Place, findings: Findings) -> None:
    if read is None or read.repeat is None or f"{reader}/".startswith(f"{read.repeat}/"):
        return
    repeat = read.repeat.rsplit("/", 1)[-1]
    findings.warning(
        "repeated_answer_taken_for_one",
        place,
        f"{read.name} is asked several times, in the repeat {repeat}, and is taken for one answer here. Move this into "
        f"the repeat, or use indexed-repeat(), join() or count() in a calculate.",
        f"{read.name} est posé plusieurs fois, dans la répétition {repeat}, et est pris ici pour une seule réponse. "
        "Déplacez ceci dans la répétition, ou utilisez indexed-repeat(), join() ou count() dans un calculate.",
    )


def _taken_for_one(tree: XPath, owner: str) -> Iterator[str]:
    """The plain paths of an expression, without those that a function for several answers is given."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case Call(function, _) if function in _TAKES_SEVERAL:
                continue
            case Path(steps, _, _):
                path = resolve(node, owner) if not any(step.predicates for step in steps) else None
                if path is not None:
                    yield path
            case Filtered():
                continue
            case _:
                waiting.extend(children(node))
