"""A simulated ODK Central with the household form of the recordings, and a source connected to it."""

from pathlib import Path

import requests
from servers.central import ADMIN_EMAIL, ADMIN_PASSWORD, CentralServer, household_form
from servers.clock import Clock
from servers.faults import Faults
from servers.transport import Log, adapter_for

from sync.source import Batch, Cursor, RemoteForm
from sync.sources.central import connect
from sync.sources.central.source import CentralSource
from sync.sources.settings import SourceSettings
from sync.wires import Wires

HOST = "central.test"
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<data xmlns:orx="http://openrosa.org/xforms" id="household" '
    'version="2026020101"><head><name>{name}</name><income>125000.50</income><photo>photo1.jpg</photo>'
    "<voice>m2.m4a</voice></head><meta><instanceID>{instance}</instanceID>{deprecated}</meta></data>"
)


def uuid(number: int, edit: int = 0) -> str:
    return f"uuid:{number:08d}-{edit:04d}-4000-8000-000000000000"


def instance(number: int, edit: int = 0, name: str = "Kamga") -> bytes:
    deprecated = f"<deprecatedID>{uuid(number, edit - 1)}</deprecatedID>" if edit else ""
    return XML.format(name=name, instance=uuid(number, edit), deprecated=deprecated).encode()


class World:
    """A Central with the household form, somebody who works on it, and a source that is connected to it."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.server = CentralServer(self.clock, HOST)
        self.project = self.server.add_project("Household survey 2026")
        self.remote = self.server.add_form(self.project, household_form(2))
        self.faults = Faults()
        self.log = Log()
        self.folder = folder
        self.source = self.connected(ADMIN_EMAIL, ADMIN_PASSWORD)
        self.form = RemoteForm(f"{self.project.number}/household", "household", "Household survey", None)

    def connected(self, username: str, password: str, address: str = f"https://{HOST}") -> CentralSource:
        wires = Wires(
            clock=self.clock.now,
            sleep=self.clock.sleep,
            chance=lambda: 0.0,
            adapter=lambda: adapter_for(self.server, self.faults, self.log),
            folder=self.folder,
        )
        settings = SourceSettings(
            name="enquete",
            kind="central",
            address=address,
            username=username,
            password=password,
            project=self.project.number,
        )
        source = connect(settings, wires)
        assert isinstance(source, CentralSource)
        return source

    def viewer(self) -> CentralSource:
        user = self.server.add_user("viewer@example.org", "seeing is enough")
        self.server.set_role(user, self.project, "viewer")
        return self.connected("viewer@example.org", "seeing is enough")

    def another_form(self, xform: bytes, files: dict[str, bytes]) -> RemoteForm:
        project = self.server.add_project("Another")
        self.server.add_form(project, xform, files)
        return RemoteForm(f"{project.number}/household", "household", "Household survey", None)

    def submit(self, *numbers: int, seconds: float = 1) -> None:
        for number in numbers:
            self.server.submit(instance(number))
            self.clock.advance(seconds)

    def edit(self, number: int, edit: int = 1) -> None:
        self.server.edit(uuid(number), instance(number, edit, "Kamga edited"))
        self.clock.advance(1)

    def listed(self, source: CentralSource | None = None) -> list[str]:
        return [mark.remote_id for batch in (source or self.source).inventory(self.form) for mark in batch.fingerprints]

    def marks(self) -> dict[str, str]:
        return {mark.remote_id: mark.mark for batch in self.source.inventory(self.form) for mark in batch.fingerprints}

    def resend(self, xml: bytes, name: str, content: bytes) -> None:
        """What a tablet does whose upload was cut: the same submission again, with its files."""
        request = requests.Request(
            "POST",
            f"https://{HOST}/v1/projects/{self.project.number}/submission",
            files={"xml_submission_file": ("submission.xml", xml, "text/xml"), name: (name, content, "image/jpeg")},
        ).prepare()
        token = self.server.people.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD, self.clock.now())
        assert token is not None
        assert isinstance(request.body, bytes)
        headers = {**request.headers, "X-OpenRosa-Version": "1.0", "Authorization": f"Bearer {token.token}"}
        assert self.server.handle("POST", str(request.url), headers, request.body).status == 201
        self.clock.advance(1)

    def asked_for_xml(self) -> int:
        return len([asked for asked in self.log if asked.path.endswith(".xml")])

    def begin(self, source: CentralSource | None = None) -> Cursor:
        (batch,) = (source or self.source).changes(self.form, None)
        assert batch == Batch((), cursor=batch.cursor)
        assert batch.cursor is not None
        return batch.cursor

    def settled(self, source: CentralSource | None = None) -> Cursor:
        """A cursor that is far enough behind everything that happened, for overlaps to bring nothing of it."""
        self.clock.advance(3600)
        self.submit(99)
        cursor = self.begin(source)
        self.clock.advance(3600)
        return cursor
