"""Build the analytical file: one DuckDB file a project, derived from the answers as kept and rebuildable at any time.

A build writes beside the file that stands and then takes its place in one step, so that readers never see half of it
and a failed build leaves the old one. A form that cannot be built keeps the tables it had
(`transform.previous_tables`); the others do not wait for it. Which tables there are is `transform.lay_out`,
filling them `transform.loading`, reading them `transform.reader`.
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
from forms.text import Bilingual
from transform.errors import BuildError, unexpected
from transform.lay_out import lay_out
from transform.loading import MISFITS, FormLoader
from transform.previous_tables import keep_previous, table_names
from transform.records import AnswerRecord, BuildReport, FailedForm, FormData
from transform.reference_files import load_files
from transform.sql import literal, name
from transform.table_layout import KEPT_RECORD, SYSTEM_COLUMNS, FormLayout, Names

__all__ = ["AnswerRecord", "BuildReport", "FailedForm", "FormData", "build_tables"]

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


_NOT_OF_ONE_FORM = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException)
"""A full disk or a broken file meets the other forms too: the whole build stops."""


def build_tables(path: Path, data: Sequence[FormData | FailedForm], *, as_of: date) -> BuildReport:
    """Write the tables of all forms to `path`, in place of what stood there.

    data: a FailedForm is one that could not even be read. as_of: what `today()` means. The same input gives the same
    tables. The report names the forms that failed, and why; they keep the tables they had. Raises BuildError where no
    file can be written at all; the one that stood before still stands then.
    """
    started = time.monotonic()
    with _in_place_of(path) as draft:
        connection = _open(draft)
        try:
            rows, failed = _write(connection, path, data, as_of)
            misfits = _count(connection, MISFITS)
            connection.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise _unwritable(error) from error
        finally:
            connection.close()
    return BuildReport(rows, misfits, time.monotonic() - started, failed)


def _write(
    connection: duckdb.DuckDBPyConnection, path: Path, data: Sequence[FormData | FailedForm], as_of: date
) -> tuple[dict[str, int], tuple[FailedForm, ...]]:
    for registry, columns in _REGISTRIES.items():
        connection.execute(f"CREATE TABLE {name(registry)} ({columns})")
    rows: dict[str, int] = {}
    failed = []
    for each in data:
        outcome = each if isinstance(each, FailedForm) else _tried(connection, each, as_of)
        if isinstance(outcome, FailedForm):
            failed.append(outcome)
            keep_previous(connection, path, outcome.form_id, tuple(_REGISTRIES))
        else:
            rows |= outcome
    return rows, tuple(failed)


def _tried(connection: duckdb.DuckDBPyConnection, form_data: FormData, as_of: date) -> dict[str, int] | FailedForm:
    """The rows of the form's tables; where it fails, nothing of it is left."""
    standing = table_names(connection)
    form_id = form_data.form.form_id
    try:
        return _write_form(connection, form_data, as_of, Names(standing))
    except _NOT_OF_ONE_FORM:
        raise
    except (BuildError, duckdb.Error) as error:
        for table in table_names(connection) - standing:
            connection.execute(f"DROP TABLE {name(table)}")
        for registry in _REGISTRIES:
            connection.execute(f"DELETE FROM {name(registry)} WHERE form_id = ?", [form_id])
        return FailedForm(form_id, (error if isinstance(error, BuildError) else unexpected(error)).message)


def _write_form(
    connection: duckdb.DuckDBPyConnection, form_data: FormData, as_of: date, names: Names
) -> dict[str, int]:
    form = form_data.form
    layout = lay_out(form, form_data.versions, names)
    files = load_files(connection, form, form_data.files, names)
    FormLoader(connection, layout, form, files, as_of).load(form_data.batches)
    rows = {table.name: _count(connection, table.name) for table in layout.tables}
    connection.executemany('INSERT INTO "_columns" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', list(_columns(layout)))
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
    return rows


def _unwritable(error: duckdb.Error) -> BuildError:
    kind = type(error).__name__
    return BuildError(
        Bilingual(
            f"The file of the tables could not be written ({kind}). The tables stay as they were. See whether the disk "
            "is full; else please report it.",
            f"Le fichier des tables n'a pas pu être écrit ({kind}). Les tables restent comme elles étaient. Vérifiez "
            "que le disque n'est pas plein ; sinon, veuillez le signaler.",
        )
    )


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
