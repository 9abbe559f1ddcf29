"""Publish a form to our own endpoint: keep its XForm, workbook and files, and take up what was waiting for it.

Publishing to KoboToolbox and ODK Central is `sync.publish_to`, and their sources'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from forms.form import Form
from store.form_versions import FormState, keep_form_version, set_state, state_of
from store.kept import Store
from sync.offered import Offered, offered_workbook, offered_xform, version_of
from sync.receive import release_waiting
from sync.shelf import Shelf


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
    return _publish(store, offered_workbook(store, workbook, file_name, files), at=at)


def publish_xform_here(store: Store, xform: bytes, files: Mapping[str, bytes], *, at: datetime) -> Published:
    """Publish an XForm that came without a workbook; raises as `publish_here` does."""
    return _publish(store, offered_xform(store, xform, files), at=at)


def _publish(store: Store, offered: Offered, *, at: datetime) -> Published:
    form = offered.form
    version = version_of(store, offered, state=FormState.OPEN, at=at)
    is_new = store.database.write(lambda connection: keep_form_version(connection, version))
    is_new = _opened(store, form) or is_new
    released = release_waiting(store, Shelf(store), form.form_id, form.version, at=at)
    return Published(form, is_new, released)


def _opened(store: Store, form: Form) -> bool:
    """Open a version to our tablets that was kept for another server's sake; False where there was no need."""
    with store.database.read() as connection:
        state = state_of(connection, form.form_id, form.version)
    if state is not FormState.CLOSING:
        return False
    store.database.write(lambda connection: set_state(connection, form.form_id, form.version, FormState.OPEN))
    return True
