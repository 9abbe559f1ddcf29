"""`jekafo status`: what is in the project, and what waits for a person."""

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened
from jekafo.terminal import reported, say
from store.quarantine import waiting
from store.submissions import counts


@reported
def status(project: ProjectOption = None) -> None:
    """Say how many submissions are kept by form, and what lies in quarantine and why."""
    with opened(settings_for(project)) as open_project, open_project.store.database.read() as connection:
        for form_id, count in sorted(counts(connection).items()):
            say(f"{form_id}: {count} submissions", f"{form_id} : {count} soumissions")
        aside = waiting(connection)
    if not aside:
        say("Nothing waits in quarantine.", "Rien n'attend en quarantaine.")
    for submission in aside:
        say(
            f"quarantine {submission.id}: {submission.message.en}",
            f"quarantaine {submission.id} : {submission.message.fr}",
        )
