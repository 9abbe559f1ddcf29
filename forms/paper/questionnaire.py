"""Make the paper questionnaire of a form in one language: its parts in order, each text worded and numbered.

Words for conditions are `forms.paper.conditions`, for constraints `limits`, for choice filters `filters`; where to go
on after an answer is `skips`.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

from forms.form import Choice, Form, Group, Question
from forms.language import language_tag
from forms.paper.answers import answer_of, digits_of, how_to_answer, steps_of
from forms.paper.calculated import calculated_values
from forms.paper.conditions import Conditions, parsed
from forms.paper.controls import read_controls
from forms.paper.filters import Filters
from forms.paper.grids import with_grids
from forms.paper.languages import chosen_language, instruction_language, is_right_to_left, shown_name
from forms.paper.limits import Limits
from forms.paper.lists import paper_lists
from forms.paper.numbering import is_asked, is_shown, is_titled, label_in, numbering, path_from
from forms.paper.operands import bare, constant
from forms.paper.parts import CodeList, Item, Note, Part, PrintedChoice, Questionnaire, RequiredNote, Section
from forms.paper.phrases import Phrases
from forms.paper.rich_text import RichText, rich_text
from forms.paper.skips import Skips
from forms.text import Language

_MOST_MARKS = 6
"""Different conditions under which an answer is required that still get a mark each."""


def paper_questionnaire(
    form: Form,
    language: str | None = None,
    *,
    files: Mapping[str, bytes] | None = None,
    reader: Language = "en",
) -> Questionnaire:
    """Return a form as it stands on paper, in one of its languages (the first for None).

    files: name to content of the list files beside the workbook; choices in files that are not at hand are named by
    the file. reader: the language of the printed instructions where the questionnaire is in neither French nor
    English. Raises LanguageUnknown.
    """
    return _Making(form, chosen_language(form, language), files or {}, reader).questionnaire()


class _Making:
    """One form on its way to paper."""

    def __init__(self, form: Form, language: str, files: Mapping[str, bytes], reader: Language) -> None:
        self._form = form
        self._language = language
        self._instructions = instruction_language(language, reader)
        self._controls = read_controls(form)
        self._lists = paper_lists(form, language, self._controls, files)
        self._numbering = numbering(form, language, self._instructions)
        self._phrases = Phrases(form, self._numbering, self._lists)
        self._conditions = Conditions(self._phrases)
        self._limits = Limits(self._conditions)
        self._filters = Filters(self._phrases, self._lists)
        self._skips = Skips(form, self._numbering)
        self._groups = {group.path: group for group in form.groups}
        self._marks = self._required_marks()

    def questionnaire(self) -> Questionnaire:
        """The whole of it."""
        shown = [question for question in self._form.questions if is_shown(question)]
        return Questionnaire(
            form_id=self._form.form_id,
            title=self._form.title,
            version=self._form.version,
            language=shown_name(self._language),
            language_tag=language_tag(self._language) or self._instructions,
            is_right_to_left=is_right_to_left(self._language),
            instructions=self._instructions,
            parts=with_grids(tuple(self._parts(shown, ""))),
            lists=self._code_lists(),
            required_notes=self._required_notes(),
            calculated=calculated_values(self._form, self._conditions),
            list_files=self._list_files(),
        )

    def _list_files(self) -> tuple[str, ...]:
        asked = (question for question in self._form.questions if is_asked(question))
        elsewhere = (question.file_name for question in asked if not self._lists.are_printed(question))
        return tuple(dict.fromkeys(name for name in elsewhere if name is not None))

    def _parts(self, questions: list[Question], within: str) -> Iterator[Part]:
        """What stands in a group, in order; of the group `""` everything."""
        depth = len(within.split("/")) if within else 0

        def group_of(question: Question) -> str | None:
            steps = question.path.split("/")
            return "/".join(steps[: depth + 1]) if len(steps) > depth + 1 else None

        for path, run in groupby(questions, key=group_of):
            if path is None:
                for question in run:
                    yield from self._question(question)
                continue
            inside = list(run)
            group = self._groups.get(path)
            parts = tuple(self._parts(inside, path))
            if group is None or (not is_titled(group, self._language) and group.relevant is None):
                yield from parts
            elif parts:
                yield self._section(group, parts)

    def _section(self, group: Group, parts: tuple[Part, ...]) -> Section:
        return Section(
            number=self._numbering.sections.get(group.path, ""),
            title=self._text(group.labels),
            parts=with_grids(parts),
            condition=self._condition(group.relevant, group.path),
            roster=self._roster(group) if group.is_repeat else None,
        )

    def _roster(self, group: Group) -> str:
        count = self._controls.counts.get(group.path)
        tree = parsed(count) if count is not None else None
        if count is None:
            return self._phrases.say(
                "Fill in this section once for each entry; copy it as often as needed.",
                "Remplissez cette section une fois par cas ; copiez-la autant de fois qu'il le faut.",
            )
        fixed = constant(tree) if tree is not None else None
        if fixed is not None:
            return self._phrases.say(f"Fill in this section {fixed} times.", f"Remplissez cette section {fixed} fois.")
        path = path_from(bare(tree), group.path) if tree is not None else None
        if path is not None and path in self._numbering.questions:
            number = self._numbering.reference(path)
            return self._phrases.say(
                f"Fill in this section as many times as the answer to {number} says.",
                f"Remplissez cette section autant de fois que l'indique la réponse à {number}.",
            )
        times = self._conditions.value(tree, group.path) if tree is not None else self._phrases.as_written(count)
        return self._phrases.say(
            f"Number of times to fill in this section: {times}.", f"Nombre de fois à remplir cette section : {times}."
        )

    def _question(self, question: Question) -> Iterator[Part]:
        if is_asked(question):
            yield self._item(question)
            return
        text, hint = self._text(question.labels), self._text(question.hints)
        if text or hint:
            yield Note(text, hint, self._condition(question.relevant, question.path))

    def _item(self, question: Question) -> Item:
        answer = answer_of(question)
        is_printed = self._lists.are_printed(question)
        scale = self._controls.scales.get(question.path)
        how = how_to_answer(answer, scale)
        return Item(
            number=self._numbering.questions[question.path],
            path=question.path,
            text=self._text(question.labels) or rich_text(question.name),
            hint=self._text(question.hints),
            answer=answer,
            how=how.in_language(self._instructions),
            choices=tuple(self._choices(question)) if is_printed else (),
            see_list=self._see_list(question) if answer.is_choice and not is_printed else None,
            limits=self._limits.said(question),
            only_those=self._filters.said(question),
            condition=self._condition(question.relevant, question.path),
            required=self._marks.get(self._required_words(question) or "", ""),
            digits=digits_of(question),
            steps=steps_of(scale),
        )

    def _choices(self, question: Question) -> Iterator[PrintedChoice]:
        linked = self._filters.linked(question)
        answering = self._form.by_path.get(linked.path) if linked is not None else None
        for choice in self._lists.choices(question):
            if not self._filters.is_ever_offered(question, choice, answering, linked):
                continue
            yield PrintedChoice(
                code=choice.name,
                label=self._choice_label(choice),
                go_to=self._skips.go_to(question, choice.name),
                under=self._filters.under(question, choice, answering, linked),
            )

    def _choice_label(self, choice: Choice) -> RichText:
        return rich_text(self._numbering.filled(self._lists.label(choice))) or rich_text(choice.name)

    def _see_list(self, question: Question) -> str | None:
        if question.file_name is not None:
            return self._phrases.say(f"see list {question.file_name}", f"voir la liste {question.file_name}")
        if self._lists.choices(question):
            name = (question.list_name or "").rsplit("/", 1)[-1]
            return self._phrases.say(f"see list {name} on the last pages", f"voir la liste {name} aux dernières pages")
        columns = self._controls.columns.get(question.path)
        tree = parsed(columns.nodeset.split("[", 1)[0]) if columns is not None and columns.nodeset else None
        source = self._conditions.value(tree, question.path) if tree is not None else ""
        return self._phrases.say(f"one of the entries of {source}", f"une des fiches de {source}") if source else None

    def _text(self, labels: Mapping[str, str]) -> RichText:
        return rich_text(self._numbering.filled(label_in(labels, self._language)))

    def _condition(self, expression: str | None, path: str) -> str | None:
        return self._conditions.said(expression, path) if expression is not None else None

    def _required_words(self, question: Question) -> str | None:
        """When a question must be answered: `always`, or a condition; None where it need not be."""
        if question.required is None:
            return None
        return self._conditions.said(question.required, question.path)

    def _required_marks(self) -> dict[str, str]:
        """The mark for each condition under which an answer is required; `*` for always."""
        always, never = self._phrases.say("always", "toujours"), self._phrases.say("never", "jamais")
        met = [self._required_words(question) for question in self._form.questions if is_asked(question)]
        conditions = [words for words in dict.fromkeys(met) if words is not None and words not in (always, never)]
        if len(conditions) > _MOST_MARKS:
            marks = dict.fromkeys(conditions, "(*)")
        else:
            marks = {words: f"*{number}" for number, words in enumerate(conditions, start=1)}
        return {**({always: "*"} if always in met else {}), **marks}

    def _required_notes(self) -> tuple[RequiredNote, ...]:
        always = self._phrases.say("always", "toujours")
        notes: dict[str, RequiredNote] = {}
        for words, mark in self._marks.items():
            if words == always:
                said = self._phrases.say("must be answered", "réponse exigée")
            elif mark == "(*)":
                said = self._phrases.say("must be answered in some cases", "réponse exigée dans certains cas")
            else:
                said = self._phrases.say(f"must be answered if {words}", f"réponse exigée si {words}")
            notes.setdefault(mark, RequiredNote(mark, said))
        return tuple(notes.values())

    def _code_lists(self) -> tuple[CodeList, ...]:
        """The lists that stand on the last pages: those that a question uses, but long files."""
        used: dict[str, list[Question]] = {}
        for question in self._form.questions:
            if is_asked(question) and self._lists.choices(question) and question.list_name is not None:
                used.setdefault(question.list_name, []).append(question)
        return tuple(
            CodeList(
                name=name.rsplit("/", 1)[-1],
                choices=tuple(
                    PrintedChoice(choice.name, self._choice_label(choice)) for choice in self._lists.choices(asked[0])
                ),
                used_by=tuple(self._numbering.questions[question.path] for question in asked),
            )
            for name, asked in used.items()
            if asked[0].file_name is None or self._lists.are_printed(asked[0])
        )
