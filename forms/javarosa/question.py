"""One question as JavaRosa asks it, and the answer as JavaRosa takes it.

Walking through a form is `forms.javarosa.filler`; what the form holds meanwhile, `forms.javarosa.circumstances`.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from jpype import JException

from forms.errors import FormError
from forms.javarosa.circumstances import Circumstances
from forms.javarosa.machine import JAVAROSA, java
from forms.text import Bilingual


class FillingStopped(FormError):
    """An answerer could not fill the form: its answers were refused, or required ones are missing at the end.

    path: the question at which it stopped; empty where none can be named.
    """

    def __init__(self, message: Bilingual, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class AnswerKind(StrEnum):
    """What kind of answer a question takes, and how its text is written (the XForms lexical form)."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    RANK = "rank"
    GEOPOINT = "geopoint"
    GEOTRACE = "geotrace"
    GEOSHAPE = "geoshape"
    BARCODE = "barcode"
    MEDIUM = "medium"
    ACKNOWLEDGE = "acknowledge"


_SELECTS = (AnswerKind.SELECT_ONE, AnswerKind.SELECT_MULTIPLE, AnswerKind.RANK)


@dataclass(frozen=True, slots=True)
class Medium:
    """An answer that is a file: the name the answer gives it, and its bytes."""

    name: str
    content: bytes


Answer: TypeAlias = str | Medium | None
"""The answer's text; a file; or None, which leaves the question blank."""


@dataclass(frozen=True, slots=True)
class Slider:
    """The scale of a `range` question: its ends, both included, and the step between answers."""

    start: Decimal
    end: Decimal
    step: Decimal


@dataclass(frozen=True)
class Asked:
    """One question as it is asked.

    path: full path without the root. positions: which instance of each repeat around it, from 1, outermost first.
    attempt: 0, and one more for each answer that was refused. constraint_message: in the form's default language.
    circumstances: what the form's expressions yield at this question; None outside of a form.
    """

    path: str
    kind: AnswerKind
    required: bool
    positions: tuple[int, ...]
    attempt: int
    constraint_message: str | None
    _choices: "ChoicesOffered"
    circumstances: Circumstances | None = None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def choices(self) -> tuple[str, ...]:
        """Names of the choices offered, after the choice filter; empty for a question without choices."""
        return self._choices.offered

    def number(self, expression: str, answer: str | None = None) -> float:
        """Return an expression of the form as a number at this question, dates in days since 1970; NaN without one.

        answer: what `.` stands for. Raises FillingStopped for an answer that is not of the question's kind.
        """
        if self.circumstances is None:
            return math.nan
        return self.circumstances.number(expression, self._choices.known.typed(answer, self.path))

    def text(self, expression: str) -> str:
        """Return an expression of the form as text at this question; empty where it has no value."""
        return "" if self.circumstances is None else self.circumstances.text(expression)

    def truth(self, expression: str) -> bool | None:
        """Return whether an expression of the form is true at this question; None where that cannot be told."""
        return None if self.circumstances is None else self.circumstances.truth(expression)

    @property
    def slider(self) -> Slider | None:
        """The scale of a `range` question; None for every other."""
        return self._choices.known.slider


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """What does not change between fillings: asked once across the border to Java.

    choices: where no filter can change them; empty for a question without choices, None where a filter can.
    """

    kind: AnswerKind
    control: int
    data_type: int
    constraint_message: str | None
    choices: tuple[str, ...] | None
    slider: Slider | None = None

    @classmethod
    def of(cls, prompt: Any) -> "KnownQuestion":
        """Read it from a FormEntryPrompt."""
        control, data_type = int(prompt.getControlType()), int(prompt.getDataType())
        message = prompt.getConstraintText()
        itemset = prompt.getQuestion().getDynamicChoices()
        filtered = itemset is not None and bool(itemset.nodesetRef.hasPredicates())
        return cls(
            kind=_kind(control, data_type),
            control=control,
            data_type=data_type,
            constraint_message=None if message is None else str(message),
            choices=None if filtered else _offered(prompt),
            slider=_slider(prompt.getQuestion()),
        )

    def typed(self, answer: Answer, path: str) -> Any:
        """Return the answer as JavaRosa's IAnswerData, or None for a blank."""
        text = answer.name if isinstance(answer, Medium) else answer
        if text is None or text == "":
            return None
        template = java(JAVAROSA + "core.model.data.AnswerDataFactory").template(self.control, self.data_type)
        try:
            return template.cast(java(JAVAROSA + "core.model.data.UncastData")(text))
        except JException as error:
            raise FillingStopped(
                Bilingual(
                    f"An answer to {path} is not of the kind {self.kind}.",
                    f"Une réponse à {path} n'est pas du type {self.kind}.",
                ),
                path,
            ) from error


