"""The nodes an expression walks over: those of a filled-in form, and those of the lists and files beside it."""

import csv
import io
from collections.abc import Iterator, Mapping

from lxml import etree

from forms.xml import local_name

_TEMPLATE = "{http://openrosa.org/javarosa}template"


class Node:
    """An element: its name, its text, what it stands in and what stands in it.

    kind: the data type of its bind (`int`, `date`, `string` ...); nodes of lists and files hold text. path: names from
    below the root (`security/age`); "" for the root and for nodes of no form.
    """

    __slots__ = ("children", "kind", "name", "parent", "path", "text")

    def __init__(self, name: str, text: str = "", parent: "Node | None" = None, kind: str = "string") -> None:
        self.name = name
        self.text = text
        self.parent = parent
        self.kind = kind
        self.path = ""
        self.children: dict[str, list[Node]] = {}

    def add(self, child: "Node") -> None:
        """Put a node behind those of its name."""
        self.children.setdefault(child.name, []).append(child)

    def all_children(self) -> Iterator["Node"]:
        """The nodes in it; those of one name stand together."""
        for same in self.children.values():
            yield from same

    def line(self) -> list["Node"]:
        """The nodes from the outermost down to itself."""
        line: list[Node] = []
        node: Node | None = self
        while node is not None:
            line.append(node)
            node = node.parent
        return line[::-1]

    def walk(self) -> Iterator["Node"]:
        """Itself and all below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(list(node.all_children())))

    @property
    def position(self) -> int:
        """From 1, among the nodes of its name beside it."""
        return 1 if self.parent is None else self.parent.children.get(self.name, [self]).index(self) + 1


def form_nodes(root: etree._Element, kinds: Mapping[str, str]) -> Node:
    """Return the document node above the root of a filled-in form. kinds: path to data type; text where it has none."""
    document = Node("")
    top = Node(local_name(root), parent=document)
    document.add(top)
    waiting = [(root, top)]
    while waiting:
        element, node = waiting.pop()
        prefix = f"{node.path}/" if node.path else ""
        for child in element.iterchildren("*"):
            if child.get(_TEMPLATE) is not None:
                continue
            name = local_name(child)
            inside = Node(name, child.text or "", node)
            inside.path = prefix + name
            inside.kind = kinds.get(inside.path, "string")
            node.add(inside)
            if len(child):
                inside.text = ""
                waiting.append((child, inside))
    return document


def list_nodes(root: etree._Element) -> Node:
    """Return the document node above the root of a secondary instance, out of the form or an XML file."""
    return form_nodes(root, {})


def csv_nodes(content: bytes) -> Node:
    """Return the rows of a CSV file as a client sees them: `/root/item`, a node a column."""
    document = Node("")
    top = Node("root", parent=document)
    document.add(top)
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    for row in rows:
        item = Node("item", parent=top)
        for column, value in row.items():
            if isinstance(column, str) and isinstance(value, str | None):
                item.add(Node(column.strip(), value or "", item))
        top.add(item)
    return document
