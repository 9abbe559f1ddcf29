"""What the simulated Central keeps: projects, forms with their versions, submissions with theirs, and the order they
are listed in. Rules of what is taken and refused are in `central_intake`, answers over HTTP in the other modules."""

import hashlib
import json
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from servers.central_people import Actor
from servers.central_xform import XForm


def stamped(at: datetime) -> datetime:
    """A moment as Central keeps it: to the millisecond."""
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def written(at: datetime | None) -> str | None:
    """A moment as Central writes it; None stays None."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's bytes. number: as audits name it."""

    number: int
    content: bytes
    content_type: str

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class FormFile:
    blob: Blob
    updated_at: datetime


@dataclass(slots=True)
class FormVersion:
    """A version of a form, or its draft (published_at None)."""

    xml: bytes
    xform: XForm
    published_at: datetime | None
    published_by: Actor | None
    workbook: bytes | None = None
    files: dict[str, FormFile] = field(default_factory=dict)

    @property
    def md5(self) -> str:
        return hashlib.md5(self.xml, usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Version:
    """A version of a submission: what was sent, by whom, and the files it names (None: not there)."""

    number: int
    instance_id: str
    xml: bytes
    form_version: FormVersion
    submitter: Actor
    created_at: datetime
    device_id: str | None
    user_agent: str | None
    files: dict[str, Blob | None]
    instance_name: str | None


@dataclass(slots=True)
class Comment:
    body: str
    actor: Actor
    created_at: datetime


@dataclass(slots=True, eq=False)
class Submission:
    """A submission with all its versions, the current one last. event: changes with what lists' ETags notice."""

    number: int
    root_id: str
    submitter: Actor
    created_at: datetime
    device_id: str | None
    user_agent: str | None
    versions: list[Version]
    updated_at: datetime | None = None
    review_state: str | None = None
    deleted_at: datetime | None = None
    comments: list[Comment] = field(default_factory=list)
    event: int = 0
    _system: str | None = None

    @property
    def current(self) -> Version:
        return self.versions[-1]

    @property
    def key(self) -> tuple[datetime, int]:
        """What lists are sorted by, newest first."""
        return self.created_at, self.number

    @property
    def system(self) -> dict[str, Any]:
        """The row's `__system`."""
        files = self.current.files
        return {
            "submissionDate": written(self.created_at),
            "updatedAt": written(self.updated_at),
            "submitterId": str(self.submitter.number),
            "submitterName": self.submitter.name,
            "attachmentsPresent": sum(blob is not None for blob in files.values()),
            "attachmentsExpected": len(files),
            "status": None,
            "reviewState": self.review_state,
            "deviceId": self.device_id,
            "edits": len(self.versions) - 1,
            "formVersion": self.current.form_version.xform.version,
            "deletedAt": written(self.deleted_at),
        }

    @property
    def system_row(self) -> str:
        """The row of `$select=__id,__system`, as JSON."""
        if self._system is None:
            self._system = as_json({"__id": self.root_id, "__system": self.system})
        return self._system

    def forget_row(self) -> None:
        """The row is written anew when it is next asked for."""
        self._system = None


Key = tuple[datetime, int]


class Submissions:
    """The submissions of one form, in the order they are listed, with the indices that `$filter` needs."""

    def __init__(self) -> None:
        self.by_root: dict[str, Submission] = {}
        self.by_instance: dict[str, tuple[Submission, Version]] = {}
        self._by_number: dict[int, Submission] = {}
        self._all: list[Key] = []
        self._live: list[Key] = []
        self._updated: list[Key] = []
        self._deleted: dict[int, Submission] = {}
        self._kept: dict[Any, tuple[Submission, ...]] = {}

    def add(self, submission: Submission) -> None:
        self.by_root[submission.root_id] = submission
        self._by_number[submission.number] = submission
        for version in submission.versions:
            self.by_instance[version.instance_id] = (submission, version)
        insort(self._all, submission.key)
        insort(self._live, submission.key)
        self.changed(submission)

    def changed(self, submission: Submission) -> None:
        submission.forget_row()
        self._kept.clear()

    def set_updated(self, submission: Submission, at: datetime) -> None:
        if submission.updated_at is not None:
            _take_out(self._updated, (submission.updated_at, submission.number))
        submission.updated_at = at
        insort(self._updated, (at, submission.number))
        self.changed(submission)

    def set_deleted(self, submission: Submission, at: datetime | None) -> None:
        if submission.deleted_at is None and at is not None:
            _take_out(self._live, submission.key)
            self._deleted[submission.number] = submission
        elif submission.deleted_at is not None and at is None:
            insort(self._live, submission.key)
            del self._deleted[submission.number]
        submission.deleted_at = at
        self.changed(submission)

    def purge(self, submission: Submission) -> None:
        self.set_deleted(submission, None)
        _take_out(self._live, submission.key)
        _take_out(self._all, submission.key)
        if submission.updated_at is not None:
            _take_out(self._updated, (submission.updated_at, submission.number))
        del self.by_root[submission.root_id], self._by_number[submission.number]
        for version in submission.versions:
            del self.by_instance[version.instance_id]
        self._kept.clear()

    def live(self) -> tuple[Submission, ...]:
        """Those not deleted, newest first."""
        return self.kept("live", lambda: map(self._of, reversed(self._live)))

    def all(self) -> tuple[Submission, ...]:
        """Deleted ones too, newest first."""
        return self.kept("all", lambda: map(self._of, reversed(self._all)))

    def deleted(self) -> tuple[Submission, ...]:
        return tuple(sorted(self._deleted.values(), key=lambda one: one.key, reverse=True))

    def created_since(self, at: datetime) -> set[Submission]:
        return {self._of(key) for key in self._all[bisect_left(self._all, (at, 0)) :]}

    def updated_since(self, at: datetime) -> set[Submission]:
        return {self._of(key) for key in self._updated[bisect_left(self._updated, (at, 0)) :]}

    def kept(self, name: Any, rows: Callable[[], Iterator[Submission]]) -> tuple[Submission, ...]:
        """The rows of that name, found once as long as nothing changes."""
        if name not in self._kept:
            self._kept[name] = tuple(rows())
        return self._kept[name]

    def _of(self, key: Key) -> Submission:
        return self._by_number[key[1]]


def _take_out(keys: list[Key], key: Key) -> None:
    del keys[bisect_left(keys, key)]


@dataclass(slots=True, eq=False)
class Form:
    """A form of a project. published: its versions, the latest last."""

    number: int
    project_id: int
    form_id: str
    actee: str
    created_at: datetime
    created_by: Actor
    state: str = "open"
    updated_at: datetime | None = None
    published: list[FormVersion] = field(default_factory=list)
    draft: FormVersion | None = None
    draft_token: str | None = None
    submissions: Submissions = field(default_factory=Submissions)
    app_users: set[int] = field(default_factory=set)

    @property
    def current(self) -> FormVersion:
        """The latest published version, of a form that was never published its draft."""
        version = self.published[-1] if self.published else self.draft
        assert version is not None
        return version

    def version(self, name: str) -> FormVersion | None:
        return next((one for one in reversed(self.published) if one.xform.version == name), None)


@dataclass(slots=True, eq=False)
class Project:
    number: int
    name: str
    description: str | None
    actee: str
    created_at: datetime
    forms: dict[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audited:
    """A line of the audit log."""

    number: int
    actor: Actor | None
    action: str
    form: Form | None
    details: dict[str, Any]
    logged_at: datetime
    submission: int | None
    """The submission it stands under in that one's own audits; None for what only the server's log has."""
