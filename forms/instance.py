"""Read a filled-in form: instance XML to `Instance` (who it is), and with its form to `Submission` (what it answers).

Whether the form is known, and what becomes of a submission without an instanceID, is decided in sync.receive.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from forms.errors import SubmissionMalformed
from forms.form import Form
from forms.submission import Answers, Submission
from forms.text import Bilingual
from forms.xml import XmlRefused, local_name, parse_xml

MAX_XML_BYTES = 10_000_000
MAX_ID_BYTES = 255
"""Of form ids, versions and instanceIDs, in UTF-8: far beyond any in use, and what an index entry can hold."""

MAX_PATH_CHARACTERS = 50_000_000
"""Of all paths of one submission together. An interview has some thousands; long names nested deep, above very many
nodes, would turn 10 MB of XML into gigabytes."""

_TEMPLATE = "{http://openrosa.org/javarosa}template"
# Namespaces that say "this is a submission", never which form it fills in.
_NO_FORM_IDS = frozenset({"http://opendatakit.org/submissions", "http://www.w3.org/2002/xforms"})
_IDENTITY = frozenset({"instanceID", "deprecatedID"})
_ENCRYPTED_XML = "encryptedXmlFile"

_Tree: TypeAlias = MutableMapping[str, Any]  # Answers while they are being gathered


@dataclass(frozen=True)
class Instance:
    """Instance XML as received, with what it says about itself.

    version: "" where the root names none. instance_id: None where there is none. is_encrypted: the answers are in an
    attached file that only the holder of the form's private key can read.
    """

    form_id: str
    version: str
    instance_id: str | None
    deprecated_id: str | None
    is_encrypted: bool
    root: etree._Element
    raw: bytes


def read_instance(raw: bytes) -> Instance:
    """Return what the XML says about itself; its answers need the form (`submission_of`).

    Prefixes and namespaces of `meta` and its nodes vary between clients and are not looked at.
    Raises SubmissionMalformed for what is no well-formed XML, what `forms.xml` refuses, and ids too long to keep.
    """
    try:
        root = parse_xml(raw, max_bytes=MAX_XML_BYTES)
    except XmlRefused as refused:
        raise SubmissionMalformed(
            Bilingual(
                f"The submission cannot be read. {refused.message.en}",
                f"La soumission est illisible. {refused.message.fr}",
            )
        ) from refused
    meta = {local_name(node): (node.text or "").strip() for node in _elements(_meta(root))}
    instance_id = meta.get("instanceID") or root.get("instanceID", "").strip()
    instance = Instance(
        form_id=_form_id(root),
        version=_attribute(root, "version"),
        instance_id=instance_id or None,
        deprecated_id=meta.get("deprecatedID") or None,
        is_encrypted=root.get("encrypted") == "yes" or _child(root, "base64EncryptedKey") is not None,
        root=root,
        raw=raw,
    )
    for name, value in (
        ("form id", instance.form_id),
        ("version", instance.version),
        ("instanceID", instance.instance_id),
        ("deprecatedID", instance.deprecated_id),
    ):
        if value is not None and len(value.encode()) > MAX_ID_BYTES:
            raise SubmissionMalformed(
                Bilingual(
                    f"The submission's {name} has {len(value.encode()):,} bytes; at most {MAX_ID_BYTES} can be kept.",
                    f"Dans la soumission, la valeur « {name} » compte {len(value.encode()):,} octets ; "
                    f"au plus {MAX_ID_BYTES} peuvent être conservés.",
                )
            )
    return instance


def submission_of(instance: Instance, form: Form) -> Submission:
    """Return the submission with its answers laid out by the form's repeats.

    Text is kept as captured, white space included. Nodes that the form does not know are answers too (tables list
    them as misfits); of `meta`, also of one with an entity inside a repeat, only what the form asks for is. An
    encrypted submission has no answers: only `encryptedXmlFile` stands there, an unknown path, so that the tables
    list it and do not pass it over.
    Raises SubmissionMalformed if the XML has no instanceID, or answers beyond measure.
    """
    if instance.instance_id is None:
        raise SubmissionMalformed(NO_INSTANCE_ID)
    if instance.is_encrypted:
        answers, media_names = _sealed(instance.root)
    else:
        answers = _Answers(form).of(instance.root)
        binary = frozenset(question.path for question in form.questions if question.has_media)
        media_names = tuple(dict.fromkeys(_texts_at(answers, binary))) if binary else ()
    return Submission(
        form_id=instance.form_id,
        version=instance.version,
        instance_id=instance.instance_id,
        deprecated_id=instance.deprecated_id,
        answers=answers,
        raw=instance.raw,
        media_names=media_names,
    )


NO_INSTANCE_ID = Bilingual(
    "The submission has no instanceID, so a second copy of it could not be told from a new one. It is set aside; "
    "add meta/instanceID to the form and publish a new version.",
    "La soumission n'a pas d'instanceID : une deuxième copie ne se distinguerait pas d'une nouvelle. Elle est mise de "
    "côté ; ajoutez meta/instanceID au formulaire et publiez une nouvelle version.",
)


class _Answers:
    """Gathers the answers of one instance by the repeats of its form."""

    def __init__(self, form: Form) -> None:
        self._repeats = frozenset(form.repeats)
        self._groups = frozenset(group.path for group in form.groups)
        self._questions = form.by_path
        self._path_characters = 0

    def of(self, root: etree._Element) -> Answers:
        answers: _Tree = {}
        for child in _elements(root):
            self._gather(child, local_name(child), answers)
        return answers

    def _gather(self, element: etree._Element, path: str, into: _Tree) -> None:
        if element.get(_TEMPLATE) is not None:
            return
        self._path_characters += len(path)
        if self._path_characters > MAX_PATH_CHARACTERS:
            raise SubmissionMalformed(
                Bilingual(
                    "The submission has too many answers under too long names to be one interview.",
                    "La soumission a trop de réponses, sous des noms trop longs, pour être un seul entretien.",
                )
            )
        if path == "meta" or (path.endswith("/meta") and _child(element, "entity") is not None):
            self._gather_meta(element, path, into)
            return
        # Nearly all nodes are leaves: for them, two iterations fewer.
        is_leaf = len(element) == 0
        children = [] if is_leaf else list(_elements(element))
        own_text = (element.text or "") if is_leaf else _own_text(element)
        if path in self._repeats:
            row: _Tree = {}
            into.setdefault(path, []).append(row)
            into = row
        elif not children and path not in self._groups:
            _add(into, path, own_text)
            return
        if own_text.strip():
            # Text between elements has no place in a form: kept under the group's own path, where it is a misfit.
            _add(into, path, own_text)
        for child in children:
            self._gather(child, f"{path}/{local_name(child)}", into)

    def _gather_meta(self, meta: etree._Element, meta_path: str, into: _Tree) -> None:
        for node in _elements(meta):
            path = f"{meta_path}/{local_name(node)}"
            if local_name(node) not in _IDENTITY and path in self._questions:
                self._gather(node, path, into)


def _add(answers: _Tree, path: str, text: str) -> None:
    """Put an answer in its place; a node that stands again, where the form has no repeat, makes a list."""
    if path not in answers:
        answers[path] = text
    elif isinstance(answers[path], list):
        answers[path].append(text)
    else:
        answers[path] = [answers[path], text]


def _own_text(element: etree._Element) -> str:
    """The element's text without that of its children; a comment inside does not cut it short."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _sealed(root: etree._Element) -> tuple[Answers, tuple[str, ...]]:
    """An encrypted submission: the sealed file as the one answer, and all files it names."""
    sealed = [text for child in _elements(root) if local_name(child) == _ENCRYPTED_XML and (text := _name_in(child))]
    media = [
        name
        for child in _elements(root)
        if local_name(child) == "media"
        for file in _elements(child)
        if (name := _name_in(file))
    ]
    answers: Answers = {_ENCRYPTED_XML: sealed[0] if sealed else ""}
    return answers, tuple(dict.fromkeys([*media, *sealed]))


