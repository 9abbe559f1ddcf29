import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forms.expression import parse
from forms.form import Form, Question
from transform.errors import BuildError
from transform.expression_sql import condition_sql
from transform.reader import Tables
from transform.records import AnswerRecord, FormData
from transform.tables import build_tables

Write = Callable[[list[int]], None]


@pytest.fixture
def form(make_form: Callable[..., Form], question: Callable[..., Question]) -> Form:
    return make_form(
        question("g/age", "integer"),
        question("g/trust", "select_one", list_name="l"),
        question("g/day", "date"),
        question("member/age", "integer", repeat="member"),
        repeats=["member"],
        lists={"l": "1 2 98"},
    )


@pytest.fixture
def write(form: Form, records: Callable[..., list[AnswerRecord]], tmp_path: Path) -> Write:
    """Builds the file with people of these ages."""

    def build(ages: list[int]) -> None:
        answers: list[dict[str, Any]] = [{"g/age": str(age), "g/trust": "98", "g/day": "2026-01-05"} for age in ages]
        answers.append({"member": [{"member/age": "3"}]})
        build_tables(tmp_path / "t.duckdb", [FormData(form, (form,), [records(answers)])], as_of=date(2026, 11, 22))

    return build


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path / "t.duckdb")


def total(source: Any) -> int:
    return int(source.rows("SELECT sum(age) AS total FROM f")["total"][0])


def test_before_the_first_build_there_is_nothing_and_it_says_what_to_do(tables: Tables):
    assert not tables.exists
    with pytest.raises(BuildError, match="jekafo build"):
        tables.rows("SELECT 1")


def test_the_newest_file_is_read_and_a_snapshot_stays_what_it_was(write: Write, tables: Tables):
    write([1, 2])
    before = tables.snapshot()
    assert (tables.exists, total(tables)) == (True, 3)
    write([10, 20])
    assert (total(tables), total(before)) == (30, 3)


def test_columns_tell_where_a_variable_stands_by_name_and_by_path(write: Write, tables: Tables):
    write([])
    columns = tables.columns("f")
    assert columns["age"] == columns["g/age"]
    assert (columns["g/age"].table, columns["g/age"].sql_type) == ("f", "BIGINT")
    assert (columns["member/age"].table, columns["member/age"].repeat) == ("f__member", "member")
    assert columns["submitter"].type is None
    assert tables.columns("another form") == {}


def test_missing_values_are_masked_and_dates_are_dates(write: Write, tables: Tables):
    write([31])
    rows = tables.rows("SELECT age, day FROM f ORDER BY root_id")
    assert isinstance(rows["age"], np.ma.MaskedArray)
    assert rows["age"].mask.tolist() == [False, True]
    assert rows["day"][0] == np.datetime64("2026-01-05")


def test_parameters_are_values_and_never_sql(write: Write, tables: Tables):
    write([31])
    assert tables.rows("SELECT count(*) AS n FROM f WHERE trust = ?", ["98' OR '1'='1"])["n"].tolist() == [0]


def test_nothing_can_be_written_through_a_reader(write: Write, tables: Tables):
    write([31])
    with pytest.raises(Exception, match="read-only"):
        tables.rows("DELETE FROM f")


def test_a_scope_gives_expressions_their_columns_and_kinds_of_answers(write: Write, tables: Tables):
    write([31, 32])
    snapshot = tables.snapshot()
    scope = snapshot.scope("f")
    assert scope.as_of == date(2026, 11, 22)
    for text, expected in (("${trust} >= 1", 0), ("${trust} = 98", 2), ("${age} > 31", 1), ("count(${member}) = 1", 1)):
        sql = condition_sql(parse(text), scope)
        assert snapshot.rows(f"SELECT count(*) AS n FROM f AS t WHERE {sql}")["n"].tolist() == [expected]


def test_the_table_of_a_repeat_is_found_by_path_and_an_unknown_form_is_told(write: Write, tables: Tables):
    write([])
    assert (tables.snapshot().table("f"), tables.snapshot().table("f", "member")) == ("f", "f__member")
    with pytest.raises(BuildError, match="no tables of g yet"):
        tables.snapshot().table("g")


def test_threads_that_read_while_builds_go_on_see_whole_files_only(write: Write, tables: Tables):
    write([1] * 10)
    stop = threading.Event()
    seen: set[tuple[int, int]] = set()
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                snapshot = tables.snapshot()
                count = int(snapshot.rows("SELECT count(age) AS n FROM f")["n"][0])
                seen.add((count, total(snapshot)))
        except BaseException as error:  # noqa: BLE001  told by the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for age in (2, 3, 4):
        write([age] * 10)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen <= {(10, 10), (10, 20), (10, 30), (10, 40)}
    assert total(tables) == 40
