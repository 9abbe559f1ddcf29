import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from forms.form import Form
from forms.submission import Attachment
from forms.text import Bilingual
from store.database import Connection
from store.form_versions import FormState, set_state
from store.kept import Store
from store.mirror.aside import keep_set_aside
from store.mirror.states import begin_pulling
from store.quarantine import Quarantined, waiting
from store.quarantine import set_aside as put_aside
from store.submissions import attachments_of, batches, counts, raw, versions_of
from sync.publish import publish_xform_here
from sync.receive import Delivery, Receipt, Verdict, receive
from sync.shelf import Shelf

INSTANCE_ID = "uuid:0f5b2f5a-43de-4f59-9a0c-6d6b5b1f6a01"


@pytest.fixture
def published(store: Store, household: bytes, at: datetime) -> None:
    publish_xform_here(store, household, {}, at=at)


def send(store: Store, shelf: Shelf, xml: bytes, at: datetime, *media: Attachment) -> Receipt:
    return receive(store, shelf, Delivery(xml, media, "Awa", "collect:1", at)).result()


def kept_answers(store: Store) -> list[dict[str, object]]:
    with store.database.read() as connection:
        return [json.loads(row.answers) for batch in batches(connection, "household") for row in batch]


def set_aside(store: Store) -> list[Quarantined]:
    with store.database.read() as connection:
        return waiting(connection)


def edit_of(xml: bytes, new_id: str, deprecated: str = INSTANCE_ID, name: str = "Konna") -> bytes:
    old = f"<orx:instanceID>{INSTANCE_ID}</orx:instanceID>".encode()
    new = f"<orx:instanceID>{new_id}</orx:instanceID><orx:deprecatedID>{deprecated}</orx:deprecatedID>".encode()
    return xml.replace(old, new).replace(b"Konna", name.encode())


def medium(store: Store, name: str, content: bytes) -> Attachment:
    with store.media.stage() as staged:
        staged.write(content)
        kept = staged.keep()
    return Attachment(name, kept.sha256, kept.size, "image/jpeg")


