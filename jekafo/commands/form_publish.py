"""`jekafo form publish`: a workbook becomes a form that tablets can download here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from forms.javarosa.validate import validate
from forms.read import read_form
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened
from jekafo.terminal import FINDINGS, fail, print_complaints, reported, say, words
from jekafo.workbook_files import files_beside
from sync.publish import publish_here


@reported
def publish(
    file: Annotated[Path, typer.Argument(help="The workbook; its CSV and media files lie in the same folder.")],
    project: ProjectOption = None,
) -> None:
    """Publish a workbook on this project's own OpenRosa endpoint; exit 1 where ODK Validate refuses it."""
    if not file.is_file():
        fail(words(f"There is no file {file}.", f"Le fichier {file} n'existe pas."))
    workbook = file.read_bytes()
    read = read_form(workbook, file.name)
    files = files_beside(file, read)
    complaints = validate(read.xform, files)
    if complaints:
        # pyxform compiles forms that no tablet can open; better here than in the village.
        print_complaints(file.name, complaints)
        raise typer.Exit(FINDINGS)
    with opened(settings_for(project)) as open_project:
        published = publish_here(
            open_project.store,
            workbook,
            file.name,
            files,
            at=datetime.now(UTC),
        )
    form = published.form
    if published.is_new:
        say(f"Published {form.form_id}, version {form.version}.", f"{form.form_id}, version {form.version} : publié.")
    else:
        say(
            f"{form.form_id}, version {form.version} was published already: nothing to do for tablets.",
            f"{form.form_id}, version {form.version} était déjà publié : rien à faire sur les tablettes.",
        )
    if published.released:
        say(
            f"{published.released} submissions that waited for this form are now kept.",
            f"{published.released} soumissions qui attendaient ce formulaire sont maintenant enregistrées.",
        )
