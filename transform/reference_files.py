"""Load a form's CSVs as tables of texts, for `pulldata` and for the names behind external choice lists."""

import csv
import io
from collections.abc import Mapping
from pathlib import PurePath

import duckdb
import pyarrow as pa

from forms.expression import Call, Expression, Text, walk
from forms.form import Form
from forms.text import Bilingual
from transform.errors import BuildError
from transform.scope import ReferenceTable
from transform.sql import name
from transform.table_layout import Names

_STAGED = "~reference"


def load_files(
    connection: duckdb.DuckDBPyConnection, form: Form, files: Mapping[str, bytes], table_names: Names
) -> Mapping[str, ReferenceTable]:
    """Load every CSV among `files`; returns the tables by the file's stem.

    An empty cell is NULL. Raises BuildError for a file that cannot be read, and for a key that stands twice in a
    column by which some `pulldata` of the form looks up.
    """
    keys = _key_columns(form)
    tables = {}
    for file_name in sorted(files):
        path = PurePath(file_name)
        if path.suffix.lower() == ".csv":
            columns, rows = _read(file_name, files[file_name])
            for key_column in sorted(keys.get(path.stem, frozenset()) & set(columns)):
                _refuse_double_keys(file_name, key_column, [row[columns.index(key_column)] for row in rows])
            table = table_names.claim(f"_file_{path.stem}", f"_file_{form.form_id}__{path.stem}")
            _store(connection, table, columns, rows)
            tables[path.stem] = ReferenceTable(table, columns)
    return tables


def _read(file_name: str, content: bytes) -> tuple[tuple[str, ...], list[list[str]]]:
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(file_name, str(error), str(error)) from error
    header, *rows = lines or [[]]
    columns = tuple(column.strip() for column in header)
    if len({column.casefold() for column in columns}) < len(columns) or "" in columns or not columns:
        raise _unreadable(
            file_name,
            "its first line must name every column, each once",
            "sa première ligne doit nommer chaque colonne, une fois chacune",
        )
    filled = [row for row in rows if any(row)]
    for row in filled:
        if any(row[len(columns) :]):
            raise _unreadable(
                file_name,
                f"the line that begins with {row[0]!r} has more cells than the first line",
                f"la ligne qui commence par {row[0]!r} a plus de cellules que la première",
            )
    return columns, [[*row, *[""] * len(columns)][: len(columns)] for row in filled]


def _store(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: list[list[str]]) -> None:
    cells = [pa.array([row[place] or None for row in rows], pa.string()) for place in range(len(columns))]
    connection.register(_STAGED, pa.Table.from_arrays(cells, names=list(columns)))
    connection.execute(f"CREATE TABLE {name(table)} AS SELECT * FROM {name(_STAGED)}")
    connection.unregister(_STAGED)


def _key_columns(form: Form) -> Mapping[str, frozenset[str]]:
    """File stem to the columns by which the form's expressions look up."""
    found: dict[str, frozenset[str]] = {}
    for expression in _expressions(form):
        for part in walk(expression):
            match part:
                case Call("pulldata", (Text(stem), _, Text(key_column), _)):
                    stem = stem.removesuffix(".csv")
                    found[stem] = found.get(stem, frozenset()) | {key_column}
                case _:
                    pass
    return found


def _expressions(form: Form) -> list[Expression]:
    interpretation = form.interpretation
    found = [variable.calculation for variable in interpretation.derived]
    found.extend(indicator.where for indicator in interpretation.indicators if indicator.where is not None)
    if interpretation.design is not None and interpretation.design.records is not None:
        found.append(interpretation.design.records)
    return found


def _refuse_double_keys(file_name: str, column: str, keys: list[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key and key in seen:
            raise _unreadable(
                file_name,
                f"{column} has {key!r} twice, so pulldata() cannot say which row is meant",
                f"{column} contient deux fois {key!r} : pulldata() ne sait pas quelle ligne est visée",
            )
        seen.add(key)


def _unreadable(file_name: str, why_en: str, why_fr: str) -> BuildError:
    return BuildError(
        Bilingual(
            f"{file_name} cannot be used: {why_en}. Correct the file and publish it again.",
            f"{file_name} est inutilisable : {why_fr}. Corrigez le fichier et publiez-le à nouveau.",
        )
    )
