"""Media of pulled records: listed, fetched, carried over to edits, removed by their server, and back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from forms.errors import SubmissionMalformed
from forms.submission import Attachment, Submission
from store.attachments import MissingMedium, attachments_of, contested_names, known_media, missing_media
from store.database import Connection
from store.kept import Store
from store.mirror.fetched_media import (
    MediumHeld,
    WantedMedium,
    media_counts,
    media_listed,
    media_to_fetch,
    receive_medium,
    refuse_medium,
)
from store.mirror.gone import mark_gone
from store.mirror.listed_media import ListedMedium, MediumState
from store.mirror.pulled import Change, PulledRecord, keep_pulled
from store.mirror.records import lacking_media, mirrored
from store.mirror.states import begin_pulling
from store.submissions import Arrival, keep

AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
PHOTO = ListedMedium("photo.jpg", "att1", "image/jpeg", is_there=True)
VOICE = ListedMedium("voice.m4a", "att2", None, is_there=True)
NAMED = ListedMedium("photo.jpg", "photo.jpg", "image/jpeg", is_there=True)
"""A photo on a server whose media have no ids."""
BYTES = Attachment("photo.jpg", "a" * 64, 3, "image/jpeg")
OTHER_BYTES = Attachment("photo.jpg", "b" * 64, 4, "image/jpeg")

T = TypeVar("T")


@dataclass(frozen=True)
class Mirror:
    store: Store
    state_key: int

    def write(self, deed: Callable[[Connection], T]) -> T:
        return self.store.database.write(deed)

    def read(self, question: Callable[[Connection], T]) -> T:
        with self.store.database.read() as connection:
            return question(connection)

    def keep(self, pulled: PulledRecord) -> Change:
        return self.write(lambda connection: keep_pulled(connection, self.state_key, "kobo", pulled, AT))

    def wanted(self) -> list[WantedMedium]:
        return self.read(lambda connection: media_to_fetch(connection, self.state_key, limit=100))

    def receive(self, *media: Attachment) -> None:
        """Fetch all that is wanted, in its order."""
        for wanted, medium in zip(self.wanted(), media, strict=True):
            key = wanted.key
            self.write(lambda connection, key=key, medium=medium: receive_medium(connection, key, medium, AT))

    def given(self, instance: str = "uuid:1") -> list[Attachment]:
        return self.read(lambda connection: attachments_of(connection, "csp", instance))

    def missing(self) -> list[str]:
        return [one.name for one in self.read(missing_media)]

    def counts(self) -> dict[str, int]:
        return dict(self.read(lambda connection: media_counts(connection, self.state_key)))

    def lacking(self) -> list[str]:
        return [
            row.remote_id for row in self.read(lambda connection: lacking_media(connection, self.state_key, limit=9))
        ]

    def gone(self, remote_id: str = "7") -> None:
        key = self.read(lambda connection: mirrored(connection, self.state_key, [remote_id]))[remote_id].key
        self.write(lambda connection: mark_gone(connection, self.state_key, [key], AT))


@pytest.fixture
def mirror(store: Store) -> Mirror:
    state = store.database.write(lambda connection: begin_pulling(connection, "kobo", "aB1", "csp", "CSP"))
    return Mirror(store, state.key)


def record(
    *media: ListedMedium, instance: str = "uuid:1", expects: tuple[str, ...] = ("photo.jpg",), remote_id: str = "7"
) -> PulledRecord:
    edits = None if instance == "uuid:1" else "uuid:1"
    submission = Submission("csp", "1", instance, edits, {"q": instance}, instance.encode(), expects)
    return PulledRecord(remote_id, "uuid:1", "m1", submission, AT, None, None, None, media)


def absent(medium: ListedMedium) -> ListedMedium:
    return replace(medium, is_there=False)


def test_what_a_source_lists_is_to_be_fetched_and_then_given(mirror: Mirror):
    mirror.keep(record(PHOTO, absent(VOICE)))
    (wanted,) = mirror.wanted()
    assert wanted == WantedMedium(wanted.key, "7", "photo.jpg", "att1", "image/jpeg", "csp", "uuid:1")
    assert mirror.missing() == ["photo.jpg"]
    mirror.receive(BYTES)
    assert mirror.given() == [BYTES]
    assert mirror.missing() == []
    assert mirror.wanted() == []
    assert mirror.counts() == {"received": 1, "absent": 1}


def test_media_to_fetch_are_given_in_pages(mirror: Mirror):
    mirror.keep(record(PHOTO, VOICE))
    (first,) = mirror.read(lambda connection: media_to_fetch(connection, mirror.state_key, limit=1))
    (second,) = mirror.read(lambda connection: media_to_fetch(connection, mirror.state_key, limit=9, after=first.key))
    assert (first.name, second.name) == ("photo.jpg", "voice.m4a")
    assert mirror.read(lambda connection: media_to_fetch(connection, mirror.state_key + 1, limit=9)) == []


def test_a_medium_that_comes_late_makes_the_record_other_and_is_to_be_fetched(mirror: Mirror):
    mirror.keep(record(absent(PHOTO)))
    assert mirror.lacking() == ["7"]
    assert mirror.keep(record(absent(PHOTO))) is Change.UNCHANGED
    assert mirror.keep(record(PHOTO)) is Change.MEDIA
    assert mirror.lacking() == []
    assert [wanted.name for wanted in mirror.wanted()] == ["photo.jpg"]
    assert mirror.keep(record(PHOTO)) is Change.UNCHANGED


def test_what_has_an_id_of_its_own_serves_an_edit_without_being_fetched_again(mirror: Mirror):
    mirror.keep(record(PHOTO, VOICE, expects=()))
    mirror.receive(BYTES, replace(BYTES, name="voice.m4a"))
    # The answers of neither version name them: they are given because they are its own.
    mirror.keep(record(PHOTO, instance="uuid:2", expects=()))
    assert mirror.wanted() == []
    assert mirror.given("uuid:2") == [BYTES]
    assert [medium.name for medium in mirror.given("uuid:1")] == ["photo.jpg", "voice.m4a"]


def test_what_has_no_id_but_its_name_is_fetched_again_for_an_edit(mirror: Mirror):
    mirror.keep(record(NAMED))
    mirror.receive(BYTES)
    assert mirror.keep(record(NAMED, instance="uuid:2")) is Change.EDITED
    assert [wanted.instance_id for wanted in mirror.wanted()] == ["uuid:2"]
    assert mirror.given("uuid:2") == [BYTES]
    mirror.receive(OTHER_BYTES)
    assert mirror.given("uuid:2") == [OTHER_BYTES]
    assert mirror.given("uuid:1") == [BYTES]
    assert mirror.keep(record(NAMED, instance="uuid:2")) is Change.UNCHANGED


def test_bytes_that_a_source_overwrote_are_replaced_where_it_says_so(mirror: Mirror):
    mirror.keep(record(NAMED))
    mirror.receive(BYTES)
    assert mirror.keep(replace(record(NAMED), media_anew=True)) is Change.MEDIA
    assert mirror.given() == [BYTES]
    mirror.receive(OTHER_BYTES)
    assert mirror.given() == [OTHER_BYTES]
    assert mirror.read(lambda connection: contested_names(connection, "csp")) == []
    mirror.keep(replace(record(NAMED), media_anew=True))
    mirror.receive(BYTES)
    assert mirror.given() == [BYTES]
    # What has an id of its own is never overwritten.
    mirror.keep(record(PHOTO, remote_id="8"))
    mirror.receive(BYTES)
    assert mirror.keep(replace(record(PHOTO, remote_id="8"), media_anew=True)) is Change.UNCHANGED


@pytest.mark.parametrize("after", [(absent(PHOTO),), ()])
def test_what_its_server_removed_is_given_no_more_and_its_bytes_stay(mirror: Mirror, after: tuple[ListedMedium, ...]):
    mirror.keep(record(PHOTO))
    mirror.receive(BYTES)
    assert mirror.keep(record(*after)) is Change.MEDIA
    assert mirror.given() == []
    assert mirror.missing() == ["photo.jpg"]
    assert mirror.lacking() == ["7"]
    assert mirror.wanted() == []
    assert mirror.read(known_media) == {BYTES.sha256}
    assert mirror.keep(record(*after)) is Change.UNCHANGED


def test_what_is_back_under_its_id_is_given_again_without_being_fetched(mirror: Mirror):
    mirror.keep(record(PHOTO))
    mirror.receive(BYTES)
    mirror.keep(record(absent(PHOTO)))
    assert mirror.keep(record(PHOTO)) is Change.MEDIA
    assert mirror.wanted() == []
    assert mirror.given() == [BYTES]
    assert mirror.missing() == []


@pytest.mark.parametrize("returns", [NAMED, replace(PHOTO, remote_id="att9")])
def test_what_may_be_other_bytes_when_it_is_back_is_fetched_and_given_again(mirror: Mirror, returns: ListedMedium):
    before = NAMED if returns is NAMED else PHOTO
    mirror.keep(record(before))
    mirror.receive(BYTES)
    mirror.keep(record(absent(before)))
    mirror.keep(record(returns))
    assert mirror.given() == []
    mirror.receive(BYTES)
    assert mirror.given() == [BYTES]
    assert mirror.missing() == []


def test_a_file_replaced_under_its_name_is_given_as_the_new_one(mirror: Mirror):
    mirror.keep(record(PHOTO))
    mirror.receive(BYTES)
    assert mirror.keep(record(absent(PHOTO), replace(PHOTO, remote_id="att9"))) is Change.MEDIA
    mirror.receive(OTHER_BYTES)
    assert mirror.given() == [OTHER_BYTES]


def test_an_edit_that_drops_a_file_leaves_it_to_the_version_that_had_it(mirror: Mirror):
    mirror.keep(record(PHOTO))
    mirror.receive(BYTES)
    mirror.keep(record(absent(PHOTO), instance="uuid:2", expects=()))
    assert mirror.given("uuid:1") == [BYTES]
    assert mirror.given("uuid:2") == []
    assert mirror.lacking() == []


@pytest.mark.parametrize("listed", [NAMED, PHOTO])
def test_an_edit_whose_file_the_server_lacks_is_not_given_that_of_the_version_before(
    mirror: Mirror, listed: ListedMedium
):
    mirror.keep(record(listed))
    mirror.receive(BYTES)
    mirror.keep(record(absent(listed), instance="uuid:2"))
    assert mirror.given("uuid:2") == []
    assert mirror.missing() == ["photo.jpg"]
    assert mirror.lacking() == ["7"]


def test_one_of_two_equal_files_may_go_without_the_other(mirror: Mirror):
    twin = replace(PHOTO, remote_id="att9")
    mirror.keep(record(PHOTO, twin))
    mirror.receive(BYTES, BYTES)
    mirror.keep(record(twin, absent(PHOTO)))
    assert mirror.given() == [BYTES]
    mirror.keep(record(PHOTO, absent(twin)))
    assert mirror.given() == [BYTES]
    mirror.keep(record(absent(PHOTO), absent(twin)))
    assert mirror.given() == []


def test_a_file_that_could_not_be_fetched_because_it_is_not_there_is_absent(mirror: Mirror):
    mirror.keep(record(PHOTO, VOICE))
    assert mirror.lacking() == []
    (photo, voice) = mirror.wanted()
    mirror.write(lambda connection: refuse_medium(connection, voice.key, AT))
    assert mirror.lacking() == []
    mirror.write(lambda connection: refuse_medium(connection, photo.key, AT))
    assert mirror.lacking() == ["7"]
    assert mirror.counts() == {"absent": 2}
    # Listed as there again, it is asked for again.
    assert mirror.keep(record(PHOTO, VOICE)) is Change.MEDIA
    assert mirror.counts() == {"listed": 2}
    mirror.write(lambda connection: refuse_medium(connection, 99, AT))


def test_a_file_that_went_while_it_was_fetched_is_not_joined(mirror: Mirror):
    mirror.keep(record(PHOTO))
    (wanted,) = mirror.wanted()
    mirror.keep(record())
    assert not mirror.write(lambda connection: receive_medium(connection, wanted.key, BYTES, AT))
    assert mirror.given() == []


def test_media_of_a_record_that_is_gone_are_neither_fetched_nor_counted(mirror: Mirror):
    mirror.keep(record(PHOTO, VOICE))
    mirror.gone()
    assert mirror.wanted() == []
    assert mirror.counts() == {}
    mirror.keep(record(PHOTO, VOICE))
    assert mirror.counts() == {"listed": 2}


def test_bytes_that_a_device_sends_again_are_given_again(mirror: Mirror):
    mirror.keep(record(PHOTO))
    mirror.receive(BYTES)
    mirror.keep(record(absent(PHOTO)))
    again = Arrival(record().submission, "openrosa", None, None, None, AT, (BYTES,))
    mirror.write(lambda connection: keep(connection, again))
    assert mirror.given() == [BYTES]


def test_the_list_of_a_submission_says_what_is_expected_listed_and_received(mirror: Mirror):
    mirror.keep(record(PHOTO, VOICE, expects=("photo.jpg", "lost.jpg", "sent.jpg")))
    photo, _voice = mirror.wanted()
    mirror.write(lambda connection: receive_medium(connection, photo.key, BYTES, AT))
    sent = replace(BYTES, name="sent.jpg")
    by_device = Arrival(record().submission, "openrosa", None, None, None, AT, (sent,))
    mirror.write(lambda connection: keep(connection, by_device))
    assert mirror.read(lambda connection: media_listed(connection, "csp", "uuid:1")) == [
        MediumHeld("photo.jpg", "att1", "image/jpeg", MediumState.RECEIVED, BYTES.sha256, 3),
        MediumHeld("voice.m4a", "att2", None, MediumState.LISTED, None, None),
        MediumHeld("lost.jpg", None, None, MediumState.ABSENT, None, None),
        MediumHeld("sent.jpg", None, "image/jpeg", MediumState.RECEIVED, BYTES.sha256, 3),
    ]
    assert mirror.missing() == ["lost.jpg"]
    assert mirror.read(missing_media) == [MissingMedium("csp", "uuid:1", "uuid:1", "lost.jpg")]
    assert mirror.read(lambda connection: media_listed(connection, "csp", "uuid:9")) == []


def test_names_that_no_database_holds_are_kept_as_it_can_hold_them(mirror: Mirror):
    crooked = ListedMedium("a\0\ud800.jpg", "a\0\ud800.jpg", "image/\0", is_there=True)
    mirror.keep(record(crooked, replace(crooked, remote_id="a\ufffd\0.jpg"), expects=("a\0\ud800.jpg",)))
    assert mirror.lacking() == []
    (wanted,) = mirror.wanted()
    mirror.receive(replace(BYTES, name=wanted.name))
    assert mirror.missing() == []
    assert mirror.keep(record(crooked, expects=("a\0\ud800.jpg",))) is Change.UNCHANGED


@pytest.mark.parametrize("field", ["name", "remote_id"])
def test_names_of_no_usual_length_are_refused(mirror: Mirror, field: str):
    too_long = replace(PHOTO, name="x" * 1001) if field == "name" else replace(PHOTO, remote_id="x" * 1001)
    with pytest.raises(SubmissionMalformed):
        mirror.keep(record(too_long))
    assert mirror.counts() == {}
