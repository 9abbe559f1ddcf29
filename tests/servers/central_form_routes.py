"""REST answers of the simulated Central about forms: reading them and their versions, drafts, publication, state."""

from hashlib import md5
from typing import Any

from servers.central_forms import converted, described_form, open_draft, publish_draft, put_form_file
from servers.central_http import XML, Ask, done, file_reply, json_reply, xml_reply
from servers.central_people import Actor, AppUser
from servers.central_problem import Problem, not_authenticated, not_found, unexpected_value
from servers.central_records import Form, FormFile, FormVersion, written
from servers.central_submissions import described_actor
from servers.reply import Reply

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNNAMED = "___"
"""How a URL names the version whose name is empty."""


def listed(ask: Ask) -> Reply:
    if ask.project_id not in ask.state.projects:
        raise not_found()
    ask.require("form.list", project_id=ask.project_id)
    forms = ask.state.projects[ask.project_id].forms.values()
    return json_reply([_described(ask, form, form.current) for form in forms])


def got(ask: Ask) -> Reply:
    form = _form(ask, "form.read")
    return json_reply(_described(ask, form, form.current))


def xml(ask: Ask) -> Reply:
    """The latest published version; of a form that was never published, its draft."""
    return xml_reply(_filled_in(ask).current.xml, XML)


def workbook(ask: Ask) -> Reply:
    form = _form(ask, "form.read")
    return _workbook(form.current, form)


def versions(ask: Ask) -> Reply:
    form = _form(ask, "form.read")
    rows = []
    for version in reversed(form.published):
        described = described_form(form, version)
        if ask.extended:
            described |= _origin(version) | {
                "publishedBy": described_actor(version.published_by) if version.published_by else None,
                "publishNotes": None,
            }
        rows.append(described)
    return json_reply(rows)


def version(ask: Ask) -> Reply:
    form = _form(ask, "form.read")
    return json_reply(described_form(form, _version(ask, form)))


def version_xml(ask: Ask) -> Reply:
    return xml_reply(_version(ask, _form(ask, "form.read")).xml, XML)


def version_workbook(ask: Ask) -> Reply:
    form = _form(ask, "form.read")
    return _workbook(_version(ask, form), form)


def fields(ask: Ask) -> Reply:
    form = _form(ask, "form.read")
    return json_reply([field.described() for field in form.current.xform.all_fields])


def version_fields(ask: Ask) -> Reply:
    version = _version(ask, _form(ask, "form.read"))
    return json_reply([field.described() for field in version.xform.all_fields])


def attachments(ask: Ask) -> Reply:
    return json_reply(_files(_form(ask, "form.read").current))


def version_attachments(ask: Ask) -> Reply:
    return json_reply(_files(_version(ask, _form(ask, "form.read"))))


def attachment(ask: Ask) -> Reply:
    return _file(_filled_in(ask).current, ask.names["name"])


def version_attachment(ask: Ask) -> Reply:
    return _file(_version(ask, _form(ask, "form.read")), ask.names["name"])


def created(ask: Ask) -> Reply:
    project = ask.state.projects.get(ask.project_id)
    if project is None:
        raise not_found()
    ask.require("form.create", project_id=ask.project_id)
    xform, sheet = _uploaded(ask)
    publish = ask.query.get("publish", "").lower() == "true"
    form = open_draft(ask.state, project, None, xform, by=_who(ask), publish=publish, workbook=sheet)
    return json_reply(described_form(form, form.current))


def changed(ask: Ask) -> Reply:
    form = _form(ask, "form.update")
    state = ask.json.get("state", form.state)
    if state not in {"open", "closing", "closed"}:
        raise unexpected_value("state", state, "not a recognized state name")
    ask.state.close_form(form, state)
    return json_reply(described_form(form, form.current))


def removed(ask: Ask) -> Reply:
    form = _form(ask, "form.delete")
    del ask.state.projects[ask.project_id].forms[form.form_id]
    return done()


def draft_opened(ask: Ask) -> Reply:
    """With a new definition, or without one as a copy of what is published."""
    form = _form(ask, "form.update")
    xform, sheet = _uploaded(ask) if ask.request.body else (form.current.xml, form.current.workbook)
    open_draft(ask.state, ask.state.projects[ask.project_id], form, xform, by=_who(ask), workbook=sheet)
    return done()


def draft(ask: Ask) -> Reply:
    form = _form(ask, "form.read")
    return json_reply(_described(ask, form, _draft(form)))


def draft_xml(ask: Ask) -> Reply:
    return xml_reply(_draft(_form(ask, "form.read")).xml, XML)


