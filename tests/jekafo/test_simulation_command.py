"""`jekafo simulate` as a designer runs it: what it writes, says and refuses."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree
from pyxform.xls2xform import convert
from typer.testing import CliRunner, Result

from jekafo.main import app
from sync.openrosa_client import ListedForm, Reply

FORM = """
| survey |
| | type | name | label | required | choice_filter |
| | select_one_from_file towns.csv | town | Town | yes | |
| | integer | age | Age | yes | |
| | image | photo | Photo | yes | |
| settings |
| | form_id | version |
| | a/probe | 1 |
"""
TOWNS = b"name,label\nb1,Bla\nb2,Bankass\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A designer's folder with a form and its CSV file, in which commands are run in English."""
    (tmp_path / "probe.md").write_text(FORM, encoding="utf-8")
    (tmp_path / "towns.csv").write_bytes(TOWNS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return tmp_path


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["simulate", *arguments])


def submissions(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_submissions_are_written_one_a_folder_with_their_media(folder: Path):
    result = simulate("probe.md", "-n", "5", "--at", "2026-03-10")

    assert result.exit_code == 0, result.output
    written = folder / "a_probe-simulated"
    assert etree.parse(str(written / "a_probe.xml")) is not None
    places = sorted((written / "instances").iterdir())
    assert len(places) == 5
    for place in places:
        root = etree.parse(str(place / "submission.xml")).getroot()
        assert place.name == str(root.findtext("{*}meta/{*}instanceID")).replace(":", "")
        assert root.findtext("town") in ("b1", "b2")
        assert (place / str(root.findtext("photo"))).read_bytes().startswith(b"\x89PNG")
    assert "5 interviews filled in." in result.output
    assert "5 re-checked without JavaRosa: 0 broken rules" in result.output


def test_the_same_command_writes_the_same_bytes(folder: Path):
    for name in ("one", "two"):
        assert simulate("probe.md", "-n", "4", "--at", "2026-03-10", "--seed", "9", "--to", name).exit_code == 0

    assert submissions(folder / "one") == submissions(folder / "two")


def test_a_folder_that_holds_something_is_left_alone_without_force(folder: Path):
    (folder / "out").mkdir()
    (folder / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    refused = simulate("probe.md", "-n", "1", "--to", "out")

    assert refused.exit_code == 3
    assert submissions(folder / "out") == {"mine.txt": b"mine"}
    assert simulate("probe.md", "-n", "1", "--to", "out", "--force").exit_code == 0
    assert (folder / "out" / "mine.txt").read_bytes() == b"mine"


def test_a_bare_xform_is_filled_in(folder: Path):
    (folder / "probe.xml").write_text(convert(FORM, validate=False, file_type=".md").xform, encoding="utf-8")

    assert simulate("probe.xml", "-n", "2", "--to", "out").exit_code == 0


def test_a_form_that_ships_is_filled_in_by_its_name(folder: Path):
    result = simulate("focus_group", "-n", "2", "--recheck-sample", "1", "--to", "out")

    assert result.exit_code == 0, result.output
    assert "1 re-checked without JavaRosa: 0 broken rules" in result.output
    assert len(list((folder / "out" / "instances").iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.xlsx",), "There is no file nowhere.xlsx"),
        (("probe.md", "--distributions", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("probe.md", "--to", "towns.csv"), "towns.csv is a file"),
        (("probe.md", "--to", "towns.csv/out"), "cannot be written"),
    ],
)
def test_what_is_not_there_or_not_writable_ends_with_exit_code_3(folder: Path, arguments: tuple[str, ...], says: str):
    assert folder.is_dir()
    result = simulate(*arguments, "-n", "1")

    assert result.exit_code == 3, result.output
    assert says in " ".join(result.output.split())


def test_a_form_without_its_csv_file_says_which_one(folder: Path):
    (folder / "towns.csv").unlink()
    result = simulate("probe.md", "-n", "1")

    assert result.exit_code == 3
    assert "towns.csv" in result.output
    assert not (folder / "a_probe-simulated").exists()


def test_wrong_distributions_end_with_exit_code_1_and_their_row(folder: Path):
    (folder / "shares.csv").write_text("name,value,share\nnobody,1,1\n", encoding="utf-8")
    result = simulate("probe.md", "--distributions", "shares.csv")

    assert result.exit_code == 1
    assert "shares.csv: row 2, column name: error simulation_question" in result.output
    assert not (folder / "a_probe-simulated").exists()


def test_distributions_steer_what_is_written(folder: Path):
    (folder / "shares.csv").write_text("name,value,share\ntown,b2,1\nage,30..31,1\n", encoding="utf-8")
    assert simulate("probe.md", "-n", "6", "--distributions", "shares.csv", "--to", "out").exit_code == 0

    roots = [etree.parse(str(path)).getroot() for path in (folder / "out").rglob("submission.xml")]
    assert {root.findtext("town") for root in roots} == {"b2"}
    assert {root.findtext("age") for root in roots} <= {"30", "31"}


def test_the_key_of_a_server_is_never_printed(folder: Path):
    assert folder.is_dir()
    result = simulate("probe.md", "-n", "1", "--to", "http://127.0.0.1:9/key/secretsecretsecret")

    assert result.exit_code == 3
    assert "secretsecret" not in result.output


DEAD_END = """
| survey |
| | type | name | label | required | choice_filter |
| | select_one region | region | Region | yes | |
| | select_one commune | commune | Commune | yes | region = ${region} |
| choices |
| | list_name | name | label | region |
| | region | mopti | Mopti | |
| | region | segou | Ségou | |
| | commune | konna | Konna | Mopti |
| | commune | niono | Niono | segou |
| settings |
| | form_id | version |
| | dead_end | 1 |
"""


def test_a_form_that_ends_interviews_ends_with_exit_code_1_and_names_the_choice(folder: Path):
    (folder / "dead_end.md").write_text(DEAD_END, encoding="utf-8")
    result = simulate("dead_end.md", "-n", "30", "--to", "out")

    assert result.exit_code == 1
    assert re.search(
        r"mopti \(region\) was chosen \d+ times and each time the interview ended at commune", result.output
    )
    assert len(list((folder / "out" / "instances").iterdir())) == 30


@pytest.mark.usefixtures("folder")
def test_what_the_server_received_is_told(monkeypatch: pytest.MonkeyPatch):
    # A server of one form that takes everything; what a real one does is tested with the application.
    sent: list[bytes] = []

    class Taking:
        def __init__(self, address: str, **_options: object) -> None:
            assert address.startswith("http")

        def form_list(self) -> list[ListedForm]:
            return [ListedForm("a/probe", "Probe", "1", "md5:0", "http://127.0.0.1:9/form", None)]

        def submit(self, xml: bytes, media: Mapping[str, bytes], *, device_id: str) -> Reply:
            assert device_id
            assert len(media) == 1
            sent.append(xml)
            return Reply(201, "")

    monkeypatch.setattr("jekafo.commands.simulate.OpenRosaClient", Taking)
    result = simulate("probe.md", "-n", "3", "--to", "http://127.0.0.1:9/key/x")

    assert result.exit_code == 0, result.output
    assert len(sent) == 3
    assert "3 received by the server." in result.output
