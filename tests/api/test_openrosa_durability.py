"""A real server, killed: what it said is kept is there after the restart."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from store.kept import Store
from store.people import Role, TokenKind, add_user, issue_token
from store.submissions import attachments_of, batches, raw
from sync.publish import publish_xform_here

TESTS = Path(__file__).resolve().parent.parent
INSTANCES = TESTS / "instances"
FORM = (INSTANCES / "household.xml").read_bytes()
XML = (INSTANCES / "household-1.xml").read_bytes()
INSTANCE_ID = "uuid:0f5b2f5a-43de-4f59-9a0c-6d6b5b1f6a01"
PHOTO = os.urandom(300_000)
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

SERVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from api.app import create_app
from api.services import Services
from store.kept import Store
from sync.shelf import Shelf
from transform.reader import Tables

folder, port = Path(sys.argv[1]), int(sys.argv[2])
store = Store.open(f"sqlite:///{folder / 'jekafo.sqlite'}", folder / "media")
services = Services(
    store=store,
    shelf=Shelf(store),
    tables=Tables(folder / "tables.duckdb"),
    secret_key="a key of tests only",
    default_language="en",
    clock=lambda: datetime.now(UTC),
)
uvicorn.run(create_app(services), host="127.0.0.1", port=port, access_log=False, log_level="warning")
"""


@dataclass(frozen=True)
class Project:
    """A data folder with the household form published, and a tablet's key to it."""

    folder: Path
    key: str

    @contextmanager
    def opened(self) -> Iterator[Store]:
        store = Store.open(f"sqlite:///{self.folder / 'jekafo.sqlite'}", self.folder / "media")
        try:
            yield store
        finally:
            store.close()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    store = Store.open(f"sqlite:///{tmp_path / 'jekafo.sqlite'}", tmp_path / "media")
    user = store.database.write(lambda connection: add_user(connection, "Awa", Role.ENUMERATOR, None, AT))
    key = store.database.write(lambda connection: issue_token(connection, user.id, TokenKind.APP_USER, AT))
    publish_xform_here(store, FORM, {}, at=AT)
    store.close()
    return Project(tmp_path, key)


@dataclass
class Server:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(project: Project) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVER, str(project.folder), str(port)]
    server = Server(subprocess.Popen(command, cwd=TESTS.parent), port)
    try:
        wait_until_open(server)
        yield server
    finally:
        server.kill()


def wait_until_open(server: Server) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.process.poll() is None, "the server did not start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the server did not open its port within a minute")


def send(project: Project, server: Server, xml: bytes, photo: bytes | None = None) -> httpx.Response:
    files = [("xml_submission_file", ("submission.xml", xml, "text/xml"))]
    if photo is not None:
        files.append(("1767600000001.jpg", ("1767600000001.jpg", photo, "image/jpeg")))
    return httpx.post(f"http://127.0.0.1:{server.port}/key/{project.key}/submission", files=files, timeout=60)


@pytest.mark.slow
def test_what_was_answered_201_survives_kill_9_right_after(project: Project):
    with serving(project) as server:
        assert send(project, server, XML, PHOTO).status_code == 201
        server.kill()
    with project.opened() as store, store.database.read() as connection:
        assert raw(connection, "household", INSTANCE_ID) == XML
        [photo] = attachments_of(connection, "household", INSTANCE_ID)
        assert store.media.path(photo.sha256).read_bytes() == PHOTO
    with serving(project) as server:
        again = send(project, server, XML, PHOTO)
        assert again.status_code == 202
        assert len(again.headers.get_list("date")) == 1


@pytest.mark.slow
def test_a_server_that_is_killed_amid_many_has_all_it_said_it_kept(project: Project):
    answered: list[str] = []

    def tablet(name: str, server: Server) -> None:
        for number in range(10_000):
            instance_id = f"uuid:{name}-{number}"
            try:
                response = send(project, server, XML.replace(INSTANCE_ID.encode(), instance_id.encode()))
            except httpx.TransportError:
                return
            if response.status_code == 201:
                answered.append(instance_id)

    with serving(project) as server, ThreadPoolExecutor(6) as tablets:
        for number in range(6):
            tablets.submit(tablet, str(number), server)
        wait_for(lambda: len(answered) >= 60)
        server.kill()
    with project.opened() as store, store.database.read() as connection:
        kept = {one.instance_id for batch in batches(connection, "household") for one in batch}
    assert set(answered) <= kept
    assert len(kept) <= len(answered) + 6  # at most the ones on their way


@pytest.mark.slow
def test_an_upload_that_breaks_off_leaves_nothing_and_the_server_goes_on(project: Project):
    with serving(project) as server:
        body = b"x" * 400_000
        head = (
            f"POST /key/{project.key}/submission HTTP/1.1\r\nHost: survey\r\nContent-Length: 5000000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="a.jpg"; filename="a.jpg"\r\n\r\n'
        )
        with socket.create_connection(("127.0.0.1", server.port)) as tablet:
            tablet.sendall(head.encode() + body)
            wait_for(lambda: any((project.folder / "media" / "staging").iterdir()))
        wait_for(lambda: not any((project.folder / "media" / "staging").iterdir()))
        assert send(project, server, XML).status_code == 201


@pytest.mark.slow
def test_a_tablet_that_sends_too_much_hears_it(project: Project):
    def too_much() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="a.mp4"; filename="a.mp4"\r\n\r\n'
        for _ in range(110):
            yield bytes(1_000_000)

    with serving(project) as server:
        address = f"http://127.0.0.1:{server.port}/key/{project.key}/submission"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = httpx.post(address, content=too_much(), headers=headers, timeout=60)
        assert answer.status_code == 413
        assert "larger than 100,000,000 bytes" in answer.text
        assert not any((project.folder / "media" / "staging").iterdir())


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it did not happen within 30 s"
        time.sleep(0.02)
