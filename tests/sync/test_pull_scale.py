"""Fifty thousand records, and what changes among them: a pull converges, within the requests that docs/sync.md states.

`pytest -s` shows how many requests each pull took, and how many it may take.
"""

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from servers.pulls import digests, fresh_store, pull
from servers.transport import serve
from servers.worlds import Answers
from servers.worlds_central import CentralWorld
from servers.worlds_kobo import KoboWorld

from store.kept import Store
from sync.pull import PullReport

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
HOUR = 3600
SECONDS_APART = 10
WITH_FILE, AWAITING = 100, 40


@dataclass(frozen=True, slots=True)
class Met:
    """What a pull had to do with. held: records on the server, n. told: that the feed named, c. fetched: that differed
    from ours, d; with_file: those of them that have files. awaiting: whose files have not come, m. files: to be
    downloaded, f. logged: lines of the server's log since the last pull, l."""

    held: int
    told: int = 0
    fetched: int = 0
    with_file: int = 0
    awaiting: int = 0
    files: int = 0
    logged: int = 0


def most_of_kobo(met: Met, report: PullReport) -> int:
    """docs/sync.md, What it costs, column KoboToolbox: 8 + l/1,000 + c/120 + 2 · d/500 + n/1,000 + m/500 + f."""
    swept = ceil(met.held / 1000) if report.swept else 0
    found = ceil(met.logged / 1000) + ceil(met.told / 120)
    return 8 + found + 2 * ceil(met.fetched / 500) + swept + ceil(met.awaiting / 500) + met.files


def most_of_central(met: Met, report: PullReport) -> int:
    """docs/sync.md, What it costs, column ODK Central: 8 + l/500 + c/1,000 + d/80 + d + files + n/1,000 + m/80 + f."""
    swept = ceil(met.held / 1000) if report.swept else 0
    found = ceil(met.logged / 500) + ceil(met.told / 1000)
    fetched = ceil(met.fetched / 80) + met.fetched + met.with_file
    return 8 + found + fetched + swept + ceil(met.awaiting / 80) + met.files


Most = Callable[[Met, PullReport], int]


class Grown:
    """A world with many interviews that came seconds apart; some have a file, some await one."""

    def __init__(self, world: Any, count: int, most: Most) -> None:
        self.world, self.most = world, most
        self.chance = random.Random(4)  # noqa: S311 (the same records in every run)
        self.roots: list[str] = []
        for number in range(count):
            world.clock.advance(SECONDS_APART)
            files = {"p.jpg": b"bytes %d" % number} if number < WITH_FILE else None
            self.roots.append(world.submit(self._answers(number), files))
        world.clock.advance(HOUR)

    def _answers(self, number: int) -> Answers:
        photo = "p.jpg" if number < WITH_FILE + AWAITING else None
        return Answers(name=f"Person {number}", age=18 + number % 60, income=f"{number}.50", photo=photo)

    def take(self, count: int) -> list[str]:
        """Records without files, chosen by chance, that nothing happened to so far."""
        plain = self.roots[WITH_FILE + AWAITING :]
        taken = self.chance.sample(plain, count)
        gone = set(taken)
        self.roots = [root for root in self.roots if root not in gone]
        return taken

    def submit(self, count: int) -> None:
        for number in range(count):
            self.world.submit(self._answers(1_000_000 + number))

    def change(self, *, edits: int, reviews: int, deletions: int, files_removed: int = 0) -> None:
        for root in self.take(edits):
            self.world.edit(root, Answers(name="Edited", age=70, why="because"))
        for root in self.take(reviews):
            self.world.review(root, "approved")
        for root in self.take(deletions):
            self.world.delete(root)
        for root in self.roots[:files_removed]:
            self.world.remove_files(root)

    def pull(self, store: Store, what: str, met: Met) -> PullReport:
        """Pull an hour later; print the requests it took, and hold them against what it may take."""
        self.world.clock.advance(HOUR)
        report = pull(self.world, store)
        most = self.most(met, report)
        told(f"{report.source}, {report.held:,} held, {what}: {report.requests:,} requests, at most {most:,}")
        assert report.requests <= most
        return report


def told(words: str) -> None:
    print(f"\n{words}")  # noqa: T201 (`pytest -s` shows what pulls cost)


