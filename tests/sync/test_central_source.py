"""ODK Central as a source: its forms, and its submissions in full, with their files and reviews."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from central_survey import World, instance, uuid
from servers.central import household_form
from servers.central_forms import open_draft
from servers.faults import Call
from servers.reply import Reply

from forms.errors import FormVersionUnknown
from forms.form import Form
from forms.submission import Submission
from forms.xform.read import read_xform
from sync.errors import SourceRefused
from sync.source import RemoteForm, RemoteMedium, Review, Unreadable


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "tokens")


@pytest.fixture
def household() -> Form:
    return read_xform(household_form(2))


def test_forms_are_the_published_ones_of_the_project(world: World) -> None:
    world.submit(1, 2)
    (form,) = world.source.forms()
    assert form == RemoteForm(f"{world.project.number}/household", "household", "Household survey", 2)
    assert world.source.form(form.remote_id) == form


def test_a_form_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(SourceRefused):
        world.source.form(f"{world.project.number}/nothing")
    for remote_id in ("household", "x/household", "8/"):
        with pytest.raises(SourceRefused, match="8/household"):
            world.source.form(remote_id)


def test_a_version_brings_its_xform_and_the_data_files_it_needs(world: World) -> None:
    villages = b"name,label\nv1,Ndjeng\n"
    xform = household_form(1).replace(
        b"<value>Maize</value>", b'<value>Maize</value><value form="image">jr://images/maize.jpg</value>'
    )
    form = world.another_form(xform, {"villages.csv": villages, "maize.jpg": b"JPEG"})
    version = world.source.version(form, "2026010101")
    assert (version.name, version.xform) == ("2026010101", xform)
    assert version.files == {"villages.csv": villages}
    assert (version.workbook, version.workbook_name) == (None, None)
    assert version.deployed_at == world.clock.now()


def test_a_version_whose_file_was_never_uploaded_comes_without_it(world: World) -> None:
    form = world.another_form(household_form(1), {})
    assert world.source.version(form, "2026010101").files == {}


def test_a_version_brings_the_workbook_that_it_was_published_from(world: World) -> None:
    world.remote.current.workbook = b"PK the workbook"
    version = world.source.version(world.form, "2026020101")
    assert (version.workbook, version.workbook_name) == (b"PK the workbook", "household.xlsx")


def test_a_version_that_was_never_published_is_unknown(world: World) -> None:
    with pytest.raises(FormVersionUnknown, match="1999"):
        world.source.version(world.form, "1999")


def test_the_version_without_a_name_is_asked_for_as_central_spells_it(world: World) -> None:
    form = world.another_form(household_form(1).replace(b' version="2026010101"', b""), {})
    version = world.source.version(form, "")
    assert read_xform(version.xform).version == ""
    assert any(asked.path.endswith("/household/versions/___.xml") for asked in world.log)


def test_a_form_id_of_any_characters_is_asked_for_as_it_is(world: World, household: Form) -> None:
    odd = "ménage 2026/a?b#c%41+d"
    world.server.add_form(world.project, household_form(2).replace(b'id="household"', f'id="{odd}"'.encode()))
    world.server.submit(instance(1).replace(b'id="household"', f'id="{odd}"'.encode()))
    form = world.source.form(f"{world.project.number}/{odd}")
    assert (form.proposed_form_id, form.submissions) == (odd, 1)
    (record,) = world.source.fetch(form, [uuid(1)], lambda _: household)
    assert isinstance(record.submission, Submission)
    assert read_xform(world.source.version(form, "2026020101").xform).form_id == odd


def test_drafts_are_not_listed_among_the_forms(world: World) -> None:
    open_draft(
        world.server, world.project, None, household_form(1).replace(b'"household"', b'"later"'), by=world.server.admin
    )
    assert [form.proposed_form_id for form in world.source.forms()] == ["household"]


def test_an_older_version_is_still_to_be_had(world: World) -> None:
    newer = household_form(2).replace(b"2026020101", b"2026030101")
    world.server.publish_version(world.remote, newer)
    assert world.source.version(world.form, "2026020101").xform == household_form(2)
    assert world.source.version(world.form, "2026030101").xform == newer


def test_rights_are_those_in_the_project(world: World) -> None:
    access = world.source.access(world.form)
    assert access.sees_all
    assert "submission.list" in access.rights
    viewer = world.viewer()
    assert viewer.access(world.form).sees_all
    assert viewer.access(world.form) != access


def test_an_account_that_only_fills_in_forms_does_not_see_all(world: World) -> None:
    viewer = world.viewer()
    (person,) = (user for user in world.server.people.users if not user.is_admin)
    world.server.set_role(person, world.project, "formfill")
    assert not viewer.access(world.form).sees_all


def test_a_form_that_was_unshared_is_refused_and_not_empty(world: World) -> None:
    world.submit(1)
    viewer = world.viewer()
    assert viewer.count(world.form) == 1
    (person,) = (user for user in world.server.people.users if not user.is_admin)
    world.server.set_role(person, world.project, None)
    for ask in (viewer.count, viewer.access, lambda form: list(viewer.inventory(form))):
        with pytest.raises(SourceRefused):
            ask(world.form)


def test_records_come_in_full_under_the_fingerprints_that_lists_have(world: World, household: Form) -> None:
    world.submit(*range(1, 40))
    world.edit(7)
    listed = world.marks()
    records = {
        record.fingerprint.remote_id: record
        for record in world.source.fetch(world.form, list(listed), lambda _: household)
    }
    assert {remote_id: record.fingerprint.mark for remote_id, record in records.items()} == listed
    edited = records[uuid(7)].submission
    assert isinstance(edited, Submission)
    assert edited.answers["head/name"] == "Kamga edited"
    assert edited.answers["head/income"] == "125000.50"
    assert (edited.instance_id, edited.deprecated_id) == (uuid(7, 1), uuid(7))
    assert records[uuid(7)].review is Review.EDITED
    assert records[uuid(8)].media == (
        RemoteMedium("m2.m4a", "m2.m4a", None, is_there=False),
        RemoteMedium("photo1.jpg", "photo1.jpg", None, is_there=False),
    )


def test_records_that_are_gone_are_left_out(world: World, household: Form) -> None:
    world.submit(1, 2, 3)
    world.server.delete(uuid(2))
    asked = [uuid(number) for number in (1, 2, 3, 4)]
    records = list(world.source.fetch(world.form, asked, lambda _: household))
    assert {record.fingerprint.root_id for record in records} == {uuid(1), uuid(3)}


def test_a_record_deleted_after_its_row_was_read_is_left_out(world: World, household: Form) -> None:
    world.submit(1, 2)

    def deleted_meanwhile(call: Call) -> Reply:
        for victim in victims:
            world.server.delete(victim)
        return call.answer()

    victims = iter([uuid(1)])
    world.faults.when(lambda request: request.path.endswith(".xml"), deleted_meanwhile)
    records = list(world.source.fetch(world.form, [uuid(1), uuid(2)], lambda _: household))
    assert [record.fingerprint.root_id for record in records] == [uuid(2)]


def test_a_record_edited_while_it_is_read_has_a_mark_not_newer_than_its_content(world: World, household: Form) -> None:
    world.submit(1)
    before = world.marks()[uuid(1)]
    edits = iter([1])

    def edited_meanwhile(call: Call) -> Reply:
        for edit in edits:
            world.edit(1, edit)
        return call.answer()

    world.faults.when(lambda request: request.path.endswith(".xml"), edited_meanwhile)
    (record,) = world.source.fetch(world.form, [uuid(1)], lambda _: household)
    assert isinstance(record.submission, Submission)
    assert record.submission.instance_id == uuid(1, 1)
    assert record.fingerprint.mark == before != world.marks()[uuid(1)]


def test_a_record_that_was_cut_short_does_not_keep_the_others_back(world: World, household: Form) -> None:
    world.submit(1)
    cut = world.server.submit(b'<data id="household" version="2026020101"><head><name>unclosed')
    records = {
        record.fingerprint.root_id: record.submission
        for record in world.source.fetch(world.form, [uuid(1), cut], lambda _: household)
    }
    assert isinstance(records[uuid(1)], Submission)
    assert isinstance(records[cut], Unreadable)


def test_a_fetch_runs_no_further_ahead_than_it_must(world: World, household: Form) -> None:
    world.submit(*range(1, 60))
    records = world.source.fetch(world.form, world.listed(), lambda _: household)
    next(records)
    time.sleep(0.1)
    assert world.asked_for_xml() <= 1 + 2 * 8
    assert len(list(records)) == 58


def test_a_fetch_that_is_given_up_asks_for_nothing_more(world: World, household: Form) -> None:
    world.submit(*range(1, 60))
    first, gate = iter([True]), Event()

    def held_back(call: Call) -> Reply:
        if not next(first, False):
            gate.wait(5)
        return call.answer()

    world.faults.when(lambda request: request.path.endswith(".xml"), held_back)
    records = world.source.fetch(world.form, world.listed(), lambda _: household)
    next(records)
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(records.close)  # type: ignore[attr-defined]  # a generator
        time.sleep(0.05)
        gate.set()
        closing.result()
    assert world.asked_for_xml() <= 1 + 8


def test_one_source_serves_several_threads(world: World, household: Form) -> None:
    world.submit(*range(1, 20))
    listed = world.listed()

    def fetched(_: int) -> int:
        return len(list(world.source.fetch(world.form, listed, lambda _: household)))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fetched, range(4))) == [19] * 4
    assert len([asked for asked in world.log if asked.path == "/v1/sessions"]) == 1
    assert world.source.requests_made == len(world.log)


def medium(name: str) -> RemoteMedium:
    return RemoteMedium(name, name, None, is_there=True)


def test_a_file_comes_whole_where_the_server_does_not_resume(world: World) -> None:
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG bytes")
    first = world.source.download(world.form, uuid(1), medium("photo1.jpg"), offset=0, etag=None)
    assert (first.offset, first.size, b"".join(first.chunks)) == (0, 10, b"JPEG bytes")
    again = world.source.download(world.form, uuid(1), medium("photo1.jpg"), offset=4, etag=first.etag)
    assert (again.offset, b"".join(again.chunks)) == (0, b"JPEG bytes")


def test_a_file_is_resumed_where_the_server_can(world: World) -> None:
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG bytes")
    asked: list[dict[str, str]] = []

    def ranged(call: Call) -> Reply:
        asked.append(dict(call.request.headers))
        return Reply(206, {"Content-Range": "bytes 4-9/10", "ETag": '"tag"', "Content-Type": "image/jpeg"}, b" bytes")

    world.faults.when(lambda request: request.path.endswith(".jpg"), ranged)
    rest = world.source.download(world.form, uuid(1), medium("photo1.jpg"), offset=4, etag='"tag"')
    assert (rest.offset, rest.size, rest.etag, b"".join(rest.chunks)) == (4, 10, '"tag"', b" bytes")
    assert (asked[0]["range"], asked[0]["if-range"]) == ("bytes=4-", '"tag"')


def test_a_file_that_is_not_there_is_refused(world: World) -> None:
    world.submit(1)
    with pytest.raises(SourceRefused) as refused:
        world.source.download(world.form, uuid(1), medium("photo1.jpg"), offset=0, etag=None)
    assert refused.value.status == 404


@pytest.mark.parametrize("review", [Review.APPROVED, Review.REJECTED, Review.HAS_ISSUES])
def test_a_review_is_set_and_read_back(world: World, review: Review) -> None:
    world.submit(1)
    assert world.source.review(world.form, uuid(1), review) is review
    assert f";{review.value};" in world.marks()[uuid(1)]


@pytest.mark.parametrize("review", [None, Review.EDITED])
def test_a_review_that_people_cannot_give_is_refused_before_anything_is_asked(
    world: World, review: Review | None
) -> None:
    world.submit(1)
    world.log.clear()
    with pytest.raises(SourceRefused, match="approved"):
        world.source.review(world.form, uuid(1), review)
    assert len(world.log) == 0
