"""`jekafo build`: rebuild the tables from what the store holds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from forms.text import Bilingual
from jekafo.build import build
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened_existing
from jekafo.settings import terminal_language
from jekafo.terminal import FAILED, complain, reported, say, stamped
from transform.records import BuildReport


@reported
def build_command(
    project: ProjectOption = None,
    log: Annotated[bool, typer.Option("--log", help="For a log: times.", hidden=True)] = False,
) -> None:
    """Rebuild the typed tables of all forms from the submissions as received."""
    with opened_existing(settings_for(project)) as open_project:
        report = build(open_project, as_of=datetime.now(UTC).date())
    for line in _built(report):
        shown = stamped(line, datetime.now(UTC)) if log else line
        say(shown.en, shown.fr)
    for line in _failed(report):
        shown = stamped(line, datetime.now(UTC)) if log else line
        complain(shown.in_language(terminal_language()))
    if report.failed:
        raise typer.Exit(FAILED)


def _built(report: BuildReport) -> Iterator[Bilingual]:
    for table, rows in report.tables.items():
        yield Bilingual(f"{table}: {rows} rows", f"{table} : {rows} lignes")
    if report.misfits:
        yield Bilingual(
            f"{report.misfits} values did not fit their question's type: they are kept in the table _misfits.",
            f"{report.misfits} valeurs ne correspondent pas au type de leur question : voir la table _misfits.",
        )


def _failed(report: BuildReport) -> Iterator[Bilingual]:
    for form in report.failed:
        yield Bilingual(
            f"{form.form_id} was not built and keeps the tables it had: {form.message.en}",
            f"{form.form_id} n'a pas été construit et garde les tables qu'il avait : {form.message.fr}",
        )
