"""Every version of a submission is kept once, whatever way and however often it comes."""

import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from forms.errors import SubmissionConflict, SubmissionMalformed
from forms.submission import Answers, Attachment, Submission
from store.attachments import contested_names
from store.curation import delete_submission, restore_submission, set_review
from store.database import Connection
from store.errors import AnswersDiffer, EditOfUnknown, EditOutdated, SubmissionDeleted, SubmissionUnknown
from store.kept import Store
from store.schema import submissions
from store.submissions import (
    Arrival,
    MissingMedium,
    Outcome,
    arrivals_of,
    attachments_of,
    batches,
    counts,
    find_submission,
    keep,
    last_change,
    missing_media,
    raw,
    versions_of,
)

AT = datetime.fromisoformat("2026-01-05T08:30:00.123456+00:00")
PHOTO = Attachment("photo.jpg", "a" * 64, 3, "image/jpeg")
OTHER_PHOTO = Attachment("photo.jpg", "b" * 64, 4, "image/jpeg")
VOICE = Attachment("voice.m4a", "c" * 64, 5, None)


def arrival(
    instance: str,
    answers: Answers | None = None,
    *,
    edits: str | None = None,
    media: Iterable[Attachment] = (),
    expects: Iterable[str] = (),
    at: datetime = AT,
    form_id: str = "csp",
) -> Arrival:
    given = {"q": instance} if answers is None else answers
    submission = Submission(
        form_id=form_id,
        version="1",
        instance_id=instance,
        deprecated_id=edits,
        answers=given,
        raw=f"<{form_id}>{instance} edits {edits}: {json.dumps(given)}</{form_id}>".encode(),
        media_names=tuple(expects),
    )
    return Arrival(submission, "openrosa", None, "awa", "tablet 7", at, tuple(media))


def send(store: Store, sent: Arrival) -> Outcome:
    return store.database.write(lambda connection: keep(connection, sent))


def current_answers(store: Store, form_id: str = "csp") -> list[object]:
    with store.database.read() as connection:
        return [json.loads(one.answers) for batch in batches(connection, form_id) for one in batch]


def test_a_submission_comes_back_with_its_bytes_its_answers_and_its_times(store: Store):
    answers: Answers = {"q/note": "", "q/nom": "Koné — 日本 🌍", "m": [{"m/âge": "31", "m/n": [{"m/n/a": "1"}]}]}
    bamako = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    sent = arrival("uuid:1", answers, at=bamako)
    assert send(store, sent) is Outcome.NEW
    with store.database.read() as connection:
        (kept,) = next(batches(connection, "csp"))
        assert raw(connection, "csp", "uuid:1") == sent.submission.raw
    assert json.loads(kept.answers) == answers
    assert (kept.form_id, kept.root_id, kept.instance_id, kept.version) == ("csp", "uuid:1", "uuid:1", "1")
    assert (kept.submitter, kept.device_id, kept.review) == ("awa", "tablet 7", None)
    assert kept.received_at == kept.updated_at == AT
    assert kept.received_at.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(store: Store):
    with pytest.raises(Exception, match="without a time zone"):
        send(store, arrival("uuid:1", at=AT.replace(tzinfo=None)))


def test_the_same_submission_ten_times_is_kept_once_and_counted(store: Store):
    outcomes = [send(store, arrival("uuid:1", at=AT + timedelta(minutes=minute))) for minute in range(10)]
    assert outcomes == [Outcome.NEW] + [Outcome.DUPLICATE] * 9
    with store.database.read() as connection:
        assert counts(connection) == {"csp": 1}
        assert len(versions_of(connection, "csp", "uuid:1")) == 1
        (way,) = arrivals_of(connection, "csp", "uuid:1")
    assert (way.times, way.first_at, way.last_at) == (10, AT, AT + timedelta(minutes=9))