@pytest.mark.usefixtures("published")
class TestOfAPublishedForm:
    def test_a_submission_is_kept_with_the_bytes_as_received(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        receipt = send(store, shelf, submission, at)
        assert (receipt.outcome, receipt.instance_id, receipt.quarantine_id) == (Verdict.NEW, INSTANCE_ID, None)
        with store.database.read() as connection:
            assert raw(connection, "household", INSTANCE_ID) == submission
            assert counts(connection) == {"household": 1}
        assert kept_answers(store)[0]["member"] == [
            {
                "member/age": "12",
                "member/name": "Oumar",
                "member/photo": "1767600000002.jpg",
                "member/visit": [{"member/visit/day": "2026-01-05"}, {"member/visit/day": "2026-02-05"}],
            },
            {"member/age": "9", "member/name": "Fanta", "member/photo": ""},
        ]

    def test_the_same_submission_again_changes_nothing(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        send(store, shelf, submission, at)
        outcomes = {send(store, shelf, submission, at + timedelta(hours=hour)).outcome for hour in range(1, 10)}
        assert outcomes == {Verdict.DUPLICATE}
        assert len(kept_answers(store)) == 1
        assert not set_aside(store)

    def test_eight_at_once_are_kept_once(self, store: Store, shelf: Shelf, submission: bytes, at: datetime):
        with ThreadPoolExecutor(8) as senders:
            outcomes = list(senders.map(lambda _: send(store, shelf, submission, at).outcome, range(8)))
        assert sorted(outcomes) == [*[Verdict.DUPLICATE] * 7, Verdict.NEW]
        assert len(kept_answers(store)) == 1

    def test_late_media_join_their_submission(self, store: Store, shelf: Shelf, submission: bytes, at: datetime):
        send(store, shelf, submission, at)
        photo = medium(store, "1767600000001.jpg", b"a photo")
        assert send(store, shelf, submission, at, photo).outcome is Verdict.COMPLETED
        assert send(store, shelf, submission, at, photo).outcome is Verdict.DUPLICATE
        with store.database.read() as connection:
            assert [one.name for one in attachments_of(connection, "household", INSTANCE_ID)] == ["1767600000001.jpg"]

    def test_other_answers_under_a_known_id_are_a_conflict_and_both_are_kept_apart(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        send(store, shelf, submission, at)
        other = submission.replace(b"Konna", b"Djenne")
        receipt = send(store, shelf, other, at)
        assert receipt.outcome is Verdict.CONFLICT
        assert [one["village"] for one in kept_answers(store)] == ["Konna"]
        assert [(one.id, one.raw, one.reason) for one in set_aside(store)] == [
            (receipt.quarantine_id, other, "answers_differ")
        ]

    def test_an_edit_supersedes_and_every_version_stays(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        send(store, shelf, submission, at)
        second = edit_of(submission, "uuid:2", name="Djenné")
        third = edit_of(submission, "uuid:3", deprecated="uuid:2", name="Mopti")
        assert send(store, shelf, second, at).outcome is Verdict.EDIT
        assert send(store, shelf, third, at).outcome is Verdict.EDIT
        assert send(store, shelf, second, at).outcome is Verdict.DUPLICATE
        assert send(store, shelf, submission, at).outcome is Verdict.DUPLICATE
        assert [one["village"] for one in kept_answers(store)] == ["Mopti"]
        with store.database.read() as connection:
            assert [raw(connection, "household", name) for name in (INSTANCE_ID, "uuid:2", "uuid:3")] == [
                submission,
                second,
                third,
            ]
            assert len(versions_of(connection, "household", INSTANCE_ID)) == 3

    def test_an_edit_of_a_superseded_version_is_a_conflict(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        send(store, shelf, submission, at)
        send(store, shelf, edit_of(submission, "uuid:2", name="Djenné"), at)
        assert send(store, shelf, edit_of(submission, "uuid:3", name="Mopti"), at).outcome is Verdict.CONFLICT
        assert [one.reason for one in set_aside(store)] == ["edit_outdated"]

    def test_an_edit_that_came_before_its_original_is_taken_in_with_it(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        second = edit_of(submission, "uuid:2", name="Djenné")
        third = edit_of(submission, "uuid:3", deprecated="uuid:2", name="Mopti")
        assert send(store, shelf, third, at).outcome is Verdict.CONFLICT
        assert send(store, shelf, second, at).outcome is Verdict.CONFLICT
        assert [one.reason for one in set_aside(store)] == ["edit_of_unknown", "edit_of_unknown"]
        assert send(store, shelf, submission, at).outcome is Verdict.NEW
        assert [one["village"] for one in kept_answers(store)] == ["Mopti"]
        assert not set_aside(store)

    def test_an_edit_that_comes_again_after_its_original_waits_no_longer(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        edit = edit_of(submission, "uuid:2", name="Djenné")
        assert send(store, shelf, edit, at).outcome is Verdict.CONFLICT
        assert send(store, shelf, submission, at).outcome is Verdict.NEW
        assert send(store, shelf, edit, at).outcome is Verdict.DUPLICATE
        assert not set_aside(store)

    @pytest.mark.parametrize(
        ("xml", "verdict"),
        [
            (b"", Verdict.MALFORMED),
            (b"<data id='household'><a>", Verdict.MALFORMED),
            (b"<data id='household' version='2026030101'><village>x</village></data>", Verdict.NO_INSTANCE_ID),
            (b"<data id='nobody'><meta><instanceID>uuid:9</instanceID></meta></data>", Verdict.FORM_UNKNOWN),
            (b"<data id='household'><meta><instanceID>uuid:9</instanceID></meta></data>", Verdict.VERSION_UNKNOWN),
        ],
        ids=["empty", "truncated", "no instanceID", "unknown form", "no version"],
    )
    def test_what_cannot_be_kept_is_set_aside_with_its_bytes_and_media(
        self, store: Store, shelf: Shelf, xml: bytes, verdict: Verdict, at: datetime
    ):
        photo = medium(store, "a.jpg", b"a photo")
        receipt = send(store, shelf, xml, at, photo)
        again = send(store, shelf, xml, at, photo)
        assert (receipt.outcome, again.outcome) == (verdict, verdict)
        assert receipt.message.en != receipt.message.fr
        [aside] = set_aside(store)
        assert (aside.raw, aside.reason, aside.attachments, aside.times) == (xml, verdict.value, (photo,), 2)
        assert receipt.quarantine_id == again.quarantine_id == aside.id
        assert not kept_answers(store)

    def test_a_closed_form_takes_nothing_in_but_loses_nothing(
        self, store: Store, shelf: Shelf, submission: bytes, at: datetime
    ):
        def state(state: FormState) -> None:
            store.database.write(lambda connection: set_state(connection, "household", "2026030101", state))

        state(FormState.CLOSING)
        assert send(store, shelf, submission, at).outcome is Verdict.NEW
        state(FormState.CLOSED)
        assert send(store, shelf, submission, at).outcome is Verdict.DUPLICATE
        late = submission.replace(INSTANCE_ID.encode(), b"uuid:late")
        assert send(store, shelf, late, at).outcome is Verdict.FORM_CLOSED
        assert [one.raw for one in set_aside(store)] == [late]

    def test_an_encrypted_submission_is_kept_and_says_that_it_cannot_be_read(
        self, store: Store, shelf: Shelf, at: datetime
    ):
        sealed = (
            b'<data id="household" version="2026030101" encrypted="yes"><base64EncryptedKey>Zm9v</base64EncryptedKey>'
            b"<meta><instanceID>uuid:sealed</instanceID></meta>"
            b"<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
        )
        receipt = send(store, shelf, sealed, at)
        assert receipt.outcome is Verdict.NEW
        assert "encrypted" in receipt.message.en
        assert kept_answers(store) == [{"encryptedXmlFile": "submission.xml.enc"}]


def test_publishing_a_form_takes_in_what_waited_for_it_with_its_media_and_time(
    store: Store, shelf: Shelf, household: bytes, submission: bytes, at: datetime
):
    photo = medium(store, "1767600000001.jpg", b"a photo")
    assert send(store, shelf, submission, at, photo).outcome is Verdict.FORM_UNKNOWN
    other = submission.replace(INSTANCE_ID.encode(), b"uuid:other").replace(b"2026030101", b"1")
    assert send(store, shelf, other, at).outcome is Verdict.FORM_UNKNOWN
    published = publish_xform_here(store, household, {}, at=at + timedelta(days=1))
    assert (published.is_new, published.released) == (True, 1)
    assert [one.raw for one in set_aside(store)] == [other]
    with store.database.read() as connection:
        [[kept]] = batches(connection, "household")
        assert (kept.instance_id, kept.received_at, kept.submitter) == (INSTANCE_ID, at, "Awa")
        assert attachments_of(connection, "household", INSTANCE_ID) == [photo]
    assert send(store, shelf, submission, at + timedelta(days=2)).outcome is Verdict.DUPLICATE


def test_publishing_a_form_leaves_what_a_pull_set_aside_to_the_next_pull(
    store: Store, household: bytes, submission: bytes, at: datetime
):
    entry = Quarantined(
        raw=submission,
        reason="unreadable",
        message=Bilingual("Its form cannot be read.", "Son formulaire est illisible."),
        submitter="Awa",
        device_id=None,
        at=at,
        form_id="household",
        version="2026030101",
        instance_id=INSTANCE_ID,
    )

    def keep_aside(connection: Connection) -> None:
        state = begin_pulling(connection, "kobo", "aXyz", "household", "Household")
        keep_set_aside(connection, state.key, "1", INSTANCE_ID, "mark", put_aside(connection, entry))

    store.database.write(keep_aside)
    assert publish_xform_here(store, household, {}, at=at).released == 0
    assert kept_answers(store) == []
    assert [one.raw for one in set_aside(store)] == [submission]


def test_of_two_that_waited_under_one_id_the_first_is_kept_and_the_other_stays_aside(
    store: Store, shelf: Shelf, household: bytes, submission: bytes, at: datetime
):
    other = submission.replace(b"Konna", b"Djenne")
    send(store, shelf, submission, at)
    send(store, shelf, other, at)
    assert publish_xform_here(store, household, {}, at=at).released == 1
    assert [one["village"] for one in kept_answers(store)] == ["Konna"]
    assert [(one.raw, one.reason) for one in set_aside(store)] == [(other, "answers_differ")]


def test_a_form_published_by_another_process_is_seen_at_once(
    store: Store, shelf: Shelf, household: bytes, submission: bytes, at: datetime
):
    assert send(store, shelf, submission, at).outcome is Verdict.FORM_UNKNOWN
    publish_xform_here(store, household, {}, at=at)
    fresh = submission.replace(INSTANCE_ID.encode(), b"uuid:fresh")
    assert send(store, shelf, fresh, at).outcome is Verdict.NEW


def test_a_form_published_between_reading_and_keeping_is_used(
    store: Store, household: bytes, submission: bytes, at: datetime
):
    class PublishedMeanwhile(Shelf):
        def as_published(self, form_id: str, version: str) -> Form | None:
            missed = super().as_published(form_id, version)
            publish_xform_here(store, household, {}, at=at)
            return missed

    assert send(store, PublishedMeanwhile(store), submission, at).outcome is Verdict.NEW
