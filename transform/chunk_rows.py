"""Type the cells of a chunk: rows with the columns of the final table, and statements that list what did not fit.

Parsing is `transform.chunk_cells`; the lexical rules are `transform.casts`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from transform.casts import ValueType, can_misfit, cast, misfit_reason
from transform.chunk_cells import Cells
from transform.sql import literal, literals, name
from transform.table_layout import SYSTEM_COLUMNS, Column

NOT_A_CHOICE = "not_a_choice"
ALSO_UNDER_EARLIER_PATH = "also_under_earlier_path"


@dataclass(frozen=True, slots=True)
class Check:
    """Something that may be wrong with a column. count: SQL aggregate over the source. insert: lists each one.

    is_kept: the value stands in its column all the same.
    """

    count: str
    insert: str
    is_kept: bool


@dataclass(frozen=True)
class Rows:
    """The typed rows of one table in a chunk."""

    cells: Cells
    form_id: str

    @property
    def name(self) -> str:
        """The temporary view: the typed answers, and beside them what has been derived so far."""
        return f"~rows_{self.cells.number}"

    @property
    def typed(self) -> str:
        """The temporary table of the typed answers."""
        return f"~typed_{self.cells.number}"

    def type_sql(self) -> str:
        """SQL that fills the table from the cells. Beside a column whose cast can fail stands the text that did."""
        questions = self.cells.table.questions
        texts = [f"{self._text(column)} AS {_text_name(number)}" for number, column in enumerate(questions)]
        values = [
            f"{_recoded(column, cast(column.value, _text_name(number)))} AS {name(column.name)}"
            for number, column in enumerate(questions)
        ]
        refused = [
            f"CASE WHEN {name(column.name)} IS NULL THEN nullif({_text_name(number)}, '') END AS {_text_name(number)}"
            for number, column in enumerate(questions)
            if can_misfit(column.value)
        ]
        typed = [name(column.name) for column in questions]
        system = SYSTEM_COLUMNS if self.cells.table.repeat is None else ("instance_id", "parent_position")
        carried = [name(column) for column in ("~ordinal", "root_id", *system, "~positions", "position")]
        return (
            f"CREATE OR REPLACE TEMP TABLE {name(self.typed)} AS SELECT {', '.join([*carried, *typed, *refused])} "
            f"FROM (SELECT *, {', '.join(values) or 'NULL'} "
            f"FROM (SELECT {', '.join([*carried, *texts])} FROM {name(self.cells.name)}))"
        )

    def asked_sql(self) -> str:
        """SQL of the rows of the companion table: which questions' nodes were there."""
        keys = ["root_id"] if self.cells.table.repeat is None else ["root_id", "parent_position", "position"]
        asked = [
            " OR ".join(f"{cell} IS NOT NULL" for cell in self.cells.of(column)) or "FALSE"
            for column in self.cells.table.questions
        ]
        return f'SELECT {", ".join([*keys, *asked])} FROM {name(self.cells.name)} ORDER BY "~ordinal", position'

    def view_sql(self) -> str:
        """SQL of the view while nothing is derived."""
        return f"CREATE OR REPLACE TEMP VIEW {name(self.name)} AS SELECT * FROM {name(self.typed)}"

    def values(self) -> str:
        """SQL aggregate over the typed answers: how many values they hold."""
        counts = [f"count({name(column.name)})" for column in self.cells.table.questions]
        return " + ".join(counts) or "0"

    def checks(self) -> Iterator[Check]:
        """What may be wrong with the typed rows."""
        for number, column in enumerate(self.cells.table.questions):
            if can_misfit(column.value):
                text = _text_name(number)
                insert = self._insert(column.paths[0], text, misfit_reason(column.value, text), f"{text} IS NOT NULL")
                yield Check(f"count({text})", insert, is_kept=False)
            if column.codes:
                yield self._strange_codes(column)

    def cell_checks(self) -> Iterator[Check]:
        """What may be wrong with the cells: answers under two paths of one question, answers to notes."""
        for column in self.cells.table.questions:
            cells = self.cells.of(column)
            for place, cell in enumerate(cells[1:], start=1):
                earlier = " OR ".join(f"coalesce({other}, '') <> ''" for other in cells[:place])
                path = next(path for path in column.paths if name(self.cells.texts.get(path, "")) == cell)
                yield self._cell_check(path, cell, f"{cell} <> '' AND ({earlier})", ALSO_UNDER_EARLIER_PATH)
        for path in self.cells.table.silent:
            if path in self.cells.texts:
                cell = name(self.cells.texts[path])
                yield self._cell_check(path, cell, f"{cell} <> ''", "holds_no_answer")

    def _cell_check(self, path: str, cell: str, condition: str, reason: str) -> Check:
        insert = self._insert(path, cell, literal(reason), condition, source=self.cells.name)
        return Check(_count(condition), insert, is_kept=False)

    def _strange_codes(self, column: Column) -> Check:
        value = name(column.name)
        if column.value is not ValueType.CHOICES:
            condition = f"{value} NOT IN ({literals(column.codes)})"
            return Check(
                _count(condition), self._insert(column.paths[0], value, literal(NOT_A_CHOICE), condition), is_kept=True
            )
        codes = f"[{literals(column.codes)}]"
        condition = f"NOT list_has_all({codes}, {value})"
        strange = f"unnest(list_filter({value}, lambda code: NOT list_contains({codes}, code)))"
        return Check(
            _count(condition), self._insert(column.paths[0], strange, literal(NOT_A_CHOICE), condition), is_kept=True
        )

    def _insert(self, path: str, value: str, reason: str, condition: str, *, source: str | None = None) -> str:
        form_id = literal(self.form_id)
        return (
            f'SELECT {form_id}, root_id, instance_id, {literal(path)}, "~positions", {value}, {reason} '
            f'FROM {name(source or self.typed)} WHERE {condition} ORDER BY "~ordinal", position'
        )

    def _text(self, column: Column) -> str:
        """The answer under whichever of its paths it stands."""
        cells = self.cells.of(column)
        if not cells:
            return "CAST(NULL AS VARCHAR)"
        if len(cells) == 1:
            return cells[0]
        filled = ", ".join(f"nullif({cell}, '')" for cell in cells)
        return f"coalesce({filled})"


def _text_name(number: int) -> str:
    return name(f"~text_{number}")


def _count(condition: str) -> str:
    return f"count(*) FILTER ({condition})"


def _recoded(column: Column, value: str) -> str:
    """The value with earlier names of its choices replaced by today's."""
    if not column.renamed_codes:
        return value
    cases = " ".join(f"WHEN {literal(before)} THEN {literal(today)}" for before, today in column.renamed_codes)
    if column.value is ValueType.CHOICES:
        codes = f"list_transform({value}, lambda code: CASE code {cases} ELSE code END)"
        # Two choices that became one stand once, in the place of the first.
        return f"list_filter({codes}, lambda code, place: list_position({codes}, code) = place)"
    if column.value is ValueType.CHOICE:
        return f"CASE {value} {cases} ELSE {value} END"
    return value
