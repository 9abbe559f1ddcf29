"""`jekafo form publish`: a workbook becomes a form that tablets can download, here or from a source."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from forms.changes.compare import is_breaking
from forms.changes.edition import Edition, read_edition
from forms.examine import Examination, examine, examine_beside_versions
from forms.finding import Severity
from jekafo.change_reports import MAX_WIDTH, as_text
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import Project, opened
from jekafo.project_changes import edition_of, report_of
from jekafo.settings import terminal_language
from jekafo.sources.settings import configured_sources
from jekafo.sources.wires import wires_for
from jekafo.terminal import FINDINGS, fail, out, print_findings, reported, say, words
from jekafo.workbook_files import files_beside, folder_of
from store.form_versions import newest_form_version
from sync.publish import Published, publish_here
from sync.publish_to import PublishedTo, publish_to
from sync.sources import connect

HERE = "here"
"""This project's own OpenRosa endpoint."""


@reported
def publish(
    file: Annotated[Path, typer.Argument(help="The workbook; its CSV and media files lie in the same folder.")],
    project: ProjectOption = None,
    accept_breaks: Annotated[
        bool, typer.Option("--accept-breaks", help="Publish although collected answers are lost from sight.")
    ] = False,
    to: Annotated[str, typer.Option("--to", help="A source of this project, such as kobo; here: our own tablets.")] = (
        HERE
    ),
    as_new: Annotated[
        bool, typer.Option("--as-new", help="Make a new project although KoboToolbox has others with this form's id.")
    ] = False,
) -> None:
    """Publish a workbook for tablets, of this project or of a server; exit 1 where `form check` finds an error."""
    if not file.is_file():
        fail(words(f"There is no file {file}.", f"Le fichier {file} n'existe pas."))
    workbook = file.read_bytes()
    examination = examine(workbook, file.name, folder_of(file))
    form = examination.form
    _refuse_errors(examination)
    if form is None:
        raise typer.Exit(FINDINGS)
    files = files_beside(file, form)
    settings = settings_for(project)
    # Before the project is made: a name that is not known, or settings that cannot be used.
    source = None if to == HERE else configured_sources(settings).named(to)
    with opened(settings) as open_project:
        versions = [kept.version for kept in open_project.shelf.versions(form.form_id)]
        _refuse_errors(examine_beside_versions(examination, versions))
        if not accept_breaks:
            _refuse_breaks(open_project, form.form_id, read_edition(workbook, file.name))
        at = datetime.now(UTC)
        if source is None:
            published = publish_here(open_project.store, workbook, file.name, files, at=at)
            _tell_here(published)
        else:
            connected = connect(source.for_connecting(), wires_for(settings))
            sent = publish_to(open_project.store, connected, workbook, file.name, files, at=at, as_new=as_new)
            _tell_sent(sent, source.name)


def _tell_here(published: Published) -> None:
    form = published.form
    if published.is_new:
        say(f"Published {form.form_id}, version {form.version}.", f"{form.form_id}, version {form.version} : publié.")
    else:
        say(
            f"{form.form_id}, version {form.version} was published already: nothing to do for tablets.",
            f"{form.form_id}, version {form.version} était déjà publié : rien à faire sur les tablettes.",
        )
    _tell_released(published.released)


def _tell_sent(published: PublishedTo, source: str) -> None:
    form, deployed = published.form, published.deployed
    if published.is_new:
        say(
            f"Published {form.form_id}, version {form.version}, on {source} as {deployed.remote_id}.",
            f"{form.form_id}, version {form.version} : publié sur {source} sous {deployed.remote_id}.",
        )
    else:
        say(
            f"{form.form_id}, version {form.version} is on {source} already as {deployed.remote_id}: nothing was sent.",
            f"{form.form_id}, version {form.version} est déjà sur {source} sous {deployed.remote_id} : rien n'a été "
            "envoyé.",
        )
    say(
        f"Submissions name this version {deployed.version_name}.",
        f"Les soumissions nomment cette version {deployed.version_name}.",
    )
    _tell_released(published.released)


def _tell_released(released: int) -> None:
    if released:
        say(
            f"{released} submissions that waited for this form are now kept.",
            f"{released} soumissions qui attendaient ce formulaire sont maintenant enregistrées.",
        )


def _refuse_errors(examination: Examination) -> None:
    """End the command where no tablet could open the form or answers would be lost: better than in the village."""
    if examination.reaches(Severity.ERROR):
        print_findings(examination.file_name, examination.findings)
        raise typer.Exit(FINDINGS)


def _refuse_breaks(project: Project, form_id: str, offered: Edition) -> None:
    """End the command where the newest version's answers would be lost from sight, and nobody has said so."""
    with project.store.database.read() as connection:
        newest = newest_form_version(connection, form_id)
    if newest is None:
        return
    report = report_of(edition_of(newest), offered, project)
    if not is_breaking(report.changes):
        return
    for line in as_text(report, terminal_language(), min(out.width, MAX_WIDTH)):
        out.print(line, markup=False, soft_wrap=True)
    say(
        "Not published. Declare what is meant, or publish with --accept-breaks.",
        "Non publié. Déclarez ce qui est voulu, ou publiez avec --accept-breaks.",
    )
    raise typer.Exit(FINDINGS)
