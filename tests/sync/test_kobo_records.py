"""What KoboToolbox's rows and instances say, read from recorded replies."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forms.errors import FormVersionUnknown, XLSFormInvalid
from forms.form import Form
from forms.instance import read_instance
from forms.read import read_form
from forms.submission import Submission
from forms.text import Bilingual
from sync.errors import SourceReplyUnexpected
from sync.source import Review, Unreadable
from sync.sources.kobo.content import workbook_of_content
from sync.sources.kobo.instance_page import XmlUnsound, instance_alone, page_of_instances
from sync.sources.kobo.media import media_of, text_at
from sync.sources.kobo.records import fingerprint_of, mark_of, record_of_instance, record_of_row, root_id_of
from sync.sources.kobo.replies import page_of
from sync.sources.kobo.server_nodes import version_in_instance, version_in_row
from sync.sources.kobo.version_choice import VersionChoice, may_be_version

REPLIES = Path(__file__).resolve().parent.parent / "replies" / "kobo"
FIRST, SECOND = "v6Noxa9BTKgXkZMprn2YbU", "vBpiuTzfR6NmSZRTtkQSY2"


def reply(name: str) -> Any:
    return json.loads((REPLIES / f"{name}.json").read_text(encoding="utf-8"))["response"]["body"]


def rows(name: str) -> list[dict[str, Any]]:
    return list(reply(name)["results"])


def row(name: str, record_id: int) -> dict[str, Any]:
    return next(each for each in rows(name) if each["_id"] == record_id)


@cache
def household(version: str = FIRST) -> Form:
    content = reply("13b-version-detail")["content"]
    workbook = workbook_of_content(content, form_id="hh_baseline", version=version, title="Household baseline")
    return read_form(workbook, "hh_baseline.xlsx")


def answering(form: Form) -> Callable[..., Form]:
    return lambda _name, _paths: form


def as_submission(submission: Submission | Unreadable) -> Submission:
    assert isinstance(submission, Submission)
    return submission


# --- cutting XML ---------------------------------------------------------------------------------------------------


def test_an_instance_has_the_same_bytes_in_a_page_and_alone():
    page = page_of_instances(reply("52-data-xml").encode())
    alone = instance_alone(reply("52e-record-xml").encode())
    assert page.count == 8
    assert [read_instance(each).instance_id for each in page.instances] == [
        "uuid:bbbbbbbb-1111-4111-8111-111111111111",
        "uuid:22222222-0000-4000-8000-000000000002",
    ]
    assert page.instances[0] == alone
    assert alone.startswith(b"<aacKHHzVFtohE96gwMxLkR id=")


def test_an_instance_that_is_broken_spoils_no_other():
    page = b"<root><count>3</count><results><a><x>1</a><a>&nope;</a><a>3</a></results></root>"
    assert page_of_instances(page).instances == (b"<a><x>1</a>", b"<a>&nope;</a>", b"<a>3</a>")


def test_a_declaration_inside_a_page_is_no_part_of_an_instance():
    declared = b"<?xml version='1.0'?>\n<a>%d</a>\n"
    page = b"<root><count>2</count><results>%s%s</results></root>" % (declared % 1, declared % 2)
    assert page_of_instances(page).instances == (b"<a>1</a>", b"<a>2</a>")


def test_a_node_may_have_the_name_of_its_instance():
    page = b"<root><count>2</count><results><data><data>1</data><data2/></data>\n<data b='>'>2</data ></results></root>"
    assert page_of_instances(page).instances == (b"<data><data>1</data><data2/></data>", b"<data b='>'>2</data >")


def test_white_space_between_instances_is_none_of_theirs_and_bytes_count_not_characters():
    page = "<root><count> 2 </count><next/><results>\n <a>Ménage</a>\n\n<b><results/></b>\n</results></root>"
    assert page_of_instances(page.encode()).instances == ("<a>Ménage</a>".encode(), b"<b><results/></b>")


@pytest.mark.parametrize("empty", ["<results/>", "<results></results>", "<results>\n</results>"])
def test_a_page_of_no_records_has_none(empty: str):
    assert page_of_instances(f"<root><count>0</count>{empty}</root>".encode()).instances == ()


@pytest.mark.parametrize(
    "page",
    [
        b"<root><count>1</count><results><a></results></root>",
        b"<root><count>2</count><results><a/><b></b></results></root>",
        b"<root><count>2</count><results><a></a>",
        b"<root><count>2</count><results>",
        b"<root><count>1</count></root>",
        b"<root><results><a/></results></root>",
        b"<html><body/></html>",
        b'<?xml version="1.0" encoding="iso-8859-1"?><root><count>0</count><results/></root>',
        b'<!DOCTYPE root [<!ENTITY e "x">]><root><count>1</count><results><a>&e;</a></results></root>',
        b"",
    ],
)
def test_what_cannot_be_cut_is_unsound(page: bytes):
    with pytest.raises(XmlUnsound):
        page_of_instances(page)


# --- fingerprints --------------------------------------------------------------------------------------------------


def test_a_list_and_a_full_record_give_the_same_fingerprint():
    full = row("31-data-list", 1)
    listed = {key: full[key] for key in ("_id", "_uuid", "meta/rootUuid", "_attachments", "_validation_status")}
    as_text = json.loads(json.dumps(full), parse_int=str)
    assert fingerprint_of(full) == fingerprint_of(listed) == fingerprint_of(as_text)
    assert fingerprint_of(full).remote_id == "1"
    assert fingerprint_of(full).root_id == "uuid:11111111-1111-4111-8111-111111111111"


def test_each_change_on_the_server_makes_another_mark():
    before = row("31-data-list", 1)
    edited = reply("45b-record-after-edit2")
    reviewed = reply("46f-record-after-validation")
    without_picture = reply("63h-record-after-attachment-delete")
    late = [rows("91b-record-before-late")[0], rows("91d-record-after-late")[0]]
    marks = [mark_of(each) for each in (before, edited, reviewed, without_picture, *late)]
    assert len(set(marks)) == len(marks)
    assert {root_id_of(each) for each in (before, edited, reviewed)} == {root_id_of(before)}


def test_a_review_given_again_makes_another_mark_and_the_order_of_files_does_not():
    record = reply("46f-record-after-validation")
    again = {**record, "_validation_status": {**record["_validation_status"], "timestamp": 1}}
    files = [{"uid": "attA", "is_deleted": False}, {"uid": "attB", "is_deleted": False}]
    assert mark_of(record) != mark_of(again)
    assert mark_of({**record, "_attachments": files}) == mark_of({**record, "_attachments": files[::-1]})


def test_a_modified_time_is_part_of_the_mark_where_the_server_has_one():
    record = row("31-data-list", 3)
    assert mark_of(record) != mark_of({**record, "_date_modified": "2026-11-22T01:01:03"})


@pytest.mark.parametrize("root", ["11111111-1111-4111-8111-111111111111", "", None])
def test_a_root_without_prefix_or_none_at_all_is_read_with_the_prefix(root: str | None):
    record = {**row("31-data-list", 1), "meta/rootUuid": root}
    assert root_id_of(record) == "uuid:11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    "broken", [{"_id": 1}, {"_uuid": "x"}, {"_id": True, "_uuid": "x"}, {"_id": "a", "_uuid": "x"}]
)
def test_a_row_without_an_id_is_not_read(broken: dict[str, Any]):
    with pytest.raises(SourceReplyUnexpected):
        fingerprint_of(broken)


@pytest.mark.parametrize("broken", [[], {"count": 1}, {"count": 1, "results": [1]}, {"count": None, "results": []}])
def test_what_is_no_page_is_not_read(broken: Any):
    with pytest.raises(SourceReplyUnexpected, match="/data/"):
        page_of(broken, "/data/")


# --- records -------------------------------------------------------------------------------------------------------


def test_a_record_has_the_answers_of_its_instance_under_our_form_and_version():
    instance = read_instance(instance_alone(reply("52e-record-xml").encode()))
    record = record_of_instance(reply("46f-record-after-validation"), instance, answering(household()))
    submission = as_submission(record.submission)
    assert (submission.form_id, submission.version) == ("hh_baseline", FIRST)
    assert submission.instance_id == "uuid:bbbbbbbb-1111-4111-8111-111111111111"
    assert submission.deprecated_id == "uuid:aaaaaaaa-1111-4111-8111-111111111111"
    assert submission.answers["hh/hh_size"] == "7"
    assert submission.answers["needs_other"] == ""
    assert submission.answers["member"][1] == {  # type: ignore[index]
        "member/m_name": "Ben",
        "member/m_age": "9",
        "member/m_sex": "m",
        "member/visit": [{"member/visit/v_date": ""}],
    }
    assert not {"formhub/uuid", "__version__", "meta/rootUuid", "meta/instanceID"} & set(submission.answers)
    assert submission.media_names == ("photo1.png",)
    assert submission.raw == instance.raw
    assert record.submitted_at == datetime(2026, 11, 22, 1, 1, 2, tzinfo=UTC)
    assert record.submitter == "meal_officer"
    assert record.device_id == "collect:abc123"
    assert record.review is Review.APPROVED
    assert [(medium.name, medium.is_there) for medium in record.media] == [("photo1.png", True)]


def test_json_gives_the_same_answers_but_for_what_is_empty():
    instance = read_instance(instance_alone(reply("52e-record-xml").encode()))
    full = reply("46f-record-after-validation")
    by_xml = record_of_instance(full, instance, answering(household()))
    by_json = record_of_row(full, answering(household()))
    xml, from_json = as_submission(by_xml.submission), as_submission(by_json.submission)
    assert from_json.answers == _without_empty(xml.answers)
    assert replace(by_json, submission=by_xml.submission) == by_xml
    assert (from_json.instance_id, from_json.deprecated_id) == (xml.instance_id, xml.deprecated_id)
    assert from_json.media_names == xml.media_names


def test_the_bytes_of_a_json_record_do_not_depend_on_when_it_is_read():
    before, after = reply("45b-record-after-edit2"), reply("63h-record-after-attachment-delete")
    without_root = {key: value for key, value in before.items() if key != "meta/rootUuid"}
    shuffled = dict(reversed(list({**after, "_supplementalDetails": {}, "_tags": [], "_date_modified": "x"}.items())))
    raws = {
        as_submission(record_of_row(each, answering(household())).submission).raw
        for each in (before, after, without_root, shuffled)
    }
    assert len(raws) == 1
    assert b"hh/hh_size" in raws.copy().pop()
    assert b"_attachments" not in raws.pop()


def test_numbers_in_json_stay_as_they_were_written():
    full = {**row("31-data-list", 3), "income": "1.10"}
    text = json.dumps(full).replace('"1.10"', "1.10")
    record = record_of_row(json.loads(text, parse_float=str, parse_int=str), answering(household()))
    assert as_submission(record.submission).answers["income"] == "1.10"


def test_a_record_sent_by_nobody_known_has_no_submitter():
    assert record_of_row(rows("88d-record-anonymous")[0], answering(household())).submitter is None


@pytest.mark.parametrize(
    ("status", "review"),
    [
        ({}, None),
        ({"uid": "validation_status_not_approved"}, Review.REJECTED),
        ({"uid": "validation_status_on_hold"}, Review.HAS_ISSUES),
        ({"uid": "validation_status_of_this_server"}, None),
    ],
)
def test_validation_statuses_are_reviews(status: dict[str, str], review: Review | None):
    record = record_of_row({**row("31-data-list", 3), "_validation_status": status}, answering(household()))
    assert record.review is review


def test_a_record_whose_form_cannot_be_read_is_told_with_its_bytes_and_the_reason():
    instance = read_instance(instance_alone(reply("52e-record-xml").encode()))

    def broken(_name: str | None, _paths: object) -> Form:
        raise XLSFormInvalid("hh.xlsx", [])

    for record in (
        record_of_instance(reply("46f-record-after-validation"), instance, broken),
        record_of_row(reply("46f-record-after-validation"), broken),
    ):
        assert isinstance(record.submission, Unreadable)
        assert record.submission.version == FIRST
        assert record.submission.instance_id == "uuid:bbbbbbbb-1111-4111-8111-111111111111"
        assert b"HH-001" in record.submission.raw


# --- versions ------------------------------------------------------------------------------------------------------


def test_the_last_version_node_with_a_value_is_the_version():
    raw = (
        b"<a><__version__>vOld</__version__><g><_version_>vNew</_version_></g><__version__001/>"
        b"<_conversion_>x</_conversion_></a>"
    )
    assert version_in_instance(read_instance(raw)) == "vNew"
    assert version_in_row({"__version__": "vOld", "g/__version__001": "vNew", "version": "3"}) == "vNew"
    assert version_in_instance(read_instance(b"<a><version>3</version></a>")) is None


def test_records_of_two_versions_name_theirs():
    assert {version_in_row(each) for each in rows("76-data-mixed-versions")} == {FIRST, SECOND}


def unknown(name: str) -> FormVersionUnknown:
    return FormVersionUnknown(Bilingual(f"no {name}", f"pas de {name}"))


def test_a_record_of_an_unknown_version_answers_the_newest_that_has_all_its_paths():
    old, new = household("vOld"), household("vNew")
    without_income = replace(new, questions=tuple(each for each in new.questions if each.path != "income"))
    known = {"vOld": old, "vNew": without_income}
    asked: list[str] = []

    def form_of(name: str) -> Form:
        asked.append(name)
        if name not in known:
            raise unknown(name)
        return known[name]

    choice = VersionChoice(form_of, lambda: ["vGone", "vNew", "vOld"], "aHH")
    assert choice("vLost", lambda: frozenset({"income", "hh/hh_size"})) is old
    assert choice(None, lambda: frozenset({"hh/hh_size"})) is without_income
    assert choice("vLost", lambda: frozenset({"elsewhere"})) is without_income
    assert asked == ["vLost", "vGone", "vNew", "vOld"], "each is asked for once"


def test_a_record_has_no_form_where_no_version_can_be_read():
    def form_of(name: str) -> Form:
        raise unknown(name)

    with pytest.raises(FormVersionUnknown, match="aHH"):
        VersionChoice(form_of, lambda: ["vGone"], "aHH")("vLost", frozenset)


@pytest.mark.parametrize("name", ["", "1 (2016-01-01 10:00)", "../../users", "v" * 65])
def test_what_no_uid_looks_like_is_not_asked_for_as_a_version(name: str):
    assert not may_be_version(name)
    assert may_be_version(FIRST)


# --- media ---------------------------------------------------------------------------------------------------------

ANSWERS = {"photo": "a b.jpg", "hh/member": [{"hh/member/photo": "1.jpg"}, {"hh/member/photo": "2.jpg"}]}


@pytest.mark.parametrize(
    ("xpath", "text"),
    [
        ("photo", "a b.jpg"),
        ("hh/member[2]/photo", "2.jpg"),
        ("hh/member/photo", "1.jpg"),
        ("hh/member[3]/photo", None),
        ("hh/member[0]/photo", None),
        ("hh/other", None),
        ("hh/member[2]", None),
    ],
)
def test_a_path_with_positions_leads_to_the_answer(xpath: str, text: str | None):
    assert text_at(ANSWERS, xpath) == text


def attachment(basename: str, xpath: str | None, uid: str = "att1", *, deleted: bool = False) -> dict[str, Any]:
    return {
        "uid": uid,
        "media_file_basename": basename,
        "mimetype": "image/jpeg",
        "question_xpath": xpath,
        "is_deleted": deleted,
    }


def test_a_file_is_named_as_the_answer_names_it():
    (medium,) = media_of([attachment("a_b_AbC1234.jpg", "photo")], ANSWERS)
    assert (medium.name, medium.remote_id, medium.is_there) == ("a b.jpg", "att1", True)


def test_of_two_files_of_one_question_the_answer_names_the_one_that_bears_its_name():
    answers = {"photo": "new.jpg"}
    media = media_of([attachment("old.jpg", "photo", "att1"), attachment("new_AbC1234.jpg", "photo", "att2")], answers)
    assert [(medium.name, medium.remote_id) for medium in media] == [("old.jpg", "att1"), ("new.jpg", "att2")]


def test_a_deleted_file_is_listed_as_not_there_until_it_comes_again():
    gone = attachment("1.jpg", "hh/member[1]/photo", "att1", deleted=True)
    again = attachment("1_AbC1234.jpg", "hh/member[1]/photo", "att2")
    assert [medium.is_there for medium in media_of([gone], ANSWERS)] == [False]
    for order in ([gone, again], [again, gone]):
        (medium,) = media_of(order, ANSWERS)
        assert (medium.name, medium.remote_id, medium.is_there) == ("1.jpg", "att2", True)


def test_a_file_that_no_answer_names_keeps_the_servers_name_and_old_servers_number_theirs():
    (medium,) = media_of([{"id": 7, "filename": "u/attachments/x/audit.csv", "mimetype": "text/csv"}], {})
    assert (medium.name, medium.remote_id, medium.is_there) == ("audit.csv", "7", True)


def _without_empty(answers: Any) -> Any:
    kept: dict[str, Any] = {}
    for path, value in answers.items():
        if isinstance(value, list):
            if inner := [each for each in map(_without_empty, value) if each]:
                kept[path] = inner
        elif value != "":
            kept[path] = value
    return kept
