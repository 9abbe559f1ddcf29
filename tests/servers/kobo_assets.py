"""`/api/v2/assets/…` of a simulated KoboToolbox: what it says of projects, their versions, history and rights."""

import hashlib
import json
from datetime import datetime
from typing import Any

from servers.kobo_asset import ASSIGNABLE, PARTIAL_LABEL, Asset, FormFile, Version
from servers.kobo_content import report_styles_of, summary_of
from servers.kobo_history import QueryTooShort, compile_q, shown
from servers.kobo_http import Asked, not_found, too_short
from servers.kobo_record import stamp
from servers.kobo_rights import assignments
from servers.reply import Reply

SETTINGS = {"sector": {}, "country": [], "description": "", "organization": "", "country_codes": []}


class _Facts:
    """What `q` can ask of a project."""

    def __init__(self, asset: Asset) -> None:
        self._asset = asset

    def get(self, name: str, /) -> Any:
        asset = self._asset
        return {
            "asset_type": "survey",
            "name": asset.name,
            "uid": asset.uid,
            "owner__username": asset.owner,
            "_deployment_status": deployment_status(asset),
            "date_modified": asset.modified,
            "date_deployed": asset.deployed_at,
        }.get(name)


def listed(asked: Asked) -> Reply:
    """GET assets/ (07, 07b, 07c, 07d, 96)."""
    assets = _visible(asked)
    if q := asked.params.get("q"):
        try:
            test = compile_q(q)
        except QueryTooShort as error:
            raise too_short(error) from error
        assets = [asset for asset in assets if test(_Facts(asset))]
    ordering = asked.params.get("ordering", "-date_modified")
    assets.sort(key=lambda asset: _rank(_Facts(asset).get(ordering.lstrip("-"))), reverse=ordering.startswith("-"))
    part, envelope = asked.page(assets)
    return asked.json(envelope | {"results": [_item(asked, asset) for asset in part]})


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else "")


def _visible(asked: Asked) -> list[Asset]:
    """Newest first."""
    assets = reversed(list(asked.state.assets.values()))
    return [asset for asset in assets if "view_asset" in asset.rights_of(asked.user)]


def hashed(asked: Asked) -> Reply:
    """GET assets/hash/ (07f)."""
    versions = ",".join(sorted(version.uid for asset in _visible(asked) for version in asset.versions))
    return asked.json({"hash": hashlib.md5(versions.encode(), usedforsecurity=False).hexdigest()})


def detail(asked: Asked, uid: str) -> Reply:
    """GET assets/{uid}/ (08, 12, 73, 82g, 111), and PATCH: name, settings, content as JSON texts (87)."""
    asset = asked.asset(uid)
    if asked.request.method == "PATCH":
        asked.must(asset, "change_asset")
        _patch(asked, asset, asked.payload())
    return asked.json(described(asked, asset))


def _patch(asked: Asked, asset: Asset, payload: dict[str, Any]) -> None:
    """Name, settings and content make a new version, equal or not (87); sharing does not (84)."""
    now = asked.state.clock.now()
    asset.last_modified_by, asset.modified = asked.user, now
    asset.data_sharing |= payload.get("data_sharing", {})
    if payload.keys().isdisjoint({"name", "settings", "content"}):
        return
    asset.name = payload.get("name", asset.name)
    asset.settings |= json.loads(payload.get("settings", "{}"))
    asset.settings["country_codes"] = [country["value"] for country in asset.settings.get("country", [])]
    content = json.loads(payload["content"]) if "content" in payload else asset.latest.content
    asset.save(asked.state.new_uid("v"), content, now)


