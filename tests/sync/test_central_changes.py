"""What ODK Central's feed tells of what happened since the last time, and how often."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from central_survey import World, instance, uuid
from servers.central import household_form

from sync.errors import SourceReplyUnexpected
from sync.source import Batch, Cursor
from sync.sources.central import audits, odata


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "tokens")


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odata, "PAGE_ROWS", 3)


def news(batches: Iterator[Batch]) -> tuple[dict[str, str], set[str], set[str], Cursor]:
    """Marks by id, absent ids, ids to fetch again, and the cursor, which the last batch alone has."""
    listed = list(batches)
    assert [batch.cursor is not None for batch in listed] == [False] * (len(listed) - 1) + [True]
    cursor = listed[-1].cursor
    assert cursor is not None
    return (
        {mark.remote_id: mark.mark for batch in listed for mark in batch.fingerprints},
        {root_id for batch in listed for root_id in batch.absent},
        {remote_id for batch in listed for remote_id in batch.changed},
        cursor,
    )


def test_the_feed_begins_with_everything_from_now_on(world: World) -> None:
    cursor = world.begin()
    world.submit(1, 2)
    marks, absent, changed, _ = news(world.source.changes(world.form, cursor))
    assert (set(marks), absent, changed) == ({uuid(1), uuid(2)}, set(), set())


def test_the_feed_tells_of_new_edited_and_reviewed_submissions_with_the_marks_that_lists_have(world: World) -> None:
    world.submit(1, 2, 3)
    cursor = world.settled()
    world.submit(4)
    world.edit(1)
    world.server.review(uuid(2), "approved")
    marks, absent, changed, cursor = news(world.source.changes(world.form, cursor))
    listed = world.marks()
    assert {uuid(4), uuid(1), uuid(2)} <= set(marks)
    assert uuid(3) not in marks
    assert all(listed[remote_id] == mark for remote_id, mark in marks.items())
    assert absent == changed == set()


def test_the_feed_tells_of_deletions_and_restores(world: World) -> None:
    world.submit(1, 2)
    cursor = world.settled()
    world.server.delete(uuid(1))
    marks, absent, _, cursor = news(world.source.changes(world.form, cursor))
    assert absent == {uuid(1)}
    assert uuid(1) not in marks
    world.clock.advance(3600)
    world.server.delete(uuid(2))
    _, absent, _, cursor = news(world.source.changes(world.form, cursor))
    assert uuid(2) in absent
    _, absent, _, cursor = news(world.source.changes(world.form, cursor))
    assert absent == {uuid(2)}
    world.clock.advance(3600)
    world.server.restore(uuid(1))
    marks, absent, _, _ = news(world.source.changes(world.form, cursor))
    assert uuid(1) in marks
    assert uuid(1) not in absent


def test_what_was_deleted_and_purged_between_two_pulls_is_told_as_absent(world: World) -> None:
    world.submit(1, 2)
    world.edit(1)
    cursor = world.settled()
    world.server.delete(uuid(1))
    world.server.purge()
    _, absent, _, _ = news(world.source.changes(world.form, cursor))
    assert absent == {uuid(1)}


def test_a_purge_is_told_of_a_submission_whose_files_had_changed_too(world: World) -> None:
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    cursor = world.settled()
    world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"another JPEG")
    world.server.delete(uuid(1))
    world.server.purge()
    _, absent, changed, _ = news(world.source.changes(world.form, cursor))
    assert absent == {uuid(1)}
    assert changed == set()


def test_what_was_deleted_and_restored_between_two_pulls_is_not_told_as_absent(world: World) -> None:
    world.submit(1, 2)
    cursor = world.settled()
    world.server.delete(uuid(1))
    world.server.restore(uuid(1))
    marks, absent, _, _ = news(world.source.changes(world.form, cursor))
    assert absent == set()
    assert uuid(1) in marks


def test_a_late_commit_with_an_earlier_stamp_is_seen(world: World) -> None:
    world.submit(1)
    cursor = world.settled()
    world.server.begin_commit(instance(5))
    world.clock.advance(120)
    world.submit(6)
    marks, _, _, cursor = news(world.source.changes(world.form, cursor))
    assert uuid(5) not in marks
    world.server.commit(uuid(5))
    marks, _, _, cursor = news(world.source.changes(world.form, cursor))
    assert uuid(5) in marks


def test_an_entry_of_the_log_that_was_committed_late_is_heard_once(world: World) -> None:
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    cursor = world.settled()
    begun = world.clock.now()
    world.clock.advance(120)
    world.submit(2)
    _, _, changed, cursor = news(world.source.changes(world.form, cursor))
    assert changed == set()
    with world.server.stamped_at(begun):
        world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"another JPEG")
    _, _, changed, cursor = news(world.source.changes(world.form, cursor))
    assert changed == {uuid(1)}
    world.submit(3)
    _, _, changed, _ = news(world.source.changes(world.form, cursor))
    assert changed == set()


def test_a_late_file_that_arrives_is_told_with_its_new_mark(world: World) -> None:
    world.submit(1)
    before = world.marks()[uuid(1)]
    cursor = world.settled()
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    marks, _, changed, _ = news(world.source.changes(world.form, cursor))
    assert marks[uuid(1)] != before
    assert marks[uuid(1)] == world.marks()[uuid(1)]
    assert changed == set()


@pytest.mark.parametrize("edits", [0, 1])
def test_a_file_overwritten_under_its_name_is_told_once_and_leaves_the_mark_alone(world: World, edits: int) -> None:
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    if edits:
        world.edit(1)
    before = world.marks()[uuid(1)]
    cursor = world.settled()
    world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"another JPEG")
    marks, absent, changed, cursor = news(world.source.changes(world.form, cursor))
    assert changed == {uuid(1)}
    assert absent == set()
    assert marks[uuid(1)] == world.marks()[uuid(1)] == before
    for _ in range(3):
        world.clock.advance(60)
        _, _, changed, cursor = news(world.source.changes(world.form, cursor))
        assert changed == set()


def test_a_file_that_a_tablet_sends_again_is_found_under_the_version_it_names(world: World) -> None:
    world.submit(1)
    world.edit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    cursor = world.settled()
    world.resend(instance(1, 1, "Kamga edited"), "photo1.jpg", b"another JPEG")
    marks, absent, changed, _ = news(world.source.changes(world.form, cursor))
    assert changed == {uuid(1)}
    assert absent == set()
    assert marks[uuid(1)] == world.marks()[uuid(1)]


def test_a_log_of_many_pages_is_read_to_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits, "_PAGE", 2)
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    cursor = world.settled()
    world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"another JPEG")
    world.submit(*range(2, 9))
    _, _, changed, cursor = news(world.source.changes(world.form, cursor))
    assert changed == {uuid(1)}
    _, _, changed, _ = news(world.source.changes(world.form, cursor))
    assert changed == set()


def test_a_file_that_was_replaced_by_another_of_the_same_record_is_told(world: World) -> None:
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    before = world.marks()[uuid(1)]
    cursor = world.settled()
    world.server.clear_attachment(uuid(1), "photo1.jpg")
    world.server.add_attachment(uuid(1), "m2.m4a", b"M4A")
    marks, _, changed, _ = news(world.source.changes(world.form, cursor))
    assert marks[uuid(1)] == before
    assert changed == {uuid(1)}


def test_files_that_came_with_a_new_submission_need_no_second_look(world: World) -> None:
    cursor = world.settled()
    world.server.submit(instance(1), {"photo1.jpg": b"JPEG"})
    world.log.clear()
    marks, _, changed, cursor = news(world.source.changes(world.form, cursor))
    assert uuid(1) in marks
    assert changed == set()
    first = len(world.log)
    world.server.edit(uuid(1), instance(1, 1))
    news(world.source.changes(world.form, cursor))
    assert len(world.log) == 2 * first


def test_a_file_of_a_submission_that_is_gone_is_nobodys(world: World) -> None:
    world.submit(1)
    world.edit(1)
    cursor = world.settled()
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"another JPEG")
    world.server.delete(uuid(1))
    marks, absent, changed, _ = news(world.source.changes(world.form, cursor))
    assert changed == set()
    assert uuid(1) not in marks
    assert absent == {uuid(1)}


def test_other_forms_of_the_server_are_not_looked_at(world: World) -> None:
    other = world.server.add_project("Another")
    twin = world.server.add_form(other, household_form(2))
    world.submit(1)
    world.server.submit(instance(50), form=twin)
    cursor = world.settled()
    world.server.add_attachment(uuid(50), "photo1.jpg", b"JPEG")
    world.server.overwrite_attachment(uuid(50), "photo1.jpg", b"another JPEG")
    world.log.clear()
    marks, absent, changed, _ = news(world.source.changes(world.form, cursor))
    assert (set(marks) - {uuid(99)}, absent, changed) == (set(), set(), set())
    assert len(world.log) == 3


def test_an_account_that_may_not_read_the_log_is_refused_it_once(world: World) -> None:
    viewer = world.viewer()
    world.submit(1)
    cursor = world.settled(viewer)
    world.submit(2)
    world.server.delete(uuid(1))
    for _ in range(3):
        marks, absent, _, cursor = news(viewer.changes(world.form, cursor))
        assert uuid(2) in marks
        assert absent == {uuid(1)}
    assert len([asked for asked in world.log if asked.path.endswith("/audits")]) == 1


def test_an_account_that_is_let_read_the_log_begins_at_its_end(world: World) -> None:
    viewer = world.viewer()
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"years ago")
    cursor = world.settled(viewer)
    _, _, changed, cursor = news(world.source.changes(world.form, cursor))
    assert changed == set()
    world.clock.advance(1)
    world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"another JPEG")
    _, _, changed, _ = news(world.source.changes(world.form, cursor))
    assert changed == {uuid(1)}


def test_an_account_that_was_kept_from_the_log_for_a_while_hears_what_happened_then(world: World) -> None:
    world.submit(1)
    world.server.add_attachment(uuid(1), "photo1.jpg", b"JPEG")
    cursor = world.settled()
    world.server.overwrite_attachment(uuid(1), "photo1.jpg", b"another JPEG")
    _, _, changed, cursor = news(world.viewer().changes(world.form, cursor))
    assert changed == set()
    world.clock.advance(3600)
    _, _, changed, _ = news(world.source.changes(world.form, cursor))
    assert changed == {uuid(1)}


@pytest.mark.usefixtures("small_pages")
def test_a_feed_of_many_pages_gives_each_submission_once(world: World) -> None:
    cursor = world.settled()
    world.submit(*range(1, 12))
    listed = [mark.remote_id for batch in world.source.changes(world.form, cursor) for mark in batch.fingerprints]
    assert listed == [uuid(number) for number in [*range(11, 0, -1), 99]]
    for number in range(1, 12):
        world.server.delete(uuid(number))
    _, absent, _, _ = news(world.source.changes(world.form, cursor))
    assert absent == {uuid(number) for number in range(1, 12)}


@pytest.mark.usefixtures("small_pages")
def test_a_feed_of_many_pages_passes_by_no_edit_made_while_it_was_read(world: World) -> None:
    world.submit(*range(1, 12))
    cursor = world.settled()
    for number in range(1, 12):
        world.edit(number)
    held: dict[str, str] = {}
    # One that was listed already, one that was not, minutes apart.
    late = iter([11, 1])
    batches = []
    for batch in world.source.changes(world.form, cursor):
        batches.append(batch)
        if number := next(late, 0):
            # The consumer is slow, and what was listed already changes again.
            world.clock.advance(600)
            world.server.review(uuid(number), "approved")
    marks, _, _, cursor = news(iter(batches))
    held |= marks
    marks, _, _, cursor = news(world.source.changes(world.form, cursor))
    held |= marks
    listed = world.marks()
    assert {number: held[number] for number in listed if number != uuid(99)} == {
        number: mark for number, mark in listed.items() if number != uuid(99)
    }


def test_a_server_clock_that_was_once_ahead_hides_nothing_afterwards(world: World) -> None:
    world.submit(1)
    with world.server.stamped_at(world.clock.now() + timedelta(days=400)):
        world.server.review(uuid(1), "approved")
    _, _, _, cursor = news(world.source.changes(world.form, world.begin()))
    world.clock.advance(3600)
    world.submit(2)
    marks, _, _, _ = news(world.source.changes(world.form, cursor))
    assert uuid(2) in marks


def test_nothing_changed_costs_a_handful_of_requests(world: World) -> None:
    world.submit(*range(1, 30))
    cursor = world.settled()
    world.log.clear()
    news(world.source.changes(world.form, cursor))
    assert len(world.log) <= 3


def test_a_cursor_of_another_making_is_refused(world: World) -> None:
    for foreign in ("", "{}", '{"layout":2}', "2026-11-22"):
        with pytest.raises(SourceReplyUnexpected):
            list(world.source.changes(world.form, Cursor(foreign)))


@pytest.mark.usefixtures("small_pages")
def test_deletions_of_many_pages_pass_by_none_made_while_they_were_read(world: World) -> None:
    viewer = world.viewer()
    world.submit(*range(1, 12))
    cursor = world.settled(viewer)
    for number in range(2, 9):
        world.server.delete(uuid(number))
    told: set[str] = set()
    # One above the pages that were read by then, one below, minutes apart.
    late = iter([11, 1])
    batches = []
    for batch in viewer.changes(world.form, cursor):
        batches.append(batch)
        if batch.absent and (number := next(late, 0)):
            world.clock.advance(600)
            world.server.delete(uuid(number))
    _, absent, _, cursor = news(iter(batches))
    told |= absent
    _, absent, _, cursor = news(viewer.changes(world.form, cursor))
    assert told | absent == {uuid(number) for number in [1, 2, 3, 4, 5, 6, 7, 8, 11]}
