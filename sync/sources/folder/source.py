"""A folder as a source: it has no feed, hides nothing from anybody, and takes nothing back.

A record that is not on the stick was not deleted anywhere, so `access` never says that all is seen. ODK Collect keeps
drafts in the same folders, and nothing in their XML tells them from finished ones: copy the folder after finalising.
"""

import hashlib
import mimetypes
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from forms.errors import FormError, SubmissionMalformed
from forms.instance import read_instance, submission_of
from forms.submission import Submission
from forms.text import Bilingual
from sync.batches import in_batches
from sync.errors import SourceRefused, SourceUnavailable
from sync.source import (
    Access,
    Batch,
    Cursor,
    Deployed,
    Download,
    Fingerprint,
    FormOf,
    Record,
    RemoteForm,
    RemoteMedium,
    RemoteVersion,
    Review,
    Unreadable,
    Upload,
)
from sync.sources.folder.files import (
    Beside,
    BesideFile,
    Files,
    SubmissionFile,
    cannot_read,
    composed,
    read_bounded,
)
from sync.sources.folder.records import Contents, FolderRecord, contents_of
from sync.sources.folder.versions import FolderVersions
from sync.wires import Wires

_LISTED_AT_ONCE: Final = 500
_CHUNK_BYTES: Final = 1_048_576


