"""How a form comes onto the simulated Central: a draft, its files, its publication, and what stands in the way."""

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert
from servers.central_people import Actor
from servers.central_problem import Problem, exists_already, missing
from servers.central_records import Form, FormFile, FormVersion, Project, written
from servers.central_xform import XForm, read_xform

if TYPE_CHECKING:
    from servers.central_state import CentralState

_VERSION = re.compile(rb'(<[^<>]*\bid="[^"]*"[^<>]*\bversion=")([^"]*)(")')
_CONTENT_TYPES = {"csv": "text/csv", "jpg": "image/jpeg", "png": "image/png", "mp3": "audio/mpeg"}


def converted(workbook: bytes, form_id_fallback: str, *, ignore_warnings: bool) -> bytes:
    """The XForm of an XLSForm. Raises Problem 400.15 for one that is none, 400.16 for warnings not to be ignored."""
    if not workbook.startswith(b"PK\x03\x04"):
        raise _workbook_refused(
            "Argument 'definition' was not recognized as a supported type. "
            "Must be one of: .xlsx, .xlsm, .xls, .md, .csv"
        )
    warnings: list[str] = []
    try:
        result = convert(workbook, warnings=warnings, form_name=form_id_fallback, file_type=".xlsx", validate=False)
    except PyXFormError as refused:
        raise _workbook_refused(str(refused)) from refused
    if warnings and not ignore_warnings:
        raise Problem(
            "400.16",
            "The Form is valid, but with warnings. Please check the warnings and if they are acceptable resubmit "
            "with ?ignoreWarnings=true",
            {"warnings": {"xlsFormWarnings": warnings}},
        )
    xform: str = result.xform
    return xform.encode()


def _workbook_refused(error: str) -> Problem:
    return Problem(
        "400.15",
        "The given XLSForm file was not valid. Please see the error details for more information.",
        {"error": error, "warnings": None},
    )


def open_draft(
    state: "CentralState",
    project: Project,
    form: Form | None,
    xml: bytes,
    *,
    by: Actor,
    publish: bool = False,
    workbook: bytes | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Form:
    """A draft of a form, or (form None) of a new one. Files of the version before carry over by name.

    Raises Problem 400.2 for XML without a form id, 409.3 for a form id that is taken, 400.17 for a changed type.
    """
    xform = read_xform(xml)
    if xform is None:
        raise missing("formId")
    if form is None:
        if xform.form_id in project.forms:
            raise exists_already("forms", {"projectId": str(project.number), "xmlFormId": xform.form_id})
        form = Form(state.number("form"), project.number, xform.form_id, state.actee(), state.now(), by)
        project.forms[form.form_id] = form
    elif xform.form_id != form.form_id:
        raise Problem(
            "400.8",
            f"Unexpected xmlFormId value {xform.form_id}; does not match the Form you are updating",
            {"field": "xmlFormId", "value": xform.form_id, "reason": "does not match the Form you are updating"},
        )
    _refuse_changed_types(form, xform)
    before = form.draft.files if form.draft else form.published[-1].files if form.published else {}
    cited = {name for name, _ in xform.files}
    form.draft = FormVersion(xml, xform, None, None, workbook, {k: v for k, v in before.items() if k in cited})
    form.draft_token = state.people.token()
    for name, content in (files or {}).items():
        put_form_file(state, form, name, content)
    if publish:
        publish_draft(state, form, by=by, is_new=True)
    return form


def put_form_file(
    state: "CentralState", form: Form, name: str, content: bytes, content_type: str | None = None
) -> FormFile | None:
    """A file of the draft; None for a name that it does not cite."""
    if form.draft is None or name not in {cited for cited, _ in form.draft.xform.files}:
        return None
    kind = content_type or _CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    file = FormFile(state.blob(content, kind), state.now())
    form.draft.files[name] = file
    return file


def publish_draft(
    state: "CentralState", form: Form, *, by: Actor, version: str | None = None, is_new: bool = False
) -> None:
    """Open the draft to tablets. version: a name to give it. Raises Problem 409.6 for one that was published before."""
    draft = form.draft
    assert draft is not None
    if version is not None:
        renamed = _VERSION.sub(lambda found: found[1] + version.encode() + found[3], draft.xml, count=1)
        xform = read_xform(renamed)
        assert xform is not None
        draft.xml, draft.xform = renamed, xform
    name = draft.xform.version
    if form.version(name) is not None:
        raise Problem(
            "409.6",
            f"You tried to publish the form '{form.form_id}' with version '{name}', but a published form has already "
            "existed in this project with those identifiers.",
            {"xmlFormId": form.form_id, "version": name},
        )
    draft.published_at, draft.published_by = state.now(), by
    form.published.append(draft)
    form.draft = form.draft_token = None
    if not is_new:
        form.updated_at = state.now()
    state.log(by, "form.update.publish", form, {"newDefId": state.number("form version")})


def _refuse_changed_types(form: Form, xform: XForm) -> None:
    """A question keeps its type for ever, but that anything may become text."""
    known: dict[str, str] = {}
    for version in form.published:
        known |= {field.path: field.kind for field in version.xform.all_fields}
    for field in xform.all_fields:
        before = known.get(field.path)
        if before is not None and field.kind not in {before, "string"}:
            raise Problem(
                "400.17",
                f"The form you have uploaded attempts to change the type of the field at {field.path}. In a previous "
                f"version, it had the type {before}. Please either return that field to its previous type, or rename "
                "the field so it lives at a new path.",
                {"path": field.path, "type": before},
            )


def described_form(form: Form, version: FormVersion) -> dict[str, Any]:
    """The form with one of its versions, without extended metadata."""
    return {
        "projectId": form.project_id,
        "xmlFormId": form.form_id,
        "state": form.state,
        "enketoId": None,
        "enketoOnceId": None,
        "createdAt": written(form.created_at),
        "updatedAt": written(form.updated_at),
        "webformsEnabled": True,
        "keyId": None,
        "version": version.xform.version,
        "hash": version.md5,
        "sha": hashlib.sha1(version.xml, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(version.xml).hexdigest(),
        "draftToken": form.draft_token if version.published_at is None else None,
        "publishedAt": written(version.published_at),
        "name": version.xform.title,
    }
