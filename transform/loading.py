"""Load the answers of one form, chunk by chunk, into its tables, and what does not fit into `_misfits`.

Every chunk is reconciled: the leaves of the JSON texts, counted without parsing them, equal the values that came out,
the nodes that were empty and the misfits that are listed; else the build stops. Parsing a chunk is
`transform.chunk_cells`, typing it `transform.chunk_rows`, derived variables are `transform.derive`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa

from forms.form import Form
from forms.text import Bilingual
from transform.answer_shapes import TOO_LARGE_TO_READ, AnswerShape, ShapeMisfit
from transform.arrivals import arrivals, chunks
from transform.chunk_cells import ARRIVALS, Cells
from transform.chunk_rows import Rows
from transform.derive import about, derivations, kept_record_sql, scope_of
from transform.errors import BuildError, unexpected
from transform.records import AnswerRecord
from transform.scope import ReferenceTable
from transform.sql import literal, name
from transform.table_layout import KEPT_RECORD, REPEAT_KEYS, SYSTEM_COLUMNS, FormLayout, TableLayout

MISFITS = "_misfits"
_SHAPE_MISFITS = "~shape_misfits"

_MISFITS_SCHEMA = pa.schema(
    [
        ("~ordinal", pa.int64()),
        ("path", pa.string()),
        ("positions", pa.list_(pa.int32())),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)


class FormLoader:
    """Fills the tables of one form, which it creates."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        layout: FormLayout,
        form: Form,
        files: Mapping[str, ReferenceTable],
        as_of: date,
    ) -> None:
        self._connection = connection
        self._layout = layout
        self._shape = AnswerShape(layout)
        self._cells = [Cells(layout, table, number) for number, table in enumerate(layout.tables)]
        self._mended = [Cells(layout, table, number, "mended") for number, table in enumerate(layout.tables)]
        self._rows = [Rows(cells, layout.form_id) for cells in self._cells]
        row_tables = {rows.cells.table.repeat: rows.name for rows in self._rows}
        scope = scope_of(layout, row_tables, files, as_of)
        self._derivations = derivations(layout, form.interpretation.derived, self._rows, scope)
        design = form.interpretation.design
        self._kept_record = kept_record_sql(design.records if design else None, scope)
        for table in layout.tables:
            connection.execute(_create_sql(table))
            connection.execute(_create_asked_sql(table))

    def load(self, batches: Iterable[Sequence[AnswerRecord]]) -> None:
        """Load all submissions.

        Raises BuildError where a leaf is lost, a submission comes twice or a variable fails.
        """
        for chunk in chunks(batches):
            self._load_within_memory(chunk)
        main = name(self._layout.main.name)
        rows, distinct = self._one_row(f"SELECT count(*), count(DISTINCT root_id) FROM {main}")
        if rows != distinct:
            raise BuildError(
                Bilingual(
                    f"Form {self._layout.form_id}: {rows - distinct} submissions came twice under one root_id. "
                    "The store must give the current version of each only.",
                    f"Formulaire {self._layout.form_id} : {rows - distinct} soumissions sont venues deux fois sous un "
                    "même root_id. La base ne doit donner que la version en vigueur de chacune.",
                )
            )

    def _load_within_memory(self, chunk: Sequence[AnswerRecord]) -> None:
        """Load a chunk; where memory does not suffice, its halves, and a record that is too large as one misfit."""
        if self._has_fitted(chunk):
            return
        if len(chunk) > 1:
            middle = len(chunk) // 2
            self._load_within_memory(chunk[:middle])
            self._load_within_memory(chunk[middle:])
        else:
            self._list_as_too_large(chunk[0])

    def _has_fitted(self, chunk: Sequence[AnswerRecord]) -> bool:
        """Load a chunk; False where memory does not suffice, and then nothing of it is written."""
        try:
            with self._whole():
                self._load_chunk(chunk)
        except duckdb.OutOfMemoryException:
            return False
        except duckdb.Error:
            with self._whole():
                self._load_chunk(chunk, is_searching=True)
        return True

    def _list_as_too_large(self, record: AnswerRecord) -> None:
        with self._whole():
            self._load_chunk([replace(record, answers="{}")])
            self._list_shape_misfits([(0, ShapeMisfit("", (), record.answers, TOO_LARGE_TO_READ))])

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All that is written stands together or not at all."""
        self._connection.begin()
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def _load_chunk(self, chunk: Sequence[AnswerRecord], *, is_searching: bool = False) -> None:
        """Load a chunk. is_searching: raise a BuildError that names the variable that cannot be computed."""
        with self._registered(ARRIVALS, arrivals(chunk)):
            for cells in self._cells:
                self._connection.execute(cells.parse_sql())
        shape_misfits = self._mend(chunk)
        for rows in self._rows:
            self._connection.execute(rows.type_sql())
            self._connection.execute(rows.view_sql())
        self._reconcile(shape_misfits)
        for derivation in self._derivations:
            if is_searching:
                for variable, sql in derivation.alone:
                    self._try_alone(sql, f"Derived variable {variable}", f"Variable dérivée {variable}")
            self._connection.execute(derivation.compute)
            self._connection.execute(derivation.extend)
            self._list_issues(derivation.table, derivation.issues)
        if is_searching:
            counted = f"SELECT {self._kept_record} FROM {name(self._rows[0].name)} AS t"
            self._try_alone(f'CREATE OR REPLACE TEMP TABLE "~alone" AS {counted}', "design.records", "design.records")
        for rows in self._rows:
            self._connection.execute(self._insert_sql(rows))
            self._connection.execute(f"INSERT INTO {name(rows.cells.table.asked_name)} {rows.asked_sql()}")

    def _try_alone(self, sql: str, what_en: str, what_fr: str) -> None:
        try:
            self._connection.execute(sql)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise about(unexpected(error), what_en, what_fr) from error

    def _mend(self, chunk: Sequence[AnswerRecord]) -> int:
        """Bring suspect submissions to shape and parse them again; returns how many leaves had no place."""
        shaped = {ordinal: self._shape.bring_to_shape(chunk[ordinal].answers) for ordinal in self._suspects()}
        if not shaped:
            return 0
        with self._registered(ARRIVALS, arrivals(chunk, shaped)):
            for cells, mended in zip(self._cells, self._mended, strict=True):
                self._connection.execute(mended.parse_sql())
                for statement in cells.replace_sql(mended):
                    self._connection.execute(statement)
        misfits = [(ordinal, misfit) for ordinal, each in shaped.items() for misfit in each.misfits]
        self._list_shape_misfits(misfits)
        return len(misfits)

    @contextmanager
    def _registered(self, table: str, rows: pa.Table) -> Iterator[None]:
        # Where it breaks off, the rollback takes the name away: a broken transaction takes no more statements.
        self._connection.register(table, rows)
        yield
        self._connection.unregister(table)

    def _suspects(self) -> list[int]:
        """Ordinals of the submissions whose leaves have not all come out as cells of text."""
        found = {
            ordinal for cells in self._cells for (ordinal,) in self._connection.execute(cells.suspects_sql()).fetchall()
        }
        leaves = " UNION ALL ".join(cells.leaves_sql() for cells in self._cells)
        # A number or true where a text belongs becomes a cell, yet is no text leaf: only the counts show it.
        uneven = (
            f'SELECT "~ordinal" FROM {name(self._cells[0].name)} '
            f'JOIN (SELECT "~ordinal", sum(found) AS found FROM ({leaves}) GROUP BY "~ordinal") USING ("~ordinal") '
            'WHERE found <> "~leaves"'
        )
        found.update(ordinal for (ordinal,) in self._connection.execute(uneven).fetchall())
        return sorted(found)

    def _list_shape_misfits(self, misfits: Sequence[tuple[int, ShapeMisfit]]) -> None:
        columns = [
            [ordinal for ordinal, _ in misfits],
            [misfit.path for _, misfit in misfits],
            [list(misfit.positions) for _, misfit in misfits],
            [misfit.value for _, misfit in misfits],
            [misfit.reason for _, misfit in misfits],
        ]
        with self._registered(_SHAPE_MISFITS, pa.table(columns, schema=_MISFITS_SCHEMA)):
            self._connection.execute(
                f"INSERT INTO {name(MISFITS)} "
                f"SELECT {literal(self._layout.form_id)}, root_id, instance_id, path, positions, value, reason "
                f'FROM {name(_SHAPE_MISFITS)} JOIN {name(self._cells[0].name)} USING ("~ordinal") ORDER BY "~ordinal"'
            )

    def _reconcile(self, shape_misfits: int) -> None:
        """List what did not fit, and hold what came in against what came out."""
        leaves_in = self._one_row(f'SELECT coalesce(sum("~leaves"), 0) FROM {name(self._cells[0].name)}')[0]
        values = blanks = refused = 0
        for rows in self._rows:
            for source, total, checks in (
                (rows.typed, rows.values(), tuple(rows.checks())),
                (rows.cells.name, rows.cells.blanks(), tuple(rows.cell_checks())),
            ):
                issues = tuple((check.count, check.insert) for check in checks)
                found, *counts = self._list_issues(name(source), issues, total)
                refused += sum(count for count, check in zip(counts, checks, strict=True) if not check.is_kept)
                values += found if source == rows.typed else 0
                blanks += found if source == rows.cells.name else 0
        if leaves_in != values + blanks + refused + shape_misfits:
            raise BuildError(
                Bilingual(
                    f"Form {self._layout.form_id}: of {leaves_in - blanks} answers {values} came out and "
                    f"{refused + shape_misfits} are listed as misfits. This is a fault of the program: please report "
                    "it. The tables stay as they were.",
                    f"Formulaire {self._layout.form_id} : sur {leaves_in - blanks} réponses, {values} sont sorties et "
                    f"{refused + shape_misfits} sont listées comme anomalies. C'est un défaut du programme : veuillez "
                    "le signaler. Les tables restent comme elles étaient.",
                )
            )

    def _list_issues(self, source: str, issues: Sequence[tuple[str, str]], total: str = "0") -> tuple[int, ...]:
        """List the values of each kind of issue that occurs; returns the total, then how many there were of each."""
        # The count of rows makes this an aggregate, with its one row, also where nothing else does.
        wanted = ["count(*)", total, *(count for count, _ in issues)]
        _, *counts = self._one_row(f"SELECT {', '.join(wanted)} FROM {source}")
        for found, (_, insert) in zip(counts[1:], issues, strict=True):
            if found:
                self._connection.execute(f"INSERT INTO {name(MISFITS)} {insert}")
        return tuple(counts)

    def _insert_sql(self, rows: Rows) -> str:
        table = rows.cells.table
        columns = [name(column.name) for column in table.columns]
        if table.repeat is None:
            keys = ["root_id", *SYSTEM_COLUMNS, f"{self._kept_record} AS {KEPT_RECORD}"]
        else:
            keys = list(REPEAT_KEYS)
        return (
            f"INSERT INTO {name(table.name)} SELECT {', '.join([*keys, *columns])} FROM {name(rows.name)} AS t "
            'ORDER BY "~ordinal", position'
        )

    def _one_row(self, sql: str) -> tuple[int, ...]:
        row = self._connection.execute(sql).fetchone()
        return tuple(int(number) for number in row or ())


def _create_sql(table: TableLayout) -> str:
    if table.repeat is None:
        keys = ["root_id VARCHAR", *(f"{column} {kind}" for column, kind in SYSTEM_COLUMNS.items())]
        keys.append(f"{KEPT_RECORD} BOOLEAN")
    else:
        keys = _REPEAT_KEY_TYPES
    columns = [f"{name(column.name)} {column.sql_type}" for column in table.columns]
    return f"CREATE TABLE {name(table.name)} ({', '.join([*keys, *columns])})"


def _create_asked_sql(table: TableLayout) -> str:
    keys = ["root_id VARCHAR"] if table.repeat is None else _REPEAT_KEY_TYPES
    columns = [f"{name(column.name)} BOOLEAN" for column in table.questions]
    return f"CREATE TABLE {name(table.asked_name)} ({', '.join([*keys, *columns])})"


_REPEAT_KEY_TYPES = ["root_id VARCHAR", "parent_position INTEGER", "position INTEGER"]
