"""How fast answers become typed tables: 58 questions and a repeat, as KoboToolbox and ODK send them.

Run: python bench/build_tables.py [submissions]. Prints submissions a second of wall time and of CPU time, and peak
memory. Two in a hundred submissions hold a value that does not fit, one in a thousand an unknown path.
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

from forms.expression import parse
from forms.form import Choice, CodeKind, Form, Group, Question
from forms.interpretation import Derived, DesignRow, Interpretation
from transform.tables import AnswerRecord, FormData, build_tables

KINDS = ("select_one", "integer", "select_multiple", "date", "text", "decimal")
DATA_TYPES = {"integer": "int", "date": "date", "decimal": "decimal"}
SCALE = (*(Choice(str(code), {}) for code in range(1, 6)), Choice("98", {}, CodeKind.DONT_KNOW))
SERVICES = tuple(Choice(code, {}) for code in ("school", "water", "health", "market"))
BATCH = 2_000


def survey() -> Form:
    questions = []
    for number in range(58):
        kind = KINDS[number % len(KINDS)]
        list_name = {"select_one": "scale", "select_multiple": "services"}.get(kind)
        path = f"section_{number // 10}/question_{number}"
        questions.append(
            Question(path, f"question_{number}", kind, DATA_TYPES.get(kind, "string"), {}, list_name=list_name)
        )
    for name, kind in (("age", "integer"), ("sex", "text"), ("link", "text")):
        questions.append(Question(f"member/{name}", name, kind, DATA_TYPES.get(kind, "string"), {}, repeat="member"))
    derived = (
        Derived("band", "text", None, parse("if(${question_1} < 25, 'young', if(${question_1} < 60, 'adult', 'old'))")),
        Derived("services", "integer", None, parse("count-selected(${question_2})")),
        Derived("high", "integer", None, parse("${question_0} >= 3")),
        Derived("members", "integer", None, parse("count(${member})")),
    )
    design = DesignRow("quota", records=parse("${question_0} != 98"))
    interpretation = Interpretation(derived=derived, design=design)
    lists = {"scale": SCALE, "services": SERVICES}
    groups = (Group("member", {}, is_repeat=True, repeat=None),)
    return Form("survey", "1", "Survey", ("fr",), tuple(questions), groups, lists, (), b"", interpretation)


def answers(form: Form, chance: random.Random) -> str:
    found: dict[str, object] = {}
    for question in form.questions:
        if question.repeat is None and chance.random() < 0.92:
            found[question.path] = answer(question.type, chance)
    found["member"] = [
        {"member/age": str(chance.randint(0, 90)), "member/sex": "f", "member/link": "2"}
        for _ in range(chance.randint(0, 6))
    ]
    if chance.random() < 0.02:
        found["section_0/question_1"] = "about 30"
    if chance.random() < 0.001:
        found["section_0/unheard_of"] = "1"
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def answer(kind: str, chance: random.Random) -> str:
    match kind:
        case "select_one":
            return chance.choice(SCALE).name
        case "integer":
            return str(chance.randint(15, 90))
        case "select_multiple":
            return "school water"
        case "date":
            return f"2026-01-{chance.randint(1, 28):02d}"
        case "decimal":
            return f"{chance.random() * 100:.2f}"
        case _:
            return "Les écoles ont rouvert"


def batches(texts: list[str], count: int) -> Iterator[list[AnswerRecord]]:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    for start in range(0, count, BATCH):
        yield [
            AnswerRecord(
                f"uuid:{n:032d}", f"uuid:{n:032d}", "1", moment, moment, "ali", "d1", None, texts[n % len(texts)]
            )
            for n in range(start, min(start + BATCH, count))
        ]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    form = survey()
    chance = random.Random(20261122)
    texts = [answers(form, chance) for _ in range(10_000)]
    print(f"{count} submissions, {sum(map(len, texts)) // len(texts)} characters each")
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.perf_counter(), time.process_time()
        report = build_tables(
            Path(folder) / "tables.duckdb", [FormData(form, (form,), batches(texts, count))], as_of=date(2026, 11, 22)
        )
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        size = (Path(folder) / "tables.duckdb").stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{report.tables} rows, {report.misfits} misfits, file {size / 1e6:.0f} MB")
    print(f"{count / wall:,.0f}/s wall, {count / cpu:,.0f}/s CPU, peak {peak:.0f} MB")


main()
