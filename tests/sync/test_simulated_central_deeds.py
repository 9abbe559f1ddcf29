"""What people do on the simulated Central shows in its answers as the facts say: paging, filters, stamps, rights."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.central_client import HOUSEHOLD, LIST, Central, instance
from servers.central_people import RECORDED, User
from servers.central_problem import Problem
from servers.central_records import Submission


@pytest.fixture
def central() -> Central:
    return Central()


def test_a_chain_of_next_links_gives_every_row_once_while_rows_arrive_and_go(central: Central) -> None:
    for number in range(10):
        central.server.submit(instance(number))
        central.clock.advance(1)
    before = central.ids()
    first = central.get(f"{LIST}?$select=__id,__system&$top=3&$count=true").json
    central.server.submit(instance(99))
    central.server.delete(before[2])  # the row that the cursor names
    found, link = [row["__id"] for row in first["value"]], first["@odata.nextLink"]
    while link:
        page = central.ask("GET", link, token=central.token).json
        assert page["@odata.count"] == 10
        found += [row["__id"] for row in page["value"]]
        link = page.get("@odata.nextLink")
    assert found == before
    assert first["@odata.count"] == 10


def test_a_cursor_whose_row_was_purged_ends_the_list_without_a_word(central: Central) -> None:
    for number in range(6):
        central.server.submit(instance(number))
    first = central.get(f"{LIST}?$select=__id,__system&$top=2&$count=true").json
    cursor = first["value"][-1]["__id"]
    central.server.delete(cursor)
    central.server.purge()
    page = central.ask("GET", first["@odata.nextLink"], token=central.token)
    assert page.status == 200
    assert page.json["value"] == []
    assert "@odata.nextLink" not in page.json
    assert page.json["@odata.count"] == 5


def test_rows_of_one_millisecond_are_listed_by_number_newest_first(central: Central) -> None:
    made = [central.server.submit(instance(number)) for number in range(5)]
    assert central.ids() == made[::-1]


def test_a_late_commit_is_stamped_before_and_seen_after(central: Central) -> None:
    late = central.server.begin_commit(instance(1))
    central.clock.advance(20)
    central.server.submit(instance(2))
    assert late not in central.ids()
    assert central.get("/v1/audits?action=submission.create").json[0]["details"]["instanceId"] != late
    central.server.commit(late)
    assert central.ids()[-1] == late
    assert [one["details"]["instanceId"] for one in central.get("/v1/audits?action=submission").json][-1] == late


def test_a_late_edit_bears_the_stamp_of_its_beginning(central: Central) -> None:
    root_id = central.server.submit(instance(1))
    central.clock.advance(10)
    began = central.clock.now()
    central.clock.advance(30)
    with central.server.stamped_at(began):
        central.server.review(root_id, "rejected")
    system = central.system(root_id)
    assert system is not None
    assert system["updatedAt"] == began.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("__system/submissionDate ge 2026-11-22T01:00:20Z", {2, 3, 4}),
        ("__system/submissionDate gt 2026-11-22T01:00:20.000Z", {3, 4}),
        ("__system/submissionDate lt 2026-11-22T02:00:20%2B01:00", {0, 1}),
        ("__system/updatedAt ge 2026-11-22T01:00:00Z", {0, 3}),
        ("__system/updatedAt eq null", {1, 2, 4}),
        ("__system/updatedAt ne null", {0, 3}),
        ("not __system/updatedAt lt 2027-01-01", set()),
        ("__system/submissionDate ge 2026-11-22T01:00:40Z or __system/updatedAt ge 2026-11-22T01:00:50Z", {0, 3, 4}),
        ("__system/reviewState eq 'approved' and __system/updatedAt ne null", {3}),
        ("__system/reviewState ne 'approved'", {0, 1, 2, 4}),
        ("(__system/reviewState eq 'approved' or __system/reviewState eq 'hasIssues')", {0, 3}),
        ("__system/deletedAt ge 2026-11-22T01:00:00Z", {5}),
        ("__system/deletedAt eq null or __system/deletedAt ne null", {0, 1, 2, 3, 4, 5}),
        ("__system/submitterId eq 1", {0, 1, 2, 3, 4}),
        ("year(__system/submissionDate) eq 2026 and second(__system/submissionDate) eq 30", {3}),
        ("__system/submissionDate le now()", {0, 1, 2, 3, 4}),
        ("__id eq 'uuid:00000002-0000-4000-8000-000000000000'", {2}),
        ("__id eq 'uuid:00000005-0000-4000-8000-000000000000'", set()),
        (
            (
                "__id eq 'uuid:00000002-0000-4000-8000-000000000000'"
                " or __id eq 'uuid:00000001-0000-4000-8000-000000000000'"
            ),
            {1, 2},
        ),
    ],
)
def test_a_filter_lets_through_what_it_says(central: Central, condition: str, found: set[int]) -> None:
    for number in range(6):
        central.server.submit(instance(number))
        central.clock.advance(10)
    ids = central.ids()[::-1]
    central.server.review(ids[3], "approved")
    central.server.review(ids[0], "hasIssues")
    central.server.delete(ids[5])
    assert set(central.ids(f"&$filter={condition}")) == {ids[number] for number in found}


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ("$filter=head/age gt 30", 501, 501.5),
        ("$filter=__system/submissionDate gt 'banana'", 500, None),
        ("$filter=__system/submissionDate gt 2026-13-45", 500, None),
        ("$filter=__system/submissionDate ge 2026-11-20T08:00:00.000+01:00", 400, 400.18),
        ("$filter=(__id eq 'a'", 400, 400.18),
        ("$filter=", 400, 400.18),
        ("$expand=*&$select=__id", 501, 501.11),
        ("$expand=members", 501, 501.6),
        ("$skiptoken=02abc", 400, 400.35),
        ("$skiptoken=01%3D%3D", 400, 400.35),
    ],
)
def test_a_query_that_central_does_not_take_is_refused_in_its_words(
    central: Central, options: str, status: int, code: float | None
) -> None:
    answered = central.get(f"{LIST}?{options}")
    assert (answered.status, answered.json.get("code")) == (status, code)


def test_rows_are_rendered_by_the_latest_version_and_lose_what_it_does_not_ask(central: Central) -> None:
    xml = instance(1, version="2026010101").replace(b"</head>", b"</head><removed>kept in the XML</removed>")
    root_id = central.server.submit(xml)
    row = central.get(f"{LIST}?$expand=*").json["value"][0]
    assert "removed" not in row
    assert row["phone"] is None
    assert row["head"]["income"] == 125000.5
    assert "members" not in row
    assert row["__system"]["formVersion"] == "2026010101"
    assert central.get(f"{HOUSEHOLD}/submissions/{root_id}.xml").body == xml


def test_a_viewer_reads_submissions_and_not_the_log_and_nothing_once_the_role_is_gone(central: Central) -> None:
    server = central.server
    viewer: User = server.add_user("viewer@example.org", "pw")
    token = central.sign_in("viewer@example.org", "pw")
    listed = f"{LIST}?$select=__id,__system"
    assert central.ask("GET", listed, token=token).json["code"] == 403.1
    server.set_role(viewer, central.project, "viewer")
    assert central.ask("GET", listed, token=token).status == 200
    verbs = central.ask("GET", "/v1/projects/1", token=token, headers={"X-Extended-Metadata": "true"}).json["verbs"]
    assert "submission.list" in verbs
    assert "submission.update" not in verbs
    assert central.ask("GET", "/v1/audits", token=token).json["code"] == 403.1
    server.set_role(viewer, central.project, None)
    assert central.ask("GET", listed, token=token).json["code"] == 403.1


def test_a_session_ends_after_24_hours(central: Central) -> None:
    central.clock.advance(timedelta(hours=24).total_seconds() - 1)
    assert central.get("/v1/users/current").status == 200
    central.clock.advance(1)
    assert central.get("/v1/users/current").json["code"] == 401.2


def test_the_log_is_windowed_newest_first_and_grouped(central: Central) -> None:
    server, clock = central.server, central.clock
    root_id = server.submit(instance(1, photos=("a.jpg",)), {"a.jpg": b"1"})
    clock.advance(10)
    since = clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    server.review(root_id, "approved")
    clock.advance(10)
    server.overwrite_attachment(root_id, "a.jpg", b"2")
    clock.advance(10)
    server.delete(root_id)
    server.restore(root_id)
    server.delete(root_id)
    server.purge()
    told = central.get(f"/v1/audits?action=submission&start={since}").json
    assert [one["action"].removeprefix("submission.") for one in told] == [
        "purge",
        "delete",
        "restore",
        "delete",
        "attachment.update",
        "update",
    ]
    # A review names the submission by its number alone, a purge not at all.
    assert "instanceId" not in told[-1]["details"]
    assert told[0]["acteeId"] is None
    assert {one["details"].get("instanceId") for one in told[1:-1]} == {root_id}
    assert central.get(f"/v1/audits?action=submission&start={since}&limit=2&offset=1").json == told[1:3]
    assert central.get(f"/v1/audits?action=submission.update&start={since}").json == told[-1:]


def test_an_attachment_comes_whole_with_its_md5_whatever_range_is_asked(central: Central) -> None:
    root_id = central.server.submit(instance(1, photos=("a.jpg", "b.jpg")), {"a.jpg": b"0123456789"})
    path = f"{HOUSEHOLD}/submissions/{root_id}/attachments/a.jpg"
    whole = central.get(path, Range="bytes=5-")
    assert (whole.status, whole.body) == (200, b"0123456789")
    assert central.get(path, If_None_Match=whole.headers["ETag"]).status == 304
    central.server.overwrite_attachment(root_id, "a.jpg", b"others")
    assert central.get(path, If_None_Match=whole.headers["ETag"]).body == b"others"
    assert central.get(f"{HOUSEHOLD}/submissions/{root_id}/attachments/b.jpg").json["code"] == 404.1


def test_an_edit_carries_files_over_and_a_stale_one_is_refused(central: Central) -> None:
    server = central.server
    root_id = server.submit(instance(1, photos=("a.jpg", "b.jpg")), {"a.jpg": b"1"})
    server.edit(root_id, instance(1, edit=1, photos=("a.jpg", "b.jpg")), {"b.jpg": b"2"})
    assert {
        row["name"]: row["exists"] for row in central.get(f"{HOUSEHOLD}/submissions/{root_id}/attachments").json
    } == {
        "a.jpg": True,
        "b.jpg": True,
    }
    with pytest.raises(Problem) as refused:
        server.edit(root_id, instance(1, edit=1))
    assert refused.value.code == "409.9"


def test_the_workbook_of_a_version_is_there_where_it_came_as_one(central: Central) -> None:
    assert central.get(f"{HOUSEHOLD}/versions/2026010101.xlsx").status == 404
    workbook = (RECORDED / "forms" / "bench30.xlsx").read_bytes()
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    made = central.ask(
        "POST",
        "/v1/projects/1/forms?ignoreWarnings=true&publish=true",
        token=central.token,
        headers={"Content-Type": sheet, "X-XlsForm-FormId-Fallback": "bench30"},
        body=workbook,
    )
    assert made.status == 200, made.body
    assert central.get("/v1/projects/1/forms/bench30/versions/1.xlsx").body == workbook
    assert [one["xmlFormId"] for one in central.get("/v1/projects/1/forms").json] == ["household", "bench30"]


def test_a_cursor_is_what_was_recorded(central: Central) -> None:
    for number in range(2):
        central.server.submit(instance(number))
    link = central.get(f"{LIST}?$top=1&$select=__id,__system").json["@odata.nextLink"]
    token = link.partition("%24skiptoken=01")[2].replace("%3D", "=")
    assert json.loads(base64.b64decode(token)) == {"instanceId": central.ids()[0]}


CONDITIONS: dict[str, Callable[[Submission, datetime], bool]] = {
    "__system/submissionDate ge {0}": lambda one, at: one.created_at >= at,
    "__system/submissionDate ge {0} or __system/updatedAt ge {0}": lambda one, at: (
        one.created_at >= at or (one.updated_at is not None and one.updated_at >= at)
    ),
    "__system/updatedAt gt {0} and __system/reviewState ne null": lambda one, at: (
        one.updated_at is not None and one.updated_at > at and one.review_state is not None
    ),
}
DELETED = "__system/deletedAt ge {0}"


@settings(deadline=None, max_examples=40)
@given(
    deeds=st.lists(
        st.tuples(
            st.sampled_from(["submit", "begin", "commit", "review", "edit", "delete", "restore", "purge", "wait"]),
            st.integers(0, 50),
        ),
        max_size=40,
    ),
    since=st.integers(0, 40),
    top=st.integers(1, 5),
)
def test_after_any_history_lists_pages_and_filters_agree_with_what_is_kept(
    deeds: list[tuple[str, int]], since: int, top: int
) -> None:
    central = Central()
    begin = central.clock.now()
    _play(central, deeds)
    kept = sorted(central.form.submissions.by_root.values(), key=lambda one: one.key, reverse=True)
    live = [one.root_id for one in kept if one.deleted_at is None]
    assert central.ids() == live

    found: list[str] = []
    link: str | None = f"{LIST}?$select=__id,__system&$top={top}&$count=true"
    while link:
        page = central.ask("GET", link, token=central.token).json
        assert page["@odata.count"] == len(live)
        found += [row["__id"] for row in page["value"]]
        link = page.get("@odata.nextLink")
    assert found == live

    at = begin + timedelta(seconds=since)
    written = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for condition, holds in CONDITIONS.items():
        wanted = [one.root_id for one in kept if one.deleted_at is None and holds(one, at)]
        assert central.ids(f"&$filter={condition.format(written)}") == wanted, condition
    gone = [one.root_id for one in kept if one.deleted_at is not None and one.deleted_at >= at]
    assert central.ids(f"&$filter={DELETED.format(written)}") == gone


def _play(central: Central, deeds: list[tuple[str, int]]) -> None:
    """Do what of it can be done."""
    server, held = central.server, central.form.submissions
    waiting: list[str] = []
    for number, (deed, which) in enumerate(deeds):
        live, deleted = held.live(), held.deleted()
        match deed:
            case "submit":
                server.submit(instance(number))
            case "begin":
                waiting.append(server.begin_commit(instance(number)))
            case "commit" if waiting:
                server.commit(waiting.pop(which % len(waiting)))
            case "review" if live:
                server.review(live[which % len(live)].root_id, "approved")
            case "edit" if live:
                one = live[which % len(live)]
                server.edit(one.root_id, instance(int(one.root_id[5:13]), edit=len(one.versions)))
            case "delete" if live:
                server.delete(live[which % len(live)].root_id)
            case "restore" if deleted:
                server.restore(deleted[which % len(deleted)].root_id)
            case "purge":
                server.purge()
            case _:
                central.clock.advance(which / 10)
