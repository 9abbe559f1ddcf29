"""What people and old servers do to the simulated KoboToolbox, where no recording shows all of it."""

import json
from io import BytesIO
from typing import Any

import pytest
import requests
from openpyxl import Workbook
from servers.household import household_content, household_content_2, household_xml
from servers.kobo import KoboServer
from servers.kobo_asset import Asset
from servers.kobo_content import content_of
from servers.transport import adapter_for

FIELDS = json.dumps(["_id", "_uuid", "_validation_status", "_attachments"])


class Household:
    """A server with the household form, and two clients: its owner and an analyst."""

    def __init__(self) -> None:
        self.server = KoboServer()
        for name in ("owner", "analyst"):
            self.server.add_user(name)
        self.asset: Asset = self.server.add_asset("owner", "Household baseline", household_content())
        self.owner, self.analyst = self.client("owner"), self.client("analyst")

    def client(self, name: str) -> requests.Session:
        session = requests.Session()
        session.mount("https://", adapter_for(self.server))
        session.headers["Authorization"] = f"Token {self.server.token_of(name)}"
        return session

    def url(self, path: str = "") -> str:
        return f"{self.server.address}/api/v2/assets/{self.asset.uid}/{path}"

    def rows(self, client: requests.Session | None = None, **params: Any) -> list[dict[str, Any]]:
        answered = (client or self.owner).get(self.url("data/"), params=params)
        answered.raise_for_status()
        return list(answered.json()["results"])

    def submit(self, number: int, **files: bytes) -> str:
        names = {f"{name}.png": content for name, content in files.items()}
        return self.server.submit(self.asset, household_xml(self.asset, number, photo="p.png"), files=names).root


@pytest.fixture
def household() -> Household:
    return Household()


def test_an_id_given_away_before_its_record_is_visible_comes_after_higher_ones(household: Household):
    early = household.server.begin_commit(household.asset, household_xml(household.asset, 1))
    household.submit(2)
    assert [row["_id"] for row in household.rows()] == [2]

    household.server.clock.advance(60)
    household.server.commit(household.asset, early)

    assert [row["_id"] for row in household.rows()] == [1, 2]
    assert household.rows()[0]["_submission_time"] < household.asset.history.entries[-2].at.isoformat()


def test_a_backdated_submission_is_the_newest_by_id_and_the_oldest_by_time(household: Household):
    household.submit(1)
    household.server.submit(
        household.asset, household_xml(household.asset, 2, submission_date="2026-01-05T10:00:00+00:00")
    )

    assert [row["_submission_time"] for row in household.rows()][-1] == "2026-01-05T10:00:00"


def test_legacy_records_may_lack_their_root_and_share_a_uuid(household: Household):
    xml = household_xml(household.asset, 1)
    household.server.import_legacy(household.asset, xml)
    household.server.import_legacy(household.asset, xml, root=household.asset.records[1].root)

    first, second = household.rows(fields=FIELDS)

    assert first["_uuid"] == second["_uuid"]
    assert "meta/rootUuid" not in first
    assert second["meta/rootUuid"] == second["_uuid"]


def test_a_partial_viewer_sees_the_rows_of_the_filter_and_no_count(household: Household):
    for number in (1, 2, 3):
        household.submit(number)
    household.server.share(household.asset, "analyst", "partial_submissions", only=[{"hh/district": "north"}])

    assert [row["_id"] for row in household.rows(household.analyst)] == [1, 3]
    assert [row["_id"] for row in household.rows(household.analyst, fields=FIELDS)] == [1, 3]
    assert household.analyst.get(household.url()).json()["deployment__submission_count"] is None
    assert household.analyst.get(household.url("data/2/")).status_code == 404
    assert household.analyst.get(household.url("history/")).status_code == 403


def test_who_lost_the_right_to_view_is_told_that_nothing_is_there(household: Household):
    household.submit(1)
    household.server.share(household.asset, "analyst", "view_submissions")
    assert household.analyst.get(household.url("data/")).status_code == 200

    household.server.unshare(household.asset, "analyst")

    assert household.analyst.get(household.url("data/")).status_code == 404


def test_a_token_that_was_taken_away_is_invalid(household: Household):
    household.server.revoke_token("owner")

    answered = household.owner.get(household.url())

    assert (answered.status_code, answered.json()) == (401, {"detail": "Invalid token."})


