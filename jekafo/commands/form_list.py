"""`jekafo form list`: what is published here, and how many submissions came in."""

from rich.table import Table

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened_existing
from jekafo.terminal import out, reported, words
from store.form_versions import form_versions
from store.submissions import counts


@reported
def list_forms(project: ProjectOption = None) -> None:
    """List form versions, oldest first."""
    table = Table("form_id", "version", words("title", "titre"), words("submissions", "soumissions"))
    with opened_existing(settings_for(project)) as open_project, open_project.store.database.read() as connection:
        totals = counts(connection)
        for version in form_versions(connection):
            table.add_row(version.form_id, version.version, version.title, str(totals.get(version.form_id, 0)))
    out.print(table)
