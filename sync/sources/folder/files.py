"""The files of a folder that may be forms or submissions, and what each says it is.

Layouts differ in folders alone, and those are not looked at: ODK Collect's `instances/<name>/<name>.xml`, Briefcase's
`forms/<title>/instances/uuid…/submission.xml` and loose files are all XML with media beside it.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from forms.errors import SubmissionMalformed, XFormInvalid
from forms.instance import NO_INSTANCE_ID, Instance, read_instance
from forms.text import Bilingual, one_line
from forms.xform.read import read_xform
from forms.xml import MAX_BYTES
from sync.errors import SourceRefused, SourceUnavailable

_MEDIA_FOLDER: Final = "-media"
_HEAD_BYTES: Final = 4_096
_FORM_ID: Final = re.compile(rb"""<[^?!>][^>]*?\sid\s*=\s*["']([^"']{1,255})["']""")
_INSTANCE_ID: Final = re.compile(rb"instanceID(?:\s*=\s*[\"']|[^<>]{0,40}>)\s*(uuid:[0-9A-Za-z-]{1,250})")
_IS_XFORM: Final = re.compile(rb"<(?:[\w.-]+:)?html[\s>]")


@dataclass(frozen=True, slots=True)
class FormFile:
    """An XForm."""

    path: Path
    form_id: str
    version: str
    title: str


@dataclass(frozen=True, slots=True)
class SubmissionFile:
    """XML that is, or should be, a submission.

    form_id: None where it cannot be told. wrong: why it cannot be read, else None. sha256: of its bytes. named: the
    texts in it that may be names of media. written_at: by Briefcase's own word, else when the file was written.
    """

    path: Path
    sha256: str
    written_at: datetime
    form_id: str | None
    version: str | None
    instance_id: str | None
    deprecated_id: str | None = None
    named: frozenset[str] = frozenset()
    wrong: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class BesideFile:
    """A plain file, as its file system has it. written: nanoseconds, as copies keep it. changed: as they do not."""

    path: Path
    size: int
    written: int
    changed: int

    @property
    def state(self) -> str:
        """Differs whenever the file was written to."""
        return f"{self.size}-{self.written}-{self.changed}"


class Files:
    """The files below a folder. What was read is remembered as long as a file's size and time stay what they are."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[Path, tuple[str, FormFile | SubmissionFile | None]] = {}

    def place_of(self, path: Path) -> str:
        """Return where a file is, as its path below the folder, for people."""
        return one_line(str(path.relative_to(self._root)))

    def xml(self) -> Iterator[FormFile | SubmissionFile]:
        """Give the forms and submissions, in the order of their paths."""
        read: dict[Path, tuple[str, FormFile | SubmissionFile | None]] = {}
        for file in self.all(".xml"):
            if file.path.parent.name.endswith(_MEDIA_FOLDER):
                continue  # a form's own choice lists
            state, found = self._read.get(file.path, ("", None))
            if state != file.state:
                found = self._what_it_is(file)
            read[file.path] = (file.state, found)
            if found is not None:
                yield found
        self._read = read

    def all(self, suffix: str) -> Iterator[BesideFile]:
        """Give the files of a kind anywhere below the folder, hidden ones and links left out.

        Raises SourceUnavailable where the folder is not there, SourceRefused where it may not be read.
        """
        if not self._root.is_dir():
            raise SourceUnavailable(
                Bilingual(
                    f"The folder {self._root} is not there. Plug in the stick or the tablet, or correct the address.",
                    f"Le dossier {self._root} est absent. Branchez la clé ou la tablette, ou corrigez l'adresse.",
                )
            )
        # Links are not followed: one on a stick could lead anywhere on this computer.
        for folder, below, names in os.walk(self._root, onerror=_cannot_look, followlinks=False):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                # `._name` is what macOS writes beside each file on a stick.
                if name.lower().endswith(suffix) and not name.startswith((".", "~$")):
                    file = _plain_file(Path(folder, name))
                    if file is not None:
                        yield file

    def _what_it_is(self, file: BesideFile) -> FormFile | SubmissionFile | None:
        raw = read_bounded(file.path)
        if _IS_XFORM.search(raw[:_HEAD_BYTES]):
            try:
                form = read_xform(raw)
            except XFormInvalid:
                return None
            return FormFile(file.path, form.form_id, form.version, form.title)
        return submission_file(file, raw, is_expected="forms" not in file.path.relative_to(self._root).parts[-2:-1])


