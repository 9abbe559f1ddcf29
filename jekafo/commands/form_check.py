"""`jekafo form check`: is this workbook fit for the field?"""

from pathlib import Path
from typing import Annotated

import typer

from forms.errors import XLSFormInvalid
from forms.javarosa.validate import validate
from forms.read import examine_form
from jekafo.terminal import FINDINGS, fail, print_complaints, print_findings, reported, say, words
from jekafo.workbook_files import files_beside


@reported
def check(files: Annotated[list[Path], typer.Argument(help="Workbooks: .xlsx, .xls, .md or .csv.")]) -> None:
    """Compile each workbook, read our sheets and run ODK Validate; exit 1 where anything is wrong."""
    found = False
    for file in files:
        if not file.is_file():
            fail(words(f"There is no file {file}.", f"Le fichier {file} n'existe pas."))
        try:
            reading = examine_form(file.read_bytes(), file.name)
        except XLSFormInvalid as error:
            print_findings(error.file_name, error.findings)
            found = True
            continue
        form = reading.form
        print_findings(file.name, reading.warnings)
        complaints = validate(form.xform, files_beside(file, form))
        print_complaints(file.name, complaints)
        found = found or bool(complaints)
        if not complaints:
            say(
                f"{file.name}: {form.form_id} version {form.version}, {len(form.questions)} questions, "
                f"{len(form.interpretation.indicators)} indicators: no error.",
                f"{file.name} : {form.form_id} version {form.version}, {len(form.questions)} questions, "
                f"{len(form.interpretation.indicators)} indicateurs : aucune erreur.",
            )
    if found:
        raise typer.Exit(FINDINGS)
