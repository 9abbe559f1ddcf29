"""One simulated respondent of any form: an answer to each question within what the form lets through.

Where a constraint cannot be foreseen the person tries again, ever more widely; a question that refuses them all is
left blank where it may be, and noted. What is known of the questions beforehand is `jekafo.simulation.plan`.
"""

import math
import random
from collections.abc import Callable, Mapping
from datetime import date

from forms.javarosa.filler import MAX_TRIES, Answer, AnswerKind, Asked, Sitting, Slider
from jekafo.simulation import amounts, places
from jekafo.simulation.choosing import Choosing
from jekafo.simulation.distributions import Distribution, NumberRange, Value, applicable
from jekafo.simulation.files import recorded
from jekafo.simulation.plan import FormPlan, QuestionPlan
from jekafo.simulation.rules import Allowed, Span
from jekafo.simulation.totals import Total
from jekafo.simulation.wording import text_answer

STEERED_TRIES = 8
"""How often a distribution's answer may be refused before the person answers without it."""

LAST_TRIES = 5
"""How many tries before the last one a question that may be blank is left so."""

EXCEPTION = 0.05
"""How often an alternative that is a single value (`. = 999`) is taken where there is a span beside it."""

AT_A_THRESHOLD = 0.2
"""How often a number is one that the form compares it with, or its neighbour."""

REPEATS = (0.35, 0.3, 0.2, 0.1, 0.05)
"""How often a repeat has one instance, two, three, ... where the form does not say how many."""

_DAY_KINDS = (AnswerKind.DATE, AnswerKind.DATETIME)
_SELECTS = (AnswerKind.SELECT_ONE, AnswerKind.SELECT_MULTIPLE, AnswerKind.RANK)


