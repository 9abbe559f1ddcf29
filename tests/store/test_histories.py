"""Whatever the history of deliveries, every version is kept once and the right one is current."""

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from forms.submission import Attachment, Submission
from store.curation import delete_submission, restore_submission
from store.database import Connection
from store.errors import AnswersDiffer, EditOfUnknown, EditOutdated, SubmissionDeleted
from store.kept import Store
from store.submissions import (
    Arrival,
    Outcome,
    arrivals_of,
    attachments_of,
    batches,
    counts,
    keep,
    missing_media,
    versions_of,
)

AT = datetime(2026, 1, 5, tzinfo=UTC)
NAMES = ("a.jpg", "b.jpg")
MEDIA = tuple(Attachment(name, letter * 64, 1) for name in NAMES for letter in "01")
SOME_MEDIA = st.lists(st.sampled_from(MEDIA), max_size=3)
form_numbers = itertools.count()


@dataclass
class Version:
    """A version as a reader of the rules would note it on paper."""

    instance_id: str
    answers: str
    deprecated_id: str | None
    expects: tuple[str, ...]
    media: list[Attachment] = field(default_factory=list)
    times: int = 0


@dataclass
class Interview:
    versions: list[Version]
    is_deleted: bool = False


def arrival(form_id: str, version: Version, media: Sequence[Attachment]) -> Arrival:
    text = f"{version.instance_id}|{version.deprecated_id}|{version.answers}"
    submission = Submission(
        form_id, "1", version.instance_id, version.deprecated_id, {"q": version.answers}, text.encode(), version.expects
    )
    return Arrival(submission, "openrosa", None, "awa", None, AT, tuple(media))


def has_interviews(deliveries: "Deliveries") -> bool:
    return bool(deliveries.interviews)


class Deliveries(RuleBasedStateMachine):
    """Devices send, edit, send again, send late; the store is compared with the notes after every step."""

    store: Store

    @initialize()
    def begin(self) -> None:
        self.form_id = f"form {next(form_numbers)}"  # a form of its own instead of a database of its own: faster
        self.interviews: list[Interview] = []
        self.numbers = itertools.count()

    def deliver(self, version: Version, media: Sequence[Attachment]) -> Outcome:
        return self.store.database.write(lambda connection: keep(connection, arrival(self.form_id, version, media)))

    def fresh(self, deprecated_id: str | None, expects: tuple[str, ...]) -> Version:
        number = next(self.numbers)
        return Version(f"uuid:{number}", f"answer {number}", deprecated_id, expects)

    def note(self, version: Version, media: Sequence[Attachment]) -> bool:
        """Write down what a kept delivery brought; True if a medium of it is new."""
        version.times += 1
        new = [medium for medium in dict.fromkeys(media) if medium not in version.media]
        version.media += new
        return bool(new)

    def choose(self, data: st.DataObject) -> Interview:
        return data.draw(st.sampled_from(self.interviews))

    @rule(media=SOME_MEDIA, expects=st.sampled_from([(), ("a.jpg",), NAMES]))
    def a_new_interview(self, media: list[Attachment], expects: tuple[str, ...]) -> None:
        version = self.fresh(None, expects)
        assert self.deliver(version, media) is Outcome.NEW
        self.note(version, media)
        self.interviews.append(Interview([version]))

    @precondition(has_interviews)
    @rule(data=st.data(), media=SOME_MEDIA, expects=st.sampled_from([(), ("a.jpg",), NAMES]))
    def an_edit_of_any_version(self, data: st.DataObject, media: list[Attachment], expects: tuple[str, ...]) -> None:
        interview = self.choose(data)
        previous = data.draw(st.sampled_from(interview.versions))
        edit = self.fresh(previous.instance_id, expects)
        if interview.is_deleted:
            with pytest.raises(SubmissionDeleted):
                self.deliver(edit, media)
        elif previous is not interview.versions[-1]:
            with pytest.raises(EditOutdated):
                self.deliver(edit, media)
        else:
            assert self.deliver(edit, media) is Outcome.EDIT
            self.note(edit, media)
            interview.versions.append(edit)

    @precondition(has_interviews)
    @rule(data=st.data(), media=SOME_MEDIA)
    def any_version_again(self, data: st.DataObject, media: list[Attachment]) -> None:
        interview = self.choose(data)
        version = data.draw(st.sampled_from(interview.versions))
        if interview.is_deleted:
            with pytest.raises(SubmissionDeleted):
                self.deliver(version, media)
        else:
            outcome = self.deliver(version, media)
            assert outcome is (Outcome.COMPLETED if self.note(version, media) else Outcome.DUPLICATE)

    @precondition(has_interviews)
    @rule(data=st.data(), media=SOME_MEDIA)
    def other_answers_under_a_known_id(self, data: st.DataObject, media: list[Attachment]) -> None:
        interview = self.choose(data)
        version = data.draw(st.sampled_from(interview.versions))
        other = Version(version.instance_id, version.answers + "!", version.deprecated_id, version.expects)
        with pytest.raises(SubmissionDeleted if interview.is_deleted else AnswersDiffer):
            self.deliver(other, media)

    @rule(media=SOME_MEDIA)
    def an_edit_of_what_never_came(self, media: list[Attachment]) -> None:
        with pytest.raises(EditOfUnknown):
            self.deliver(self.fresh("uuid:never", ()), media)

    @precondition(has_interviews)
    @rule(data=st.data())
    def a_manager_deletes_or_restores(self, data: st.DataObject) -> None:
        interview = self.choose(data)
        deed = restore_submission if interview.is_deleted else delete_submission
        root_id = interview.versions[0].instance_id
        self.store.database.write(lambda connection: deed(connection, self.form_id, root_id, AT))
        interview.is_deleted = not interview.is_deleted

    @invariant()
    def the_store_equals_the_notes(self) -> None:
        if not hasattr(self, "form_id"):
            return
        present = [interview for interview in self.interviews if not interview.is_deleted]
        with self.store.database.read() as connection:
            kept = [one for batch in batches(connection, self.form_id, size=2) for one in batch]
            assert [(one.root_id, one.instance_id, one.answers) for one in kept] == [
                (one.versions[0].instance_id, one.versions[-1].instance_id, f'{{"q":"{one.versions[-1].answers}"}}')
                for one in present
            ]
            assert counts(connection).get(self.form_id, 0) == len(present)
            missing = {(one.instance_id, one.name) for one in missing_media(connection, self.form_id)}
            expected_missing = set()
            for interview in self.interviews:
                self.check(connection, interview)
                if not interview.is_deleted:
                    current = interview.versions[-1]
                    come = self.speaking(interview, len(interview.versions))
                    expected_missing |= {(current.instance_id, name) for name in current.expects if name not in come}
            assert missing == expected_missing

    def check(self, connection: Connection, interview: Interview) -> None:
        root_id = interview.versions[0].instance_id
        kept = versions_of(connection, self.form_id, root_id)
        assert [one.instance_id for one in kept] == [version.instance_id for version in interview.versions]
        assert [one.times for one in arrivals_of(connection, self.form_id, root_id)] == [
            version.times for version in interview.versions
        ]
        for ordinal, version in enumerate(interview.versions, start=1):
            media = attachments_of(connection, self.form_id, version.instance_id)
            assert {medium.name: medium for medium in media} == self.speaking(interview, ordinal)

    def speaking(self, interview: Interview, ordinal: int) -> dict[str, Attachment]:
        """Its own file of a name, the first to come; else, of a name it expects, that of the nearest version before."""
        *before, version = interview.versions[:ordinal]
        speaking: dict[str, Attachment] = {}
        for holder in [version, *reversed(before)]:
            for medium in holder.media:
                if holder is version or medium.name in version.expects:
                    speaking.setdefault(medium.name, medium)
        return speaking