def described(asked: Asked, asset: Asset) -> dict[str, Any]:
    """The asset in full, keys in the recorded order (12)."""
    url, here = asked.url, f"/api/v2/assets/{asset.uid}"
    latest, deployed = asset.latest, asset.deployed
    return {
        "url": url(f"{here}/"),
        "owner": url(f"/api/v2/users/{asset.owner}/"),
        "owner__username": asset.owner,
        "parent": None,
        "settings": SETTINGS | asset.settings,
        "asset_type": "survey",
        "files": [described_file(asked, asset, file) for file in asset.files],
        "summary": summary_of(latest.content),
        "date_created": stamp(asset.created),
        "date_modified": stamp(asset.modified),
        "date_deployed": _stamp(asset.deployed_at),
        "version_id": latest.uid,
        "version__content_hash": latest.content_hash,
        "version_count": len(asset.versions),
        "has_deployment": bool(deployed),
        "deployed_version_id": deployed[0].uid if deployed else None,
        "deployed_versions": _versions(asked, asset),
        "deployment__links": {},
        "deployment__active": asset.active,
        "deployment__data_download_links": _download_links(asked, asset) if deployed else {},
        **_deployment(asked, asset),
        "report_styles": report_styles_of(latest.content),
        "report_custom": {},
        "advanced_features": {"_version": "20250820"},
        "map_styles": {},
        "map_custom": {},
        "content": latest.content,
        "downloads": _downloads(asked, asset),
        "embeds": [{"format": name, "url": url(f"{here}/{name}/")} for name in ("xls", "xform")],
        "analysis_form_json": {"additional_fields": []},
        "xform_link": url(f"{here}/xform/"),
        "hooks_link": url(f"{here}/hooks/"),
        "tag_string": "",
        "uid": asset.uid,
        "kind": "asset",
        "xls_link": url(f"{here}/xls/"),
        "name": asset.name,
        "assignable_permissions": [
            {"url": url(f"/api/v2/permissions/{name}/"), "label": label or PARTIAL_LABEL} for name, label in ASSIGNABLE
        ],
        "permissions": assignments(asked, asset),
        "effective_permissions": [{"codename": name} for name in sorted(asset.rights_of(asked.user))],
        "exports": url(f"{here}/exports/"),
        "export_settings": [],
        "data": url(f"{here}/data/"),
        "children": {"count": 0},
        "subscribers_count": 0,
        "status": "shared" if any(asset.rights.values()) else "private",
        "access_types": None,
        "data_sharing": asset.data_sharing,
        "paired_data": url(f"{here}/paired-data/"),
        "project_ownership": None,
        "owner_label": asset.owner,
        "last_modified_by": asset.last_modified_by,
        "created_by": asset.created_by,
    }


def _item(asked: Asked, asset: Asset) -> dict[str, Any]:
    """The asset as lists show it (07): no content."""
    full = described(asked, asset)
    order = """
        url date_created date_modified date_deployed owner summary owner__username parent uid tag_string settings kind
        name asset_type version_id has_deployment deployed_version_id deployment__active deployment__submission_count
        deployment__last_submission_time deployment__encrypted deployment__uuid deployment_status permissions
        export_settings downloads data subscribers_count status access_types children data_sharing owner_label
        last_modified_by created_by
    """
    return {name: full[name] for name in order.split()}


def deployment_status(asset: Asset) -> str:
    if not asset.deployed:
        return "draft"
    return "deployed" if asset.active else "archived"


def _deployment(asked: Asked, asset: Asset) -> dict[str, Any]:
    """A partial viewer is not told how many submissions there are (82g)."""
    partial = asset.filters_of(asked.user) is not None
    return {
        "deployment__submission_count": None if partial else len(asset.visible_ids),
        "deployment__last_submission_time": _stamp(asset.last_submission),
        "deployment__encrypted": False,
        "deployment__uuid": asset.form_uuid,
        "deployment_status": deployment_status(asset),
    }


def _download_links(asked: Asked, asset: Asset) -> dict[str, str]:
    base = f"{asked.request.base.partition('://')[0]}://{asked.state.kc_host}/{asset.owner}"
    legacy = {f"{kind}_legacy": f"{base}/exports/{asset.uid}/{kind}/" for kind in ("xls", "csv", "zip")}
    return legacy | {
        kind: f"{base}/reports/{asset.uid}/export.{name}" for kind, name in (("xls", "xlsx"), ("csv", "csv"))
    }


