"""KoboToolbox as a source, against the simulated server: what it lists, what changed, and records in full."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

import pytest
from servers.clock import Clock
from servers.faults import Call, Faults, answers, login_page
from servers.kobo import KoboServer
from servers.kobo_content import content_of
from servers.kobo_record import Record as Held
from servers.kobo_state import Switches
from servers.reply import Reply, Request
from servers.transport import Log, adapter_for

from forms.errors import FormVersionUnknown
from forms.form import Form
from forms.submission import Submission
from forms.xform.read import read_xform
from sync.errors import SourceRefused, SourceReplyUnexpected
from sync.source import Batch, Cursor, Fingerprint, Record, RemoteForm, Review, Source
from sync.sources.kobo import connect
from sync.sources.kobo.history import happened
from sync.sources.settings import SourceSettings
from sync.wires import Wires

REPLIES = Path(__file__).resolve().parent.parent / "replies" / "kobo"
OWNER = "meal_officer"
SURVEY = [
    {"type": "deviceid", "name": "deviceid"},
    {"type": "text", "name": "name", "label": "Name"},
    {"type": "decimal", "name": "income", "label": "Income"},
    {"type": "begin_repeat", "name": "member", "label": "Member"},
    {"type": "image", "name": "photo", "label": "Photo"},
    {"type": "end_repeat"},
]
SETTINGS = {"form_id": "household", "version": "1"}


def uid_of(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


@dataclass
class World:
    """A server with one project, and a source of its owner. answers: what `form_of` was asked."""

    switches: Switches = field(default_factory=Switches)
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    made: int = 0

    def __post_init__(self) -> None:
        self.server = KoboServer(self.clock, switches=self.switches)
        self.server.add_user(OWNER)
        self.asset = self.server.add_asset(OWNER, "Household", content_of(SURVEY, settings=SETTINGS))
        self.source = self.source_of(OWNER)

    def source_of(self, user: str) -> Source:
        settings = SourceSettings(
            name="kobo", kind="kobo", address=self.server.address, token=self.server.token_of(user)
        )
        adapter = adapter_for(self.server, self.faults, self.log)
        wires = Wires(clock=self.clock.now, sleep=self.clock.sleep, chance=lambda: 0.0, adapter=lambda: adapter)
        return connect(settings, wires)

    @cached_property
    def form(self) -> RemoteForm:
        return self.source.form(self.asset.uid)

    def xml(self, number: int, *, version: str | None = None, extra: str = "", members: str = "") -> bytes:
        named = f"<__version__>{version or self.asset.deployed[0].uid}</__version__>"
        return (
            f'<?xml version="1.0" ?><{self.asset.uid} id="{self.asset.uid}" version="1">'
            f"<formhub><uuid>{self.asset.form_uuid}</uuid></formhub><deviceid>collect:a</deviceid>"
            f"<name>N{number}</name><income>1.10</income>{members}{extra}{named if version != '' else ''}"
            f"<meta><instanceID>uuid:{uid_of(number)}</instanceID></meta></{self.asset.uid}>"
        ).encode()

    def submit(self, count: int = 1, **how: str) -> list[Held]:
        made = []
        for _ in range(count):
            self.made += 1
            made.append(self.server.submit(self.asset, self.xml(self.made, **how)))
            self.clock.advance(1)
        return made

    def form_of(self, name: str) -> Form:
        return read_xform(self.source.version(self.form, name).xform)

    def listed(self, source: Source | None = None) -> dict[str, Fingerprint]:
        return by_id(mark for batch in (source or self.source).inventory(self.form) for mark in batch.fingerprints)

    def fetched(self, *held: Held, form_of: Callable[[str], Form] | None = None) -> dict[str, Record]:
        ids = [str(each.id) for each in held]
        records = list(self.source.fetch(self.form, ids, form_of or self.form_of))
        assert len({record.fingerprint.remote_id for record in records}) == len(records), "each comes once"
        return {record.fingerprint.remote_id: record for record in records}

    def edit(self, held: Held, **answers: str) -> None:
        self.server.edit_answers(self.asset, [held.root], answers)

    def changed(self, after: Cursor | None, source: Source | None = None) -> tuple[dict[str, Fingerprint], Batch]:
        """All fingerprints of a feed and of the sweep that it may call for, and its batches as one."""
        batches = (source or self.source).changes(self.form, after)
        assert batches is not None
        whole = list(batches)
        assert [batch.cursor for batch in whole[:-1]] == [None] * (len(whole) - 1), "the cursor comes last"
        marks = tuple(mark for batch in whole for mark in batch.fingerprints)
        absent = tuple(root for batch in whole for root in batch.absent)
        if any(batch.calls_for_sweep for batch in whole):
            marks += tuple(self.listed(source).values())
        return by_id(iter(marks)), Batch(marks, absent, cursor=whole[-1].cursor)


def by_id(marks: Iterator[Fingerprint]) -> dict[str, Fingerprint]:
    found: dict[str, Fingerprint] = {}
    for mark in marks:
        found[mark.remote_id] = mark
    return found


def submission_in(record: Record) -> Submission:
    assert isinstance(record.submission, Submission)
    return record.submission


def ids_of(held: Sequence[Held]) -> set[str]:
    return {str(each.id) for each in held}


@pytest.fixture
def world() -> World:
    return World()


# --- forms, versions, rights ---------------------------------------------------------------------------------------


def test_forms_are_the_deployed_projects_and_the_archived_ones_with_data(world: World):
    world.submit(2)
    world.server.add_asset(OWNER, "Draft", content_of(SURVEY), deployed=False)
    empty = world.server.add_asset(OWNER, "Empty", content_of(SURVEY))
    world.server.archive(empty, OWNER)
    world.server.archive(world.asset, OWNER)
    open_one = world.server.add_asset(OWNER, "Open", content_of(SURVEY, settings={"form_id": "open"}))
    assert {form.remote_id: (form.proposed_form_id, form.title, form.submissions) for form in world.source.forms()} == {
        world.asset.uid: ("household", "Household", 2),
        open_one.uid: ("open", "Open", 0),
    }


def test_forms_beyond_the_first_page_are_listed_too(world: World):
    world.switches.page_cap = 2
    for number in range(4):
        world.server.add_asset(OWNER, f"F{number}", content_of(SURVEY))
    assert len({form.remote_id for form in world.source.forms()}) == 5


def test_a_form_is_had_by_one_request_and_equals_what_the_list_gives(world: World):
    before = world.source.requests_made
    form = world.source.form(world.asset.uid)
    assert world.source.requests_made == before + 1
    assert list(world.source.forms()) == [form]


def test_a_project_that_is_not_there_or_was_never_deployed_is_refused(world: World):
    draft = world.server.add_asset(OWNER, "Draft", content_of(SURVEY), deployed=False)
    with pytest.raises(SourceRefused, match="never deployed"):
        world.source.form(draft.uid)
    with pytest.raises(SourceRefused) as refused:
        world.source.form("aNowhere")
    assert refused.value.status == 404


def test_a_version_is_read_by_our_compiler_under_our_form_id_and_the_servers_uid(world: World):
    name = world.asset.deployed[0].uid
    version = world.source.version(world.form, name)
    form = read_xform(version.xform)
    assert (form.form_id, form.version) == ("household", name)
    assert form.by_path["member/photo"].has_media
    assert form.repeats == ("member",)
    assert (version.name, version.workbook_name) == (name, "household.xlsx")
    assert version.deployed_at == world.asset.deployed[0].deployed
    assert version.workbook is not None


def test_files_that_a_version_names_come_with_it(world: World):
    rows = [{"type": "select_one_from_file villages.csv", "name": "village", "label": "Village"}]
    asset = world.server.add_asset(OWNER, "Villages", content_of(rows, settings={"form_id": "villages"}))
    world.server.add_form_file(asset, "villages.csv", b"name,label\na,A\n", OWNER)
    world.server.add_form_file(asset, "other.png", b"png", OWNER)
    version = world.source.version(world.source.form(asset.uid), asset.deployed[0].uid)
    assert version.files == {"villages.csv": b"name,label\na,A\n"}


def test_a_version_that_the_server_has_not_is_unknown_and_one_that_is_hidden_is_refused(world: World):
    with pytest.raises(FormVersionUnknown):
        world.source.version(world.form, "vNowhere")
    before = world.source.requests_made
    with pytest.raises(FormVersionUnknown):
        world.source.version(world.form, "../../../me")
    assert world.source.requests_made == before, "what is no uid is not asked for"
    world.server.add_user("stranger")
    with pytest.raises(SourceRefused):
        world.source_of("stranger").version(world.form, "vNowhere")


def test_who_sees_a_part_does_not_see_all(world: World):
    world.server.add_user("partial")
    world.server.share(world.asset, "partial", "partial_submissions", only=[{"_submitted_by": "nobody"}])
    world.server.add_user("viewer")
    world.server.share(world.asset, "viewer", "view_submissions")
    assert world.source.access(world.form).sees_all
    assert world.source_of("viewer").access(world.form).sees_all
    partial = world.source_of("partial").access(world.form)
    assert not partial.sees_all
    assert partial.rights == ("partial_submissions", "view_asset")
    world.submit(2)
    assert world.source_of("partial").count(world.form) == 0
    assert world.listed(world.source_of("partial")) == {}


# --- sweeps --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cap", [1, 3, 7, 1000])
def test_a_sweep_is_complete_whatever_the_server_gives_at_once(world: World, cap: int):
    held = world.submit(7)
    world.switches.page_cap = cap
    assert set(world.listed()) == ids_of(held)
    assert world.source.count(world.form) == 7


def test_a_form_without_records_is_swept_by_one_request(world: World):
    before = (world.form, world.source.requests_made)[1]
    assert world.listed() == {}
    assert world.source.requests_made == before + 1


def test_records_that_come_or_go_while_we_page_hide_no_others(world: World):
    held = world.submit(9)
    world.switches.page_cap = 3
    form = world.form
    pages = world.source.inventory(form)
    seen = [mark.remote_id for mark in next(pages).fingerprints]
    world.server.delete(world.asset, held[0].root)
    world.server.delete(world.asset, held[5].root)
    world.submit(2)
    seen += [mark.remote_id for batch in pages for mark in batch.fingerprints]
    assert ids_of([each for each in held if each not in (held[0], held[5])]) <= set(seen)
    assert len(seen) == len(set(seen))


def data_reply(count: int, *rows: dict[str, object]) -> Callable[..., Reply]:
    body = json.dumps({"count": count, "next": None, "previous": None, "results": rows}).encode()
    return lambda _call: Reply(200, {"Content-Type": "application/json"}, body)


def test_records_that_are_counted_and_never_come_are_an_error(world: World):
    form = world.form
    world.faults.when(lambda request: request.path.endswith("/data/"), data_reply(5), times=100)
    with pytest.raises(SourceReplyUnexpected, match="5 more records"):
        list(world.source.inventory(form))


def test_one_that_is_deleted_between_the_count_and_the_rows_is_no_error(world: World):
    world.submit(2)
    form = world.form
    world.faults.when(lambda request: request.path.endswith("/data/"), data_reply(1), times=1)
    assert len([mark for batch in world.source.inventory(form) for mark in batch.fingerprints]) == 2


def test_ids_that_do_not_grow_are_an_error(world: World):
    form = world.form
    rows = [{"_id": each, "_uuid": uid_of(each)} for each in (2, 1)]
    world.faults.when(lambda request: request.path.endswith("/data/"), data_reply(2, *rows), times=100)
    with pytest.raises(SourceReplyUnexpected):
        list(world.source.inventory(form))


def test_each_change_on_the_server_shows_in_a_sweep(world: World):
    untouched, edited, reviewed, late = world.submit(4)
    lost = world.server.submit(
        world.asset, world.xml(99, members="<member><photo>p.jpg</photo></member>"), files={"p.jpg": b"jpg"}
    )
    before = world.listed()
    world.edit(edited, name="Ama")
    world.server.review(world.asset, reviewed.root, "validation_status_approved")
    world.server.add_attachment(world.asset, late.root, "late.jpg", b"jpg")
    world.server.delete_attachments(world.asset, lost.root)
    after = world.listed()
    assert {key for key in before if before[key] != after[key]} == ids_of([edited, reviewed, late, lost])
    assert before[str(untouched.id)] == after[str(untouched.id)]
    assert {key: mark.root_id for key, mark in before.items()} == {key: mark.root_id for key, mark in after.items()}


def test_more_ids_than_one_url_holds_are_looked_at_in_several(world: World):
    held = world.submit(3)
    wanted = [str(each) for each in range(100_000, 101_200)] + [str(each.id) for each in held]
    before = (world.form, world.source.requests_made)[1]
    assert set(by_id(world.source.look(world.form, wanted))) == ids_of(held)
    assert world.source.requests_made == before + 3
    assert all(len(logged.path) + len(urlencode(logged.query)) < 6900 for logged in world.log)


def test_records_are_found_by_their_root_whatever_became_of_them_and_however_it_is_kept(world: World):
    edited, deleted = world.submit(2)
    bare = world.server.import_legacy(world.asset, world.xml(50), root=uid_of(50))
    rootless = world.server.import_legacy(world.asset, world.xml(51))
    world.edit(edited, name="Ama")
    world.server.delete(world.asset, deleted.root)
    roots = [f"uuid:{each.root}" for each in (edited, deleted, bare, rootless)]
    assert set(by_id(world.source.find(world.form, roots))) == ids_of([edited, bare, rootless])
    strangers = [f"uuid:{uid_of(number)}" for number in range(1000, 1300)]
    world.log.clear()
    found = list(world.source.find(world.form, [*strangers, *roots]))
    assert all(len(logged.path) + len(urlencode(logged.query)) < 6900 for logged in world.log)
    assert {mark.root_id for mark in found} == {roots[0], roots[2], roots[3]}
    assert len(found) == 3


# --- records -------------------------------------------------------------------------------------------------------


def test_records_come_in_full_with_the_bytes_that_were_sent(world: World):
    members = "<member><photo>a.jpg</photo></member><member><photo>b.jpg</photo></member>"
    files = {"a.jpg": b"a", "b.jpg": b"b"}
    held = world.server.submit(world.asset, world.xml(1, members=members), files=files, by=OWNER)
    world.server.review(world.asset, held.root, "validation_status_on_hold")
    (record,) = world.fetched(held).values()
    submission = submission_in(record)
    assert submission.raw == held.xml
    assert submission.raw.startswith(b"<" + world.asset.uid.encode())
    assert submission.answers == {
        "deviceid": "collect:a",
        "name": "N1",
        "income": "1.10",
        "member": [{"member/photo": "a.jpg"}, {"member/photo": "b.jpg"}],
    }
    assert (submission.form_id, submission.version) == ("household", world.asset.deployed[0].uid)
    assert record.fingerprint == world.listed()[str(held.id)]
    assert (record.submitter, record.device_id, record.review) == (OWNER, "collect:a", Review.HAS_ISSUES)
    assert [(medium.name, medium.is_there) for medium in record.media] == [("a.jpg", True), ("b.jpg", True)]


@pytest.mark.parametrize("cap", [1, 4, 1000])
def test_many_records_come_by_pages_whatever_the_server_gives_at_once(world: World, cap: int):
    held = world.submit(9)
    world.switches.page_cap = cap
    records = world.fetched(*held)
    assert {key: submission_in(record).raw for key, record in records.items()} == {
        str(each.id): each.xml for each in held
    }


def test_records_cost_two_requests_for_hundreds_of_them(world: World):
    held = world.submit(300)
    world.fetched(held[0])
    before = world.source.requests_made
    known = world.form_of(world.asset.deployed[0].uid)
    asked = world.source.requests_made - before
    world.fetched(*held, form_of=lambda _name: known)
    assert world.source.requests_made - before - asked == 2


def test_a_record_that_is_gone_is_left_out(world: World):
    held = world.submit(3)
    form = world.form
    world.server.delete(world.asset, held[1].root)
    assert set(world.fetched(*held)) == ids_of([held[0], held[2]])
    assert list(world.source.fetch(form, ["999999", "not an id"], world.form_of)) == []


def xml_pages(request: Request) -> bool:
    return request.query.get("format") == "xml"


def test_a_record_edited_between_its_two_halves_comes_whole(world: World):
    held = world.submit(3)
    form_of = world.form_of
    world.fetched(held[0])

    def edits_first(call: Call) -> Reply:
        world.edit(held[1], name="Ama")
        return call.answer()

    world.faults.when(xml_pages, edits_first, times=1)
    records = world.fetched(*held, form_of=form_of)
    assert set(records) == ids_of(held)
    edited = records[str(held[1].id)]
    assert submission_in(edited).answers["name"] == "Ama"
    assert submission_in(edited).raw == held[1].xml
    assert edited.fingerprint == world.listed()[str(held[1].id)]


def test_a_record_edited_under_every_look_is_left_for_the_next_pull(world: World):
    held = world.submit(2)
    edits = iter(range(100))

    def edits_first(call: Call) -> Reply:
        world.edit(held[1], name=f"A{next(edits)}")
        return call.answer()

    world.faults.when(xml_pages, edits_first, times=100)
    assert set(world.fetched(*held)) == ids_of([held[0]])


def test_records_with_one_instance_id_are_told_apart_by_their_ids(world: World):
    twins = [world.server.import_legacy(world.asset, world.xml(7, extra=f"<x>{n}</x>"), root=None) for n in (1, 2)]
    others = world.submit(2)
    records = world.fetched(*twins, *others)
    assert [submission_in(records[str(each.id)]).raw for each in twins] == [each.xml for each in twins]
    assert len(records) == 4


def test_a_broken_instance_is_read_from_json_and_spoils_no_other(world: World):
    held = world.submit(40)
    held[17].answers(frozenset({"member"}))  # derived before it broke, as servers keep both
    held[17].xml = held[17].xml.replace(b"<name>", b"<name>\x01")
    records = world.fetched(*held)
    assert set(records) == ids_of(held)
    assert {key for key, record in records.items() if submission_in(record).raw[:1] == b"{"} == {str(held[17].id)}


@pytest.mark.parametrize("ailment", ["html", "error", "wrong rows"])
def test_where_xml_cannot_be_had_records_come_from_json(world: World, ailment: str):
    strangers = world.submit(30)
    held = world.submit(5)
    world.switches.xml = ailment
    records = world.fetched(*held)
    assert set(records) == ids_of(held)
    for each in held:
        submission = submission_in(records[str(each.id)])
        assert submission.answers == {"deviceid": "collect:a", "name": f"N{each.id}", "income": "1.10"}
        assert submission.instance_id == f"uuid:{each.uuid}"
    assert not set(records) & ids_of(strangers)


def test_a_server_without_xml_is_asked_for_it_no_more(world: World):
    held = world.submit(5)
    world.switches.xml = "html"
    world.fetched(*held)
    world.log.clear()
    assert set(world.fetched(*held)) == ids_of(held)
    assert not [logged for logged in world.log if logged.query.get("format") == "xml"]


def test_a_login_page_that_passes_does_not_cost_the_exact_bytes(world: World):
    held = world.submit(3)
    world.fetched(held[0])
    world.faults.when(xml_pages, login_page(), times=1)
    records = world.fetched(*held)
    assert {submission_in(record).raw for record in records.values()} == {each.xml for each in held}


def test_replies_that_are_cut_off_on_their_way_do_not_cost_the_exact_bytes(world: World):
    held = world.submit(1)
    lengths = iter((150, 40, 300))

    def cut(call: Call) -> Reply:
        whole, length = call.answer(), next(lengths)
        return replace(whole, headers={**whole.headers, "Content-Length": str(length)}, body=whole.body[:length])

    world.faults.when(xml_pages, cut, times=3)
    (record,) = world.fetched(*held).values()
    assert submission_in(record).raw == held[0].xml


def test_records_without_an_instance_id_are_read_from_json(world: World):
    held = world.submit(3)
    nameless = held[1]
    nameless.xml = nameless.xml.replace(b"<instanceID>", b"<other>").replace(b"</instanceID>", b"</other>")
    records = world.fetched(*held)
    assert set(records) == ids_of(held)
    assert submission_in(records[str(nameless.id)]).instance_id == f"uuid:{nameless.uuid}"


def test_a_record_of_an_old_version_answers_that_one(world: World):
    (old,) = world.submit()
    first = world.asset.deployed[0].uid
    world.server.redeploy(world.asset, content_of(SURVEY[:2], settings=SETTINGS))
    (new,) = world.submit()
    records = world.fetched(old, new)
    assert submission_in(records[str(old.id)]).version == first
    assert submission_in(records[str(new.id)]).version == world.asset.deployed[0].uid != first


@pytest.mark.parametrize("named", ["vGone", "", "1 (2016-01-01)"])
def test_a_record_of_no_known_version_answers_the_newest_with_all_its_paths(world: World, named: str):
    first = world.asset.deployed[0].uid
    (record_of_first,) = world.submit(version=named)
    world.server.redeploy(world.asset, content_of(SURVEY[:2], settings=SETTINGS))
    (record,) = world.fetched(record_of_first).values()
    assert submission_in(record).version == first


# --- the feed ------------------------------------------------------------------------------------------------------


def test_the_first_cursor_brings_nothing_and_the_next_what_was_done_since(world: World):
    # Older than the newest two hundred, which are looked at in any case.
    edited, reviewed, deleted, late, untouched = world.submit(5)
    world.submit(200)
    world.clock.advance(3600)
    nothing, start = world.changed(None)
    assert nothing == {}
    assert start.cursor is not None
    world.edit(edited, name="Ama")
    world.server.review(world.asset, reviewed.root, "validation_status_approved")
    world.server.delete(world.asset, deleted.root)
    world.server.add_attachment(world.asset, late.root, "late.jpg", b"jpg")
    (new,) = world.submit()
    marks, told = world.changed(start.cursor)
    assert {str(edited.id), str(reviewed.id), str(new.id)} <= set(marks)
    assert told.absent == (f"uuid:{deleted.root}",)
    assert not {str(late.id), str(untouched.id)} & set(marks), "a late file leaves no trace"
    now = world.listed()
    assert all(now[key] == mark for key, mark in marks.items())


def test_quiet_times_cost_three_requests(world: World):
    world.submit(250)
    world.clock.advance(3600)
    cursor = world.changed(None)[1].cursor
    before = world.source.requests_made
    for _ in range(3):
        world.clock.advance(3600)
        cursor = world.changed(cursor)[1].cursor
    assert world.source.requests_made - before == 9


def test_what_commits_late_is_seen_though_it_was_stamped_before(world: World):
    world.submit(2)
    slow = world.server.begin_commit(world.asset, world.xml(90))
    world.submit(2)
    began = world.clock.now()
    world.clock.advance(120)
    cursor = world.changed(None)[1].cursor
    world.server.commit(world.asset, slow, logged_at=began)
    marks, _ = world.changed(cursor)
    assert str(slow.id) in marks


def test_a_history_longer_than_a_page_is_read_whole(world: World):
    held = world.submit(260)
    world.clock.advance(3600)
    cursor = world.changed(None)[1].cursor
    world.switches.page_cap = 7
    for each in held[:20]:
        world.edit(each, name="Ama")
    assert ids_of(held[:20]) <= set(world.changed(cursor)[0])


def test_very_much_that_happened_is_seen_by_a_sweep_and_costs_no_more(world: World):
    held = world.submit(600)
    world.clock.advance(3600)
    cursor = world.changed(None)[1].cursor
    world.server.edit_answers(world.asset, [each.root for each in held[:550]], {"name": "Ama"})
    before = world.source.requests_made
    marks, told = world.changed(cursor)
    assert set(marks) == ids_of(held)
    assert told.cursor is not None
    assert world.source.requests_made - before == 5


def test_a_history_too_long_to_read_is_not_read_to_its_end(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sync.sources.kobo.history._MOST_READ", 20)
    held = world.submit(210)
    world.clock.advance(3600)
    cursor = world.changed(None)[1].cursor
    for _ in range(3):
        world.server.edit_answers(world.asset, [each.root for each in held[:10]], {"name": "Ama"})
    world.switches.page_cap = 5
    world.log.clear()
    assert set(world.changed(cursor)[0]) == ids_of(held)
    assert len([path for path in world.log.paths() if path.endswith("/history/")]) == 1


def test_an_old_cursor_does_not_read_the_history_of_months(world: World):
    held = world.submit(210)
    cursor = world.changed(None)[1].cursor
    world.server.edit_answers(world.asset, [each.root for each in held], {"name": "Ama"})
    world.clock.advance(40 * 86_400)
    world.switches.page_cap = 50
    world.log.clear()
    assert set(world.changed(cursor)[0]) == ids_of(held)
    assert len([path for path in world.log.paths() if path.endswith("/history/")]) == 1


def test_two_records_of_one_root_are_both_found(world: World):
    twins = [world.server.import_legacy(world.asset, world.xml(7), root=f"uuid:{uid_of(7)}") for _ in range(2)]
    assert set(by_id(world.source.find(world.form, [f"uuid:{uid_of(7)}"]))) == ids_of(twins)


def test_an_unknown_version_costs_its_requests_once_a_pull(world: World):
    held = world.submit(4, version="vGone")
    form_of = world.form_of
    world.fetched(*held[:2], form_of=form_of)
    world.log.clear()
    world.fetched(*held[2:], form_of=form_of)
    assert not [path for path in world.log.paths() if "/versions/" in path]


def test_deleted_attachments_make_the_feed_a_sweep_once(world: World):
    lost = world.server.submit(
        world.asset, world.xml(500, members="<member><photo>p.jpg</photo></member>"), files={"p.jpg": b"jpg"}
    )
    held = world.submit(210)
    world.clock.advance(3600)
    cursor = world.changed(None)[1].cursor
    world.clock.advance(5)
    world.server.delete_attachments(world.asset, lost.root)
    world.clock.advance(5)
    marks, told = world.changed(cursor)
    assert set(marks) == ids_of([lost, *held])
    marks, _ = world.changed(told.cursor)
    assert str(lost.id) not in marks


@pytest.mark.parametrize(
    "cursor",
    [
        "{}",
        "no json",
        "[]",
        json.dumps({"at": "2026-01-01T00:00:00+00:00"}),
        json.dumps({"at": "2036-01-01T00:00:00+00:00"}),
    ],
)
def test_a_cursor_that_histories_may_not_reach_is_made_good_by_a_sweep(world: World, cursor: str):
    held = world.submit(250)
    marks, told = world.changed(Cursor(cursor))
    assert set(marks) == ids_of(held)
    assert datetime.fromisoformat(json.loads(str(told.cursor))["at"]) == world.clock.now().replace(microsecond=0)


def test_cursors_keep_the_servers_time_not_ours(world: World):
    settings = SourceSettings(name="k", kind="kobo", address=world.server.address, token=world.server.token_of(OWNER))
    wires = Wires(
        clock=lambda: world.clock.now() + timedelta(days=400),
        sleep=world.clock.sleep,
        chance=lambda: 0.0,
        adapter=lambda: adapter_for(world.server),
    )
    cursor = world.changed(None, connect(settings, wires))[1].cursor
    assert datetime.fromisoformat(json.loads(str(cursor))["at"]) == world.clock.now()


def viewer(world: World) -> Source:
    world.server.add_user("viewer")
    world.server.share(world.asset, "viewer", "view_submissions")
    return world.source_of("viewer")


def test_without_history_and_modified_times_there_is_no_feed_and_the_history_is_asked_once(world: World):
    world.submit(2)
    source = viewer(world)
    assert source.changes(world.form, None) is None
    assert source.changes(world.form, None) is None
    assert len([path for path in world.log.paths() if path.endswith("/history/")]) == 1


def test_an_old_server_without_history_has_no_feed(world: World):
    world.switches.history = False
    world.submit(2)
    assert world.source.changes(world.form, None) is None


def test_modified_times_are_a_feed_for_who_may_not_read_the_history():
    world = World(Switches(date_modified=True))
    held = world.submit(260)
    world.clock.advance(3600)
    source = viewer(world)
    cursor = world.changed(None, source)[1].cursor
    world.edit(held[0], name="Ama")
    world.server.add_attachment(world.asset, held[1].root, "late.jpg", b"jpg")
    world.server.review(world.asset, held[2].root, "validation_status_approved")
    (new,) = world.submit()
    marks, told = world.changed(cursor, source)
    assert ids_of([*held[:3], new]) <= set(marks)
    assert str(held[3].id) not in marks
    assert told.absent == ()


# --- media and reviews ---------------------------------------------------------------------------------------------


def with_picture(world: World) -> tuple[Held, Record]:
    held = world.server.submit(
        world.asset, world.xml(1, members="<member><photo>p.jpg</photo></member>"), files={"p.jpg": b"0123456789"}
    )
    (record,) = world.fetched(held).values()
    return held, record


def test_a_download_goes_on_where_it_broke_off_while_the_file_is_the_same(world: World):
    held, record = with_picture(world)
    (medium,) = record.media
    whole = world.source.download(world.form, str(held.id), medium, offset=0, etag=None)
    assert (whole.offset, whole.size, b"".join(whole.chunks)) == (0, 10, b"0123456789")
    rest = world.source.download(world.form, str(held.id), medium, offset=6, etag=whole.etag)
    assert (rest.offset, rest.size, b"".join(rest.chunks)) == (6, 10, b"6789")
    for offset, etag in ((6, None), (6, '"another"'), (10, whole.etag)):
        again = world.source.download(world.form, str(held.id), medium, offset=offset, etag=etag)
        assert (again.offset, b"".join(again.chunks)) == (0, b"0123456789")


def test_a_server_that_gives_no_parts_gives_the_whole(world: World):
    held, record = with_picture(world)
    world.switches.ranges = False
    again = world.source.download(world.form, str(held.id), record.media[0], offset=6, etag='"x"')
    assert (again.offset, b"".join(again.chunks)) == (0, b"0123456789")


def test_a_review_is_set_and_taken_back_and_what_the_server_holds_is_returned(world: World):
    (held,) = world.submit()
    for review in (Review.APPROVED, Review.REJECTED, Review.HAS_ISSUES, None):
        assert world.source.review(world.form, str(held.id), review) is review
        (record,) = world.fetched(held).values()
        assert record.review is review
    with pytest.raises(SourceRefused, match="edited"):
        world.source.review(world.form, str(held.id), Review.EDITED)


def test_who_may_not_review_is_told_so(world: World):
    (held,) = world.submit()
    with pytest.raises(SourceRefused) as refused:
        viewer(world).review(world.form, str(held.id), Review.APPROVED)
    assert refused.value.status == 403


# --- the credential ------------------------------------------------------------------------------------------------


def test_the_token_goes_to_the_servers_host_alone_and_into_no_message(world: World):
    held, record = with_picture(world)
    world.changed(None)
    world.source.review(world.form, str(held.id), Review.APPROVED)
    list(world.source.download(world.form, str(held.id), record.media[0], offset=0, etag=None).chunks)
    assert world.log.hosts_given_a_credential() == {world.server.host}
    world.server.revoke_token(OWNER)
    token = world.source._settings.token  # type: ignore[attr-defined]
    with pytest.raises(SourceRefused) as refused:
        world.source.count(world.form)
    assert token not in f"{refused.value!r} {refused.value.message.en} {refused.value.message.fr} {world.source!r}"


def test_a_busy_server_is_asked_again(world: World):
    held = world.submit(3)
    form = world.form
    world.faults.when(lambda request: request.path.endswith("/data/"), answers(503), times=2)
    assert len(list(world.source.look(form, [str(each.id) for each in held]))) == 3


# --- what a live server said ---------------------------------------------------------------------------------------


class Replay:
    """A server that gives recorded replies, by path; anything else is not there."""

    hosts = frozenset({"kf.recorded"})

    def __init__(self, **replies: str) -> None:
        self._replies = replies

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        request = Request.of(method, url, headers, body)
        ending = next((name for path, name in self._replies.items() if request.path.endswith(path + "/")), None)
        if ending is None:
            return Reply(404, {"Content-Type": "application/json"}, b'{"detail":"Not found."}')
        recorded = json.loads((REPLIES / f"{ending}.json").read_text(encoding="utf-8"))["response"]
        reply = json.dumps(recorded["body"]).encode()
        return Reply(recorded["status"], {"Content-Type": recorded["headers"]["Content-Type"]}, reply)

    def source(self) -> Source:
        adapter = adapter_for(self)
        settings = SourceSettings(name="kobo", kind="kobo", address="https://kf.recorded", token="a token")
        return connect(settings, Wires(sleep=lambda _seconds: None, adapter=lambda: adapter))


RECORDED = RemoteForm("aacKHHzVFtohE96gwMxLkR", "hh_baseline", "Household baseline", None)


def test_a_recorded_project_is_read():
    source = Replay(aacKHHzVFtohE96gwMxLkR="12-asset-detail-deployed").source()
    assert source.form("aacKHHzVFtohE96gwMxLkR") == replace(RECORDED, submissions=0)
    access = source.access(RECORDED)
    assert access.sees_all
    assert "manage_asset" in access.rights
    assert not Replay(aacKHHzVFtohE96gwMxLkR="82g-asset-as-partial-viewer").source().access(RECORDED).sees_all


def test_a_recorded_history_tells_whom_it_touched_and_when_files_were_deleted():
    source = Replay(history="64-history").source()
    told = happened(source._client, RECORDED.remote_id, datetime(2026, 11, 22, tzinfo=UTC))  # type: ignore[attr-defined]
    assert told is not None
    assert len(told.uuids) == len(set(told.uuids)) == 9
    assert told.uuids[0] == "88888888-0000-4000-8000-000000000008"
    assert told.attachments_deleted_at == datetime(2026, 11, 22, 1, 4, 18, tzinfo=UTC)


def test_recorded_times_of_the_server_make_the_cursor():
    source = Replay(me="02-me", history="64-history", data="15-data-empty").source()
    batches = source.changes(RECORDED, None)
    assert batches is not None
    (batch,) = batches
    assert batch.cursor == '{"at": "2026-11-22T01:00:43+00:00"}'


def test_a_recorded_refusal_of_the_history_is_no_feed():
    source = Replay(me="02-me", history="64e-history-forbidden", data="15-data-empty").source()
    assert source.changes(RECORDED, None) is None


def test_a_recorded_version_compiles():
    source = Replay(v6Noxa9BTKgXkZMprn2YbU="13b-version-detail").source()
    version = source.version(RECORDED, "v6Noxa9BTKgXkZMprn2YbU")
    form = read_xform(version.xform)
    assert (form.form_id, form.version) == ("hh_baseline", "v6Noxa9BTKgXkZMprn2YbU")
    assert form.languages == ("English (en)", "Français (fr)")
    assert form.repeats == ("member", "member/visit")
