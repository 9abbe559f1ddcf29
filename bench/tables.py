"""KoboToolbox-like answers to typed tables: ours beside pandas.json_normalize of the same records, in one run.

58 questions and a repeat; ours guards every cast and lists misfits, json_normalize only flattens text.
Run: .venv/bin/python bench/tables.py [submissions]
"""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from machine import described

from forms.form import Choice, Form, Group, Question, Sensitivity
from transform.records import AnswerRecord, FormData
from transform.tables import build_tables

AT = datetime(2026, 1, 5, tzinfo=UTC)
LISTS = {"five": tuple(Choice(str(code), {}) for code in (1, 2, 3, 4, 5))}
KINDS = (
    [("select_one", "string", "five")] * 30
    + [("integer", "int", None)] * 12
    + [("decimal", "decimal", None)] * 4
    + [("text", "string", None)] * 4
    + [("date", "date", None)] * 3
    + [("select_multiple", "string", "five")] * 5
)


def a_form() -> Form:
    questions = [
        Question(f"g{n % 6}/q{n}", f"q{n}", kind, data, {}, list_name=choices, sensitivity=Sensitivity.OPEN)
        for n, (kind, data, choices) in enumerate(KINDS)
    ]
    questions += [
        Question("member/age", "age", "integer", "int", {}, repeat="member", sensitivity=Sensitivity.OPEN),
        Question("member/sex", "sex", "text", "string", {}, repeat="member", sensitivity=Sensitivity.OPEN),
    ]
    groups = (Group("member", {}, is_repeat=True, repeat=None),)
    return Form("bench", "1", "Bench", ("default",), tuple(questions), groups, LISTS, (), b"")


def an_answer(kind: str, dice: random.Random) -> str:
    if kind == "select_one":
        return dice.choice("12345")
    if kind == "select_multiple":
        return " ".join(dice.sample("12345", 2))
    if kind == "integer":
        return str(dice.randrange(100))
    if kind == "decimal":
        return f"{dice.random() * 100:.2f}"
    return "2026-01-05" if kind == "date" else "some words"


def records(form: Form, number: int) -> Iterator[AnswerRecord]:
    dice = random.Random(7)
    for n in range(number):
        answers = {q.path: an_answer(q.type, dice) for q in form.questions if q.repeat is None}
        members = [{"member/age": str(dice.randrange(90)), "member/sex": "f"} for _ in range(dice.randrange(4))]
        text = json.dumps({**answers, "member": members})
        yield AnswerRecord(f"uuid:{n}", f"uuid:{n}", "1", AT, AT, "t1", None, None, text)


def main(number: int) -> None:
    form = a_form()
    everything = list(records(form, number))
    batches = [everything[start : start + 2000] for start in range(0, number, 2000)]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        report = build_tables(Path(folder) / "t.duckdb", [FormData(form, (form,), batches)], as_of=date(2026, 1, 5))
        ours = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    decoded = [json.loads(record.answers) for record in everything]
    flat = pd.json_normalize(decoded, max_level=0)
    members = pd.json_normalize(decoded, record_path="member")
    peer = time.perf_counter() - started
    print(described("duckdb", "pandas"))
    print(
        f"ours: {number / ours:,.0f} submissions/s ({dict(report.tables)}, {report.misfits} misfits), "
        f"peak {memory:,.0f} MiB with all records in memory"
    )
    print(f"pandas.json_normalize, untyped: {number / peer:,.0f} submissions/s ({len(flat)} + {len(members)} rows)")
    print(f"ratio: {peer / ours:.1f}x")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
