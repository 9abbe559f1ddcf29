"""Publishing on a source keeps here what was sent, sends nothing twice, and leaves our own tablets out of it."""

import json
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from servers.central import ADMIN_EMAIL, ADMIN_PASSWORD, CentralServer
from servers.clock import Clock
from servers.faults import Call, Crash, Faults
from servers.kobo import KoboServer
from servers.reply import Reply
from servers.transport import Log, adapter_for

from forms.errors import FormIncompatible, XLSFormInvalid
from forms.form import Sensitivity
from forms.read import examine_form
from store.deployments import deployments
from store.form_versions import FormState, find_form_version, form_versions, state_of
from store.kept import Store
from store.kept_submissions import batches
from sync.errors import FormFilesMissing, SourceRefused
from sync.publish import publish_here
from sync.publish_to import PublishedTo, publish_to
from sync.pull import PullPlan, pull_form
from sync.shelf import Shelf
from sync.source import RemoteForm, Source, Upload
from sync.sources import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
WELLS = {"wells.csv": b"name,label\nw1,Upper well\n"}
SURVEY = (
    ("type", "name", "label", "sensitivity"),
    ("text", "village", "Village", "quasi"),
    ("select_one_from_file wells.csv", "well", "Well", "open"),
)
DERIVED = (("type", "name", "calculation"), ("integer", "named", "if(${village} = '', 0, 1)"))


