"""Each row of the change table of docs/sync.md: what happens on a server, and when a plain pull sees it.

A pull comes an hour after the last one, unless the row says that the sweep of every 24 hours is what sees it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from servers.faults import cut_json
from servers.kept import Kept, kept
from servers.kobo_record import Record as KoboRecord
from servers.pulls import assert_store_equals_server, fresh_store, full_download, pull
from servers.reply import Reply
from servers.worlds import Answers, workbook_of
from servers.worlds_central import CentralWorld
from servers.worlds_kobo import KoboWorld

from store.curation import delete_submission, restore_submission
from store.deployments import Deployment, keep_deployment
from store.form_versions import form_versions
from store.kept import Store
from store.kept_submissions import arrivals_of
from store.quarantine import reasons
from sync.errors import SourceError, SourceRefused
from sync.publish import publish_here
from sync.pull import PullReport
from sync.receive import Delivery, Verdict, receive
from sync.shelf import Shelf
from sync.sources.kobo import feed

HOUR, DAY = 3600, 24 * 3600


def stamped_by_edits_alone() -> KoboWorld:
    """A server whose modified times stay as they are when records are reviewed and files come and go."""
    world = KoboWorld(manages=False, date_modified=True)
    world.state.switches.only_edits_move_it = True
    return world


WORLDS: dict[str, Callable[[], Any]] = {
    "kobo with its project history": KoboWorld,
    "kobo with modified times": lambda: KoboWorld(manages=False, date_modified=True),
    "kobo with both": lambda: KoboWorld(date_modified=True),
    "kobo with modified times of edits alone": stamped_by_edits_alone,
    "kobo with neither": lambda: KoboWorld(manages=False),
    "central with its audit log": CentralWorld,
    "central without it": lambda: CentralWorld(is_admin=False),
}
KOBO = tuple(name for name in WORLDS if name.startswith("kobo"))
CENTRAL = tuple(name for name in WORLDS if name.startswith("central"))
TOLD_BY_THE_FEED = tuple(name for name in WORLDS if name != "kobo with neither")


class Survey:
    """A world with six interviews that a store has pulled, an hour ago."""

    def __init__(self, world: Any, store: Store) -> None:
        self.world: Any = world
        self.store = store
        photographed = Answers(photo="p.jpg")
        self.roots = [
            self._submit(Answers(name="Awa", age=30)),
            self._submit(Answers(name="Bintou", age=31)),
            self._submit(Answers(name="Coumba", age=32)),
            self._submit(photographed, {"p.jpg": b"first bytes"}),
            self._submit(photographed),
            self._submit(Answers(members=("a", "b"))),
        ]
        self.later(2 * HOUR)
        self.report = pull(world, store)
        self.later()

    @property
    def photographed(self) -> str:
        """The record whose photo has come."""
        return self.roots[3]

    @property
    def awaiting(self) -> str:
        """The record whose photo has not come."""
        return self.roots[4]

    def _submit(self, answers: Answers, files: Mapping[str, bytes] | None = None) -> str:
        self.later(20 * 60)  # beyond what feeds look back: each of these is listed again only if something tells of it
        return str(self.world.submit(answers, files))

    def later(self, seconds: float = HOUR) -> None:
        self.world.clock.advance(seconds)

    def pull(self) -> PullReport:
        return pull(self.world, self.store)

    def kept(self) -> dict[str, Kept]:
        return kept(self.store, "household")

    def of(self, root: str) -> Kept | None:
        """What is kept of a record, by its root as the server's deeds want it."""
        return self.kept().get(root if root.startswith("uuid:") else f"uuid:{root}")

    def assert_equal(self) -> None:
        assert_store_equals_server(self.world, self.store)


