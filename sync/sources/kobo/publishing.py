"""Publish a form on KoboToolbox: import the workbook, send the files it names, deploy, and read back the version.

A form that is there already is imported onto its project. What is open to tablets changes with the deployment alone,
the last step, so that nothing half done reaches them.
"""

import base64
import hashlib
import json
import mimetypes
from collections.abc import Mapping
from typing import Any, Final

from forms.errors import XLSFormInvalid
from forms.read import read_form
from forms.text import Bilingual, one_line
from forms.xform.read import read_xform
from sync.errors import SourceRefused, SourceUnavailable
from sync.http.client import HttpClient
from sync.source import Deployed, Upload
from sync.sources.kobo.content import workbook_of_content
from sync.sources.kobo.lists import all_rows
from sync.sources.kobo.paths import ASSETS, IMPORTS, asset_path, file_path, files_path
from sync.sources.kobo.replies import Row, object_of, text_of, unexpected
from sync.wires import Wires

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WAITS: Final = (0.5, 1, 2, 4, 8, *[10] * 12)
"""Seconds between looks at an import that is being worked on: two and a quarter minutes, more than a request may take
there; a large form takes seconds."""


def publish(client: HttpClient, wires: Wires, upload: Upload, onto: str | None, source: str) -> Deployed:
    """Import and deploy a form; onto: the uid of the project it is a new version of, None for a new project.

    Where none is named and an earlier try left one behind, that one is taken. source: its name here. Raises
    SourceRefused with the server's words for a workbook that it does not take, and where the form is there already but
    unknown to us.
    """
    known = onto if onto is not None else _left_behind(client, upload, source)
    uid = _imported(client, wires, upload, known)
    _send_files(client, uid, upload.files)
    version_name = _deployed(client, uid)
    return Deployed(remote_id=uid, version_name=version_name)


def _left_behind(client: HttpClient, upload: Upload, source: str) -> str | None:
    """The project that an earlier try made of this form: a draft, or one that was deployed and asks the same.

    Raises SourceRefused where a deployed project has the form's id otherwise, unless a new one is wanted: to import
    onto it would skip the comparison with what was collected, and two projects of one id are easily confused.
    """
    draft, other = None, None
    for listed in all_rows(client, ASSETS, {"q": "asset_type:survey"}):
        is_named, is_deployed = listed.get("name") == upload.title, bool(listed.get("has_deployment"))
        if (is_deployed and upload.as_new) or not (is_named or is_deployed):
            continue
        uid = text_of(listed, "uid", ASSETS)
        asset = _asset(client, uid)
        content = asset.get("content")
        if not isinstance(content, dict) or _form_id(content) != upload.form_id:
            continue
        if not is_deployed:
            draft = draft or uid
        elif is_named and _asks_the_same(content, upload):
            return uid
        else:
            other = other or _unknown_here(str(listed.get("name")), uid, upload, source)
    if other is not None:
        raise other
    return draft


def _unknown_here(title: str, uid: str, upload: Upload, source: str) -> SourceRefused:
    return SourceRefused(
        Bilingual(
            f"KoboToolbox has a deployed project {one_line(title)} ({uid}) of form {upload.form_id} that this project "
            f"does not know. Pull it first (jekafo pull {source} --form {uid}), so that the new version is compared "
            "with what was collected; or publish with --as-new to make another project there.",
            f"KoboToolbox a déjà un projet déployé {one_line(title)} ({uid}) du formulaire {upload.form_id}, inconnu "
            f"de ce projet. Récupérez-le d'abord (jekafo pull {source} --form {uid}), pour que la nouvelle version "
            "soit comparée à ce qui a été collecté ; ou publiez avec --as-new pour y créer un autre projet.",
        )
    )


def _form_id(content: Row) -> str:
    settings = content.get("settings")
    return str(settings.get("id_string") or "") if isinstance(settings, dict) else ""


def _asks_the_same(content: Mapping[str, Any], upload: Upload) -> bool:
    if str(content["settings"].get("version") or "") != upload.version:
        return False
    try:
        workbook = workbook_of_content(content, form_id=upload.form_id, version=upload.version, title=upload.title)
        theirs = read_form(workbook, f"{upload.form_id}.xlsx")
    except XLSFormInvalid:
        return False
    ours = read_xform(upload.xform)
    return [(q.path, q.type, q.relevant) for q in ours.questions] == [
        (q.path, q.type, q.relevant) for q in theirs.questions
    ]


