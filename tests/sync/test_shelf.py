from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from forms.errors import FormVersionUnknown, XLSFormInvalid
from forms.form import Sensitivity
from store.form_versions import form_versions, keep_form_version
from store.kept import Store
from sync.publish import publish_here, publish_xform_here
from sync.shelf import Shelf

WORKBOOK = """
| survey |
| | type | name | label | sensitivity |
| | text | village | Village | {sensitivity} |
| | integer | age | Age | open |
| settings |
| | form_title | form_id | version |
| | Water | water | {version} |
"""


def publish(store: Store, at: datetime, version: str = "1", sensitivity: str = "quasi") -> None:
    raw = WORKBOOK.format(version=version, sensitivity=sensitivity).encode()
    publish_here(store, raw, "water.md", {}, at=at)


def test_what_is_not_published_is_unknown(shelf: Shelf):
    with pytest.raises(FormVersionUnknown, match="No form water is published"):
        shelf.newest("water")
    with pytest.raises(FormVersionUnknown, match="No version '1' of form water"):
        shelf.form("water", "1")
    assert shelf.as_published("water", "1") is None
    assert shelf.versions("water") == ()
    assert shelf.form_ids() == ()


def test_a_form_is_joined_with_what_its_workbook_adds(store: Store, shelf: Shelf, at: datetime):
    publish(store, at)
    assert shelf.newest("water").by_name["village"].sensitivity is Sensitivity.QUASI
    assert shelf.form("water", "1") == shelf.newest("water")


def test_what_reads_submissions_is_the_xform_alone(store: Store, shelf: Shelf, at: datetime):
    publish(store, at)
    form = shelf.as_published("water", "1")
    assert form is not None
    assert form.by_name["village"].sensitivity is Sensitivity.IDENTIFIER
    assert shelf.as_published("water", "1") is form


def test_versions_come_oldest_first(store: Store, shelf: Shelf, at: datetime):
    publish(store, at, version="2")
    publish(store, at + timedelta(days=1), version="1")
    assert [form.version for form in shelf.versions("water")] == ["2", "1"]
    assert shelf.newest("water").version == "1"


def test_an_older_workbook_against_a_rule_that_came_since_does_not_hide_the_newest(
    store: Store, shelf: Shelf, at: datetime
):
    publish(store, at, version="1", sensitivity="sensitive")
    with store.database.read() as connection:
        (old,) = form_versions(connection)
    against = old.workbook + b"| codebook |\n| | name | label |\n| | two words | Theme |\n"
    stale = replace(old, workbook=against, content_hash="stale")
    store.database.write(lambda connection: keep_form_version(connection, stale))
    with pytest.raises(XLSFormInvalid, match="two words"):
        shelf.newest("water")

    publish(store, at + timedelta(days=1), version="2")

    older, newest = shelf.versions("water")
    assert older.by_name["village"].sensitivity is Sensitivity.SENSITIVE
    assert newest.by_name["village"].sensitivity is Sensitivity.QUASI


def test_a_form_is_parsed_once_until_it_changes(store: Store, shelf: Shelf, at: datetime):
    publish(store, at)
    first = shelf.newest("water")
    assert shelf.newest("water") is first
    publish(store, at + timedelta(days=1), sensitivity="open")
    assert shelf.newest("water").by_name["village"].sensitivity is Sensitivity.OPEN


def test_a_form_that_another_process_publishes_is_seen(store: Store, shelf: Shelf, at: datetime):
    publish(store, at)
    assert [form.version for form in shelf.versions("water")] == ["1"]
    publish(store, at + timedelta(days=1), version="2")
    assert [form.version for form in shelf.versions("water")] == ["1", "2"]
    assert Shelf(store).newest("water") == shelf.newest("water")


def test_all_forms_are_listed_by_id(store: Store, shelf: Shelf, household: bytes, at: datetime):
    publish(store, at)
    publish_xform_here(store, household, {}, at=at)
    assert shelf.form_ids() == ("household", "water")


def test_older_versions_carry_the_newest_interpretation(store: Store, shelf: Shelf, at: datetime):
    publish(store, at)
    publish(store, at + timedelta(days=1), version="2")
    older, newest = shelf.versions("water")
    assert older.interpretation is newest.interpretation
    assert older.xform != newest.xform
