"""Submissions that lie in a folder: layouts of Collect and Briefcase, chains of edits, and what is wrong on sticks."""

import os
import shutil
import unicodedata
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from forms.errors import FormVersionUnknown
from forms.form import Form
from forms.read import FormReading, examine_form
from forms.submission import Submission
from forms.text import Bilingual
from forms.xform.read import read_xform
from store.kept import Store
from sync.errors import SourceRefused, SourceUnavailable
from sync.publish import publish_xform_here
from sync.pull import PullPlan, pull_form
from sync.source import Fingerprint, Record, RemoteForm, RemoteMedium, Source, Unreadable
from sync.sources import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires

INSTANCES = Path(__file__).resolve().parent.parent / "instances"
XFORM = (INSTANCES / "household.xml").read_bytes()
NOW = datetime(2030, 1, 1, tzinfo=UTC)
FORM = RemoteForm("household", "household", "Household & water", 1)


def xml(
    instance_id: str, village: str = "Konna", *, deprecates: str = "", photo: str = "", attributes: str = ""
) -> bytes:
    deprecated = f"<deprecatedID>uuid:{deprecates}</deprecatedID>" if deprecates else ""
    return (
        f'<data id="household" version="2026030101"{attributes}><village>{village}</village>'
        f"<head><photo>{photo}</photo></head>"
        f"<meta><instanceID>uuid:{instance_id}</instanceID>{deprecated}</meta></data>"
    ).encode()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def source(stick: Path) -> Source:
    return connect(SourceSettings("stick", "folder", str(stick)), Wires(clock=lambda: NOW))


def put(path: Path, content: bytes, at: int = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at, at))
    return path


def marks(source: Source, form: RemoteForm = FORM) -> dict[str, Fingerprint]:
    found = {mark.remote_id: mark for batch in source.inventory(form) for mark in batch.fingerprints}
    assert source.count(form) == len(found)
    return found


def form_of(name: str) -> Form:
    assert name == "2026030101"
    return read_xform(XFORM)


def fetched(source: Source, *remote_ids: str) -> list[Record]:
    return list(source.fetch(FORM, remote_ids or tuple(marks(source)), form_of))


def village(record: Record) -> object:
    assert isinstance(record.submission, Submission)
    return record.submission.answers["village"]


def test_what_collect_keeps_on_a_tablet_is_read(stick: Path, source: Source):
    put(stick / "forms/Household.xml", XFORM)
    put(stick / "instances/Household_2026-03-01/Household_2026-03-01.xml", xml("1", photo="p1.jpg"))
    put(stick / "instances/Household_2026-03-01/p1.jpg", b"photo")
    put(stick / "projects/abc/instances/Household_2026-03-02/Household_2026-03-02.xml", xml("2", "Mopti"))
    assert list(source.forms()) == [RemoteForm("household", "household", "Household & water", 2)]
    assert source.form("household") == next(source.forms())
    first, second = fetched(source)
    assert (village(first), village(second)) == ("Konna", "Mopti")
    assert first.fingerprint == marks(source)["uuid:1"]
    assert first.submission.raw == xml("1", photo="p1.jpg")
    assert first.submitted_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert first.media == (RemoteMedium("p1.jpg", "5/p1.jpg", "image/jpeg", is_there=True),)


def test_what_briefcase_exports_is_read_with_its_dates(stick: Path, source: Source):
    home = stick / "ODK Briefcase Storage/forms/Household"
    put(home / "Household.xml", XFORM)
    put(home / "Household-media/choices.xml", b'<root id="choices"><item><name>a</name></item></root>')
    date = ' instanceID="uuid:7" submissionDate="2025-02-03T04:05:06.789Z"'
    raw = xml("7", attributes=date).replace(b"<meta>", b"<n0:meta xmlns:n0='http://openrosa.org/xforms'>")
    put(home / "instances/uuid7/submission.xml", raw.replace(b"</meta>", b"</n0:meta>"))
    (record,) = fetched(source)
    assert record.submitted_at == datetime(2025, 2, 3, 4, 5, 6, 789_000, UTC)
    assert next(source.forms()).submissions == 1


def test_loose_files_are_read_each_with_the_media_that_it_names(stick: Path, source: Source):
    put(stick / "a.xml", xml("1", photo="1.jpg"))
    put(stick / "B.XML", xml("2", photo="2.jpg"))
    put(stick / "1.jpg", b"one")
    first, second = fetched(source, "uuid:1", "uuid:2")
    assert [medium.is_there for medium in first.media] == [True]
    assert second.media == (RemoteMedium("2.jpg", "2.jpg", "image/jpeg", is_there=False),)