@dataclass
class ChoicesOffered:
    """The choices of one question as it is asked, fetched from Java only when somebody looks."""

    prompt: Any
    known: KnownQuestion

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """Names of the choices, in the form's order."""
        return _offered(self.prompt) if self.known.choices is None else self.known.choices


def _offered(prompt: Any) -> tuple[str, ...]:
    choices = prompt.getSelectChoices()
    return () if choices is None else tuple(str(choice.getValue()) for choice in choices)


def _slider(question: Any) -> Slider | None:
    if not isinstance(question, java(JAVAROSA + "core.model.RangeQuestion")):
        return None
    ends = question.getRangeStart(), question.getRangeEnd(), question.getRangeStep()
    return None if None in ends else Slider(*(Decimal(str(end)) for end in ends))


def check_offered(asked: Asked, answer: Answer) -> None:
    """A tablet offers choices to tap; a name that is not among them can not be answered."""
    if asked.kind not in _SELECTS or not isinstance(answer, str) or not answer:
        return
    chosen = [answer] if asked.kind is AnswerKind.SELECT_ONE else answer.split(" ")
    strangers = [name for name in chosen if name not in asked.choices]
    if strangers or len(set(chosen)) < len(chosen):
        raise FillingStopped(
            Bilingual(
                f"An answer to {asked.path} is not among the choices offered there, or names one twice.",
                f"Une réponse à {asked.path} n'est pas parmi les choix proposés, ou en nomme un deux fois.",
            ),
            asked.path,
        )


def _kind(control: int, data_type: int) -> AnswerKind:
    constants = java(JAVAROSA + "core.model.Constants")
    by_control = {
        constants.CONTROL_SELECT_ONE: AnswerKind.SELECT_ONE,
        constants.CONTROL_SELECT_MULTI: AnswerKind.SELECT_MULTIPLE,
        constants.CONTROL_RANK: AnswerKind.RANK,
        constants.CONTROL_TRIGGER: AnswerKind.ACKNOWLEDGE,
    }
    by_type = {
        constants.DATATYPE_INTEGER: AnswerKind.INTEGER,
        constants.DATATYPE_LONG: AnswerKind.INTEGER,
        constants.DATATYPE_DECIMAL: AnswerKind.DECIMAL,
        constants.DATATYPE_DATE: AnswerKind.DATE,
        constants.DATATYPE_TIME: AnswerKind.TIME,
        constants.DATATYPE_DATE_TIME: AnswerKind.DATETIME,
        constants.DATATYPE_GEOPOINT: AnswerKind.GEOPOINT,
        constants.DATATYPE_GEOSHAPE: AnswerKind.GEOSHAPE,
        constants.DATATYPE_GEOTRACE: AnswerKind.GEOTRACE,
        constants.DATATYPE_BARCODE: AnswerKind.BARCODE,
        constants.DATATYPE_BINARY: AnswerKind.MEDIUM,
    }
    return by_control.get(control) or by_type.get(data_type) or AnswerKind.TEXT