def test_the_same_instance_by_two_routes_is_one_submission_with_two_arrivals(store: Store):
    pushed = arrival("uuid:1")
    pulled = replace(pushed, source="kobo", remote_id="4711", submitter=None, device_id=None)
    assert [send(store, way) for way in (pushed, pulled, pulled)] == [
        Outcome.NEW,
        Outcome.DUPLICATE,
        Outcome.DUPLICATE,
    ]
    with store.database.read() as connection:
        assert counts(connection) == {"csp": 1}
        ways = arrivals_of(connection, "csp", "uuid:1")
    assert [(way.source, way.remote_id, way.times) for way in ways] == [("openrosa", None, 1), ("kobo", "4711", 2)]


def test_equal_answers_in_other_bytes_are_a_duplicate(store: Store):
    send(store, arrival("uuid:1", {"a": "1", "b": "2"}))
    rewritten = arrival("uuid:1", {"b": "2", "a": "1"})
    rewritten = replace(rewritten, submission=replace(rewritten.submission, raw=b"<csp>laid out anew</csp>"))
    assert send(store, rewritten) is Outcome.DUPLICATE


@pytest.mark.parametrize("other", [{"a": "2"}, {"a": "1 "}, {"a": ""}, {}, {"a": "1", "b": ""}, {"a": ["1"]}])
def test_the_same_instance_with_other_answers_is_a_conflict_and_changes_nothing(store: Store, other: Answers):
    send(store, arrival("uuid:1", {"a": "1"}))
    with pytest.raises(AnswersDiffer, match="other answers") as refusal:
        send(store, arrival("uuid:1", other, media=[PHOTO]))
    assert isinstance(refusal.value, SubmissionConflict)
    assert "autres réponses" in refusal.value.message.fr
    assert current_answers(store) == [{"a": "1"}]
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:1") == []


def test_the_same_answers_to_another_form_version_are_a_conflict(store: Store):
    sent = arrival("uuid:1")
    send(store, sent)
    with pytest.raises(AnswersDiffer):
        send(store, replace(sent, submission=replace(sent.submission, version="2", raw=b"<other/>")))


def test_the_same_instance_of_two_forms_is_two_submissions(store: Store):
    send(store, arrival("uuid:1"))
    assert send(store, arrival("uuid:1", form_id="fgd")) is Outcome.NEW
    with store.database.read() as connection:
        assert counts(connection) == {"csp": 1, "fgd": 1}


def test_an_edit_supersedes_and_every_version_stays(store: Store):
    send(store, arrival("uuid:1", {"a": "1"}))
    later = AT + timedelta(days=1)
    second = replace(arrival("uuid:2", {"a": "2"}, edits="uuid:1", at=later), submitter="the manager")
    assert send(store, second) is Outcome.EDIT
    assert send(store, arrival("uuid:3", {"a": "3"}, edits="uuid:2", at=later)) is Outcome.EDIT
    with store.database.read() as connection:
        (kept,) = next(batches(connection, "csp"))
        versions = versions_of(connection, "csp", "uuid:1")
        assert raw(connection, "csp", "uuid:1") == arrival("uuid:1", {"a": "1"}).submission.raw
        assert counts(connection) == {"csp": 1}
    assert (kept.root_id, kept.instance_id, json.loads(kept.answers)) == ("uuid:1", "uuid:3", {"a": "3"})
    assert (kept.received_at, kept.updated_at, kept.submitter) == (AT, later, "awa")
    assert [(one.ordinal, one.instance_id, one.deprecated_id, one.submitter) for one in versions] == [
        (1, "uuid:1", None, "awa"),
        (2, "uuid:2", "uuid:1", "the manager"),
        (3, "uuid:3", "uuid:2", "awa"),
    ]


def test_a_late_retry_of_any_stored_version_is_a_duplicate(store: Store):
    sent = [arrival("uuid:1"), arrival("uuid:2", edits="uuid:1"), arrival("uuid:3", edits="uuid:2")]
    for version in sent:
        send(store, version)
    assert [send(store, version) for version in sent] == [Outcome.DUPLICATE] * 3
    assert current_answers(store) == [{"q": "uuid:3"}]


