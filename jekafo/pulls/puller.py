"""Pulling from the sources of a project: which forms are meant, and each of them once, whatever becomes of the others.

How one form is pulled is `sync.pull`; what is said about it is `jekafo.pulls.words`.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from forms.errors import JekafoError
from forms.text import Bilingual
from jekafo.pulls.lock import PullRunning, only_pull
from jekafo.sources.configured import ConfiguredSource
from store.database import Connection
from store.errors import StoreError
from store.kept import Store
from store.mirror.records import count_mirrored
from store.mirror.states import find_pull_state, note_failed, note_succeeded
from sync.errors import SourceError, SourceUnavailable, SourceUnknown
from sync.known_forms import known_forms
from sync.pull import Media, Progress, PullPlan, PullReport, Stage, pull_form
from sync.source import RemoteForm, Source
from sync.sources import connect
from sync.wires import Wires


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to pull. forms: ids there or here; none: the forms that were pulled before. everything: all that is there.

    media: instead of what each source says.
    """

    forms: tuple[str, ...] = ()
    everything: bool = False
    media: Media | None = None
    sweep: bool = False


@dataclass(frozen=True, slots=True)
class Pulled:
    """What became of a form. report None: it failed, and error says why; then what was kept until there stays kept."""

    source: str
    form: RemoteForm
    report: PullReport | None
    error: JekafoError | None = None


@dataclass(frozen=True, slots=True)
class Unpulled:
    """A source of which nothing was pulled: it could not be asked, or nobody has said yet what to take of it.

    forms: to choose from.
    """

    source: str
    error: JekafoError | None = None
    forms: tuple[RemoteForm, ...] = ()


class Display(Protocol):
    """Shows how far a pull is."""

    def form(self, source: str, form: RemoteForm, held: int | None) -> AbstractContextManager[Progress]:
        """Show one form's pull as long as the context lasts. held: how many records we had of it, None where none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which forms of a source to pull. found: which of the ids asked for it has.

    to_choose_from: all its forms, where nobody has said which to pull; else None.
    """

    forms: tuple[RemoteForm, ...]
    found: frozenset[str] = frozenset()
    to_choose_from: tuple[RemoteForm, ...] | None = None


@dataclass(frozen=True, slots=True)
class Puller:
    """Pulls into one project, and keeps how it went for `status`. Sources stay connected from one round to the next.

    found: the ids asked for that some source had, in this round or an earlier one. chosen: what ids asked for by name
    mean on a source, so that polling does not list its forms again and again.
    """

    folder: Path
    store: Store
    wires: Wires
    display: Display
    connected: dict[str, Source] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)
    chosen: dict[tuple[str, tuple[str, ...]], Choice] = field(default_factory=dict)

    def round(self, sources: Sequence[ConfiguredSource], wanted: Wanted) -> Iterator[Pulled | Unpulled]:
        """Pull what is wanted of each source, one form after the other; a failure is told and stops no other source.

        A form that was asked for by id, and that none of the sources has, is told as well.
        """
        asked_all = True
        for configured in sources:
            try:
                source = self._connect(configured)
                choice = self._choice(source, wanted)
            except JekafoError as error:
                asked_all = False
                if isinstance(error, SourceError) and not isinstance(error, SourceUnknown):
                    self._note_failed(configured.name, self._known(configured.name), error)
                yield Unpulled(configured.name, error)
                continue
            self.found.update(choice.found)
            if choice.to_choose_from is not None:
                yield Unpulled(configured.name, forms=choice.to_choose_from)
            yield from self._forms(configured, source, choice.forms, wanted)
        missing = [form for form in wanted.forms if form not in self.found]
        if missing and asked_all:
            yield Unpulled(", ".join(source.name for source in sources), _no_such_forms(missing, sources))

    def _choice(self, source: Source, wanted: Wanted) -> Choice:
        meant = self.chosen.get((source.name, wanted.forms))
        if meant is not None:
            return meant
        choice = chosen_forms(self.store, source, wanted)
        if wanted.forms and not wanted.everything and choice.found == frozenset(wanted.forms):
            self.chosen[source.name, wanted.forms] = choice
        return choice

    def _connect(self, configured: ConfiguredSource) -> Source:
        if configured.name not in self.connected:
            self.connected[configured.name] = connect(configured.for_connecting(), self.wires)
        return self.connected[configured.name]

    def _forms(
        self, configured: ConfiguredSource, source: Source, forms: Sequence[RemoteForm], wanted: Wanted
    ) -> Iterator[Pulled]:
        plan = PullPlan(media=wanted.media or Media(configured.media), sweep=wanted.sweep)
        for position, form in enumerate(forms):
            try:
                report = self._pull(source, form, plan)
            except SourceUnavailable as error:
                self._note_failed(source.name, forms[position:], error)
                yield Pulled(source.name, form, None, error)
                return  # the others would wait for the same server in vain
            except JekafoError as error:
                self._note_failed(source.name, (form,), error)
                yield Pulled(source.name, form, None, error)
            else:
                self._note_succeeded(report)
                yield Pulled(source.name, form, report)

    def _known(self, source: str) -> tuple[RemoteForm, ...]:
        with self.store.database.read() as connection:
            return known_forms(connection, source)

    def _note_succeeded(self, report: PullReport) -> None:
        at = self.wires.clock()
        self.store.database.write(
            lambda connection: note_succeeded(connection, report.source, report.remote_id, report.needs_person, at)
        )

    def _note_failed(self, source: str, forms: Sequence[RemoteForm], error: JekafoError) -> None:
        # A pull that runs elsewhere has not failed; a database that failed takes no note of it.
        if isinstance(error, (PullRunning, StoreError)):
            return
        at = self.wires.clock()

        def note(connection: Connection) -> None:
            for form in forms:
                note_failed(connection, source, form.remote_id, error.message, at)

        self.store.database.write(note)

    def _pull(self, source: Source, form: RemoteForm, plan: PullPlan) -> PullReport:
        held = held_of(self.store, source.name, form.remote_id)
        with (
            only_pull(
                self.folder,
                source=source.name,
                remote_id=form.remote_id,
                title=form.title,
                clock=self.wires.clock,
                sleep=self.wires.sleep,
            ) as lock,
            self.display.form(source.name, form, held) as show,
        ):

            def progress(stage: Stage, done: int, total: int | None) -> None:
                lock.note(stage, done, total)
                show(stage, done, total)

            return pull_form(self.store, source, form, plan, self.wires, progress)


