"""Keep the tables that a form had in the file that stood before, where this build could not make them anew."""

from pathlib import Path

import duckdb

from transform.sql import literal, name
from transform.table_layout import Names

_NAMES = {"_tables": ("table_name", "asked_name"), "_files": ("table_name",), "_columns": ("table_name",)}
"""Registry to its columns that name tables."""


def table_names(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The tables of the file that is being written."""
    sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'tables'"
    return frozenset(table for (table,) in connection.execute(sql).fetchall())


def keep_previous(connection: duckdb.DuckDBPyConnection, path: Path, form_id: str, registries: tuple[str, ...]) -> None:
    """Copy the form's tables and what the registries say of them from the file at `path`, if it has them.

    A table whose name another form has taken since gets another one. Raises duckdb.Error where a copy breaks off.
    """
    if not path.exists():
        return
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS previous (READ_ONLY)")
    except duckdb.Error:
        return  # Nobody can read a file that does not open: there is nothing to keep.
    try:
        _copy(connection, form_id, registries)
    finally:
        connection.execute("DETACH previous")


def _copy(connection: duckdb.DuckDBPyConnection, form_id: str, registries: tuple[str, ...]) -> None:
    names = Names(table_names(connection))
    named = "SELECT {column} FROM previous.{registry} WHERE form_id = ? AND {column} IS NOT NULL"
    today: dict[str, str] = {}
    for registry in ("_tables", "_files"):
        for column in _NAMES[registry]:
            sql = named.format(column=column, registry=name(registry))
            for (before,) in connection.execute(sql, [form_id]).fetchall():
                today[before] = names.claim(before)
                _copy_table(connection, before, today[before])
    for registry in registries:
        connection.execute(
            f"INSERT INTO {name(registry)} BY NAME SELECT * FROM previous.{name(registry)} WHERE form_id = ?", [form_id]
        )
        for column in _NAMES.get(registry, ()):
            for before, after in today.items():
                if before != after:
                    connection.execute(
                        f"UPDATE {name(registry)} SET {column} = ? WHERE {column} = ? AND form_id = ?",
                        [after, before, form_id],
                    )


def _copy_table(connection: duckdb.DuckDBPyConnection, before: str, after: str) -> None:
    connection.execute(f"CREATE TABLE {name(after)} AS SELECT * FROM previous.{name(before)} LIMIT 0")
    counted = connection.execute(f"SELECT count(*) FROM previous.{name(before)}").fetchone()
    _copy_rows(connection, before, after, range(counted[0] if counted else 0))


def _copy_rows(connection: duckdb.DuckDBPyConnection, before: str, after: str, rows: range) -> None:
    """Copy some rows; where long texts do not fit into memory, one half after the other."""
    source = f"SELECT * FROM previous.{name(before)} WHERE rowid >= {rows.start} AND rowid < {rows.stop}"
    try:
        connection.execute(f"INSERT INTO {name(after)} {source}")
    except duckdb.OutOfMemoryException:
        if len(rows) <= 1:
            raise
        middle = rows.start + len(rows) // 2
        for half in (range(rows.start, middle), range(middle, rows.stop)):
            _copy_rows(connection, before, after, half)
