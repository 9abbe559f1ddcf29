"""REST answers of the simulated Central about people and projects: sessions, users, app users, projects, roles."""

import json
from typing import Any

from servers.central_http import Ask, done, json_reply
from servers.central_people import RECORDED, AppUser, User
from servers.central_problem import missing, missing_parameters, not_authenticated, not_found
from servers.central_records import Form, Project, written
from servers.central_submissions import described_actor
from servers.reply import Reply

FOR_EVER = "9999-12-31T23:59:59.000Z"


def signed_in(ask: Ask) -> Reply:
    said = ask.json
    wanted = ("email", "password")
    if any(said.get(name) in {None, ""} for name in wanted):
        raise missing_parameters(wanted, {name: said[name] for name in wanted if name in said})
    session = ask.state.people.sign_in(said["email"], said["password"], ask.state.now())
    if session is None:
        raise not_authenticated()
    expires = session.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    cookie = f"session={session.token}; Path=/; Expires={expires}; HttpOnly; SameSite=Strict"
    return json_reply(
        {
            "token": session.token,
            "csrf": session.csrf,
            "expiresAt": written(session.expires_at),
            "createdAt": written(session.created_at),
        },
        headers={"Set-Cookie": cookie},
    )


def signed_out(ask: Ask) -> Reply:
    """`current`, or the token of a session or an app user."""
    token = ask.names["token"]
    if ask.actor is None:
        raise not_authenticated()
    if token == "current":
        token = ask.request.headers.get("authorization", "").removeprefix("Bearer ")
    elif token in ask.state.people.app_users:
        ask.require("session.end", project_id=ask.state.people.app_users[token].project_id)
    if not ask.state.people.end(token):
        raise not_found()
    gone = "session=null; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict"
    reply = done()
    return Reply(reply.status, dict(reply.headers) | {"Set-Cookie": gone}, reply.body)


def current_user(ask: Ask) -> Reply:
    if not isinstance(ask.actor, User):
        raise not_authenticated() if ask.actor is None else not_found()
    user = ask.actor
    described = {
        "preferences": {"site": {}, "projects": {}},
        "email": user.email,
        "lastLoginAt": written(user.last_login_at),
    } | described_actor(user)
    if ask.extended:
        described = {"verbs": sorted(ask.state.people.verbs(user, None))} | described
    return json_reply(described)


def roles(_ask: Ask) -> Reply:
    """Exactly the recorded list."""
    recorded = json.loads((RECORDED / "016-roles-list.json").read_text("utf-8"))
    return json_reply(json.loads(recorded["response"]["body"]))


def projects(ask: Ask) -> Reply:
    if ask.actor is None:
        raise not_authenticated()
    seen = [one for one in ask.state.projects.values() if "project.read" in _verbs(ask, one)]
    rows = []
    for project in seen:
        described = _described(project) | {"verbs": sorted(_verbs(ask, project))}
        rows.append(described | (_counts(ask, project) if ask.extended else {}))
    return json_reply(rows)


def project(ask: Ask) -> Reply:
    found = ask.state.projects.get(ask.project_id)
    if found is None:
        raise not_found()
    ask.require("project.read", project_id=found.number)
    more = {"verbs": sorted(_verbs(ask, found))} | _counts(ask, found) if ask.extended else {}
    return json_reply(_described(found) | more)


def project_created(ask: Ask) -> Reply:
    ask.require("project.create")
    said = ask.json
    if "name" not in said:
        raise missing("name")
    made = ask.state.add_project(said["name"], said.get("description"))
    return json_reply(
        {
            "id": made.number,
            "name": made.name,
            "acteeId": made.actee,
            "createdAt": written(made.created_at),
            "updatedAt": None,
            "deletedAt": None,
            "archived": None,
            "keyId": None,
            "description": made.description,
        }
    )


def app_user_created(ask: Ask) -> Reply:
    ask.require("field_key.create", project_id=ask.project_id)
    user = ask.state.add_app_user(ask.json["displayName"], ask.project_id)
    return json_reply(
        {"projectId": user.project_id}
        | described_actor(user)
        | {"token": user.token, "csrf": ask.state.people.token(), "expiresAt": FOR_EVER}
    )


def app_users(ask: Ask) -> Reply:
    ask.require("field_key.list", project_id=ask.project_id)
    mine = [user for user in ask.state.people.app_users.values() if user.project_id == ask.project_id]
    return json_reply([_described_app_user(ask, user) for user in mine])


def app_user_assigned(ask: Ask) -> Reply:
    ask.require("assignment.create", project_id=ask.project_id)
    form: Form = ask.state.form(ask.project_id, ask.names["form"])
    form.app_users.add(int(ask.names["actor"]))
    return done()


def _described_app_user(ask: Ask, user: AppUser) -> dict[str, Any]:
    described = {"projectId": user.project_id} | described_actor(user) | {"token": user.token}
    if ask.extended:
        described |= {"createdBy": described_actor(ask.state.admin), "lastUsed": None, "properties": None}
    return described


def _verbs(ask: Ask, project: Project) -> frozenset[str]:
    return ask.state.people.verbs(ask.actor, project.number)


def _described(project: Project) -> dict[str, Any]:
    return {
        "id": project.number,
        "name": project.name,
        "description": project.description,
        "archived": None,
        "keyId": None,
        "createdAt": written(project.created_at),
        "updatedAt": None,
        "deletedAt": None,
    }


def _counts(ask: Ask, project: Project) -> dict[str, Any]:
    newest = [form.submissions.live()[0].created_at for form in project.forms.values() if form.submissions.live()]
    app_users = [one for one in ask.state.people.app_users.values() if one.project_id == project.number]
    return {
        "forms": len(project.forms),
        "appUsers": len(app_users),
        "datasets": 0,
        "lastSubmission": written(max(newest, default=None)),
        "lastEntity": None,
    }
