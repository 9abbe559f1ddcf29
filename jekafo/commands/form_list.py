"""`jekafo form list`: what is published here, and how many submissions came in."""

from rich.table import Table

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.counts import grouped, grouped_fr
from jekafo.project import opened_existing
from jekafo.terminal import out, reported, words
from store.form_versions import FormVersion, form_versions
from store.kept_submissions import version_counts
from store.submissions import counts


@reported
def list_forms(project: ProjectOption = None) -> None:
    """List forms and their versions, oldest first, with the submissions that are of each version now."""
    table = Table("form_id", "version", words("title", "titre"), words("submissions", "soumissions"))
    with opened_existing(settings_for(project)) as open_project, open_project.store.database.read() as connection:
        versions: dict[str, list[FormVersion]] = {}
        for version in form_versions(connection):
            versions.setdefault(version.form_id, []).append(version)
        of_version, of_form = version_counts(connection), counts(connection)
    for form_id, of_one in versions.items():
        for version in of_one:
            table.add_row(form_id, version.version, version.title, _grouped(of_version.get((form_id, version.version))))
        if len(of_one) > 1:
            table.add_row(form_id, words("all versions", "toutes versions"), "", _grouped(of_form.get(form_id)))
    out.print(table)


def _grouped(number: int | None) -> str:
    return words(grouped(number or 0), grouped_fr(number or 0))
