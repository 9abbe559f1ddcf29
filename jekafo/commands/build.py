"""`jekafo build`: rebuild the tables from what the store holds."""

from datetime import UTC, datetime

from jekafo.build import build
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened
from jekafo.terminal import reported, say


@reported
def build_command(project: ProjectOption = None) -> None:
    """Rebuild the typed tables of all forms from the submissions as received."""
    with opened(settings_for(project)) as open_project:
        report = build(open_project, as_of=datetime.now(UTC).date())
    for table, rows in report.tables.items():
        say(f"{table}: {rows} rows", f"{table} : {rows} lignes")
    if report.misfits:
        say(
            f"{report.misfits} values did not fit their question's type: they are kept in the table _misfits.",
            f"{report.misfits} valeurs ne correspondent pas au type de leur question : voir la table _misfits.",
        )
