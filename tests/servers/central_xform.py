"""What the simulated Central reads off an XForm, and how it renders an instance of it as OData.

The encodings are those of the recordings: numbers as JavaScript reads them, longitude first, null for what is empty or
absent, repeats without a key where there is no row, and only the questions that the form (its latest version) has.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from lxml import etree

_FILE = re.compile(r"jr://(file-csv|file|images|audio|video)/([^\"'<>\s)]+)")
_FILE_KINDS = {"file-csv": "file", "file": "file", "images": "image", "audio": "audio", "video": "video"}
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)")
_WHOLE = re.compile(r"\s*[-+]?\d+")


def lenient_tree(xml: bytes) -> etree._Element | None:
    """The root of what can be made of the XML: Central does not ask whether it is well-formed. None for no XML."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        return None


def name_of(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def children_of(element: etree._Element, name: str | None = None) -> Iterator[etree._Element]:
    return (child for child in element.iterchildren("*") if name is None or name_of(child) == name)


@dataclass(frozen=True, slots=True)
class Field:
    """A node of the form's primary instance. kind: the bind's type, or `structure`, or `repeat`."""

    path: str
    kind: str
    is_binary: bool
    is_select_multiple: bool
    children: tuple["Field", ...]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def described(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "name": self.name,
            "type": self.kind,
            "binary": True if self.is_binary else None,
            "selectMultiple": True if self.is_select_multiple else None,
        }


@dataclass(frozen=True)
class XForm:
    """What Central knows of a form from its XML alone. files: the names it cites, with their kind."""

    form_id: str
    version: str
    title: str
    fields: tuple[Field, ...]
    files: tuple[tuple[str, str], ...]

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        """Depth first, as the form lists them."""
        return tuple(_walk(self.fields))

    @cached_property
    def binary_paths(self) -> frozenset[str]:
        return frozenset(field.path for field in self.all_fields if field.is_binary)


def read_xform(xml: bytes) -> XForm | None:
    """The form that the XML describes; None where no form id is found in it."""
    root = lenient_tree(xml)
    model = next(iter(root.iterfind(".//{*}model")), None) if root is not None else None
    instance = next(children_of(model, "instance"), None) if model is not None else None
    primary = next(children_of(instance), None) if instance is not None else None
    if root is None or model is None or primary is None or not primary.get("id"):
        return None
    kinds = {bind.get("nodeset"): bind.get("type", "unknown") for bind in children_of(model, "bind")}
    repeats = {repeat.get("nodeset") for repeat in root.iterfind(".//{*}repeat")}
    multiple = {select.get("ref") for select in root.iterfind(".//{*}select")}
    title = root.find(".//{*}title")
    files = {name: _FILE_KINDS[place] for place, name in _FILE.findall(xml.decode("utf-8", "replace"))}
    return XForm(
        form_id=primary.get("id", ""),
        version=primary.get("version", ""),
        title=(title.text or "") if title is not None else "",
        fields=_fields_below(primary, f"/{name_of(primary)}", "", kinds, repeats, multiple),
        files=tuple(sorted(files.items())),
    )


def _fields_below(
    parent: etree._Element,
    full: str,
    path: str,
    kinds: dict[str | None, str],
    repeats: set[str | None],
    multiple: set[str | None],
) -> tuple[Field, ...]:
    found: dict[str, Field] = {}
    for child in children_of(parent):
        name = name_of(child)
        if name in found:  # a repeat stands twice: its template and its first row
            continue
        at, short = f"{full}/{name}", f"{path}/{name}"
        below = _fields_below(child, at, short, kinds, repeats, multiple)
        kind = "repeat" if at in repeats else "structure" if below else kinds.get(at, "unknown")
        found[name] = Field(short, kind, kind == "binary", at in multiple, below)
    return tuple(found.values())


def _walk(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _walk(field.children)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an instance says about itself: root attributes and `meta`. None where it says nothing."""

    form_id: str | None
    version: str
    instance_id: str | None
    deprecated_id: str | None
    instance_name: str | None


def identity_of(root: etree._Element | None) -> Identity:
    if root is None:
        return Identity(None, "", None, None, None)
    meta = next(children_of(root, "meta"), None)
    said = {name_of(node): (node.text or "").strip() for node in children_of(meta)} if meta is not None else {}
    return Identity(
        form_id=root.get("id"),
        version=root.get("version", ""),
        instance_id=said.get("instanceID") or None,
        deprecated_id=said.get("deprecatedID") or None,
        instance_name=said.get("instanceName") or None,
    )


def files_named(root: etree._Element, binary_paths: frozenset[str]) -> tuple[str, ...]:
    """The names in the instance's file questions, each once, in the order they stand."""
    names: dict[str, None] = {}

    def gather(element: etree._Element, path: str) -> None:
        for child in children_of(element):
            at = f"{path}/{name_of(child)}"
            name = (child.text or "").strip()
            if at in binary_paths and name:
                names[name] = None
            gather(child, at)

    gather(root, "")
    return tuple(names)


def rendered(form: XForm, root: etree._Element, root_id: str, *, expand: bool, wkt: bool) -> dict[str, Any]:
    """The instance as a row of `Submissions`, without `__id` and `__system`."""
    return _Rendering(root_id, expand=expand, wkt=wkt).group(
        form.fields, root, f"Submissions('{quote(root_id, safe='')}')"
    )


class _Rendering:
    def __init__(self, root_id: str, *, expand: bool, wkt: bool) -> None:
        self._root_id = root_id
        self._expand = expand
        self._wkt = wkt

    def group(self, fields: tuple[Field, ...], element: etree._Element | None, link: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        links: dict[str, Any] = {}
        for field in fields:
            nodes = list(children_of(element, field.name)) if element is not None else []
            if field.kind == "repeat":
                links |= self._repeat(field, nodes, f"{link}/{field.name}")
            elif field.kind == "structure":
                values[field.name] = self.group(field.children, nodes[0] if nodes else None, f"{link}/{field.name}")
            else:
                values[field.name] = self._answer(field, nodes)
        return values | links

    def _repeat(self, field: Field, nodes: list[etree._Element], link: str) -> dict[str, Any]:
        if not nodes:
            return {}
        found: dict[str, Any] = {f"{field.name}@odata.navigationLink": link}
        if self._expand:
            rows = []
            for number, node in enumerate(nodes):
                row_id = hashlib.sha1(f"{self._root_id}{link}{number}".encode(), usedforsecurity=False).hexdigest()
                rows.append(self.group(field.children, node, f"{link}('{row_id}')") | {"__id": row_id})
            found[field.name] = rows
        return found

    def _answer(self, field: Field, nodes: list[etree._Element]) -> Any:
        text = (nodes[0].text or "") if nodes else ""
        if not text:
            return None
        if field.kind in _GEOMETRIES:
            return _GEOMETRIES[field.kind](text, wkt=self._wkt)
        return _NUMBERS[field.kind](text) if field.kind in _NUMBERS else text


def _whole(text: str) -> int | None:
    """What JavaScript's parseInt reads."""
    found = _WHOLE.match(text)
    return int(found[0]) if found else None


def number(text: str) -> int | float | None:
    """What JavaScript's parseFloat reads, as JSON writes it: whole numbers without a point, null for no number."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    value = float(found[0])
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _place(text: str) -> tuple[list[int | float | None], int | float | None] | None:
    """Longitude, latitude and altitude where there is one; and the accuracy. None for fewer than two numbers."""
    parts = [number(part) for part in text.split()]
    if len(parts) < 2 or parts[0] is None or parts[1] is None:
        return None
    return [parts[1], parts[0], *parts[2:3]], parts[3] if len(parts) > 3 else None


def _wkt_of(coordinates: list[int | float | None]) -> str:
    return " ".join(str(part) for part in coordinates)


def _point(text: str, *, wkt: bool) -> Any:
    place = _place(text)
    if place is None:
        return None
    coordinates, accuracy = place
    if wkt:
        return f"POINT ({_wkt_of(coordinates)})"
    return {
        "type": "Point",
        "coordinates": coordinates,
        "properties": {"accuracy": accuracy} if accuracy is not None else {},
    }


def _line(text: str, *, wkt: bool) -> Any:
    places = [place for part in text.split(";") if (place := _place(part)) is not None]
    if len(places) < 2:
        return None
    if wkt:
        return f"LINESTRING ({','.join(_wkt_of(coordinates) for coordinates, _ in places)})"
    return {
        "type": "LineString",
        "coordinates": [coordinates for coordinates, _ in places],
        "properties": {"accuracies": [accuracy for _, accuracy in places]},
    }


def _polygon(text: str, *, wkt: bool) -> Any:
    places = [place for part in text.split(";") if (place := _place(part)) is not None]
    if len(places) < 4:
        return None
    if wkt:
        return f"POLYGON (({','.join(_wkt_of(coordinates) for coordinates, _ in places)}))"
    return {"type": "Polygon", "coordinates": [[coordinates for coordinates, _ in places]]}


_NUMBERS: dict[str, Callable[[str], int | float | None]] = {"int": _whole, "decimal": number}
_GEOMETRIES = {"geopoint": _point, "geotrace": _line, "geoshape": _polygon}
