"""How forms get into a simulated KoboToolbox: imports, deployments, form media, and accounts' own pages."""

import base64
import json
import zipfile
from typing import Any
from urllib.parse import urlsplit

from openpyxl.utils.exceptions import InvalidFileException
from servers.kobo_asset import ANONYMOUS, Asset
from servers.kobo_assets import described, described_file
from servers.kobo_content import Content, content_of, content_of_workbook, summary_of, title_of_workbook
from servers.kobo_http import NO_CREDENTIALS, Asked, Refusal, Sent, form_of, not_found
from servers.kobo_record import seconds, stamp
from servers.kobo_state import Import
from servers.reply import Reply


def signed_in(asked: Asked) -> str:
    """The user. Raises Refusal: 401 where nobody signed in (01b)."""
    if asked.user == ANONYMOUS:
        raise Refusal(401, NO_CREDENTIALS, {"WWW-Authenticate": "Session"})
    return asked.user


def token(asked: Asked) -> Reply:
    """GET /token/ with Basic (01)."""
    name = signed_in(asked)
    return asked.json({"token": asked.state.users[name].token or asked.state.renew_token(name)})


def me(asked: Asked) -> Reply:
    """GET /me/ (02)."""
    user = asked.state.users[signed_in(asked)]
    state = asked.state
    scheme = asked.request.base.partition("://")[0]
    organization = f"org{user.uid[1:]}"
    return asked.json(
        {
            "username": user.name,
            "first_name": "",
            "last_name": "",
            "email": f"{user.name}@example.org",
            "is_superuser": False,
            "server_time": f"{seconds(state.clock.now())}Z",
            "date_joined": f"{seconds(user.joined)}Z",
            "projects_url": f"{scheme}://{state.kc_host}/{user.name}",
            "gravatar": "https://www.gravatar.com/avatar/0?s=40",
            "last_login": None,
            "extra_details": {"name": "", "organization": "", "require_auth": True},
            "git_rev": False,
            "social_accounts": [],
            "validated_password": True,
            "accepted_tos": False,
            "organization": {
                "url": asked.url(f"/api/v2/organizations/{organization}/"),
                "name": f"{user.name}'s organization",
                "uid": organization,
            },
            "extra_details__uid": user.uid,
        }
    )


# --- imports -------------------------------------------------------------------------------------------------------


def import_form(asked: Asked) -> Reply:
    """POST imports/: a workbook as base64 or as a file, onto `destination` where one is named (04, 06, 06c, 70)."""
    user = signed_in(asked)
    fields, files = form_of(asked.request)
    workbook = (
        files["file"].content if "file" in files else base64.b64decode(fields["base64Encoded"].partition("base64,")[2])
    )
    state = asked.state
    made = Import(state.new_uid("i"), state.clock.now(), "complete", {}, state.switches.imports_take)
    state.imports[made.uid] = made
    try:
        content = content_of_workbook(workbook)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError):
        words = "Unsupported format, or corrupt file"
        made.status, made.messages = "error", {"error": words, "error_type": "XlsFormatException"}
    else:
        if destination := fields.get("destination"):
            asset = asked.asset(_uid_in(destination), "change_asset")
            asset.save(state.new_uid("v"), content, state.clock.now())
            asset.history.write("replace-form", user, latest_version_uid=asset.latest.uid)
            made.messages = {"updated": [_imported(asset)], "audit_logs": [_audit(asset)]}
        else:
            name = title_of_workbook(workbook) or fields.get("name") or "Untitled"
            made.messages = {"created": [_imported(state.add_asset(user, name, content, deployed=False))]}
    url = asked.url(f"/api/v2/imports/{made.uid}/")
    return asked.json({"uid": made.uid, "url": url, "status": "processing"}, 201)


def imported(asked: Asked, uid: str) -> Reply:
    """GET imports/{uid}/ (05, 06d, 70b)."""
    signed_in(asked)
    made = asked.state.imports.get(uid)
    if made is None:
        raise not_found()
    over = made.looks_left <= 0
    made.looks_left -= 1
    status, messages = (made.status, made.messages) if over else ("processing", {})
    return asked.json({"status": status, "uid": uid, "messages": messages, "date_created": stamp(made.created)})


