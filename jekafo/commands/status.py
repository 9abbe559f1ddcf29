"""`jekafo status`: what is in the project, and what waits for a person."""

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened_existing
from jekafo.terminal import reported, say
from store.quarantine import reasons
from store.submissions import counts


@reported
def status(project: ProjectOption = None) -> None:
    """Say how many submissions are kept by form, and what lies in quarantine and why."""
    with opened_existing(settings_for(project)) as open_project, open_project.store.database.read() as connection:
        for form_id, count in sorted(counts(connection).items()):
            say(f"{form_id}: {count} submissions", f"{form_id} : {count} soumissions")
        aside = reasons(connection)
    if not aside:
        say("Nothing waits in quarantine.", "Rien n'attend en quarantaine.")
    for cause in aside:
        say(
            f"{cause.submissions} in quarantine ({cause.reason}): {cause.message.en}",
            f"{cause.submissions} en quarantaine ({cause.reason}) : {cause.message.fr}",
        )
