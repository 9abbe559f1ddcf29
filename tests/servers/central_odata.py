"""OData of the simulated Central: `Submissions` with its paging, filters and ETags, and the service document.

Sub-tables are not simulated: whoever wants repeats asks for `$expand=*`.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from servers.central_filter import read_filter
from servers.central_http import Ask, json_reply
from servers.central_problem import Problem, feature_not_supported, not_found
from servers.central_records import Form, Submission, as_json
from servers.central_xform import Field, lenient_tree, rendered
from servers.reply import Reply

ODATA = {"OData-Version": "4.0"}
KNOWN = frozenset(
    {"$top", "$skip", "$count", "$filter", "$select", "$expand", "$skiptoken", "$orderby", "$wkt", "$format"}
)
_ORDERS: dict[str, Callable[[Submission], datetime | None]] = {
    "__system/submissionDate": lambda one: one.created_at,
    "__system/updatedAt": lambda one: one.updated_at,
    "__system/deletedAt": lambda one: one.deleted_at,
}
_ACCEPTED = ("application/json", "json", "*/*", "application/*")


def refuse_unknown_options(ask: Ask) -> None:
    """What is said before OData begins: other formats 406.1, other options 501.1, $select with $expand 501.11."""
    accept = ask.request.headers.get("accept")
    if accept and not any(word.split(";")[0].strip() in _ACCEPTED for word in accept.split(",")):
        raise Problem(
            "406.1",
            "Requested format not acceptable; this resource allows: application/json,json.",
            {"allowed": ["application/json", "json"], "got": accept},
        )
    for name in ask.query:
        if name.startswith("$") and name not in KNOWN:
            raise feature_not_supported(name)
    expand = ask.query.get("$expand")
    if expand is not None and expand != "*":
        raise Problem(
            "501.6",
            f'The given OData expand expression is not supported by this server: "{expand}". Currently, only '
            '"$expand=*" is supported.',
            {"text": expand},
        )
    if expand is not None and "$select" in ask.query:
        raise Problem("501.11", "This server doesn't support $select query parameter with $expand.")


def service_document(ask: Ask, form: Form) -> Reply:
    repeats = [field.path[1:].replace("/", ".") for field in form.current.xform.all_fields if field.kind == "repeat"]
    names = ["Submissions", *(f"Submissions.{path}" for path in repeats)]
    document = {
        "@odata.context": f"{ask.address}/$metadata",
        "value": [{"name": name, "kind": "EntitySet", "url": name} for name in names],
    }
    return json_reply(document, headers={"Content-Type": "application/json; charset=utf-8; odata.metadata=minimal"})


def submissions(ask: Ask, form: Form) -> Reply:
    """A page of `Submissions`. A cursor that is gone gives an empty page without a next link, as the last one."""
    query = ask.query
    if "$orderby" in query and "$skiptoken" in query:
        raise feature_not_supported("using $orderby and $skiptoken together")
    cursor = _cursor(query["$skiptoken"]) if "$skiptoken" in query else None
    found = _found(ask, form)
    top = _whole(query.get("$top"))
    begin = (_whole(query.get("$skip")) or 0) if cursor is None else _after(cursor, form, found)
    page = found[begin:] if top is None else found[begin : begin + top]
    etag = event_hash(page)
    tail: dict[str, Any] = {"@odata.context": f"{ask.address.rpartition('/')[0]}/$metadata#Submissions"}
    if page and begin + len(page) < len(found):
        tail["@odata.nextLink"] = _next_link(ask, page[-1])
    if query.get("$count", "").lower() == "true":
        tail["@odata.count"] = len(found)
    try:
        rows = _rows(form, page, query)
    except Problem as problem:
        return json_reply(problem.as_json(), problem.status, {"ETag": etag})
    body = f'{{"value":[{",".join(rows)}],{as_json(tail)[1:]}'.encode()
    if top == 0:
        return Reply(200, {"Content-Type": "application/json; charset=utf-8"}, body)
    return Reply(200, {"ETag": etag, "Content-Type": "application/json; charset=utf-8"}, body)


def one_submission(ask: Ask, form: Form, root_id: str) -> Reply:
    submission = form.submissions.by_root.get(root_id)
    if submission is None or submission.deleted_at is not None:
        raise not_found()
    base = ask.address.partition(".svc/")[0]
    (row,) = _rows(form, (submission,), ask.query)
    context = as_json({"@odata.context": f"{base}.svc/$metadata#Submissions"})
    body = f'{{"value":[{row}],{context[1:]}'.encode()
    return Reply(200, {"Content-Type": "application/json; charset=utf-8"}, body)


def _found(ask: Ask, form: Form) -> tuple[Submission, ...]:
    """All rows that the filter lets through, in the order asked for."""
    text, held = ask.query.get("$filter"), form.submissions
    if text is None:
        found = held.live()
    else:
        condition = read_filter(text, ask.state.now())
        found = (
            condition.rows(held) if "now(" in text else held.kept(("filter", text), lambda: iter(condition.rows(held)))
        )
    order = ask.query.get("$orderby")
    return found if order is None else _ordered(found, order)


def _ordered(found: tuple[Submission, ...], order: str) -> tuple[Submission, ...]:
    """Sorted by one stamp; those without it come last either way."""
    name, _, direction = order.partition(" ")
    if name not in _ORDERS or direction not in {"", "asc", "desc"}:
        raise Problem(
            "501.12",
            f"The given OData orderby expression references fields not supported by this server: {name}",
            {"text": name},
        )
    stamp = _ORDERS[name]

    def key(one: Submission) -> tuple[datetime, int]:
        at = stamp(one)
        assert at is not None
        return at, one.number

    with_stamp = sorted((one for one in found if stamp(one) is not None), key=key, reverse=direction == "desc")
    return (*with_stamp, *(one for one in found if stamp(one) is None))


def _whole(text: str | None) -> int | None:
    """A number that is not below 0; None for none, and for what is no number, which Central passes over."""
    if text is None:
        return None
    try:
        return max(0, int(text))
    except ValueError:
        return None


def _cursor(token: str) -> str:
    """The root id in a skiptoken. Raises Problem 400.35."""
    version, written = token[:2], token[2:]
    try:
        said = json.loads(base64.b64decode(written, validate=True))
        cursor = str(said["instanceId"])
    except (ValueError, KeyError, TypeError):
        cursor = ""
    if version != "01" or not cursor:
        raise Problem("400.35", "Invalid $skiptoken")
    return cursor


def _after(cursor: str, form: Form, found: tuple[Submission, ...]) -> int:
    """Where the page after that row begins; the end where the row is gone for good. A deleted row still counts."""
    submission = form.submissions.by_root.get(cursor)
    if submission is None:
        return len(found)
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        if found[middle].key >= submission.key:
            low = middle + 1
        else:
            high = middle
    return low


def _next_link(ask: Ask, last: Submission) -> str:
    token = "01" + base64.b64encode(as_json({"instanceId": last.root_id}).encode()).decode()
    kept = [(name, value) for name, value in ask.parameters if name != "$skip"]
    if any(name == "$skiptoken" for name, _ in kept):
        kept = [(name, token if name == "$skiptoken" else value) for name, value in kept]
    else:
        kept.append(("$skiptoken", token))
    written = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in kept)
    return f"{ask.address}?{written}"


def _encoded(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")


def event_hash(rows: tuple[Submission, ...]) -> str:
    """The ETag of a list: of these rows in this order, as their last create, edit, review, delete or restore left
    them. What happens to their files does not move it."""
    if not rows:
        return f'W/"eventhash:{"0" * 32}"'
    events = ",".join(f"{one.number}:{one.event}" for one in rows)
    return f'W/"eventhash:{hashlib.md5(events.encode(), usedforsecurity=False).hexdigest()}"'


def _rows(form: Form, page: tuple[Submission, ...], query: dict[str, str]) -> list[str]:
    """The rows as JSON. Raises Problem 400.23 for a selected property that there is none."""
    selected = query.get("$select")
    if selected is not None:
        names = [name.strip() for name in selected.split(",")]
        if set(names) == {"__id", "__system"}:
            return [one.system_row for one in page]
        _refuse_unknown_names(form, names)
        return [as_json(_selected(_row(form, one, query), names)) for one in page]
    return [as_json(_row(form, one, query)) for one in page]


def _row(form: Form, submission: Submission, query: dict[str, str]) -> dict[str, Any]:
    """By the questions of the latest published version, whatever version was filled in."""
    xform, root = form.current.xform, lenient_tree(submission.current.xml)
    expand, wkt = query.get("$expand") == "*", query.get("$wkt", "").lower() == "true"
    row = rendered(xform, root, submission.root_id, expand=expand, wkt=wkt) if root is not None else {}
    repeats = {name: row.pop(name) for name in list(row) if _is_repeat(name, xform.fields)}
    return row | {"__id": submission.root_id, "__system": submission.system} | repeats


def _is_repeat(name: str, fields: tuple[Field, ...]) -> bool:
    plain = name.removesuffix("@odata.navigationLink")
    return any(field.kind == "repeat" and field.name == plain for field in fields)


def _refuse_unknown_names(form: Form, names: list[str]) -> None:
    fields = {field.path[1:] for field in form.current.xform.all_fields}
    for name in names:
        if name not in fields and name not in {"__id", "__system"} and not name.startswith("__system/"):
            raise Problem("400.23", f"Could not find a property named '{name}'", {"property": name})


def _selected(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """What is named, in the order of the form, a group with all of it or with what is named of it."""
    chosen: dict[str, Any] = {}
    for key, value in row.items():
        if key in names:
            chosen[key] = value
            continue
        below = [name.partition("/")[2] for name in names if name.startswith(f"{key}/")]
        if below and isinstance(value, dict):
            chosen[key] = _selected(value, below)
    return chosen


def unknown_table(form: Form) -> Reply:
    problem = not_found()
    return json_reply(problem.as_json(), problem.status, {"ETag": event_hash(form.submissions.live())})
