"""Build the analytical file: one DuckDB file a project, derived from the answers as kept and rebuildable at any time.

A build writes beside the file that stands and then takes its place in one step, so that readers never see half of it
and a failed build leaves the old one. Which tables there are is `transform.table_layout`, filling them
`transform.loading`, reading them `transform.reader`.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from forms.form import Form
from transform.loading import MISFITS, FormLoader
from transform.records import AnswerRecord, BuildReport, FormData
from transform.reference_files import load_files
from transform.sql import literal, name
from transform.table_layout import KEPT_RECORD, SYSTEM_COLUMNS, FormLayout, Names, lay_out

__all__ = ["AnswerRecord", "BuildReport", "FormData", "build_tables"]

MEMORY_LIMIT = "256MB"
"""For DuckDB's own buffers; what does not fit goes to a folder beside the file."""

CHECKPOINT_THRESHOLD = "256MB"
"""A checkpoint writes the last, incomplete rows of every table anew: rare ones are cheaper."""

_REGISTRIES = {
    MISFITS: "form_id VARCHAR, root_id VARCHAR, instance_id VARCHAR, path VARCHAR, positions INTEGER[], "
    "value VARCHAR, reason VARCHAR",
    "_columns": "form_id VARCHAR, table_name VARCHAR, column_name VARCHAR, path VARCHAR, type VARCHAR, "
    "list_name VARCHAR, kind VARCHAR, variable VARCHAR, sql_type VARCHAR, unknown_codes VARCHAR[], "
    "earlier_paths VARCHAR[]",
    "_tables": "form_id VARCHAR, table_name VARCHAR, asked_name VARCHAR, repeat VARCHAR, parent VARCHAR",
    "_files": "form_id VARCHAR, stem VARCHAR, table_name VARCHAR, columns VARCHAR[]",
    "_forms": 'form_id VARCHAR, version VARCHAR, "rows" BIGINT, as_of DATE, content_hash VARCHAR',
}


def build_tables(path: Path, data: Sequence[FormData], *, as_of: date) -> BuildReport:
    """Write the tables of all forms to `path`, in place of what stood there.

    as_of: what `today()` means. The same input gives the same tables. Raises BuildError, naming the form, variable or
    file whose author must act; the file that stood before still stands then.
    """
    started = time.monotonic()
    with _in_place_of(path) as draft:
        connection = _open(draft)
        try:
            rows, misfits = _write(connection, data, as_of)
            connection.execute("CHECKPOINT")
        finally:
            connection.close()
    return BuildReport(rows, misfits, time.monotonic() - started)


def _write(connection: duckdb.DuckDBPyConnection, data: Sequence[FormData], as_of: date) -> tuple[dict[str, int], int]:
    for registry, columns in _REGISTRIES.items():
        connection.execute(f"CREATE TABLE {name(registry)} ({columns})")
    table_names = Names(_REGISTRIES)
    rows: dict[str, int] = {}
    for form_data in data:
        form = form_data.form
        layout = lay_out(form, form_data.versions, table_names)
        files = load_files(connection, form, form_data.files, table_names)
        FormLoader(connection, layout, form, files, as_of).load(form_data.batches)
        rows |= {table.name: _count(connection, table.name) for table in layout.tables}
        connection.executemany(
            'INSERT INTO "_columns" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', list(_columns(layout))
        )
        connection.executemany(
            'INSERT INTO "_tables" VALUES (?, ?, ?, ?, ?)',
            [[form.form_id, table.name, table.asked_name, table.repeat, table.parent] for table in layout.tables],
        )
        if files:
            connection.executemany(
                'INSERT INTO "_files" VALUES (?, ?, ?, ?)',
                [[form.form_id, stem, file.table, list(file.columns)] for stem, file in files.items()],
            )
        connection.execute(
            'INSERT INTO "_forms" VALUES (?, ?, ?, ?, ?)',
            [form.form_id, form.version, rows[layout.main.name], as_of, content_hash(form_data.versions, form)],
        )
    return rows, _count(connection, MISFITS)


def content_hash(versions: Iterable[Form], form: Form) -> str:
    """What tables were made with: sha256 over the XForms of all versions and the newest interpretation."""
    digest = hashlib.sha256()
    for version in versions:
        digest.update(hashlib.sha256(version.xform).digest())
    digest.update(repr((form.questions, form.lists, form.interpretation)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _columns(layout: FormLayout) -> Iterator[list[object]]:
    for table in layout.tables:
        system = {"root_id": "VARCHAR"} | (
            dict(SYSTEM_COLUMNS) | {KEPT_RECORD: "BOOLEAN"}
            if table.repeat is None
            else {"parent_position": "INTEGER", "position": "INTEGER"}
        )
        for column_name, sql_type in system.items():
            yield [layout.form_id, table.name, column_name, None, None, None, "system", None, sql_type, [], []]
        for column in table.columns:
            yield [
                layout.form_id,
                table.name,
                column.name,
                column.paths[0] if column.paths else None,
                column.value.value,
                column.list_name,
                column.kind.value,
                column.variable,
                column.sql_type,
                list(column.unknown_codes),
                list(column.paths[1:]),
            ]


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {name(table)}").fetchone()
    return int(row[0]) if row else 0


def _open(draft: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": MEMORY_LIMIT,
            "checkpoint_threshold": CHECKPOINT_THRESHOLD,
            "temp_directory": str(draft.parent / "spill"),
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    # A draft that breaks off is thrown away: a log to recover it from would only be written twice.
    connection.execute(f"ATTACH {literal(str(draft))} AS tables (RECOVERY_MODE no_wal_writes)")
    connection.execute("USE tables")
    return connection


@contextmanager
def _in_place_of(path: Path) -> Iterator[Path]:
    """A place for a draft beside `path`, on the same filesystem; on success it takes the place of `path`."""
    _sweep(path)
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.{os.getpid()}.", dir=path.parent))
    draft = folder / path.name
    try:
        yield draft
        _sync(draft)
        draft.replace(path)
        _sync(path.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(path: Path) -> None:
    """Remove the drafts of builds that were killed."""
    for folder in path.parent.glob(f".{path.name}.*.*"):
        process = folder.name.removeprefix(f".{path.name}.").partition(".")[0]
        if process.isdecimal() and not _is_running(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
