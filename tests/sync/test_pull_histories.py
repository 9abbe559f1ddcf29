"""Whatever happens on a server, and wherever a pull is cut off: after the next pull the store equals a full download.

Hypothesis plays histories of deeds, pulls, crashes and faults on simulated servers; the truth is asked of the server
itself, and a full download into an empty store must be equal bit for bit.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from servers.faults import Crash, Fault, Faults, answers, cut_json, login_page, reset, truncated
from servers.kept import kept
from servers.pulls import new_store, open_store, pull
from servers.worlds import Answers, World
from servers.worlds_central import CentralWorld
from servers.worlds_kobo import KoboWorld

from sync.errors import SourceError
from sync.pull import PullPlan, Stage, pull_form
from sync.wires import Wires

FAULTS: dict[str, Fault] = {
    "unavailable": answers(503),
    "too many": answers(429, retry_after=5),
    "bad gateway": answers(502),
    "reset": reset(),
    "truncated": truncated(40),
    "cut json": cut_json(40),
    "login page": login_page(),
}

ages = st.integers(18, 60)
interviews = st.builds(
    Answers,
    name=st.sampled_from(["Awa", "Élise", "Bâ &amp; fils", " spaces "]),
    age=ages,
    income=st.sampled_from(["0", "125000.50", "1e3", ""]),
    why=st.none() | st.sampled_from(["", "because"]),
    photo=st.none() | st.just("p.jpg"),
    members=st.lists(st.sampled_from(["a", "b", ""]), max_size=2).map(tuple),
)
moments = st.integers(1, 14)


class Histories(RuleBasedStateMachine):
    """A life of a server, and pulls in between."""

    make_world: ClassVar[Callable[[], Any]]
    sees_restores = True

    def __init__(self) -> None:
        super().__init__()
        self.world: World = type(self).make_world()
        self.store, self.folder = new_store()
        self.live: list[str] = []
        self.dead: list[str] = []
        self.pending: list[Callable[[], None]] = []
        self.version = "1"
        self.is_cut = False

    @initialize(first=st.lists(interviews, max_size=4))
    def begin(self, first: list[Answers]) -> None:
        self.live.extend(self.world.submit(each) for each in first)

    def _some(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(self.live))

    @rule(interview=interviews, with_file=st.booleans())
    def submit(self, *, interview: Answers, with_file: bool) -> None:
        files = {"p.jpg": b"bytes of p"} if with_file and interview.photo else None
        self.live.append(self.world.submit(self._now(interview), files))

    @rule(interview=interviews)
    def begin_commit(self, interview: Answers) -> None:
        self.pending.append(self.world.begin(self._now(interview)))

    @precondition(lambda self: self.pending)
    @rule()
    def commit(self) -> None:
        self.pending.pop(0)()

    @precondition(lambda self: self.live)
    @rule(data=st.data(), interview=interviews)
    def edit(self, data: st.DataObject, interview: Answers) -> None:
        self.world.edit(self._some(data), self._now(interview))

    @precondition(lambda self: self.live)
    @rule(data=st.data(), status=st.sampled_from([None, "approved", "rejected", "hasIssues"]))
    def review(self, data: st.DataObject, status: str | None) -> None:
        self.world.review(self._some(data), status)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        root = self._some(data)
        self.live.remove(root)
        self.dead.append(root)
        self.world.delete(root)

    @precondition(lambda self: self.dead and self.world.can_restore)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        root = data.draw(st.sampled_from(self.dead))
        self.dead.remove(root)
        self.live.append(root)
        self.world.restore(root)

    @precondition(lambda self: self._awaiting())
    @rule(data=st.data())
    def add_file(self, data: st.DataObject) -> None:
        root = data.draw(st.sampled_from(self._awaiting()))
        # Without the audit log nobody sees that a file was overwritten (docs/sync.md), nor other bytes after a removal.
        self.world.add_file(root, "p.jpg", b"late bytes of p" if self.sees_restores else b"bytes of p")

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def remove_files(self, data: st.DataObject) -> None:
        self.world.remove_files(self._some(data))

    @precondition(lambda self: self.version == "1")
    @rule()
    def publish(self) -> None:
        self.world.publish("2")
        self.version = "2"

    @rule(seconds=st.sampled_from([1, 30, 280]))
    def a_while(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    @rule(seconds=st.sampled_from([3600, 90_000]))
    def a_long_while(self, seconds: int) -> None:
        """No transaction takes so long."""
        while self.pending:
            self.commit()
        self.world.clock.advance(seconds)

    @rule()
    def cut_rights(self) -> None:
        self.world.cut_rights()
        self.is_cut = True

    @rule()
    def give_rights(self) -> None:
        self.world.give_rights()
        self.is_cut = False

    @rule(sweep=st.booleans())
    def pull(self, *, sweep: bool) -> None:
        self._pull(sweep=sweep)

    @rule(at=moments, after=st.booleans())
    def pull_and_crash(self, *, at: int, after: bool) -> None:
        faults = self.world.faults
        (faults.crash_after if after else faults.crash_at)(at)
        try:
            self._pull()
        except Crash:
            self.store.close()
            self.store = open_store(self.folder)
        finally:
            faults.heal()

    @rule(at=moments, fault=st.sampled_from(sorted(FAULTS)), is_lasting=st.booleans())
    def pull_and_fail(self, *, at: int, fault: str, is_lasting: bool) -> None:
        faults: Faults = self.world.faults
        # One who cuts all replies alike and says that they are whole is believed, until the next sweep.
        lasts = is_lasting and fault != "cut json"
        (faults.from_on if lasts else faults.at)(at, FAULTS[fault])
        try:
            self._pull()
        finally:
            faults.heal()

    @precondition(lambda self: self.live)
    @rule(at=moments, data=st.data(), deed=st.sampled_from(["edit", "delete", "submit", "commit", "cut"]))
    def pull_while_people_work(self, at: int, data: st.DataObject, deed: str) -> None:
        root, interview = self._some(data), self._now(data.draw(interviews))
        done: list[bool] = []

        def act() -> None:
            done.append(True)
            if deed == "edit":
                self.world.edit(root, interview)
            elif deed == "delete":
                self.world.delete(root)
            elif deed == "submit":
                self.live.append(self.world.submit(interview))
            elif deed == "commit" and self.pending:
                self.pending.pop(0)()
            elif deed == "cut":
                self.world.cut_rights()
                self.is_cut = True

        self.world.faults.before(at, act)
        try:
            self._pull()
        finally:
            self.world.faults.heal()
        if done and deed == "delete":
            self.live.remove(root)
            self.dead.append(root)

    def teardown(self) -> None:
        try:
            self.world.give_rights()
            while self.pending:
                self.commit()
            self.world.clock.advance(600)
            pull(self.world, self.store)
            truth = self.world.truth()
            held = kept(self.store, "household")
            if self.sees_restores:
                assert {root: (each.instance_id, each.review) for root, each in held.items()} == {
                    root: (each.instance_id, each.review) for root, each in truth.items()
                }
            pull(self.world, self.store, sweep=True)
            held = kept(self.store, "household")
            assert {root: (each.instance_id, each.review) for root, each in held.items()} == {
                root: (each.instance_id, each.review) for root, each in truth.items()
            }
            assert {root: tuple(sorted(name for name, _ in each.attachments)) for root, each in held.items()} == {
                root: each.files for root, each in truth.items()
            }
            fresh, folder = new_store()
            pull(self.world, fresh)
            assert held == kept(fresh, "household")
            again = pull(self.world, self.store)
            assert (again.new, again.edited, again.deleted, again.restored, again.reviewed) == (0, 0, 0, 0, 0)
            fresh.close()
            shutil.rmtree(folder)
        finally:
            self.store.close()
            shutil.rmtree(self.folder)

    def _pull(self, *, sweep: bool = False) -> None:
        with suppress(SourceError):
            pull(self.world, self.store, sweep=sweep)

    def _awaiting(self) -> list[str]:
        return [root for root in self.live if self.world.awaits_file(root)]

    def _now(self, interview: Answers) -> Answers:
        return replace(interview, version=self.version)


WORLDS: dict[str, tuple[Callable[[], Any], bool]] = {
    "kobo with its project history": (KoboWorld, True),
    "kobo without it": (lambda: KoboWorld(manages=False), True),
    "kobo with modified times": (lambda: KoboWorld(date_modified=True), True),
    "central with its audit log": (CentralWorld, True),
    # A restoration that evens out with a deletion is seen by the sweep only, as docs/sync.md says.
    "central without it": (lambda: CentralWorld(is_admin=False), False),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_after_any_history_of_changes_pulls_and_crashes_the_store_equals_a_full_download(name: str) -> None:
    make_world, sees_restores = WORLDS[name]

    class Here(Histories):
        pass

    Here.make_world = staticmethod(make_world)
    Here.sees_restores = sees_restores
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("name", ["kobo without it", "central without it"])
def test_what_has_come_is_kept_when_the_line_breaks_or_somebody_interrupts(name: str) -> None:
    world = WORLDS[name][0]()
    for _ in range(20):
        world.submit(Answers())
    store, folder = new_store()
    source = world.source()
    seen = []

    def interrupt(stage: Stage, done: int, _total: int | None) -> None:
        if stage is Stage.FETCHING and done == 12:
            seen.append(done)
            raise KeyboardInterrupt

    wires = Wires(clock=world.clock.now, sleep=world.clock.sleep)
    with pytest.raises(KeyboardInterrupt):
        pull_form(store, source, world.remote_form(source), PullPlan(), wires, interrupt)
    store.close()
    store = open_store(folder)
    assert seen == [12]
    assert len(kept(store, "household")) == 11
    assert pull(world, store).new == 9
    store.close()
    shutil.rmtree(folder)
