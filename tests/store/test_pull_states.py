"""How far forms were pulled, what hooks hinted at, and what records of a source mean by the name of a version."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from forms.errors import FormVersionUnknown, SubmissionMalformed
from forms.text import Bilingual
from store.database import Connection
from store.deployments import Deployment, deployments, find_deployed_version, keep_deployment
from store.form_versions import FormVersion, keep_form_version
from store.kept import Store
from store.mirror.hints import MOST_WAITING, Hint, drop_hints, hints, note_hint
from store.mirror.states import (
    PullState,
    begin_pulling,
    find_pull_state,
    note_failed,
    note_pulled,
    note_succeeded,
    pull_states,
)


def begin(store: Store, source: str = "kobo", remote_id: str = "aB1", title: str = "CSP") -> PullState:
    return store.database.write(lambda connection: begin_pulling(connection, source, remote_id, "csp", title))


def test_a_form_is_begun_once_and_keeps_its_id_and_cursor(store: Store, at: datetime):
    begun = begin(store)
    assert begun == PullState(begun.key, "kobo", "aB1", "csp", "CSP", None, None, None)
    store.database.write(lambda connection: note_pulled(connection, begun.key, cursor="c1", at=at, swept=True))
    again = store.database.write(lambda connection: begin_pulling(connection, "kobo", "aB1", "other", "CSP 2026"))
    assert again == replace(begun, title="CSP 2026", cursor="c1", pulled_at=at, swept_at=at)
    with store.database.read() as connection:
        assert find_pull_state(connection, "kobo", "aB1") == again
        assert find_pull_state(connection, "central", "aB1") is None


def test_a_pull_that_did_not_sweep_leaves_the_time_of_the_last_sweep(store: Store, at: datetime):
    key = begin(store).key
    later = at + timedelta(hours=1)
    store.database.write(lambda connection: note_pulled(connection, key, cursor="c1", at=at, swept=True))
    store.database.write(lambda connection: note_pulled(connection, key, cursor=None, at=later, swept=False))
    with store.database.read() as connection:
        (state,) = pull_states(connection)
    assert (state.cursor, state.pulled_at, state.swept_at) == (None, later, at)


def test_failures_are_kept_with_the_first_time_and_the_last_reason_until_a_pull_succeeds(store: Store, at: datetime):
    begun = begin(store)
    away, refused = Bilingual("away", "absent"), Bilingual("refused\0", "refusé")
    hour = timedelta(hours=1)

    def state() -> PullState:
        with store.database.read() as connection:
            (one,) = pull_states(connection)
        return one

    def fail(message: Bilingual, when: datetime, remote_id: str = "aB1") -> None:
        store.database.write(lambda connection: note_failed(connection, "kobo", remote_id, message, when))

    fail(away, at)
    fail(refused, at + hour)
    fail(away, at + 2 * hour, "never begun")
    kept = Bilingual("refused\ufffd", "refusé")
    assert state() == replace(begun, tried_at=at + hour, failed_since=at, failure=kept)
    needed = (Bilingual("Ask for the right.", "Demandez le droit."),)
    store.database.write(lambda connection: note_succeeded(connection, "kobo", "aB1", needed, at + 3 * hour))
    assert state() == replace(begun, tried_at=at + 3 * hour, needs_person=needed)
    fail(away, at + 4 * hour)
    assert state() == replace(
        begun, tried_at=at + 4 * hour, failed_since=at + 4 * hour, failure=away, needs_person=needed
    )


def test_states_are_listed_by_source_in_the_order_they_were_begun(store: Store):
    for source, remote_id in (("kobo", "b"), ("central", "1/a"), ("kobo", "a")):
        begin(store, source, remote_id)
    with store.database.read() as connection:
        assert [state.remote_id for state in pull_states(connection)] == ["b", "1/a", "a"]
        assert [state.remote_id for state in pull_states(connection, "kobo")] == ["b", "a"]


def test_a_hint_waits_once_until_it_is_dropped(store: Store, at: datetime):
    def note(root_id: str, source: str = "kobo") -> bool:
        return store.database.write(lambda connection: note_hint(connection, source, "aB1", root_id, at))

    assert [note("uuid:1"), note("uuid:2"), note("uuid:1"), note("uuid:1", "other")] == [True, True, False, True]
    with store.database.read() as connection:
        waiting = hints(connection, "kobo")
        assert len(hints(connection)) == 3
    assert waiting == [
        Hint(waiting[0].key, "kobo", "aB1", "uuid:2", at),
        Hint(waiting[1].key, "kobo", "aB1", "uuid:1", at),
    ]
    store.database.write(lambda connection: drop_hints(connection, [hint.key for hint in waiting]))
    with store.database.read() as connection:
        assert [hint.source for hint in hints(connection)] == ["other"]


def test_a_hint_that_comes_while_the_same_one_is_looked_at_is_not_dropped_with_it(store: Store, at: datetime):
    def note() -> bool:
        return store.database.write(lambda connection: note_hint(connection, "kobo", "aB1", "uuid:1", at))

    note()
    with store.database.read() as connection:
        looked_at = [hint.key for hint in hints(connection)]
    assert note() is False
    store.database.write(lambda connection: drop_hints(connection, looked_at))
    with store.database.read() as connection:
        assert [hint.root_id for hint in hints(connection)] == ["uuid:1"]


def test_a_hint_of_no_usual_length_is_refused_and_a_crooked_one_kept(store: Store, at: datetime):
    with pytest.raises(SubmissionMalformed):
        store.database.write(lambda connection: note_hint(connection, "kobo", "aB1", "x" * 1001, at))
    assert store.database.write(lambda connection: note_hint(connection, "kobo", "aB1", "x\0", at))
    assert not store.database.write(lambda connection: note_hint(connection, "kobo", "aB1", "x\0", at))


@pytest.fixture
def published(store: Store, at: datetime) -> Store:
    for version in ("1", "2"):
        form = FormVersion("csp", version, "CSP", f"<h:html>{version}</h:html>".encode(), "0" * 32, None, None, "h", at)
        store.database.write(lambda connection, form=form: keep_form_version(connection, form))
    return store


def test_a_version_may_be_deployed_again_under_another_name(published: Store, at: datetime):
    first = Deployment("csp", "1", "kobo", "aB1", at, "vA", "hash")
    again = replace(first, remote_version="vB", content_hash=None)
    unnamed = replace(first, remote_version=None)

    def note(deployment: Deployment) -> bool:
        return published.database.write(lambda connection: keep_deployment(connection, deployment))

    assert [note(one) for one in (first, again, first, unnamed, unnamed)] == [True, True, False, True, False]
    with published.database.read() as connection:
        assert deployments(connection) == [first, again, unnamed]
        assert deployments(connection, "central") == []
        for name in ("vA", "vB"):
            assert find_deployed_version(connection, "kobo", "aB1", name) == ("csp", "1")
        assert find_deployed_version(connection, "kobo", "aB1", "vC") is None
        assert find_deployed_version(connection, "kobo", "aB2", "vA") is None
        assert find_deployed_version(connection, "central", "aB1", "vA") is None
    with pytest.raises(FormVersionUnknown):
        note(replace(first, version="3"))


def test_a_name_noted_for_two_versions_means_the_one_noted_last(published: Store, at: datetime):
    for version in ("2", "1"):
        deployment = Deployment("csp", version, "kobo", "aB1", at, "vA")
        published.database.write(lambda connection, one=deployment: keep_deployment(connection, one))
    with published.database.read() as connection:
        assert find_deployed_version(connection, "kobo", "aB1", "vA") == ("csp", "1")


def test_more_hints_than_anybody_has_records_become_one_of_the_form_as_a_whole(store: Store, at: datetime):
    def flood(connection: Connection) -> None:
        note_hint(connection, "kobo", "other", "uuid:1", at)
        for number in range(MOST_WAITING + 1):
            note_hint(connection, "kobo", "aB1", f"uuid:{number}", at)

    store.database.write(flood)
    with store.database.read() as connection:
        assert [(hint.remote_id, hint.root_id) for hint in hints(connection)] == [("other", "uuid:1"), ("aB1", "")]