def test_a_file_comes_in_parts_and_from_the_start_when_it_changed(household: Household):
    household.submit(1, p=b"0123456789")
    url = household.rows()[0]["_attachments"][0]["download_url"]
    etag = household.owner.get(url).headers["ETag"]

    rest = household.owner.get(url, headers={"Range": "bytes=4-", "If-Range": etag})
    other = household.owner.get(url, headers={"Range": "bytes=4-", "If-Range": '"another"'})
    beyond = household.owner.get(url, headers={"Range": "bytes=10-"})
    household.server.switches.ranges = False
    whole = household.owner.get(url, headers={"Range": "bytes=4-"})

    assert (rest.status_code, rest.content, rest.headers["Content-Range"]) == (206, b"456789", "bytes 4-9/10")
    assert (other.status_code, other.content) == (200, b"0123456789")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */10")
    assert (whole.status_code, whole.content) == (200, b"0123456789")


def test_a_file_that_was_deleted_stays_in_the_list_and_is_gone(household: Household):
    root = household.submit(1, p=b"0123456789")
    household.server.delete_attachments(household.asset, root)

    (attachment,) = household.rows()[0]["_attachments"]

    assert attachment["is_deleted"]
    assert household.owner.get(attachment["download_url"]).status_code == 404
    assert household.rows()[0]["photo"] == "p.png"


def test_a_file_in_a_repeat_is_named_with_its_place(household: Household):
    rows = [
        {"type": "begin_repeat", "name": "member", "label": "Member"},
        {"type": "image", "name": "photo", "label": "Photo"},
        {"type": "end_repeat"},
    ]
    asset = household.server.add_asset("owner", "Members", content_of(rows))
    xml = (
        f'<{asset.uid} id="{asset.uid}"><member><photo>a.png</photo></member><member><photo>b.png</photo></member>'
        f"<meta><instanceID>uuid:1</instanceID></meta></{asset.uid}>"
    )

    record = household.server.submit(asset, xml.encode(), files={"b.png": b"b", "a.png": b"a"})

    assert [each.question_xpath for each in record.attachments] == ["member[2]/photo", "member[1]/photo"]


def test_a_server_brought_up_to_date_tells_when_a_record_changed(household: Household):
    first, second = household.submit(1), household.submit(2)
    since = json.dumps({"_date_modified": {"$gt": "2026-11-22T01:00:00"}})
    assert household.rows(query=since) == []

    household.server.tell_date_modified()
    household.server.clock.advance(90)
    household.server.review(household.asset, second, "validation_status_approved")

    assert [row["_id"] for row in household.rows(query=since, fields='["_date_modified"]')] == [2]
    assert household.server.record(household.asset, first).modified_at.second == 0


@pytest.mark.parametrize(("kind", "begin"), [("html", b"<!DOCTYPE html>"), ("error", b"<h1>Server Error")])
def test_pages_of_xml_can_be_broken(household: Household, kind: str, begin: bytes):
    household.submit(1)
    household.server.switches.xml = kind

    assert household.owner.get(household.url("data/"), params={"format": "xml"}).content.startswith(begin)


def test_pages_of_xml_can_hold_other_rows_than_were_asked_for(household: Household):
    for number in (1, 2):
        household.submit(number)
    asked = {"format": "xml", "query": '{"_id":{"$in":[2]}}'}
    assert household.owner.get(household.url("data/"), params=asked).text.count("<hh_id>") == 1

    household.server.switches.xml = "wrong rows"

    assert household.owner.get(household.url("data/"), params=asked).text.count("<hh_id>") == 2


def test_a_page_cap_is_silent(household: Household):
    for number in range(1, 6):
        household.submit(number)
    household.server.switches.page_cap = 2

    answered = household.owner.get(household.url("data/"), params={"limit": 1000}).json()

    assert (answered["count"], len(answered["results"])) == (5, 2)


def test_a_url_that_is_too_long_is_refused(household: Household):
    query = json.dumps({"_id": {"$in": list(range(3000))}})

    assert household.owner.get(household.url("data/"), params={"query": query}).status_code == 414


def test_a_redeployed_form_keeps_the_answers_of_the_one_before(household: Household):
    household.submit(1)
    version = household.server.redeploy(household.asset, household_content_2())
    household.submit(2)

    names = [row["__version__"] for row in household.rows()]
    listed = household.owner.get(household.url("versions/")).json()["results"]

    assert names == [each["uid"] for each in reversed(listed)]
    assert listed[0]["uid"] == version.uid