def _downloads(asked: Asked, asset: Asset) -> list[dict[str, str]]:
    """With `?format=json` these links are broken, as on the real server (12 against 111)."""
    link = asked.url(f"/api/v2/assets/{asset.uid}/") if "format" in asked.params else None
    plain = f"{asked.request.base}/api/v2/assets/{asset.uid}"
    return [{"format": kind, "url": f"{link or plain}.{kind}"} for kind in ("xls", "xml")]


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


# --- versions ------------------------------------------------------------------------------------------------------


def versions(asked: Asked, uid: str) -> Reply:
    """GET assets/{uid}/versions/: deployed ones, newest first (13, 74)."""
    asset = asked.asset(uid)
    part, envelope = asked.page(asset.deployed)
    return asked.json(envelope | {"results": [_version(asked, asset, version) for version in part]})


def version(asked: Asked, uid: str, version_uid: str) -> Reply:
    """GET assets/{uid}/versions/{uid}/ (13b)."""
    asset = asked.asset(uid)
    found = next((each for each in asset.deployed if each.uid == version_uid), None)
    if found is None:
        raise not_found()
    return asked.json(_version(asked, asset, found) | {"content": found.content})


def _versions(asked: Asked, asset: Asset) -> dict[str, Any]:
    """The first 100, as they stand in the asset; their `next` leads to the list of versions."""
    shown_here, rest = asset.deployed[:100], asset.deployed[100:]
    following = f"{asked.request.base}/api/v2/assets/{asset.uid}/versions/?limit=100&start=100" if rest else None
    results = [_version(asked, asset, each) for each in shown_here]
    return {"count": len(asset.deployed), "next": following, "previous": None, "results": results}


def _version(asked: Asked, asset: Asset, version: Version) -> dict[str, Any]:
    return {
        "uid": version.uid,
        "url": asked.url(f"/api/v2/assets/{asset.uid}/versions/{version.uid}/"),
        "content_hash": version.content_hash,
        "date_deployed": _stamp(version.deployed),
        "date_modified": stamp(version.modified),
        "version_number": str(version.number),
    }


# --- history, files ------------------------------------------------------------------------------------------------


def history(asked: Asked, uid: str) -> Reply:
    """GET assets/{uid}/history/ (64…, 92…); 403 without manage_asset (64e), 404 where the server has none."""
    asset = _asset_with_history(asked, uid)
    try:
        entries = asset.history.newest_first(asked.params.get("q"), asked.state.switches.history_days)
    except QueryTooShort as error:
        raise too_short(error) from error
    part, envelope = asked.page(entries)
    users = asked.state.users
    rows = [
        shown(
            entry,
            asked.url(f"/api/v2/users/{entry.username}/"),
            users[entry.username].uid if entry.username in users else entry.username,
        )
        for entry in part
    ]
    return asked.json(envelope | {"results": rows})


def history_actions(asked: Asked, uid: str) -> Reply:
    """GET assets/{uid}/history/actions/ (64d)."""
    asset = _asset_with_history(asked, uid)
    return asked.json({"actions": list({entry.action: None for entry in asset.history.entries})})


def _asset_with_history(asked: Asked, uid: str) -> Asset:
    if not asked.state.switches.history:
        raise not_found()
    asset = asked.state.assets.get(uid)
    if asset is None:
        raise not_found()
    asked.must(asset, "manage_asset")  # 403 also for who does not even see the project (64e)
    return asset


def described_file(asked: Asked, asset: Asset, file: FormFile) -> dict[str, Any]:
    """Form media, keys in the recorded order (83)."""
    here = f"/api/v2/assets/{asset.uid}"
    digest = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
    return {
        "uid": file.uid,
        "url": asked.url(f"{here}/files/{file.uid}/"),
        "asset": asked.url(f"{here}/"),
        "user": asked.url(f"/api/v2/users/{file.user}/"),
        "user__username": file.user,
        "file_type": "form_media",
        "description": file.description,
        "date_created": stamp(file.created),
        "content": asked.url(f"{here}/files/{file.uid}/content/"),
        "metadata": {"hash": f"md5:{digest}", "filename": file.filename, "mimetype": file.mimetype},
    }
