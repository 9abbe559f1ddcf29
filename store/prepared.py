"""Statements that are made once and run for every submission: on SQLite straight through the driver.

To build and dispatch a statement costs SQLAlchemy several times what SQLite needs to run it. Values pass through the
types of their columns as ever; rows come as the driver gives them. What is asked rarely has no need of this.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Update


class Prepared:
    """One statement, with the same names of values each time; made at import, compiled when it first runs."""

    def __init__(self, statement: Select[Any] | Insert | Update) -> None:
        self._statement = statement
        self._on_sqlite: _DriverStatement | None = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run it in the connection's transaction and return its rows, none where it returns none."""
        # Only within a transaction that SQLAlchemy has begun: the driver begins none by itself.
        if connection.dialect.name == "sqlite" and connection.in_transaction():
            return self.run_by_driver(connection.connection.dbapi_connection, connection.dialect, values)
        result = connection.execute(self._statement, values)
        return result.all() if result.returns_rows else ()

    def run_by_driver(self, driver: Any, dialect: Dialect, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run it on a connection of sqlite3."""
        statement = self._on_sqlite
        if statement is None:
            statement = self._on_sqlite = _DriverStatement(self._statement, dialect, values)
        # All rows are fetched: a statement left open would hold its view of the database.
        rows: Sequence[Sequence[Any]] = driver.execute(statement.sql, statement.parameters(values)).fetchall()
        return rows


class _DriverStatement:
    """SQL text with `?`, and how each value of it is found and converted."""

    def __init__(self, statement: Select[Any] | Insert | Update, dialect: Dialect, values: Mapping[str, Any]) -> None:
        # column_keys: an INSERT without values of its own writes the columns that are named here.
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(values))
        self.sql = str(compiled)
        self._places: list[tuple[str, Any, Callable[[Any], Any] | None]] = [
            (name, compiled.params[name], compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup
        ]

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        return [
            convert(values.get(name, constant)) if convert is not None else values.get(name, constant)
            for name, constant, convert in self._places
        ]
