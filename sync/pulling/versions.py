"""Which form a record answers: the versions that a source names, read once and kept beside our own.

A version that was published from here is known by its deployment. Any other is fetched from the source, compiled and
kept; where we hold a workbook of that form, its sheets are laid on, so that figures go on being read as it says.
"""

from dataclasses import dataclass
from datetime import datetime

from forms.errors import FormError, FormIncompatible, FormVersionUnknown
from forms.form import Form
from forms.text import Bilingual
from forms.workbook_style.our_sheets import with_our_sheets
from forms.xform.read import read_xform
from store.deployments import Deployment, find_deployed_version, keep_deployment
from store.form_versions import FormState, FormVersion, find_form_version, keep_form_version, newest_form_version
from store.kept import Store
from sync.offered import Offered, version_of
from sync.source import RemoteForm, RemoteVersion, Source


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception


class Versions:
    """Gives the form of each version that records of one remote form name; `form_of` of one pull."""

    def __init__(self, store: Store, source: Source, form: RemoteForm, at: datetime) -> None:
        self._store = store
        self._source = source
        self._form = form
        self._at = at
        self._known: dict[str, Form | _Failure] = {}

    def __call__(self, name: str) -> Form:
        """Return the form; raises FormVersionUnknown, XLSFormInvalid, XFormInvalid or FormIncompatible, each time."""
        known = self._known.get(name)
        if known is None:
            try:
                known = self._find(name)
            except FormError as error:
                known = _Failure(error)
            self._known[name] = known
        if isinstance(known, _Failure):
            raise known.error
        return known

    def _find(self, name: str) -> Form:
        with self._store.database.read() as connection:
            deployed = find_deployed_version(connection, self._source.name, self._form.remote_id, name)
            kept = find_form_version(connection, *deployed) if deployed is not None else None
        if kept is not None:
            return read_xform(kept.xform)
        try:
            remote = self._source.version(self._form, name)
        except FormVersionUnknown:
            # A folder copied from a tablet has submissions, and not always the form that the tablet got from us.
            with self._store.database.read() as connection:
                kept = find_form_version(connection, self._form.proposed_form_id, name)
            if kept is None:
                raise
            return read_xform(kept.xform)
        return self._keep(remote)

    def _keep(self, remote: RemoteVersion) -> Form:
        form = read_xform(remote.xform)
        if form.form_id != self._form.proposed_form_id:
            raise FormIncompatible(_other_form(self._form, form.form_id))
        with self._store.database.read() as connection:
            ours = find_form_version(connection, form.form_id, form.version)
            newest = newest_form_version(connection, form.form_id)
        if ours is not None and ours.xform != remote.xform:
            form = _same_questions(read_xform(ours.xform), form)
        else:
            self._add(form, remote, newest)
        deployment = Deployment(
            form_id=form.form_id,
            version=form.version,
            source=self._source.name,
            remote_id=self._form.remote_id,
            deployed_at=remote.deployed_at or self._at,
            remote_version=remote.name,
        )
        self._store.database.write(lambda connection: keep_deployment(connection, deployment))
        return form

    def _add(self, form: Form, remote: RemoteVersion, newest: FormVersion | None) -> None:
        workbook, name = _interpreted(remote, newest)
        # It is filled in elsewhere: our own endpoint does not offer it, and turns nobody away who sends it here.
        version = version_of(
            self._store,
            Offered(form, remote.files, workbook, name),
            state=FormState.CLOSING,
            at=remote.deployed_at or self._at,
        )
        self._store.database.write(lambda connection: keep_form_version(connection, version))


def _interpreted(remote: RemoteVersion, newest: FormVersion | None) -> tuple[bytes | None, str | None]:
    """The version's workbook with the sheets of the one we hold, and its name; ours as it is for a bare XForm.

    Where the sheets speak of a question that this version lacks, figures stop with the cell named until somebody
    publishes a workbook that fits. Without them, figures would be gone without a word.
    """
    name = remote.workbook_name or f"{remote.name}.xlsx"
    if newest is None or newest.workbook is None:
        return remote.workbook, name if remote.workbook is not None else None
    if remote.workbook is None:
        return newest.workbook, newest.workbook_name
    return with_our_sheets(remote.workbook, newest.workbook), name


def _same_questions(ours: Form, theirs: Form) -> Form:
    """Our version where another compiler wrote the server's from the same workbook; else raises FormIncompatible."""
    if _paths_and_types(ours) == _paths_and_types(theirs):
        return ours
    raise FormIncompatible(
        Bilingual(
            f"Version '{ours.version}' of form {ours.form_id} asks other questions here than on the server. Give one "
            "of them another version in its settings sheet and publish it.",
            f"La version « {ours.version} » du formulaire {ours.form_id} ne pose pas les mêmes questions ici et sur le "
            "serveur. Donnez à l'une d'elles une autre version dans sa feuille settings, puis publiez-la.",
        )
    )


def _paths_and_types(form: Form) -> dict[str, str]:
    return {question.path: question.type for question in form.questions}


def _other_form(form: RemoteForm, found: str) -> Bilingual:
    return Bilingual(
        f"{form.title} ({form.remote_id}) says that it is form {found}, whose submissions here come from another form "
        "of that server. Pull it into a project of its own.",
        f"{form.title} ({form.remote_id}) se présente comme le formulaire {found}, dont les soumissions viennent ici "
        "d'un autre formulaire de ce serveur. Récupérez-le dans un projet à part.",
    )