def workbook(
    *more: tuple[str, ...],
    version: str = "1",
    sheets: Mapping[str, tuple[tuple[str, ...], ...]] | None = None,
    survey: tuple[tuple[str, ...], ...] = SURVEY,
    bold: bool = False,
) -> bytes:
    """The form as an .xlsx; more: rows of its survey, sheets: further sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    settings = (("form_title", "form_id", "version"), ("Water points", "water", version))
    for name, rows in {"survey": (*survey, *more), "settings": settings, **(sheets or {})}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet["A1"].font = Font(bold=bold)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


@dataclass
class World:
    """A store and an empty server; `writes` are the requests that changed something there."""

    store: Store
    source: Source
    faults: Faults
    log: Log
    forms: Sized
    fill_in: Callable[[str, PublishedTo], object]
    """A tablet sends the form as it was published, with this village."""

    def publish(self, raw: bytes, files: Mapping[str, bytes] = WELLS, days: int = 0) -> PublishedTo:
        return publish_to(self.store, self.source, raw, "water.xlsx", files, at=AT + timedelta(days=days))

    def writes(self) -> list[str]:
        return [path for path in self.log.paths() if not path.startswith("GET") and "/sessions" not in path]

    def state(self, version: str) -> FormState | None:
        with self.store.database.read() as connection:
            return state_of(connection, "water", version)


@pytest.fixture(params=["kobo", "central"])
def world(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> World:
    return world_of(request.param, store, tmp_path)


def world_of(kind: str, store: Store, folder: Path) -> World:
    clock, faults, log = Clock(), Faults(), Log()
    server: KoboServer | CentralServer
    if kind == "kobo":
        server = KoboServer(clock)
        server.add_user("meal_officer")
        settings = SourceSettings("server", "kobo", server.address, token=server.token_of("meal_officer"))
        forms: Sized = server.assets
        kobo = server

        def fill_in(village: str, published: PublishedTo) -> object:
            uid, version = published.deployed.remote_id, published.deployed.version_name
            answers = f"<village>{village}</village><well>w1</well><__version__>{version}</__version__>"
            return kobo.submit(kobo.assets[uid], filled_in(uid, "1 (2026-11-22)", answers))

    else:
        server = CentralServer(clock, "central.test")
        project = server.add_project("Water")
        settings = SourceSettings(
            "server",
            "central",
            "https://central.test",
            username=ADMIN_EMAIL,
            password=ADMIN_PASSWORD,
            project=project.number,
        )
        forms = project.forms
        central = server

        def fill_in(village: str, published: PublishedTo) -> object:
            answers = f"<village>{village}</village><well>w1</well>"
            return central.submit(filled_in("water", published.deployed.version_name, answers))

    wires = Wires(
        clock=clock.now,
        sleep=clock.sleep,
        chance=lambda: 0.0,
        adapter=lambda: adapter_for(server, faults, log),
        folder=folder,
    )
    return World(store, connect(settings, wires), faults, log, forms, fill_in)


def filled_in(form_id: str, version: str, answers: str) -> bytes:
    meta = "<meta><instanceID>uuid:11111111-1111-4111-8111-111111111111</instanceID></meta>"
    return f'<data id="{form_id}" version="{version}">{answers}{meta}</data>'.encode()


def dies(_call: Call) -> Reply:
    raise Crash


def test_what_was_sent_is_kept_with_the_name_that_records_will_use(world: World):
    raw = workbook(sheets={"derived": DERIVED})
    published = world.publish(raw)
    assert published.is_new
    with world.store.database.read() as connection:
        kept = find_form_version(connection, "water", "1")
        (deployment,) = deployments(connection)
    assert kept is not None
    assert (kept.workbook, kept.workbook_name) == (raw, "water.xlsx")
    assert [file.name for file in kept.files] == ["wells.csv"]
    assert (deployment.source, deployment.form_id, deployment.version) == ("server", "water", "1")
    assert (deployment.remote_id, deployment.remote_version) == (
        published.deployed.remote_id,
        published.deployed.version_name,
    )
    assert [d.name for d in Shelf(world.store).newest("water").interpretation.derived] == ["named"]


def test_our_tablets_are_not_offered_what_is_filled_in_elsewhere(world: World):
    world.publish(workbook())
    assert world.state("1") is FormState.CLOSING


def test_a_form_that_is_published_here_too_stays_open(world: World, at: datetime):
    publish_here(world.store, workbook(), "water.xlsx", WELLS, at=at)
    world.publish(workbook())
    assert world.state("1") is FormState.OPEN


def test_a_form_that_was_published_elsewhere_first_is_opened_here(world: World, at: datetime):
    world.publish(workbook())
    assert publish_here(world.store, workbook(), "water.xlsx", WELLS, at=at).is_new
    assert world.state("1") is FormState.OPEN
    assert not publish_here(world.store, workbook(), "water.xlsx", WELLS, at=at).is_new


def test_the_same_workbook_twice_sends_nothing(world: World):
    first = world.publish(workbook())
    world.log.clear()
    second = world.publish(workbook(), days=1)
    assert len(world.log) == 0
    assert second == replace(first, is_new=False, form=second.form)
    with world.store.database.read() as connection:
        assert len(deployments(connection)) == 1


def test_colours_make_no_new_version(world: World):
    world.publish(workbook())
    world.log.clear()
    assert not world.publish(workbook(bold=True), days=1).is_new
    assert len(world.log) == 0


def test_a_changed_interpretation_is_kept_here_and_not_sent(world: World):
    world.publish(workbook())
    world.log.clear()
    open_village = (SURVEY[0], ("text", "village", "Village", "open"), SURVEY[2])
    published = world.publish(workbook(survey=open_village, sheets={"derived": DERIVED}), days=1)
    assert not published.is_new
    assert len(world.log) == 0
    newest = Shelf(world.store).newest("water")
    assert newest.by_path["village"].sensitivity is Sensitivity.OPEN
    assert [derived.name for derived in newest.interpretation.derived] == ["named"]


def test_a_new_version_goes_onto_the_same_form(world: World):
    first = world.publish(workbook())
    second = world.publish(workbook(("integer", "depth", "Depth", "open"), version="2"), days=1)
    assert second.is_new
    assert second.deployed.remote_id == first.deployed.remote_id
    assert second.deployed.version_name != first.deployed.version_name
    assert len(world.forms) == 1
    with world.store.database.read() as connection:
        assert [kept.version for kept in form_versions(connection, "water")] == ["1", "2"]


def test_a_form_without_its_files_is_not_sent(world: World):
    with pytest.raises(FormFilesMissing):
        world.publish(workbook(), {})
    assert len(world.log) == 0


def test_files_that_are_kept_here_need_not_be_given_again(world: World):
    publish_here(world.store, workbook(), "water.xlsx", WELLS, at=AT)
    assert world.publish(workbook(), {}).is_new
    assert any("wells.csv" in path or "/files/" in path for path in world.writes())


def test_a_workbook_that_does_not_compile_is_not_sent(world: World):
    with pytest.raises(XLSFormInvalid):
        world.publish(workbook(("no_such_type", "x", "X", "open")))
    assert len(world.log) == 0


def test_other_questions_under_a_version_that_is_kept_are_not_sent(world: World):
    world.publish(workbook())
    world.log.clear()
    with pytest.raises(FormIncompatible, match="Nothing was sent"):
        world.publish(workbook(("integer", "depth", "Depth", "open")), days=1)
    assert len(world.log) == 0


def test_what_the_server_refuses_is_not_kept(world: World):
    world.faults.when(lambda request: request.method == "POST", lambda _call: Reply(403, {}, b"{}"))
    with pytest.raises(SourceRefused):
        world.publish(workbook())
    assert world.state("1") is None


@pytest.mark.parametrize("kind", ["kobo", "central"])
def test_after_a_crash_at_any_request_one_form_is_out_and_kept(kind: str, tmp_path: Path):
    smooth = world_of(kind, opened(tmp_path / "smooth"), tmp_path / "smooth")
    smooth.publish(workbook())
    for number in range(1, len(smooth.log) + 1):
        folder = tmp_path / str(number)
        world = world_of(kind, opened(folder), folder)
        world.faults.from_on(number, dies)
        with pytest.raises(Crash):
            world.publish(workbook())
        world.faults.heal()
        published = world.publish(workbook())
        assert len(world.forms) == 1, number
        with world.store.database.read() as connection:
            (deployment,) = deployments(connection)
        assert deployment.remote_version == published.deployed.version_name
        world.store.close()


def opened(folder: Path) -> Store:
    folder.mkdir()
    return Store.open(f"sqlite:///{folder / 'jekafo.sqlite'}", folder / "media")


def test_a_form_that_was_only_pulled_is_known_and_published_onto(world: World, tmp_path: Path):
    first = world.publish(workbook())
    other = opened(tmp_path / "other")
    remote = RemoteForm(first.deployed.remote_id, "water", "Water points", 0)
    pull_form(other, world.source, remote, PullPlan(), Wires(clock=lambda: AT), lambda *_: None)
    raw = workbook(("integer", "depth", "Depth", "open"), version="2")
    published = publish_to(other, world.source, raw, "water.xlsx", WELLS, at=AT)
    assert published.deployed.remote_id == first.deployed.remote_id
    assert len(world.forms) == 1
    other.close()


def test_our_sheets_are_laid_on_a_version_that_another_compiler_wrote(store: Store, tmp_path: Path):
    world = world_of("central", store, tmp_path)
    reading = examine_form(workbook(), "water.xlsx")
    theirs = reading.compiled.xform.replace(b"<h:head>", b"<!-- made elsewhere --><h:head>")
    there = world.source.publish(Upload("water", "1", "Water points", workbook(), theirs, WELLS), None)
    remote = RemoteForm(there.remote_id, "water", "Water points", 0)
    world.fill_in("Kaya", PublishedTo(reading.form, there, is_new=True, released=0))
    pull_form(store, world.source, remote, PullPlan(), Wires(clock=lambda: AT), lambda *_: None)
    world.log.clear()

    published = world.publish(workbook(sheets={"derived": DERIVED}), days=1)

    assert world.writes() == []
    assert published.deployed == there
    assert [derived.name for derived in Shelf(store).newest("water").interpretation.derived] == ["named"]


def test_what_tablets_then_send_is_read_by_the_workbook_that_was_published(world: World):
    published = world.publish(workbook(sheets={"derived": DERIVED}))
    world.fill_in("Kaya", published)
    remote = RemoteForm(published.deployed.remote_id, "water", "Water points", None)
    pull_form(world.store, world.source, remote, PullPlan(), Wires(clock=lambda: AT), lambda *_: None)
    with world.store.database.read() as connection:
        ((submission,),) = batches(connection, "water")
        assert [kept.version for kept in form_versions(connection, "water")] == ["1"]
    assert submission.version == "1"
    assert json.loads(submission.answers)["village"] == "Kaya"
