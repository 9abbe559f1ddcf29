"""REST answers of the simulated Central about submissions: lists, versions, XML, files, reviews, comments, audits."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from servers.central_forms import described_form
from servers.central_http import Ask, done, file_reply, json_reply, page_of, xml_reply
from servers.central_intake import Sent, prepare, replace_version, sent
from servers.central_odata import event_hash
from servers.central_people import Actor
from servers.central_problem import missing, not_authenticated, not_found
from servers.central_records import Audited, Comment, Form, Submission, Version, written
from servers.reply import Reply

GROUPS = {"submission": "submission."}
"""Actions that stand for all that begin so; any other action stands for itself."""


def described_actor(actor: Actor) -> dict[str, Any]:
    return {
        "id": actor.number,
        "type": actor.kind,
        "displayName": actor.name,
        "createdAt": written(actor.created_at),
        "updatedAt": None,
        "deletedAt": None,
    }


def listed(ask: Ask) -> Reply:
    form = _form(ask, "submission.list")
    held = form.submissions
    rows = held.deleted() if ask.query.get("deleted", "").lower() == "true" else held.live()
    page = tuple(rows[page_of(ask)])
    return json_reply([_described(one, extended=ask.extended) for one in page], headers={"ETag": event_hash(page)})


def got(ask: Ask) -> Reply:
    form = _form(ask, "submission.read")
    root_id = ask.names["id"]
    held = form.submissions.by_instance.get(root_id)
    if held is not None and held[0].root_id != root_id and held[0].deleted_at is None:
        # The id of a later version leads to that version.
        base = f"{ask.prefix}/projects/{form.project_id}/forms/{form.form_id}/submissions"
        location = f"{base}/{quote(held[0].root_id, safe='')}/versions/{root_id}"
        return Reply(
            301,
            {
                "Location": location,
                "Vary": "Accept-Encoding, Origin, Accept",
                "Content-Type": "text/plain; charset=utf-8",
            },
            f"Moved Permanently. Redirecting to {location}".encode(),
        )
    return json_reply(_described(_submission(ask, form), extended=ask.extended))


def xml(ask: Ask) -> Reply:
    return xml_reply(_submission(ask, _form(ask, "submission.read")).current.xml)


def versions(ask: Ask) -> Reply:
    submission = _submission(ask, _form(ask, "submission.read"))
    rows = []
    for version in reversed(submission.versions):
        described = _described_version(version, submission, extended=ask.extended)
        rows.append(described | ({"formVersion": version.form_version.xform.version} if ask.extended else {}))
    return json_reply(rows)


def version(ask: Ask) -> Reply:
    """One version; not recorded, but it is what the recorded redirect leads to."""
    form = _form(ask, "submission.read")
    return json_reply(_described_version(_version(ask, form), _submission(ask, form), extended=ask.extended))


def version_xml(ask: Ask) -> Reply:
    return xml_reply(_version(ask, _form(ask, "submission.read")).xml)


def attachments(ask: Ask) -> Reply:
    return _attachments(_submission(ask, _form(ask, "submission.read")).current)


def version_attachments(ask: Ask) -> Reply:
    return _attachments(_version(ask, _form(ask, "submission.read")))


def attachment(ask: Ask) -> Reply:
    return _file(_submission(ask, _form(ask, "submission.read")).current, ask.names["name"])


def version_attachment(ask: Ask) -> Reply:
    return _file(_version(ask, _form(ask, "submission.read")), ask.names["name"])


def put_attachment(ask: Ask) -> Reply:
    form = _form(ask, "submission.update")
    content_type = ask.request.headers.get("content-type", "application/octet-stream")
    submission = _submission(ask, form)
    ask.state.add_attachment(submission.root_id, ask.names["name"], ask.request.body, content_type, by=_who(ask))
    return done()


def clear_attachment(ask: Ask) -> Reply:
    submission = _submission(ask, _form(ask, "submission.update"))
    ask.state.clear_attachment(submission.root_id, ask.names["name"], by=_who(ask))
    return done()


def created(ask: Ask) -> Reply:
    form = _form(ask, "submission.create")
    prepared = prepare(ask.state, form, _sent(ask))
    ask.state.commit_prepared(prepared)
    described = _described(prepared.submission, extended=False)
    # As recorded: a new one says nothing of its review and deletion.
    del described["reviewState"], described["deletedAt"]
    return json_reply(described)


def replaced(ask: Ask) -> Reply:
    form = _form(ask, "submission.update")
    submission = _submission(ask, form)
    replace_version(ask.state, form, submission, _sent(ask))
    return json_reply(_described(submission, extended=False))


def reviewed(ask: Ask) -> Reply:
    submission = _submission(ask, _form(ask, "submission.update"))
    said = ask.json
    if "reviewState" in said:
        ask.state.review(submission.root_id, said["reviewState"], by=_who(ask))
    described = _described(submission, extended=False)
    del described["userAgent"], described["currentVersion"]
    return json_reply(described)


def deleted(ask: Ask) -> Reply:
    submission = _submission(ask, _form(ask, "submission.delete"))
    ask.state.delete(submission.root_id, by=_who(ask))
    return done()


def restored(ask: Ask) -> Reply:
    form = _form(ask, "submission.restore")
    submission = form.submissions.by_root.get(ask.names["id"])
    if submission is None or submission.deleted_at is None:
        raise not_found()
    ask.state.restore(submission.root_id, by=_who(ask))
    return done()


def comments(ask: Ask) -> Reply:
    submission = _submission(ask, _form(ask, "submission.read"))
    return json_reply(
        [
            _described_comment(one) | ({"actor": described_actor(one.actor)} if ask.extended else {})
            for one in reversed(submission.comments)
        ]
    )


def commented(ask: Ask) -> Reply:
    submission = _submission(ask, _form(ask, "submission.update"))
    body = ask.json.get("body")
    if body is None:
        raise missing("body")
    return json_reply(_described_comment(ask.state.comment(submission.root_id, body, by=_who(ask))))


def submission_audits(ask: Ask) -> Reply:
    submission = _submission(ask, _form(ask, "submission.read"))
    rows = []
    for _, _, line in reversed(ask.state.audits):
        if line.submission != submission.number:
            continue
        made_version = line.action in {"submission.create", "submission.update.version"}
        seen = {"entity": {"entityAvailable": False}} if made_version and ask.extended else {}
        described = _described_audit(line)
        described["details"] = described["details"] | seen
        if ask.extended:
            described["actor"] = described_actor(line.actor) if line.actor else None
        rows.append(described)
    return json_reply(rows)


def audits(ask: Ask) -> Reply:
    """The whole server's log, newest first, for administrators alone."""
    ask.require("audit.read")
    query = ask.query
    begin, end, action = _moment(query.get("start")), _moment(query.get("end")), query.get("action")
    lines = ask.state.audits_between(begin, end)
    if action in GROUPS:
        lines = [line for line in lines if line.action.startswith(GROUPS[action])]
    elif action is not None:
        lines = [line for line in lines if line.action == action]
    rows = []
    for line in lines[page_of(ask)]:
        described = _described_audit(line)
        if ask.extended:
            described["actor"] = described_actor(line.actor) if line.actor else None
            described["actee"] = described_form(line.form, line.form.current) if line.form else None
        rows.append(described)
    return json_reply(rows)