def test_the_mark_changes_with_the_answers_and_with_the_media_and_with_nothing_else(stick: Path, source: Source):
    path = put(stick / "1/1.xml", xml("1", photo="1.jpg"))
    seen = [marks(source)["uuid:1"].mark]
    for content in (b"photo", b"another"):
        put(stick / "1/1.jpg", content)
        seen.append(marks(source)["uuid:1"].mark)
    put(path, xml("1", "Mopti", photo="1.jpg"), at=1_700_000_001)
    seen.append(marks(source)["uuid:1"].mark)
    assert len(set(seen)) == 4
    put(stick / "1/other.jpg", b"not named")
    put(path, xml("1", "Mopti", photo="1.jpg"), at=1_800_000_000)
    shutil.move(stick / "1", stick / "2")
    assert marks(source)["uuid:1"].mark == seen[-1]


def test_of_a_chain_of_edits_the_newest_is_the_record_and_the_oldest_names_it(stick: Path, source: Source):
    put(stick / "3/3.xml", xml("3", "third", deprecates="2"), at=1_600_000_000)
    put(stick / "1/1.xml", xml("1", "first"), at=1_700_000_000)
    put(stick / "2/2.xml", xml("2", "second", deprecates="1"), at=1_800_000_000)
    (record,) = fetched(source)
    assert record.fingerprint.root_id == "uuid:1"
    assert village(record) == "third"
    assert isinstance(record.submission, Submission)
    assert (record.submission.instance_id, record.submission.deprecated_id) == ("uuid:3", "uuid:2")
    assert record.submitted_at == datetime.fromtimestamp(1_600_000_000, UTC)


def test_an_edit_whose_original_is_elsewhere_goes_by_the_id_of_the_original(stick: Path, source: Source):
    put(stick / "2.xml", xml("2", deprecates="1"))
    assert list(marks(source)) == ["uuid:1"]


def test_of_two_edits_of_one_version_the_last_written_speaks(stick: Path, source: Source):
    put(stick / "1.xml", xml("1"))
    put(stick / "a.xml", xml("2a", "early", deprecates="1"), at=1_700_000_001)
    put(stick / "b.xml", xml("2b", "late", deprecates="1"), at=1_700_000_002)
    (record,) = fetched(source)
    assert village(record) == "late"


def test_edits_that_replace_each_other_are_one_record(stick: Path, source: Source):
    put(stick / "a.xml", xml("1", "early", deprecates="2"))
    put(stick / "b.xml", xml("2", "late", deprecates="1"), at=1_700_000_002)
    (record,) = fetched(source)
    assert village(record) == "late"
    assert record.fingerprint.root_id == "uuid:1"


def test_one_submission_copied_twice_is_one_record_and_the_last_written_speaks(stick: Path, source: Source):
    put(stick / "monday/1.xml", xml("1", "monday"), at=1_700_000_001)
    put(stick / "friday/1.xml", xml("1", "friday"), at=1_700_000_002)
    put(stick / "cut/1.xml", xml("1", "cut")[:-8], at=1_700_000_003)
    (record,) = fetched(source)
    assert village(record) == "friday"


def test_broken_xml_is_unreadable_with_what_can_be_told_of_it(stick: Path, source: Source):
    put(stick / "1.xml", xml("1"))
    put(stick / "instances/2/2.xml", xml("2")[:60])
    put(stick / "instances/3/3.xml", xml("3")[:-8])
    put(stick / "instances/4/4.xml", b"\x00\x00\x00")
    records = {record.fingerprint.root_id: record.submission for record in fetched(source)}
    assert len(records) == 4
    broken = [submission for submission in records.values() if isinstance(submission, Unreadable)]
    assert {submission.instance_id for submission in broken} == {None, "uuid:3"}
    assert {submission.raw for submission in broken} == {xml("2")[:60], xml("3")[:-8], b"\x00\x00\x00"}
    assert all("XML" in submission.message.fr for submission in broken)
    assert {submission.place for submission in broken} == {f"instances/{name}/{name}.xml" for name in "234"}


def test_a_submission_without_an_instance_id_is_unreadable(stick: Path, source: Source):
    put(stick / "1.xml", b'<data id="household" version="2026030101"><village>x</village></data>')
    (record,) = fetched(source)
    assert isinstance(record.submission, Unreadable)
    assert "instanceID" in record.submission.message.fr


def test_a_submission_whose_form_cannot_be_had_is_unreadable_with_the_reason(stick: Path, source: Source):
    put(stick / "1.xml", xml("1"))
    words = Bilingual("No such form.", "Formulaire inconnu.")

    def none(_name: str) -> Form:
        raise FormVersionUnknown(words)

    (record,) = source.fetch(FORM, ["uuid:1"], none)
    assert isinstance(record.submission, Unreadable)
    assert (record.submission.message, record.submission.version) == (words, "2026030101")


