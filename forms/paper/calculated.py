"""The calculated values that the questionnaire refers to, and how an interviewer works them out."""

from collections.abc import Iterator

from forms.form import Form, Group, Question
from forms.paper.conditions import Conditions, parsed
from forms.paper.numbering import is_asked, is_shown
from forms.paper.parts import CalculatedValue
from forms.xpath.references import references


def calculated_values(form: Form, conditions: Conditions) -> tuple[CalculatedValue, ...]:
    """Return the calculated values that conditions, constraints and filters of a form read, in the form's order.

    Those that such a value is itself made of are among them.
    """
    read = {path for question in form.questions if is_shown(question) for path in _read_by(question)}
    read |= {path for group in form.groups for path in _read_in(group.relevant, group)}
    waiting = list(read)
    while waiting:
        question = form.by_path.get(waiting.pop())
        if question is not None and not is_asked(question):
            more = set(_read_in(question.calculation, question)) - read
            read |= more
            waiting += more
    return tuple(
        CalculatedValue(question.name, _words(question, conditions))
        for question in form.questions
        if question.path in read and not is_asked(question) and question.calculation is not None
    )


def _read_by(question: Question) -> Iterator[str]:
    for expression in (question.relevant, question.constraint, question.required, question.choice_filter):
        yield from _read_in(expression, question)


def _read_in(expression: str | None, node: Question | Group) -> tuple[str, ...]:
    tree = parsed(expression) if expression is not None else None
    return references(tree, node.path) if tree is not None else ()


def _words(question: Question, conditions: Conditions) -> str:
    written = question.calculation or ""
    tree = parsed(written)
    return conditions.phrases.as_written(written) if tree is None else conditions.value(tree, question.path)
