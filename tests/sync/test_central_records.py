"""What ODK Central was recorded to say of submissions, made into records."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forms.errors import FormVersionUnknown
from forms.form import Form
from forms.submission import Submission
from forms.text import Bilingual
from forms.xform.read import read_xform
from sync.errors import SourceReplyUnexpected
from sync.source import Review, Unreadable
from sync.sources.central.records import instance_bytes, media_of, record_of
from sync.sources.central.rows import Row, mark, moment, read_row, stamp

RECORDED = Path(__file__).resolve().parent.parent / "replies" / "central"
EDITED = "uuid:11110001-2222-4333-8444-555555555555"
NAMELESS = "6a8a635a-ca59-45ca-a436-ab4bc3409320"


def replied(name: str) -> Any:
    recorded = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return json.loads(recorded["response"]["body"])


def sent_xml(name: str) -> bytes:
    recorded = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    body: str = recorded["request"]["body"].replace("\r\n", "\n")
    boundary = body.split("\n", 1)[0]
    return body.split("\n\n", 1)[1].split(f"\n{boundary}", maxsplit=1)[0].encode()


def row_of(submission_id: str) -> Row:
    listed = replied("147-odata-filter-including-deleted")["value"]
    return read_row(next(value for value in listed if value["__id"] == submission_id))


def edited_xml() -> bytes:
    recorded = json.loads((RECORDED / "106-submission-xml.json").read_text("utf-8"))
    return str(recorded["response"]["body"]).encode()


@pytest.fixture(scope="module")
def household() -> Form:
    return read_xform((RECORDED / "forms" / "household-v2.xml").read_bytes())


def test_a_row_says_what_central_lists_about_a_submission() -> None:
    row = row_of(EDITED)
    assert row.fingerprint.remote_id == row.fingerprint.root_id == EDITED
    assert row.submitted_at == datetime(2026, 11, 22, 0, 45, 39, 638_000, UTC)
    assert (row.submitter, row.device_id, row.version) == ("Enumerator One", "collect:abc123", "2026020101")
    assert (row.review, row.edits, row.present, row.expected) == (Review.EDITED, 1, 1, 2)
    assert row.deleted_at is None
    assert row_of("uuid:11110009-2222-4333-8444-555555555555").deleted_at is not None


def test_the_mark_moves_with_edits_reviews_and_files_and_with_nothing_else() -> None:
    value = next(value for value in replied("147-odata-filter-including-deleted")["value"] if value["__id"] == EDITED)

    def changed(**system: Any) -> str:
        return mark(read_row({**value, "__system": {**value["__system"], **system}}))

    first = mark(read_row(value))
    assert changed() == first
    assert changed(submitterName="Renamed", status=None) == first
    moved = {
        changed(edits=2),
        changed(updatedAt="2026-11-22T00:45:40.550Z"),
        changed(reviewState="approved"),
        changed(reviewState=None),
        changed(attachmentsPresent=2),
        changed(attachmentsExpected=1, attachmentsPresent=1),
    }
    assert len(moved) == 6
    assert first not in moved


@pytest.mark.parametrize(
    "spoiled",
    [
        {"submissionDate": None},
        {"submissionDate": "banana"},
        {"submissionDate": "2026-11-22T00:45:40.111+01:00"},
        {"reviewState": "whatever"},
        {"edits": None},
    ],
)
def test_a_row_of_another_shape_is_never_read_as_blank(spoiled: dict[str, Any]) -> None:
    value = replied("147-odata-filter-including-deleted")["value"][0]
    with pytest.raises(SourceReplyUnexpected):
        read_row({**value, "__system": {**value["__system"], **spoiled}})


def test_a_stamp_reads_back_as_it_was_written() -> None:
    assert stamp(moment("2026-11-22T00:45:40.007Z")) == "2026-11-22T00:45:40.007Z"
    assert stamp(moment("2026-11-22T00:45:40.007999Z")) == "2026-11-22T00:45:40.007Z"


def test_a_record_has_decimals_as_typed_and_the_identity_of_its_current_version(household: Form) -> None:
    media = media_of(replied("111-submission-attachments"))
    record = record_of(row_of(EDITED), edited_xml(), media, lambda _name: household)
    submission = record.submission
    assert isinstance(submission, Submission)
    assert submission.instance_id == "uuid:aaaa0001-2222-4333-8444-555555555555"
    assert submission.deprecated_id == EDITED
    assert submission.answers["head/income"] == "125000.50"
    assert (submission.form_id, submission.version) == ("household", "2026020101")
    assert submission.media_names == ("photo1.jpg", "m2.jpg")
    assert [(medium.name, medium.is_there) for medium in record.media] == [("m2.jpg", False), ("photo1.jpg", True)]
    assert record.review is Review.EDITED
    assert record.fingerprint.mark == "1;2026-11-22T00:45:40.549Z;edited;1/2"


def test_the_form_of_a_record_is_that_of_the_version_its_xml_names(household: Form) -> None:
    asked: list[str] = []

    def form_of(name: str) -> Form:
        asked.append(name)
        return household

    record_of(row_of(EDITED), edited_xml(), (), form_of)
    record_of(row_of(EDITED), edited_xml().replace(b' version="2026020101"', b""), (), form_of)
    assert asked == ["2026020101", "2026020101"]


def test_the_bytes_of_a_record_begin_at_its_element_and_do_not_depend_on_the_declaration() -> None:
    xml = edited_xml()
    assert xml.startswith(b"<?xml")
    bare = instance_bytes(xml)
    assert bare.startswith(b"<data ")
    assert bare == instance_bytes(bare)
    assert bare == instance_bytes(b"\xef\xbb\xbf" + bare + b"\n")


def test_a_declared_encoding_does_not_spoil_what_central_sends_as_utf8(household: Form) -> None:
    xml = edited_xml().replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')
    submission = record_of(row_of(EDITED), xml, (), lambda _name: household).submission
    assert isinstance(submission, Submission)
    assert submission.answers["head/name"] == "Ndjeng Élise (edited)"


def test_a_submission_without_an_instance_id_has_the_one_that_central_made_for_it(household: Form) -> None:
    xml = sent_xml("072-openrosa-submission-no-instanceid")
    submission = record_of(row_of(NAMELESS), xml, (), lambda _name: household).submission
    assert isinstance(submission, Submission)
    assert submission.instance_id == NAMELESS


def test_an_edit_without_an_instance_id_is_not_given_that_of_the_first_version(household: Form) -> None:
    xml = sent_xml("072-openrosa-submission-no-instanceid")
    value = next(value for value in replied("147-odata-filter-including-deleted")["value"] if value["__id"] == NAMELESS)
    row = read_row({**value, "__system": {**value["__system"], "edits": 1}})
    assert isinstance(record_of(row, xml, (), lambda _name: household).submission, Unreadable)


def test_xml_that_central_took_cut_short_comes_as_unreadable_with_its_bytes(household: Form) -> None:
    xml = sent_xml("070-openrosa-submission-truncated-xml-accepted")
    unreadable = record_of(row_of(NAMELESS), xml, (), lambda _name: household).submission
    assert isinstance(unreadable, Unreadable)
    assert unreadable.raw == xml
    assert (unreadable.instance_id, unreadable.version) == (NAMELESS, "2026020101")
    assert "unclosed" not in unreadable.message.en


def test_a_record_whose_form_version_is_not_to_be_had_comes_as_unreadable() -> None:
    def form_of(name: str) -> Form:
        raise FormVersionUnknown(Bilingual(f"no {name}", f"pas de {name}"))

    unreadable = record_of(row_of(EDITED), edited_xml(), (), form_of).submission
    assert isinstance(unreadable, Unreadable)
    assert unreadable.message.en == "no 2026020101"


def test_a_list_of_files_of_another_shape_is_refused() -> None:
    with pytest.raises(SourceReplyUnexpected):
        media_of([{"filename": "photo1.jpg"}])
    with pytest.raises(SourceReplyUnexpected):
        media_of(None)
