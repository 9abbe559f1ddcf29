"""Read the analytical file, always the newest one: reopened when a build has put another in its place.

A `Snapshot` is one file from its first query to its last, whatever builds do meanwhile. Writing is `transform.tables`.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from forms.text import Bilingual
from transform.casts import ValueType
from transform.errors import BuildError
from transform.scope import NamedColumn, ReferenceTable, RowSource, Scope
from transform.sql import literal

Arrays = dict[str, "np.ndarray[Any, np.dtype[Any]]"]


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """Where a variable stands. repeat: the path of its table's repeat, None for the form's own table.

    type: the registry's word (`integer`, `select_one`, ...); None for system columns.
    """

    table: str
    column: str
    sql_type: str
    repeat: str | None = None
    type: str | None = None
    list_name: str | None = None


class Snapshot:
    """One file, open read-only; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        # A second connect() to a path gives the instance that is already open, with the file that was there before;
        # attaching to a database of its own opens the path afresh.
        self._connection = duckdb.connect(
            ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(f"ATTACH {literal(str(path))} AS tables (READ_ONLY)")

    def rows(self, sql: str, params: Sequence[object] = ()) -> Arrays:
        """The result of a query, one array a column.

        A column with missing values is a `numpy.ma.MaskedArray`; texts and lists are object arrays, dates and moments
        (UTC) datetime64.
        """
        with self._connection.cursor() as cursor:
            cursor.execute("USE tables")
            columns = cursor.execute(sql, list(params)).fetchnumpy()
            return {column: np.asanyarray(values) for column, values in columns.items()}

    @cached_property
    def form_ids(self) -> tuple[str, ...]:
        """The forms that have tables."""
        return tuple(str(form_id) for form_id in self.rows('SELECT form_id FROM "_forms"')["form_id"])

    def columns(self, form_id: str) -> Mapping[str, ColumnRef]:
        """Columns by the name that expressions use and by full path; system columns of the form's own table too."""
        found: dict[str, ColumnRef] = {}
        for row in self._registry(form_id):
            ref = ColumnRef(
                row["table_name"], row["column_name"], row["sql_type"], row["repeat"], row["type"], row["list_name"]
            )
            is_system = row["kind"] == "system" and row["repeat"] is None
            for key in (row["path"], row["variable"], row["column_name"] if is_system else None):
                if key is not None:
                    found.setdefault(key, ref)
        return found

    def table(self, form_id: str, repeat: str | None = None) -> str:
        """The table of a form, or of one of its repeats, named by its path or last name. Raises BuildError."""
        for row in self._tables(form_id):
            path = row["repeat"]
            if path == repeat or (path is not None and path.rpartition("/")[2] == repeat):
                return str(row["table_name"])
        raise BuildError(
            Bilingual(
                f"There are no tables of {form_id}{f' for the repeat {repeat}' if repeat else ''} yet. "
                "Run `jekafo build`.",
                f"Il n'y a pas encore de tables de {form_id}{f' pour le groupe répété {repeat}' if repeat else ''}. "
                "Lancez `jekafo build`.",
            )
        )

    def scope(self, form_id: str, *, home: str | None = None, alias: str = "t", as_of: date | None = None) -> Scope:
        """What names mean in expressions over the rows of `home`, selected under `alias`.

        as_of: what `today()` means; by default the day for which the tables were built.
        """
        self.table(form_id)
        variables = {
            row["variable"]: NamedColumn(
                row["repeat"], row["column_name"], ValueType(row["type"]), tuple(row["unknown_codes"])
            )
            for row in self._registry(form_id)
            if row["variable"] is not None
        }
        sources = {row["repeat"]: RowSource(row["table_name"], row["parent"]) for row in self._tables(form_id)}
        if as_of is None:
            built = self._records('SELECT CAST(as_of AS VARCHAR) AS as_of FROM "_forms" WHERE form_id = ?', form_id)
            as_of = date.fromisoformat(built[0]["as_of"])
        return Scope(variables, sources, as_of, self.files(form_id), home, alias)

    def files(self, form_id: str) -> Mapping[str, ReferenceTable]:
        """The form's CSVs, by file stem."""
        rows = self._records('SELECT stem, table_name, columns FROM "_files" WHERE form_id = ?', form_id)
        return {row["stem"]: ReferenceTable(row["table_name"], tuple(row["columns"])) for row in rows}

    def _registry(self, form_id: str) -> list[dict[str, Any]]:
        return self._records(
            'SELECT "_columns".*, repeat FROM "_columns" JOIN "_tables" USING (form_id, table_name) WHERE form_id = ? '
            'ORDER BY "_columns".rowid',
            form_id,
        )

    def _tables(self, form_id: str) -> list[dict[str, Any]]:
        return self._records(
            'SELECT table_name, repeat, parent FROM "_tables" WHERE form_id = ? ORDER BY rowid', form_id
        )

    def _records(self, sql: str, form_id: str) -> list[dict[str, Any]]:
        columns = {column: values.tolist() for column, values in self.rows(sql, [form_id]).items()}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


class Tables:
    """The analytical file of a project, whichever build wrote it last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: tuple[tuple[int, int, int], Snapshot] | None = None

    @property
    def exists(self) -> bool:
        """True once something has been built."""
        return self._path.is_file()

    def snapshot(self) -> Snapshot:
        """The newest file. Queries that belong together go to one snapshot. Raises BuildError if none is built."""
        with self._lock:
            while True:
                identity = self._identity()
                if self._open is not None and self._open[0] == identity:
                    return self._open[1]
                # Threads still reading the old file hold their own cursors on it.
                snapshot = Snapshot(self._path)
                # A build may have finished between looking and opening.
                if identity == self._identity():
                    self._open = (identity, snapshot)

    def rows(self, sql: str, params: Sequence[object] = ()) -> Arrays:
        """The result of one query over the newest file; see `Snapshot.rows`."""
        return self.snapshot().rows(sql, params)

    def columns(self, form_id: str) -> Mapping[str, ColumnRef]:
        """Where the variables of a form stand; see `Snapshot.columns`."""
        return self.snapshot().columns(form_id)

    def _identity(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except FileNotFoundError as error:
            raise BuildError(
                Bilingual(
                    "No tables have been built yet. Run `jekafo build`.",
                    "Aucune table n'a encore été construite. Lancez `jekafo build`.",
                )
            ) from error
        # A freed inode may be given again: the time of writing tells two files apart.
        return status.st_dev, status.st_ino, status.st_mtime_ns