def test_an_edit_of_a_version_that_was_replaced_is_refused_in_its_own_words(store: Store):
    send(store, arrival("uuid:1"))
    send(store, arrival("uuid:2", edits="uuid:1"))
    with pytest.raises(EditOutdated, match=r"uuid:1, which uuid:2 has replaced") as refusal:
        send(store, arrival("uuid:2b", edits="uuid:1"))
    assert refusal.value.reason == "edit_outdated"
    assert current_answers(store) == [{"q": "uuid:2"}]


def test_an_edit_that_comes_before_its_original_is_refused_until_the_original_came(store: Store):
    edit = arrival("uuid:2", edits="uuid:1")
    with pytest.raises(EditOfUnknown, match="has not arrived") as refusal:
        send(store, edit)
    assert refusal.value.reason == "edit_of_unknown"
    assert current_answers(store) == []
    send(store, arrival("uuid:1"))
    assert send(store, edit) is Outcome.EDIT


def test_an_edit_of_another_forms_submission_is_an_edit_of_an_unknown_one(store: Store):
    send(store, arrival("uuid:1", form_id="fgd"))
    with pytest.raises(EditOfUnknown):
        send(store, arrival("uuid:2", edits="uuid:1"))


def test_an_approval_does_not_outlive_an_edit(store: Store):
    send(store, arrival("uuid:1"))
    store.database.write(lambda connection: set_review(connection, "csp", "uuid:1", "approved", AT))
    send(store, arrival("uuid:2", edits="uuid:1"))
    with store.database.read() as connection:
        kept = find_submission(connection, "csp", "uuid:1")
    assert kept is not None
    assert kept.review == "edited"


def test_a_deleted_submission_counts_no_more_and_is_not_taken_in_again(store: Store):
    send(store, arrival("uuid:1"))
    store.database.write(lambda connection: delete_submission(connection, "csp", "uuid:1", AT))
    for again in (arrival("uuid:1"), arrival("uuid:2", edits="uuid:1")):
        with pytest.raises(SubmissionDeleted, match="uuid:1 was deleted"):
            send(store, again)
    with store.database.read() as connection:
        assert counts(connection) == {}
        assert list(batches(connection, "csp")) == []
        assert find_submission(connection, "csp", "uuid:1") is None
        assert len(versions_of(connection, "csp", "uuid:1")) == 1
    store.database.write(lambda connection: restore_submission(connection, "csp", "uuid:1", AT))
    assert send(store, arrival("uuid:1")) is Outcome.DUPLICATE
    assert current_answers(store) == [{"q": "uuid:1"}]


@pytest.mark.parametrize("deed", [delete_submission, restore_submission])
def test_what_is_not_here_cannot_be_deleted_or_restored(store: Store, deed: object):
    assert callable(deed)
    with pytest.raises(SubmissionUnknown, match="uuid:9"):
        store.database.write(lambda connection: deed(connection, "csp", "uuid:9", AT))
    with store.database.read() as connection, pytest.raises(SubmissionUnknown):
        raw(connection, "csp", "uuid:9")


def test_media_that_come_later_join_their_submission(store: Store):
    send(store, arrival("uuid:1", expects=["photo.jpg", "voice.m4a"]))
    missing = [MissingMedium("csp", "uuid:1", "uuid:1", name) for name in ("photo.jpg", "voice.m4a")]
    with store.database.read() as connection:
        assert missing_media(connection) == missing
    assert send(store, arrival("uuid:1", media=[PHOTO])) is Outcome.COMPLETED
    assert send(store, arrival("uuid:1", media=[PHOTO])) is Outcome.DUPLICATE
    with store.database.read() as connection:
        assert missing_media(connection, "csp") == missing[1:]
    assert send(store, arrival("uuid:1", media=[PHOTO, VOICE])) is Outcome.COMPLETED
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:1") == [PHOTO, VOICE]
        assert missing_media(connection) == []


