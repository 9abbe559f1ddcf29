"""Publish a form on a source: send what tablets need to know, and keep here what it means.

Our own endpoint is `sync.publish`. How a form comes onto a server is each source's business.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from forms.errors import FormIncompatible
from forms.form import Form
from forms.sheets.names import OUR_COLUMNS
from forms.text import Bilingual
from forms.workbook.file import read_workbook
from forms.workbook.workbook import STANDARD_SHEETS, Workbook, plain
from forms.workbook_style.our_sheets import without_our_sheets
from forms.xform.read import read_xform
from store.deployments import Deployment, deployments, keep_deployment
from store.form_versions import FormFile, FormState, find_form_version, keep_form_version
from store.kept import Store
from store.mirror.states import pull_states
from sync.offered import Offered, offered_workbook, version_of
from sync.receive import release_waiting
from sync.shelf import Shelf
from sync.source import Deployed, Source, Upload


@dataclass(frozen=True, slots=True)
class PublishedTo:
    """What came of publishing on a source.

    is_new: False where the source has exactly this already, so that nothing was sent. released: how many submissions
    waited in quarantine for this version and are kept now.
    """

    form: Form
    deployed: Deployed
    is_new: bool
    released: int


def publish_to(
    store: Store,
    source: Source,
    workbook: bytes,
    file_name: str,
    files: Mapping[str, bytes],
    *,
    at: datetime,
    as_new: bool = False,
) -> PublishedTo:
    """Publish a workbook on a source, without our sheets, with the media and data files that it names.

    Where only our columns and sheets changed nothing is sent, and they are kept here as the version's newest state.
    Our own endpoint does not offer the version, unless it was published here too: two servers would each have a part
    of the answers. A run that breaks off once the form is deployed leaves nothing here; the next one deploys it again
    or finds it there, and keeps it then. as_new: where nothing of the form was pulled from the source or published to
    it, make a form of its own there even if the source has others of its id.
    Raises XLSFormInvalid, FormFilesMissing, FormIncompatible (other questions under a version that is out already),
    and what `Source.publish` raises.
    """
    offered = _as_kept(store, offered_workbook(store, workbook, file_name, files))
    form = offered.form
    contents = _contents(store, offered)
    content_hash = _hash(read_workbook(workbook, file_name), contents)
    newest, onto = _standing(store, source.name, form.form_id)
    if newest is not None and newest.content_hash == content_hash and newest.remote_version is not None:
        deployed = Deployed(newest.remote_id, newest.remote_version)
        is_new = False
    else:
        upload = Upload(
            form_id=form.form_id,
            version=form.version,
            title=form.title,
            workbook=without_our_sheets(workbook),
            xform=form.xform,
            files=contents,
            as_new=as_new,
        )
        deployed = source.publish(upload, onto)
        is_new = True
    _keep(store, source.name, offered, deployed, content_hash, at=at)
    released = release_waiting(store, Shelf(store), form.form_id, form.version, at=at)
    return PublishedTo(form, deployed, is_new, released)


def _keep(store: Store, source: str, offered: Offered, deployed: Deployed, content_hash: str, *, at: datetime) -> None:
    version = version_of(store, offered, state=FormState.CLOSING, at=at)
    deployment = Deployment(
        form_id=version.form_id,
        version=version.version,
        source=source,
        remote_id=deployed.remote_id,
        deployed_at=at,
        remote_version=deployed.version_name,
        content_hash=content_hash,
    )
    store.database.write(
        lambda connection: (keep_form_version(connection, version), keep_deployment(connection, deployment))
    )


def _standing(store: Store, source: str, form_id: str) -> tuple[Deployment | None, str | None]:
    """The form's newest deployment on a source, and the remote id that it has there; None for each not known."""
    with store.database.read() as connection:
        made = [entry for entry in deployments(connection, source) if entry.form_id == form_id]
        pulled = [state.remote_id for state in pull_states(connection, source) if state.form_id == form_id]
    # Versions that were pulled are noted when a record names them, in any order; of two at a time the last one noted.
    newest = max(reversed(made), key=lambda entry: entry.deployed_at, default=None)
    return newest, newest.remote_id if newest is not None else next(iter(pulled), None)


def _as_kept(store: Store, offered: Offered) -> Offered:
    """The offer, with the XForm that its version has here where another compiler wrote that from the same questions.

    Raises FormIncompatible for other questions, before anything is sent that could not be kept afterwards.
    """
    form = offered.form
    with store.database.read() as connection:
        kept = find_form_version(connection, form.form_id, form.version)
    if kept is None or kept.xform == form.xform:
        return offered
    if _asked(read_xform(kept.xform)) == _asked(form):
        return replace(offered, form=replace(form, xform=kept.xform))
    raise FormIncompatible(
        Bilingual(
            f"Version '{form.version}' of form {form.form_id} is already kept here with other questions. Write a new "
            "version in the settings sheet and publish again. Nothing was sent.",
            f"La version « {form.version} » du formulaire {form.form_id} est déjà conservée ici avec d'autres "
            "questions. Écrivez une nouvelle version dans la feuille settings et publiez de nouveau. Rien n'a été "
            "envoyé.",
        )
    )


def _asked(form: Form) -> object:
    """All that a tablet asks, as far as two compilers must agree on it."""
    questions = [
        (q.path, q.type, q.labels, q.relevant, q.constraint, q.required, q.calculation, q.choice_filter, q.list_name)
        for q in form.questions
    ]
    choices = {name: [(choice.name, choice.labels) for choice in each] for name, each in form.lists.items()}
    return questions, choices, form.files


def _contents(store: Store, offered: Offered) -> dict[str, bytes]:
    """The files by name: those given, and those that this version has here."""
    kept = {name: _read(store, file) for name, file in offered.kept.items() if name not in offered.files}
    return kept | dict(offered.files)


def _read(store: Store, file: FormFile) -> bytes:
    with store.media.open(file.sha256) as stream:
        return stream.read()


def _hash(workbook: Workbook, files: Mapping[str, bytes]) -> str:
    """Sha256 over what a server makes of a workbook: the cells of XLSForm's sheets and columns, and the files.

    Over cells, not bytes: colours and widths, and another program that saved the file, make no new version.
    """
    digest = hashlib.sha256()
    for word in _words(workbook):
        digest.update(hashlib.sha256(word.encode()).digest())
    for name in sorted(files):
        digest.update(hashlib.sha256(name.encode()).digest())
        digest.update(hashlib.sha256(files[name]).digest())
    return digest.hexdigest()


def _words(workbook: Workbook) -> Iterator[str]:
    """Sheet names, headers and texts in order, each line ended, so that no two workbooks read alike."""
    for sheet in workbook.sheets:
        # pyxform takes the only sheet of a workbook for its survey, whatever its name.
        if sheet.key not in STANDARD_SHEETS and len(workbook.sheets) > 1:
            continue
        yield f"sheet {sheet.key}"
        ours = OUR_COLUMNS.get(sheet.key, ())
        for row in sheet.rows:
            for header, cell in row.cells.items():
                if plain(header) not in ours:
                    yield f"header {header}"
                    yield f"text {cell.text}"
            yield "end of row"
