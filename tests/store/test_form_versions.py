"""A form version's XForm is fixed; what it means may be saved anew, and nothing saved before is lost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from forms.errors import FormIncompatible, FormVersionUnknown
from store import schema
from store.deployments import Deployment, deployments, keep_deployment
from store.form_versions import (
    FormFile,
    FormState,
    FormVersion,
    find_form_version,
    form_ids,
    form_versions,
    keep_form_version,
    newest_form_version,
    set_state,
    state_of,
)
from store.kept import Store
from store.submissions import last_change

AT = datetime.fromisoformat("2026-01-05T08:30:00+00:00")
ROUNDS = FormFile("rounds.csv", "1" * 64, "2" * 32, 10)
AREAS = FormFile("areas.csv", "3" * 64, "4" * 32, 20)
FIRST = FormVersion(
    form_id="csp",
    version="2026-01",
    title="Perceptions de la communauté",
    xform=b"<h:html>first</h:html>",
    xform_md5="5" * 32,
    workbook=b"PK first",
    workbook_name="csp.xlsx",
    content_hash="hash 1",
    published_at=AT,
    files=(AREAS, ROUNDS),
)


def publish(store: Store, form: FormVersion) -> bool:
    return store.database.write(lambda connection: keep_form_version(connection, form))


def found(store: Store, version: str = "2026-01") -> FormVersion | None:
    with store.database.read() as connection:
        return find_form_version(connection, "csp", version)


def changes(store: Store) -> int:
    with store.database.read() as connection:
        return last_change(connection)


def test_a_form_version_comes_back_as_it_was_kept(store: Store):
    assert publish(store, FIRST)
    assert found(store) == FIRST
    assert found(store, "2026-02") is None


def test_publishing_the_same_again_keeps_nothing(store: Store):
    publish(store, FIRST)
    before = changes(store)
    assert not publish(store, replace(FIRST, published_at=AT + timedelta(days=1), workbook_name="copy of csp.xlsx"))
    assert not publish(store, replace(FIRST, files=(ROUNDS, AREAS)))
    assert found(store) == FIRST
    assert changes(store) == before


def test_the_same_version_with_other_questions_is_refused(store: Store):
    publish(store, FIRST)
    with pytest.raises(FormIncompatible, match="new version"):
        publish(store, replace(FIRST, xform=b"<h:html>other</h:html>"))
    assert found(store) == FIRST


def test_another_workbook_under_the_same_questions_is_a_new_state_and_the_newest_speaks(store: Store):
    publish(store, FIRST)
    before = changes(store)
    second = replace(FIRST, workbook=b"PK second", content_hash="hash 2", published_at=AT + timedelta(days=1))
    assert publish(store, second)
    assert found(store) == replace(second, published_at=AT)
    assert changes(store) > before
    # Back to the first workbook: that is the newest state again, and a third row.
    assert publish(store, FIRST)
    assert found(store) == FIRST
    with store.database.read() as connection:
        states = connection.execute(select(schema.workbook_states).order_by(schema.workbook_states.c.id)).all()
    assert [(state.workbook, state.saved_at) for state in states] == [
        (b"PK first", AT),
        (b"PK second", AT + timedelta(days=1)),
        (b"PK first", AT),
    ]


def test_other_bytes_of_a_file_are_a_new_state(store: Store):
    publish(store, FIRST)
    second = replace(FIRST, files=(AREAS, replace(ROUNDS, sha256="9" * 64, size=11)), content_hash="hash 2")
    assert publish(store, second)
    assert found(store) == second


def test_a_bare_xform_takes_nothing_away_from_a_workbook(store: Store):
    publish(store, FIRST)
    bare = replace(FIRST, workbook=None, workbook_name=None)
    assert not publish(store, bare)
    assert publish(store, replace(bare, files=(AREAS,), content_hash="hash 2"))
    assert found(store) == replace(FIRST, files=(AREAS,), content_hash="hash 2")


def test_a_bare_xform_is_kept_and_may_get_its_workbook_later(store: Store):
    bare = replace(FIRST, workbook=None, workbook_name=None, files=(), version="")
    assert publish(store, bare)
    assert found(store, "") == bare
    assert publish(store, replace(FIRST, version="", files=()))
    assert found(store, "") == replace(FIRST, version="", files=())


def test_versions_are_in_the_order_of_their_publication_and_the_newest_was_published_last(store: Store):
    third = replace(FIRST, version="10", published_at=AT + timedelta(days=2))
    second = replace(FIRST, version="9", published_at=AT + timedelta(days=1))
    other = replace(FIRST, form_id="another form", published_at=AT + timedelta(days=3))
    for form in (third, FIRST, other, second):
        publish(store, form)
    with store.database.read() as connection:
        assert form_versions(connection, "csp") == [FIRST, second, third]
        assert form_versions(connection) == [FIRST, second, third, other]
        assert form_versions(connection, "unknown") == []
        assert newest_form_version(connection, "csp") == third
        assert newest_form_version(connection, "unknown") is None
        assert form_ids(connection) == ("another form", "csp")


def test_a_version_is_closed_and_opened_by_itself(store: Store):
    publish(store, FIRST)
    publish(store, replace(FIRST, version="2"))
    store.database.write(lambda connection: set_state(connection, "csp", "2", FormState.CLOSING))
    with store.database.read() as connection:
        assert state_of(connection, "csp", "2") is FormState.CLOSING
        assert state_of(connection, "csp", "2026-01") is FormState.OPEN
        assert state_of(connection, "csp", "3") is None
    assert found(store, "2") == replace(FIRST, version="2", state=FormState.CLOSING)
    # Publishing again neither opens nor closes.
    publish(store, replace(FIRST, version="2", workbook=b"PK other"))
    kept = found(store, "2")
    assert kept is not None
    assert kept.state is FormState.CLOSING


def test_a_version_that_is_not_here_cannot_be_closed_or_deployed(store: Store):
    with pytest.raises(FormVersionUnknown, match="csp"):
        store.database.write(lambda connection: set_state(connection, "csp", "1", FormState.CLOSED))
    with pytest.raises(FormVersionUnknown, match="csp"):
        store.database.write(lambda connection: keep_deployment(connection, Deployment("csp", "1", "kobo", "aX", AT)))


def test_a_deployment_is_kept_once_under_the_id_that_its_source_gave(store: Store):
    publish(store, FIRST)
    publish(store, replace(FIRST, version="2"))
    kobo, central, second = (
        Deployment("csp", "2026-01", "kobo", "aXyz", AT),
        Deployment("csp", "2026-01", "central", "csp", AT),
        Deployment("csp", "2", "kobo", "aXyz", AT),
    )
    kept = [
        store.database.write(lambda connection, one=one: keep_deployment(connection, one))
        for one in (kobo, central, second, kobo)
    ]
    assert kept == [True, True, True, False]
    with store.database.read() as connection:
        assert deployments(connection) == [kobo, central, second]
        assert deployments(connection, "kobo") == [kobo, second]
