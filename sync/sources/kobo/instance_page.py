"""Cut KoboToolbox's XML into the instances that it holds, byte for byte; reading them is for `forms.instance`.

A list of records is `<root><count>…</count>…<results>`, the instances one after the other, `</results></root>`; a
single record is the instance alone. Cutting looks at nothing but the instances' outermost tags, so that one which is
broken spoils no other; one that is cut in the wrong place is not well-formed, and found out by whoever reads it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DECLARATION = re.compile(rb"\s*(?:<\?xml\s([^>]*)\?>)?\s*")
_HEAD = re.compile(rb"<root>\s*<count>\s*(\d+)\s*</count>.*?<results\s*(/?)>\s*", re.DOTALL)
_OPENING = re.compile(rb"<([^\s<>/!?]+)")
# Instances keep no declaration of their own in the replies that were seen; one that did would not be part of it.
_BETWEEN = re.compile(rb"\s*(?:<\?xml\s[^>]*\?>\s*)?")
_FOOT = re.compile(rb"</results>\s*</root>\s*")
_OTHER_ENCODING = re.compile(rb"encoding\s*=\s*[\"'](?!utf-?8|us-ascii)", re.IGNORECASE)


class XmlUnsound(ValueError):
    """XML that cannot be cut: no list of instances, one that ends early, or of another encoding than UTF-8."""


@dataclass(frozen=True, slots=True)
class InstancePage:
    """count: how many records the whole list has. instances: UTF-8, without an XML declaration."""

    count: int
    instances: tuple[bytes, ...]


def page_of_instances(page: bytes) -> InstancePage:
    """Return the instances of a list of records, in its order. Raises XmlUnsound."""
    head = _HEAD.match(page, _after_declaration(page))
    if head is None:
        raise XmlUnsound("no list of records")
    if head[2]:
        return InstancePage(int(head[1]), ())
    return InstancePage(int(head[1]), tuple(_instances(page, head.end())))


def instance_alone(document: bytes) -> bytes:
    """Return the bytes of the one instance that a document holds, without its XML declaration. Raises XmlUnsound."""
    start = _after_declaration(document)
    if _OPENING.match(document, start) is None:
        raise XmlUnsound("no instance")
    return document[start:].rstrip()


def _instances(page: bytes, start: int) -> Iterator[bytes]:
    start = _next(page, start)
    while (opening := _OPENING.match(page, start)) is not None:
        end = _end_of(opening[1], page, start)
        yield page[start:end]
        start = _next(page, end)
    if _FOOT.fullmatch(page, start) is None:
        raise XmlUnsound("the list of records ends early")


def _end_of(name: bytes, page: bytes, start: int) -> int:
    """Where the element that begins here ends; a node of its own may have its name."""
    depth = 0
    for tag in re.compile(rb"<(/?)" + re.escape(name) + rb"(?=[\s/>])").finditer(page, start):
        depth += -1 if tag[1] else 1
        if depth == 0 and (end := page.find(b">", tag.end())) >= 0:
            return end + 1
    raise XmlUnsound("an instance has no end")


def _next(page: bytes, start: int) -> int:
    """Where the next tag is."""
    between = _BETWEEN.match(page, start)
    return between.end() if between is not None else start


def _after_declaration(document: bytes) -> int:
    declaration = _DECLARATION.match(document)
    if declaration is None or (declaration[1] and _OTHER_ENCODING.search(declaration[1])):
        raise XmlUnsound("not UTF-8")
    return declaration.end()
