"""Tell of choice filters that hide every choice: a column the list lacks, a value that no choice has."""

from collections.abc import Iterator, Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question
from forms.logic.claims import conjuncts
from forms.logic.exclusive import stands_alone
from forms.logic.expressions import Expression, Role
from forms.logic.possible import Condition
from forms.nearest import did_you_mean, listed, nearest
from forms.text import Bilingual
from forms.xpath.references import resolve
from forms.xpath.tree import Binary, Path, Text, XPath, bare_name, bare_names, written_literal

CODES: Mapping[str, Bilingual] = {
    "filter_column_unknown": Bilingual(
        "A choice filter reads a column that the list does not have, so no choice is ever shown.",
        "Un filtre de choix lit une colonne que la liste n'a pas : aucun choix ne s'affiche jamais.",
    ),
    "filter_leaves_nothing": Bilingual(
        "A choice filter leaves no choice, whatever was answered before.",
        "Un filtre de choix ne laisse aucun choix, quelles que soient les réponses précédentes.",
    ),
    "filter_leaves_nothing_after": Bilingual(
        "After some answers a choice filter leaves no choice.",
        "Après certaines réponses, un filtre de choix ne laisse aucun choix.",
    ),
}

MAX_TRIED = 12
"""Answers without a choice for which it is tried whether the question is asked after them; a message lists no more."""


def check(examined: Examined, findings: Findings) -> None:
    """Add findings for each filter of a list that is known here: of the sheet, or of a file at hand."""
    for expression in examined.expressions:
        question = examined.form.by_path.get(expression.owner)
        if expression.role is Role.CHOICE_FILTER and question is not None:
            columns = _columns(question, examined)
            if columns:
                _check(question, expression, columns, examined, findings)


def _columns(question: Question, examined: Examined) -> Mapping[str, tuple[str, ...]]:
    """The columns of the question's choices, each with its values; empty where they are not known."""
    if question.file_name is not None:
        data_file = examined.data_files.get(question.file_name)
        return {header: data_file.values(header) for header in data_file.headers} if data_file is not None else {}
    choices = examined.form.choices(question)
    columns: dict[str, list[str]] = {"name": [], "label": []} if choices else {}
    for choice in choices:
        columns["name"].append(choice.name)
        for header, value in choice.columns.items():
            columns.setdefault(header, []).append(value)
    return {header: tuple(dict.fromkeys(values)) for header, values in columns.items()}


def _check(
    question: Question,
    expression: Expression,
    columns: Mapping[str, tuple[str, ...]],
    examined: Examined,
    findings: Findings,
) -> None:
    place = examined.at(question.path, *Role.CHOICE_FILTER.columns, "type")
    tell = examined.tell_ruin(findings)
    for name in dict.fromkeys(bare_names(expression.tree)):
        # A filter may look at what pyxform adds to each choice.
        if name in columns or name in ("itextId", "geometry"):
            continue
        english, french = did_you_mean(nearest(name, columns))
        tell(
            "filter_column_unknown",
            place,
            f"The choices of {question.name} have no column {name}, so none of them is ever shown.{english} Add the "
            f"column, or write ${{{name}}} if a question is meant.",
            f"Les choix de {question.name} n'ont pas de colonne {name} : aucun ne s'affiche jamais.{french} Ajoutez la "
            f"colonne, ou écrivez ${{{name}}} s'il s'agit d'une question.",
        )
        return
    for column, compared in _equalities(expression.tree):
        _check_equality(question, column, compared, columns.get(column, ()), examined, findings)


def _equalities(tree: XPath) -> Iterator[tuple[str, XPath]]:
    """The columns that must equal something for any choice to be shown, each with what it must equal."""
    for part in conjuncts(tree):
        match part:
            case Binary("=", left, right):
                for side, other in ((left, right), (right, left)):
                    column = bare_name(side)
                    if column is not None and bare_name(other) is None:
                        yield column, other
            case _:
                pass


def _can_be_asked_after(question: Question, answered: XPath, code: str, examined: Examined) -> bool:
    """Whether the question is relevant for anyone who gave this answer before."""
    around = examined.relevant_for(question.path)
    after = Condition(question.path, Binary("=", answered, Text(code)))
    return examined.possibilities.can_all_hold((*around, after))


def _check_equality(
    question: Question,
    column: str,
    compared: XPath,
    values: tuple[str, ...],
    examined: Examined,
    findings: Findings,
) -> None:
    place = examined.at(question.path, *Role.CHOICE_FILTER.columns, "type")
    literal = written_literal(compared)
    path = resolve(compared, question.path) if isinstance(compared, Path) else None
    answered = examined.form.by_path.get(path or "")
    if literal is not None:
        wanted, without = [literal], "" if literal in values else literal
    elif answered is not None and answered.type == "select_one" and answered.calculation is None:
        alone = {choice.name for choice in examined.form.choices(answered) if stands_alone(choice)}
        wanted = [code for code in examined.codes(answered) if code not in alone]
        held = set(values)
        missing = [code for code in wanted if code not in held]
        is_asked = [code for code in missing[:MAX_TRIED] if _can_be_asked_after(question, compared, code, examined)]
        without = listed([*is_asked, *missing[MAX_TRIED:]] if is_asked else ())
    else:
        return
    if not without:
        return
    if not set(wanted) & set(values):
        examined.tell_ruin(findings)(
            "filter_leaves_nothing",
            place,
            f"No choice of {question.name} has {without} in its column {column}, so none is ever shown. The column "
            f"holds {listed(values) or 'nothing'}.",
            f"Aucun choix de {question.name} n'a {without} dans sa colonne {column} : aucun ne s'affiche jamais. La "
            f"colonne contient {listed(values) or 'rien'}.",
        )
    elif answered is not None:
        # Where an answer must be given and there is none to give, the interview cannot go on.
        tell = examined.tell_ruin(findings) if question.required == "true()" else findings.info
        tell(
            "filter_leaves_nothing_after",
            place,
            f"{question.name} has no choice for these answers to {answered.name}: {without}. Add choices, or make "
            f"{question.name} not relevant after them.",
            f"{question.name} n'a aucun choix après ces réponses à {answered.name} : {without}. Ajoutez des choix, ou "
            f"ne posez pas {question.name} dans ces cas.",
        )
