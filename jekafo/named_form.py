"""The form that a person names on the command line: a workbook, an instrument of the library, or a published form."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forms.errors import FormError, FormVersionUnknown
from forms.form import Form
from forms.library import library_files, library_forms, library_workbook
from forms.read import read_form
from forms.text import Bilingual
from jekafo.project import ProjectMissing, opened_existing
from jekafo.settings import Settings
from jekafo.workbook_files import files_beside


class FormNotFound(FormError):
    """Neither a file, nor an instrument of the library, nor a published form has that name."""


@dataclass(frozen=True)
class NamedForm:
    """A form and the files beside it, by name. A missing file is absent."""

    form: Form
    files: Mapping[str, bytes]


def named_form(name: str, settings: Settings) -> NamedForm:
    """Return the form that is meant by a file, else by a published form's id, else by an instrument of the library.

    Raises XLSFormInvalid for a workbook that is none, FormNotFound where nothing has that name or it cannot be read.
    """
    path = Path(name)
    if path.is_file():
        return _from_file(path)
    published = _published(name, settings)
    if published is not None:
        return published
    if name in library_forms():
        return NamedForm(read_form(library_workbook(name), f"{name}.xlsx"), library_files(name))
    shipped = ", ".join(library_forms())
    raise FormNotFound(
        Bilingual(
            f"There is no file {name}, no published form of that id in {settings.project}, and no such instrument in "
            f"the library ({shipped}). Name a workbook, or the project's folder with --project.",
            f"Il n'y a ni fichier {name}, ni formulaire publié de ce nom dans {settings.project}, ni instrument de ce "
            f"nom dans la bibliothèque ({shipped}). Nommez un classeur, ou le dossier du projet avec --project.",
        )
    )


def _from_file(path: Path) -> NamedForm:
    try:
        form = read_form(path.read_bytes(), path.name)
        return NamedForm(form, files_beside(path, form))
    except OSError as error:
        raise FormNotFound(
            Bilingual(
                f"{path} cannot be read ({error.strerror}). Check the permissions of the file and of those beside it.",
                f"{path} ne peut pas être lu ({error.strerror}). Vérifiez les droits du fichier et de ses voisins.",
            )
        ) from error


def _published(form_id: str, settings: Settings) -> NamedForm | None:
    """The newest version published in the project; None where there is no project, or no such form in it."""
    try:
        with opened_existing(settings) as project:
            return NamedForm(project.shelf.newest(form_id), project.shelf.data_files(form_id))
    except (ProjectMissing, FormVersionUnknown):
        return None
