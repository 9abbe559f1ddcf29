"""Which choices lead on: those that leave something to choose in the lists filtered by them.

A respondent lives in a commune that has villages on the list; a choice drawn blindly would end at an empty list.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.form import Form, Question
from forms.xpath.parser import parse_xpath
from forms.xpath.references import resolve
from forms.xpath.tokens import XPathInvalid
from forms.xpath.tree import Binary, Call, Path, XPath, walk

_Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Leading:
    """The choices of a question that lead on. must: whether a later question without a choice ends the interview."""

    choices: frozenset[str]
    must: bool


def leading_choices(form: Form, files: Mapping[str, bytes]) -> Mapping[str, Leading]:
    """Return by question path the choices that leave something to choose further on; only where a filter asks.

    Filters are followed where they compare a column with an answer (`commune = ${commune}`), last to first.
    """
    leading: dict[str, Leading] = {}
    for question in reversed(form.questions):
        if not question.choice_filter:
            continue
        rows = _rows(question, form, files)
        must = question.required not in (None, "false()")
        if question.path in leading:
            own = leading[question.path]
            rows = [row for row in rows if row.get("name") in own.choices]
            must |= own.must
        for column, parent in _conditions(question):
            if parent in form.by_path and any(column in row for row in rows):
                found = Leading(frozenset(row.get(column, "") for row in rows), must)
                other = leading.get(parent, found)
                leading[parent] = Leading(other.choices & found.choices, other.must or must)
    return leading


def _conditions(question: Question) -> Iterator[tuple[str, str]]:
    """Column of the list and path of the answer that must be equal."""
    try:
        tree = parse_xpath(question.choice_filter or "")
    except XPathInvalid:
        return
    for node in walk(tree):
        match node:
            case Binary("=", left, right):
                for one, other in ((left, right), (right, left)):
                    column, parent = _column(one), _answer(other, question.path)
                    if column and parent:
                        yield column, parent
            case _:
                pass


def _column(tree: XPath) -> str | None:
    match tree:
        case Path((step,), False, None) if step.axis == "child" and not step.predicates:
            return step.test
        case _:
            return None


def _answer(tree: XPath, path: str) -> str | None:
    match tree:
        case Path(_, True, None) | Path(_, False, Call("current", ())):
            return resolve(tree, path)
        case _:
            return None


def _rows(question: Question, form: Form, files: Mapping[str, bytes]) -> _Rows:
    content = files.get(question.file_name or "")
    if content is None:
        return [{**choice.columns, "name": choice.name} for choice in form.choices(question)]
    if not (question.file_name or "").casefold().endswith(".csv"):
        return []
    text = content.decode("utf-8-sig", errors="replace")
    return [
        {key: cell for key, cell in row.items() if isinstance(cell, str)} for row in csv.DictReader(io.StringIO(text))
    ]
