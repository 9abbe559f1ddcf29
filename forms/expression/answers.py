"""What an expression is evaluated on: rows of answers, what their names mean, and the kinds of values there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeAlias

from forms.errors import FormError

Value: TypeAlias = float | str | bool | date | datetime | time | tuple[str, ...] | None
"""None is unknown or blank; a tuple holds the codes of a select_multiple."""


class Undefined(FormError):
    """An expression that has no meaning on the rows it is evaluated on: a name they lack, a sum of dates."""


class Kind(StrEnum):
    """What kind of value an expression yields, known before any answer is. BLANK: the literal '' fits every kind."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    CODES = "codes"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BLANK = "blank"

    @property
    def is_moment(self) -> bool:
        """True for what stands on a calendar or a clock."""
        return self in (Kind.DATE, Kind.DATETIME, Kind.TIME)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means. repeat: path of the repeat it stands in. unknown_codes: its never-substantive choices."""

    kind: Kind
    repeat: str | None = None
    unknown_codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """One row of answers: of the form (home None) or of a repeat.

    around: the row it stands in. within: the rows of each repeat directly in it, by the repeat's path.
    """

    answers: Mapping[str, Value]
    home: str | None = None
    around: "Row | None" = None
    within: Mapping[str, tuple["Row", ...]] = field(default_factory=dict)

    def below(self, repeat: str) -> Iterator["Row"]:
        """The rows of a repeat inside this one, however deep, in their order."""
        for path, rows in self.within.items():
            for row in rows:
                if path == repeat:
                    yield row
                elif repeat.startswith(f"{path}/"):
                    yield from row.below(repeat)


@dataclass(frozen=True)
class Meanings:
    """What the names of a form mean. repeats: paths; files: rows of reference files by name; today: `today()`."""

    variables: Mapping[str, Meaning]
    today: date
    repeats: tuple[str, ...] = ()
    files: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
