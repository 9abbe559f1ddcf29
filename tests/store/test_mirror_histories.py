"""Whatever happens on a server between pulls, and however often it is pulled, we hold what a first pull would bring."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import settings
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
from store.attachments import attachments_of, missing_media
from store.database import Connection
from store.kept import Store
from store.mirror.fetched_media import media_counts, media_to_fetch, receive_medium, refuse_medium
from store.mirror.gone import mark_gone
from store.mirror.listed_media import ListedMedium
from store.mirror.pulled import Change, PulledRecord, keep_pulled
from store.mirror.records import Mirrored, count_mirrored, lacking_media, mirror_pages, mirrored
from store.mirror.states import begin_pulling
from store.submissions import batches, counts, versions_of

AT = datetime(2026, 1, 5, tzinfo=UTC)
NAMES = ("a.jpg", "b.jpg")
REVIEWS = st.sampled_from([None, "approved", "rejected"])
EXPECTS = st.sampled_from([(), ("a.jpg",), NAMES])
numbers = itertools.count()
T = TypeVar("T")


@dataclass
class OnServer:
    """A record as its server has it. media: content by (name, remote id), None for what it expects and lacks."""

    remote_id: str
    root_id: str
    instance_id: str
    expects: tuple[str, ...]
    review: str | None = None
    media: dict[tuple[str, str], str | None] = field(default_factory=dict)
    mark: int = 0
    is_there: bool = True


def has_records(pulls: "Pulls") -> bool:
    return any(one.is_there for one in pulls.server)


def has_few_records(pulls: "Pulls") -> bool:
    return len(pulls.server) < 3  # more would only spread what happens over more records


def has_lost_records(pulls: "Pulls") -> bool:
    return not all(one.is_there for one in pulls.server)


class Pulls(RuleBasedStateMachine):
    """People change records on a server; now and then it is pulled, with or without its media."""

    store: Store
    has_media_ids: bool

    @initialize()
    def begin(self) -> None:
        self.server: list[OnServer] = []
        self.marks = itertools.count(1)
        self.at = AT
        self.form_id, self.state_key = self.begin_form()

    def begin_form(self) -> tuple[str, int]:
        form_id = f"form {next(numbers)}"  # a form of its own instead of a database of its own: faster
        state = self.write(lambda connection: begin_pulling(connection, "server", form_id, form_id, form_id))
        return form_id, state.key

    def write(self, deed: Callable[[Connection], T]) -> T:
        return self.store.database.write(deed)

    def choose(self, data: st.DataObject, *, is_there: bool = True) -> OnServer:
        return data.draw(st.sampled_from([one for one in self.server if one.is_there is is_there]))

    def touch(self, record: OnServer) -> None:
        record.mark = next(self.marks)

    @precondition(has_few_records)
    @rule(expects=EXPECTS, review=REVIEWS, comes_with_files=st.booleans())
    def somebody_submits(self, expects: tuple[str, ...], review: str | None, *, comes_with_files: bool) -> None:
        number = next(numbers)
        record = OnServer(str(number), f"uuid:{number}", f"uuid:{number}", expects, review)
        if comes_with_files:
            record.media = {(name, self.media_id(name)): f"{next(numbers):064x}" for name in expects}
        self.touch(record)
        self.server.append(record)

    def media_id(self, name: str) -> str:
        return f"att{next(numbers)}" if self.has_media_ids else name

    @precondition(has_records)
    @rule(data=st.data(), expects=EXPECTS, review=REVIEWS, retakes=st.booleans())
    def somebody_edits(
        self, data: st.DataObject, expects: tuple[str, ...], review: str | None, *, retakes: bool
    ) -> None:
        record = self.choose(data)
        record.instance_id, record.expects, record.review = f"uuid:{next(numbers)}", expects, review
        if retakes and not self.has_media_ids:
            for key in [key for key, content in record.media.items() if content is not None]:
                record.media[key] = f"{next(numbers):064x}"
        self.touch(record)

    @precondition(has_records)
    @rule(data=st.data(), review=REVIEWS)
    def somebody_reviews(self, data: st.DataObject, review: str | None) -> None:
        record = self.choose(data)
        record.review = review
        self.touch(record)

    @precondition(has_records)
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def a_file_comes(self, data: st.DataObject, name: str) -> None:
        record = self.choose(data)
        remote_id = self.media_id(name)
        if (name, remote_id) not in record.media or record.media[name, remote_id] is None:
            # One file a name: a second one under a name that is taken is not what servers take from tablets.
            for key in [key for key in record.media if key[0] == name and record.media[key] is not None]:
                record.media[key] = None
            record.media[name, remote_id] = f"{next(numbers):064x}"
            self.touch(record)

    @precondition(has_records)
    @rule(data=st.data(), forgets=st.booleans())
    def a_file_is_removed(self, data: st.DataObject, *, forgets: bool) -> None:
        record = self.choose(data)
        if record.media:
            key = data.draw(st.sampled_from(sorted(record.media)))
            record.media[key] = None
            if forgets:
                del record.media[key]
            self.touch(record)

    @precondition(has_records)
    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        self.choose(data).is_there = False

    @precondition(has_lost_records)
    @rule(data=st.data())
    def somebody_restores(self, data: st.DataObject) -> None:
        self.choose(data, is_there=False).is_there = True

    @rule(fetches=st.sampled_from([True, True, False]))
    def pull(self, *, fetches: bool) -> None:
        self.at += timedelta(minutes=1)
        shown = {one.remote_id: one for one in self.server if one.is_there}
        with self.store.database.read() as connection:
            held = mirrored(connection, self.state_key, shown.keys())
            gone = [row.key for row in mirror_pages(connection, self.state_key) if row.remote_id not in shown]
        differ = [one for one in shown.values() if one.remote_id not in held or self.is_other(one, held)]
        self.write(lambda connection: self.keep_all(connection, self.form_id, self.state_key, differ))
        self.write(lambda connection: mark_gone(connection, self.state_key, gone, self.at))
        if fetches:
            self.fetch_media(self.state_key)

    def is_other(self, record: OnServer, held: Mapping[str, Mirrored]) -> bool:
        row = held[record.remote_id]
        return row.is_gone or row.mark != str(record.mark)

    def keep_all(self, connection: Connection, form_id: str, state_key: int, records: list[OnServer]) -> list[Change]:
        return [keep_pulled(connection, state_key, "server", self.record(one, form_id), self.at) for one in records]

    def record(self, one: OnServer, form_id: str) -> PulledRecord:
        answers = {"q": one.instance_id}
        submission = Submission(form_id, "1", one.instance_id, None, answers, one.instance_id.encode(), one.expects)
        media = tuple(
            ListedMedium(name, remote_id, None, is_there=content is not None)
            for (name, remote_id), content in one.media.items()
        )
        return PulledRecord(one.remote_id, one.root_id, str(one.mark), submission, AT, None, None, one.review, media)

    def fetch_media(self, state_key: int) -> None:
        contents = {(one.remote_id, *key): content for one in self.server for key, content in one.media.items()}

        def fetch_all(connection: Connection) -> None:
            for wanted in media_to_fetch(connection, state_key, limit=1000):
                content = contents.get((wanted.remote_record_id, wanted.name, wanted.remote_id))
                if content is None:
                    refuse_medium(connection, wanted.key, self.at)
                else:
                    receive_medium(connection, wanted.key, Attachment(wanted.name, content, 1), self.at)

        self.write(fetch_all)

    @invariant()
    def nothing_is_kept_twice(self) -> None:
        with self.store.database.read() as connection:
            for one in self.server:
                instances = [version.instance_id for version in versions_of(connection, self.form_id, one.root_id)]
                assert len(instances) == len(set(instances))

    def teardown(self) -> None:
        """Pull to the end, and compare with a first pull of the same server into another form."""
        if not hasattr(self, "server"):
            return
        self.pull(fetches=True)
        form_id, state_key = self.begin_form()
        there = [one for one in self.server if one.is_there]
        self.write(lambda connection: self.keep_all(connection, form_id, state_key, there))
        self.fetch_media(state_key)
        assert list(self.held(self.form_id, self.state_key)) == list(self.held(form_id, state_key))

    def held(self, form_id: str, state_key: int) -> Iterator[object]:
        """All that tables and people would see."""
        with self.store.database.read() as connection:
            submissions = sorted(
                (one for batch in batches(connection, form_id) for one in batch), key=lambda one: one.root_id
            )
            for one in submissions:
                # Which number it has and when it was pulled are not the server's.
                yield replace(one, sequence=0, form_id="", updated_at=AT)
                yield attachments_of(connection, form_id, one.instance_id)
            yield sorted(one.name for one in missing_media(connection, form_id))
            yield counts(connection).get(form_id)
            yield count_mirrored(connection, state_key)
            yield sorted(row.remote_id for row in lacking_media(connection, state_key, limit=1000))
            yield dict(media_counts(connection, state_key))


class PullsWithMediaIds(Pulls):
    has_media_ids = True


class PullsWithoutMediaIds(Pulls):
    has_media_ids = False


@pytest.mark.parametrize("pulls", [PullsWithMediaIds, PullsWithoutMediaIds])
def test_any_history_of_pulls_ends_in_what_a_first_pull_would_bring(sqlite_store: Store, pulls: type[Pulls]):
    class PullsOfStore(pulls):  # type: ignore[misc, valid-type]  # hypothesis makes its machines without arguments
        store = sqlite_store

    run_state_machine_as_test(
        PullsOfStore,
        settings=settings(max_examples=40, stateful_step_count=25, deadline=None, database=None),
    )
