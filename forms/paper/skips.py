"""Where to go on after an answer: to the next question that is certainly asked, where some before it certainly are not.

Only what the answer alone decides is certain; a condition that reads any other answer leaves it open, and then
nothing is said, for the conditions stand at the questions themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.form import Form, Question
from forms.paper.conditions import parsed
from forms.paper.numbering import Numbering, is_shown
from forms.paper.operands import Measure, bound, constant, operand, operands_of, without_wrapping
from forms.text import Bilingual
from forms.xpath import Binary, Call, XPath

_END = Bilingual("END", "FIN")


@dataclass(frozen=True, slots=True)
class _Stop:
    """A question or note on the way through the form. conditions: its own and its groups', by the path they bind."""

    path: str
    repeat: str | None
    conditions: Mapping[str, XPath | None]


_Answers = Mapping[str, str]
"""What is known: the choice that was given, and blanks for questions that are then certainly not asked."""


class Skips:
    """The way through a form, and where each answer leads on it."""

    def __init__(self, form: Form, numbering: Numbering) -> None:
        self._numbering = numbering
        relevants = {
            **{group.path: group.relevant for group in form.groups},
            **{question.path: question.relevant for question in form.questions},
        }
        trees = {path: parsed(relevant) for path, relevant in relevants.items() if relevant is not None}
        self._way = [_stop(question, trees) for question in form.questions if is_shown(question)]
        self._place = {stop.path: place for place, stop in enumerate(self._way)}

    def go_to(self, question: Question, code: str) -> str | None:
        """Where to go on after this choice: `Q17`, `the end`; None where the next question may follow."""
        if question.type != "select_one":
            return None
        here = self._place[question.path]
        given = {question.path: code}
        for place in range(here + 1, len(self._way)):
            stop = self._way[place]
            if question.repeat is not None and not stop.path.startswith(f"{question.repeat}/"):
                return None
            asked = _is_asked(stop, question.path, given)
            if asked is False:
                # JavaRosa reads an answer that is not relevant as blank.
                given[stop.path] = ""
                continue
            is_next = place == here + 1
            # How often a repeat inside is filled in is not decided by this answer.
            if is_next or asked is None or stop.repeat != question.repeat or stop.path not in self._numbering.questions:
                return None
            return self._numbering.reference(stop.path)
        is_last = here == len(self._way) - 1
        return None if is_last or question.repeat is not None else _END.in_language(self._numbering.instructions)


def _stop(question: Question, trees: Mapping[str, XPath | None]) -> _Stop:
    steps = question.path.split("/")
    around = ["/".join(steps[:count]) for count in range(1, len(steps) + 1)]
    return _Stop(question.path, question.repeat, {path: trees[path] for path in around if path in trees})


def _is_asked(stop: _Stop, answered: str, given: _Answers) -> bool | None:
    """Whether a question is asked after what is given; None where that depends on more.

    The groups around the answered question hold already: it would not have been asked otherwise.
    """
    held = [
        _holds(tree, path, given) if tree is not None else None
        for path, tree in stop.conditions.items()
        if not answered.startswith(f"{path}/")
    ]
    if False in held:
        return False
    return None if None in held else True


def _holds(tree: XPath, here: str, given: _Answers) -> bool | None:
    """Whether a condition holds, given some answers; None where it depends on more."""
    tree = without_wrapping(tree)
    match tree:
        case Binary("and" | "or", _, _):
            parts = [_holds(part, here, given) for part in operands_of(tree)]
            decisive = tree.operator == "or"
            return decisive if decisive in parts else None if None in parts else not decisive
        case Call("not", (inside,)):
            held = _holds(inside, here, given)
            return None if held is None else not held
        case Call("true" | "false", ()):
            return tree.function == "true"
        case Call("selected" | "jr:selected", (one, other)):
            about, code = operand(one, here), constant(other)
            is_known = about is not None and about.measure is Measure.VALUE and about.path in given
            return code == given[about.path] if about is not None and is_known and code is not None else None
        case _:
            return _compares(tree, here, given)


def _compares(tree: XPath, here: str, given: _Answers) -> bool | None:
    bounded = bound(tree, here)
    if bounded is None or bounded.operand.measure is not Measure.VALUE:
        return None
    answer, limit = given.get(bounded.operand.path), constant(bounded.limit)
    if answer is None or limit is None:
        return None
    answer_number, limit_number = _number(answer), _number(limit)
    are_numbers = answer_number is not None and limit_number is not None
    if bounded.operator in ("=", "!="):
        is_equal = answer_number == limit_number if are_numbers else answer == limit
        return is_equal == (bounded.operator == "=")
    if answer_number is None or limit_number is None:
        # A blank is no number: XPath finds it neither less nor more than one.
        return False if answer == "" else None
    return {
        "<": answer_number < limit_number,
        "<=": answer_number <= limit_number,
        ">": answer_number > limit_number,
        ">=": answer_number >= limit_number,
    }[bounded.operator]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
