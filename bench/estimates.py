"""A weighted cross-tab with Taylor standard errors on many rows: ours beside R `survey`, in one run.

Ours reads the DuckDB tables; R has the data in memory. R and its package survey come from the system (Debian:
r-cran-survey). Run: .venv/bin/python bench/estimates.py [rows]
"""

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from machine import described

from forms.form import Choice, CodeKind, Form, Question, Sensitivity
from forms.interpretation import DesignRow, IndicatorRow, Interpretation
from transform.estimate import estimate
from transform.reader import Tables
from transform.records import AnswerRecord, FormData
from transform.tables import build_tables

AT = datetime(2026, 1, 5, tzinfo=UTC)
AREAS = [f"a{n}" for n in range(7)]
R_SCRIPT = """
suppressMessages(library(survey))
d <- read.csv("sample.csv"); d$y <- ifelse(d$trust == 98, NA, as.numeric(d$trust >= 3)); d <- d[!is.na(d$y), ]
t0 <- proc.time()[["elapsed"]]
s <- svydesign(ids = ~psu, strata = ~area, weights = ~weight, data = d, nest = TRUE)
b <- svyby(~y, ~area + sex, s, svymean)
t1 <- proc.time()[["elapsed"]]
cat(t1 - t0, b$y[1], SE(b)[1], as.character(packageVersion("survey")), "\\n")
"""


def a_form() -> Form:
    def question(name: str, kind: str, data: str, choices: str | None = None) -> Question:
        return Question(name, name, kind, data, {}, list_name=choices, sensitivity=Sensitivity.OPEN)

    lists = {
        "area": tuple(Choice(name, {}) for name in AREAS),
        "sex": (Choice("f", {}), Choice("m", {})),
        "trust": (*(Choice(str(code), {}) for code in (1, 2, 3, 4)), Choice("98", {}, CodeKind.DONT_KNOW)),
    }
    questions = (
        question("area", "select_one", "string", "area"),
        question("psu", "text", "string"),
        question("weight", "decimal", "decimal"),
        question("sex", "select_one", "string", "sex"),
        question("trust", "select_one", "string", "trust"),
    )
    interpretation = Interpretation(
        indicators=(IndicatorRow("trusting", "share", ("trust",), counts=("3", "4"), by=(("area", "sex"),)),),
        design=DesignRow(kind="probability", stratum="area", psu="psu", weight="weight"),
    )
    return Form("bench", "1", "Bench", ("default",), questions, (), lists, (), b"", interpretation)


def rows(number: int) -> Iterator[dict[str, str]]:
    dice = random.Random(3)
    for _ in range(number):
        area = dice.choice(AREAS)
        yield {
            "area": area,
            "psu": f"{area}-{dice.randrange(200)}",
            "weight": f"{50 + dice.random() * 100:.2f}",
            "sex": dice.choice("fm"),
            "trust": dice.choice(["1", "2", "3", "4", "98"]),
        }


def batches(number: int) -> Iterator[list[AnswerRecord]]:
    batch: list[AnswerRecord] = []
    for n, row in enumerate(rows(number)):
        batch.append(AnswerRecord(f"u{n}", f"u{n}", "1", AT, AT, None, None, None, json.dumps(row)))
        if len(batch) == 5000:
            yield batch
            batch = []
    yield batch


def main(number: int) -> None:
    form = a_form()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.duckdb"
        build_tables(path, [FormData(form, (form,), batches(number))], as_of=date(2026, 1, 5))
        tables = Tables(path)
        ours = []
        for _ in range(4):
            started = time.perf_counter()
            table = estimate(tables, form, "trusting", by=("area", "sex"))
            ours.append(time.perf_counter() - started)
        with (Path(folder) / "sample.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, ["area", "psu", "weight", "sex", "trust"])
            writer.writeheader()
            writer.writerows(rows(number))
        peer = subprocess.run(
            ["Rscript", "-e", R_SCRIPT], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.split()
    first = next(figure.estimate for figure in table.figures if dict(figure.domain) == {"area": "a0", "sex": "f"})
    print(described("duckdb", "numpy"), f"R survey {peer[3]}")
    print(
        f"ours, {number:,} rows: first {ours[0]:.3f} s, then {min(ours[1:]):.3f} s; "
        f"a0*f {first.value:.9f} SE {first.standard_error:.9f}"
    )
    print(f"R survey: {float(peer[0]):.2f} s; a0*f {float(peer[1]):.9f} SE {float(peer[2]):.9f}")
    print(f"ratio: {float(peer[0]) / min(ours[1:]):.0f}x")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
