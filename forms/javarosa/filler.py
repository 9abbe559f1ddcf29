"""Fill an XForm as a tablet does, with JavaRosa, the engine inside ODK Collect.

`FormFiller` walks a form question by question; an `Answerer` says what the person answers. What comes out is
byte for byte what Collect would send: skip logic, constraints, choice filters, calculations and preloads are
JavaRosa's own. Sending it is `sync.openrosa_client`. The Java machine itself is `forms.javarosa.machine`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from jpype import JException

from forms.errors import FormError
from forms.javarosa.circumstances import Circumstances, Expressions
from forms.javarosa.machine import JAVAROSA, java, java_date, load_form, preloader, said
from forms.javarosa.pulldata import pulldata_handler
from forms.javarosa.question import (
    Answer,
    AnswerKind,
    Asked,
    ChoicesOffered,
    FillingStopped,
    KnownQuestion,
    Medium,
    Slider,
    check_offered,
)
from forms.text import Bilingual

__all__ = [
    "MAX_TRIES",
    "Answer",
    "AnswerKind",
    "Answerer",
    "Asked",
    "FilledForm",
    "FillingStopped",
    "FormFiller",
    "FormUnfillable",
    "Medium",
    "Sitting",
    "Slider",
]

MAX_TRIES = 50
"""How often an answerer may be refused one question before the form is given up."""

MAX_REPEATS = 1000
"""How many instances of one repeat an answerer may open."""

MAX_RETURNS = 50
"""How often a form that cannot be finalised is taken back to the question that is in the way."""


class FormUnfillable(FormError):
    """JavaRosa cannot load the form: it is not valid, or a file it names is missing."""


class Answerer(Protocol):
    """The person who answers, and the enumerator who notes it."""

    def answer(self, asked: Asked) -> Answer:
        """Return the answer to the question, in its lexical form; None leaves it blank."""
        ...

    def another(self, repeat: str, count: int) -> bool:
        """Return whether to add an instance to the repeat at this path, which has `count` so far."""
        ...


@dataclass(frozen=True, slots=True)
class Sitting:
    """When and on what a form is filled: what Collect reads from its clock, its settings and its dice.

    instance_id is `uuid:...`. Times are timezone-aware. Only preloads (start, end, today, deviceid, instanceID)
    are fed from here: `now()`, `today()`, `uuid()` and `random()` inside expressions are JavaRosa's own and follow the
    machine's clock, because JavaRosa looks for its built-in functions first.
    """

    started_at: datetime
    ended_at: datetime
    instance_id: str
    device_id: str = "jekafo-simulator"
    username: str = ""


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A finished submission: the instance XML, its instanceID, and the files its answers name."""

    xml: bytes
    instance_id: str
    media: Mapping[str, bytes] = field(default_factory=dict)


