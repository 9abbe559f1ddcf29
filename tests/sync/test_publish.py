import hashlib
from datetime import datetime, timedelta

import pytest

from forms.errors import FormIncompatible, XLSFormInvalid
from forms.form import Sensitivity
from store.form_versions import find_form_version, form_versions
from store.kept import Store
from sync.errors import FormFilesMissing
from sync.publish import publish_here, publish_xform_here
from sync.shelf import Shelf

SETTINGS = """
| settings |
| | form_title | form_id | version |
| | Water | water | {version} |
"""


def workbook(*questions: str, version: str = "1") -> bytes:
    """A workbook as Markdown; each question `type | name | label | sensitivity`."""
    rows = "".join(f"| | {question} |\n" for question in questions)
    return f"| survey |\n| | type | name | label | sensitivity |\n{rows}{SETTINGS.format(version=version)}".encode()


VILLAGE = "text | village | Village | quasi"
VILLAGE_OPEN = "text | village | Village | open"
FROM_FILE = "select_one_from_file wells.csv | well | Well | open"
WELLS = b"name,label\nw1,Upper well\n"


def test_a_workbook_is_kept_whole_with_the_form_it_compiles_to(store: Store, at: datetime):
    raw = workbook(VILLAGE, FROM_FILE)
    published = publish_here(store, raw, "water.md", {"wells.csv": WELLS}, at=at)
    assert (published.form.form_id, published.form.version, published.is_new, published.released) == (
        "water",
        "1",
        True,
        0,
    )
    with store.database.read() as connection:
        kept = find_form_version(connection, "water", "1")
    assert kept is not None
    assert (kept.workbook, kept.workbook_name, kept.title, kept.published_at) == (raw, "water.md", "Water", at)
    assert kept.xform == published.form.xform
    assert kept.xform_md5 == hashlib.md5(kept.xform).hexdigest()  # noqa: S324 - OpenRosa's hash
    [file] = kept.files
    assert (file.name, file.size, store.media.path(file.sha256).read_bytes()) == ("wells.csv", len(WELLS), WELLS)


def test_the_same_again_is_nothing_new(store: Store, at: datetime):
    publish_here(store, workbook(VILLAGE), "water.md", {}, at=at)
    assert not publish_here(store, workbook(VILLAGE), "water.md", {}, at=at + timedelta(days=1)).is_new


def test_another_interpretation_of_a_version_is_kept_and_leaves_the_xform_as_it_is(store: Store, at: datetime):
    first = publish_here(store, workbook(VILLAGE), "water.md", {}, at=at)
    second = publish_here(store, workbook(VILLAGE_OPEN), "water.md", {}, at=at + timedelta(days=1))
    assert second.is_new
    assert second.form.xform == first.form.xform
    with store.database.read() as connection:
        assert len(form_versions(connection)) == 1
    assert Shelf(store).newest("water").by_name["village"].sensitivity is Sensitivity.OPEN


def test_other_questions_under_a_version_that_is_out_are_refused(store: Store, at: datetime):
    publish_here(store, workbook(VILLAGE), "water.md", {}, at=at)
    with pytest.raises(FormIncompatible):
        publish_here(store, workbook(VILLAGE, "integer | age | Age | open"), "water.md", {}, at=at)
    assert publish_here(store, workbook(VILLAGE, "integer | age | Age | open", version="2"), "w.md", {}, at=at).is_new


def test_a_form_without_a_file_that_it_names_is_refused(store: Store, at: datetime):
    with pytest.raises(FormFilesMissing, match=r"wells\.csv") as caught:
        publish_here(store, workbook(FROM_FILE), "water.md", {}, at=at)
    assert caught.value.names == ("wells.csv",)
    with store.database.read() as connection:
        assert not form_versions(connection)


def test_a_new_interpretation_keeps_the_files_of_its_version_and_a_new_version_does_not(store: Store, at: datetime):
    publish_here(store, workbook(VILLAGE, FROM_FILE), "water.md", {"wells.csv": WELLS}, at=at)
    assert publish_here(store, workbook(VILLAGE_OPEN, FROM_FILE), "water.md", {}, at=at).is_new
    with store.database.read() as connection:
        kept = find_form_version(connection, "water", "1")
    assert kept is not None
    assert [file.name for file in kept.files] == ["wells.csv"]
    with pytest.raises(FormFilesMissing):
        publish_here(store, workbook(VILLAGE, FROM_FILE, version="2"), "water.md", {}, at=at)


def test_a_file_may_change_without_a_new_version(store: Store, at: datetime):
    raw = workbook(FROM_FILE)
    publish_here(store, raw, "water.md", {"wells.csv": WELLS}, at=at)
    longer = WELLS + b"w2,Lower well\n"
    assert publish_here(store, raw, "water.md", {"wells.csv": longer}, at=at + timedelta(days=1)).is_new
    with store.database.read() as connection:
        kept = find_form_version(connection, "water", "1")
    assert kept is not None
    assert [store.media.path(file.sha256).read_bytes() for file in kept.files] == [longer]


def test_a_workbook_that_does_not_compile_is_refused_and_nothing_is_kept(store: Store, at: datetime):
    with pytest.raises(XLSFormInvalid):
        publish_here(store, workbook("no_such_type | village | Village | open"), "water.md", {}, at=at)
    with store.database.read() as connection:
        assert not form_versions(connection)


def test_a_bare_xform_is_published_as_it_is(store: Store, household: bytes, at: datetime):
    published = publish_xform_here(store, household, {}, at=at)
    assert published.is_new
    with store.database.read() as connection:
        kept = find_form_version(connection, "household", "2026030101")
    assert kept is not None
    assert (kept.xform, kept.workbook, kept.title) == (household, None, "Household & water")
    assert not publish_xform_here(store, household, {}, at=at).is_new
