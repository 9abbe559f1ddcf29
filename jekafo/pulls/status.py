"""What `jekafo status` says about pulls: those that fail or run, the last one of each form, and what waits."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from forms.text import Bilingual
from jekafo.counts import counted, counted_fr, grouped, grouped_fr
from jekafo.interval import interval_text, interval_text_fr
from jekafo.project import Project
from jekafo.pulls.lock import PullProgress, running_pulls
from jekafo.sources.configured import FOLDER, ConfiguredSource
from jekafo.sources.settings import ConfiguredSources
from store.database import Connection
from store.mirror.fetched_media import media_counts
from store.mirror.hints import hints
from store.mirror.records import count_lacking_media, count_mirrored, count_set_aside
from store.mirror.states import PullState, pull_states
from sync.known_forms import known_forms

_SERVER = Bilingual("on the server", "sur le serveur")
_FOLDER = Bilingual("in the folder", "dans le dossier")
_STAGES = {
    "": Bilingual("beginning", "au début"),
    "looking": Bilingual("comparing", "comparaison"),
    "fetching": Bilingual("fetching submissions", "récupération des soumissions"),
    "media": Bilingual("fetching media", "récupération des médias"),
}


def failure_lines(project: Project, sources: ConfiguredSources | None) -> Iterator[Bilingual]:
    """Give a line for each form whose last pull failed: since when, and why. sources: None where they are not known."""
    with project.store.database.read() as connection:
        states = pull_states(connection)
    for state in states:
        if state.failure is not None and _is_set_up(state.source, sources):
            yield _failure(state, state.failure)


def pull_lines(project: Project, sources: ConfiguredSources | None) -> Iterator[Bilingual]:
    """Give a line for each pull that runs, each form that is pulled, and each source whose hooks have spoken.

    What waits for a person stands below the line of its form. sources: None where they are not known.
    """
    for running in running_pulls(project.folder):
        yield _running(running)
    with project.store.database.read() as connection:
        for state in pull_states(connection):
            yield _last(connection, state, sources)
            for needed in state.needs_person:
                yield Bilingual(f"  for you: {needed.en}", f"  à vous : {needed.fr}")
        waiting = Counter(hint.source for hint in hints(connection))
    for source, number in sorted(waiting.items()):
        yield Bilingual(
            f"{source}: {counted(number, 'hint', 'hints')} from the server, to be looked at in the next pull",
            f"{source} : {counted_fr(number, 'signal', 'signaux')} du serveur, à examiner lors de la prochaine "
            "récupération",
        )


def next_lines(project: Project | None, names: Iterable[str]) -> Iterator[Bilingual]:
    """Give a line for each of these sources of which nothing was pulled yet. project: None where there is none yet."""
    for name in names:
        if project is not None:
            with project.store.database.read() as connection:
                if known_forms(connection, name):
                    continue
        yield Bilingual(
            f"{name}: nothing has been pulled from it yet. Next: jekafo pull {name}",
            f"{name} : rien n'en a encore été récupéré. Ensuite : jekafo pull {name}",
        )


def schedule_lines(project: Project, sources: Iterable[ConfiguredSource]) -> Iterator[Bilingual]:
    """Give a line for each source: how often a server pulls from it, or what to do first."""
    for source in sources:
        unpulled = next(next_lines(project, (source.name,)), None)
        yield _schedule(source) if unpulled is None else unpulled


def _schedule(source: ConfiguredSource) -> Bilingual:
    name = source.name
    if source.every is None and source.hook_secret is None:
        return Bilingual(
            f"{name}: pulled only by `jekafo pull {name}`", f"{name} : récupérée seulement par `jekafo pull {name}`"
        )
    en, fr = [], []
    if source.every is not None:
        en.append(f"every {interval_text(source.every)}")
        fr.append(f"toutes les {interval_text_fr(source.every)}")
    if source.hook_secret is not None:
        en.append("when its hooks speak")
        fr.append("quand ses signaux l'annoncent")
    return Bilingual(f"{name}: pulled {' and '.join(en)}", f"{name} : récupérée {' et '.join(fr)}")


def _is_set_up(source: str, sources: ConfiguredSources | None) -> bool:
    return sources is None or source in sources.by_name or source in sources.unusable


def _failure(state: PullState, failure: Bilingual) -> Bilingual:
    since, tried = (_moment(at) if at is not None else "?" for at in (state.failed_since, state.tried_at))
    last, last_fr = ("", "") if since == tried else (f", last tried {tried}", f", dernier essai le {tried}")
    return Bilingual(
        f"{state.source} {state.form_id}: pulls fail since {since}{last}: {failure.en}",
        f"{state.source} {state.form_id} : la récupération échoue depuis le {since}{last_fr} : {failure.fr}",
    )


def _running(running: PullProgress) -> Bilingual:
    stage = _STAGES.get(running.stage, Bilingual(running.stage, running.stage))
    of = "" if running.total is None else f"/{grouped(running.total)}"
    of_fr = "" if running.total is None else f"/{grouped_fr(running.total)}"
    since = _moment(running.started_at)
    return Bilingual(
        f"{running.source} {running.remote_id}: a pull runs since {since} (process {running.pid}), {stage.en} "
        f"{grouped(running.done)}{of}",
        f"{running.source} {running.remote_id} : récupération en cours depuis {since} (processus {running.pid}), "
        f"{stage.fr} {grouped_fr(running.done)}{of_fr}",
    )


def _last(connection: Connection, state: PullState, sources: ConfiguredSources | None) -> Bilingual:
    en, fr = [], []
    if not _is_set_up(state.source, sources):
        en.append(f"{state.source} is no longer set up")
        fr.append(f"{state.source} n'est plus configurée")
    if state.pulled_at is None:
        en.append("no pull has come to its end yet")
        fr.append("aucune récupération n'est encore allée à son terme")
    else:
        at = _moment(state.pulled_at)
        en.append(f"pulled {at}")
        fr.append(f"récupéré le {at}")
        for line in _held(connection, state, _place(state.source, sources)):
            en.append(line.en)
            fr.append(line.fr)
    about = f"{state.source} {state.form_id}"
    return Bilingual(f"{about}: {'; '.join(en)}", f"{about} : {' ; '.join(fr)}")


def _held(connection: Connection, state: PullState, place: Bilingual) -> Iterator[Bilingual]:
    held, aside = count_mirrored(connection, state.key), count_set_aside(connection, state.key)
    media = media_counts(connection, state.key)
    yield Bilingual(f"{grouped(held)} kept", counted_fr(held, "conservée", "conservées"))
    if aside:
        yield Bilingual(f"{grouped(aside)} of them in quarantine", f"dont {grouped_fr(aside)} en quarantaine")
    if media:
        received, listed = media.get("received", 0), media.get("listed", 0)
        yield Bilingual(
            f"media: {grouped(received)} here, {grouped(listed)} not fetched",
            f"médias : {grouped_fr(received)} ici, {counted_fr(listed, 'non récupéré', 'non récupérés')}",
        )
    if awaiting := count_lacking_media(connection, state.key):
        yield Bilingual(
            f"media not all {place.en}: {counted(awaiting, 'submission', 'submissions')}",
            f"médias incomplets {place.fr} : {counted_fr(awaiting, 'soumission', 'soumissions')}",
        )


def _place(source: str, sources: ConfiguredSources | None) -> Bilingual:
    configured = None if sources is None else sources.by_name.get(source)
    return _FOLDER if configured is not None and configured.kind == FOLDER else _SERVER


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