def test_an_answer_to_a_question_that_was_removed_stays(household: Household):
    household.submit(1)
    content = household_content()
    content["survey"] = [row for row in content["survey"] if row.get("name") != "income"]
    household.server.redeploy(household.asset, content)

    assert household.rows()[0]["income"] == "120.5"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"_id": {"$gt": 1, "$lte": 3}}, [2, 3]),
        ({"_id": {"$gt": 1}, "hh/district": "north"}, [3]),
        ({"_id": {"$nin": [1, 2]}}, [3, 4]),
        ({"$and": [{"_id": {"$gt": 1}}, {"_id": {"$lt": 3}}]}, [2]),
        ({"$or": [{"_id": 1}, {"hh/hh_id": "HH-004"}]}, [1, 4]),
        ({"hh/district": {"$ne": "north"}}, [2, 4]),
        ({"photo": {"$exists": False}}, []),
        ({"nowhere": {"$exists": False}}, [1, 2, 3, 4]),
        ({"hh/hh_size": {"$gt": 1}}, []),
        ({"hh/hh_size": {"$gt": "1"}}, [1, 2, 3, 4]),
        ({"_validation_status.uid": "validation_status_approved"}, [2]),
        ({"hh/hh_id": {"$regex": "00[12]$"}}, [1, 2]),
        ({"nosuch": "x"}, []),
        ({"$where": "1"}, []),
    ],
)
def test_queries_speak_mongodb_on_texts(household: Household, query: dict[str, Any], ids: list[int]):
    roots = [household.submit(number) for number in range(1, 5)]
    household.server.review(household.asset, roots[1], "validation_status_approved")

    assert [row["_id"] for row in household.rows(query=json.dumps(query))] == ids
    assert [row["_id"] for row in household.rows(query=json.dumps(query), fields=FIELDS)] == ids


def test_records_are_found_by_their_root_after_an_edit(household: Household):
    root = household.submit(1)
    household.submit(2)
    (edited,) = household.server.edit_answers(household.asset, [root], {"hh/hh_size": "9"})

    (row,) = household.rows(query=json.dumps({"meta/rootUuid": {"$in": [f"uuid:{root}", "uuid:nobody"]}}))

    assert (row["_uuid"], row["hh/hh_size"], row["meta/deprecatedID"]) == (edited.uuid, "9", f"uuid:{root}")


def test_the_history_is_read_newest_first_and_from_a_moment_on(household: Household):
    first = household.submit(1)
    household.server.clock.advance(10)
    household.submit(2)
    household.server.delete(household.asset, first)
    household.rows()
    q = "(action:add-submission OR action:delete-submission) AND date_created__gte:'2026-11-22T01:00:10'"

    rows = household.owner.get(household.url("history/"), params={"q": q}).json()["results"]

    assert [row["action"] for row in rows] == ["delete-submission", "add-submission"]
    assert rows[0]["metadata"]["submission"]["root_uuid"] == first
    assert household.asset.history.entries[-1].action == "view-data"


def test_a_history_reaches_back_as_far_as_the_plan_says(household: Household):
    household.submit(1)
    household.server.clock.advance(40 * 86_400)
    household.submit(2)
    household.server.switches.history_days = 30

    rows = household.owner.get(household.url("history/"), params={"q": "action:add-submission"}).json()["results"]

    assert [row["date_created"] for row in rows] == ["2027-01-01T01:00:00Z"]


def test_reviews_may_leave_the_time_of_modification_as_it_is(household: Household):
    root = household.submit(1)
    household.server.tell_date_modified()
    household.server.switches.only_edits_move_it = True
    before = household.rows()[0]["_date_modified"]
    household.server.clock.advance(60)

    household.server.review(household.asset, root, "validation_status_on_hold")
    reviewed = household.rows()[0]
    household.server.edit_answers(household.asset, [root], {"hh/hh_size": "9"})

    assert reviewed["_date_modified"] == before
    assert reviewed["_validation_status"]["label"] == "On Hold"
    assert household.rows()[0]["_date_modified"] > before


def test_a_form_is_imported_deployed_and_replaced(household: Household):
    book = Workbook()
    for name, rows in {
        "survey": [["type", "name", "label::English (en)", "sensitivity"], ["text", "q", "Q?", "high"]],
        "settings": [["form_title"], ["Imported"]],
        "indicators": [["name"], ["share"]],
    }.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook = BytesIO()
    book.save(workbook)
    household.server.switches.imports_take = 1
    api = f"{household.server.address}/api/v2"

    import_url = household.owner.post(f"{api}/imports/", files={"file": ("f.xlsx", workbook.getvalue())}).json()["url"]
    assert household.owner.get(import_url).json()["status"] == "processing"
    uid = household.owner.get(import_url).json()["messages"]["created"][0]["uid"]
    deployed = household.owner.post(f"{api}/assets/{uid}/deployment/", json={"active": True}).json()

    asset = household.owner.get(f"{api}/assets/{uid}/").json()
    assert (asset["name"], asset["deployed_version_id"]) == ("Imported", deployed["version_id"])
    assert asset["content"]["survey"][0]["sensitivity"] == "high"
    assert asset["content"]["indicators"] == []
