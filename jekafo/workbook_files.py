"""The media and CSV files that lie beside a workbook, as designers keep them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from forms.form import Form


@dataclass(frozen=True)
class FolderFiles(Mapping[str, bytes]):
    """The files of one folder by name, each read when it is asked for; other folders are out of reach."""

    folder: Path

    def __getitem__(self, name: str) -> bytes:
        if not self._holds(name):
            raise KeyError(name)
        return (self.folder / name).read_bytes()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._holds(name)

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self.folder.iterdir() if path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _holds(self, name: str) -> bool:
        return Path(name).name == name and (self.folder / name).is_file()


def folder_of(workbook: Path) -> FolderFiles:
    """Return the files that lie in the workbook's folder."""
    return FolderFiles(workbook.resolve().parent)


def files_beside(workbook: Path, form: Form) -> dict[str, bytes]:
    """Return the contents of those files the form names that lie in the workbook's folder; others are left out."""
    beside = folder_of(workbook)
    return {name: beside[name] for name in form.files if name in beside}
