"""The forms of a folder by version: XForms as tablets have them, and XLSForm workbooks."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from forms.data_file import ITEMSETS
from forms.errors import FormVersionUnknown, XLSFormInvalid
from forms.form import Form
from forms.read import examine_form
from forms.text import Bilingual
from forms.xform.read import read_xform
from sync.source import RemoteVersion
from sync.sources.folder.files import BesideFile, Files, FormFile, cannot_read

_LARGEST_WORKBOOK: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class _Workbook:
    path: Path
    content: bytes
    form: Form
    itemsets: bytes | None


class FolderVersions:
    """Finds versions. A workbook is compiled only where no XForm says what is asked, and once as long as it stays."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._workbooks: tuple[BesideFile, ...] | None = None
        self._compiled: dict[Path, tuple[str, _Workbook | None]] = {}
        self._gate = threading.Lock()

    def look_again(self) -> None:
        """Look for workbooks anew when one is asked for next."""
        self._workbooks = None

    def version(self, forms: Iterable[FormFile], form_id: str, name: str) -> RemoteVersion:
        """Return a version of a form; raises FormVersionUnknown."""
        for found in forms:
            if (found.form_id, found.version) == (form_id, name):
                xform = _content(found.path)
                return RemoteVersion(name, xform, files=_files_of(read_xform(xform), found.path))
        workbook = self._workbook(form_id, name)
        if workbook is not None:
            files = dict(_files_of(workbook.form, workbook.path))
            if workbook.itemsets is not None:
                files[ITEMSETS] = workbook.itemsets
            return RemoteVersion(name, workbook.form.xform, workbook.content, workbook.path.name, files=files)
        raise FormVersionUnknown(
            Bilingual(
                f"The folder has no version '{name}' of form {form_id}. Put its XForm (.xml) or workbook (.xlsx) into "
                "it, or publish it here.",
                f"Le dossier ne contient pas la version « {name} » du formulaire {form_id}. Placez-y son XForm (.xml) "
                "ou son classeur (.xlsx), ou publiez-le ici.",
            )
        )

    def _workbook(self, form_id: str, version: str) -> _Workbook | None:
        with self._gate:
            if self._workbooks is None:
                self._workbooks = tuple(self._files.all(".xlsx"))
            for file in self._workbooks:
                state, workbook = self._compiled.get(file.path, ("", None))
                if state != file.state:
                    workbook = _compiled(file)
                    self._compiled[file.path] = (file.state, workbook)
                if workbook is not None and (workbook.form.form_id, workbook.form.version) == (form_id, version):
                    return workbook
            return None


def _compiled(file: BesideFile) -> _Workbook | None:
    """The form of a workbook; None for one that is no form, as any table on a stick may be."""
    if file.size > _LARGEST_WORKBOOK:
        return None
    content = _content(file.path)
    try:
        reading = examine_form(content, file.path.name)
    except XLSFormInvalid:
        return None
    return _Workbook(file.path, content, reading.form, reading.compiled.itemsets)


def _files_of(form: Form, path: Path) -> Mapping[str, bytes]:
    """The files that a form names, from the folder that Collect and Briefcase keep for them or from beside it."""
    found: dict[str, bytes] = {}
    for folder in (path.with_name(f"{path.stem}-media"), path.parent):
        for name in form.files:
            place = folder / name
            # By its own name alone: a form's words are no way out of the folder.
            if name not in found and Path(name).name == name and place.is_file() and not place.is_symlink():
                found[name] = _content(place)
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise cannot_read(path, error) from error
