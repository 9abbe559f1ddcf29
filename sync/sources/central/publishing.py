"""Publish a form on ODK Central: its XForm as a draft, the files it names, and then the draft to everybody.

Tablets see nothing before the last step; where one before it fails, the draft is taken away again.
"""

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from forms.errors import FormIncompatible
from forms.text import Bilingual
from sync.errors import SourceError, SourceRefused, SourceUnavailable
from sync.http.client import HttpClient
from sync.source import Deployed, Upload
from sync.sources.central.paths import file_path, form_path, project_and_form, project_path, remote_id_of
from sync.sources.central.replies import FORM, FORM_FILES, object_of, objects_of

_XML: Final = "application/xml"


def publish(client: HttpClient, project: int, upload: Upload, onto: str | None, source: str) -> Deployed:
    """Publish a form in a project, or as a new version of the form `onto` (`8/household`). source: its name here.

    Exactly this version with exactly these files, out already, is left as it is. Raises FormIncompatible, with the
    server's words, for a version that is out with other content and for a question whose type changed; SourceRefused
    where the form, or a draft of it, is there but unknown to us.
    """
    remote_id = remote_id_of(project, upload.form_id)
    if onto is not None and onto != remote_id:
        raise _other_id(onto, upload)
    there = _form(client, remote_id)
    if onto is not None and there is None:
        raise _gone(remote_id)
    if there is not None and there.get("publishedAt") is not None:
        if _is_out(client, remote_id, there, upload):
            return Deployed(remote_id, upload.version)
        if onto is None:
            raise _unknown_here(remote_id, upload, source)
        _refuse_others_draft(client, remote_id, upload)
    with _draft(client, remote_id, upload, is_new=there is None):
        _send_files(client, f"{form_path(remote_id)}/draft", upload.files)
        _publish_draft(client, remote_id, upload)
    return Deployed(remote_id, upload.version)


def _form(client: HttpClient, remote_id: str) -> Mapping[str, Any] | None:
    try:
        return object_of(client.get_json(form_path(remote_id)), FORM)
    except SourceRefused as error:
        if error.status == 404:
            return None
        raise


def _is_out(client: HttpClient, remote_id: str, there: Mapping[str, Any], upload: Upload) -> bool:
    """Whether this very version is the published one: so it is after a try that broke off once it was done."""
    if (
        there.get("publishedAt") is None
        or there.get("version") != upload.version
        or there.get("sha256") != hashlib.sha256(upload.xform).hexdigest()
    ):
        return False
    return not any(_to_send(_attachments(client, form_path(remote_id)), upload.files))


@contextmanager
def _draft(client: HttpClient, remote_id: str, upload: Upload, *, is_new: bool) -> Iterator[None]:
    """Make the draft; where what follows fails, take it away, and with it a form that was never published."""
    try:
        if is_new:
            path = f"{project_path(project_and_form(remote_id)[0])}/forms"
            client.post_file(path, upload.xform, _XML, params={"publish": "false"})
        else:
            client.post_file(f"{form_path(remote_id)}/draft", upload.xform, _XML, idempotent=True)
    except SourceRefused as error:
        raise _incompatible(error, upload) from error
    try:
        yield
    except BaseException:
        # The first error is the one to tell; a draft that stays harms nobody, and the next try replaces it.
        with suppress(SourceError):
            _take_away(client, remote_id, is_new=is_new)
        raise


def _take_away(client: HttpClient, remote_id: str, *, is_new: bool) -> None:
    # Looked at again: after a reply that was lost the form may be out, with answers coming in.
    there = _form(client, remote_id)
    if there is None:
        return
    if there.get("publishedAt") is not None:
        client.send_json("DELETE", f"{form_path(remote_id)}/draft")
    elif is_new:
        client.send_json("DELETE", form_path(remote_id))


def _send_files(client: HttpClient, draft: str, files: Mapping[str, bytes]) -> None:
    """Send the files that the draft names and has not got; those that were the same before are carried over."""
    for name in _to_send(_attachments(client, draft), files):
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        client.post_file(file_path(draft, name), files[name], content_type, idempotent=True)


def _attachments(client: HttpClient, parent: str) -> Sequence[Mapping[str, Any]]:
    return objects_of(client.get_json(f"{parent}/attachments"), FORM_FILES)


def _to_send(attachments: Sequence[Mapping[str, Any]], files: Mapping[str, bytes]) -> Iterator[str]:
    """The files that the form names and that the server has not got, or has with other bytes."""
    for attachment in attachments:
        name = str(attachment.get("name"))
        # An entity list of the project stands in for the file of its name, until a file is sent.
        if name in files and not attachment.get("datasetExists"):
            md5 = hashlib.md5(files[name], usedforsecurity=False).hexdigest()
            if attachment.get("hash") != md5:
                yield name


