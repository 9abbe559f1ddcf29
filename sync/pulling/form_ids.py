"""Under which form id the records of a remote form are kept: what its author gave it, unless that is taken."""

from collections.abc import Iterator
from dataclasses import replace

from forms.text import Bilingual
from store.deployments import deployments
from store.form_versions import FormState, newest_form_version
from store.kept import Store
from store.mirror.states import PullState, begin_pulling, find_pull_state, pull_states
from sync.pulling import words
from sync.source import RemoteForm, Source


def begun(store: Store, source: Source, form: RemoteForm) -> PullState:
    """Return how far a form was pulled; with the first pull, its form id is settled for good."""
    with store.database.read() as connection:
        known = find_pull_state(connection, source.name, form.remote_id)
        if known is not None:
            return known
        deployed = [entry for entry in deployments(connection, source.name) if entry.remote_id == form.remote_id]
        taken = {other.form_id for other in pull_states(connection, source.name)}
    if deployed:
        form_id = deployed[-1].form_id
    else:
        # A clone on the server has the id of what it was cloned from, and is another survey.
        form_id = form.remote_id if form.proposed_form_id in taken else form.proposed_form_id
    return store.database.write(
        lambda connection: begin_pulling(connection, source.name, form.remote_id, form_id, form.title)
    )


def with_our_id(form: RemoteForm, form_id: str) -> RemoteForm:
    """Return the remote form under the id that its records are kept by."""
    return replace(form, proposed_form_id=form_id)


def remarks_on_id(store: Store, state: PullState, proposed: str) -> Iterator[Bilingual]:
    """Tell under which id the records are kept, where the one that the author gave is in use already."""
    with store.database.read() as connection:
        states = [other for other in pull_states(connection) if other.key != state.key]
        newest = newest_form_version(connection, state.form_id)
    if state.form_id != proposed:
        yield words.kept_apart(proposed, state.form_id, state.source)
    elif others := sorted({other.source for other in states if other.form_id == state.form_id}):
        yield words.joins(state.form_id, ", ".join(others))
    elif newest is not None and newest.state is FormState.OPEN:
        yield words.joins_ours(state.form_id)