@pytest.fixture(params=WORLDS)
def world_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def survey(world_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    # The newest 200 records are looked at in every pull: here one, so that the feed must tell of the others.
    monkeypatch.setattr(feed, "_NEWEST", 1)
    with fresh_store() as store:
        yield Survey(WORLDS[world_name](), store)


def sent_again(world: KoboWorld, record: KoboRecord, files: Mapping[str, bytes]) -> Reply:
    """What the server answers to the same submission with these files."""
    parts = {"xml_submission_file": ("submission.xml", record.xml, "text/xml")}
    parts |= {name: (name, content, "image/jpeg") for name, content in files.items()}
    credential = {"Authorization": f"Token {world.state.token_of('sync')}"}
    url = f"https://{world.state.kc_host}/submission"
    request = requests.Request("POST", url, headers=credential, files=parts).prepare()
    assert isinstance(request.body, bytes)
    return world.server.handle("POST", url, dict(request.headers), request.body)


def only(*names: str) -> pytest.MarkDecorator:
    """The worlds that a sentence is about, where these are not all."""
    return pytest.mark.parametrize("world_name", names)


def backdated(world: KoboWorld | CentralWorld, at: datetime) -> str:
    """Import an interview as of another day: KoboToolbox reads the date in the XML, Central's rows are copied in."""
    if isinstance(world, CentralWorld):
        with world.state.stamped_at(at):
            return world.submit(Answers(name="Imported"))
    xml = world._xml(Answers(name="Imported"), world._ids.next())
    dated = xml.replace(b' version="', f' submissionDate="{at.isoformat()}" version="'.encode(), 1)
    return world.state.submit(world.asset, dated).root


# --- at once ---------------------------------------------------------------------------------------------------------


def test_the_first_pull_brings_everything(survey: Survey) -> None:
    assert (survey.report.new, survey.report.media_received, survey.report.swept) == (6, 1, True)
    survey.assert_equal()


def test_a_new_record_is_there_at_once(survey: Survey, world_name: str) -> None:
    survey.world.submit(Answers(name="Djeneba"))
    survey.world.submit(Answers(photo="q.jpg"), {"q.jpg": b"bytes of q"})
    report = survey.pull()
    assert (report.new, report.media_received, report.unchanged) == (2, 1, 6)
    assert report.swept == (world_name not in TOLD_BY_THE_FEED)
    survey.assert_equal()


def test_a_record_imported_with_an_old_date_is_there_at_once(survey: Survey) -> None:
    backdated(survey.world, datetime(2026, 1, 5, tzinfo=UTC))
    assert survey.pull().new == 1
    survey.assert_equal()


@pytest.mark.parametrize("minutes", [1, 12, 90])
def test_a_record_whose_commit_took_its_time_is_there_at_once(survey: Survey, minutes: int) -> None:
    commit = survey.world.begin(Answers(name="Slow"))
    survey.later(minutes * 60)
    survey.world.submit(Answers(name="Quick"))
    assert survey.pull().new == 1
    commit()
    assert survey.pull().new == 1
    survey.assert_equal()


def test_a_late_commit_is_seen_though_a_deletion_evens_the_count(survey: Survey) -> None:
    commit = survey.world.begin(Answers(name="Slow"))
    survey.later(5 * 60)
    survey.world.submit(Answers(name="Quick"))
    survey.pull()
    commit()
    survey.world.delete(survey.roots[0])
    report = survey.pull()
    assert (report.new, report.deleted) == (1, 1)
    survey.assert_equal()


def test_an_edit_is_there_at_once(survey: Survey, world_name: str) -> None:
    survey.world.edit(survey.roots[0], Answers(name="Awa B.", age=44, why="because", income=""))
    report = survey.pull()
    assert (report.edited, report.unchanged) == (1, 5)
    assert report.swept == (world_name not in TOLD_BY_THE_FEED)
    survey.assert_equal()


def test_of_two_edits_between_pulls_the_second_counts(survey: Survey) -> None:
    survey.world.edit(survey.roots[0], Answers(name="Awa the first"))
    survey.later(60)
    survey.world.edit(survey.roots[0], Answers(name="Awa the second"))
    assert survey.pull().edited == 1
    held = survey.of(survey.roots[0])
    assert held is not None
    assert "Awa the second" in held.answers
    survey.assert_equal()


def test_a_review_is_there_at_once_when_it_is_set_and_when_it_changes(survey: Survey, world_name: str) -> None:
    for status in ("hasIssues", "approved"):
        survey.world.review(survey.roots[1], status)
        report = survey.pull()
        assert (report.reviewed, report.swept) == (1, world_name not in TOLD_BY_THE_FEED)
        survey.assert_equal()
        survey.later()


@only(*(name for name in WORLDS if name != "kobo with modified times of edits alone"))
def test_a_review_that_is_taken_back_is_gone_at_once(survey: Survey, world_name: str) -> None:
    survey.world.review(survey.roots[1], "rejected")
    survey.pull()
    survey.later()
    survey.world.review(survey.roots[1], None)
    report = survey.pull()
    assert (report.reviewed, report.swept) == (1, world_name not in TOLD_BY_THE_FEED)
    survey.assert_equal()


def test_a_file_that_arrives_late_is_there_at_once(survey: Survey) -> None:
    survey.world.add_file(survey.awaiting, "p.jpg", b"late bytes")
    report = survey.pull()
    assert (report.media_changed, report.media_received) == (1, 1)
    survey.assert_equal()


def test_a_deleted_record_is_gone_at_once(survey: Survey) -> None:
    survey.world.delete(survey.roots[2])
    survey.world.delete(survey.photographed)
    report = survey.pull()
    assert (report.deleted, report.held, report.needs_person) == (2, 4, ())
    survey.assert_equal()


def test_a_deletion_is_seen_though_an_arrival_evens_the_count(survey: Survey) -> None:
    survey.world.delete(survey.roots[2])
    survey.world.submit(Answers(name="Djeneba"))
    report = survey.pull()
    assert (report.new, report.deleted) == (1, 1)
    survey.assert_equal()


def test_a_record_that_came_and_went_between_pulls_leaves_no_trace(survey: Survey) -> None:
    root = survey.world.submit(Answers(name="Brief"))
    survey.later(60)
    survey.world.delete(root)
    report = survey.pull()
    assert (report.new, report.deleted, report.unchanged) == (0, 0, 6)
    survey.assert_equal()


def test_nothing_that_changed_is_nothing_that_a_pull_does(survey: Survey) -> None:
    before = survey.kept()
    report = survey.pull()
    assert (report.new, report.edited, report.deleted, report.reviewed, report.media_changed) == (0, 0, 0, 0, 0)
    assert (report.media_received, report.unchanged) == (0, 6)
    assert report.requests <= 8
    assert survey.kept() == before


# --- files that go, or become others ----------------------------------------------------------------------------------

SEEN_AT_ONCE_WHEN_A_FILE_GOES = (
    "kobo with its project history",
    "kobo with modified times",
    "kobo with both",
    "kobo with neither",
    "central with its audit log",
)


@only(*SEEN_AT_ONCE_WHEN_A_FILE_GOES)
def test_a_removed_file_is_gone_at_once_where_the_server_tells(survey: Survey) -> None:
    survey.world.remove_files(survey.photographed)
    assert survey.pull().media_changed == 1
    survey.assert_equal()


@only(*(name for name in WORLDS if name not in SEEN_AT_ONCE_WHEN_A_FILE_GOES))
def test_a_removed_file_that_nothing_tells_of_is_gone_by_the_sweep(survey: Survey) -> None:
    survey.world.remove_files(survey.photographed)
    assert survey.pull().media_changed == 0
    survey.later(DAY)
    report = survey.pull()
    assert (report.media_changed, report.swept) == (1, True)
    survey.assert_equal()


def digest_of_photo(survey: Survey) -> str:
    held = survey.of(survey.photographed)
    assert held is not None
    ((name, digest),) = held.attachments
    assert name == "p.jpg"
    return digest


@only("kobo with modified times of edits alone")
def test_a_review_that_is_taken_back_and_that_nothing_tells_of_is_gone_by_the_sweep(survey: Survey) -> None:
    survey.world.review(survey.roots[1], "rejected")
    assert survey.pull().reviewed == 1
    survey.later()
    survey.world.review(survey.roots[1], None)
    assert survey.pull().reviewed == 0
    survey.later(DAY)
    assert survey.pull().reviewed == 1
    survey.assert_equal()


@only("central with its audit log")
def test_a_file_overwritten_under_its_name_is_there_at_once_where_the_audit_log_is_read(survey: Survey) -> None:
    survey.world.state.overwrite_attachment(survey.photographed, "p.jpg", b"other bytes")
    assert survey.pull().media_received == 1
    assert digest_of_photo(survey) == hashlib.sha256(b"other bytes").hexdigest()
    survey.assert_equal()


@only("central without it")
def test_a_file_overwritten_under_its_name_is_not_seen_without_the_audit_log(survey: Survey) -> None:
    survey.world.state.overwrite_attachment(survey.photographed, "p.jpg", b"other bytes")
    survey.pull()
    survey.later(DAY)
    assert survey.pull().swept
    assert digest_of_photo(survey) == hashlib.sha256(b"first bytes").hexdigest()


@only(*KOBO)
def test_kobotoolbox_takes_no_other_bytes_under_the_name_of_a_file_that_is_there(survey: Survey) -> None:
    world: KoboWorld = survey.world
    record = world.state.record(world.asset, survey.photographed)
    world.state.share(world.asset, "sync", "manage_asset")
    answered = sent_again(world, record, {"p.jpg": b"other bytes"})
    assert (answered.status, b"Duplicate Instance" in answered.body) == (202, True)
    world.give_rights()
    report = survey.pull()
    assert (report.media_changed, report.media_received) == (0, 0)
    survey.assert_equal()


# --- records that come back, and those that go for good ---------------------------------------------------------------


@only(*CENTRAL)
def test_a_restored_record_is_back_at_once(survey: Survey) -> None:
    survey.world.delete(survey.roots[1])
    survey.pull()
    survey.later()
    survey.world.restore(survey.roots[1])
    report = survey.pull()
    assert (report.restored, report.new, report.held) == (1, 0, 6)
    survey.assert_equal()


@only(*CENTRAL)
def test_a_restored_record_is_back_at_once_though_a_deletion_evens_the_count(survey: Survey) -> None:
    survey.world.delete(survey.roots[1])
    survey.pull()
    survey.later()
    survey.world.restore(survey.roots[1])
    survey.world.delete(survey.roots[2])
    report = survey.pull()
    assert (report.restored, report.deleted) == (1, 1)
    survey.assert_equal()


def restored_while_another_is_purged(survey: Survey) -> None:
    survey.world.delete(survey.roots[1])
    survey.pull()
    survey.later()
    survey.world.restore(survey.roots[1])
    survey.world.delete(survey.roots[2])
    survey.world.state.purge(survey.roots[2])


@only("central with its audit log")
def test_a_restored_record_is_back_at_once_though_a_purge_evens_the_count_where_the_audit_log_is_read(
    survey: Survey,
) -> None:
    restored_while_another_is_purged(survey)
    report = survey.pull()
    assert (report.restored, report.deleted) == (1, 1)
    survey.assert_equal()


@only("central without it")
def test_a_restored_record_is_back_by_the_sweep_where_a_purge_evens_the_count(survey: Survey) -> None:
    restored_while_another_is_purged(survey)
    report = survey.pull()
    assert (report.restored, report.deleted) == (0, 0)
    survey.later(DAY)
    report = survey.pull()
    assert (report.restored, report.deleted, report.swept) == (1, 1, True)
    survey.assert_equal()


@only(*CENTRAL)
def test_a_record_deleted_and_purged_between_pulls_is_gone_at_once(survey: Survey) -> None:
    survey.world.delete(survey.roots[1])
    survey.world.state.purge()
    assert survey.pull().deleted == 1
    survey.assert_equal()


@only(*CENTRAL)
def test_a_purge_of_what_was_seen_to_be_deleted_changes_nothing(survey: Survey) -> None:
    survey.world.delete(survey.roots[1])
    survey.pull()
    survey.later()
    survey.world.state.purge()
    report = survey.pull()
    assert (report.deleted, report.restored, report.unchanged) == (0, 0, 5)
    survey.assert_equal()


# --- forms ------------------------------------------------------------------------------------------------------------


def versions_kept(store: Store) -> list[str]:
    with store.database.read() as connection:
        return [version.version for version in form_versions(connection, "household")]


def test_a_form_changed_on_the_server_is_here_with_the_first_record_of_its_new_version(survey: Survey) -> None:
    before = versions_kept(survey.store)
    survey.world.publish("2")
    survey.pull()
    assert versions_kept(survey.store) == before
    survey.later()
    root = survey.world.submit(Answers(version="2", income="rain"))
    assert survey.pull().new == 1
    assert len(versions_kept(survey.store)) == len(before) + 1
    held = survey.of(root)
    assert held is not None
    assert held.version == versions_kept(survey.store)[-1]
    assert json.loads(held.answers)["home/hope"] == "rain"
    survey.assert_equal()


# On Central the new version is a bare XForm; on KoboToolbox it was made in its own builder.
@only("kobo with its project history", "kobo with neither", *CENTRAL)
def test_our_sheets_stay_on_a_form_that_is_changed_on_the_server(world_name: str) -> None:
    sheets = {"derived": [{"type": "integer", "name": "is_old", "calculation": "if(${age} > 40, 1, 0)"}]}
    world = WORLDS[world_name]()
    with fresh_store() as store:
        publish_here(store, workbook_of("1", sheets), "household.xlsx", {}, at=world.clock.now())
        ours = Shelf(store).newest("household").interpretation
        assert [derived.name for derived in ours.derived] == ["is_old"]
        world.submit(Answers())
        assert pull(world, store).new == 1
        world.publish("2")
        world.clock.advance(HOUR)
        world.submit(Answers(version="2", income="rain"))
        report = pull(world, store)
        assert (report.new, report.set_aside, report.needs_person) == (1, 0, ())
        newest = Shelf(store).newest("household")
        assert "hope" in {question.name for question in newest.questions}
        assert newest.interpretation == ours


# --- what the account may see -----------------------------------------------------------------------------------------


@only(*KOBO)
def test_an_account_that_sees_less_takes_nothing_away_and_says_so(survey: Survey) -> None:
    before = survey.kept()
    survey.world.delete(survey.roots[0])
    survey.world.cut_rights()
    report = survey.pull()
    assert (report.deleted, report.held, survey.kept()) == (0, 6, before)
    (words,) = report.needs_person
    assert "the right to view all submissions" in words.en
    assert "le droit de voir toutes les soumissions" in words.fr
    survey.later()
    survey.world.give_rights()
    report = survey.pull()
    assert (report.deleted, report.needs_person) == (1, ())
    survey.assert_equal()


@only(*CENTRAL)
def test_an_account_that_may_no_longer_read_takes_nothing_away_and_is_told_who_refuses(survey: Survey) -> None:
    before = survey.kept()
    survey.world.delete(survey.roots[0])
    survey.world.cut_rights()
    with pytest.raises(SourceRefused) as raised:
        survey.pull()
    assert raised.value.status in (403, 404)
    assert survey.kept() == before
    survey.later()
    survey.world.give_rights()
    assert survey.pull().deleted == 1
    survey.assert_equal()


@pytest.mark.parametrize("request_number", range(1, 15))
@only("kobo with its project history", "kobo with neither", "central with its audit log")
def test_a_right_that_is_cut_during_a_pull_takes_nothing_away(survey: Survey, request_number: int) -> None:
    before = set(survey.kept())
    survey.world.submit(Answers(photo="q.jpg"), {"q.jpg": b"bytes of q"})
    survey.world.faults.before(survey.world.faults.requests + request_number, survey.world.cut_rights)
    with suppress(SourceRefused):
        survey.pull()
    survey.world.faults.heal()
    assert before <= set(survey.kept())
    survey.later()
    survey.world.give_rights()
    survey.pull()
    survey.assert_equal()


# --- quarantine -------------------------------------------------------------------------------------------------------


@only(*CENTRAL)
def test_a_record_cut_short_on_its_way_is_set_aside_and_kept_once_an_edit_mends_it(survey: Survey) -> None:
    world: CentralWorld = survey.world
    whole = world._xml(Answers(name="Fanta"), "uuid:cut")
    root = world.state.submit(whole[: whole.index(b"</orx:meta>")])
    report = survey.pull()
    assert (report.new, report.held, report.set_aside) == (0, 7, 1)
    assert root in report.needs_person[0].en
    assert "en quarantaine" in report.needs_person[0].fr
    assert "Fanta" not in str(report.needs_person)
    survey.later()
    again = survey.pull()
    assert (again.set_aside, again.unchanged) == (1, 6)
    survey.later()
    world.state.edit(root, world._xml(Answers(name="Fanta"), "uuid:mended", "uuid:cut"))
    mended = survey.pull()
    assert (mended.set_aside, mended.held, mended.needs_person) == (0, 7, ())
    survey.assert_equal()
    with survey.store.database.read() as connection:
        assert reasons(connection) == []


# --- two ways of one submission, and what people decided here ---------------------------------------------------------


@only("kobo with its project history", "central with its audit log")
def test_a_submission_of_our_own_endpoint_and_of_the_source_is_one_with_two_arrivals(world_name: str) -> None:
    world: Any = WORLDS[world_name]()
    answers = Answers(name="Both ways", members=("a",))
    with fresh_store() as store:
        publish_here(store, workbook_of("1"), "household.xlsx", {}, at=world.clock.now())
        if isinstance(world, KoboWorld):
            deployed_from_here(store, world)
        root = world.submit(answers)
        (root_id,) = world.roots()
        sent = (
            '<data xmlns:orx="http://openrosa.org/xforms" id="household" version="1">'
            f"{answers.inner_xml()}<orx:meta><orx:instanceID>{root_id}</orx:instanceID></orx:meta></data>"
        )
        delivery = Delivery(sent.encode(), (), "enumerator", "tablet 7", world.clock.now())
        assert receive(store, Shelf(store), delivery).result().outcome is Verdict.NEW
        report = pull(world, store)
        assert (report.new, report.set_aside) == (1, 0)
        assert list(kept(store, "household")) == [root_id]
        assert arrivals(store, root_id) == ["openrosa", world.source().name]
        # Our own endpoint vouches for it.
        world.delete(root)
        world.clock.advance(HOUR)
        pull(world, store)
        assert list(kept(store, "household")) == [root_id]


def deployed_from_here(store: Store, world: KoboWorld) -> None:
    """What `form publish --to` notes: which of our versions a version of the project is."""
    (version,) = world.asset.deployed
    deployment = Deployment("household", "1", "kobo", world.asset.uid, world.clock.now(), remote_version=version.uid)
    store.database.write(lambda connection: keep_deployment(connection, deployment))


def arrivals(store: Store, root_id: str) -> list[str]:
    with store.database.read() as connection:
        return [arrival.source for arrival in arrivals_of(connection, "household", root_id)]


def test_what_a_data_manager_deleted_stays_deleted_whatever_the_server_shows(survey: Survey) -> None:
    root_id = next(iter(sorted(survey.world.roots())))
    root = root_id if survey.world.kind == "central" else root_id.removeprefix("uuid:")
    at = survey.world.clock.now()
    survey.store.database.write(lambda connection: delete_submission(connection, "household", root_id, at))
    survey.pull()
    survey.later()
    survey.world.edit(root, Answers(name="Edited"))
    survey.world.review(root, "approved")
    survey.pull()
    survey.later(DAY)
    assert survey.pull().swept
    assert survey.of(root_id) is None
    survey.store.database.write(lambda connection: restore_submission(connection, "household", root_id, at))
    survey.assert_equal()


def legacy(world: KoboWorld, answers: Answers, instance_id: str) -> KoboRecord:
    return world.state.import_legacy(world.asset, world._xml(answers, instance_id))


@only(*KOBO)
def test_two_records_with_one_uuid_are_one_submission_until_both_are_gone(survey: Survey) -> None:
    first, second = (legacy(survey.world, Answers(name="Twice"), "uuid:old-tablet") for _ in range(2))
    assert first.id != second.id
    report = survey.pull()
    assert (report.held, report.set_aside, len(survey.kept())) == (8, 0, 7)
    assert survey.kept() == full_download(survey.world)
    for record, left in ((first, 7), (second, 6)):
        survey.later()
        survey.world.delete(str(record.id))
        assert survey.pull().deleted == 1
        assert len(survey.kept()) == left
        assert survey.kept() == full_download(survey.world)


@only(*KOBO)
def test_of_two_records_with_one_uuid_and_other_answers_the_second_is_set_aside(survey: Survey) -> None:
    legacy(survey.world, Answers(name="One"), "uuid:old-tablet")
    legacy(survey.world, Answers(name="Another"), "uuid:old-tablet")
    report = survey.pull()
    assert (report.held, report.set_aside, len(survey.kept())) == (8, 1, 7)
    assert "uuid:old-tablet" in report.needs_person[0].en


def test_a_file_removed_and_sent_again_within_a_millisecond_of_its_coming_is_seen_by_the_audit_log() -> None:
    world = CentralWorld()
    with fresh_store() as store:
        pull(world, store)
        root = world.submit(Answers(photo="p.jpg"), {"p.jpg": b"first bytes"})
        pull(world, store)
        world.remove_files(root)
        world.add_file(root, "p.jpg", b"other bytes")
        pull(world, store)
        assert_store_equals_server(world, store)


def test_a_file_of_a_version_before_is_not_given_for_one_whose_file_the_server_lacks() -> None:
    world = CentralWorld()
    with fresh_store() as store:
        root = world.submit(Answers(photo="p.jpg"), {"p.jpg": b"bytes"})
        pull(world, store)
        for photo in (None, "p.jpg"):
            world.edit(root, Answers(photo=photo))
            world.clock.advance(HOUR)
            pull(world, store)
        assert_store_equals_server(world, store)


def test_a_reply_that_was_cut_on_its_way_is_asked_for_again_and_sets_nothing_aside() -> None:
    for number in range(1, 12):
        world = CentralWorld()
        with fresh_store() as store:
            world.submit(Answers())
            world.faults.at(number, cut_json(40))
            with suppress(SourceError):
                assert pull(world, store).set_aside == 0
            world.faults.heal()
            pull(world, store)
            assert_store_equals_server(world, store)
