"""The choices of an XForm: its secondary instances, and how a control draws on them.

An instance either holds its items or names a file beside the form (`jr://file-csv/areas.csv`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from forms.form import Choice
from forms.xform.text import Words
from forms.xml import local_name

_INSTANCE = re.compile(r"instance\(\s*['\"](?P<id>[^'\"]+)['\"]\s*\)")
_FILE = re.compile(r"^jr://(?:file|file-csv|images|audio|video)/(?P<name>.+)$")
_TEXT_ID = re.compile(r"^\s*jr:itext\(\s*(?P<child>[\w.-]+)\s*\)\s*$")
_QUOTES = ("'", '"')


@dataclass(frozen=True)
class Instances:
    """The secondary instances of a form. items: elements by instance id; files: file name by instance id."""

    items: Mapping[str, tuple[etree._Element, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Itemset:
    """Where a control's choices come from.

    instance_id: None for choices out of the form's own answers (a repeat). predicate: the choice filter, or None.
    value, label, text_id: the names of the item's children that hold the choice's name, its label, its text's id.
    """

    instance_id: str | None
    predicate: str | None
    value: str = "name"
    label: str = "label"
    text_id: str = "itextId"

    @property
    def has_usual_names(self) -> bool:
        """Whether the children are named as pyxform names them, so that the list need not be read again."""
        return (self.value, self.label, self.text_id) == ("name", "label", "itextId")


def read_instances(model: etree._Element) -> Instances:
    """Return the instances after the first, which is the form's own."""
    items: dict[str, tuple[etree._Element, ...]] = {}
    files: dict[str, str] = {}
    for instance in [child for child in model.iterchildren("*") if local_name(child) == "instance"][1:]:
        instance_id, source = instance.get("id"), instance.get("src")
        if not instance_id:
            continue
        if source is not None:
            found = _FILE.match(source.strip())
            if found:
                files[instance_id] = found.group("name")
            continue
        root = next(instance.iterchildren("*"), None)
        items[instance_id] = tuple(root.iterchildren("*")) if root is not None else ()
    return Instances(items, files)


def read_itemset(control: etree._Element) -> Itemset | None:
    """Return where a select draws its choices from, or None where it lists them itself."""
    itemset = _child(control, "itemset")
    query = control.get("query")
    if itemset is None and query is None:
        return None
    nodeset = (itemset.get("nodeset") if itemset is not None else query) or ""
    instance = _INSTANCE.search(nodeset)
    children = itemset.iterchildren("*") if itemset is not None else ()
    references = {local_name(child): child.get("ref") or "" for child in children}
    text_id = _TEXT_ID.match(references.get("label", ""))
    return Itemset(
        instance_id=instance.group("id") if instance else None,
        predicate=_predicate(nodeset),
        value=references.get("value") or "name",
        label=references.get("label") or "label" if text_id is None else "label",
        text_id=text_id.group("child") if text_id else "itextId",
    )


def instance_choices(
    items: tuple[etree._Element, ...], words: Words, itemset: Itemset | None = None
) -> tuple[Choice, ...]:
    """Return the choices of an instance's items, with every further child of an item as a column.

    itemset: which children hold name and label; None for the names that pyxform gives them.
    """
    value = itemset.value if itemset else "name"
    label = itemset.label if itemset else "label"
    text_id = itemset.text_id if itemset else "itextId"
    choices: list[Choice] = []
    for item in items:
        columns = {local_name(child): (child.text or "").strip() for child in item.iterchildren("*")}
        name = columns.pop(value, None)
        said_by, labels = columns.pop(text_id, None), words.of_child(item, label)
        columns.pop(label, None)
        if name is not None:
            choices.append(Choice(name, words.of_id(said_by) if said_by else labels, columns=columns))
    return tuple(choices)


def listed_choices(control: etree._Element, words: Words) -> tuple[Choice, ...]:
    """Return the choices that a control lists itself."""
    choices: list[Choice] = []
    for item in (child for child in control.iterchildren("*") if local_name(child) == "item"):
        value = _child(item, "value")
        if value is not None and (value.text or "").strip():
            choices.append(Choice((value.text or "").strip(), words.of_child(item, "label")))
    return tuple(choices)


def _predicate(nodeset: str) -> str | None:
    """The conditions in brackets of a nodeset, joined by `and`; brackets within quotes or brackets are theirs."""
    conditions: list[str] = []
    depth, start, quote = 0, 0, ""
    for position, sign in enumerate(nodeset):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in _QUOTES:
            quote = sign
        elif sign == "[":
            depth += 1
            start = position + 1 if depth == 1 else start
        elif sign == "]":
            depth -= 1
            if depth == 0:
                conditions.append(nodeset[start:position].strip())
    if len(conditions) > 1:
        return " and ".join(f"({condition})" for condition in conditions)
    return conditions[0] if conditions else None


def _child(parent: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in parent.iterchildren("*") if local_name(child) == name), None)
