"""What a source shows of its records is what is kept of them: new, edited, reviewed, gone, back, set aside."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from forms.errors import SubmissionMalformed
from forms.submission import Answers, Submission
from forms.text import Bilingual
from store.curation import delete_submission, restore_submission, set_review
from store.database import Connection
from store.errors import AnswersDiffer
from store.kept import Store
from store.mirror.aside import keep_set_aside
from store.mirror.gone import mark_gone
from store.mirror.pulled import Change, PulledRecord, keep_pulled
from store.mirror.records import (
    Mirrored,
    count_mirrored,
    count_set_aside,
    highest_key,
    lacking_media,
    mirror_pages,
    mirrored,
    mirrored_by_root,
)
from store.mirror.states import begin_pulling
from store.quarantine import Quarantined, set_aside, waiting
from store.submissions import (
    Arrival,
    Outcome,
    arrivals_of,
    batches,
    counts,
    find_submission,
    keep,
    last_change,
    raw,
    versions_of,
)

SUBMITTED = datetime(2026, 1, 5, 8, 30, 0, 123456, tzinfo=UTC)
PULLED = SUBMITTED + timedelta(hours=3)
LATER = SUBMITTED + timedelta(days=1)

T = TypeVar("T")


@dataclass(frozen=True)
class Mirror:
    """A form of a source that is pulled into a store."""

    store: Store
    state_key: int
    source: str = "kobo"

    def write(self, deed: Callable[[Connection], T]) -> T:
        return self.store.database.write(deed)

    def keep(self, record: PulledRecord, at: datetime = PULLED) -> Change:
        return self.write(lambda connection: keep_pulled(connection, self.state_key, self.source, record, at))

    def row(self, remote_id: str = "7") -> Mirrored:
        with self.store.database.read() as connection:
            return mirrored(connection, self.state_key, [remote_id])[remote_id]

    def gone(self, *remote_ids: str, at: datetime = LATER) -> int:
        keys = [self.row(remote_id).key for remote_id in remote_ids]
        return self.write(lambda connection: mark_gone(connection, self.state_key, keys, at))

    def set_aside(self, remote_id: str, raw: bytes, mark: str = "m9", at: datetime = PULLED) -> int:
        entry = Quarantined(raw, "unreadable", Bilingual("a", "b"), None, None, at, "csp", "1", "uuid:1")

        def deed(connection: Connection) -> int:
            key = set_aside(connection, entry)
            keep_set_aside(connection, self.state_key, remote_id, "uuid:1", mark, key)
            return key

        return self.write(deed)

    def answers(self) -> dict[str, object]:
        with self.store.database.read() as connection:
            return {one.root_id: json.loads(one.answers) for batch in batches(connection, "csp") for one in batch}

    def waiting(self) -> list[int]:
        with self.store.database.read() as connection:
            return [entry.id for entry in waiting(connection)]

    def count(self) -> int:
        with self.store.database.read() as connection:
            return count_mirrored(connection, self.state_key)

    def changes(self) -> int:
        with self.store.database.read() as connection:
            return last_change(connection)


def mirror_of(store: Store, source: str = "kobo", remote_id: str = "aB1") -> Mirror:
    state = store.database.write(lambda connection: begin_pulling(connection, source, remote_id, "csp", "CSP"))
    return Mirror(store, state.key, source)


@pytest.fixture
def mirror(store: Store) -> Iterator[Mirror]:
    return mirror_of(store)


def record(
    instance: str = "uuid:1",
    answers: Answers | None = None,
    *,
    remote_id: str = "7",
    root: str = "uuid:1",
    mark: str = "m1",
    review: str | None = None,
    edits: str | None = None,
    expects: tuple[str, ...] = (),
) -> PulledRecord:
    given: Answers = {"q": instance} if answers is None else answers
    content = f"<csp>{instance} {json.dumps(given)}</csp>".encode()
    submission = Submission("csp", "1", instance, edits, given, content, expects)
    return PulledRecord(remote_id, root, mark, submission, SUBMITTED, "awa", "tablet 7", review, ())


def sent(pulled: PulledRecord) -> Arrival:
    return Arrival(pulled.submission, "openrosa", None, "awa", "tablet 7", SUBMITTED)


def test_a_record_never_met_is_a_submission_of_when_its_source_took_it(mirror: Mirror):
    assert mirror.keep(record(review="approved")) is Change.NEW
    with mirror.store.database.read() as connection:
        kept = find_submission(connection, "csp", "uuid:1")
        (version,) = versions_of(connection, "csp", "uuid:1")
        (way,) = arrivals_of(connection, "csp", "uuid:1")
        assert raw(connection, "csp", "uuid:1") == record().submission.raw
    assert kept is not None
    assert (kept.received_at, kept.updated_at, kept.review) == (SUBMITTED, SUBMITTED, "approved")
    assert (kept.submitter, kept.device_id, kept.answers) == ("awa", "tablet 7", '{"q":"uuid:1"}')
    assert (version.ordinal, version.received_at) == (1, SUBMITTED)
    assert (way.source, way.remote_id, way.first_at, way.times) == ("kobo", "7", PULLED, 1)
    row = mirror.row()
    assert row == Mirrored(row.key, "7", "uuid:1", "m1", is_gone=False, is_set_aside=False, lacks_media=False)


def test_a_record_pulled_again_is_kept_once_and_nothing_is_to_be_built(mirror: Mirror):
    mirror.keep(record())
    before = mirror.changes()
    assert mirror.keep(record(mark="m2")) is Change.UNCHANGED
    assert mirror.changes() == before
    assert mirror.row().mark == "m2"
    with mirror.store.database.read() as connection:
        (way,) = arrivals_of(connection, "csp", "uuid:1")
        assert len(versions_of(connection, "csp", "uuid:1")) == 1
    assert way.times == 2


def test_an_edit_is_a_further_version_with_the_review_of_the_source(mirror: Mirror):
    mirror.keep(record(review="approved"))
    before = mirror.changes()
    # What lay between was missed: the version that it edits never came here.
    assert mirror.keep(record("uuid:3", edits="uuid:2", review="hasIssues")) is Change.EDITED
    assert mirror.changes() > before
    assert mirror.answers() == {"uuid:1": {"q": "uuid:3"}}
    with mirror.store.database.read() as connection:
        kept = find_submission(connection, "csp", "uuid:1")
        assert [one.instance_id for one in versions_of(connection, "csp", "uuid:1")] == ["uuid:1", "uuid:3"]
    assert kept is not None
    assert (kept.review, kept.received_at, kept.updated_at) == ("hasIssues", SUBMITTED, PULLED)


def test_a_record_met_after_its_edits_has_the_root_id_that_its_source_names(mirror: Mirror):
    assert mirror.keep(record("uuid:3", edits="uuid:2")) is Change.NEW
    assert mirror.answers() == {"uuid:1": {"q": "uuid:3"}}
    assert mirror.keep(record("uuid:4", edits="uuid:3")) is Change.EDITED
    assert mirror.answers() == {"uuid:1": {"q": "uuid:4"}}


def test_another_review_is_set_and_built(mirror: Mirror):
    mirror.keep(record())
    before = mirror.changes()
    assert mirror.keep(record(review="approved"), LATER) is Change.REVIEWED
    assert mirror.changes() > before
    with mirror.store.database.read() as connection:
        kept = find_submission(connection, "csp", "uuid:1")
    assert kept is not None
    assert (kept.review, kept.updated_at) == ("approved", LATER)
    assert mirror.keep(record(review=None)) is Change.REVIEWED


@pytest.mark.parametrize("other", [{"q": "2"}, {}, {"q": ["uuid:1"]}])
def test_other_answers_under_the_same_instance_are_refused_and_change_nothing(mirror: Mirror, other: Answers):
    mirror.keep(record())
    before = mirror.row(), mirror.changes()
    with pytest.raises(AnswersDiffer, match="uuid:1"):
        mirror.keep(record(answers=other, mark="m2", review="approved"))
    assert (mirror.row(), mirror.changes()) == before
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}


def test_the_same_answers_of_another_form_version_are_refused(mirror: Mirror):
    mirror.keep(record())
    other = record(mark="m2")
    with pytest.raises(AnswersDiffer):
        mirror.keep(replace(other, submission=replace(other.submission, version="2", raw=b"<other/>")))


def test_what_a_device_sent_us_and_its_server_shows_is_one_submission_by_two_ways(mirror: Mirror):
    mirror.write(lambda connection: keep(connection, sent(record())))
    assert mirror.keep(record(review="approved")) is Change.NEW
    with mirror.store.database.read() as connection:
        assert counts(connection) == {"csp": 1}
        ways = [(way.source, way.remote_id) for way in arrivals_of(connection, "csp", "uuid:1")]
        kept = find_submission(connection, "csp", "uuid:1")
    assert ways == [("openrosa", None), ("kobo", "7")]
    assert kept is not None
    assert kept.review == "approved"
    # And the other way round.
    mirror.keep(record("uuid:5", remote_id="8", root="uuid:5"))
    again = sent(record("uuid:5"))
    assert mirror.write(lambda connection: keep(connection, again)) is Outcome.DUPLICATE


def test_an_edit_that_devices_sent_only_to_us_stays_current(mirror: Mirror):
    mirror.keep(record())
    edit = sent(record("uuid:2", edits="uuid:1"))
    mirror.write(lambda connection: keep(connection, edit))
    assert mirror.keep(record(mark="m2", review="edited")) is Change.UNCHANGED
    assert mirror.answers() == {"uuid:1": {"q": "uuid:2"}}
    # Its next edit on the server speaks again, whatever it started from.
    assert mirror.keep(record("uuid:3", edits="uuid:1")) is Change.EDITED
    assert mirror.answers() == {"uuid:1": {"q": "uuid:3"}}


def test_a_record_whose_root_id_is_named_otherwise_later_stays_one_submission(mirror: Mirror):
    # KoboToolbox servers from before root ids name an edited record by its newest instanceID.
    mirror.keep(record())
    mirror.keep(record("uuid:2", edits="uuid:1"))
    assert mirror.keep(record("uuid:2", root="uuid:2", remote_id="8")) is Change.NEW
    assert mirror.keep(record("uuid:2", root="uuid:2", edits="uuid:1")) is Change.UNCHANGED
    assert mirror.answers() == {"uuid:1": {"q": "uuid:2"}}
    assert mirror.row().root_id == "uuid:2"


def test_the_same_record_of_two_forms_is_two_submissions(mirror: Mirror):
    mirror.keep(record())
    other = mirror_of(mirror.store, remote_id="aB2")
    pulled = record()
    pulled = replace(pulled, submission=replace(pulled.submission, form_id="fgd"))
    assert other.keep(pulled) is Change.NEW
    other.gone("7")
    with mirror.store.database.read() as connection:
        assert counts(connection) == {"csp": 1}
    assert mirror.count() == 1
    assert other.count() == 0


def test_a_record_that_is_gone_is_deleted_and_back_when_it_is_back(mirror: Mirror):
    mirror.keep(record())
    before = mirror.changes()
    assert mirror.gone("7") == 1
    assert mirror.changes() > before
    assert mirror.answers() == {}
    assert mirror.count() == 0
    assert mirror.row().is_gone
    assert mirror.gone("7") == 0
    before = mirror.changes()
    assert mirror.keep(record(), LATER) is Change.RESTORED
    assert mirror.changes() > before
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}
    assert not mirror.row().is_gone


def test_a_record_that_is_back_with_an_edit_shows_the_edit(mirror: Mirror):
    mirror.keep(record())
    mirror.gone("7")
    assert mirror.keep(record("uuid:2", edits="uuid:1")) is Change.RESTORED
    assert mirror.answers() == {"uuid:1": {"q": "uuid:2"}}


@pytest.mark.parametrize("first", ["the source", "the manager"])
def test_a_deletion_by_a_data_manager_stays_whatever_the_source_shows(mirror: Mirror, first: str):
    mirror.keep(record())
    if first == "the source":
        mirror.gone("7", at=LATER)
    # At the same instant: who deleted is not told by the time.
    mirror.write(lambda connection: delete_submission(connection, "csp", "uuid:1", LATER))
    if first == "the manager":
        mirror.gone("7", at=LATER)
    assert mirror.keep(record("uuid:2", edits="uuid:1")) is Change.RESTORED
    assert mirror.answers() == {}
    mirror.write(lambda connection: restore_submission(connection, "csp", "uuid:1", LATER))
    assert mirror.answers() == {"uuid:1": {"q": "uuid:2"}}


def test_what_a_device_sent_us_stays_when_its_server_loses_it(mirror: Mirror):
    mirror.write(lambda connection: keep(connection, sent(record())))
    mirror.keep(record())
    assert mirror.gone("7") == 1
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}


def test_what_two_sources_show_goes_only_with_the_second(mirror: Mirror):
    other = mirror_of(mirror.store, "central", "1/csp")
    mirror.keep(record())
    other.keep(record(remote_id="uuid:1"))
    mirror.gone("7")
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}
    other.gone("uuid:1")
    assert mirror.answers() == {}


def test_two_records_with_one_root_id_and_the_same_content_are_one_submission(mirror: Mirror):
    mirror.keep(record())
    assert mirror.keep(record(remote_id="8")) is Change.NEW
    assert mirror.count() == 2
    with mirror.store.database.read() as connection:
        assert counts(connection) == {"csp": 1}
        assert [row.remote_id for row in mirrored_by_root(connection, mirror.state_key, ["uuid:1"])] == ["7", "8"]
    mirror.gone("7")
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}
    mirror.gone("8")
    assert mirror.answers() == {}


@pytest.mark.parametrize("instance", ["uuid:1", "uuid:2"])
def test_two_records_with_one_root_id_and_other_content_are_a_conflict(mirror: Mirror, instance: str):
    mirror.keep(record())
    with pytest.raises(AnswersDiffer, match=instance):
        mirror.keep(record(instance, {"q": "other"}, remote_id="8"))
    assert mirror.count() == 1
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}


def test_of_two_records_with_one_root_id_the_first_says_what_the_submission_is(mirror: Mirror):
    mirror.keep(record(review="approved"))
    assert mirror.keep(record(remote_id="8", review="rejected")) is Change.NEW
    assert mirror.keep(record(remote_id="8", review="rejected")) is Change.UNCHANGED
    with pytest.raises(AnswersDiffer):
        mirror.keep(record("uuid:3", remote_id="8", edits="uuid:1"))
    assert mirror.keep(record("uuid:2", edits="uuid:1", review="approved")) is Change.EDITED
    with mirror.store.database.read() as connection:
        kept = find_submission(connection, "csp", "uuid:1")
    assert kept is not None
    assert (kept.instance_id, kept.review) == ("uuid:2", "approved")
    # Once the first is gone, the second speaks.
    mirror.gone("7")
    assert mirror.keep(record("uuid:3", remote_id="8", edits="uuid:1")) is Change.EDITED


def test_a_record_sent_anew_after_its_deletion_is_back_under_its_new_id(mirror: Mirror):
    mirror.keep(record())
    mirror.gone("7")
    assert mirror.keep(record(remote_id="9")) is Change.NEW
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}
    mirror.keep(record("uuid:2", remote_id="9", edits="uuid:1"))
    assert mirror.answers() == {"uuid:1": {"q": "uuid:2"}}


def test_a_record_set_aside_counts_as_held_and_is_kept_once_it_can_be(mirror: Mirror):
    key = mirror.set_aside("7", b"<cut")
    assert mirror.row().is_set_aside
    assert mirror.row().mark == "m9"
    assert mirror.count() == 1
    with mirror.store.database.read() as connection:
        assert count_set_aside(connection, mirror.state_key) == 1
    assert mirror.waiting() == [key]
    assert mirror.keep(record()) is Change.NEW
    assert mirror.waiting() == []
    assert not mirror.row().is_set_aside
    assert mirror.count() == 1


def test_an_unreadable_edit_leaves_the_answers_before_it_and_the_newest_entry_waiting(mirror: Mirror):
    mirror.keep(record())
    mirror.set_aside("7", b"<first")
    second = mirror.set_aside("7", b"<second", mark="m10")
    assert mirror.waiting() == [second]
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}
    assert (mirror.row().mark, mirror.row().is_set_aside) == ("m10", True)
    assert mirror.gone("7") == 1
    assert mirror.answers() == {}
    assert mirror.waiting() == []
    # It is there again, still unreadable: what was kept of it counts again.
    assert mirror.set_aside("7", b"<second") == second
    assert mirror.waiting() == [second]
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}
    assert mirror.keep(record("uuid:2", edits="uuid:1")) is Change.EDITED
    assert mirror.waiting() == []


def test_what_was_set_aside_of_a_source_is_told_from_what_was_sent_here(mirror: Mirror):
    pulled = mirror.set_aside("7", b"<cut")
    entry = Quarantined(b"<sent", "unreadable", Bilingual("a", "b"), None, None, PULLED, "csp", "1")
    sent_here = mirror.write(lambda connection: set_aside(connection, entry))
    with mirror.store.database.read() as connection:
        assert [one.id for one in waiting(connection, "csp", "1", is_pulled=True)] == [pulled]
        assert [one.id for one in waiting(connection, "csp", "1", is_pulled=False)] == [sent_here]
        assert [one.id for one in waiting(connection, "csp", "1")] == [pulled, sent_here]


def test_an_entry_that_two_records_share_waits_until_neither_needs_it(mirror: Mirror):
    key = mirror.set_aside("7", b"<cut")
    assert mirror.set_aside("8", b"<cut") == key
    mirror.gone("7")
    assert mirror.waiting() == [key]
    mirror.keep(record(remote_id="8"))
    assert mirror.waiting() == []


@pytest.mark.parametrize("field", ["remote_id", "root_id"])
def test_ids_of_no_usual_length_are_refused(mirror: Mirror, field: str):
    pulled = record()
    too_long = replace(pulled, remote_id="x" * 1001) if field == "remote_id" else replace(pulled, root_id="é" * 501)
    with pytest.raises(SubmissionMalformed, match="1000 bytes"):
        mirror.keep(too_long)
    assert mirror.keep(replace(pulled, remote_id="x" * 1000, root_id="é" * 500)) is Change.NEW
    mirror.set_aside("y" * 1001, b"<cut")
    assert mirror.count() == 1


def test_records_are_looked_up_by_the_thousand_and_paged_in_the_order_they_were_met(mirror: Mirror):
    ids = [str(number) for number in range(1, 1203)]

    def keep_all(connection: Connection) -> None:
        for number in ids:
            pulled = record(f"uuid:{number}", remote_id=number, root=f"uuid:{number}")
            keep_pulled(connection, mirror.state_key, "kobo", pulled, PULLED)

    mirror.write(keep_all)
    other = mirror_of(mirror.store, "central")
    other.keep(record("uuid:1", remote_id="1"))
    with mirror.store.database.read() as connection:
        assert list(mirrored(connection, mirror.state_key, [*ids, "0"])) == ids
        roots = [f"uuid:{number}" for number in ids]
        assert [row.remote_id for row in mirrored_by_root(connection, mirror.state_key, roots)] == ids
        first = mirror_pages(connection, mirror.state_key, size=1000)
        rest = mirror_pages(connection, mirror.state_key, after_key=first[-1].key, size=1000)
        assert [row.remote_id for row in (*first, *rest)] == ids
        assert highest_key(connection, mirror.state_key) == rest[-1].key
        assert highest_key(connection, 99) == 0
        keys = [row.key for row in (*first, *rest)]
    assert mirror.write(lambda connection: mark_gone(connection, mirror.state_key, iter(keys), LATER)) == len(ids)
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}


def test_records_whose_files_their_source_lacks_are_found_newest_first(mirror: Mirror):
    for number in "123":
        expects = () if number == "2" else ("photo.jpg",)
        mirror.keep(record(f"uuid:{number}", remote_id=number, root=f"uuid:{number}", expects=expects))
    with mirror.store.database.read() as connection:
        assert [row.remote_id for row in lacking_media(connection, mirror.state_key, limit=9)] == ["3", "1"]
        assert [row.remote_id for row in lacking_media(connection, mirror.state_key, limit=1)] == ["3"]
    mirror.gone("3")
    with mirror.store.database.read() as connection:
        assert [row.remote_id for row in lacking_media(connection, mirror.state_key, limit=9)] == ["1"]


def test_keys_of_another_form_of_the_source_are_not_believed_gone(mirror: Mirror):
    mirror.keep(record())
    other = mirror_of(mirror.store, remote_id="aB2")
    key = mirror.row().key
    assert other.write(lambda connection: mark_gone(connection, other.state_key, [key], LATER)) == 0
    assert mirror.answers() == {"uuid:1": {"q": "uuid:1"}}


def test_a_review_that_was_set_here_gives_way_to_the_sources_when_it_is_read_again(mirror: Mirror):
    mirror.keep(record(review="approved"))
    mirror.write(lambda connection: set_review(connection, "csp", "uuid:1", "rejected", PULLED))
    assert mirror.keep(record(review="approved")) is Change.REVIEWED
