"""Which nodes of a record are the server's own and nobody's answer: the form's uuid, and the version filled in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from forms.form import Form
from forms.instance import Instance
from forms.submission import Answers
from forms.xml import local_name

FORM_UUID: Final = "formhub/uuid"

# `__version__`; forms that were downloaded and imported again carry older ones along: `_version_`, `__version__001`.
_LIKELY: Final = "//*[starts-with(local-name(), '_') and contains(local-name(), 'version_')]"
_VERSION = re.compile(r"_{1,2}version_{1,2}(?:\d{3})?")


def version_in_instance(instance: Instance) -> str | None:
    """Return the version that an instance names: the last of its version nodes that has a value, None without one.

    The last, because deploying puts its own behind those that an imported form brought along.
    """
    likely: Any = instance.root.xpath(_LIKELY)  # here and not in Python, as every node of every record is looked at
    texts = [(node.text or "").strip() for node in likely if _VERSION.fullmatch(local_name(node))]
    return next((text for text in reversed(texts) if text), None)


def version_in_row(row: Mapping[str, Any]) -> str | None:
    """Return the version that a JSON record names, as `version_in_instance` does."""
    found = None
    for key, value in row.items():
        if _names_version(key) and isinstance(value, str) and value.strip():
            found = value.strip()
    return found


def without_server_nodes(answers: Answers, form: Form) -> Answers:
    """Return the answers without the nodes that the server made; what the form itself asks for stays."""
    likely = [path for path in answers if "version_" in path or path == FORM_UUID]
    made = {path for path in likely if not _is_answer(path) and path not in form.by_path}
    return {path: value for path, value in answers.items() if path not in made} if made else answers


def is_of_instance(key: str, form: Form | None) -> bool:
    """Whether a key of a JSON record stands for a node of the instance, or was put there by the server.

    `meta/rootUuid` counts as the server's: a migration adds it to old records, and they are the same after it.
    """
    if form is not None and key in form.by_path:
        return True
    return _names_version(key) or not (key.startswith("_") or key == "meta/rootUuid")


def paths_in_instance(instance: Instance) -> frozenset[str]:
    """Return the paths of the nodes without children, but for the server's own and `meta`."""
    return frozenset(path for path in _leaves(instance.root, "") if _is_answer(path))


def paths_in_row(row: Mapping[str, Any]) -> frozenset[str]:
    """Return the paths that a JSON record answers, as `paths_in_instance` does for what is not empty."""
    return frozenset(path for path in _keys(row) if not path.startswith("_") and _is_answer(path))


def _names_version(path: str) -> bool:
    return _VERSION.fullmatch(path.rpartition("/")[2]) is not None


def _is_answer(path: str) -> bool:
    return not (path == FORM_UUID or _names_version(path) or path.startswith("meta/"))


def _leaves(element: Any, path: str) -> Iterator[str]:
    for child in element.iterchildren("*"):
        at = f"{path}/{local_name(child)}" if path else local_name(child)
        if len(child):
            yield from _leaves(child, at)
        else:
            yield at


def _keys(row: Mapping[str, Any]) -> Iterator[str]:
    for key, value in row.items():
        yield key
        for inner in value if isinstance(value, list) else ():
            if isinstance(inner, dict):
                yield from _keys(inner)
