"""Parse the answers of a chunk, once, into cells of text: one temporary table for the form and one for each repeat.

`json_transform` passes over keys that it was not told of. So every row counts its keys, and a row whose keys have not
all come out as cells, or whose cells are no plain texts, is a suspect: `transform.answer_shapes` brings it to shape.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from transform.sql import literal, name
from transform.table_layout import SYSTEM_COLUMNS, Column, FormLayout, TableLayout

ARRIVALS = "~arrivals"
"""Name of the chunk as it came: `~ordinal`, root_id, the system columns, answers, `~leaves` where they are known."""

# A question's name is an XML name: it cannot hold a tilde, so our own columns never meet one.
CARRIED = ("~ordinal", "root_id", "instance_id")


@dataclass(frozen=True)
class Cells:
    """The cells of one table: which JSON keys they hold and under which names they stand.

    batch: word for the submissions parsed together; cells of two batches stand beside each other.
    """

    layout: FormLayout
    table: TableLayout
    number: int
    batch: str = "cells"

    @property
    def name(self) -> str:
        """The temporary table."""
        return f"~{self.batch}_{self.number}"

    @cached_property
    def lists(self) -> dict[str, str]:
        """Key of a repeat inside this table to its cell."""
        keys = (key for child in self.layout.children(self.table.repeat) for key in child.lists)
        return {key: f"~list_{number}" for number, key in enumerate(dict.fromkeys(keys))}

    @cached_property
    def texts(self) -> dict[str, str]:
        """Path of a question or note to its cell. A path that some version has as a repeat is no text."""
        paths = (*(path for column in self.table.questions for path in column.paths), *self.table.silent)
        return {path: f"~text_{number}" for number, path in enumerate(dict.fromkeys(paths)) if path not in self.lists}

    def of(self, column: Column) -> tuple[str, ...]:
        """SQL of the cells a question is read from, today's path first."""
        return tuple(name(self.texts[path]) for path in column.paths if path in self.texts)

    def parse_sql(self) -> str:
        """SQL that fills the table from the chunk as it came, or from the cells of the table around it."""
        source = self._submissions_sql() if self.table.repeat is None else self._elements_sql()
        keys = dict.fromkeys(self.texts, "VARCHAR") | {key: ["JSON"] for key in self.lists}
        alone = {key: shape for key, shape in keys.items() if self._is_alone(key)}
        structure = literal(json.dumps(alone | {"~": "VARCHAR"}, ensure_ascii=False))
        cells = [f"{self._cell_sql(key)} AS {name(cell)}" for key, cell in (self.texts | self.lists).items()]
        return (
            f"CREATE OR REPLACE TEMP TABLE {name(self.name)} AS "
            f"SELECT {', '.join([*self._carried(), *cells])} FROM ("
            "SELECT *, CASE WHEN starts_with(ltrim(object), '{') THEN len(json_keys(object)) ELSE -1 END AS \"~keys\", "
            f"json_transform(object, {structure}) AS fields FROM ({source}))"
        )

    def replace_sql(self, other: "Cells") -> tuple[str, str]:
        """SQL that puts the submissions of another batch in the place of those of the same ordinals here."""
        return (
            f'DELETE FROM {name(self.name)} WHERE "~ordinal" IN (SELECT "~ordinal" FROM {name(ARRIVALS)})',
            f"INSERT INTO {name(self.name)} SELECT * FROM {name(other.name)}",
        )

    def suspects_sql(self) -> str:
        """SQL of the ordinals of rows that have keys without a cell, or cells that are no plain text."""
        found = [f"CAST({name(cell)} IS NOT NULL AS INTEGER)" for cell in (*self.texts.values(), *self.lists.values())]
        # json_transform hands a list or object in a text's place on as JSON. A range is the cheapest look at one sign.
        composed = [
            f"({name(cell)} >= '{sign}' AND {name(cell)} < '{chr(ord(sign) + 1)}')"
            for cell in self.texts.values()
            for sign in "[{"
        ]
        lost = f'"~keys" IS DISTINCT FROM {" + ".join(found) or "0"}'
        return f'SELECT DISTINCT "~ordinal" FROM {name(self.name)} WHERE {" OR ".join([lost, *composed])}'

    def leaves_sql(self) -> str:
        """SQL of the number of text cells of each row in this table."""
        found = [f"CAST({name(cell)} IS NOT NULL AS INTEGER)" for cell in self.texts.values()]
        return f'SELECT "~ordinal", {" + ".join(found) or "0"} AS found FROM {name(self.name)}'

    def blanks(self) -> str:
        """SQL aggregate: the cells of nodes that were there and empty."""
        return " + ".join(f"count(*) FILTER ({name(cell)} = '')" for cell in self.texts.values()) or "0"

    def _carried(self) -> Iterator[str]:
        if self.table.repeat is None:
            yield from (name(column) for column in ("~ordinal", "root_id", *SYSTEM_COLUMNS, "~leaves", "~keys"))
            yield '[]::INTEGER[] AS "~positions"'
            yield "CAST(NULL AS INTEGER) AS position"
        else:
            yield from (name(column) for column in (*CARRIED, "~positions", "~keys", "parent_position", "position"))

    def _submissions_sql(self) -> str:
        return (
            'SELECT * EXCLUDE (answers, "~leaves"), coalesce("~leaves", ' + _LEAVES + ') AS "~leaves", '
            "CASE WHEN json_valid(answers) THEN answers ELSE '\"\"' END AS object "
            f"FROM {name(ARRIVALS)}"
        )

    def _elements_sql(self) -> str:
        around = next(
            Cells(self.layout, table, number, self.batch)
            for number, table in enumerate(self.layout.tables)
            if table.repeat == self.table.parent
        )
        lists = [name(around.lists[key]) for key in self.table.lists]
        rows = lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"
        elements = (
            f'SELECT "~ordinal", root_id, instance_id, position AS parent_position, "~positions" AS around, '
            f"unnest({rows}) AS object, unnest(range(1, len({rows}) + 1)) AS place "
            f"FROM {name(around.name)} WHERE len({rows}) > 0"
        )
        # Within one submission rows are numbered through, so that root_id and position are a key.
        position = (
            "place"
            if self.table.parent is None
            else 'row_number() OVER (PARTITION BY "~ordinal" ORDER BY parent_position, place)'
        )
        return (
            'SELECT "~ordinal", root_id, instance_id, parent_position, '
            f'CAST({position} AS INTEGER) AS position, list_append(around, CAST(place AS INTEGER)) AS "~positions", '
            f"object FROM ({elements})"
        )

    def _is_alone(self, key: str) -> bool:
        """True where no other key differs only by case: a STRUCT would not take both."""
        return self._case_counts[key.casefold()] == 1

    @cached_property
    def _case_counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for key in (*self.texts, *self.lists):
            counts[key.casefold()] = counts.get(key.casefold(), 0) + 1
        return counts

    def _cell_sql(self, key: str) -> str:
        if self._is_alone(key):
            return f"fields.{name(key)}"
        pointer = literal("/" + key.replace("~", "~0").replace("/", "~1"))
        if key in self.lists:
            return f"from_json(json_extract(object, {pointer}), '[\"JSON\"]')"
        return f"json_extract_string(object, {pointer})"


def _occurrences(pattern: str) -> str:
    return f"(strlen(answers) - strlen(replace(answers, {literal(pattern)}, ''))) // {len(pattern)}"


# Inside a JSON text a quote is escaped, so `":"` stands between a key and a text and nearly nowhere else; where it
# does, the count does not agree and the row is looked at closely. json.dumps may put a space after the colon.
_LEAVES = (
    "(" + _occurrences('":"') + " + CASE WHEN contains(answers, '\": \"') THEN " + _occurrences('": "') + " ELSE 0 END)"
)
