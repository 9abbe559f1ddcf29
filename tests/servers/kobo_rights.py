"""Who may do what with a project of a simulated KoboToolbox: `permission-assignments/` (82…, 88)."""

import json
from collections.abc import Mapping
from typing import Any

from servers.kobo_asset import ANONYMOUS, LABELS, PARTIAL_LABEL, Asset
from servers.kobo_http import Asked
from servers.reply import Reply


def assignments(asked: Asked, asset: Asset) -> list[dict[str, Any]]:
    """Who may do what, by user and right; others see the owner's and their own (82, 82d, 82g)."""
    owner = dict.fromkeys(asset.rights_of(asset.owner) - {"delete_asset"})
    everyone = {**asset.rights, asset.owner: owner}
    manages = "manage_asset" in asset.rights_of(asked.user)
    return [
        _assignment(asked, asset, user, right, filters)
        for user, rights in sorted(everyone.items())
        if manages or user in {asset.owner, asked.user, ANONYMOUS}
        for right, filters in sorted(rights.items())
    ]


def _assignment(
    asked: Asked, asset: Asset, user: str, right: str, filters: tuple[Mapping[str, Any], ...] | None
) -> dict[str, Any]:
    if (uid := asset.assignments.get((user, right))) is None:
        uid = asset.assignments[user, right] = asked.state.new_uid("p")
    shown_right: dict[str, Any] = {
        "url": asked.url(f"/api/v2/assets/{asset.uid}/permission-assignments/{uid}/"),
        "user": asked.url(f"/api/v2/users/{user}/"),
        "permission": asked.url(f"/api/v2/permissions/{right}/"),
    }
    if filters is not None:
        viewing = asked.url("/api/v2/permissions/view_submissions/")
        shown_right["partial_permissions"] = [{"url": viewing, "filters": list(filters)}]
    return shown_right | {"label": LABELS[right] or PARTIAL_LABEL}


def permission_assignments(asked: Asked, uid: str) -> Reply:
    """GET (82), or POST one right (82b, 82c)."""
    asset = asked.asset(uid)
    if asked.request.method == "GET":
        return asked.json(assignments(asked, asset))
    asked.must(asset, "manage_asset")
    payload = asked.payload()
    user, right = _last(payload["user"]), _last(payload["permission"])
    only = [each for partial in payload.get("partial_permissions", ()) for each in partial["filters"]]
    held = [name for name in asset.rights.get(user, {}) if name != "partial_submissions"]
    asked.state.share(asset, user, *held, right, only=only)
    made = _assignment(asked, asset, user, right, asset.rights[user][right])
    return asked.json(made, 201, Location=made["url"])


def replace_permissions(asked: Asked, uid: str) -> Reply:
    """POST permission-assignments/bulk/: what is not named is taken away (82j)."""
    asset = asked.asset(uid)
    asked.must(asset, "manage_asset")
    asset.rights.clear()
    wanted: dict[str, list[str]] = {}
    for each in json.loads(asked.request.body):
        wanted.setdefault(_last(each["user"]), []).append(_last(each["permission"]))
    for user, rights in wanted.items():
        asked.state.share(asset, user, *rights)
    return asked.json(assignments(asked, asset))


def _last(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]
