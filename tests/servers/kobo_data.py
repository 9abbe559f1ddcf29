"""`/api/v2/assets/{uid}/data/…` of a simulated KoboToolbox: lists, records, attachments, reviews, edits, deletions."""

import hashlib
import json
import re
from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from servers.faults import LOGIN_PAGE
from servers.kobo_asset import Asset
from servers.kobo_http import XML_TYPE, Asked, Refusal, forbidden, not_found
from servers.kobo_query import BadQuery, parse, sorted_rows
from servers.kobo_record import HEAD, Attachment, Record, projected
from servers.kobo_state import STATUSES
from servers.reply import Reply

VIEWERS = ("view_submissions", "partial_submissions")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def listed(asked: Asked, uid: str) -> Reply:
    """GET data/: only `start` and `limit` choose the rows, whatever the links say of other words (50e, 50f)."""
    asset = asked.asset(uid, *VIEWERS)
    if not asset.deployed:
        raise Refusal(400, {"detail": "The specified asset has not been deployed"})
    params = asked.params
    if "count" in params:
        words = "This param is not implemented. Use `count` property of the response instead."
        raise Refusal(400, {"count": words})
    start = int(params["start"]) if params.get("start", "").isdigit() else 0
    limit = asked.limit()
    if asked.format == "xml":
        return _listed_as_xml(asked, asset, start, limit)
    query, sort, fields = _parsed(asked, "query", {}), _parsed(asked, "sort", {}), _parsed(asked, "fields", [])
    ids = asset.matching(asked.request.base, query, asked.user)
    rows = _rows(asked, asset, ids, sort, fields, slice(start, start + limit))
    asset.history.write("view-data", asked.user)
    return asked.json(_linked(asked, len(ids), start, limit) | {"results": rows})


def _rows(
    asked: Asked, asset: Asset, ids: Sequence[int], sort: dict[str, int], fields: list[str], part: slice
) -> list[dict[str, Any]]:
    base = asked.request.base
    make = asset.head if fields and HEAD.issuperset(fields) and HEAD.issuperset(sort) else asset.shown
    if sort in ({}, {"_id": 1}):
        chosen = [make(asset.records[each], base) for each in ids[part]]
    elif sort == {"_id": -1}:
        chosen = [make(asset.records[each], base) for each in ids[::-1][part]]
    else:
        chosen = [dict(row) for row in sorted_rows([make(asset.records[each], base) for each in ids], sort)[part]]
    wanted = frozenset(fields)
    return [projected(row, wanted) for row in chosen] if fields else chosen


def _linked(asked: Asked, count: int, start: int, limit: int) -> dict[str, Any]:
    """The envelope: links are computed from `page` and `offset` too, which rows are not (50e, 50f)."""
    params = asked.params
    if "page" in params and "page_size" in params and "start" not in params:
        limit = int(params["page_size"])
        start = (int(params["page"]) - 1) * limit
    elif "offset" in params and "start" not in params:
        start = int(params["offset"])
    return asked.envelope(count, start, limit)


def _parsed(asked: Asked, name: str, nothing: Any) -> Any:
    text = asked.params.get(name)
    if not text:
        return nothing
    try:
        return parse(text) if name != "fields" else list(json.loads(text))
    except (BadQuery, ValueError) as error:
        raise Refusal(400, {name: "Value must be valid JSON."}) from error


