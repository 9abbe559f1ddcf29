"""The forms of a source that this project knows: those that were pulled from it, or published to it."""

from store.database import Connection
from store.deployments import deployments
from store.form_versions import newest_form_version
from store.mirror.states import PullState, pull_states
from sync.source import RemoteForm


def known_forms(connection: Connection, source: str) -> tuple[RemoteForm, ...]:
    """Return the forms of a source that were pulled before or published to it, under the ids that they have here."""
    known = {state.remote_id: pulled_form(state) for state in pull_states(connection, source)}
    for deployed in deployments(connection, source):
        if deployed.remote_id not in known:
            version = newest_form_version(connection, deployed.form_id)
            title = version.title if version is not None else deployed.form_id
            known[deployed.remote_id] = RemoteForm(deployed.remote_id, deployed.form_id, title, None)
    return tuple(known.values())


def pulled_form(state: PullState) -> RemoteForm:
    """Return the form of a source as it was pulled, under the id that it has here."""
    return RemoteForm(state.remote_id, state.form_id, state.title, None)
