"""`jekafo build`: rebuild the tables from what the store holds."""

from datetime import UTC, datetime

import typer

from jekafo.build import build
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened_existing
from jekafo.terminal import FAILED, err, reported, say, words


@reported
def build_command(project: ProjectOption = None) -> None:
    """Rebuild the typed tables of all forms from the submissions as received."""
    with opened_existing(settings_for(project)) as open_project:
        report = build(open_project, as_of=datetime.now(UTC).date())
    for table, rows in report.tables.items():
        say(f"{table}: {rows} rows", f"{table} : {rows} lignes")
    if report.misfits:
        say(
            f"{report.misfits} values did not fit their question's type: they are kept in the table _misfits.",
            f"{report.misfits} valeurs ne correspondent pas au type de leur question : voir la table _misfits.",
        )
    for form in report.failed:
        err.print(
            words(
                f"{form.form_id} was not built and keeps the tables it had: {form.message.en}",
                f"{form.form_id} n'a pas été construit et garde les tables qu'il avait : {form.message.fr}",
            ),
            style="bold red",
            markup=False,
            soft_wrap=True,
        )
    if report.failed:
        raise typer.Exit(FAILED)