def test_any_history_of_deliveries_keeps_every_version_once_and_the_right_one_current(sqlite_store: Store):
    class OnSqlite(Deliveries):
        store = sqlite_store

    run_state_machine_as_test(
        OnSqlite, settings=settings(max_examples=25, stateful_step_count=20, deadline=None, database=None)
    )


@st.composite
def deliveries_of_one_interview(draw: st.DrawFn) -> tuple[int, list[tuple[int, tuple[Attachment, ...]]]]:
    """A chain of versions, each sent with all of its media in one or several posts, all posts in any order."""
    length = draw(st.integers(1, 4))
    posts: list[tuple[int, tuple[Attachment, ...]]] = []
    for ordinal in range(length):
        posts.append((ordinal, ()))
        posts += [(ordinal, (medium,)) for medium in draw(st.lists(st.sampled_from(MEDIA[::2]), max_size=2))]
    return length, draw(st.permutations(posts))


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=deliveries_of_one_interview())
def test_any_order_of_arrival_ends_in_the_same_state_once_what_was_refused_is_tried_again(
    sqlite_store: Store, history: tuple[int, list[tuple[int, tuple[Attachment, ...]]]]
):
    length, posts = history
    form_id = f"form {next(form_numbers)}"
    chain = [
        Version(f"uuid:{ordinal}", f"answer {ordinal}", f"uuid:{ordinal - 1}" if ordinal else None, NAMES)
        for ordinal in range(length)
    ]
    waiting = list(posts)
    for _attempt in range(length):
        refused = []
        for ordinal, media in waiting:
            sent = arrival(form_id, chain[ordinal], media)
            with contextlib.suppress(EditOfUnknown):
                sqlite_store.database.write(lambda connection, sent=sent: keep(connection, sent))
                continue
            refused.append((ordinal, media))
        waiting = refused

    assert waiting == []
    with sqlite_store.database.read() as connection:
        assert [one.instance_id for one in versions_of(connection, form_id, "uuid:0")] == [
            version.instance_id for version in chain
        ]
        ((current,),) = batches(connection, form_id)
        assert current.instance_id == chain[-1].instance_id
        come = {medium.name for _ordinal, media in posts for medium in media}
        assert {medium.name for medium in attachments_of(connection, form_id, current.instance_id)} == come
