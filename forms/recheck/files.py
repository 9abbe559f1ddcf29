"""The nodes of a form's external files: CSV, XML and GeoJSON, laid out as tablets lay them out."""

import json
from typing import Any

from forms.xml import XmlRefused, parse_xml
from forms.xpath.nodes import Node, csv_nodes, list_nodes


def nodes_of_file(name: str, content: bytes) -> Node | None:
    """Return the document node of an external file; None for a file that holds no list or cannot be read."""
    ending = name.lower().rpartition(".")[2]
    try:
        match ending:
            case "csv":
                return csv_nodes(content)
            case "xml":
                return list_nodes(parse_xml(content))
            case "geojson":
                return _geojson_nodes(json.loads(content))
            case _:
                return None
    except (UnicodeDecodeError, XmlRefused, json.JSONDecodeError, RecursionError):
        return None


def _geojson_nodes(collection: Any) -> Node | None:
    """`/root/item`, with the properties of each feature and its id. Source: ODK, "Selects from GeoJSON"."""
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list):
        return None
    document = Node("")
    root = Node("root", parent=document)
    document.add(root)
    for feature in features:
        if not isinstance(feature, dict):
            return None
        item = Node("item", parent=root)
        cells = dict(feature.get("properties") or {})
        if "id" in feature:
            cells["id"] = feature["id"]
        for column, value in cells.items():
            item.add(Node(str(column), "" if value is None else str(value), item))
        item.add(Node("geometry", json.dumps(feature.get("geometry")), item))
        root.add(item)
    return document
