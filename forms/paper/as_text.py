"""The questionnaire as plain text, to read in a terminal."""

import textwrap
from collections.abc import Iterator

from forms.paper.parts import Grid, Item, Note, Part, PrintedChoice, Questionnaire, Section
from forms.paper.rich_text import plain_text
from forms.paper.sheet_words import CALCULATED, IF_ANSWER, MARKS, about_questions, heading_line, in_one_line, only_if
from forms.text import Bilingual

WIDTH = 80
_INDENT = " " * 6


def questionnaire_text(questionnaire: Questionnaire, width: int = WIDTH) -> str:
    """Return the questionnaire as lines of at most `width` characters, where no single word is longer."""
    return "\n".join(_Text(questionnaire, width).lines()) + "\n"


class _Text:
    def __init__(self, questionnaire: Questionnaire, width: int) -> None:
        self._questionnaire = questionnaire
        self._width = width

    def lines(self) -> Iterator[str]:
        """All lines."""
        questionnaire = self._questionnaire
        yield from self._wrapped(questionnaire.title)
        yield from self._wrapped(heading_line(questionnaire))
        for note in questionnaire.required_notes:
            yield from self._wrapped(note.words, f"{note.mark:<3} ")
        yield from self._parts(questionnaire.parts)
        if questionnaire.calculated:
            title = CALCULATED.in_language(questionnaire.instructions)
            yield from ("", title, "=" * len(title))
            for value in questionnaire.calculated:
                yield from self._wrapped(f"[{value.name}] = {value.words}", _INDENT)

    def _parts(self, parts: tuple[Part, ...]) -> Iterator[str]:
        for part in parts:
            yield ""
            match part:
                case Section():
                    yield from self._section(part)
                case Grid(items, choices):
                    yield from self._grid(items, choices)
                case Item():
                    yield from self._item(part)
                    yield from self._choices(part)
                case Note(text, hint, condition):
                    yield from self._instructions(only_if(self._questionnaire, condition) if condition else None)
                    yield from self._wrapped(plain_text(text), _INDENT)
                    yield from self._wrapped(plain_text(hint), _INDENT)

    def _section(self, section: Section) -> Iterator[str]:
        title = " ".join(part for part in (section.number, plain_text(section.title)) if part)
        if title:
            lines = list(self._wrapped(title))
            yield from lines
            yield ("=" if "." not in section.number else "-") * max(map(len, lines))
        condition = only_if(self._questionnaire, section.condition) if section.condition else None
        if condition is not None and not title:
            condition = about_questions(section, condition)
        yield from self._instructions(condition, section.roster)
        yield from self._parts(section.parts)

    def _grid(self, items: tuple[Item, ...], choices: tuple[PrintedChoice, ...]) -> Iterator[str]:
        for item in items:
            yield from self._item(item)
        yield from self._choices(items[0], choices)

    def _item(self, item: Item) -> Iterator[str]:
        yield from self._instructions(only_if(self._questionnaire, item.condition) if item.condition else None)
        yield from self._wrapped(
            plain_text(item.text), f"{f'Q{item.number}':<5} ", f"\u00a0{item.required}" if item.required else ""
        )
        yield from self._wrapped(plain_text(item.hint), _INDENT)
        said = in_one_line(self._questionnaire, item.how, item.limits, item.only_those, item.see_list)
        yield from self._wrapped(f"[{said}]", _INDENT)

    def _choices(self, item: Item, choices: tuple[PrintedChoice, ...] | None = None) -> Iterator[str]:
        shown = item.choices if choices is None else choices
        widest = max((len(choice.code) for choice in shown), default=0)
        under = ""
        for choice in shown:
            if choice.under != under:
                under = choice.under
                language = self._questionnaire.instructions
                colon = Bilingual(":", " :").in_language(language)
                yield from self._wrapped(f"{IF_ANSWER.in_language(language)} {under}{colon}", _INDENT)
            mark = f"{_INDENT}{MARKS[item.answer]} {choice.code:<{min(widest, 12)}}  "
            yield from self._wrapped(plain_text(choice.label), mark, f"  → {choice.go_to}" if choice.go_to else "")

    def _instructions(self, *instructions: str | None) -> Iterator[str]:
        for instruction in instructions:
            if instruction:
                yield from self._wrapped(f"{instruction}.".replace("..", "."), f"{_INDENT}> ")

    def _wrapped(self, text: str, first: str = "", last: str = "") -> Iterator[str]:
        """The text in lines, the first after `first`, the others below it."""
        if not text:
            return
        indent = " " * len(first)
        lines = f"{text}{last}".split("\n")
        for number, line in enumerate(lines):
            start = first if number == 0 else indent
            yield from textwrap.wrap(
                line, self._width, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False
            ) or [start.rstrip()]
