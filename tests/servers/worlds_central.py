"""The survey of `servers.worlds` on a simulated ODK Central."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from servers.central import CentralServer
from servers.central_records import Form as CentralForm
from servers.clock import Clock
from servers.faults import Faults
from servers.transport import Log
from servers.worlds import Answers, Ids, Truth, wires, workbook_of

from forms.read import examine_form
from sync.source import RemoteForm, Source
from sync.sources import connect
from sync.sources.settings import SourceSettings


@dataclass
class CentralWorld:
    """is_admin: the account may read the audit log (restores, files)."""

    is_admin: bool = True
    kind: str = "central"
    can_restore: bool = True
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="world-")))

    def __post_init__(self) -> None:
        self.server = CentralServer(self.clock)
        self.state = self.server
        self.project = self.state.add_project("Mopti")
        self.form: CentralForm = self.state.add_form(self.project, _xform("1"))
        self.user = self.state.add_user("sync@example.org", "a long password", is_admin=self.is_admin)
        self._ids = Ids()
        self._current: dict[str, str] = {}
        self.give_rights()

    def source(self) -> Source:
        settings = SourceSettings(
            "central",
            "central",
            "https://central.test",
            username="sync@example.org",
            password="a long password",
            project=self.project.number,
        )
        return connect(settings, wires(self, self.server))

    def _xml(self, answers: Answers, instance_id: str, deprecated_id: str | None = None) -> bytes:
        deprecated = f"<orx:deprecatedID>{deprecated_id}</orx:deprecatedID>" if deprecated_id else ""
        return (
            f'<data xmlns:orx="http://openrosa.org/xforms" id="household" version="{answers.version}">'
            f"{answers.inner_xml()}<orx:meta><orx:instanceID>{instance_id}</orx:instanceID>{deprecated}</orx:meta></data>"
        ).encode()

    def submit(self, answers: Answers, files: Mapping[str, bytes] | None = None) -> str:
        instance_id = self._ids.next()
        root = self.state.submit(self._xml(answers, instance_id), files)
        self._current[root] = instance_id
        return root

    def begin(self, answers: Answers) -> Callable[[], None]:
        root = self.state.begin_commit(self._xml(answers, self._ids.next()))
        return lambda: self.state.commit(root)

    def edit(self, root: str, answers: Answers) -> None:
        instance_id = self._ids.next()
        self.state.edit(root, self._xml(answers, instance_id, self._current[root]))
        self._current[root] = instance_id

    def review(self, root: str, status: str | None) -> None:
        # Central knows no way back to "received" but the null that a new submission has.
        self.state.review(root, status)

    def delete(self, root: str) -> None:
        self.state.delete(root)

    def restore(self, root: str) -> None:
        self.state.restore(root)

    def add_file(self, root: str, name: str, content: bytes) -> None:
        self.state.add_attachment(root, name, content)

    def remove_files(self, root: str) -> None:
        _, submission = self.state.find(root)
        for name, blob in dict(submission.current.files).items():
            if blob is not None:
                self.state.clear_attachment(root, name)

    def publish(self, version: str) -> None:
        self.state.publish_version(self.form, _xform(version))

    def cut_rights(self) -> None:
        self.user.is_admin = False
        self.state.set_role(self.user, self.project, "formfill")

    def give_rights(self) -> None:
        self.user.is_admin = self.is_admin
        self.state.set_role(self.user, self.project, "manager")

    def roots(self) -> set[str]:
        return set(self.truth())

    def truth(self) -> dict[str, Truth]:
        return {
            each.root_id: Truth(
                each.current.instance_id,
                each.review_state,
                tuple(sorted(name for name, blob in each.current.files.items() if blob is not None)),
            )
            for each in self.form.submissions.by_root.values()
            if each.deleted_at is None
        }

    def awaits_file(self, root: str) -> bool:
        _, submission = self.state.find(root)
        return submission.current.files.get("p.jpg", b"") is None

    def remote_form(self, source: Source) -> RemoteForm:
        return source.form(f"{self.project.number}/household")


def _xform(version: str) -> bytes:
    return examine_form(workbook_of(version), "household.xlsx").form.xform
