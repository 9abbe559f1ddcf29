"""Form versions: the XForm, fixed once kept, and what it means, which may be saved anew (workbook and files).

Parsing and compiling forms is the business of the rooms above and beside; here they are bytes with a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, update

from forms.errors import FormIncompatible, FormVersionUnknown
from forms.text import Bilingual
from store import schema
from store.changes import note_change
from store.prepared import Prepared


class FormState(StrEnum):
    """OPEN: offered to tablets. CLOSING: no longer offered, still taken in. CLOSED: not taken in either."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file that a form names (media, CSV); its bytes are in the media folder. Digests in lowercase hex."""

    name: str
    sha256: str
    md5: str
    size: int


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One version of a form as kept.

    version: "" where the form names none. workbook: the bytes of the workbook saved last, None for a bare XForm.
    content_hash: of all that says what the answers mean. files: those saved last, by name.
    """

    form_id: str
    version: str
    title: str
    xform: bytes
    xform_md5: str
    workbook: bytes | None
    workbook_name: str | None
    content_hash: str
    published_at: datetime
    files: tuple[FormFile, ...] = ()
    state: FormState = FormState.OPEN


def keep_form_version(connection: Connection, form: FormVersion) -> bool:
    """Keep a form version; True where something new was kept, False where all of it was here.

    A known version with the same XForm, but another workbook or other files, is a new saved state of it: the older
    states stay, the newest speaks. A bare XForm, where a workbook is here, takes nothing away from it.
    Raises FormIncompatible for a known version with another XForm: tablets hold the first and would not fetch it.
    """
    forms, states = schema.form_versions, schema.workbook_states
    kept = find_form_version(connection, form.form_id, form.version)
    if kept is None:
        row = forms.insert().values(
            form_id=form.form_id,
            version=form.version,
            title=form.title,
            xform=form.xform,
            xform_md5=form.xform_md5,
            published_at=form.published_at,
            state=form.state.value,
        )
        version_key = connection.execute(row.returning(forms.c.id)).scalar_one()
    else:
        if kept.xform != form.xform:
            raise FormIncompatible(_other_xform(form))
        if _says_the_same(kept, form):
            return False
        version_key = connection.execute(select(forms.c.id).where(*_is(form.form_id, form.version))).scalar_one()
    # A bare XForm with other files keeps the workbook that was saved before.
    speaking = kept if kept is not None and form.workbook is None else form
    state = states.insert().values(
        form_version_id=version_key,
        workbook=speaking.workbook,
        workbook_name=speaking.workbook_name,
        content_hash=form.content_hash,
        saved_at=form.published_at,
    )
    state_key = connection.execute(state.returning(states.c.id)).scalar_one()
    if form.files:
        connection.execute(
            schema.form_files.insert(),
            [
                {"workbook_state_id": state_key, "name": f.name, "sha256": f.sha256, "md5": f.md5, "size": f.size}
                for f in form.files
            ],
        )
    note_change(connection)
    return True


def form_versions(connection: Connection, form_id: str | None = None) -> list[FormVersion]:
    """Return the versions of one form, or of all, in the order of their publication."""
    query = _versions()
    if form_id is not None:
        query = query.where(schema.form_versions.c.form_id == form_id)
    return _read(connection, query)


def form_ids(connection: Connection) -> tuple[str, ...]:
    """Return the ids of all forms, in alphabetical order; reads none of their bytes."""
    forms = schema.form_versions
    return tuple(
        row.form_id for row in connection.execute(select(forms.c.form_id).distinct().order_by(forms.c.form_id))
    )


def find_form_version(connection: Connection, form_id: str, version: str) -> FormVersion | None:
    """Return that version, or None."""
    found = _read(connection, _versions().where(*_is(form_id, version)))
    return found[0] if found else None


def newest_form_version(connection: Connection, form_id: str) -> FormVersion | None:
    """Return the version published last, whatever its state; None for an unknown form."""
    forms = schema.form_versions
    newest = (
        select(forms.c.id)
        .where(forms.c.form_id == form_id)
        .order_by(forms.c.published_at.desc(), forms.c.id.desc())
        .limit(1)
    )
    found = _read(connection, _versions().where(forms.c.id == newest.scalar_subquery()))
    return found[0] if found else None


def state_of(connection: Connection, form_id: str, version: str) -> FormState | None:
    """Return whether that version takes submissions, None where it is not kept; reads none of its bytes."""
    rows = _STATE.run(connection, {"form_id": form_id, "version": version})
    return FormState(rows[0][0]) if rows else None


# Made once: it is asked for every submission that comes in.
_STATE = Prepared(
    select(schema.form_versions.c.state).where(
        schema.form_versions.c.form_id == bindparam("form_id"), schema.form_versions.c.version == bindparam("version")
    )
)


def set_state(connection: Connection, form_id: str, version: str, state: FormState) -> None:
    """Open or close a version to tablets. Raises FormVersionUnknown."""
    forms = schema.form_versions
    changed = connection.execute(update(forms).where(*_is(form_id, version)).values(state=state.value))
    if changed.rowcount == 0:
        raise FormVersionUnknown(
            Bilingual(
                f"Version '{version}' of form {form_id} is not kept here. `jekafo form list` shows what is.",
                f"La version « {version} » du formulaire {form_id} n’est pas conservée ici. `jekafo form list` montre "
                "celles qui le sont.",
            )
        )


def _is(form_id: str, version: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    forms = schema.form_versions
    return forms.c.form_id == form_id, forms.c.version == version


def _says_the_same(kept: FormVersion, offered: FormVersion) -> bool:
    same_workbook = offered.workbook is None or offered.workbook == kept.workbook
    return same_workbook and {f.name: f.sha256 for f in offered.files} == {f.name: f.sha256 for f in kept.files}


def _versions() -> Select[Any]:
    forms, states = schema.form_versions, schema.workbook_states
    newest = select(func.max(states.c.id)).where(states.c.form_version_id == forms.c.id).correlate(forms)
    return (
        select(forms, states.c.id.label("state_id"), states.c.workbook, states.c.workbook_name, states.c.content_hash)
        .join(states, states.c.id == newest.scalar_subquery())
        .order_by(forms.c.published_at, forms.c.id)
    )


def _read(connection: Connection, query: Select[Any]) -> list[FormVersion]:
    rows = connection.execute(query).all()
    files = _files(connection, [row.state_id for row in rows])
    return [_form_version(row, files.get(row.state_id, [])) for row in rows]


def _form_version(row: Row[Any], files: Sequence[FormFile]) -> FormVersion:
    return FormVersion(
        form_id=row.form_id,
        version=row.version,
        title=row.title,
        xform=row.xform,
        xform_md5=row.xform_md5,
        workbook=row.workbook,
        workbook_name=row.workbook_name,
        content_hash=row.content_hash,
        published_at=row.published_at,
        files=tuple(files),
        state=FormState(row.state),
    )


def _files(connection: Connection, state_ids: Sequence[int]) -> dict[int, list[FormFile]]:
    files: dict[int, list[FormFile]] = {}
    table = schema.form_files
    for row in connection.execute(
        select(table).where(table.c.workbook_state_id.in_(state_ids)).order_by(table.c.workbook_state_id, table.c.name)
    ):
        files.setdefault(row.workbook_state_id, []).append(FormFile(row.name, row.sha256, row.md5, row.size))
    return files


def _other_xform(form: FormVersion) -> Bilingual:
    return Bilingual(
        f"Version '{form.version}' of form {form.form_id} is already published with other questions, and tablets hold "
        "it. Write a new version in the settings sheet and publish again.",
        f"La version « {form.version} » du formulaire {form.form_id} est déjà publiée avec d’autres questions, et les "
        "tablettes la détiennent. Écrivez une nouvelle version dans la feuille settings et publiez de nouveau.",
    )