class FolderSource:
    """The submissions below a folder, as a `sync.source.Source`."""

    def __init__(self, name: str, root: Path, wires: Wires) -> None:
        self._name = name
        self._wires = wires
        self._files = Files(root)
        self._versions = FolderVersions(self._files)
        self._contents: Contents | None = None
        self._gate = threading.Lock()

    @property
    def name(self) -> str:
        """The name people gave it."""
        return self._name

    @property
    def requests_made(self) -> int:
        """None ever goes out."""
        return 0

    def forms(self) -> Iterator[RemoteForm]:
        """Give the forms of the submissions that are there."""
        contents = self._look()
        return (_form(contents, form_id) for form_id in contents.records)

    def form(self, remote_id: str) -> RemoteForm:
        """Return one form; raises SourceRefused where no submission of it is there."""
        contents = self._look()
        if remote_id not in contents.records:
            raise SourceRefused(
                Bilingual(
                    f"The folder {self._name} has no submission of form {remote_id}. Check the form id, and whether "
                    "the right folder was copied.",
                    f"Le dossier {self._name} ne contient aucune soumission du formulaire {remote_id}. Vérifiez "
                    "l'identifiant, et que le bon dossier a été copié.",
                ),
                status=404,
            )
        return _form(contents, remote_id)

    def version(self, form: RemoteForm, name: str) -> RemoteVersion:
        """Return a version whose XForm or workbook lies in the folder; raises FormVersionUnknown where none does."""
        return self._versions.version(self._seen().forms, form.remote_id, name)

    def access(self, form: RemoteForm) -> Access:  # noqa: ARG002 - the signature is the protocol's
        """Return that not all is seen: what is not on a stick may be anywhere."""
        return Access(sees_all=False, rights=(), is_passing=True)

    def count(self, form: RemoteForm) -> int:
        """Return how many records are there now."""
        return len(self._look().records.get(form.remote_id, {}))

    def changes(self, form: RemoteForm, after: Cursor | None) -> Iterator[Batch] | None:  # noqa: ARG002 - as above
        """Return None: a folder tells nothing of its past."""
        return None

    def inventory(self, form: RemoteForm) -> Iterator[Batch]:
        """Give the fingerprints of all records."""
        marks = self._marks(self._look().records.get(form.remote_id, {}).values())
        return (Batch(batch) for batch in in_batches(marks, _LISTED_AT_ONCE))

    def look(self, form: RemoteForm, remote_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give the fingerprints of these records, as far as they are there."""
        records = self._look().records.get(form.remote_id, {})
        return self._marks(records[remote_id] for remote_id in dict.fromkeys(remote_ids) if remote_id in records)

    def find(self, form: RemoteForm, root_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give the fingerprints of the records with these root ids; here they are the remote ids."""
        return self.look(form, root_ids)

    def fetch(self, form: RemoteForm, remote_ids: Sequence[str], form_of: FormOf) -> Iterator[Record]:
        """Give these records in full; one whose file is gone or another by now is left out."""
        records = self._seen().records.get(form.remote_id, {})
        beside = Beside()
        for remote_id in dict.fromkeys(remote_ids):
            if remote_id in records:
                record = self._fetched(records[remote_id], form_of, beside)
                if record is not None:
                    yield record

    def download(
        self, form: RemoteForm, remote_id: str, medium: RemoteMedium, *, offset: int, etag: str | None
    ) -> Download:
        """Begin to read a medium, from `offset` on where it is still the file of `etag`."""
        record = self._seen().records.get(form.remote_id, {}).get(remote_id)
        file = Beside().of(record.file.path).get(composed(medium.name)) if record is not None else None
        if file is None:
            raise SourceRefused(_absent(remote_id, self._name), status=404)
        if medium.remote_id != _medium_id(file):
            raise SourceUnavailable(_changed(remote_id, self._name))
        start = offset if etag == file.state and offset <= file.size else 0
        return Download(start, file.size, file.state, _chunks(file.path, start))

    def review(self, form: RemoteForm, remote_id: str, review: Review | None) -> Review | None:  # noqa: ARG002 - as above
        """Refuse: nobody would read a review in a folder."""
        self._refuse()

    def publish(self, upload: Upload, onto: str | None) -> Deployed:  # noqa: ARG002 - as above
        """Refuse: no tablet reads forms from here."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise SourceRefused(
            Bilingual(
                f"{self._name} is a folder: submissions are read from it and nothing is sent to it. Publish and review "
                "on this server, or on a source that is a server.",
                f"{self._name} est un dossier : on y lit des soumissions, on n'y envoie rien. Publiez et validez sur "
                "ce serveur, ou sur une source qui est un serveur.",
            )
        )

    def _look(self) -> Contents:
        with self._gate:
            self._contents = contents_of(self._files.xml())
            self._versions.look_again()
            return self._contents

    def _seen(self) -> Contents:
        """What was seen last: a folder is not read anew for each page of one pull."""
        return self._contents or self._look()

    def _marks(self, records: Iterable[FolderRecord]) -> Iterator[Fingerprint]:
        beside = Beside()
        return (record.fingerprint(beside.of(record.file.path)) for record in records)

    def _fetched(self, record: FolderRecord, form_of: FormOf, beside: Beside) -> Record | None:
        try:
            raw = read_bounded(record.file.path)
        except SourceUnavailable:
            if record.file.path.parent.is_dir() and not record.file.path.exists():
                return None
            raise
        if hashlib.sha256(raw).hexdigest() != record.file.sha256:
            return None  # rewritten since we looked: the next look lists it as it is then
        files = beside.of(record.file.path)
        submission = _submission(record.file, raw, form_of)
        if isinstance(submission, Unreadable):
            submission = replace(submission, place=self._files.place_of(record.file.path))
        return Record(
            fingerprint=record.fingerprint(files),
            submission=submission,
            # Cameras and tablets with a wrong date write files of the future.
            submitted_at=min(record.first_written_at, self._wires.clock()),
            submitter=None,
            device_id=None,
            review=None,
            media=_media(submission, files),
        )


def _form(contents: Contents, form_id: str) -> RemoteForm:
    titles = (form.title for form in contents.forms if form.form_id == form_id)
    return RemoteForm(form_id, form_id, next(titles, form_id), len(contents.records[form_id]))


def _submission(file: SubmissionFile, raw: bytes, form_of: FormOf) -> Submission | Unreadable:
    if file.wrong is not None:
        return Unreadable(raw, file.wrong, file.instance_id, file.version)
    try:
        form = form_of(file.version or "")
        read = submission_of(read_instance(raw), form)
    except (FormError, SubmissionMalformed) as error:
        return Unreadable(raw, error.message, file.instance_id, file.version)
    return replace(read, form_id=form.form_id, version=form.version)


def _media(submission: Submission | Unreadable, files: Mapping[str, BesideFile]) -> tuple[RemoteMedium, ...]:
    if isinstance(submission, Unreadable):
        return ()
    return tuple(
        RemoteMedium(
            name=name,
            remote_id=_medium_id(file) if file is not None else name,
            content_type=mimetypes.guess_type(name)[0],
            is_there=file is not None,
        )
        for name in submission.media_names
        for file in (files.get(composed(name)),)
    )


def _medium_id(file: BesideFile) -> str:
    # With the size: a file that was written over is another medium.
    return f"{file.size}/{composed(file.path.name)}"


def _chunks(path: Path, start: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise SourceUnavailable(cannot_read(path, error).message) from error


def _absent(remote_id: str, name: str) -> Bilingual:
    return Bilingual(
        f"A file that submission {remote_id} names is not beside it in {name}. Copy it there and pull again.",
        f"Un fichier que cite la soumission {remote_id} ne se trouve pas à côté d'elle dans {name}. Copiez-le et "
        "relancez la récupération.",
    )


def _changed(remote_id: str, name: str) -> Bilingual:
    return Bilingual(
        f"A file of submission {remote_id} in {name} changed while it was read. Pull again.",
        f"Un fichier de la soumission {remote_id} dans {name} a changé pendant la lecture. Relancez la récupération.",
    )