def chosen_forms(store: Store, source: Source, wanted: Wanted) -> Choice:
    """Return the forms to pull. The server is asked for its forms only where what is known here does not do."""
    with store.database.read() as connection:
        known = known_forms(connection, source.name)
    if wanted.everything:
        # Of several with one id, the one that has been filled in is the one that its author's id is for.
        listed = tuple(sorted(source.forms(), key=lambda form: form.submissions or 0, reverse=True))
        there = {form.remote_id for form in listed}
        return Choice((*(form for form in known if form.remote_id not in there), *listed), frozenset(wanted.forms))
    if not wanted.forms:
        return Choice(known) if known else Choice((), to_choose_from=tuple(source.forms()))
    forms = {id_: [form for form in known if id_ == form.remote_id] for id_ in wanted.forms}
    if not all(forms.values()):
        # Several projects of a server may have one form id, and what is known here says nothing of the others.
        listed = tuple(source.forms())
        for id_ in (id_ for id_, ours in forms.items() if not ours):
            forms[id_] = [form for form in listed if id_ == form.remote_id] or _with_id(id_, known, listed)
            if len(forms[id_]) > 1:
                raise _ambiguous(source.name, id_, forms[id_])
    chosen = {form.remote_id: form for ours in forms.values() for form in ours}
    return Choice(tuple(chosen.values()), frozenset(id_ for id_, ours in forms.items() if ours))


def _with_id(form_id: str, known: Sequence[RemoteForm], listed: Sequence[RemoteForm]) -> list[RemoteForm]:
    """Return the forms that have this id here or on the server, each once; as it is known here where it is."""
    found = {form.remote_id: form for form in (*listed, *known) if form.proposed_form_id == form_id}
    return list(found.values())


def held_of(store: Store, source: str, remote_id: str) -> int | None:
    """Return how many records of the form the source had when it was pulled last; None where it never was."""
    with store.database.read() as connection:
        state = find_pull_state(connection, source, remote_id)
        return None if state is None else count_mirrored(connection, state.key)


def _ambiguous(source: str, form_id: str, forms: Sequence[RemoteForm]) -> SourceUnknown:
    listed = ", ".join(form.remote_id for form in forms)
    return SourceUnknown(
        Bilingual(
            f"{source} has {len(forms)} forms with the id {form_id}: {listed}. Name one of these with --form.",
            f"{source} a {len(forms)} formulaires d'identifiant {form_id} : {listed}. Nommez l'un d'eux avec --form.",
        )
    )


def _no_such_forms(missing: Sequence[str], sources: Sequence[ConfiguredSource]) -> SourceUnknown:
    forms, names = ", ".join(missing), ", ".join(source.name for source in sources)
    return SourceUnknown(
        Bilingual(
            f"No form {forms} on {names}, or the account may not see it. `jekafo source list --check` shows the forms.",
            f"Pas de formulaire {forms} sur {names}, ou le compte n'a pas le droit de le voir. "
            "`jekafo source list --check` montre les formulaires.",
        )
    )