def _texts_at(answers: Answers, paths: frozenset[str]) -> Iterator[str]:
    """Non-empty texts at any of these paths, in all rows of all repeats."""
    for path, value in answers.items():
        for part in (value,) if isinstance(value, str) else value:
            if not isinstance(part, str):
                yield from _texts_at(part, paths)
            elif path in paths and part.strip():
                yield part


def _elements(parent: etree._Element | None) -> Iterator[etree._Element]:
    """Child elements, without comments."""
    return parent.iterchildren("*") if parent is not None else iter(())


def _child(parent: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in _elements(parent) if local_name(child) == name), None)


def _meta(root: etree._Element) -> etree._Element | None:
    """The `meta` block: of several groups of that name the one that holds an instanceID."""
    blocks = [child for child in _elements(root) if local_name(child) == "meta"]
    with_id = (block for block in blocks if _child(block, "instanceID") is not None)
    return next(with_id, blocks[0] if blocks else None)


def _form_id(root: etree._Element) -> str:
    """The form's id; OpenRosa lets old forms say it by the root's namespace, and older ones by its name alone."""
    namespace = etree.QName(root).namespace
    declared = _attribute(root, "id")
    if declared:
        return declared
    return namespace if namespace and namespace not in _NO_FORM_IDS else local_name(root)


def _attribute(root: etree._Element, name: str) -> str:
    """An attribute by its local name, the one without a namespace first; "" where there is none."""
    plain = root.get(name)
    if plain is not None:
        return plain
    return next((str(value) for key, value in root.attrib.items() if etree.QName(str(key)).localname == name), "")


def _name_in(element: etree._Element) -> str:
    """The file name in an element of an encrypted submission: its text, or that of the one element in it."""
    return "".join(str(text) for text in element.itertext()).strip()
