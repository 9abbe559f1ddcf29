"""How to reach a source: its address and what it asks for at the door."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sync.source import Source
from sync.wires import Wires


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """A source as somebody configured it. Secrets stand in no repr.

    name: how people here call it. kind: `kobo`, `central`, `folder`. address: https URL of the server (KoboToolbox: the
    KPI address, such as https://kf.kobotoolbox.org), or a folder. further_hosts: of the same server (KoboToolbox's
    kc address), to which the credential may go too. media_hosts: where the server leads downloads to (its S3),
    without the credential. project: ODK Central's project number.
    """

    name: str
    kind: str
    address: str
    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    project: int | None = None
    further_hosts: tuple[str, ...] = ()
    media_hosts: tuple[str, ...] = ()
    hook_secret: str | None = field(default=None, repr=False)


Connect = Callable[[SourceSettings, Wires], Source]
