"""OpenRosa of the simulated Central: what tablets ask. Errors are XML without a code; a 403 to a tablet reads 401."""

import html
import re
from xml.sax.saxutils import escape

from servers.central_http import Ask
from servers.central_intake import sent, take_openrosa
from servers.central_people import AppUser
from servers.central_problem import Problem, forbidden, not_authenticated, not_found
from servers.central_records import Form
from servers.reply import Reply

XML = "text/xml; charset=utf-8"
OPENROSA = {
    "Content-Language": "en",
    "X-OpenRosa-Version": "1.0",
    "X-OpenRosa-Accept-Content-Length": "100000000",
}
_NAME = re.compile(rb'\bname="([^"]*)"')
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')


def answer(nature: str, text: str) -> bytes:
    return (
        '\n  <OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0">\n'
        f'    <message nature="{nature}">{text}</message>\n  </OpenRosaResponse>'
    ).encode()


def problem_reply(problem: Problem, *, let_in: bool) -> Reply:
    """let_in: the request got past its headers and its key; what fails before bears no OpenRosa headers."""
    words = html.escape(problem.message).replace("&#x27;", "&#39;")
    return Reply(problem.status, (OPENROSA if let_in else {}) | {"Content-Type": XML}, answer("error", words))


def refuse_wrong_protocol(ask: Ask) -> None:
    if ask.request.headers.get("x-openrosa-version") != "1.0":
        raise Problem("400.6", "An expected header field (X-OpenRosa-Version) did not match the expected format.")


def form_list(ask: Ask) -> Reply:
    project = ask.state.projects.get(ask.project_id)
    if project is None:
        raise not_found()
    wanted = ask.query.get("formID")
    base = f"{ask.request.base}{ask.prefix}/projects/{project.number}/forms"
    forms = sorted(project.forms.values(), key=lambda form: form.form_id)
    shown = [
        _listed(form, base)
        for form in forms
        if form.published and form.state == "open" and wanted in {None, form.form_id} and _may_fill_in(ask, form)
    ]
    body = "".join(shown)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n  <xforms xmlns="http://openrosa.org/xforms/xformsList">\n'
        f"{body}  </xforms>"
    )
    return Reply(200, OPENROSA | {"Content-Type": XML}, text.encode())


def manifest(ask: Ask) -> Reply:
    form = ask.state.form(ask.project_id, ask.names["form"])
    if not _may_fill_in(ask, form):
        raise forbidden()
    base = f"{ask.request.base}{ask.prefix}/projects/{form.project_id}/forms/{form.form_id}/attachments"
    files = "".join(
        f"    <mediaFile>\n      <filename>{escape(name)}</filename>\n      <hash>md5:{file.blob.md5}</hash>\n"
        f"      <downloadUrl>{base}/{name}</downloadUrl>\n    </mediaFile>\n"
        for name, file in sorted(form.current.files.items())
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n  <manifest xmlns="http://openrosa.org/xforms/xformsManifest">\n'
        f"{files}  </manifest>"
    )
    return Reply(200, OPENROSA | {"Content-Type": XML}, text.encode())


def asked_for_submission(_ask: Ask) -> Reply:
    return Reply(204, OPENROSA)


def submitted(ask: Ask) -> Reply:
    parts = _parts(ask)
    if "xml_submission_file" not in parts:
        raise Problem("400.7", "Required multipart POST field xml_submission_file missing.")
    xml = parts.pop("xml_submission_file")[0]
    if ask.actor is None:
        raise not_authenticated()
    agent = ask.request.headers.get("user-agent")
    arrived = sent(xml, parts, ask.actor, ask.query.get("deviceID") or None, agent)
    _refuse_unassigned(ask, arrived.identity.form_id)
    take_openrosa(ask.state, ask.project_id, arrived)
    return Reply(201, OPENROSA | {"Content-Type": XML}, answer("", "full submission upload was successful!"))


def _refuse_unassigned(ask: Ask, form_id: str | None) -> None:
    """A tablet that may not is told to sign in, not that it may not."""
    project = ask.state.projects.get(ask.project_id)
    form = project.forms.get(form_id) if project is not None and form_id is not None else None
    if form is not None and not _may_fill_in(ask, form):
        raise not_authenticated()


def _may_fill_in(ask: Ask, form: Form) -> bool:
    if isinstance(ask.actor, AppUser):
        return ask.actor.project_id == form.project_id and ask.actor.number in form.app_users
    return "submission.create" in ask.state.people.verbs(ask.actor, form.project_id)


def _listed(form: Form, base: str) -> str:
    version = form.current
    manifest_url = f"      <manifestUrl>{base}/{form.form_id}/manifest</manifestUrl>\n" if version.xform.files else ""
    return (
        f"    <xform>\n      <formID>{escape(form.form_id)}</formID>\n"
        f"      <name>{escape(version.xform.title)}</name>\n"
        f"      <version>{escape(version.xform.version)}</version>\n      <hash>md5:{version.md5}</hash>\n"
        f"      <downloadUrl>{base}/{form.form_id}.xml</downloadUrl>\n{manifest_url}    </xform>\n"
    )


def _parts(ask: Ask) -> dict[str, tuple[bytes, str]]:
    """The fields of a multipart body with their content types; none for any other body."""
    found = _BOUNDARY.search(ask.request.headers.get("content-type", ""))
    if found is None:
        return {}
    parts: dict[str, tuple[bytes, str]] = {}
    for chunk in (b"\r\n" + ask.request.body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, content = chunk.partition(b"\r\n\r\n")
        named = _NAME.search(head)
        if named is not None:
            kind = re.search(rb"(?i)content-type:\s*([^\r\n]+)", head)
            parts[named[1].decode()] = (content, kind[1].decode() if kind else "application/octet-stream")
    return parts
