"""Publishing on KoboToolbox: one project for one form, whatever breaks on the way, and nothing half done on tablets."""

import pytest
from servers.clock import Clock
from servers.faults import Call, Crash, Fault, Faults, answers, answers_after_the_deed, reset_after_the_deed
from servers.kobo import KoboServer
from servers.kobo_asset import Asset
from servers.reply import Reply, Request
from servers.transport import Log, adapter_for

from forms.read import examine_form
from forms.workbook_style.our_sheets import without_our_sheets
from sync.errors import SourceRefused, SourceUnavailable
from sync.source import Source, Upload
from sync.sources.kobo import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires

FORM = """
| survey |
| | type | name | label |
| | text | village | Village |
| | select_one_from_file wells.csv | well | Well |
{more}
| settings |
| | form_title | form_id | version |
| | Water points | water | {version} |
"""
WELLS = b"name,label\nw1,Upper well\n"
IMPORTS = "POST /api/v2/imports/"


def upload(version: str = "1", more: str = "", files: dict[str, bytes] | None = None) -> Upload:
    raw = FORM.format(version=version, more=more).encode()
    reading = examine_form(raw, "water.md")
    return Upload(
        form_id="water",
        version=version,
        title=reading.form.title,
        workbook=without_our_sheets(raw),
        xform=reading.compiled.xform,
        files={"wells.csv": WELLS} if files is None else files,
    )


class World:
    """A KoboToolbox with one account, and a source that is connected to it."""

    def __init__(self) -> None:
        self.clock, self.faults, self.log = Clock(), Faults(), Log()
        self.server = KoboServer(self.clock)
        self.server.add_user("meal_officer")
        settings = SourceSettings("kobo", "kobo", self.server.address, token=self.server.token_of("meal_officer"))
        self.source: Source = connect(
            settings,
            Wires(
                clock=self.clock.now,
                sleep=self.clock.sleep,
                chance=lambda: 0.0,
                adapter=lambda: adapter_for(self.server, self.faults, self.log),
            ),
        )

    @property
    def assets(self) -> list[Asset]:
        return list(self.server.assets.values())

    def count(self, asked: str) -> int:
        return sum(path.startswith(asked) for path in self.log.paths())


@pytest.fixture
def world() -> World:
    return World()


def is_import(request: Request) -> bool:
    return request.method == "POST" and request.path == "/api/v2/imports/"


def is_deployment(request: Request) -> bool:
    return request.method in {"POST", "PATCH"} and request.path.endswith("/deployment/")


def dies(_call: Call) -> Reply:
    raise Crash


def dies_after_the_deed(call: Call) -> Reply:
    call.answer()
    raise Crash


def test_a_new_form_is_imported_with_its_files_and_deployed(world: World):
    deployed = world.source.publish(upload(), None)
    (asset,) = world.assets
    assert (asset.uid, asset.name, asset.active) == (deployed.remote_id, "Water points", True)
    assert asset.deployed[0].uid == deployed.version_name
    assert [(file.filename, file.content) for file in asset.files] == [("wells.csv", WELLS)]
    assert asset.deployed[0].content["settings"]["id_string"] == "water"


def test_files_are_there_before_tablets_see_the_form(world: World):
    world.source.publish(upload(), None)
    paths = world.log.paths()
    uid = world.assets[0].uid
    assert paths.index(f"POST /api/v2/assets/{uid}/files/") < paths.index(f"POST /api/v2/assets/{uid}/deployment/")


def test_a_new_version_goes_onto_the_project_that_is_there(world: World):
    first = world.source.publish(upload(), None)
    second = world.source.publish(upload("2", "| | integer | depth | Depth |"), first.remote_id)
    (asset,) = world.assets
    assert second.remote_id == first.remote_id
    assert [version.uid for version in asset.deployed] == [second.version_name, first.version_name]


def test_only_files_that_changed_are_sent_again(world: World):
    both = {"wells.csv": WELLS, "map.png": b"png"}
    first = world.source.publish(upload(files=both), None)
    (asset,) = world.assets
    kept = {file.filename: file.uid for file in asset.files}
    world.source.publish(upload("2", files=both | {"wells.csv": b"name,label\n"}), first.remote_id)
    now = {file.filename: (file.uid, file.content) for file in asset.files}
    assert now["map.png"] == (kept["map.png"], b"png")
    assert now["wells.csv"][1] == b"name,label\n"
    assert len(asset.files) == 2


def test_an_import_is_waited_for(world: World):
    world.server.switches.imports_take = 3
    world.source.publish(upload(), None)
    assert world.clock.slept == [0.5, 1, 2]


