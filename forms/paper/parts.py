"""The nouns of a questionnaire on paper, in one language and ready to print: every text is worded and numbered.

Making them from a form is `forms.paper.questionnaire`; each way of printing them has a module of its own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from forms.paper.rich_text import RichText
from forms.text import Language


class Answer(StrEnum):
    """How a question is answered on paper."""

    ONE = "one"
    SEVERAL = "several"
    RANK = "rank"
    INTEGER = "integer"
    DECIMAL = "decimal"
    SCALE = "scale"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    PLACE = "place"
    ROUTE = "route"
    AREA = "area"
    PHOTO = "photo"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"
    BARCODE = "barcode"
    ACKNOWLEDGE = "acknowledge"

    @property
    def is_choice(self) -> bool:
        """True where the answer is made of choices."""
        return self in (Answer.ONE, Answer.SEVERAL, Answer.RANK)


@dataclass(frozen=True, slots=True)
class PrintedChoice:
    """A choice as printed. go_to: where to go on after it (`Q17`, `the end`), or None to go straight on.

    under: the answer to another question for which this choice is offered, or empty.
    """

    code: str
    label: RichText
    go_to: str | None = None
    under: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A question on paper. Numbers count through the whole questionnaire, from 1.

    how: how to answer, in words. choices: those printed with the question; see_list: where they stand otherwise.
    limits: what an answer may be; only_those: which of the choices are offered; condition: when it is asked (its
    own, without its section's). required: the mark of the note that says when it must be answered (`*`), or empty.
    digits: how many boxes a number needs. steps: the numbers of a scale, where they are few.
    """

    number: int
    path: str
    text: RichText
    hint: RichText
    answer: Answer
    how: str
    choices: tuple[PrintedChoice, ...] = ()
    see_list: str | None = None
    limits: str | None = None
    only_those: str | None = None
    condition: str | None = None
    required: str = ""
    digits: int = 0
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A text that is read or read out, and answered by nobody."""

    text: RichText
    hint: RichText = ()
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Questions that follow each other and share their choices: a row each, a column for each choice."""

    items: tuple[Item, ...]
    choices: tuple[PrintedChoice, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A group or repeat. number: `2` or `2.1`; empty, as the title, for one that only carries a condition.

    roster: how often the section is filled in, in words, for a repeat; else None.
    """

    number: str
    title: RichText
    parts: tuple["Part", ...]
    condition: str | None = None
    roster: str | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """All questions of the section in order, those in grids and sections within it included."""
        return items_of(self.parts)


Part: TypeAlias = Item | Note | Grid | Section


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes as it stands on the last pages. used_by: numbers of the questions it answers."""

    name: str
    choices: tuple[PrintedChoice, ...]
    used_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CalculatedValue:
    """A value that a tablet works out and that a condition or text refers to. words: how to work it out."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class RequiredNote:
    """What a mark beside questions means: `*`, must be answered."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A form on paper. language: as the form names it, empty where it names none; instructions: ours.

    list_files: the list files that questions refer to and that are not printed with them.
    """

    form_id: str
    title: str
    version: str
    language: str
    language_tag: str
    is_right_to_left: bool
    instructions: Language
    parts: tuple[Part, ...]
    lists: tuple[CodeList, ...]
    required_notes: tuple[RequiredNote, ...]
    calculated: tuple[CalculatedValue, ...] = ()
    list_files: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All questions in order, those in grids included."""
        return items_of(self.parts)


def items_of(parts: tuple[Part, ...]) -> tuple[Item, ...]:
    """The questions among parts and within them, in order."""
    found: list[Item] = []
    for part in parts:
        match part:
            case Item():
                found.append(part)
            case Grid(items, _):
                found += items
            case Section():
                found += items_of(part.parts)
            case Note():
                pass
    return tuple(found)