def _publish_draft(client: HttpClient, remote_id: str, upload: Upload) -> None:
    try:
        client.send_json("POST", f"{form_path(remote_id)}/draft/publish")
    except SourceRefused as error:
        raise _incompatible(error, upload) from error
    except SourceUnavailable:
        # Sent again it would be refused, for the version would be out already.
        there = _form(client, remote_id)
        if there is None or not _is_out(client, remote_id, there, upload):
            raise


def _incompatible(error: SourceRefused, upload: Upload) -> Exception:
    """The refusal as the form's author must read it, or as it is where it is about something else.

    400 on a draft of XML that compiled: a question changed its type (400.17). 409: the version is out (409.6).
    """
    said = error.detail or ""
    if error.status == 409 and "tried to publish" in said:
        return FormIncompatible(
            Bilingual(
                f"Version '{upload.version}' of form {upload.form_id} is already published on ODK Central with other "
                f"content. Write a new version in the settings sheet and publish again. The server says: {said}",
                f"La version « {upload.version} » du formulaire {upload.form_id} est déjà publiée sur ODK Central avec "
                "un autre contenu. Écrivez une nouvelle version dans la feuille settings et publiez de nouveau. Le "
                f"serveur dit : « {said} »",
            )
        )
    if error.status == 400 and "change the type" in said:
        return FormIncompatible(
            Bilingual(
                f"ODK Central does not take form {upload.form_id}: a question has another type than in a version that "
                "answers were collected with. Give it its type back, or give the new question another name. The "
                f"server says: {said}",
                f"ODK Central n'accepte pas le formulaire {upload.form_id} : une question a un autre type que dans une "
                "version qui a servi à la collecte. Rendez-lui son type, ou donnez un autre nom à la nouvelle "
                f"question. Le serveur dit : « {said} »",
            )
        )
    return error


def _refuse_others_draft(client: HttpClient, remote_id: str, upload: Upload) -> None:
    """Raise SourceRefused where somebody prepares another version: to publish ours would do away with it."""
    try:
        draft = object_of(client.get_json(f"{form_path(remote_id)}/draft"), FORM)
    except SourceRefused as error:
        if error.status == 404:
            return
        raise
    if draft.get("version") != upload.version:
        raise SourceRefused(
            Bilingual(
                f"Somebody is preparing version '{draft.get('version')}' of form {upload.form_id} on ODK Central. "
                "Publish or abandon that draft there, then publish again.",
                f"Quelqu'un prépare la version « {draft.get('version')} » du formulaire {upload.form_id} sur ODK "
                "Central. Publiez ou abandonnez ce brouillon sur le serveur, puis publiez de nouveau.",
            )
        )


def _unknown_here(remote_id: str, upload: Upload, source: str) -> SourceRefused:
    return SourceRefused(
        Bilingual(
            f"ODK Central has a form {upload.form_id} ({remote_id}) that this project does not know. Pull it first "
            f"(jekafo pull {source} --form {remote_id}), so that the new version is compared with what was collected; "
            "or give the form another form_id.",
            f"ODK Central a déjà un formulaire {upload.form_id} ({remote_id}), inconnu de ce projet. Récupérez-le "
            f"d'abord (jekafo pull {source} --form {remote_id}), pour que la nouvelle version soit comparée à ce qui a "
            "été collecté ; ou donnez au formulaire un autre form_id.",
        )
    )


def _other_id(onto: str, upload: Upload) -> FormIncompatible:
    return FormIncompatible(
        Bilingual(
            f"Form {upload.form_id} would be a new version of {onto} on ODK Central, where a form keeps its form_id. "
            "Write that form_id and this project in the settings, or publish it as a new form.",
            f"Le formulaire {upload.form_id} serait une nouvelle version de {onto} sur ODK Central, où un formulaire "
            "garde son form_id. Écrivez ce form_id et ce projet dans les réglages, ou publiez un nouveau formulaire.",
        )
    )


def _gone(remote_id: str) -> SourceRefused:
    return SourceRefused(
        Bilingual(
            f"The form {remote_id} is no longer on ODK Central, or the account may not see it. Restore it there from "
            "the bin, or ask for access.",
            f"Le formulaire {remote_id} n'est plus sur ODK Central, ou le compte ne peut pas le voir. Restaurez-le "
            "depuis la corbeille, ou demandez l'accès.",
        ),
        status=404,
    )