def submission_file(file: BesideFile, raw: bytes, *, is_expected: bool = True) -> SubmissionFile | None:
    """Return what the bytes of a file say they are; None for XML of another kind.

    is_expected: XML that cannot be read is taken for a submission.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    written_at = datetime.fromtimestamp(file.written / 1e9, UTC)
    try:
        instance = read_instance(raw)
    except SubmissionMalformed as error:
        if not is_expected:
            return None
        form_id, instance_id = _FORM_ID.search(raw[:_HEAD_BYTES]), _INSTANCE_ID.search(raw)
        return SubmissionFile(
            path=file.path,
            sha256=sha256,
            written_at=written_at,
            form_id=_text(form_id),
            version=None,
            instance_id=_text(instance_id),
            wrong=error.message,
        )
    if instance.instance_id is None and not instance.root.get("id"):
        return None
    return SubmissionFile(
        path=file.path,
        sha256=sha256,
        written_at=_submission_date(instance) or written_at,
        form_id=instance.form_id,
        version=instance.version,
        instance_id=instance.instance_id,
        deprecated_id=instance.deprecated_id,
        named=_possible_names(instance),
        wrong=NO_INSTANCE_ID if instance.instance_id is None else None,
    )


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a file, no more of them than show that it is too large to be read as XML."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise cannot_read(path, error) from error


class Beside:
    """The plain files in the folders of submissions, each folder read once: loose files may be thousands in one."""

    def __init__(self) -> None:
        self._folders: dict[Path, Mapping[str, BesideFile]] = {}

    def of(self, path: Path) -> Mapping[str, BesideFile]:
        """Return the files in the folder of a file, by name.

        Names are composed (NFC): macOS writes « é » as two characters, and the answer that names the photo has one.
        """
        folder = path.parent
        if folder not in self._folders:
            try:
                names = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
            except OSError as error:
                raise cannot_read(folder, error) from error
            files = (_plain_file(folder / name) for name in names)
            self._folders[folder] = {composed(file.path.name): file for file in files if file is not None}
        return self._folders[folder]


def composed(name: str) -> str:
    """Return a file name as it is compared."""
    return unicodedata.normalize("NFC", name)


def cannot_read(path: Path, error: OSError) -> SourceRefused | SourceUnavailable:
    """Return the error for a file that cannot be read."""
    if isinstance(error, PermissionError):
        return SourceRefused(
            Bilingual(
                f"{path} may not be read. Give this account the right to read the folder.",
                f"La lecture de {path} est interdite. Donnez à ce compte le droit de lire le dossier.",
            )
        )
    return SourceUnavailable(
        Bilingual(
            f"{path} cannot be read ({error.strerror}). Check that the stick or tablet is still plugged in.",
            f"{path} est illisible ({error.strerror}). Vérifiez que la clé ou la tablette est toujours branchée.",
        )
    )


def _cannot_look(error: OSError) -> None:
    raise cannot_read(Path(error.filename), error) from error


def _plain_file(path: Path) -> BesideFile | None:
    try:
        found = path.lstat()
    except FileNotFoundError:  # it went while we looked
        return None
    except OSError as error:
        raise cannot_read(path, error) from error
    return (
        BesideFile(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns) if stat.S_ISREG(found.st_mode) else None
    )


def _possible_names(instance: Instance) -> frozenset[str]:
    texts = (str(text).strip() for text in instance.root.itertext())
    return frozenset(composed(text) for text in texts if "." in text and len(text) <= 255 and "\n" not in text)


def _submission_date(instance: Instance) -> datetime | None:
    """When ODK Aggregate took it, which Briefcase writes on the root."""
    said = next((str(value) for key, value in instance.root.attrib.items() if _local(key) == "submissionDate"), "")
    try:
        date = datetime.fromisoformat(said)
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _local(key: object) -> str:
    return str(key).rpartition("}")[2]


def _text(match: re.Match[bytes] | None) -> str | None:
    return match.group(1).decode(errors="replace") if match else None
