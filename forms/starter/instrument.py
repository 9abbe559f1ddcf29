"""A copy of a shipped instrument to begin with, under a form_id of its own."""

import io
from datetime import date

import openpyxl

from forms.library import library_files, library_workbook
from forms.starter.settings import in_one_line, version_of
from forms.starter.starter import Starter
from forms.workbook_style.write import fit_notes


def copy_of_instrument(instrument: str, form_id: str, *, title: str | None, today: date) -> Starter:
    """Return a shipped instrument under a form_id of its own, with its files.

    Everything else stays as it is, so that its figures can stand beside those of the instrument.
    Raises FormVersionUnknown for an instrument that is not shipped.
    """
    book = openpyxl.load_workbook(io.BytesIO(library_workbook(instrument)))
    settings = book["settings"]
    columns = {str(cell.value): number for number, cell in enumerate(settings[1], start=1)}
    changed = {"form_id": form_id, "version": version_of(today)}
    if (titled := in_one_line(title)) is not None:
        changed["form_title"] = titled
    for name, value in changed.items():
        cell = settings.cell(2, columns[name])
        cell.value = value
        cell.data_type = "s"  # a title that begins with `=` is no formula
    book.properties.title = form_id
    fit_notes(book)
    written = io.BytesIO()
    book.save(written)
    return Starter(form_id, written.getvalue(), library_files(instrument))