class SimulatedPerson:
    """Answers one submission's questions; an `Answerer` of `forms.javarosa`.

    given: answers by question name that are known beforehand, as a plan or a sampling frame knows them; they are
    tried first. explores: whether choices are taken too that leave a later required question without any, to find
    what an interview cannot get past. After filling, `asked`, `answered` (paths), `left_blank`, `overruled`,
    `offered`, `chosen` and `without_choice` say how it went.
    """

    def __init__(
        self,
        plan: FormPlan,
        sitting: Sitting,
        dice: random.Random,
        given: Mapping[str, Answer] | None = None,
        *,
        explores: bool = False,
    ) -> None:
        self._plan = plan
        self._sitting = sitting
        self._dice = dice
        self._given = given or {}
        self._explores = explores
        self._day: date = sitting.started_at.date()
        self._place = places.HERE
        self._said: dict[str, str] = {}
        self._repeats: dict[str, int] = {}
        self._files = 0
        self._choosing = Choosing(dice)
        self.asked: set[str] = set()
        self.answered: set[str] = set()
        self.left_blank: set[str] = set()
        self.overruled: set[str] = set()
        self.offered: dict[str, set[str]] = {}
        self.without_choice: set[str] = set()
        self._chosen: dict[tuple[str, tuple[int, ...]], str] = {}

    @property
    def chosen(self) -> frozenset[tuple[str, str]]:
        """Path of the question and name of the choice, of every choice in the answers given last."""
        return frozenset((path, choice) for (path, _), answer in self._chosen.items() for choice in answer.split(" "))

    def answer(self, asked: Asked) -> Answer:
        """Return an answer to try; None leaves the question blank."""
        self.asked.add(asked.path)
        planned = self._plan.questions[asked.path]
        answer = self._answer(asked, planned)
        self._note_choices(asked, answer)
        if answer is None:
            self.answered.discard(asked.path)
            self._said.pop(asked.name, None)
            return None
        self.answered.add(asked.path)
        if isinstance(answer, str):
            self._said[asked.name] = answer
            if asked.kind is AnswerKind.SELECT_ONE:
                self._move_to(planned, answer)
        return answer

    def _note_choices(self, asked: Asked, answer: Answer) -> None:
        if asked.kind not in _SELECTS:
            return
        if asked.attempt == 0:
            self.offered.setdefault(asked.path, set()).update(asked.choices)
            if not asked.choices:
                self.without_choice.add(asked.path)
        instance = (asked.path, asked.positions)
        if isinstance(answer, str):
            self._chosen[instance] = answer
        else:
            self._chosen.pop(instance, None)

    def another(self, repeat: str, count: int) -> bool:
        """Return whether to add an instance to a repeat: a few, as households have members."""
        if count <= 1:
            self._repeats[repeat] = self._dice.choices(range(1, len(REPEATS) + 1), REPEATS)[0]
        return count < self._repeats.get(repeat, 1)

    def _answer(self, asked: Asked, planned: QuestionPlan) -> Answer:
        if asked.attempt == 0 and asked.name in self._given:
            given = self._given[asked.name]
            if given is None or asked.kind not in _SELECTS or set(str(given).split()) <= set(asked.choices):
                return given
        if not asked.required and asked.attempt >= MAX_TRIES - LAST_TRIES:
            self.left_blank.add(asked.path)
            return None
        steering = applicable(self._plan.distributions, asked.name, self._said)
        if steering is not None:
            if asked.attempt < STEERED_TRIES:
                answer, is_steered = self._steered(asked, planned, steering)
                if is_steered:
                    return answer
            else:
                self.overruled.add(asked.path)
        elif not asked.required and asked.attempt == 0 and self._dice.random() < planned.blank:
            return None
        return self._free(asked, planned)

    def _free(self, asked: Asked, planned: QuestionPlan) -> Answer:
        """An answer without a distribution, by kind."""
        by_kind: Mapping[AnswerKind, Callable[[Asked, QuestionPlan], Answer]] = {
            AnswerKind.SELECT_ONE: self._one,
            AnswerKind.SELECT_MULTIPLE: self._several,
            AnswerKind.RANK: self._ranking,
            AnswerKind.INTEGER: self._number,
            AnswerKind.DECIMAL: self._number,
            AnswerKind.DATE: self._date_or_moment,
            AnswerKind.DATETIME: self._date_or_moment,
            AnswerKind.TEXT: self._text,
            AnswerKind.BARCODE: self._text,
            AnswerKind.MEDIUM: self._file,
        }
        if asked.kind in by_kind:
            return by_kind[asked.kind](asked, planned)
        match asked.kind:
            case AnswerKind.TIME:
                return amounts.written_time(self._dice)
            case AnswerKind.GEOPOINT:
                return places.point(self._place, self._dice)
            case AnswerKind.GEOTRACE | AnswerKind.GEOSHAPE:
                return places.path(self._place, self._dice, closed=asked.kind is AnswerKind.GEOSHAPE)
            case _:
                return "OK"

    def _steered(self, asked: Asked, planned: QuestionPlan, steering: Distribution) -> tuple[Answer, bool]:
        """What a distribution says; False where it says nothing that is offered here."""
        match asked.kind:
            case AnswerKind.SELECT_MULTIPLE:
                return self._steered_several(asked, planned, steering)
            case AnswerKind.RANK:
                named = {choice: steering.shares.get(choice, 0.01) for choice in asked.choices}
                is_blank = self._dice.random() < steering.shares.get(None, 0.0)
                return (None if is_blank else self._choosing.ranking(named)), True
        offered = set(asked.choices) if asked.kind is AnswerKind.SELECT_ONE else None
        shares = {
            value: share
            for value, share in steering.shares.items()
            if share > 0 and (offered is None or value is None or value in offered)
        }
        rest = steering.rest
        if offered is not None and not offered - {value for value in steering.shares if isinstance(value, str)}:
            rest = 0.0
        if not shares and not rest:
            return None, False
        values: list[Value | bool] = [*shares, False]
        drawn = self._dice.choices(values, [*shares.values(), rest])[0]
        if drawn is False:
            return self._unnamed(asked, planned, steering), True
        if isinstance(drawn, NumberRange):
            step = self._step(asked)
            span = Span(drawn.low, drawn.high)
            found = amounts.draw(span, (drawn.low, drawn.high), step, self._dice, attempt=asked.attempt)
            return (None if found is None else amounts.written_number(found)), found is not None
        return (drawn if isinstance(drawn, str) else None), True

    def _unnamed(self, asked: Asked, planned: QuestionPlan, steering: Distribution) -> Answer:
        if asked.kind is not AnswerKind.SELECT_ONE:
            return self._free(asked, planned)
        left = [choice for choice in asked.choices if choice not in steering.shares]
        return self._choosing.weighted(left, planned)

    def _steered_several(self, asked: Asked, planned: QuestionPlan, steering: Distribution) -> tuple[Answer, bool]:
        """Each named choice is taken with its own share; what excludes the others stands alone."""
        if self._dice.random() < steering.shares.get(None, 0.0):
            return None, True
        alone = {choice: share for choice, share in steering.shares.items() if choice in planned.alone and share > 0}
        for choice, share in alone.items():
            if choice in asked.choices and self._dice.random() < share:
                return str(choice), True
        taken = [
            choice
            for choice in asked.choices
            if choice not in planned.alone and self._dice.random() < steering.shares.get(choice, 0.0)
        ]
        return (" ".join(taken), True) if taken else (None, not asked.required)

    def _one(self, asked: Asked, planned: QuestionPlan) -> Answer:
        if not asked.choices:
            return None
        if asked.attempt < 3:
            return self._choosing.weighted(self._leading(asked, planned) or asked.choices, planned)
        return self._choosing.untried(asked)

    def _leading(self, asked: Asked, planned: QuestionPlan) -> list[str]:
        leading = planned.leading
        if leading is None or (leading.must and self._explores):
            return list(asked.choices)
        return [choice for choice in asked.choices if choice in leading.choices]

    def _several(self, asked: Asked, planned: QuestionPlan) -> Answer:
        if not asked.choices:
            return None
        allowed = self._allowed(asked, planned, 1)
        if asked.attempt < 12 or asked.attempt % 2:
            return self._choosing.several(asked, planned, allowed)
        return self._choosing.untried(asked)

    def _ranking(self, asked: Asked, planned: QuestionPlan) -> Answer:
        return self._choosing.ranking({choice: planned.weights.get(choice, 1.0) for choice in asked.choices}) or None

    def _number(self, asked: Asked, planned: QuestionPlan) -> Answer:
        if asked.slider is not None:
            return self._on_slider(asked.slider)
        step = self._step(asked)
        allowed = self._allowed(asked, planned, step)
        span = Span() if allowed is None or asked.attempt > 30 else allowed.number
        usual = amounts.usual_amounts(planned.question, self._day)
        if planned.total is not None:
            usual = self._keep_to(planned.total, asked.name, span)
        elif threshold := self._threshold(asked, planned, span, step):
            return threshold
        found = amounts.draw(span, usual, step, self._dice, attempt=asked.attempt)
        if found is None:
            found = amounts.draw(Span(), usual, step, self._dice, attempt=asked.attempt)
        return None if found is None else amounts.written_number(found)

    def _keep_to(self, total: Total, name: str, span: Span) -> tuple[float, float]:
        """Leave to the parts still to come what is left of a total; the last one takes it all. Returns the usual."""
        others = [part for part in total.parts if part != name]
        left = total.value - math.fsum(float(self._said.get(part, 0)) for part in others)
        waiting = sum(part not in self._said for part in others)
        span.keep("<=" if waiting else "=", round(left, 6), 1)
        return (0, max(0.0, 2 * left / (waiting + 1)))

    def _threshold(self, asked: Asked, planned: QuestionPlan, span: Span, step: float) -> str | None:
        if asked.attempt > 2 or not planned.compared or self._dice.random() > AT_A_THRESHOLD:
            return None
        try:
            value = float(self._dice.choice(planned.compared)) + self._dice.choice((-step, 0.0, step))
        except ValueError:
            return None
        return amounts.written_number(value) if max(span.low, 0) <= value <= span.high else None

    def _on_slider(self, slider: Slider) -> str:
        steps = int((slider.end - slider.start) / slider.step) if slider.step else 0
        return str(slider.start + self._dice.randint(min(0, steps), max(0, steps)) * slider.step)

    def _date_or_moment(self, asked: Asked, planned: QuestionPlan) -> Answer:
        allowed = self._allowed(asked, planned, 1)
        span = Span() if allowed is None else allowed.number
        usual = amounts.usual_days(planned.question, self._day)
        if asked.attempt > 6:
            usual = (usual[1] - 365.0 * asked.attempt, usual[1] + 30.0 * asked.attempt)
        days = amounts.draw(span, usual, 1, self._dice, attempt=min(asked.attempt, 3))
        days = usual[1] if days is None else days
        return amounts.written_day(days) if asked.kind is AnswerKind.DATE else amounts.written_moment(days, self._dice)

    def _text(self, asked: Asked, planned: QuestionPlan) -> Answer:
        return text_answer(asked, planned, self._allowed(asked, planned, 1), self._plan.language, self._dice)

    def _file(self, asked: Asked, planned: QuestionPlan) -> Answer:
        self._files += 1
        milliseconds = round(self._sitting.started_at.timestamp() * 1000) + self._files
        del asked
        return recorded(planned.question.type, str(milliseconds), self._dice)

    def _allowed(self, asked: Asked, planned: QuestionPlan, step: float) -> Allowed | None:
        """What one alternative of the constraint lets through, spans before single values; None: nothing is known."""
        if not planned.rule.alternatives:
            return None
        possible = planned.rule.allowed(asked, self._writer(asked), step)
        if not possible:
            return None
        wide = [each for each in possible if each.number.low < each.number.high and not each.texts]
        if wide and len(wide) < len(possible) and asked.attempt < 10 and self._dice.random() > EXCEPTION:
            possible = tuple(wide)
        return self._dice.choice(possible)

    def _writer(self, asked: Asked) -> Callable[[float], str]:
        if asked.kind is AnswerKind.DATE:
            return amounts.written_day
        if asked.kind is AnswerKind.DATETIME:
            return lambda days: f"{amounts.written_day(days)}T00:00:00.000Z"
        return amounts.written_number

    @staticmethod
    def _step(asked: Asked) -> float:
        return 0.1 if asked.kind is AnswerKind.DECIMAL else 1

    def _move_to(self, planned: QuestionPlan, choice: str) -> None:
        """Later geopoints lie near the place that was chosen, where its list or file says where it is."""
        known = self._plan.places.get(planned.question.list_name or "", {})
        self._place = known.get(choice, self._place)
