"""`jekafo status`: what is in the project, and what waits for a person."""

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.counts import counted, counted_fr
from jekafo.project import Project, ProjectMissing, opened_existing
from jekafo.pulls.status import failure_lines, next_lines, pull_lines
from jekafo.settings import terminal_language
from jekafo.sources.settings import ConfiguredSources, sources_path, usable_sources
from jekafo.terminal import complain, out, reported, say, words
from store.quarantine import reasons
from store.submissions import counts


@reported
def status(project: ProjectOption = None) -> None:
    """Say how many submissions are kept by form, how pulls went or go, and what lies in quarantine and why."""
    settings = settings_for(project)
    sources, fault = usable_sources(settings)
    if fault is not None:
        complain(
            words(
                f"No source can be pulled from. {fault.en}", f"Rien ne peut être récupéré d'aucune source. {fault.fr}"
            )
        )
    # What other tools have set up is none of this project's business until somebody pulls from it.
    own = [name for name, source in sources.by_name.items() if source.origin == str(sources_path(settings))]
    try:
        with opened_existing(settings) as open_project:
            _tell(open_project, None if fault is not None else sources, own)
    except ProjectMissing:
        if not own:
            raise
        for line in next_lines(None, own):
            say(line.en, line.fr)


def _tell(project: Project, sources: ConfiguredSources | None, own: list[str]) -> None:
    for failure in failure_lines(project, sources):
        out.print(failure.in_language(terminal_language()), style="bold red", markup=False, soft_wrap=True)
    with project.store.database.read() as connection:
        for form_id, count in sorted(counts(connection).items()):
            say(
                f"{form_id}: {counted(count, 'submission', 'submissions')}",
                f"{form_id} : {counted_fr(count, 'soumission', 'soumissions')}",
            )
        aside = reasons(connection)
    for line in (*pull_lines(project, sources), *next_lines(project, own)):
        say(line.en, line.fr)
    if not aside:
        say("Nothing waits in quarantine.", "Rien n'attend en quarantaine.")
    for cause in aside:
        among, among_fr = (", for example", ", par exemple") if cause.submissions > 1 else ("", "")
        say(
            f"{cause.submissions} in quarantine{among}: {cause.message.en} ({cause.reason})",
            f"{cause.submissions} en quarantaine{among_fr} : {cause.message.fr} ({cause.reason})",
        )