def _imported(client: HttpClient, wires: Wires, upload: Upload, onto: str | None) -> str:
    """Import the workbook and return the uid of its project."""
    fields = {"name": upload.title, "library": "false"}
    if onto is not None:
        fields["destination"] = text_of(_asset(client, onto), "url", asset_path(onto))
    file = (f"{upload.form_id}.xlsx", upload.workbook, _XLSX)
    # Importing twice onto a project does no harm; a second new project would. After a try whose outcome is not known
    # the error is let out: the next run finds what it left behind.
    begun = object_of(client.post_form(IMPORTS, fields, {"file": file}, idempotent=onto is not None), IMPORTS)
    done = _finished(client, wires, text_of(begun, "uid", IMPORTS))
    messages = object_of(done.get("messages"), IMPORTS)
    made = [entry for key in ("created", "updated") for entry in messages.get(key) or ()]
    uids = [str(entry.get("uid")) for entry in made if isinstance(entry, dict) and entry.get("kind") == "asset"]
    if len(uids) != 1 or (onto is not None and uids != [onto]):
        raise unexpected(
            IMPORTS,
            f"the import was to make one project, and made {len(uids)}",
            f"l'import devait créer un projet, il en a créé {len(uids)}",
        )
    return uids[0]


def _finished(client: HttpClient, wires: Wires, import_uid: str) -> Row:
    """Wait until an import is over and return what it says; raises SourceRefused with its words where it failed."""
    path = f"{IMPORTS}{import_uid}/"
    for seconds in (*_WAITS, None):
        state = object_of(client.get_json(path), path)
        match state.get("status"):
            case "complete":
                return state
            case "error":
                raise _not_taken(state)
        if seconds is not None:
            wires.sleep(seconds)
    raise SourceUnavailable(
        Bilingual(
            f"KoboToolbox has not finished importing the form after {sum(_WAITS):.0f} seconds. Nothing was deployed; "
            "publish again in some minutes.",
            f"KoboToolbox n'a pas fini d'importer le formulaire après {sum(_WAITS):.0f} secondes. Rien n'a été "
            "déployé ; publiez de nouveau dans quelques minutes.",
        )
    )


def _not_taken(state: Row) -> SourceRefused:
    messages = state.get("messages")
    said = str(messages.get("error") or messages.get("error_type")) if isinstance(messages, dict) else "?"
    words = " ".join(said.split())[:300]
    return SourceRefused(
        Bilingual(
            f"KoboToolbox did not take the workbook: {words}. Nothing was deployed.",
            f"KoboToolbox n'a pas accepté le classeur : « {words} ». Rien n'a été déployé.",
        ),
        detail=words,
    )


def _send_files(client: HttpClient, uid: str, files: Mapping[str, bytes]) -> None:
    """Make the project's form media those given; files of other names stay. They reach tablets with the deployment."""
    if not files:
        return
    path = files_path(uid)
    there = {
        str(kept["metadata"].get("filename")): kept
        for kept in all_rows(client, path, {"file_type": "form_media"})
        if isinstance(kept.get("metadata"), dict)
    }
    for name, content in files.items():
        kept = there.get(name)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if kept is not None:
            if str(kept["metadata"].get("hash")) == f"md5:{md5}":
                continue
            _remove_file(client, file_path(uid, text_of(kept, "uid", path)))
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        fields = {
            "file_type": "form_media",
            "description": "default",
            "metadata": json.dumps({"filename": name}),
            "base64Encoded": f"data:{content_type};base64,{base64.b64encode(content).decode()}",
        }
        client.post_form(path, fields)


def _remove_file(client: HttpClient, path: str) -> None:
    try:
        client.send_json("DELETE", path, idempotent=True)
    except SourceRefused as error:
        if error.status != 404:  # gone already is what is wanted
            raise


def _deployed(client: HttpClient, uid: str) -> str:
    """Deploy the project's newest content and return the uid by which records will name it."""
    asset = _asset(client, uid)
    path = f"{asset_path(uid)}deployment/"
    renewal = {"active": True, "version_id": text_of(asset, "version_id", path)}
    if asset.get("has_deployment"):
        client.send_json("PATCH", path, renewal, idempotent=True)
    else:
        try:
            client.send_json("POST", path, {"active": True}, idempotent=True)
        except SourceRefused as error:
            if error.status != 405:  # "Use PATCH to update an existing deployment": an earlier try got through
                raise
            client.send_json("PATCH", path, renewal, idempotent=True)
    return text_of(_asset(client, uid), "deployed_version_id", asset_path(uid))


def _asset(client: HttpClient, uid: str) -> Row:
    path = asset_path(uid)
    return object_of(client.get_json(path), path)