def test_a_file_that_no_answer_names_is_kept_too(store: Store):
    send(store, arrival("uuid:1", media=[VOICE]))
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:1") == [VOICE]


def test_other_bytes_under_a_name_that_is_taken_are_kept_and_the_first_speak(store: Store):
    send(store, arrival("uuid:1", media=[PHOTO], expects=["photo.jpg"]))
    assert send(store, arrival("uuid:1", media=[OTHER_PHOTO])) is Outcome.COMPLETED
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:1") == [PHOTO]
        (contested,) = contested_names(connection, "csp")
    assert (contested.instance_id, contested.attachments) == ("uuid:1", (PHOTO, OTHER_PHOTO))


def test_two_files_of_one_name_in_one_post_are_both_kept_in_their_order(store: Store):
    send(store, arrival("uuid:1", media=[PHOTO, OTHER_PHOTO, PHOTO]))
    with store.database.read() as connection:
        (contested,) = contested_names(connection, "csp")
    assert contested.attachments == (PHOTO, OTHER_PHOTO)


def test_an_edit_carries_over_the_files_its_answers_still_name(store: Store):
    send(store, arrival("uuid:1", media=[PHOTO, VOICE], expects=["photo.jpg", "voice.m4a"]))
    send(store, arrival("uuid:2", edits="uuid:1", expects=["photo.jpg"]))
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:2") == [PHOTO]
        assert attachments_of(connection, "csp", "uuid:1") == [PHOTO, VOICE]
        assert missing_media(connection) == []


def test_an_edit_with_its_own_file_of_that_name_uses_its_own(store: Store):
    send(store, arrival("uuid:1", media=[PHOTO], expects=["photo.jpg"]))
    send(store, arrival("uuid:2", edits="uuid:1", media=[OTHER_PHOTO], expects=["photo.jpg"]))
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:2") == [OTHER_PHOTO]
        assert attachments_of(connection, "csp", "uuid:1") == [PHOTO]


def test_a_file_of_the_original_that_comes_after_the_edit_serves_the_edit_too(store: Store):
    send(store, arrival("uuid:1", expects=["photo.jpg"]))
    send(store, arrival("uuid:2", edits="uuid:1", expects=["photo.jpg"]))
    with store.database.read() as connection:
        assert missing_media(connection) == [MissingMedium("csp", "uuid:1", "uuid:2", "photo.jpg")]
    assert send(store, arrival("uuid:1", media=[PHOTO])) is Outcome.COMPLETED
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:2") == [PHOTO]
        assert missing_media(connection) == []


def test_a_file_of_an_edit_does_not_become_one_of_the_version_before(store: Store):
    send(store, arrival("uuid:1", expects=["photo.jpg"]))
    send(store, arrival("uuid:2", edits="uuid:1", media=[PHOTO], expects=["photo.jpg"]))
    with store.database.read() as connection:
        assert attachments_of(connection, "csp", "uuid:1") == []


def test_batches_give_every_submission_once_and_in_order(store: Store):
    for number in range(7):
        send(store, arrival(f"uuid:{number}"))
    with store.database.read() as connection:
        given = [[one.root_id for one in batch] for batch in batches(connection, "csp", size=3)]
        assert [len(batch) for batch in batches(connection, "csp", size=7)] == [7]
    assert given == [["uuid:0", "uuid:1", "uuid:2"], ["uuid:3", "uuid:4", "uuid:5"], ["uuid:6"]]


def test_the_count_of_changes_grows_with_what_a_build_must_see_and_with_nothing_else(store: Store):
    def seen() -> int:
        with store.database.read() as connection:
            return last_change(connection)

    history = [seen()]
    for deed in (
        lambda connection: keep(connection, arrival("uuid:1")),
        lambda connection: keep(connection, arrival("uuid:2", edits="uuid:1")),
        lambda connection: set_review(connection, "csp", "uuid:1", "approved", AT),
        lambda connection: delete_submission(connection, "csp", "uuid:1", AT),
        lambda connection: restore_submission(connection, "csp", "uuid:1", AT),
    ):
        store.database.write(deed)
        history.append(seen())
    assert history == sorted(set(history))
    send(store, arrival("uuid:1"))
    with pytest.raises(EditOfUnknown):
        send(store, arrival("uuid:8", edits="uuid:9"))
    assert seen() == history[-1]


