"""Publish a form to our own endpoint: keep its XForm, workbook and files, and take up what was waiting for it.

Publishing to KoboToolbox and ODK Central is for their sources.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from forms.form import Form
from forms.read import examine_form
from forms.xform.read import read_xform
from store.form_versions import FormFile, FormState, FormVersion, find_form_version, keep_form_version
from store.kept import Store
from sync.errors import FormFilesMissing
from sync.receive import release_waiting
from sync.shelf import Shelf

ITEMSETS = "itemsets.csv"
"""The file that pyxform writes beside a form with `select_one_external`, and Collect downloads under this name."""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing.

    is_new: False where exactly this was published before. released: how many submissions waited in quarantine for
    this version and are kept now.
    """

    form: Form
    is_new: bool
    released: int


def publish_here(
    store: Store, workbook: bytes, file_name: str, files: Mapping[str, bytes], *, at: datetime
) -> Published:
    """Compile a workbook and publish it with the media and data files that it names.

    The same version again is welcome as long as its XForm is the same: a changed interpretation (our columns and
    sheets) is kept as its newest state.
    Raises XLSFormInvalid, FormIncompatible (other questions under a version that is out already) or FormFilesMissing.
    """
    reading = examine_form(workbook, file_name)
    given = dict(files)
    if reading.compiled.itemsets is not None:
        given[ITEMSETS] = reading.compiled.itemsets
    return _publish(store, reading.form, given, workbook=workbook, workbook_name=file_name, at=at)


def publish_xform_here(store: Store, xform: bytes, files: Mapping[str, bytes], *, at: datetime) -> Published:
    """Publish an XForm that came without a workbook; raises as `publish_here` does."""
    return _publish(store, read_xform(xform), files, workbook=None, workbook_name=None, at=at)


def _publish(
    store: Store,
    form: Form,
    files: Mapping[str, bytes],
    *,
    workbook: bytes | None,
    workbook_name: str | None,
    at: datetime,
) -> Published:
    with store.database.read() as connection:
        earlier = find_form_version(connection, form.form_id, form.version)
    already_kept = {file.name: file for file in earlier.files} if earlier is not None else {}
    missing = [name for name in form.files if name not in files and name not in already_kept]
    if missing:
        raise FormFilesMissing(form.form_id, missing)
    kept_files = already_kept | {name: _keep_file(store, name, content) for name, content in files.items()}
    version = FormVersion(
        form_id=form.form_id,
        version=form.version,
        title=form.title,
        xform=form.xform,
        xform_md5=hashlib.md5(form.xform, usedforsecurity=False).hexdigest(),  # what formList tells the tablet
        workbook=workbook,
        workbook_name=workbook_name,
        content_hash=_content_hash(form.xform, workbook, kept_files),
        published_at=at,
        files=tuple(kept_files[name] for name in sorted(kept_files)),
        state=FormState.OPEN,
    )
    is_new = store.database.write(lambda connection: keep_form_version(connection, version))
    released = release_waiting(store, Shelf(store), form.form_id, form.version, at=at)
    return Published(form, is_new, released)


def _keep_file(store: Store, name: str, content: bytes) -> FormFile:
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
