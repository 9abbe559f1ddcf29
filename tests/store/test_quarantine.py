"""What cannot be kept as a submission is set aside whole, once, with its reason, until its cause is mended."""

import os
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.submission import Attachment
from forms.text import Bilingual
from store.kept import Store
from store.quarantine import Quarantined, find_quarantined, reasons, release, set_aside, waiting

AT = datetime.fromisoformat("2026-01-05T08:30:00+00:00")
PHOTO = Attachment("photo.jpg", "a" * 64, 3, "image/jpeg")
VOICE = Attachment("voice.m4a", "b" * 64, 4)
UNKNOWN_FORM = Quarantined(
    raw=b'<csp id="csp" version="3"/>',
    reason="form_unknown",
    message=Bilingual("not known here", "pas connu ici"),
    submitter="awa",
    device_id="tablet 7",
    at=AT,
    form_id="csp",
    version="3",
    instance_id="uuid:1",
    attachments=(PHOTO,),
)


def aside(store: Store, quarantined: Quarantined) -> int:
    return store.database.write(lambda connection: set_aside(connection, quarantined))


def test_what_is_set_aside_comes_back_whole(store: Store):
    key = aside(store, UNKNOWN_FORM)
    with store.database.read() as connection:
        assert waiting(connection) == [replace(UNKNOWN_FORM, id=key)]
        assert find_quarantined(connection, key) == replace(UNKNOWN_FORM, id=key)
        assert find_quarantined(connection, key + 1) is None


def test_the_same_bytes_for_the_same_reason_are_kept_once_and_counted(store: Store):
    key = aside(store, UNKNOWN_FORM)
    later = replace(UNKNOWN_FORM, at=AT + timedelta(hours=1), attachments=(PHOTO, VOICE))
    assert [aside(store, later), aside(store, later)] == [key, key]
    with store.database.read() as connection:
        assert waiting(connection) == [replace(UNKNOWN_FORM, id=key, times=3, attachments=(PHOTO, VOICE))]


def test_the_same_bytes_for_another_reason_are_another_case(store: Store):
    assert aside(store, UNKNOWN_FORM) != aside(store, replace(UNKNOWN_FORM, reason="answers_differ"))


def test_what_waits_is_found_by_form_version_and_edited_submission(store: Store):
    other_version = aside(store, replace(UNKNOWN_FORM, raw=b"2", version=""))
    other_form = aside(store, replace(UNKNOWN_FORM, raw=b"3", form_id="fgd"))
    edit = aside(store, replace(UNKNOWN_FORM, raw=b"4", reason="edit_of_unknown", deprecated_id="uuid:0"))
    noise = aside(store, replace(UNKNOWN_FORM, raw=b"5", form_id=None, version=None, instance_id=None))

    def ids(*what: str, **which: str) -> list[int]:
        with store.database.read() as connection:
            return [one.id for one in waiting(connection, *what, **which)]

    assert ids() == [other_version, other_form, edit, noise]
    assert ids("csp") == [other_version, edit]
    assert ids("csp", "") == [other_version]
    assert ids("csp", "3") == [edit]
    assert ids("csp", deprecated_id="uuid:0") == [edit]
    assert ids("unknown") == []


def test_what_is_released_waits_no_longer_and_is_still_here(store: Store):
    key = aside(store, UNKNOWN_FORM)
    store.database.write(lambda connection: release(connection, key, AT))
    with store.database.read() as connection:
        assert waiting(connection) == []
        assert find_quarantined(connection, key) == replace(UNKNOWN_FORM, id=key)


def test_what_was_released_and_comes_again_for_the_same_reason_waits_again(store: Store):
    key = aside(store, UNKNOWN_FORM)
    store.database.write(lambda connection: release(connection, key, AT))
    assert aside(store, UNKNOWN_FORM) == key
    with store.database.read() as connection:
        assert [one.id for one in waiting(connection)] == [key]


@pytest.mark.parametrize(
    "crooked",
    [
        replace(UNKNOWN_FORM, raw=b""),
        replace(UNKNOWN_FORM, raw=bytes(range(256)) * 20_000),
        replace(UNKNOWN_FORM, form_id="f" * 100_000, version="v" * 100_000, deprecated_id=os.urandom(50_000).hex()),
        replace(UNKNOWN_FORM, form_id="\0", version="\ud800", instance_id="'; DROP TABLE quarantine; --"),
        replace(UNKNOWN_FORM, attachments=(replace(PHOTO, name=os.urandom(50_000).hex()),)),
        replace(UNKNOWN_FORM, attachments=(replace(PHOTO, name="ph\0to"), replace(PHOTO, name="ph\0to"))),
    ],
    ids=["empty", "5 MB", "long ids", "no database text", "long file name", "twice NUL"],
)
def test_the_quarantine_takes_anything(store: Store, crooked: Quarantined):
    assert aside(store, crooked) == aside(store, crooked)
    with store.database.read() as connection:
        (kept,) = waiting(connection)
    assert kept.raw == crooked.raw
    assert len(kept.attachments) == 1


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200), texts=st.lists(st.none() | st.text(max_size=20), min_size=6, max_size=6))
def test_no_noise_is_refused(sqlite_store: Store, raw: bytes, texts: list[str | None]):
    form_id, version, instance_id, deprecated_id, submitter, device_id = texts
    noise = Quarantined(
        raw=raw,
        reason="malformed",
        message=Bilingual("noise", "bruit"),
        submitter=submitter,
        device_id=device_id,
        at=AT,
        form_id=form_id,
        version=version,
        instance_id=instance_id,
        deprecated_id=deprecated_id,
    )
    key = aside(sqlite_store, noise)
    with sqlite_store.database.read() as connection:
        kept = find_quarantined(connection, key)
    assert kept is not None
    assert kept.raw == raw


def test_why_submissions_wait_is_told_by_form_and_reason_with_how_many(store: Store):
    released = aside(store, replace(UNKNOWN_FORM, raw=b"0"))
    for raw, form_id in ((b"1", "csp"), (b"2", "csp"), (b"3", "fgd")):
        aside(store, replace(UNKNOWN_FORM, raw=raw, form_id=form_id))
    store.database.write(lambda connection: release(connection, released, AT))
    with store.database.read() as connection:
        everything, of_one = reasons(connection), reasons(connection, "fgd")
    assert [(cause.form_id, cause.reason, cause.submissions) for cause in everything] == [
        ("csp", "form_unknown", 2),
        ("fgd", "form_unknown", 1),
    ]
    assert [(cause.submissions, cause.message) for cause in of_one] == [(1, UNKNOWN_FORM.message)]
