"""XML from Central as whole as Central has it."""

import re

from sync.http.client import HttpClient

_BEGIN = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml\b[^>]*\?>)?\s*<([^\s<>/]+)")


def get_xml(client: HttpClient, path: str) -> bytes:
    """Return the XML at a path. One that breaks off may be kept so, or was cut on its way: a second look tells."""
    xml = client.get_bytes(path, accept="application/xml")
    return xml if _is_whole(xml) else client.get_bytes(path, accept="application/xml")


def _is_whole(xml: bytes) -> bool:
    """Whether it ends with the end of the element that it begins with; says nothing of what is between."""
    begin = _BEGIN.match(xml)
    return begin is not None and xml.rstrip().endswith((b"</" + begin[1] + b">", b"/>"))