def _listed_as_xml(asked: Asked, asset: Asset, start: int, limit: int) -> Reply:
    for name in ("sort", "fields"):
        if name in asked.params:
            raise Refusal(400, {name: "This param is not supported in `XML` format"})
    query = _parsed(asked, "query", {})
    switch = asked.state.switches.xml
    if switch == "html":
        return asked.reply(200, LOGIN_PAGE, {"Content-Type": "text/html; charset=utf-8"})
    if switch == "error":
        return asked.reply(500, b"<h1>Server Error (500)</h1>", {"Content-Type": "text/html; charset=utf-8"})
    ids = asset.matching(asked.request.base, {} if switch == "wrong rows" else query, asked.user)
    envelope = asked.envelope(len(ids), start, limit)
    asset.history.write("view-data", asked.user)
    head = (
        f'<?xml version="1.0" encoding="utf-8"?><root><count>{len(ids)}</count>'
        f"<next>{escape(str(envelope['next']))}</next><previous>{escape(str(envelope['previous']))}</previous><results>"
    )
    instances = b"".join(asset.records[each].xml for each in ids[start : start + limit])
    return asked.reply(200, head.encode() + instances + b"</results></root>", {"Content-Type": XML_TYPE})


def one(asked: Asked, uid: str, key: str) -> Reply:
    """GET or DELETE data/{_id or root uuid}/."""
    asset, record = _record(asked, uid, key)
    if asked.request.method == "DELETE":
        asked.must(asset, "delete_submissions")
        asked.state.delete(asset, str(record.id), asked.user)
        return asked.reply(204, b"", {})
    if asked.format == "xml":
        return asked.reply(200, b'<?xml version="1.0" ?>' + record.xml, {"Content-Type": XML_TYPE})
    return asked.json(asset.shown(record, asked.request.base))


def _record(asked: Asked, uid: str, key: str) -> tuple[Asset, Record]:
    asset = asked.asset(uid, *VIEWERS)
    record = asset.find(key)
    if record is None or not asset.matching(asked.request.base, {"_id": record.id}, asked.user):
        raise not_found()
    return asset, record


# --- attachments ---------------------------------------------------------------------------------------------------


def attachment(asked: Asked, uid: str, key: str, attachment_uid: str) -> Reply:
    """GET …/attachments/{uid}/: bytes and parts as nginx gives them (62 has X-Accel-Redirect only)."""
    _asset, record = _record(asked, uid, key)
    return _download(asked, record, next((each for each in record.attachments if each.uid == attachment_uid), None))


def attachment_of_question(asked: Asked, uid: str, key: str) -> Reply:
    """GET …/attachments/?xpath=…"""
    _asset, record = _record(asked, uid, key)
    xpath = asked.params.get("xpath")
    return _download(asked, record, next((each for each in record.attachments if each.question_xpath == xpath), None))


