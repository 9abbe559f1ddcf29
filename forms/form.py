"""The nouns of a questionnaire: `Form`, `Question`, `Group`, `Choice`; one `Form` is one *version* of an instrument.

Reading them from a workbook is `forms.read`, from an XForm `forms.xform`. Paths are full paths without the root
element (`security/trust_gend`), as KoboToolbox writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from forms.interpretation import Interpretation

Labels = Mapping[str, str]
"""Language name (as in `label::Français (fr)`; `default` where the column names none) to text."""


class CodeKind(StrEnum):
    """What kind of answer a choice is (`choices.code_kind`); only VALID and NONE are substantive."""

    VALID = "valid"
    NONE = "none"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"

    @property
    def is_substantive(self) -> bool:
        """True where the answer may stand in the base `valid`."""
        return self in (CodeKind.VALID, CodeKind.NONE)


class Sensitivity(StrEnum):
    """What harm an answer can do (`survey.sensitivity`), from least to most restricted."""

    OPEN = "open"
    QUASI = "quasi"
    SENSITIVE = "sensitive"
    SEVERE = "severe"
    IDENTIFIER = "identifier"

    @property
    def rank(self) -> int:
        """Position from open (0) to identifier (4): the strictest of several is the one of greatest rank."""
        return list(Sensitivity).index(self)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice list. `columns` are the further columns of its row (choice filters and the like)."""

    name: str
    labels: Labels
    kind: CodeKind = CodeKind.VALID
    renamed_from: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A group or repeat. `relevant` is its own condition only, as XPath of the XForm or None."""

    path: str
    labels: Labels
    is_repeat: bool
    repeat: str | None
    relevant: str | None = None
    renamed_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One node of the form that holds an answer (or a note, which holds none).

    type: the XLSForm word (`select_one`, `select_multiple`, `rank`, `integer`, `decimal`, `text`, `date`, `time`,
    `datetime`, `geopoint`, `geotrace`, `geoshape`, `image`, `audio`, `video`, `file`, `barcode`, `acknowledge`,
    `range`, `note`, `calculate`, `hidden`, `start`, `end`, `today`, `deviceid`, `username`, `phonenumber`, `email`,
    `audit`, ...). data_type: the XForm bind's type (`int`, `decimal`, `string`, `odk:rank`, ...).
    list_name: the choice list, or the external file's stem for `*_from_file`. repeat: path of the innermost repeat
    around it, or None. relevant, constraint, required, calculation, choice_filter: XPath as in the XForm, or None.
    """

    path: str
    name: str
    type: str
    data_type: str
    labels: Labels
    hints: Labels = field(default_factory=dict)
    list_name: str | None = None
    file_name: str | None = None
    repeat: str | None = None
    relevant: str | None = None
    constraint: str | None = None
    constraint_messages: Labels = field(default_factory=dict)
    required: str | None = None
    calculation: str | None = None
    choice_filter: str | None = None
    appearance: str | None = None
    read_only: bool = False
    sensitivity: Sensitivity = Sensitivity.IDENTIFIER
    renamed_from: tuple[str, ...] = ()
    comparable_since: str | None = None

    @property
    def has_media(self) -> bool:
        """True where the answer is the name of an attached file."""
        return self.data_type == "binary"

    @property
    def is_multiple(self) -> bool:
        """True where the answer is a space-separated list of choice names."""
        return self.type in ("select_multiple", "rank")


@dataclass(frozen=True)
class Form:
    """One version of an instrument.

    xform: the XForm XML as served, compiled without our columns. files: names of the media and external data files
    the form refers to. languages: in the form's order, the default one first. interpretation: our sheets
    (`derived`, `indicators`, `design`, `population`); empty for a form that came without them.
    """

    form_id: str
    version: str
    title: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    groups: tuple[Group, ...]
    lists: Mapping[str, tuple[Choice, ...]]
    files: tuple[str, ...]
    xform: bytes
    interpretation: Interpretation = field(default_factory=Interpretation)

    @cached_property
    def by_path(self) -> Mapping[str, Question]:
        """Questions by full path."""
        return {question.path: question for question in self.questions}

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """Questions by name; of several with one name the first in the form's order."""
        names: dict[str, Question] = {}
        for question in self.questions:
            names.setdefault(question.name, question)
        return names

    @cached_property
    def repeats(self) -> tuple[str, ...]:
        """Paths of the repeats, outer before inner."""
        return tuple(group.path for group in self.groups if group.is_repeat)

    def choices(self, question: Question) -> tuple[Choice, ...]:
        """The question's choices in order; empty where it has none or they come from a file."""
        return self.lists.get(question.list_name or "", ())
