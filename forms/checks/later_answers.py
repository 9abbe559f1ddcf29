"""Tell of what waits for an answer given further down: conditions, constraints, and texts that show it."""

import re
from collections.abc import Iterator, Mapping

from forms.examined import Examined, groups_around
from forms.finding import Findings, Place
from forms.logic.claims import conjuncts
from forms.logic.expressions import Expression, Role
from forms.text import Bilingual
from forms.workbook.workbook import plain
from forms.xpath.references import references, resolve
from forms.xpath.tree import Binary, Path, XPath

CODES: Mapping[str, Bilingual] = {
    "used_before_answered": Bilingual(
        "A condition reads a question that comes further down, so it is still blank when the condition is needed.",
        "Une condition lit une question posée plus bas : elle est encore vide quand la condition est lue.",
    ),
    "shown_before_answered": Bilingual(
        "A text shows the answer to a question that comes further down, so it shows nothing.",
        "Un texte montre la réponse à une question posée plus bas : il ne montre rien.",
    ),
}

_FILLED_WITHOUT_ASKING = frozenset(
    {"calculate", "hidden", "note", "start", "end", "today", "deviceid", "username", "email", "phonenumber", "audit"}
    | {"subscriberid", "simserial", "start-geopoint", "background-audio"}
)
_COMPARISONS = frozenset({"=", "<", "<=", ">", ">="})
_TEXTS = frozenset({"label", "hint", "guidance_hint"})
_REFERENCE = re.compile(r"\$\{\s*([^}#\s]+)\s*\}")


def check(examined: Examined, findings: Findings) -> None:
    """Add findings for answers that are read or shown before they are given."""
    position = {question.path: number for number, question in enumerate(examined.form.questions)}
    first_inside: dict[str, int] = {}
    for path, number in position.items():
        for group in groups_around(path):
            first_inside.setdefault(group, number)
    for expression in examined.expressions:
        here = position.get(expression.owner, first_inside.get(expression.owner))
        if here is None:
            continue
        for path in _read(expression, examined):
            if position.get(path, -1) > here and _is_asked_later(path, expression.owner, examined):
                _tell_read(path, expression, examined, findings)
    _check_texts(position, examined, findings)


def _read(expression: Expression, examined: Examined) -> tuple[str, ...]:
    """The questions whose answers an expression needs at the moment at which its own question is asked."""
    owner = examined.form.by_path.get(expression.owner)
    if owner is not None and owner.type in _FILLED_WITHOUT_ASKING - {"note"}:
        return ()
    if expression.role in (Role.RELEVANT, Role.CHOICE_FILTER):
        return references(expression.tree, expression.owner)
    if expression.role is Role.CONSTRAINT:
        return tuple(dict.fromkeys(_compared_with_own(expression)))
    return ()


def _compared_with_own(expression: Expression) -> Iterator[str]:
    """Other questions that the answer must equal or exceed; while they are blank, every answer is refused."""
    for part in conjuncts(expression.tree):
        match part:
            case Binary(operator, left, right) if operator in _COMPARISONS:
                sides = [_path(side, expression.owner) for side in (left, right)]
                if expression.owner in sides:
                    yield from (path for path in sides if path is not None and path != expression.owner)
            case _:
                pass


def _path(tree: XPath, owner: str) -> str | None:
    return resolve(tree, owner) if isinstance(tree, Path) else None


def _is_asked_later(path: str, owner: str, examined: Examined) -> bool:
    """Whether the answer is given on a later screen: asked, not by default, and in no field-list with the owner."""
    question = examined.form.by_path[path]
    if question.type in _FILLED_WITHOUT_ASKING or question.calculation is not None or examined.cell(path, "default"):
        return False
    shared = set(groups_around(path)) & {*groups_around(owner), owner}
    return not any("field-list" in examined.cell(group, "appearance", "body::appearance") for group in shared)


def _tell_read(path: str, expression: Expression, examined: Examined, findings: Findings) -> None:
    name, owner = path.rsplit("/", 1)[-1], expression.owner.rsplit("/", 1)[-1]
    findings.warning(
        "used_before_answered",
        examined.at(expression.owner, *expression.role.columns),
        f"{owner} comes before {name}, which is still blank when this is needed. Move {name} up, or {owner} down.",
        f"{owner} vient avant {name}, encore vide à ce moment-là. Remontez {name} ou descendez {owner}.",
    )


def _check_texts(position: Mapping[str, int], examined: Examined, findings: Findings) -> None:
    headers = [header for header in examined.survey.headers if plain(header.split(":")[0]) in _TEXTS]
    for path, here in position.items():
        if path not in examined.rows:
            continue
        row, told = examined.rows[path].row, set[str]()
        for header in headers:
            for name in dict.fromkeys(_REFERENCE.findall(row.text(header))):
                shown = examined.form.by_name.get(name)
                is_later = shown is not None and position[shown.path] > here
                if shown is None or name in told or not is_later or not _is_asked_later(shown.path, path, examined):
                    continue
                told.add(name)
                findings.warning(
                    "shown_before_answered",
                    Place(examined.survey.name, row.number, header),
                    f"This text shows ${{{name}}}, which is asked further down: it shows nothing. Move {name} up.",
                    f"Ce texte montre ${{{name}}}, posé plus bas : il ne montre rien. Remontez {name}.",
                )