def test_other_xml_and_what_systems_leave_on_sticks_are_no_submissions(stick: Path, source: Source):
    put(stick / "1.xml", xml("1"))
    put(stick / "._1.xml", b"\x00\x05\x16\x07")
    put(stick / ".cache/2.xml", xml("2"))
    put(stick / "track.xml", b"<gpx><trk/></gpx>")
    put(stick / "forms/broken.xml", XFORM[:300])
    put(stick / "forms/other.xml", b"<data")
    put(stick / "forms/Household-media/list.xml", xml("3"))
    assert list(marks(source)) == ["uuid:1"]


def test_links_lead_nowhere(stick: Path, source: Source, tmp_path: Path):
    outside = put(tmp_path / "outside/9.xml", xml("9"))
    put(tmp_path / "outside/secret.jpg", b"secret")
    put(stick / "1/1.xml", xml("1", photo="secret.jpg"))
    (stick / "link.xml").symlink_to(outside)
    (stick / "folder").symlink_to(outside.parent, target_is_directory=True)
    (stick / "1/secret.jpg").symlink_to(tmp_path / "outside/secret.jpg")
    (record,) = fetched(source)
    assert [medium.is_there for medium in record.media] == [False]


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/hostname.txt", "..", "x/../../secret.jpg"])
def test_a_medium_is_never_read_from_elsewhere(stick: Path, source: Source, name: str):
    put(stick / "secret.jpg", b"secret")
    put(stick / "1/1.xml", xml("1", photo=name))
    (record,) = fetched(source)
    assert [medium.is_there for medium in record.media] == [False]
    with pytest.raises(SourceRefused) as raised:
        source.download(FORM, "uuid:1", RemoteMedium(name, f"6/{name}", None, is_there=True), offset=0, etag=None)
    assert raised.value.status == 404


def test_a_medium_is_read_from_where_it_broke_off_as_long_as_it_is_the_same(stick: Path, source: Source):
    put(stick / "1/1.xml", xml("1", photo="été.jpg"))
    path = put(stick / "1" / unicodedata.normalize("NFD", "été.jpg"), b"0123456789")
    (record,) = fetched(source)
    (medium,) = record.media
    assert medium.is_there
    whole = source.download(FORM, "uuid:1", medium, offset=0, etag=None)
    assert (whole.offset, whole.size, b"".join(whole.chunks)) == (0, 10, b"0123456789")
    rest = source.download(FORM, "uuid:1", medium, offset=4, etag=whole.etag)
    assert (rest.offset, rest.etag, b"".join(rest.chunks)) == (4, whole.etag, b"456789")
    put(path, b"9876543210", at=1_800_000_000)
    other = source.download(FORM, "uuid:1", medium, offset=4, etag=whole.etag)
    assert (other.offset, b"".join(other.chunks)) == (0, b"9876543210")
    put(path, b"longer than before")
    with pytest.raises(SourceUnavailable):
        source.download(FORM, "uuid:1", medium, offset=0, etag=None)
    path.unlink()
    with pytest.raises(SourceRefused):
        source.download(FORM, "uuid:1", medium, offset=0, etag=None)


def test_a_record_whose_file_went_or_changed_after_the_look_is_left_out(stick: Path, source: Source):
    gone, changed = put(stick / "1.xml", xml("1")), put(stick / "2.xml", xml("2"))
    assert len(marks(source)) == 2
    gone.unlink()
    put(changed, xml("2", "Mopti"))
    assert list(source.fetch(FORM, ["uuid:1", "uuid:2", "uuid:3"], form_of)) == []
    (record,) = fetched(source)
    assert village(record) == "Mopti"


def test_look_and_find_give_what_is_there_now(stick: Path, source: Source):
    put(stick / "1.xml", xml("1"))
    assert [mark.root_id for mark in source.look(FORM, ["uuid:2", "uuid:1", "uuid:1"])] == ["uuid:1"]
    put(stick / "2.xml", xml("2"))
    assert [mark.root_id for mark in source.find(FORM, ["uuid:2", "uuid:3"])] == ["uuid:2"]


def test_a_long_inventory_comes_in_batches(stick: Path, source: Source):
    for number in range(501):
        put(stick / f"{number}.xml", xml(str(number)))
    assert [len(batch.fingerprints) for batch in source.inventory(FORM)] == [500, 1]


def test_forms_are_kept_apart_and_one_without_its_xform_is_named_by_its_id(stick: Path, source: Source):
    put(stick / "forms/h.xml", XFORM)
    put(stick / "1.xml", xml("1"))
    put(stick / "2.xml", xml("2").replace(b'id="household"', b'id="schools"'))
    assert [(form.remote_id, form.title, form.submissions) for form in source.forms()] == [
        ("household", "Household & water", 1),
        ("schools", "schools", 1),
    ]


