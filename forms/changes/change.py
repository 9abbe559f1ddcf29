"""A change between two versions of an instrument: what it is, where it stands, what to declare, what it touches."""

from dataclasses import dataclass, field
from enum import StrEnum

from forms.text import Bilingual


class Rank(StrEnum):
    """What a change does to the answers that are collected already.

    COSMETIC: nothing. COMPARABLE: they may stand in one series with the new ones, if somebody declares it.
    BREAKING: they are lost from sight, or cannot be read as before.
    """

    COSMETIC = "cosmetic"
    COMPARABLE = "comparable"
    BREAKING = "breaking"

    @property
    def weight(self) -> int:
        """Position from cosmetic (0) to breaking (2)."""
        return [Rank.COSMETIC, Rank.COMPARABLE, Rank.BREAKING].index(self)


class Subject(StrEnum):
    """What a change is about."""

    FORM = "form"
    GROUP = "group"
    QUESTION = "question"
    CHOICE = "choice"
    SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a change stands. cell: as Excel names it. in_old: in the older workbook, for what the newer lacks."""

    sheet: str
    row: int | None = None
    column: str | None = None
    cell: str | None = None
    in_old: bool = False

    def __str__(self) -> str:
        where = self.cell or (str(self.row) if self.row is not None else "")
        return f"{self.sheet}!{where}" if where else self.sheet


@dataclass(frozen=True, slots=True)
class Touched:
    """The answers that a change is about. paths: where older versions keep them. choices: of these only; empty: any."""

    paths: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    path: of the question or group, `list/name` of a choice, `sheet/name` of a row of ours. before, after: the texts,
    None where there was or is nothing to show. advice: what to write where, None where nothing is to be done.
    is_declared: the workbook says already how old and new answers go together. readers: names of indicators and derived
    variables that read it. touched: None where no answer is concerned.
    """

    code: str
    rank: Rank
    subject: Subject
    path: str
    message: Bilingual
    spot: Spot | None = None
    before: str | None = None
    after: str | None = None
    advice: Bilingual | None = None
    is_declared: bool = False
    readers: tuple[str, ...] = ()
    touched: Touched | None = field(default=None)
