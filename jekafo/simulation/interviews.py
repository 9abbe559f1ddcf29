"""Carry out simulated interviews, and count what was asked, answered, refused and never reached."""

import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from forms.form import Question
from forms.javarosa.filler import Answer, FilledForm, FillingStopped, FormFiller, Sitting
from forms.text import Bilingual
from jekafo.simulation.choice_tally import ChoiceTally
from jekafo.simulation.person import SimulatedPerson
from jekafo.simulation.plan import FormPlan

TRIES = 12
"""How often an interview that cannot be finished is begun anew, with other dice, before it is given up."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why an interview could not be finished. path: the question; empty where none can be named.

    chosen: path and choice, of what was chosen until then. is_without_choice: whether nothing was offered there.
    """

    path: str
    reason: Bilingual
    chosen: frozenset[tuple[str, str]] = frozenset()
    is_without_choice: bool = False


@dataclass(frozen=True)
class Interviewed:
    """What came of one interview. filled: None where it was given up. Paths: of questions, without positions.

    offered: choices by the path of the question. chosen: path and choice. stops: of the sittings before the last.
    """

    filled: FilledForm | None
    asked: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    left_blank: frozenset[str] = frozenset()
    overruled: frozenset[str] = frozenset()
    offered: Mapping[str, Collection[str]] = field(default_factory=dict)
    chosen: frozenset[tuple[str, str]] = frozenset()
    stops: tuple[Stop, ...] = ()


def interview(
    plan: FormPlan,
    filler: FormFiller,
    sitting: Sitting,
    seed: int,
    given: Mapping[str, Answer] | None = None,
    *,
    explores: bool = False,
) -> Interviewed:
    """Return one simulated interview; the same for the same seed and sitting.

    given: answers known beforehand, by question name. explores: whether the first try also takes choices after which
    nothing is offered to a later required question; what ends there is begun anew without them. Nothing is raised for
    a form that refuses to be filled.
    """
    stops: list[Stop] = []
    for attempt in range(TRIES):
        dice = random.Random(f"{seed} {sitting.instance_id} {attempt}")  # noqa: S311 - a simulation must repeat
        person = SimulatedPerson(plan, sitting, dice, given, explores=explores and attempt == 0)
        try:
            filled = filler.fill(person, sitting)
        except FillingStopped as stopped:
            stops.append(_stop(stopped, person))
            continue
        return Interviewed(
            filled,
            frozenset(person.asked),
            frozenset(person.answered),
            frozenset(person.left_blank),
            frozenset(person.overruled),
            person.offered,
            person.chosen,
            tuple(stops),
        )
    return Interviewed(None, stops=tuple(stops))


def _stop(stopped: FillingStopped, person: SimulatedPerson) -> Stop:
    path = stopped.path
    if path not in person.without_choice:
        return Stop(path, stopped.message, person.chosen)
    reason = Bilingual(
        f"{path} is required, and no choice was offered there.",
        f"{path} est obligatoire, et aucun choix n'y était proposé.",
    )
    return Stop(path, reason, person.chosen, is_without_choice=True)


@dataclass
class Tally:
    """What a run of interviews shows about the form. Counters: question path to in how many interviews."""

    plan: FormPlan
    made: int = 0
    given_up: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    left_blank: Counter[str] = field(default_factory=Counter)
    overruled: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Bilingual] = field(default_factory=dict)
    choices: ChoiceTally = field(default_factory=ChoiceTally)

    def add(self, interviewed: Interviewed) -> None:
        """Count one interview."""
        for stop in interviewed.stops:
            self.stopped[stop.path] += 1
            self.reasons.setdefault(stop.path, stop.reason)
            self.choices.add_ended(stop.path, stop.chosen, is_without_choice=stop.is_without_choice)
        if interviewed.filled is None:
            self.given_up += 1
            return
        self.made += 1
        self.asked.update(interviewed.asked)
        self.answered.update(interviewed.answered)
        self.left_blank.update(interviewed.left_blank)
        self.overruled.update(interviewed.overruled)
        self.choices.add_finished(interviewed.offered, interviewed.chosen)

    @property
    def is_unfinishable(self) -> bool:
        """Whether the form ended an interview: nothing to choose, a broken expression, or twelve tries in vain."""
        return bool(self.given_up or self.choices.without_choice or self.stopped[""])

    @property
    def never_asked(self) -> tuple[Question, ...]:
        """The questions that no interview reached though answers decide on them, in the form's order."""
        return tuple(question for question in self._unreached if question.path not in self.plan.switched)

    @property
    def switched_off(self) -> tuple[Question, ...]:
        """The questions that no interview reached, under a condition that reads no answer: `false()`."""
        return tuple(question for question in self._unreached if question.path in self.plan.switched)

    @property
    def _unreached(self) -> Iterator[Question]:
        return (question for question in self.plan.askable if not self.asked[question.path])

    @property
    def never_answered(self) -> tuple[Question, ...]:
        """The questions that were asked and never got an answer."""
        return tuple(
            question for question in self.plan.askable if self.asked[question.path] and not self.answered[question.path]
        )

    @property
    def share_answered(self) -> float:
        """Which part of the questions got an answer in one interview at least, 0..1; 1 for a form without any."""
        askable = self.plan.askable
        return sum(self.answered[question.path] > 0 for question in askable) / len(askable) if askable else 1.0