def converges(world: Grown, store: Store, count: int) -> None:
    """The first pull, changes of every kind while rows arrive, a plain pull after them, and pulls of nothing."""
    first = world.pull(
        store, "first pull", Met(count, fetched=count, with_file=140, awaiting=AWAITING, files=WITH_FILE)
    )
    assert (first.new, first.media_received) == (count, WITH_FILE)
    assert world.pull(store, "nothing changed", Met(count, awaiting=AWAITING)).requests <= 8

    world.change(edits=200, reviews=20, deletions=30, files_removed=10)
    meanwhile = [
        lambda: world.submit(5),
        lambda: world.change(edits=5, reviews=1, deletions=2),
        lambda: world.submit(5),
    ]
    for number, deed in zip((3, 7, 12), meanwhile, strict=True):
        world.world.faults.before(world.world.faults.requests + number, deed)
    met = Met(count, told=300, fetched=250, with_file=10, awaiting=50, logged=300)
    during = world.pull(store, "200 edits, 20 reviews, 30 deletions, 10 files removed, rows arriving", met)
    after = world.pull(store, "after it", Met(count, told=300, fetched=20, awaiting=50, logged=300))
    assert during.new + after.new == 10
    assert during.edited + after.edited == 205
    assert during.reviewed + after.reviewed == 21
    assert during.deleted + after.deleted == 32
    assert during.media_changed + after.media_changed == 10
    assert world.pull(store, "nothing changed", Met(count, awaiting=50)).requests <= 8

    world.change(edits=200, reviews=20, deletions=30)
    fed = world.pull(store, "200 edits, 20 reviews, 30 deletions", Met(count, 250, 220, 0, awaiting=50, logged=300))
    assert (fed.edited, fed.reviewed, fed.deleted, fed.swept) == (200, 20, 30, False)
    assert world.pull(store, "nothing changed", Met(count, awaiting=50)).requests <= 8

    with fresh_store() as empty:
        full = pull(world.world, empty)
        assert full.held == count + 10 - 62 == len(world.world.truth())
        assert digests(store) == digests(empty)


def test_fifty_thousand_records_of_kobotoolbox_converge_within_the_requests_that_are_stated() -> None:
    with fresh_store() as store:
        converges(Grown(KoboWorld(), 50_000, most_of_kobo), store, 50_000)


def test_five_thousand_records_of_central_converge_within_the_requests_that_are_stated() -> None:
    with fresh_store() as store:
        converges(Grown(CentralWorld(), 5_000, most_of_central), store, 5_000)


PULL_OVER_THE_WIRE = """
import re, sys
from pathlib import Path
from store.kept import Store
from sync.pull import PullPlan, pull_form
from sync.sources import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires

address, token, remote_id, folder = sys.argv[1:]
store = Store.open(f"sqlite:///{folder}/jekafo.sqlite", Path(folder) / "media")
source = connect(SourceSettings("kobo", "kobo", address, token=token), Wires())
report = pull_form(store, source, source.form(remote_id), PullPlan(), Wires(), lambda *_: None)
store.close()
# Not ru_maxrss: it begins with what the process that started this one took.
print(report.new, re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
LARGEST_GROWTH = 16 * 1024
"""KiB: 18,000 records more are 22 MB of XML, twice that on disk, and far more as Python objects."""


def peak_memory_of_a_pull(count: int, folder: Path) -> int:
    """KiB that a process takes at its peak which pulls so many records over a socket, into an empty store."""
    world = KoboWorld()
    for number in range(count):
        world.submit(Answers(name=f"Person {number}", why="because " * 100))
    folder.mkdir()
    with serve(world.server) as address:
        token = world.state.token_of("sync")
        command = [sys.executable, "-c", PULL_OVER_THE_WIRE, address, token, world.asset.uid, str(folder)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    pulled, peak = map(int, answer.split())
    assert pulled == count
    return peak


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells its peak memory on Linux only")
def test_a_pull_of_ten_times_the_records_takes_no_more_memory(tmp_path: Path) -> None:
    few = peak_memory_of_a_pull(2_000, tmp_path / "few")
    many = peak_memory_of_a_pull(20_000, tmp_path / "many")
    told(f"peak memory of a pull: {few:,} KiB for 2,000 records, {many:,} KiB for 20,000")
    assert many - few <= LARGEST_GROWTH
