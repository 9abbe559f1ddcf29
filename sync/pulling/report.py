"""What a pull is asked to do, what it tells while it runs, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from forms.text import Bilingual


class Media(StrEnum):
    """How much of the media a pull takes. LIST: which files there are and which have come, without their bytes."""

    NONE = "none"
    LIST = "list"
    ALL = "all"


class Stage(StrEnum):
    """What a pull is doing: comparing lists, fetching records, downloading media."""

    LOOKING = "looking"
    FETCHING = "fetching"
    MEDIA = "media"


Progress = Callable[[Stage, int, int | None], None]
"""Hears how much of a stage is done, and of how much, None where that is not known."""


@dataclass(frozen=True, slots=True)
class PullPlan:
    """sweep: compare with everything on the server, whatever its feed says."""

    media: Media = Media.ALL
    sweep: bool = False


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull of one form did. Counts are of records, but for media.

    edited: other answers. reviewed: another review and the same answers. media_changed: other files on the server and
    the same answers and review. unchanged: held, and not touched. held: on the server as we know it now. set_aside: in
    quarantine, of those held. awaiting_media: whose files have not all reached the server. media_listed: on the server
    and not fetched. requests: sent to the server; 0 for a folder. swept: everything was compared. remarks: what is good
    to know once; needs_person: what a person should look at; both in sentences without anybody's answer.
    """

    source: str
    form_id: str
    remote_id: str
    title: str
    new: int
    edited: int
    deleted: int
    restored: int
    reviewed: int
    media_changed: int
    media_received: int
    media_bytes: int
    media_failed: int
    media_listed: int
    unchanged: int
    held: int
    set_aside: int
    awaiting_media: int
    requests: int
    seconds: float
    swept: bool
    remarks: tuple[Bilingual, ...]
    needs_person: tuple[Bilingual, ...]
