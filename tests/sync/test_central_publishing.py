"""Publishing on ODK Central: a draft, its files, and then everybody; what fails leaves no draft behind."""

from pathlib import Path

import pytest
from servers.central import ADMIN_EMAIL, ADMIN_PASSWORD, CentralServer
from servers.central_forms import open_draft
from servers.central_records import Form
from servers.clock import Clock
from servers.faults import Call, Crash, Fault, Faults, answers, reset_after_the_deed
from servers.reply import Reply, Request
from servers.transport import Log, adapter_for

from forms.errors import FormIncompatible
from forms.read import examine_form
from forms.workbook_style.our_sheets import without_our_sheets
from sync.errors import SourceRefused, SourceUnavailable
from sync.source import Source, Upload
from sync.sources.central import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires

FORM = """
| survey |
| | type | name | label |
| | {kind} | depth | Depth |
| | select_one_from_file wells.csv | well | Well |
| settings |
| | form_title | form_id | version |
| | Water points | water | {version} |
"""
WELLS = b"name,label\nw1,Upper well\n"


def upload(version: str = "1", kind: str = "integer", wells: bytes = WELLS) -> Upload:
    raw = FORM.format(version=version, kind=kind).encode()
    reading = examine_form(raw, "water.md")
    return Upload(
        "water", version, "Water points", without_our_sheets(raw), reading.compiled.xform, {"wells.csv": wells}
    )


