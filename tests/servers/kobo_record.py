"""A submission as a simulated KoboToolbox keeps it: instance XML, and the JSON record that is derived from it.

The XML is the truth. Key order, what is left out and the keys of attachments are those of recordings 31, 45b and 91d.
"""

import re
import sys
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lxml import etree

_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>\s*")
SIZES = ("large", "medium", "small")
ALWAYS_GIVEN = frozenset({"_id", "_uuid", "meta/rootUuid"})
"""What a reply holds although `fields` did not ask for it (51d, 51i)."""


HEAD = ALWAYS_GIVEN | {"_attachments", "_status", "_submission_time", "_date_modified", "_validation_status"}
"""Keys that need no look at the answers."""


@dataclass(slots=True)
class Attachment:
    """A file of a submission. basename: as stored. question_xpath: with positions in repeats (`member[2]/photo`)."""

    uid: str
    basename: str
    mimetype: str
    content: bytes
    question_xpath: str
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server knows of a form when it derives a record: names that its JSON and paths hold."""

    asset_uid: str
    owner: str
    form_uuid: str


@dataclass(slots=True)
class Record:
    """A submission. id: KoboToolbox's `_id`. root: of its first version, without `uuid:`.

    root_key: how `meta/rootUuid` reads in JSON; None on records from before the key existed. visible: committed.
    """

    id: int
    xml: bytes
    uuid: str
    root: str
    root_key: str | None
    root_in_xml: bool
    submitted_at: datetime
    modified_at: datetime
    submitted_by: str | None
    attachments: list[Attachment] = field(default_factory=list)
    review: dict[str, Any] = field(default_factory=dict)
    visible: bool = True
    dated: bool = False
    """The server is one that tells `_date_modified`."""
    _answers: dict[str, Any] | None = None
    _json: dict[str, Any] | None = None
    _head: dict[str, Any] | None = None
    _base: str = ""

    def changed(self, at: datetime | None) -> None:
        """What was derived is out of date. at: what `_date_modified` tells from now on, None where it stays."""
        self.modified_at = at or self.modified_at
        self._json = self._head = None

    def rewritten(self, xml: bytes, at: datetime) -> None:
        """Other answers: an edit."""
        self.xml = xml
        self._answers = None
        self.changed(at)

    def answers(self, repeats: Container[str]) -> dict[str, Any]:
        if self._answers is None:
            self._answers = {}
            _gather(etree.fromstring(self.xml), "", repeats, self._answers)
        return self._answers

    def as_json(self, base: str, stored: Stored, repeats: Container[str], geo_paths: tuple[str, ...]) -> dict[str, Any]:
        """Return the record as `/data/` shows it; the caller does not change it."""
        if self._json is None or self._base != base:
            answers = self.answers(repeats)
            self._json = {"_id": self.id, **answers, **self.metadata(base, stored)}
            self._json["_geolocation"] = _geolocation(answers, geo_paths)
            self._head, self._base = None if self._base != base else self._head, base
        return self._json

    def head(self, base: str, stored: Stored) -> dict[str, Any]:
        """Return what the record holds besides answers, without reading its XML: what a sweep for changes asks for."""
        if self._head is None or self._base != base:
            root = {"meta/rootUuid": self.root_key} if self.root_in_xml else {}
            self._head = {"_id": self.id, **root, **self.metadata(base, stored)}
            self._json, self._base = None, base
        return self._head

    def metadata(self, base: str, stored: Stored) -> dict[str, Any]:
        """What the server adds behind the answers, in its order."""
        added: dict[str, Any] = {"_xform_id_string": stored.asset_uid, "_uuid": self.uuid}
        if self.root_key is not None and not self.root_in_xml:
            added["meta/rootUuid"] = self.root_key
        added["_attachments"] = [self._attachment(base, stored, attachment) for attachment in self.attachments]
        added["_status"] = "submitted_via_web"
        added["_geolocation"] = [None, None]
        added["_submission_time"] = seconds(self.submitted_at)
        if self.dated:
            added["_date_modified"] = seconds(self.modified_at)
        added["_validation_status"] = self.review
        added["_submitted_by"] = self.submitted_by
        return added

    def _attachment(self, base: str, stored: Stored, attachment: Attachment) -> dict[str, Any]:
        url = f"{base}/api/v2/assets/{stored.asset_uid}/data/{self.id}/attachments/{attachment.uid}/"
        shown: dict[str, Any] = {
            "download_url": url,
            "mimetype": attachment.mimetype,
            "filename": f"{stored.owner}/attachments/{stored.form_uuid}/{self.root}/{attachment.basename}",
            "media_file_basename": attachment.basename,
            "uid": attachment.uid,
            "is_deleted": attachment.is_deleted,
        }
        if attachment.mimetype.startswith("image/"):
            shown |= {f"download_{size}_url": f"{url}{size}/" for size in SIZES}
        return shown | {"question_xpath": attachment.question_xpath}


def projected(record: dict[str, Any], fields: Container[str]) -> dict[str, Any]:
    """Return the record as `fields` leaves it, with its traps: `_id` goes last, and a `_validation_status` that was not
    asked for is `{}` whatever the record holds (51d)."""
    kept = {key: value for key, value in record.items() if key != "_id" and (key in fields or key in ALWAYS_GIVEN)}
    kept["_id"] = record["_id"]
    kept.setdefault("_validation_status", {})
    return kept


@dataclass(frozen=True, slots=True)
class Sent:
    """What instance XML says about itself. Ids as written, None where it has none."""

    form_id: str
    instance_id: str | None
    deprecated_id: str | None
    root_uuid: str | None
    submitted_at: datetime | None


def read_sent(xml: bytes) -> Sent:
    """Read the root and `meta`. Raises lxml.etree.XMLSyntaxError for what is no XML."""
    root = etree.fromstring(xml)
    meta = {
        etree.QName(node).localname: (node.text or "").strip()
        for child in root.iterchildren("{*}*")
        if etree.QName(child).localname == "meta"
        for node in child.iterchildren("{*}*")
    }
    given = root.get("submissionDate")
    return Sent(
        form_id=root.get("id") or etree.QName(root).localname,
        instance_id=meta.get("instanceID") or None,
        deprecated_id=meta.get("deprecatedID") or None,
        root_uuid=meta.get("rootUuid") or None,
        submitted_at=datetime.fromisoformat(given).astimezone(UTC) if given else None,
    )


def bare(uuid: str) -> str:
    """The id without `uuid:`."""
    return uuid.removeprefix("uuid:")


def instance_of(xml: bytes) -> bytes:
    """The instance element alone, without XML declaration, as pages of `format=xml` hold it (52)."""
    return _DECLARATION.sub(b"", xml, count=1).rstrip()


def seconds(at: datetime) -> str:
    """As `_submission_time` is told: UTC, whole seconds, no zone."""
    return at.isoformat(timespec="seconds")[:19]


def stamp(at: datetime) -> str:
    """As assets and versions are dated: microseconds and Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _gather(element: etree._Element, path: str, repeats: Container[str], into: dict[str, Any]) -> None:
    """Answers under full paths; what is empty is left out, and so is an instance of a repeat with nothing in it."""
    for child in element.iterchildren("{*}*"):
        name = child.tag.rpartition("}")[2]
        name = f"{child.prefix}:{name}" if child.prefix else name
        child_path = sys.intern(f"{path}/{name}" if path else name)
        if child_path in repeats:
            instance: dict[str, Any] = {}
            _gather(child, child_path, repeats, instance)
            if instance:
                into.setdefault(child_path, []).append(instance)
        elif len(child):
            _gather(child, child_path, repeats, into)
        elif child.text:
            into[child_path] = child.text


def _geolocation(answers: dict[str, Any], geo_paths: tuple[str, ...]) -> list[float | None]:
    for path in geo_paths:
        if isinstance(value := answers.get(path), str):
            latitude, longitude, *_ = value.split()
            return [float(latitude), float(longitude)]
    return [None, None]