def _form(ask: Ask, verb: str) -> Form:
    form = ask.state.form(ask.project_id, ask.names["form"])
    ask.require(verb, project_id=ask.project_id)
    return form


def _submission(ask: Ask, form: Form) -> Submission:
    submission = form.submissions.by_root.get(ask.names["id"])
    if submission is None or submission.deleted_at is not None:
        raise not_found()
    return submission


def _version(ask: Ask, form: Form) -> Version:
    submission = _submission(ask, form)
    version = next((one for one in submission.versions if one.instance_id == ask.names["version"]), None)
    if version is None:
        raise not_found()
    return version


def _who(ask: Ask) -> Actor:
    if ask.actor is None:
        raise not_authenticated()
    return ask.actor


def _sent(ask: Ask) -> Sent:
    agent = ask.request.headers.get("user-agent")
    return sent(ask.request.body, {}, _who(ask), ask.query.get("deviceID"), agent)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _attachments(version: Version) -> Reply:
    return json_reply([{"name": name, "exists": version.files[name] is not None} for name in sorted(version.files)])


def _file(version: Version, name: str) -> Reply:
    blob = version.files.get(name)
    if blob is None:
        raise not_found()
    return file_reply(blob.content, blob.content_type, name, blob.md5, "inline")


def _described(submission: Submission, *, extended: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "instanceId": submission.root_id,
        "submitterId": submission.submitter.number,
        "deviceId": submission.device_id,
        "createdAt": written(submission.created_at),
        "updatedAt": written(submission.updated_at),
        "reviewState": submission.review_state,
        "userAgent": submission.user_agent,
        "deletedAt": written(submission.deleted_at),
    }
    if extended:
        described["submitter"] = described_actor(submission.submitter)
    described["currentVersion"] = _described_version(submission.current, submission, extended=extended)
    return described


def _described_version(version: Version, submission: Submission, *, extended: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "submitterId": version.submitter.number,
        "createdAt": written(version.created_at),
        "instanceName": version.instance_name,
        "instanceId": version.instance_id,
        "current": version is submission.current,
        "deviceId": version.device_id,
        "userAgent": version.user_agent,
    }
    return described | ({"submitter": described_actor(version.submitter)} if extended else {})


def _described_comment(comment: Comment) -> dict[str, Any]:
    return {"body": comment.body, "actorId": comment.actor.number, "createdAt": written(comment.created_at)}


def _described_audit(line: Audited) -> dict[str, Any]:
    return {
        "actorId": line.actor.number if line.actor else None,
        "action": line.action,
        "acteeId": line.form.actee if line.form else None,
        "details": line.details,
        "loggedAt": written(line.logged_at),
        "notes": None,
    }
