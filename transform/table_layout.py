"""Which tables and columns a form's answers get: names, types, and the paths that each column reads.

Making a layout from the versions of a form is `transform.lay_out`, filling its tables `transform.loading`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, count

from transform.casts import ValueType, sql_type

MAIN_KEYS = ("root_id",)
REPEAT_KEYS = ("root_id", "parent_position", "position")
SYSTEM_COLUMNS: Mapping[str, str] = {
    "instance_id": "VARCHAR",
    "form_version": "VARCHAR",
    "received_at": "TIMESTAMPTZ",
    "updated_at": "TIMESTAMPTZ",
    "submitter": "VARCHAR",
    "device_id": "VARCHAR",
    "review": "VARCHAR",
}
KEPT_RECORD = "kept_record"


class ColumnKind(StrEnum):
    """Where a column comes from."""

    QUESTION = "question"
    DERIVED = "derived"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `variable` is the name by which expressions read it, None where another column owns that name.

    paths: the paths it is read from, today's first. codes: the choices any version has, in order; empty where there
    are none or they come from a file. unknown_codes: those whose kind is not substantive. renamed_codes: earlier name
    to today's.
    """

    name: str
    value: ValueType
    kind: ColumnKind
    variable: str | None = None
    paths: tuple[str, ...] = ()
    list_name: str | None = None
    codes: tuple[str, ...] = ()
    unknown_codes: tuple[str, ...] = ()
    renamed_codes: tuple[tuple[str, str], ...] = ()

    @property
    def sql_type(self) -> str:
        """Its type in DuckDB."""
        return sql_type(self.value)


@dataclass(frozen=True, slots=True)
class TableLayout:
    """One table: the form's own (`repeat` None) or a repeat's. parent: the repeat around it, None for the form.

    lists: the keys under which its rows stand in the parent's answers, today's first. silent: paths of nodes that
    hold no answer (notes).
    """

    name: str
    asked_name: str
    repeat: str | None
    parent: str | None
    lists: tuple[str, ...]
    columns: tuple[Column, ...]
    silent: tuple[str, ...]

    @property
    def questions(self) -> tuple[Column, ...]:
        """Columns that hold answers."""
        return tuple(column for column in self.columns if column.kind is ColumnKind.QUESTION)

    @property
    def derived(self) -> tuple[Column, ...]:
        """Columns computed from others."""
        return tuple(column for column in self.columns if column.kind is ColumnKind.DERIVED)


@dataclass(frozen=True, slots=True)
class FormLayout:
    """All tables of a form: its own first, then its repeats, outer before inner."""

    form_id: str
    tables: tuple[TableLayout, ...]

    @property
    def main(self) -> TableLayout:
        """The table with one row a submission."""
        return self.tables[0]

    def table(self, repeat: str | None) -> TableLayout:
        """The table of a repeat, by its path; the form's own for None."""
        return next(table for table in self.tables if table.repeat == repeat)

    def children(self, repeat: str | None) -> tuple[TableLayout, ...]:
        """Tables of the repeats directly inside this one."""
        return tuple(table for table in self.tables if table.repeat is not None and table.parent == repeat)


class Names:
    """Gives names that are unique case-insensitively, as DuckDB compares them."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def claim(self, *wishes: str) -> str:
        """The first wish that is free, else the last one with a number."""
        numbered = (f"{wishes[-1]}_{number}" for number in count(2))
        free = next(wish for wish in chain(wishes, numbered) if wish.casefold() not in self._taken)
        self._taken.add(free.casefold())
        return free