def test_a_version_is_found_as_an_xform_with_its_files(stick: Path, source: Source):
    xform = XFORM.replace(b"</model>", b'<instance id="v" src="jr://file-csv/villages.csv"/></model>')
    put(stick / "forms/Household.xml", xform)
    put(stick / "forms/Household-media/villages.csv", b"name,label\n")
    put(stick / "1.xml", xml("1"))
    assert list(source.forms())
    version = source.version(FORM, "2026030101")
    assert (version.name, version.xform, version.workbook) == ("2026030101", xform, None)
    assert version.files == {"villages.csv": b"name,label\n"}


def test_a_form_gets_no_files_from_outside_the_folder(stick: Path, source: Source, tmp_path: Path):
    put(tmp_path / "secret.csv", b"secret")
    names = ("../../secret.csv", "linked.csv")
    instances = "".join(f'<instance id="v{at}" src="jr://file-csv/{name}"/>' for at, name in enumerate(names))
    put(stick / "forms/Household.xml", XFORM.replace(b"</model>", f"{instances}</model>".encode()))
    (stick / "forms/linked.csv").symlink_to(tmp_path / "secret.csv")
    put(stick / "1.xml", xml("1"))
    assert source.version(FORM, "2026030101").files == {}


def test_a_version_is_found_as_a_workbook(stick: Path, source: Source, written: bytes):
    put(stick / "table.xlsx", b"PK\x03\x04 is no workbook")
    put(stick / "forms/my form.xlsx", written)
    put(stick / "1.xml", xml("1"))
    version = source.version(FORM, "2026030101")
    assert (version.workbook, version.workbook_name) == (written, "my form.xlsx")
    assert read_xform(version.xform).version == "2026030101"


def test_workbooks_are_looked_for_and_compiled_once_a_look(
    stick: Path, source: Source, written: bytes, monkeypatch: pytest.MonkeyPatch
):
    path = put(stick / "form.xlsx", written)
    put(stick / "1.xml", xml("1"))
    compiled: list[str] = []

    def count(workbook: bytes, name: str) -> FormReading:
        compiled.append(name)
        return examine_form(workbook, name)

    monkeypatch.setattr("sync.sources.folder.versions.examine_form", count)
    for _ in range(3):
        marks(source)
        with pytest.raises(FormVersionUnknown):
            source.version(FORM, "1")
    assert compiled == ["form.xlsx"]
    path.unlink()
    put(stick / "moved.xlsx", written)
    assert source.count(FORM) == 1
    assert source.version(FORM, "2026030101").workbook_name == "moved.xlsx"


def test_a_version_that_is_published_here_need_not_be_on_the_stick(stick: Path, source: Source, store: Store):
    publish_xform_here(store, XFORM, {}, at=NOW)
    put(stick / "1.xml", xml("1"))
    report = pull_form(store, source, source.form("household"), PullPlan(), Wires(), lambda *_told: None)
    assert (report.new, report.set_aside, report.needs_person) == (1, 0, ())


@pytest.fixture
def written() -> bytes:
    book, buffer = Workbook(), BytesIO()
    survey, settings = book.active, book.create_sheet("settings")
    assert survey is not None
    survey.title = "survey"
    for row in (("type", "name", "label"), ("text", "village", "Village")):
        survey.append(row)
    for row in (("form_id", "form_title", "version"), ("household", "Household", "2026030101")):
        settings.append(row)
    book.save(buffer)
    return buffer.getvalue()


def test_a_version_that_is_not_there_is_unknown(stick: Path, source: Source):
    put(stick / "forms/Household.xml", XFORM)
    with pytest.raises(FormVersionUnknown, match="'1'"):
        source.version(FORM, "1")


def test_a_folder_never_says_that_a_record_was_deleted(stick: Path, source: Source):
    path = put(stick / "1.xml", xml("1"))
    assert source.changes(FORM, None) is None
    assert len(marks(source)) == 1
    path.unlink()
    assert marks(source) == {}
    assert not source.access(FORM).sees_all
    assert source.requests_made == 0


def test_a_folder_takes_nothing(source: Source):
    with pytest.raises(SourceRefused) as raised:
        source.review(FORM, "uuid:1", None)
    assert "est un dossier" in raised.value.message.fr


def test_a_folder_that_is_not_there_may_come_back(stick: Path, source: Source):
    stick.rmdir()
    with pytest.raises(SourceUnavailable, match="Plug in"):
        source.count(FORM)
    put(stick / "1.xml", xml("1"))
    assert source.count(FORM) == 1


def test_a_form_without_a_submission_is_not_there(stick: Path, source: Source):
    put(stick / "forms/h.xml", XFORM)
    assert list(source.forms()) == []
    with pytest.raises(SourceRefused):
        source.form("household")


def test_a_file_with_a_date_of_the_future_is_of_now(stick: Path, source: Source):
    put(stick / "1.xml", xml("1"), at=4_000_000_000)
    (record,) = fetched(source)
    assert record.submitted_at == NOW