def _download(asked: Asked, record: Record, found: Attachment | None) -> Reply:
    if found is None or found.is_deleted:
        raise not_found()
    content = found.content
    etag = f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()[:8]}-{len(content):x}"'
    headers = {
        "Content-Type": found.mimetype,
        "Content-Disposition": f"inline; filename={found.basename}",
        "Last-Modified": format_datetime(record.submitted_at, usegmt=True),
    }
    if asked.state.switches.etags:
        headers["ETag"] = etag
    if not asked.state.switches.ranges:
        return asked.reply(200, content, headers)
    headers["Accept-Ranges"] = "bytes"
    asked_range = _RANGE.match(asked.request.headers.get("range", ""))
    if asked_range is None or asked.request.headers.get("if-range", etag) != etag:
        return asked.reply(200, content, headers)
    first, last = asked_range[1], asked_range[2]
    begin = int(first) if first else max(0, len(content) - int(last or 0))
    end = min(int(last), len(content) - 1) if first and last else len(content) - 1
    if begin > end:
        return asked.reply(416, b"", {"Content-Type": "text/html", "Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {begin}-{end}/{len(content)}"
    return asked.reply(206, content[begin : end + 1], headers)


def delete_attachments(asked: Asked, uid: str) -> Reply:
    """DELETE assets/{uid}/attachments/bulk/ (63g)."""
    asset = asked.asset(uid, *VIEWERS)
    asked.must(asset, "delete_submissions")
    roots = asked.payload()["submission_root_uuids"]
    count = sum(asked.state.delete_attachments(asset, root, asked.user) for root in roots)
    return asked.json({"message": f"{count} attachments deleted"}, 202)


# --- reviews, edits, deletions -------------------------------------------------------------------------------------


def validation_status(asked: Asked, uid: str, key: str) -> Reply:
    """GET, PATCH, DELETE data/{id}/validation_status/ (46, 46b, 46c, 46g)."""
    asset, record = _record(asked, uid, key)
    if asked.request.method == "GET":
        return asked.json(record.review)
    asked.must(asset, "validate_submissions")
    if asked.request.method == "DELETE":
        asked.state.review(asset, str(record.id), None, asked.user)
        return asked.reply(204, b"", {})
    return asked.json(asked.state.review(asset, str(record.id), _status(asked.payload()), asked.user))


def validation_statuses(asked: Asked, uid: str) -> Reply:
    """PATCH data/validation_statuses/ (46d, 46e)."""
    asset = asked.asset(uid, *VIEWERS)
    asked.must(asset, "validate_submissions")
    payload = asked.payload()["payload"]
    status = _status(payload) if asked.request.method == "PATCH" else None
    chosen = _chosen(asked, asset, payload)
    for record in chosen:
        asked.state.review(asset, str(record.id), status, asked.user)
    return asked.json({"detail": f"{len(chosen)} submissions have been updated"})


def _status(payload: dict[str, Any]) -> str:
    status = str(payload.get("validation_status.uid"))
    if status not in STATUSES:
        raise Refusal(400, {"detail": f"Invalid validation status: `{status}`"})
    return status


def bulk(asked: Asked, uid: str) -> Reply:
    """PATCH and DELETE data/bulk/ (60, 63c)."""
    asset = asked.asset(uid, *VIEWERS)
    payload = asked.payload()["payload"]
    if asked.request.method == "DELETE":
        asked.must(asset, "delete_submissions")
        chosen = _chosen(asked, asset, payload)
        for record in chosen:
            asked.state.delete(asset, str(record.id), asked.user)
        return asked.json({"detail": f"{len(chosen)} submissions have been deleted"})
    asked.must(asset, "change_submissions")
    chosen = _chosen(asked, asset, payload)
    if not chosen:
        raise Refusal(400, ["No submissions match the given `submission_ids`"])
    edited = [asked.state.edit_answers(asset, [str(record.id)], payload["data"], asked.user)[0] for record in chosen]
    results = [
        {"uuid": each.uuid, "root_uuid": each.root, "status_code": 201, "message": "Successful submission"}
        for each in edited
    ]
    return asked.json({"count": len(results), "successes": len(results), "failures": 0, "results": results})


def _chosen(asked: Asked, asset: Asset, payload: dict[str, Any]) -> list[Record]:
    if "submission_ids" in payload:
        if not payload["submission_ids"]:
            raise Refusal(400, {"payload": ["`submission_ids` must contain at least one value"]})
        query = {"_id": {"$in": [int(each) for each in payload["submission_ids"]]}}
    elif "query" in payload:
        query = payload["query"]
    elif payload.get("confirm"):
        query = {}
    else:
        raise Refusal(400, {"payload": ["Confirmation is required"]})
    return [asset.records[each] for each in asset.matching(asked.request.base, query, asked.user)]


def duplicate(asked: Asked, uid: str, key: str) -> Reply:
    """POST data/{id}/duplicate/ (61)."""
    asset, record = _record(asked, uid, key)
    if asset.rights_of(asked.user).isdisjoint({"change_submissions"}):
        raise forbidden()
    copy = asked.state.duplicate(asset, str(record.id), asked.user)
    return asked.json(asset.shown(copy, asked.request.base), 201)


def counts(asked: Asked, uid: str) -> Reply:
    """GET counts/ (53)."""
    asset = asked.asset(uid, *VIEWERS)
    daily: dict[str, int] = {}
    for record in asset.visible():
        day = record.submitted_at.date().isoformat()
        daily[day] = daily.get(day, 0) + 1
    return asked.json({"daily_submission_counts": daily, "total_submission_count": len(asset.visible_ids)})
