"""Write simulated submissions as files, laid out as ODK Briefcase does: a folder an instance, its media beside."""

import re
from pathlib import Path, PurePosixPath

from forms.errors import JekafoError
from forms.form import Form
from forms.javarosa.filler import FilledForm
from forms.text import Bilingual


class FolderRefused(JekafoError):
    """A folder that cannot be written to, or that holds something already."""


class SubmissionFolder:
    """A folder of submissions: `<form_id>.xml` is the form, `instances/uuid.../submission.xml` each submission.

    Raises FolderRefused where the folder holds something and may not be added to, or cannot be written.
    """

    def __init__(self, folder: Path, form: Form, *, may_add: bool) -> None:
        self.folder = folder
        try:
            if folder.exists() and not folder.is_dir():
                raise FolderRefused(
                    Bilingual(
                        f"{folder} is a file. Name another folder.", f"{folder} est un fichier. Nommez un dossier."
                    )
                )
            if not may_add and folder.exists() and any(folder.iterdir()):
                raise FolderRefused(
                    Bilingual(
                        f"The folder {folder} is not empty. Name another one with --to, or add to it with --force.",
                        f"Le dossier {folder} n'est pas vide. Nommez-en un autre avec --to, ou ajoutez --force.",
                    )
                )
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{file_stem(form.form_id)}.xml").write_bytes(form.xform)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def write(self, filled: FilledForm) -> None:
        """Write one submission and its media."""
        # Briefcase drops the colon, which no Windows folder may have.
        place = self.folder / "instances" / file_stem(filled.instance_id.replace(":", ""))
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / "submission.xml").write_bytes(filled.xml)
            for name, content in filled.media.items():
                (place / PurePosixPath(name).name).write_bytes(content)
        except OSError as error:
            raise _unwritable(place, error) from error


def file_stem(name: str) -> str:
    """Return the name as it may stand in a path on every system."""
    return re.sub(r"[^\w.-]+", "_", name).strip(".") or "form"


def _unwritable(folder: Path, error: OSError) -> FolderRefused:
    reason = error.strerror or type(error).__name__
    return FolderRefused(
        Bilingual(
            f"{folder} cannot be written: {reason}. Name another folder with --to.",
            f"Impossible d'écrire dans {folder} : {reason}. Nommez un autre dossier avec --to.",
        )
    )