def draft_attachments(ask: Ask) -> Reply:
    return json_reply(_files(_draft(_form(ask, "form.read"))))


def draft_attachment_put(ask: Ask) -> Reply:
    form = _form(ask, "form.update")
    name = ask.names["name"]
    kind = dict(_draft(form).xform.files).get(name, "file")
    content_type = ask.request.headers.get("content-type")
    file = put_form_file(ask.state, form, name, ask.request.body, content_type)
    if file is None:
        raise not_found()
    return json_reply(_described_file(name, kind, file) | {"updatedAt": written(file.updated_at)})


def draft_published(ask: Ask) -> Reply:
    form = _form(ask, "form.update")
    _draft(form)
    publish_draft(ask.state, form, by=_who(ask), version=ask.query.get("version"))
    return done()


def draft_abandoned(ask: Ask) -> Reply:
    form = _form(ask, "form.update")
    _draft(form)
    if not form.published:
        raise Problem(
            "409.7",
            "Could not delete draft, because the form has not been published. Either delete the whole form, or replace "
            "the draft.",
        )
    form.draft = form.draft_token = None
    return done()


def _form(ask: Ask, verb: str) -> Form:
    form = ask.state.form(ask.project_id, ask.names["form"])
    ask.require(verb, project_id=ask.project_id)
    return form


def _filled_in(ask: Ask) -> Form:
    """The form for those who read forms, and for tablets that it is assigned to."""
    form = ask.state.form(ask.project_id, ask.names["form"])
    if not (isinstance(ask.actor, AppUser) and ask.actor.number in form.app_users):
        ask.require("form.read", project_id=ask.project_id)
    return form


def _who(ask: Ask) -> Actor:
    if ask.actor is None:
        raise not_authenticated()
    return ask.actor


def _version(ask: Ask, form: Form) -> FormVersion:
    named = ask.names["version"]
    found = form.version("" if named == UNNAMED else named)
    if found is None:
        raise not_found()
    return found


def _draft(form: Form) -> FormVersion:
    if form.draft is None:
        raise not_found()
    return form.draft


def _uploaded(ask: Ask) -> tuple[bytes, bytes | None]:
    """The XForm that was sent, and the workbook where it was one."""
    if ask.request.headers.get("content-type", "").partition(";")[0].strip() != XLSX:
        return ask.request.body, None
    fallback = ask.request.headers.get("x-xlsform-formid-fallback", "form")
    ignore_warnings = ask.query.get("ignoreWarnings", "").lower() == "true"
    return converted(ask.request.body, fallback, ignore_warnings=ignore_warnings), ask.request.body


def _workbook(version: FormVersion, form: Form) -> Reply:
    if version.workbook is None:
        raise not_found()
    digest = md5(version.workbook, usedforsecurity=False).hexdigest()
    return file_reply(version.workbook, XLSX, f"{form.form_id}.xlsx", digest, "attachment")


def _files(version: FormVersion) -> list[dict[str, Any]]:
    return [_described_file(name, kind, version.files.get(name)) for name, kind in version.xform.files]


def _described_file(name: str, kind: str, file: FormFile | None) -> dict[str, Any]:
    there = file is not None
    described: dict[str, Any] = {
        "name": name,
        "type": kind,
        "hash": file.blob.md5 if file is not None else None,
        "exists": there,
        "blobExists": there,
        "datasetExists": False,
    }
    return described | ({"updatedAt": written(file.updated_at)} if file is not None else {})


def _file(version: FormVersion, name: str) -> Reply:
    file = version.files.get(name)
    if file is None:
        raise not_found()
    blob = file.blob
    content_type = blob.content_type
    if content_type.startswith("text/") and "charset" not in content_type:
        content_type += "; charset=utf-8"
    return file_reply(blob.content, content_type, name, blob.md5, "attachment")


def _origin(version: FormVersion) -> dict[str, Any]:
    return {"excelContentType": XLSX if version.workbook else None}


def _described(ask: Ask, form: Form, version: FormVersion) -> dict[str, Any]:
    described = described_form(form, version)
    if not ask.extended:
        return described
    live = form.submissions.live() if version.published_at is not None else ()
    states = [one.review_state for one in live]
    return (
        described
        | {
            "submissions": len(live),
            "entityRelated": False,
            "reviewStates": {
                "received": states.count(None),
                "hasIssues": states.count("hasIssues"),
                "edited": states.count("edited"),
            },
            "lastSubmission": written(live[0].created_at) if live else None,
        }
        | _origin(version)
        | {"publicLinks": 0, "createdBy": described_actor(form.created_by), "publishNotes": None}
    )
