"""What is known of a form before anybody answers: one plan a question, made once and shared by all interviews.

Answering is `jekafo.simulation.person`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forms.form import CodeKind, Form, Question
from forms.xpath import XPathInvalid, parse_xpath
from forms.xpath.references import references
from jekafo.simulation.cascades import Leading, leading_choices
from jekafo.simulation.distributions import Distributions
from jekafo.simulation.openings import Openings
from jekafo.simulation.phrases import spoken_language, text_kind
from jekafo.simulation.places import Places, known_places
from jekafo.simulation.rules import Rule
from jekafo.simulation.totals import Total, totals_by_part

UNASKED_TYPES = frozenset(
    (
        *("note", "calculate", "hidden", "audit", "start-geopoint", "background-audio"),
        *("start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "email"),
    )
)
"""Types of questions that no person answers."""

UNWILLING = 0.2
"""How heavy a choice like "don't know" weighs beside a substantive one."""

_NO_ANSWER = re.compile(
    r"-?9[6-9]|-?[78]8|-?9{3,}|-?8{3,}|dk|dnk|nsp|ns|nr|refus\w*|dont_?know|do_not_know|no_answer", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """What is known of one question. weights: choice to how often it is drawn, beside the others, 1 being usual.

    leading: the choices that leave something to choose in later lists; None where nothing hangs on them.
    alone: choices that exclude the others of their list. compared: values that the form holds its answer to.
    total: what this and other answers must come to together, or None.
    blank: how often it stays blank where it may, 0..1. text: what a text seems to ask for.
    """

    question: Question
    rule: Rule
    weights: Mapping[str, float]
    leading: Leading | None
    alone: frozenset[str]
    compared: tuple[str, ...]
    total: Total | None
    blank: float
    text: str


@dataclass(frozen=True)
class FormPlan:
    """A form as its simulated respondents see it. language: `fr` or `en`, of their own words."""

    form: Form
    questions: Mapping[str, QuestionPlan]
    places: Places
    language: str
    distributions: Distributions = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        form: Form,
        files: Mapping[str, bytes],
        distributions: Distributions | None = None,
        *,
        language: str | None = None,
    ) -> "FormPlan":
        """Plan a form. files: its CSV and GeoJSON files by name. language: `fr` or `en`; None: as the form speaks."""
        openings = Openings.of(form)
        opened: dict[str, dict[str, int]] = {}
        for (path, choice), count in openings.opened.items():
            opened.setdefault(path, {})[choice] = count
        leading = leading_choices(form, files)
        totals = totals_by_part(form)
        questions = {
            question.path: _planned(
                question,
                form,
                opened.get(question.path, {}),
                openings,
                leading.get(question.path),
                totals.get(question.path),
            )
            for question in form.questions
        }
        return cls(form, questions, known_places(form, files), language or spoken_language(form), distributions or {})

    @cached_property
    def switched(self) -> frozenset[str]:
        """Paths of the questions under a condition, their own or a group's, that reads no answer."""
        conditions = {group.path: group.relevant for group in self.form.groups}
        conditions |= {question.path: question.relevant for question in self.form.questions}
        constant = {path for path, condition in conditions.items() if condition and _reads_nothing(condition, path)}
        return frozenset(
            question.path
            for question in self.form.questions
            if any(question.path == path or question.path.startswith(f"{path}/") for path in constant)
        )

    @property
    def askable(self) -> tuple[Question, ...]:
        """The questions that a person can be asked, in the form's order."""
        return tuple(
            question
            for question in self.form.questions
            if question.type not in UNASKED_TYPES and not question.read_only
        )


def _reads_nothing(condition: str, path: str) -> bool:
    try:
        return not references(parse_xpath(condition), path)
    except XPathInvalid:
        return False


def _planned(
    question: Question,
    form: Form,
    opened: Mapping[str, int],
    openings: Openings,
    leading: Leading | None,
    total: Total | None,
) -> QuestionPlan:
    choices = form.choices(question)
    weights = {
        choice.name: (1 + opened.get(choice.name, 0) / 10)
        / (1 + openings.closed.get((question.path, choice.name), 0) / 10)
        for choice in choices
    }
    for choice in choices:
        is_unwilling = not choice.kind.is_substantive or _NO_ANSWER.fullmatch(choice.name)
        if is_unwilling and not opened.get(choice.name):
            weights[choice.name] *= UNWILLING
    return QuestionPlan(
        question=question,
        rule=Rule.of(question.constraint, question.path),
        weights=weights,
        leading=leading,
        alone=frozenset(
            choice.name
            for choice in choices
            if choice.kind is not CodeKind.VALID or _NO_ANSWER.fullmatch(choice.name) or choice.name == "none"
        ),
        compared=tuple(sorted(openings.compared.get(question.path, ()))),
        total=total,
        blank=0.0 if total else _blank(question, hangs_on_it=bool(opened)),
        text=text_kind(question) if question.type == "text" else "",
    )


def _blank(question: Question, *, hangs_on_it: bool) -> float:
    if hangs_on_it:
        return 0.01
    match question.type:
        case "text":
            return 0.2
        case "image" | "audio" | "video" | "file" | "barcode" | "geotrace" | "geoshape":
            return 0.3
        case _:
            return 0.04
