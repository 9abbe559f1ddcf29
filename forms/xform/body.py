"""The body of an XForm: which control asks for which node, which groups and repeats stand around, and their words.

What a control and a bind make of a question together is `forms.xform.types`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from forms.xml import local_name

_CONTROLS = frozenset({"input", "select", "select1", "rank", "upload", "range", "trigger", "secret"})
_STRUCTURES = frozenset({"group", "repeat"})
_STEP_PREFIX = re.compile(r"^[\w.-]+:")


@dataclass(frozen=True)
class Body:
    """Elements of the body by path: controls, groups (with or without repeat) and the paths that repeat.

    calculated: path to expression for nodes that a `setvalue` fills. actions: path to the name of an action that
    fills the node without asking (`setgeopoint`, `recordaudio`).
    """

    controls: Mapping[str, etree._Element] = field(default_factory=dict)
    groups: Mapping[str, etree._Element] = field(default_factory=dict)
    repeats: frozenset[str] = frozenset()
    calculated: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)


def read_body(root: etree._Element, binds: Mapping[str, etree._Element], binds_by_id: Mapping[str, str]) -> Body:
    """Return what the body holds. Controls may name their node by `ref` or, by way of its id, their `bind`."""
    controls: dict[str, etree._Element] = {}
    groups: dict[str, etree._Element] = {}
    repeats: set[str] = set()
    calculated: dict[str, str] = {}
    actions: dict[str, str] = {}
    for element in root.iter("*"):
        name = local_name(element)
        reference = element.get("ref") or element.get("nodeset")
        path = relative_path(reference) if reference else binds_by_id.get(element.get("bind") or "")
        if path is None or path == "":
            continue
        if name in _CONTROLS:
            controls.setdefault(path, element)
        elif name in _STRUCTURES:
            groups.setdefault(path, element)
            if name == "repeat":
                repeats.add(path)
        elif name in ("setvalue", "setgeopoint", "recordaudio"):
            event = element.get("event") or ""
            if name != "setvalue":
                actions[path] = name
            elif "xforms-value-changed" in event.split() or path not in binds:
                calculated[path] = element.get("value") or (element.text or "").strip()
    return Body(controls, groups, frozenset(repeats), calculated, actions)


def relative_path(reference: str) -> str:
    """`/data/security/trust` as `security/trust`: without the root element and without namespace prefixes."""
    steps = [_STEP_PREFIX.sub("", step) for step in reference.strip().split("/") if step not in ("", ".")]
    return "/".join(steps[1:] if reference.strip().startswith("/") else steps)
