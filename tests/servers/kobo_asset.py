"""A project of a simulated KoboToolbox: its form's versions, its submissions, and who may do what with it."""

import uuid
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from servers.kobo_content import Content, content_hash, geo_paths_of, repeats_of
from servers.kobo_history import History
from servers.kobo_query import compile_query, ids_within, without_ids
from servers.kobo_record import HEAD, Record, Stored, bare

ASSIGNABLE = (
    ("view_asset", "View form"),
    ("change_asset", "Edit form"),
    ("manage_asset", "Manage project"),
    ("add_submissions", "Add submissions"),
    ("view_submissions", "View submissions"),
    ("partial_submissions", None),
    ("change_submissions", "Edit submissions"),
    ("delete_submissions", "Delete submissions"),
    ("validate_submissions", "Validate submissions"),
)
LABELS = dict(ASSIGNABLE)
PARTIAL_LABEL = {
    "default": "Act on submissions only from specific users",
    "view_submissions": "View submissions only from specific users",
    "change_submissions": "Edit submissions only from specific users",
    "delete_submissions": "Delete submissions only from specific users",
    "validate_submissions": "Validate submissions only from specific users",
}
ALL_RIGHTS = frozenset(name for name, _label in ASSIGNABLE) - {"partial_submissions"}
IMPLIED: dict[str, frozenset[str]] = {
    "view_asset": frozenset(),
    "change_asset": frozenset({"view_asset"}),
    "manage_asset": ALL_RIGHTS,
    "add_submissions": frozenset(),
    "view_submissions": frozenset({"view_asset"}),
    "partial_submissions": frozenset({"view_asset"}),
    "change_submissions": frozenset({"view_asset", "view_submissions", "add_submissions"}),
    "delete_submissions": frozenset({"view_asset", "view_submissions"}),
    "validate_submissions": frozenset({"view_asset", "view_submissions"}),
}
"""What a right brings along (82b: adding submissions brings nothing; 82d, 82j: viewing them brings the form; 111)."""

ANONYMOUS = "AnonymousUser"


@dataclass(slots=True)
class Version:
    """What was saved, and when it was deployed. number: of the deployed ones, from 1."""

    uid: str
    content: Content
    modified: datetime
    content_hash: str
    deployed: datetime | None = None
    number: int | None = None


@dataclass(slots=True)
class FormFile:
    """Form media (83)."""

    uid: str
    filename: str
    content: bytes
    mimetype: str
    created: datetime
    user: str
    description: str = "default"


Filters = tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Asset:
    """A project. rights: of each user but the owner; a partial right has its filters, others None."""

    uid: str
    name: str
    owner: str
    created: datetime
    history: History
    versions: list[Version]
    modified: datetime
    deployed_at: datetime | None = None
    active: bool = False
    form_uuid: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    files: list[FormFile] = field(default_factory=list)
    rights: dict[str, dict[str, Filters | None]] = field(default_factory=dict)
    assignments: dict[tuple[str, str], str] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    replaced_uuids: set[str] = field(default_factory=set)
    last_submission: datetime | None = None
    data_sharing: dict[str, Any] = field(default_factory=dict)
    created_by: str | None = None
    last_modified_by: str | None = None
    _visible: list[int] = field(default_factory=list)
    _by_root: dict[str, set[int]] = field(default_factory=dict)
    _repeats: frozenset[str] = frozenset()
    _geo_paths: tuple[str, ...] = ()

    @property
    def latest(self) -> Version:
        return self.versions[-1]

    @property
    def deployed(self) -> list[Version]:
        """Newest first."""
        return [version for version in reversed(self.versions) if version.deployed]

    def save(self, uid: str, content: Content, at: datetime) -> Version:
        """A new version that nobody fills in yet."""
        version = Version(uid, content, at, content_hash(content))
        self.versions.append(version)
        self.modified = at
        return version

    def deploy(self, at: datetime, form_uuid: Callable[[], str] = lambda: uuid.uuid4().hex) -> Version:
        """Open the latest version to tablets."""
        version = self.latest
        version.number = version.number or len(self.deployed) + 1
        version.deployed = version.deployed or at
        self.deployed_at, self.modified, self.active = at, at, True
        self.form_uuid = self.form_uuid or form_uuid()
        self._repeats = self._repeats | repeats_of(version.content)
        self._geo_paths = tuple(dict.fromkeys((*geo_paths_of(version.content), *self._geo_paths)))
        return version

    def rights_of(self, user: str) -> frozenset[str]:
        if user == self.owner:
            return ALL_RIGHTS | {"delete_asset"}
        return frozenset(self.rights.get(user, {}))

    def filters_of(self, user: str) -> Filters | None:
        """The filters of a partial viewer; None for who sees all."""
        rights = self.rights_of(user)
        if "view_submissions" in rights or "partial_submissions" not in rights:
            return None
        return self.rights[user]["partial_submissions"] or ()

    @property
    def repeats(self) -> frozenset[str]:
        """Paths of the repeats of all deployed versions."""
        return self._repeats

    @property
    def visible_ids(self) -> Sequence[int]:
        return self._visible

    def show(self, record: Record) -> None:
        record.visible = True
        self.records[record.id] = record
        insort(self._visible, record.id)
        self._by_root.setdefault(record.root, set()).add(record.id)

    def forget(self, record: Record) -> None:
        self.records.pop(record.id, None)
        place = bisect_left(self._visible, record.id)
        if place < len(self._visible) and self._visible[place] == record.id:
            del self._visible[place]
        self._by_root.get(record.root, set()).discard(record.id)

    def shown(self, record: Record, base: str) -> dict[str, Any]:
        return record.as_json(base, self._stored, self._repeats, self._geo_paths)

    def head(self, record: Record, base: str) -> dict[str, Any]:
        return record.head(base, self._stored)

    def matching(self, base: str, query: Mapping[str, Any], user: str) -> Sequence[int]:
        """The ids of the visible records that match and that the user may see, ascending."""
        ids = ids_within(query, self._visible)
        rest = without_ids(query)
        tests = [compile_query(rest)] if rest else []
        if roots := _roots_asked(query):
            ids = self._among(ids, roots)
        if (filters := self.filters_of(user)) is not None:
            allowed = [compile_query(each) for each in filters]
            tests.append(lambda row: any(test(row) for test in allowed))
        if not tests:
            return ids
        # What the server adds is looked at without reading the answers.
        asked = set(rest).union(*filters or ())
        row = self.head if HEAD.issuperset(key.partition(".")[0] for key in asked) else self.shown
        return [each for each in ids if all(test(row(self.records[each], base)) for test in tests)]

    def find(self, key: str) -> Record | None:
        """A visible record by `_id` or root uuid; a uuid that an edit replaced finds nothing (45d)."""
        if key.isdigit():
            record = self.records.get(int(key))
            return record if record and record.visible else None
        return next((self.records[each] for each in self._among(self._visible, [key])), None)

    def _among(self, ids: Sequence[int], roots: Iterable[str]) -> list[int]:
        """Those of the sorted ids that have one of the roots."""
        found = {each for root in roots for each in self._by_root.get(bare(root), ())}
        return [each for each in sorted(found) if (place := bisect_left(ids, each)) < len(ids) and ids[place] == each]

    def visible(self) -> Iterator[Record]:
        return (self.records[each] for each in self._visible)

    @property
    def _stored(self) -> Stored:
        return Stored(self.uid, self.owner, self.form_uuid or "")


def _roots_asked(query: Mapping[str, Any]) -> list[str]:
    wanted = query.get("meta/rootUuid")
    listed = wanted.get("$in") if isinstance(wanted, Mapping) else [wanted]
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