class FormFiller:
    """Fills one form again and again; make one for each thread, JavaRosa's FormDef is not shared between threads.

    Raises FormUnfillable when the form cannot be loaded or names a file that is not given.
    """

    def __init__(self, xform: bytes, files: Mapping[str, bytes]) -> None:
        try:
            self._form, missing = load_form(xform, files)
        except JException as error:
            raise FormUnfillable(
                Bilingual(
                    f"JavaRosa cannot read the form: {said(error)}. Mend the workbook and compile it again.",
                    f"JavaRosa ne peut pas lire le formulaire : {said(error)}. Corrigez le classeur et recompilez-le.",
                )
            ) from error
        if missing:
            names = ", ".join(sorted(set(missing)))
            raise FormUnfillable(
                Bilingual(
                    f"The form names files that are not given: {names}. Publish them with the form.",
                    f"Le formulaire nomme des fichiers absents : {names}. Publiez-les avec le formulaire.",
                )
            )
        self._pulldata = pulldata_handler(files)
        self._repeats = frozenset(_repeats(self._form))
        self._blank = self._form.getMainInstance().clone()
        self._questions: dict[str, KnownQuestion] = {}
        self._expressions = Expressions()

    def fill(self, answerer: Answerer, sitting: Sitting) -> FilledForm:
        """Return the form as this answerer fills it, finalised as Collect finalises it.

        Raises FillingStopped when an answer is refused MAX_TRIES times, is none of the choices offered, when a
        question is left that the form requires, or when an expression of the form breaks on the answers given.
        """
        try:
            return self._fill(answerer, sitting)
        except JException as error:
            # What Collect shows as "an error occurred": a calculation that meets a value it cannot take, for one.
            raise FillingStopped(
                Bilingual(
                    f"An expression of the form breaks on the answers given: {said(error)}.",
                    f"Une expression du formulaire échoue avec les réponses données : {said(error)}.",
                )
            ) from error

    def _fill(self, answerer: Answerer, sitting: Sitting) -> FilledForm:
        model = self._open(sitting)
        media: dict[str, bytes] = {}
        controller = java(JAVAROSA + "form.api.FormEntryController")(model)
        controller.jumpToIndex(java(JAVAROSA + "core.model.FormIndex").createBeginningOfFormIndex())
        while (event := controller.stepToNextEvent()) != controller.EVENT_END_OF_FORM:
            if event == controller.EVENT_QUESTION:
                self._ask(controller, model, answerer, media)
            elif event == controller.EVENT_PROMPT_NEW_REPEAT:
                index = model.getFormIndex()
                path = _path(index.getReference())
                count = int(index.getElementMultiplicity())
                if count < MAX_REPEATS and answerer.another(path, count):
                    controller.newRepeat()
        self._finish(controller, model, answerer, media)
        xml = self._serialize()
        # A file whose answer was changed, or is relevant no longer, stays on the tablet.
        sent = {name: content for name, content in media.items() if name.encode() in xml}
        return FilledForm(xml, sitting.instance_id, sent)

    def _open(self, sitting: Sitting) -> Any:
        """Put a blank instance into the form and let JavaRosa prepare it as a new one."""
        self._form.setInstance(self._blank.clone())
        # A new instance brings a new context, without the functions added to the old one.
        self._form.getEvaluationContext().addFunctionHandler(self._pulldata)
        for handler in _preloaders(sitting):
            self._form.getPreloader().addPreloadHandler(handler)
        self._form.initialize(True, java(JAVAROSA + "core.model.instance.InstanceInitializationFactory")())  # noqa: FBT003 - Java has no keywords
        return java(JAVAROSA + "form.api.FormEntryModel")(self._form)

    def _ask(
        self, controller: Any, model: Any, answerer: Answerer, media: dict[str, bytes], *, refused: int = 0
    ) -> None:
        """Ask the question at which the model stands until it is answered. refused: answers refused there before."""
        index = model.getFormIndex()
        reference = index.getReference()
        path, positions = _path(reference), _positions(reference, self._repeats)
        prompt = model.getQuestionPrompt(index)
        if prompt.isReadOnly():
            return
        known = self._questions.get(path)
        if known is None:
            known = self._questions[path] = KnownQuestion.of(prompt)
        choices = ChoicesOffered(prompt, known)
        circumstances = Circumstances(self._form, reference, self._expressions)
        required = bool(prompt.isRequired())
        for attempt in range(refused, MAX_TRIES):
            asked = Asked(
                path, known.kind, required, positions, attempt, known.constraint_message, choices, circumstances
            )
            answer = answerer.answer(asked)
            check_offered(asked, answer)
            if controller.answerQuestion(index, known.typed(answer, path), True) == controller.ANSWER_OK:  # noqa: FBT003 - Java has no keywords
                if isinstance(answer, Medium):
                    media[answer.name] = answer.content
                return
        raise FillingStopped(
            Bilingual(
                f"{MAX_TRIES} answers to {path} were refused by the form ({known.constraint_message or 'required'}).",
                f"{MAX_TRIES} réponses à {path} ont été refusées par le formulaire "
                f"({known.constraint_message or 'obligatoire'}).",
            ),
            path,
        )

    def _finish(self, controller: Any, model: Any, answerer: Answerer, media: dict[str, bytes]) -> None:
        """Finalise the form; where an earlier answer is in the way now, go back to it, as Collect does."""
        for turn in range(MAX_RETURNS):
            outcome = self._form.validate(True)  # noqa: FBT003 - Java has no keywords
            if outcome is None:
                controller.finalizeFormEntry()
                return
            controller.jumpToIndex(outcome.failedPrompt)
            if model.isIndexReadonly():
                break
            self._ask(controller, model, answerer, media, refused=min(turn + 1, MAX_TRIES - 1))
        path = _path(outcome.failedPrompt.getReference())
        raise FillingStopped(
            Bilingual(
                f"The form cannot be finalised: {path} is required or breaks its constraint.",
                f"Le formulaire ne peut pas être finalisé : {path} est obligatoire ou enfreint sa contrainte.",
            ),
            path,
        )

    def _serialize(self) -> bytes:
        visitor = java(JAVAROSA + "model.xform.XFormSerializingVisitor")()
        return bytes(visitor.serializeInstance(self._form.getInstance()))


def _path(reference: Any) -> str:
    """Return a reference's path without the root element and without positions."""
    return str(reference.toString(False)).removeprefix("/").partition("/")[2]  # noqa: FBT003 - Java has no keywords


def _positions(reference: Any, repeats: frozenset[str]) -> tuple[int, ...]:
    """Return the position in each repeat on the way, from 1; JavaRosa counts every step from 0."""
    if not repeats:
        return ()
    positions, path = [], []
    for level in range(1, reference.size()):
        path.append(str(reference.getName(level)))
        if "/".join(path) in repeats:
            positions.append(int(reference.getMultiplicity(level)) + 1)
    return tuple(positions)


def _repeats(element: Any) -> Iterator[str]:
    """Yield the paths of the repeats below a form or group."""
    for child in element.getChildren() or ():
        if isinstance(child, java(JAVAROSA + "core.model.GroupDef")) and child.getRepeat():
            yield _path(child.getBind().getReference())
        yield from _repeats(child)


def _preloaders(sitting: Sitting) -> tuple[Any, ...]:
    """Preload handlers that answer from the sitting, in place of JavaRosa's, which ask the machine."""
    date_time, text = java(JAVAROSA + "core.model.data.DateTimeData"), java(JAVAROSA + "core.model.data.StringData")
    properties = {"deviceid": sitting.device_id, "username": sitting.username}

    def timestamp(moment: str, value: datetime) -> Any:
        return lambda parameters: date_time(java_date(value)) if parameters == moment else None

    def today(parameters: str) -> Any:
        day = java_date(sitting.started_at)
        return java(JAVAROSA + "core.model.data.DateData")(day) if parameters == "today" else None

    def known_property(parameters: str) -> Any:
        value = properties.get(parameters)
        return text(value) if value else None

    def nothing(_parameters: str) -> None:
        return None

    return (
        preloader("timestamp", timestamp("start", sitting.started_at), timestamp("end", sitting.ended_at)),
        preloader("date", today, nothing),
        preloader("property", known_property, nothing),
        preloader("uid", lambda _parameters: text(sitting.instance_id), nothing),
    )