class World:
    """A Central with an empty project, and a source that is connected to it."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.faults, self.log = Clock(), Faults(), Log()
        self.server = CentralServer(self.clock, "central.test")
        self.project = self.server.add_project("Water")
        self.remote_id = f"{self.project.number}/water"
        settings = SourceSettings(
            "central",
            "central",
            "https://central.test",
            username=ADMIN_EMAIL,
            password=ADMIN_PASSWORD,
            project=self.project.number,
        )
        wires = Wires(
            clock=self.clock.now,
            sleep=self.clock.sleep,
            chance=lambda: 0.0,
            adapter=lambda: adapter_for(self.server, self.faults, self.log),
            folder=folder,
        )
        self.source: Source = connect(settings, wires)

    @property
    def form(self) -> Form:
        return self.project.forms["water"]

    def published(self) -> list[str]:
        return [version.xform.version for version in self.form.published]

    def writes(self) -> list[str]:
        return [path for path in self.log.paths() if not path.startswith("GET") and "/sessions" not in path]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def is_publication(request: Request) -> bool:
    return request.path.endswith("/draft/publish")


def dies(_call: Call) -> Reply:
    raise Crash


def dies_after_the_deed(call: Call) -> Reply:
    call.answer()
    raise Crash


def is_file(request: Request) -> bool:
    return request.method == "POST" and "/draft/attachments/" in request.path


def test_a_new_form_is_published_with_its_files(world: World):
    deployed = world.source.publish(upload(), None)
    assert (deployed.remote_id, deployed.version_name) == (world.remote_id, "1")
    assert world.published() == ["1"]
    assert world.form.published[0].xml == upload().xform
    assert list(world.form.published[0].files) == ["wells.csv"]
    assert [path.rpartition("/")[2] for path in world.writes()] == ["forms", "wells.csv", "publish"]


def test_a_new_version_follows_the_one_before_and_sends_no_file_twice(world: World):
    world.source.publish(upload(), None)
    world.log.clear()
    assert world.source.publish(upload("2"), world.remote_id).version_name == "2"
    assert world.published() == ["1", "2"]
    assert list(world.form.published[1].files) == ["wells.csv"]
    assert not any(path.endswith("wells.csv") for path in world.writes())


def test_a_version_that_is_out_already_is_not_sent_again(world: World):
    world.source.publish(upload(), None)
    world.log.clear()
    for onto in (None, world.remote_id):
        assert world.source.publish(upload(), onto).version_name == "1"
    assert world.writes() == []


@pytest.mark.parametrize("changed", [upload("1", "text"), upload("1", wells=b"name,label\n")])
def test_other_content_under_a_version_that_is_out_is_refused_and_leaves_no_draft(world: World, changed: Upload):
    world.source.publish(upload(), None)
    with pytest.raises(FormIncompatible, match="already existed in this project"):
        world.source.publish(changed, world.remote_id)
    assert world.form.draft is None
    assert world.published() == ["1"]


def test_a_question_that_changed_its_type_is_refused_with_its_path(world: World):
    world.source.publish(upload(), None)
    with pytest.raises(FormIncompatible, match="/depth") as refused:
        world.source.publish(upload("2", "date"), world.remote_id)
    assert "/depth" in refused.value.message.fr
    assert world.form.draft is None


def test_a_form_that_is_there_and_unknown_here_is_not_touched(world: World):
    world.source.publish(upload(), None)
    world.log.clear()
    with pytest.raises(SourceRefused, match="Pull it first"):
        world.source.publish(upload("2"), None)
    assert world.writes() == []


def test_a_draft_that_somebody_prepares_is_not_thrown_away(world: World):
    world.source.publish(upload(), None)
    world.source.publish(upload("2"), world.remote_id)
    open_draft(world.server, world.project, world.form, upload("9").xform, by=world.server.admin)
    with pytest.raises(SourceRefused, match="preparing version '9'"):
        world.source.publish(upload("3"), world.remote_id)
    assert world.form.draft is not None


def test_a_failure_before_publication_takes_a_new_form_away_again(world: World):
    world.faults.when(is_file, answers(413))
    with pytest.raises(SourceRefused):
        world.source.publish(upload(), None)
    assert "water" not in world.project.forms


def test_a_failure_before_publication_takes_the_draft_of_a_published_form_away(world: World):
    world.source.publish(upload(), None)
    world.faults.when(is_file, answers(413))
    with pytest.raises(SourceRefused):
        world.source.publish(upload("2", wells=b"name,label\n"), world.remote_id)
    assert world.form.draft is None
    assert world.published() == ["1"]


@pytest.mark.parametrize("before", [(), ("1",)])
def test_a_publication_whose_answer_was_lost_is_seen_and_kept(world: World, before: tuple[str, ...]):
    for version in before:
        world.source.publish(upload(version), None)
    world.faults.when(is_publication, reset_after_the_deed(), times=1)
    assert world.source.publish(upload("2"), world.remote_id if before else None).version_name == "2"
    assert world.published() == [*before, "2"]


def test_a_publication_that_did_not_happen_is_said(world: World):
    world.faults.when(is_publication, answers(502))
    with pytest.raises(SourceUnavailable):
        world.source.publish(upload(), None)
    assert "water" not in world.project.forms


@pytest.mark.parametrize("last_moment", [dies, dies_after_the_deed])
def test_after_a_crash_at_any_request_publishing_again_leaves_one_published_version(tmp_path: Path, last_moment: Fault):
    smooth = World(tmp_path / "smooth")
    smooth.source.publish(upload(), None)
    for number in range(1, len(smooth.log) + 1):
        world = World(tmp_path / str(number))
        world.faults.at(number, last_moment).from_on(number + 1, dies)
        with pytest.raises(Crash):
            world.source.publish(upload(), None)
        world.faults.heal()
        assert world.source.publish(upload(), None).version_name == "1", number
        assert world.published() == ["1"]
        assert world.form.draft is None
        assert list(world.form.published[0].files) == ["wells.csv"]


def test_a_form_that_is_gone_is_said(world: World):
    with pytest.raises(SourceRefused, match="no longer"):
        world.source.publish(upload(), world.remote_id)
    assert world.project.forms == {}


def test_a_form_keeps_its_id_on_the_server(world: World):
    world.source.publish(upload(), None)
    with pytest.raises(FormIncompatible, match="form_id"):
        world.source.publish(upload("2"), f"{world.project.number}/other")
