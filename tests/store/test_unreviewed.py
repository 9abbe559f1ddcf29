"""Which submissions wait for a reviewer, and of which version they are now."""

from datetime import datetime, timedelta

from forms.submission import Submission
from store.curation import delete_submission, set_review
from store.kept import Store
from store.kept_submissions import version_counts
from store.mirror.gone import mark_gone
from store.mirror.rows import add_row
from store.mirror.states import begin_pulling
from store.submissions import Arrival, keep
from store.unreviewed import count_unreviewed, unreviewed
from store.version_rows import find_version


def send(store: Store, at: datetime, name: str, *, version: str = "1", edits: str | None = None) -> None:
    submission = Submission("csp", version, name, edits, {}, name.encode())
    arrival = Arrival(submission, "openrosa", None, "awa", None, at)
    store.database.write(lambda connection: keep(connection, arrival))


def waiting(store: Store, limit: int = 50) -> list[str]:
    with store.database.read() as connection:
        return [one.root_id for one in unreviewed(connection, "csp", limit=limit)]


def test_what_has_no_review_or_was_edited_after_one_waits_and_the_newest_comes_first(store: Store, at: datetime):
    for hours, name in enumerate(("a", "b", "c", "d")):
        send(store, at + timedelta(hours=hours), name)
    store.database.write(lambda connection: set_review(connection, "csp", "a", "approved", at))
    store.database.write(lambda connection: set_review(connection, "csp", "b", "rejected", at))
    store.database.write(lambda connection: delete_submission(connection, "csp", "c", at))
    assert waiting(store) == ["d"]
    send(store, at + timedelta(days=1), "a2", edits="a")
    assert waiting(store) == ["d", "a"]
    assert waiting(store, limit=1) == ["d"]
    with store.database.read() as connection:
        assert count_unreviewed(connection, "csp") == 2
        assert count_unreviewed(connection, "other") == 0
        assert [(one.submitter, one.review, one.sources) for one in unreviewed(connection, "csp", limit=2)] == [
            ("awa", None, ()),
            ("awa", "edited", ()),
        ]


def test_the_servers_that_hold_a_submission_are_named_while_they_do(store: Store, at: datetime):
    send(store, at, "a")
    keys = []
    for source in ("kobo", "central"):
        state = store.database.write(lambda c, source=source: begin_pulling(c, source, "r", "csp", "CSP"))
        with store.database.read() as connection:
            version = find_version(connection, "csp", "a")
        assert version is not None
        noted = {"root_id": "a", "mark": "m", "submission_id": version.submission_id, "version_id": version.id}
        key = store.database.write(lambda c, state=state, noted=noted: add_row(c, state.key, "1", noted))
        keys.append((state.key, key))

    def sources() -> tuple[str, ...]:
        with store.database.read() as connection:
            (one,) = unreviewed(connection, "csp", limit=5)
        return one.sources

    assert sources() == ("central", "kobo")
    store.database.write(lambda connection: mark_gone(connection, keys[0][0], [keys[0][1]], at))
    assert sources() == ("central",)


def test_a_submission_counts_for_the_version_that_it_is_of_now(store: Store, at: datetime):
    for name, version in (("a", "1"), ("b", "1"), ("c", "2"), ("d", "2")):
        send(store, at, name, version=version)
    send(store, at, "a2", version="2", edits="a")
    store.database.write(lambda connection: delete_submission(connection, "csp", "d", at))
    with store.database.read() as connection:
        assert version_counts(connection) == {("csp", "1"): 1, ("csp", "2"): 2}
