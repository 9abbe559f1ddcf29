"""A server that submissions come from: what every source can do, and the nouns it speaks in.

A source reads and writes one server's dialect and knows nothing of our store. What it says about a record is a
`Fingerprint`, cheap to list; `sync.pull` compares it with what we hold and asks for the `Record`s that differ.
Sources are files of `sync/sources`; a new one is a new file there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

from forms.form import Form
from forms.submission import Submission
from forms.text import Bilingual

Cursor = NewType("Cursor", str)
"""How far a feed was read. Opaque but to the source that made it; holds no secret and nobody's answer."""

FormOf = Callable[[str], Form]
"""Gives the form that a version of the source's form is kept as (our form id and version), reading it if need be."""


class Review(StrEnum):
    """What a reviewer said, in ODK Central's words.

    KoboToolbox: approved, not approved (REJECTED), on hold (HAS_ISSUES). EDITED is Central's alone, and never pushed.
    """

    APPROVED = "approved"
    REJECTED = "rejected"
    HAS_ISSUES = "hasIssues"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class RemoteForm:
    """A form on a source that takes or took submissions.

    remote_id: KoboToolbox's asset uid, Central's `project/xmlFormId`, a folder's form id. proposed_form_id: the id its
    author gave it; `sync.pull` decides under which id it is kept. submissions: how many the server says it has, None
    where it does not say.
    """

    remote_id: str
    proposed_form_id: str
    title: str
    submissions: int | None


@dataclass(frozen=True, slots=True)
class RemoteVersion:
    """A version of a form as a source has it, ready to be kept.

    name: as records name it (KoboToolbox: uid of the deployed version). xform: what our parser reads. workbook: the
    XLSForm where the source keeps one or it can be rebuilt from its rows, else None. deployed_at: when tablets got it
    there, None where the source does not say. files: those the form names, as far as the source has them.
    """

    name: str
    xform: bytes
    workbook: bytes | None = None
    workbook_name: str | None = None
    deployed_at: datetime | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """What our account may see of a form's records.

    sees_all: no record is hidden from it; only then may a missing record read as a deletion. rights: as the server
    names them, sorted; a change of them between two looks spoils what was read in between. is_passing: what is not
    there now says nothing (a stick with the files of one tablet), and nobody need hear of it.
    """

    sees_all: bool
    rights: tuple[str, ...]
    is_passing: bool = False


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What shows that a record changed: `mark` differs whenever answers, review or media on the server differ.

    remote_id: KoboToolbox's `_id`, Central's `__id`. root_id: the instanceID of its first version (`uuid:…`).
    """

    remote_id: str
    root_id: str
    mark: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one page of a feed or a sweep brought.

    absent: root ids that a feed names and the server no longer shows. changed: remote ids of records to fetch again
    whatever their mark says (a file overwritten under its name leaves no trace in lists). calls_for_sweep: the feed
    cannot tell what changed, so everything is to be compared. cursor: where to go on from once this batch and all
    before it are kept; None on all but the last one of a feed, and in sweeps.
    """

    fingerprints: tuple[Fingerprint, ...]
    absent: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    calls_for_sweep: bool = False
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class RemoteMedium:
    """A file of a record. name: as the answers name it. remote_id: what the server wants to be asked for.

    is_there: False where the server expects it and has not got it, or had it and removed it.
    """

    name: str
    remote_id: str
    content_type: str | None
    is_there: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in the place of a submission that cannot be read: its bytes, and why.

    place: where people find it, in words that are the same in all languages; None where that is its id.
    """

    raw: bytes
    message: Bilingual
    instance_id: str | None
    version: str | None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record in full, with the fingerprint that it was, or will be, listed under.

    submission: form id and version are ours, answers as `forms.submission` lays them out, raw deterministic (equal
    content, equal bytes, whenever it is fetched). submitted_at: when the server took the first version.
    """

    fingerprint: Fingerprint
    submission: Submission | Unreadable
    submitted_at: datetime
    submitter: str | None
    device_id: str | None
    review: Review | None
    media: tuple[RemoteMedium, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """A medium that is coming: its bytes from `offset` on.

    offset: 0 where the server would not resume. etag: names these bytes, None where the server has none. size: of the
    whole medium, None where it is not said. Chunks raise SourceUnavailable where the connection breaks.
    """

    offset: int
    size: int | None
    etag: str | None
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Upload:
    """A form version on its way out. workbook: a copy without our sheets. files: media and CSVs that it names.

    as_new: make a form of it even where the server has others of its id, if the server can have several.
    """

    form_id: str
    version: str
    title: str
    workbook: bytes
    xform: bytes
    files: Mapping[str, bytes]
    as_new: bool = False


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a source made of an upload. version_name: how records filled in from now on will name this version."""

    remote_id: str
    version_name: str


class Source(Protocol):
    """A server that submissions come from. May be used by several threads.

    Every method raises SourceUnavailable, SourceRefused or SourceReplyUnexpected; retries of what can recover are
    behind it.
    """

    @property
    def name(self) -> str:
        """The name people gave it."""

    @property
    def requests_made(self) -> int:
        """How many requests went out since it was opened, repeated ones included."""

    def forms(self) -> Iterator[RemoteForm]:
        """Give the forms that take or took submissions."""

    def form(self, remote_id: str) -> RemoteForm:
        """Return one form, equal to what `forms` gives of it, without listing the others.

        Raises SourceRefused for an id that the server does not have, or does not show us.
        """

    def version(self, form: RemoteForm, name: str) -> RemoteVersion:
        """Return a version by the name that records use for it.

        Raises XLSFormInvalid, XFormInvalid for one we cannot read, FormVersionUnknown for one the server does not have.
        """

    def access(self, form: RemoteForm) -> Access:
        """Return what our account may see now."""

    def count(self, form: RemoteForm) -> int:
        """Return how many records the server shows us now."""

    def changes(self, form: RemoteForm, after: Cursor | None) -> Iterator[Batch] | None:
        """Give what changed since the cursor, later changes perhaps twice; None where this source has no feed.

        after None: one empty batch with a cursor from which everything that happens from now on is seen.
        """

    def inventory(self, form: RemoteForm) -> Iterator[Batch]:
        """Give the fingerprints of all records: a sweep that ends without an error was complete.

        A record that was there all the while is in it; one that came or went meanwhile may be. Raises
        SourceReplyUnexpected where counts show that records are missing.
        """

    def look(self, form: RemoteForm, remote_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give the fingerprints of these records; those the server does not show are left out."""

    def find(self, form: RemoteForm, root_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give the fingerprints of the records with these root ids; those the server does not show are left out."""

    def fetch(self, form: RemoteForm, remote_ids: Sequence[str], form_of: FormOf) -> Iterator[Record]:
        """Give these records in full, in any order; those that are gone by now are left out.

        A record that changes while it is read comes whole, with a fingerprint not newer than its content.
        """

    def download(
        self, form: RemoteForm, remote_id: str, medium: RemoteMedium, *, offset: int, etag: str | None
    ) -> Download:
        """Begin to download a medium of a record, from `offset` on where its bytes are still those of `etag`."""

    def review(self, form: RemoteForm, remote_id: str, review: Review | None) -> Review | None:
        """Set the review on the server (None: none), and return what it holds afterwards."""

    def publish(self, upload: Upload, onto: str | None) -> Deployed:
        """Make the form, or a new version of the form `onto` (a remote id), and open it to tablets.

        Raises SourceRefused with the server's words for what it does not take; nothing is open to tablets then.
        """