def _imported(asset: Asset) -> dict[str, Any]:
    summary = summary_of(asset.latest.content)
    return {"uid": asset.uid, "kind": "asset", "summary": summary, "owner__username": asset.owner}


def _audit(asset: Asset) -> dict[str, Any]:
    return {
        "source": "Python Requests (Other)",
        "asset_id": 1,
        "new_name": asset.name,
        "old_name": asset.name,
        "asset_uid": asset.uid,
        "ip_address": "127.0.0.1",
        "project_owner": asset.owner,
        "latest_version_uid": asset.latest.uid,
    }


def _uid_in(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def create_asset(asked: Asked) -> Reply:
    """POST assets/ with content as a JSON text, or `clone_from` (86, 86b)."""
    user = signed_in(asked)
    payload = asked.payload()
    if "clone_from" in payload:
        content = asked.asset(str(payload["clone_from"])).latest.content
    else:
        content = _standardised(json.loads(payload["content"]))
    asset = asked.state.add_asset(user, payload.get("name", ""), content, deployed=False)
    asset.created_by = asset.last_modified_by = user
    body = described(asked, asset)
    return asked.json(body, 201, Location=body["url"])


def _standardised(content: dict[str, Any]) -> Content:
    """With the keys that KoboToolbox adds to every row (86b)."""
    translations = content.get("translations") or [None]
    return content_of(content["survey"], content.get("choices", ()), content.get("settings"), (), translations)


# --- deployment ----------------------------------------------------------------------------------------------------


def deployment(asked: Asked, uid: str) -> Reply:
    """GET (11), POST (10, 14), PATCH deployment/: deploy, redeploy (72), archive (77)."""
    asset = asked.asset(uid)
    method = asked.request.method
    if method == "GET":
        if not asset.deployed:
            raise not_found()
        return _deployed(asked, asset)
    asked.must(asset, "change_asset")
    payload = asked.payload()
    if method == "POST":
        if asset.deployed:
            raise Refusal(405, {"detail": "Use PATCH to update an existing deployment"})
        asked.state.deploy(asset, asked.user)
    elif "version_id" in payload and payload["version_id"] != asset.deployed[0].uid:
        asked.state.deploy(asset, asked.user)
    else:
        asked.state.archive(asset, asked.user, active=payload.get("active") in {True, "true"})
    return _deployed(asked, asset)


def _deployed(asked: Asked, asset: Asset) -> Reply:
    body = {"backend": "openrosa", "active": asset.active, "version_id": asset.deployed[0].uid}
    return asked.json(body | {"asset": described(asked, asset)})


# --- form media ----------------------------------------------------------------------------------------------------


def files(asked: Asked, uid: str) -> Reply:
    """GET (83b), or POST a file as base64 or multipart (83)."""
    asset = asked.asset(uid)
    if asked.request.method == "GET":
        part, envelope = asked.page(asset.files)
        return asked.json(envelope | {"results": [described_file(asked, asset, file) for file in part]})
    asked.must(asset, "change_asset")
    fields, sent = form_of(asked.request)
    given = sent.get("content") or Sent("", base64.b64decode(fields.get("base64Encoded", "").partition("base64,")[2]))
    filename = json.loads(fields.get("metadata", "{}")).get("filename") or given.filename
    if any(file.filename == filename for file in asset.files):
        raise Refusal(400, {"metadata": ["File already exists"]})
    file = asked.state.add_form_file(asset, filename, given.content, asked.user)
    body = described_file(asked, asset, file)
    return asked.json(body, 201, Location=body["url"])


def file(asked: Asked, uid: str, file_uid: str) -> Reply:
    """GET or DELETE files/{uid}/."""
    asset = asked.asset(uid)
    found = next((each for each in asset.files if each.uid == file_uid), None)
    if found is None:
        raise not_found()
    if asked.request.method == "DELETE":
        asked.must(asset, "change_asset")
        asset.files.remove(found)
        return asked.reply(204, b"", {})
    return asked.json(described_file(asked, asset, found))


def file_content(asked: Asked, uid: str, file_uid: str) -> Reply:
    """GET files/{uid}/content/."""
    asset = asked.asset(uid)
    found = next((each for each in asset.files if each.uid == file_uid), None)
    if found is None:
        raise not_found()
    return asked.reply(200, found.content, {"Content-Type": found.mimetype})
