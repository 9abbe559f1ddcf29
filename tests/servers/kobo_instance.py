"""What a simulated KoboToolbox does to instance XML: edits it, copies it, and looks up where it names a file."""

from collections.abc import Container, Mapping

from lxml import etree
from servers.kobo_record import Record

IMAGE_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
OTHER_TYPES = {"m4a": "audio/mp4", "amr": "audio/amr", "mp4": "video/mp4", "csv": "text/csv", "pdf": "application/pdf"}


def type_of(name: str) -> str:
    return (IMAGE_TYPES | OTHER_TYPES).get(name.rpartition(".")[2].lower(), "application/octet-stream")


def with_answers(record: Record, answers: Mapping[str, str], instance_id: str) -> bytes:
    """The record's XML with other answers, as a new version of it: what an edit sends."""
    tree = etree.fromstring(record.xml)
    for path, value in answers.items():
        set_answer(tree, path, value)
    set_answer(tree, "meta/deprecatedID", f"uuid:{record.uuid}")
    set_answer(tree, "meta/rootUuid", f"uuid:{record.root}")
    set_answer(tree, "meta/instanceID", instance_id)
    return etree.tostring(tree, encoding="utf-8")


def xpath_of_file(xml: bytes, name: str, repeats: Container[str]) -> str:
    """Where a file is named in the answers (`member[2]/photo`); "" where it is not."""

    def search(element: etree._Element, path: str, plain: str) -> str | None:
        counted: dict[str, int] = {}
        for child in element:
            tag = str(child.tag)
            counted[tag] = counted.get(tag, 0) + 1
            below = f"{plain}/{tag}" if plain else tag
            here = f"{path}/{tag}" if path else tag
            here = f"{here}[{counted[tag]}]" if below in repeats else here
            if child.text == name and not len(child):
                return here
            if (found := search(child, here, below)) is not None:
                return found
        return None

    return search(etree.fromstring(xml), "", "") or ""


def copied(record: Record, instance_id: str, at: str) -> bytes:
    """The record's XML as a new submission: `start` and `end` are those of the copying (61)."""
    tree = etree.fromstring(record.xml)
    for name in ("start", "end"):
        for node in tree.findall(name):
            node.text = at
    meta = meta_of(tree)
    for name in ("deprecatedID", "rootUuid"):
        for node in meta.findall(name):
            meta.remove(node)
    set_answer(tree, "meta/instanceID", instance_id)
    return etree.tostring(tree, encoding="utf-8")


def meta_of(tree: etree._Element) -> etree._Element:
    meta = tree.find("meta")
    assert meta is not None, "an instance has a meta"
    return meta


def set_answer(tree: etree._Element, path: str, value: str) -> None:
    """Write a value, making the way to it where there is none."""
    node = tree
    for step in path.split("/"):
        found = node.find(step)
        node = etree.SubElement(node, step) if found is None else found
    node.text = value
