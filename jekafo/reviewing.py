"""Reviews pushed to the servers that hold a submission, and kept here as those servers then have them."""

from collections.abc import Sequence
from dataclasses import dataclass

from forms.errors import FormError, JekafoError
from forms.text import Bilingual
from jekafo.sources.settings import ConfiguredSources
from store.audit import record
from store.curation import set_review
from store.database import Connection
from store.deployments import deployments
from store.errors import SubmissionUnknown
from store.form_versions import form_ids
from store.kept import Store
from store.kept_submissions import counts, roots_beginning
from store.mirror.records import mirrored_by_root
from store.mirror.states import pull_states
from sync.known_forms import pulled_form
from sync.source import RemoteForm, Review
from sync.sources import connect
from sync.wires import Wires

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """A record of a source that is this submission."""

    source: str
    form: RemoteForm
    remote_id: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a review at one holder. held: what the server has now; error: why it could not be set."""

    source: str
    held: Review | None
    error: JekafoError | None = None


class FormUnknown(FormError):
    """No form of that id is kept here."""


def form_named(store: Store, text: str) -> str:
    """Return the id of the form here that has this id, here or on a source. Raises FormUnknown."""
    with store.database.read() as connection:
        ours = {*form_ids(connection), *counts(connection)}
        there = {state.form_id for state in pull_states(connection) if state.remote_id == text}
        there |= {deployed.form_id for deployed in deployments(connection) if deployed.remote_id == text}
    if text in ours:
        return text
    if len(there) == 1:
        return there.pop()
    raise FormUnknown(_no_form(text, sorted(there or ours)))


def root_named(store: Store, form_id: str, text: str) -> str:
    """Return the root id that is the text, or the only one that begins so; `uuid:` may be left out.

    Raises SubmissionUnknown for none or several.
    """
    with store.database.read() as connection:
        found = {
            root_id
            for prefix in (text, f"uuid:{text}")
            for root_id in roots_beginning(connection, form_id, prefix, limit=_LISTED + 1)
        }
    exact = found & {text, f"uuid:{text}"}
    if len(exact or found) == 1:
        return (exact or found).pop()
    raise SubmissionUnknown(_several(form_id, text, sorted(found)) if found else _none(form_id, text))


def holders(connection: Connection, form_id: str, root_id: str) -> list[Holder]:
    """Return the records of sources that are this submission, those that are gone left out."""
    return [
        Holder(state.source, pulled_form(state), row.remote_id)
        for state in pull_states(connection)
        if state.form_id == form_id
        for row in mirrored_by_root(connection, state.key, [root_id])
        if not row.is_gone
    ]


def push_review(
    store: Store, sources: ConfiguredSources, form_id: str, root_id: str, review: Review | None, wires: Wires
) -> Sequence[Pushed]:
    """Set the review where the submission is held, and keep here what the servers have then; one report a holder.

    What no server holds is ours: its review is set here and the result is empty. Where servers end up with different
    reviews, the last one that took it speaks.
    """
    with store.database.read() as connection:
        held_by = holders(connection, form_id, root_id)
    pushed = [_push(sources, holder, review, wires) for holder in held_by]
    taken = [one.held for one in pushed if one.error is None] if held_by else [review]
    if taken:
        now = taken[-1] and taken[-1].value

        def keep(connection: Connection) -> None:
            at = wires.clock()
            set_review(connection, form_id, root_id, now, at)
            detail = {"review": now, "sources": [one.source for one in pushed if one.error is None]}
            record(connection, "command line", "submission.review", f"{form_id} {root_id}", at, detail)

        store.database.write(keep)
    return pushed


def _push(sources: ConfiguredSources, holder: Holder, review: Review | None, wires: Wires) -> Pushed:
    try:
        source = connect(sources.named(holder.source).for_connecting(), wires)
        return Pushed(holder.source, source.review(holder.form, holder.remote_id, review))
    except JekafoError as error:
        return Pushed(holder.source, None, error)


def _no_form(text: str, known: Sequence[str]) -> Bilingual:
    if not known:
        return Bilingual(
            f"There is no form {text} here, nor any other.", f"Il n'y a pas de formulaire {text} ici, ni aucun autre."
        )
    listed = ", ".join(known)
    return Bilingual(
        f"There is no form {text} here. Forms: {listed}.",
        f"Il n'y a pas de formulaire {text} ici. Formulaires : {listed}.",
    )


def _none(form_id: str, text: str) -> Bilingual:
    return Bilingual(
        f"Form {form_id} holds no submission whose id begins with {text}. Check form and id.",
        f"Le formulaire {form_id} ne contient aucune soumission dont l'identifiant commence par {text}. Vérifiez le "
        "formulaire et l'identifiant.",
    )


def _several(form_id: str, text: str, found: Sequence[str]) -> Bilingual:
    listed = ", ".join(found[:_LISTED]) + (" …" if len(found) > _LISTED else "")
    return Bilingual(
        f"Form {form_id} holds several submissions whose id begins with {text}: {listed}. Type more of it.",
        f"Le formulaire {form_id} contient plusieurs soumissions dont l'identifiant commence par {text} : {listed}. "
        "Tapez-en davantage.",
    )