@pytest.mark.parametrize("copies", [8])
def test_the_same_submission_by_many_connections_at_once_is_kept_once(store: Store, copies: int):
    ready = threading.Barrier(copies)
    outcomes: list[Outcome] = []

    def deliver() -> None:
        ready.wait(10)
        outcomes.append(send(store, arrival("uuid:1", media=[PHOTO])))

    threads = [threading.Thread(target=deliver) for _ in range(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == [Outcome.DUPLICATE] * (copies - 1) + [Outcome.NEW]
    with store.database.read() as connection:
        (way,) = arrivals_of(connection, "csp", "uuid:1")
        assert attachments_of(connection, "csp", "uuid:1") == [PHOTO]
    assert way.times == copies


def test_of_two_edits_at_once_one_wins_and_the_other_is_told(store: Store):
    send(store, arrival("uuid:1"))
    ready = threading.Barrier(2)
    results: list[object] = []

    def edit(name: str) -> None:
        ready.wait(10)
        try:
            results.append(send(store, arrival(name, edits="uuid:1")))
        except EditOutdated as error:
            results.append(type(error))

    threads = [threading.Thread(target=edit, args=(name,)) for name in ("uuid:2", "uuid:3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, results)) == sorted(map(str, [Outcome.EDIT, EditOutdated]))
    with store.database.read() as connection:
        assert len(versions_of(connection, "csp", "uuid:1")) == 2


@pytest.mark.parametrize(
    "crooked",
    [
        replace(arrival("uuid:1"), device_id="tablet\0\ud800"),
        replace(arrival("uuid:1"), submitter="'; DROP TABLE submissions; --"),
        arrival("uuid:1", media=[replace(PHOTO, name="ph\0to.jpg")], expects=["ph\0to.jpg"]),
        arrival("uuid:1", {"q": "x" * 1_000_000}),
        arrival("uuid:1", expects=["n" * 10_000]),
        replace(arrival("uuid:1"), device_id="d" * 10_000),
        arrival("uuid:1", {"q": "\0"}),
        arrival("", {}),
    ],
    ids=["NUL", "SQL", "NUL in a name", "1 MB", "long answer", "long device", "NUL in an answer", "empty"],
)
def test_crooked_texts_cost_no_submission(store: Store, crooked: Arrival):
    assert send(store, crooked) is Outcome.NEW
    assert send(store, crooked) is Outcome.DUPLICATE
    with store.database.read() as connection:
        (way,) = arrivals_of(connection, "csp", crooked.submission.instance_id)
        assert counts(connection) == {"csp": 1}
        assert bool(missing_media(connection)) == (crooked.submission.media_names == ("n" * 10_000,))
    assert way.times == 2


@pytest.mark.parametrize(
    "beyond",
    [arrival("u" * 5000), arrival("uuid:1", form_id="f" * 5000), arrival("u", media=[replace(PHOTO, name="é" * 900)])],
    ids=["instanceID", "form id", "file name"],
)
def test_an_id_beyond_what_an_index_holds_is_refused_alike_on_both_databases(store: Store, beyond: Arrival):
    with pytest.raises(SubmissionMalformed, match="1000 bytes"):
        send(store, beyond)


def test_an_error_of_the_database_shows_no_answers(store: Store):
    def break_a_constraint(connection: Connection) -> None:
        keep(connection, arrival("uuid:1", {"q": "a secret answer"}))
        connection.execute(submissions.update().values(current_ordinal=0, submitter="a secret name"))

    with pytest.raises(IntegrityError) as error:
        store.database.write(break_a_constraint)
    assert "secret" not in str(error.value) + str(error.value.__cause__)
    assert "ck_submissions_current_ordinal" in str(error.value)
