"""A first pull beside the bare download and parse of the same pages, in one run: time, CPU, memory; and a second pull.

The bare reader asks exactly what the pull asked, over as many connections, parses each reply (json, lxml) and keeps
nothing. Each reader is a process of its own, and so is the server (a simulated one: pull_server.py); they take turns.
Run: PYTHONPATH=.:tests .venv/bin/python bench/pull.py [kobo,central] [2000,10000,50000] [ready,1x] [rounds]
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine import described

HERE = Path(__file__).parent
COLUMNS = (
    "server",
    "pace",
    "records",
    "requests",
    "bare, s",
    "pull, s",
    "ratio",
    "pull, rows/s",
    "bare CPU, s",
    "pull CPU, s",
    "bare peak, MiB",
    "pull peak, MiB",
    "pulled again: requests, s",
)


def main(
    kinds: str = "kobo,central", numbers: str = "2000,10000,50000", paces: str = "ready,1x", rounds: str = "3"
) -> None:
    print(described("requests", "urllib3", "lxml", "sqlalchemy"))
    print(f"medians of {rounds}\n\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    for kind in kinds.split(","):
        for pace in paces.split(","):
            for number in numbers.split(","):
                print(f"| {' | '.join(line(kind, int(number), pace, int(rounds)))} |", flush=True)


def line(kind: str, number: int, pace: str, rounds: int) -> tuple[str, ...]:
    # Not in /tmp where that is memory: what is measured is a disk.
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".pull-") as folder, serving(kind, number, pace) as served:
        work = Path(folder)
        (work / "served").write_text(served)
        client(work, "ours", "noted")
        bare, ours, again = [], [], []
        for turn in range(rounds):
            bare.append(client(work, "bare"))
            ours.append(client(work, "ours", f"store-{turn}"))
            again.append(client(work, "ours", f"store-{turn}"))
    assert all(each["records"] == each["new"] == number for each in ours)
    assert all(each["new"] == 0 and each["records"] == number for each in again)

    def middle(found: list[dict[str, float]], name: str) -> float:
        return statistics.median(each[name] for each in found)

    seconds = middle(ours, "seconds")
    return (
        kind,
        pace,
        f"{number:,}",
        f"{ours[0]['requests']:,}",
        f"{middle(bare, 'seconds'):.1f}",
        f"{seconds:.1f}",
        f"{seconds / middle(bare, 'seconds'):.2f}x",
        f"{number / seconds:,.0f}",
        f"{middle(bare, 'cpu'):.1f}",
        f"{middle(ours, 'cpu'):.1f}",
        f"{middle(bare, 'peak'):.0f}",
        f"{middle(ours, 'peak'):.0f}",
        f"{again[0]['requests']:,}, {middle(again, 'seconds'):.2f}",
    )


def client(work: Path, deed: str, store: str | None = None) -> dict[str, Any]:
    arguments = [str(work / "served"), str(work / "asked")]
    if store is not None:
        (work / store).mkdir(exist_ok=True)
        arguments.append(str(work / store))
    said = subprocess.run(
        [sys.executable, str(HERE / "pull_client.py"), deed, *arguments], stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(said.stdout))


@contextmanager
def serving(kind: str, number: int, pace: str) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, str(HERE / "pull_server.py"), kind, str(number), pace],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline()  # leaving closes its input, and it ends


main(*sys.argv[1:])
