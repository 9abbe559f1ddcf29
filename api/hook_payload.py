"""Which record a REST service of KoboToolbox speaks of: its form and its root id, and nothing else of what it sends.

Payloads: the record as JSON, the same wrapped by a payload template or with some fields only, or the instance's XML.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.xml import XmlRefused, local_name, parse_xml

_FORM: Final = "_xform_id_string"
_ROOT: Final = "meta/rootUuid"
_EDITED_FROM: Final = "meta/deprecatedID"
_THIS_VERSION: Final = ("meta/instanceID", "_uuid")
_OURS: Final = (_FORM, _ROOT, _EDITED_FROM, *_THIS_VERSION)

# What ids look like; anything else could be somebody's answer.
_ID = re.compile(r"(?:uuid:)?[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HintedRecord:
    """A record as a payload names it.

    form: KoboToolbox's asset uid, None where the payload was cut down to fields without it. root_id: None where only
    the form is known.
    """

    form: str | None
    root_id: str | None


def hinted_record(body: bytes) -> HintedRecord | None:
    """Return which record the payload is of; None where it names neither a form nor a record."""
    named = _named_in_xml(body) if body.lstrip()[:1] == b"<" else _named_in_json(body)
    form, root_id = _id(named.get(_FORM)), _root_id(named)
    return None if form is None and root_id is None else HintedRecord(form, root_id)


def _root_id(named: Mapping[str, object]) -> str | None:
    root_id = _id(named.get(_ROOT))
    if root_id is None and _EDITED_FROM not in named:
        # A hook fires for the first version; sent late, it carries the edited one, whose own id is not the root's.
        root_id = next((found for key in _THIS_VERSION if (found := _id(named.get(key))) is not None), None)
    if root_id is None:
        return None
    return root_id if root_id.startswith("uuid:") else f"uuid:{root_id}"


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _named_in_json(body: bytes) -> Mapping[str, object]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    for record in _candidates(payload):
        named = {key: record[key] for key in _OURS if key in record}
        if named:
            return named
    return {}


def _candidates(payload: Any) -> Iterator[Mapping[str, Any]]:
    """The record where no template wraps it, else what stands one level down."""
    inner = payload if isinstance(payload, list) else payload.values() if isinstance(payload, dict) else ()
    yield from (one for one in (payload, *inner) if isinstance(one, dict))


def _named_in_xml(body: bytes) -> Mapping[str, object]:
    try:
        root = parse_xml(body)
    except XmlRefused:
        return {}
    named: dict[str, object] = {_FORM: root.get("id")}
    for meta in root:
        if local_name(meta) == "meta":
            for element in meta:
                if element.text:
                    named[f"meta/{local_name(element)}"] = element.text.strip()
    return {key: value for key, value in named.items() if key in _OURS and value}