def test_an_import_that_never_ends_is_left_after_a_while_and_found_later(world: World):
    world.server.switches.imports_take = 10_000
    with pytest.raises(SourceUnavailable, match="publish again"):
        world.source.publish(upload(), None)
    assert sum(world.clock.slept) < 180
    assert not world.assets[0].active
    world.server.switches.imports_take = 0
    world.source.publish(upload(), None)
    assert len(world.assets) == 1


def test_a_workbook_that_is_not_taken_is_refused_with_the_words_of_the_server(world: World):
    broken = upload()
    with pytest.raises(SourceRefused, match="Unsupported format, or corrupt file") as refused:
        world.source.publish(
            Upload(broken.form_id, broken.version, broken.title, b"no workbook", broken.xform, {}), None
        )
    assert "« Unsupported format" in refused.value.message.fr
    assert world.assets == []


@pytest.mark.parametrize("fault", [reset_after_the_deed(), answers_after_the_deed(504)])
def test_an_import_whose_answer_was_lost_is_not_repeated_but_taken_up(world: World, fault: Fault):
    world.faults.when(is_import, fault, times=1)
    with pytest.raises(SourceUnavailable, match="look before you repeat"):
        world.source.publish(upload(), None)
    assert world.count(IMPORTS) == 1
    deployed = world.source.publish(upload(), None)
    assert [asset.uid for asset in world.assets] == [deployed.remote_id]
    assert world.assets[0].active


def test_an_import_onto_a_project_is_repeated_when_its_answer_was_lost(world: World):
    first = world.source.publish(upload(), None)
    world.faults.when(is_import, reset_after_the_deed(), times=1)
    second = world.source.publish(upload("2"), first.remote_id)
    assert world.assets[0].deployed[0].uid == second.version_name


@pytest.mark.parametrize("fault", [reset_after_the_deed(), answers_after_the_deed(502)])
@pytest.mark.parametrize("before", [(), ("1",)])
def test_a_deployment_whose_answer_was_lost_is_read_back(world: World, fault: Fault, before: tuple[str, ...]):
    onto = None
    for version in before:
        onto = world.source.publish(upload(version), None).remote_id
    world.faults.when(is_deployment, fault, times=1)
    deployed = world.source.publish(upload("2"), onto)
    (asset,) = world.assets
    assert asset.deployed[0].uid == deployed.version_name
    assert asset.deployed[0].content["settings"]["version"] == "2"


@pytest.mark.parametrize("last_moment", [dies, dies_after_the_deed])
def test_after_a_crash_at_any_request_publishing_again_leaves_one_deployed_project(last_moment: Fault):
    requests = len(_logged(World()))
    for number in range(1, requests + 1):
        world = World()
        world.faults.at(number, last_moment).from_on(number + 1, dies)
        with pytest.raises(Crash):
            world.source.publish(upload(), None)
        world.faults.heal()
        deployed = world.source.publish(upload(), None)
        assert [asset.uid for asset in world.assets] == [deployed.remote_id], number
        assert world.assets[0].deployed[0].uid == deployed.version_name
        assert [file.filename for file in world.assets[0].files] == ["wells.csv"]


def _logged(world: World) -> list[str]:
    world.source.publish(upload(), None)
    return world.log.paths()


def test_a_deployed_project_that_asks_otherwise_and_is_unknown_here_is_not_written_over(world: World):
    theirs = world.source.publish(upload("1", "| | integer | depth | Depth |"), None)
    world.log.clear()
    with pytest.raises(SourceRefused, match=theirs.remote_id):
        world.source.publish(upload("2"), None)
    assert world.count("POST") == world.count("PATCH") == 0


def test_a_project_of_another_form_under_the_same_title_is_left_alone(world: World):
    theirs = upload()
    other = world.source.publish(theirs, None)
    ours = FORM.format(version="1", more="").replace("| water |", "| water_2 |").encode()
    reading = examine_form(ours, "water.md")
    named = Upload("water_2", "1", "Water points", without_our_sheets(ours), reading.compiled.xform, {})
    assert world.source.publish(named, None).remote_id != other.remote_id


def test_a_project_that_is_gone_is_said_and_nothing_is_made_in_its_place(world: World):
    with pytest.raises(SourceRefused) as refused:
        world.source.publish(upload(), "aGoneProject")
    assert refused.value.status == 404
    assert world.assets == []


def test_a_file_that_is_not_taken_keeps_the_form_from_tablets(world: World):
    world.faults.when(lambda request: request.method == "POST" and request.path.endswith("/files/"), answers(413))
    with pytest.raises(SourceRefused):
        world.source.publish(upload(), None)
    assert not world.assets[0].deployed
