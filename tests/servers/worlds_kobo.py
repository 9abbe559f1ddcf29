"""The survey of `servers.worlds` on a simulated KoboToolbox."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from servers.clock import Clock
from servers.faults import Faults
from servers.kobo import KoboServer
from servers.kobo_asset import Asset
from servers.kobo_content import content_of_workbook
from servers.transport import Log
from servers.worlds import Answers, Ids, Truth, wires, workbook_of

from sync.source import RemoteForm, Source
from sync.sources import connect
from sync.sources.settings import SourceSettings

REVIEWS = {
    "approved": "validation_status_approved",
    "rejected": "validation_status_not_approved",
    "hasIssues": "validation_status_on_hold",
}


@dataclass
class KoboWorld:
    """manages: the account may read the project history (the feed); otherwise every pull is a sweep."""

    manages: bool = True
    date_modified: bool = False
    kind: str = "kobo"
    can_restore: bool = False
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="world-")))

    def __post_init__(self) -> None:
        self.server = KoboServer(self.clock)
        self.state = self.server
        self.state.switches.date_modified = self.date_modified
        self.state.add_user("owner")
        self.state.add_user("sync")
        content = content_of_workbook(workbook_of("1"))
        self.asset: Asset = self.state.add_asset("owner", "Household", content)
        self._ids = Ids()
        self._current: dict[str, str] = {}
        self.give_rights()

    def source(self) -> Source:
        settings = SourceSettings("kobo", "kobo", "https://kf.kobo.test", token=self.state.token_of("sync"))
        return connect(settings, wires(self, self.server))

    def _xml(self, answers: Answers, instance_id: str, deprecated_id: str | None = None) -> bytes:
        uid = self.asset.uid
        version = self.asset.deployed[-1 if answers.version == "1" else 0].uid
        deprecated = f"<deprecatedID>{deprecated_id}</deprecatedID>" if deprecated_id else ""
        return (
            f'<{uid} id="{uid}" version="{answers.version}"><formhub><uuid>f</uuid></formhub>{answers.inner_xml()}'
            f"<__version__>{version}</__version__>"
            f"<meta><instanceID>{instance_id}</instanceID>{deprecated}</meta></{uid}>"
        ).encode()

    def submit(self, answers: Answers, files: Mapping[str, bytes] | None = None) -> str:
        instance_id = self._ids.next()
        record = self.state.submit(self.asset, self._xml(answers, instance_id), files=files)
        self._current[record.root] = instance_id
        return record.root

    def begin(self, answers: Answers) -> Callable[[], None]:
        record = self.state.begin_commit(self.asset, self._xml(answers, self._ids.next()))
        at = self.clock.now()
        return lambda: self.state.commit(self.asset, record, logged_at=at)

    def edit(self, root: str, answers: Answers) -> None:
        instance_id = self._ids.next()
        self.state.edit(self.asset, root, self._xml(answers, instance_id, self._current[root]))
        self._current[root] = instance_id

    def review(self, root: str, status: str | None) -> None:
        self.state.review(self.asset, root, REVIEWS[status] if status else None)

    def delete(self, root: str) -> None:
        self.state.delete(self.asset, root)

    def restore(self, root: str) -> None:
        raise AssertionError(f"KoboToolbox brings nothing back, {root} neither")

    def add_file(self, root: str, name: str, content: bytes) -> None:
        self.state.add_attachment(self.asset, root, name, content)

    def remove_files(self, root: str) -> None:
        self.state.delete_attachments(self.asset, root)

    def publish(self, version: str) -> None:
        self.state.redeploy(self.asset, content_of_workbook(workbook_of(version)))

    def cut_rights(self) -> None:
        self.state.share(self.asset, "sync", "partial_submissions", only=[{"_submitted_by": "nobody"}])

    def give_rights(self) -> None:
        rights = ("manage_asset", "view_submissions", "validate_submissions") if self.manages else ("view_submissions",)
        self.state.share(self.asset, "sync", *rights)

    def roots(self) -> set[str]:
        return set(self.truth())

    def truth(self) -> dict[str, Truth]:
        words = {uid: word for word, uid in REVIEWS.items()}
        return {
            f"uuid:{record.root}": Truth(
                f"uuid:{record.uuid}",
                words[record.review["uid"]] if record.review else None,
                tuple(sorted(file.basename for file in record.attachments if not file.is_deleted)),
            )
            for record in self.asset.visible()
        }

    def awaits_file(self, root: str) -> bool:
        record = self.state.record(self.asset, root)
        return b"<photo>p.jpg</photo>" in record.xml and not record.attachments

    def remote_form(self, source: Source) -> RemoteForm:
        return source.form(self.asset.uid)
