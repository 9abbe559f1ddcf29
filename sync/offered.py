"""A form version that somebody offers, and what is kept of one: its XForm, workbook and files, hashed together.

Publishing it is `sync.publish` (here) and `sync.publish_to` (on a source); one that a source offers comes to
`sync.pulling.versions`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from forms.data_file import ITEMSETS
from forms.form import Form
from forms.read import examine_form
from forms.xform.read import read_xform
from store.form_versions import FormFile, FormState, FormVersion, find_form_version
from store.kept import Store
from sync.errors import FormFilesMissing


@dataclass(frozen=True, slots=True)
class Offered:
    """A form version that somebody wants to publish. files: given now; kept: those that this version has here."""

    form: Form
    files: Mapping[str, bytes]
    workbook: bytes | None
    workbook_name: str | None
    kept: Mapping[str, FormFile] = field(default_factory=dict)


def offered_workbook(store: Store, workbook: bytes, file_name: str, files: Mapping[str, bytes]) -> Offered:
    """Return what a workbook would publish, with the files that it names. Raises XLSFormInvalid, FormFilesMissing."""
    reading = examine_form(workbook, file_name)
    given = dict(files)
    if reading.compiled.itemsets is not None:
        given[ITEMSETS] = reading.compiled.itemsets
    return _with_kept_files(store, Offered(reading.form, given, workbook, file_name))


def offered_xform(store: Store, xform: bytes, files: Mapping[str, bytes]) -> Offered:
    """Return what an XForm that came without a workbook would publish. Raises XFormInvalid, FormFilesMissing."""
    return _with_kept_files(store, Offered(read_xform(xform), files, None, None))


def version_of(store: Store, offered: Offered, *, state: FormState, at: datetime) -> FormVersion:
    """Return the version to be kept; its files go into the media folder."""
    form = offered.form
    kept_files = {**offered.kept, **{name: _keep_file(store, name, content) for name, content in offered.files.items()}}
    return FormVersion(
        form_id=form.form_id,
        version=form.version,
        title=form.title,
        xform=form.xform,
        xform_md5=hashlib.md5(form.xform, usedforsecurity=False).hexdigest(),  # what formList tells the tablet
        workbook=offered.workbook,
        workbook_name=offered.workbook_name,
        content_hash=_content_hash(form.xform, offered.workbook, kept_files),
        published_at=at,
        files=tuple(kept_files[name] for name in sorted(kept_files)),
        state=state,
    )


def _with_kept_files(store: Store, offered: Offered) -> Offered:
    form = offered.form
    with store.database.read() as connection:
        earlier = find_form_version(connection, form.form_id, form.version)
    kept = {file.name: file for file in earlier.files} if earlier is not None else {}
    missing = [name for name in form.files if name not in offered.files and name not in kept]
    if missing:
        raise FormFilesMissing(form.form_id, missing)
    return replace(offered, kept=kept)


def _keep_file(store: Store, name: str, content: bytes) -> FormFile:
    """Put a form's file into the media folder; what a version says of it."""
    with store.media.stage() as staged:
        staged.write(content)
        medium = staged.keep()
    return FormFile(name=name, sha256=medium.sha256, md5=medium.md5, size=medium.size)


def _content_hash(xform: bytes, workbook: bytes | None, files: Mapping[str, FormFile]) -> str:
    """Sha256 over all that a version means: what is asked, how it is read, and the files both refer to."""
    digest = hashlib.sha256()
    for content in (xform, workbook or b""):
        digest.update(hashlib.sha256(content).digest())
    for name in sorted(files):
        digest.update(hashlib.sha256(name.encode()).digest())
        digest.update(bytes.fromhex(files[name].sha256))
    return digest.hexdigest()
