"""Every kind of bad input that could be thought of: each gets a clear answer, and nothing that was here is lost."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from lxml import etree

from api.app import create_app
from api.services import Services
from store.kept import Store
from store.people import Role, TokenKind, add_user, issue_token
from store.quarantine import Quarantined, waiting
from store.submissions import attachments_of, batches, raw
from sync.publish import publish_xform_here
from sync.shelf import Shelf
from transform.reader import Tables

INSTANCES = Path(__file__).resolve().parent.parent / "instances"
FORM = (INSTANCES / "household.xml").read_bytes()
XML = (INSTANCES / "household-1.xml").read_bytes()
INSTANCE_ID = "uuid:0f5b2f5a-43de-4f59-9a0c-6d6b5b1f6a01"
PHOTO = "1767600000001.jpg"
BOUNDARY = b"7f3c0b1e9d"
ENCODINGS = ("utf-8-sig", "utf-16", "iso-8859-1")
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HEAD = '<data id="household" version="2026030101">'
META = "<meta><instanceID>uuid:bad</instanceID></meta>"


@dataclass(frozen=True)
class Bad:
    """A request that is wrong, the status it must get, and whether its XML is set aside."""

    status: int
    body: Callable[[], bytes]
    set_aside: bool = False
    content_type: str = f"multipart/form-data; boundary={BOUNDARY.decode()}"
    headers: tuple[tuple[str, str], ...] = ()


def part(head: bytes, content: bytes) -> bytes:
    return b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"


def upload(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def xml_part(content: bytes) -> bytes:
    return part(b'name="xml_submission_file"; filename="submission.xml"', content)


def medium(name: bytes, content: bytes = b"\xff\xd8photo") -> bytes:
    return part(b'name="' + name + b'"; filename="' + name + b'"', content)


def noise(size: int) -> bytes:
    return random.Random(20260301).randbytes(size)  # noqa: S311 - noise that is the same in every run


def xml(text: str) -> Callable[[], bytes]:
    return lambda: upload(xml_part(text.encode()))


def named(name: bytes) -> Callable[[], bytes]:
    return lambda: upload(xml_part(XML), medium(name))


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    text = f'<!DOCTYPE data [<!ENTITY l0 "lol">{entities}]>{HEAD}<note>&l9;</note>{META}</data>'
    return upload(xml_part(text.encode()))


def quadratic() -> bytes:
    text = f'<!DOCTYPE data [<!ENTITY a "{"a" * 100_000}">]>{HEAD}<note>{"&a;" * 10_000}</note>{META}</data>'
    return upload(xml_part(text.encode()))


def zip_file() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("submission.xml", XML)
    return upload(xml_part(content.getvalue()))


def entity(declaration: str) -> Callable[[], bytes]:
    return xml(f"<!DOCTYPE data [{declaration}]>{HEAD}<note>&x;</note>{META}</data>")


LATIN = f'<?xml version="1.0" encoding="UTF-8"?>{HEAD}<note>Aïssata</note>{META}</data>'.encode("latin-1")

KINDS = {
    # XML that attacks the parser
    "billion laughs": Bad(400, laughs, set_aside=True),
    "quadratic blowup": Bad(400, quadratic, set_aside=True),
    "external entity, file": Bad(400, entity('<!ENTITY x SYSTEM "file:///etc/passwd">'), set_aside=True),
    "external entity, http": Bad(400, entity('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">'), set_aside=True),
    "parameter entity": Bad(400, entity('<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;'), set_aside=True),
    "external DTD": Bad(
        400, xml(f'<!DOCTYPE data SYSTEM "http://127.0.0.1:9/x.dtd">{HEAD}{META}</data>'), set_aside=True
    ),
    "DOCTYPE alone": Bad(400, xml(f"<!DOCTYPE data>{HEAD}{META}</data>"), set_aside=True),
    "undeclared entity": Bad(400, xml(f"{HEAD}<note>&nbsp;</note>{META}</data>"), set_aside=True),
    "nested 5,000 deep": Bad(400, xml(HEAD + "<a>" * 5000 + "</a>" * 5000 + META + "</data>"), set_aside=True),
    "nested 101 deep": Bad(400, xml(HEAD + "<a>" * 101 + "</a>" * 101 + META + "</data>"), set_aside=True),
    "an attribute of 11 MB": Bad(413, lambda: upload(xml_part(f'<data id="{"x" * 11_000_000}"/>'.encode()))),
    "a form id of 300 characters": Bad(400, xml(f'<data id="{"x" * 300}">{META}</data>'), set_aside=True),
    "an instanceID of 9 MB": Bad(
        400, xml(f"{HEAD}<meta><instanceID>{'x' * 9_000_000}</instanceID></meta></data>"), set_aside=True
    ),
    # what is no XML, or no submission
    "empty XML": Bad(400, xml(""), set_aside=True),
    "white space": Bad(400, xml(" \n "), set_aside=True),
    "a text": Bad(400, xml("Konna, 41 ans"), set_aside=True),
    "JSON": Bad(400, xml('{"id": "household"}'), set_aside=True),
    "a zip file": Bad(400, zip_file, set_aside=True),
    "1 MB of noise as XML": Bad(400, lambda: upload(xml_part(noise(1_000_000))), set_aside=True),
    "50 MB of noise as XML": Bad(413, lambda: upload(xml_part(noise(50_000_000)))),
    "truncated XML": Bad(400, lambda: upload(xml_part(XML[:-40])), set_aside=True),
    "two roots": Bad(400, lambda: upload(xml_part(XML + XML[XML.index(b"<data") :])), set_aside=True),
    "text after the root": Bad(400, lambda: upload(xml_part(XML + b"and more")), set_aside=True),
    "undeclared prefix": Bad(400, xml(f"{HEAD}<orx:meta/></data>"), set_aside=True),
    "HTML": Bad(400, xml("<html><body>Sign in to the hotel's network</body></html>"), set_aside=True),
    "an XForm": Bad(400, lambda: upload(xml_part(FORM)), set_aside=True),
    "no instanceID": Bad(400, xml(f"{HEAD}<village>Konna</village></data>"), set_aside=True),
    "an empty instanceID": Bad(400, xml(f"{HEAD}<meta><instanceID> </instanceID></meta></data>"), set_aside=True),
    "unknown form": Bad(404, xml(f'<data id="other" version="1">{META}</data>'), set_aside=True),
    "unknown version": Bad(404, xml(f'<data id="household" version="1">{META}</data>'), set_aside=True),
    "no version": Bad(404, xml(f'<data id="household">{META}</data>'), set_aside=True),
    "an edit of nothing": Bad(
        409,
        xml(f"{HEAD}<meta><instanceID>uuid:b</instanceID><deprecatedID>uuid:none</deprecatedID></meta></data>"),
        set_aside=True,
    ),
    "other answers under a known id": Bad(
        409, lambda: upload(xml_part(XML.replace(b"Konna", b"Djenne"))), set_aside=True
    ),
    # encodings
    "Latin-1 that says UTF-8": Bad(400, lambda: upload(xml_part(LATIN)), set_aside=True),
    "UTF-16 that says UTF-8": Bad(
        400,
        lambda: upload(xml_part(XML.decode().replace("<?xml version='1.0' ?>", "").encode("utf-16-le"))),
        set_aside=True,
    ),
    "an encoding nobody knows": Bad(
        400, xml(f'<?xml version="1.0" encoding="x-none"?>{HEAD}{META}</data>'), set_aside=True
    ),
    "a NUL in the text": Bad(400, xml(f"{HEAD}<note>a\0b</note>{META}</data>"), set_aside=True),
    "a NUL as a reference": Bad(400, xml(f"{HEAD}<note>&#0;</note>{META}</data>"), set_aside=True),
    "a lone surrogate": Bad(
        400,
        lambda: upload(xml_part(f"{HEAD}<note>\ud800</note></data>".encode(errors="surrogatepass"))),
        set_aside=True,
    ),
    "an escape character": Bad(400, xml(f"{HEAD}<note>\x1b[31m</note>{META}</data>"), set_aside=True),
    # multipart that is not as it should be
    "an empty body": Bad(400, lambda: b""),
    "raw XML": Bad(400, lambda: XML, content_type="text/xml"),
    "raw XML that says multipart": Bad(400, lambda: XML),
    "no content type": Bad(400, lambda: upload(xml_part(XML)), content_type=""),
    "no boundary": Bad(400, lambda: upload(xml_part(XML)), content_type="multipart/form-data"),
    "an empty boundary": Bad(400, lambda: upload(xml_part(XML)), content_type='multipart/form-data; boundary=""'),
    "another boundary": Bad(400, lambda: upload(xml_part(XML)), content_type="multipart/form-data; boundary=other"),
    "a boundary of 5,000 characters": Bad(
        400, lambda: upload(xml_part(XML)), content_type=f"multipart/form-data; boundary={'b' * 5000}"
    ),
    "a urlencoded form": Bad(
        400, lambda: b"xml_submission_file=%3Cdata%2F%3E", content_type="application/x-www-form-urlencoded"
    ),
    "truncated multipart": Bad(400, lambda: upload(xml_part(XML), medium(b"a.jpg", noise(90_000)))[:60_000]),
    "no closing boundary": Bad(400, lambda: xml_part(XML)),
    "only the closing boundary": Bad(400, upload),
    "no XML part": Bad(400, lambda: upload(medium(b"a.jpg"))),
    "two XML parts that differ": Bad(400, lambda: upload(xml_part(XML), xml_part(XML + b" "))),
    "two files of one name that differ": Bad(
        400, lambda: upload(xml_part(XML), medium(b"a.jpg", b"1"), medium(b"a.jpg", b"2"))
    ),
    "a part without a name": Bad(400, lambda: upload(xml_part(XML), part(b'filename="a.jpg"', b"1"))),
    "10,000 parts": Bad(413, lambda: upload(xml_part(XML), *(medium(b"%d.jpg" % n) for n in range(10_000)))),
    "a header of 1 MB": Bad(400, lambda: upload(xml_part(XML), part(b'name="' + b"a" * 1_000_000 + b'"', b"1"))),
    "headers without end": Bad(400, lambda: b"--" + BOUNDARY + b"\r\n" + b"X-A: 1\r\n" * 10_000),
    "a base64 part": Bad(
        400, lambda: upload(part(b'name="xml_submission_file"\r\nContent-Transfer-Encoding: base64', XML))
    ),
    "a plain field of 1 MB": Bad(413, lambda: upload(xml_part(XML), part(b'name="comment"', b"a" * 1_000_000))),
    "more than announced is allowed": Bad(413, lambda: b"", headers=(("Content-Length", "100000001"),)),
    # names of media that lead elsewhere
    "a name with folders upwards": Bad(400, named(b"../../jekafo.sqlite")),
    "an absolute name": Bad(400, named(b"/etc/passwd")),
    "a Windows path": Bad(400, named(b"..\\..\\a.jpg")),
    "a Windows drive": Bad(400, named(b"C:a.jpg")),
    "a name of two dots": Bad(400, named(b"..")),
    "a NUL in a name": Bad(400, named(b"a\0.jpg")),
    "a line break in a name": Bad(400, named(b"a%0D%0A.jpg")),
    "a name of 5,000 characters": Bad(400, named(b"a" * 5_000)),
}


# One project for all kinds: each test compares before and after, and a hundred projects would take a minute.
@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("bad")
    store = Store.open(f"sqlite:///{folder / 'jekafo.sqlite'}", folder / "media")
    yield store
    store.close()


@pytest.fixture(scope="module")
def tablet(store: Store) -> TestClient:
    """A tablet that has sent one submission with a photo."""
    publish_xform_here(store, FORM, {}, at=AT)
    user = store.database.write(lambda connection: add_user(connection, "Awa", Role.ENUMERATOR, None, AT))
    key = store.database.write(lambda connection: issue_token(connection, user.id, TokenKind.APP_USER, AT))
    services = Services(
        store=store,
        shelf=Shelf(store),
        tables=Tables(store.media.folder / "tables.duckdb"),
        secret_key="a key of tests only",
        default_language="en",
        clock=lambda: AT,
    )
    client = TestClient(create_app(services), base_url=f"http://survey.example.org/key/{key}/")
    assert post(client, Bad(201, lambda: upload(xml_part(XML), medium(PHOTO.encode())))).status_code == 201
    return client


def post(client: TestClient, bad: Bad) -> Response:
    headers = dict(bad.headers) | ({"Content-Type": bad.content_type} if bad.content_type else {})
    return client.post("submission", content=bad.body(), headers=headers)


def state(store: Store) -> tuple[list[tuple[str, str]], bytes, list[bytes], set[str]]:
    """All that is kept: answers, the first submission's bytes, its photo, and the names in the media folder."""
    with store.database.read() as connection:
        answers = [(one.instance_id, one.answers) for batch in batches(connection, "household") for one in batch]
        media = attachments_of(connection, "household", INSTANCE_ID)
        xml_kept = raw(connection, "household", INSTANCE_ID)
    files = {path.name for path in store.media.folder.rglob("*") if path.is_file()}
    return answers, xml_kept, [store.media.path(one.sha256).read_bytes() for one in media], files


def set_aside(store: Store) -> list[Quarantined]:
    with store.database.read() as connection:
        return waiting(connection)


@pytest.mark.parametrize("bad", KINDS.values(), ids=KINDS.keys())
def test_bad_input_gets_a_clear_answer_and_loses_nothing(tablet: TestClient, store: Store, bad: Bad):
    before, waited = state(store), set_aside(store)
    response = post(tablet, bad)
    assert response.status_code == bad.status
    reply = etree.fromstring(response.content)
    assert reply.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    assert reply[0].get("nature") == "error"
    words = reply[0].text or ""
    assert 20 < len(words) < 500
    assert "Traceback" not in words
    assert str(store.media.folder) not in words
    after = state(store)
    assert after[:3] == before[:3]
    assert before[3] <= after[3]
    assert not list(store.media.staging.iterdir())
    assert len(set_aside(store)) - len(waited) == bad.set_aside
    # The door is still open, and what was kept is known.
    assert post(tablet, Bad(202, lambda: upload(xml_part(XML), medium(PHOTO.encode())))).status_code == 202


def test_an_xml_part_in_another_encoding_that_it_declares_is_no_bad_input(tablet: TestClient, store: Store):
    text = XML.decode().replace(INSTANCE_ID, "uuid:{}").removeprefix("<?xml version='1.0' ?>")
    for encoding in ENCODINGS:
        declared = encoding.removesuffix("-sig")
        content = f'<?xml version="1.0" encoding="{declared}"?>{text.format(encoding)}'.encode(encoding)
        assert post(tablet, Bad(201, lambda content=content: upload(xml_part(content)))).status_code == 201
    answers = dict(state(store)[0])
    assert {answers[f"uuid:{encoding}"] for encoding in ENCODINGS} == {answers[INSTANCE_ID]}
    assert "Aïssata Maïga" in answers[INSTANCE_ID]


def test_50_mb_of_noise_as_a_medium_are_a_medium(tablet: TestClient, store: Store):
    content = noise(50_000_000)
    assert post(tablet, Bad(201, lambda: upload(xml_part(XML), medium(b"film.mp4", content)))).status_code == 201
    with store.database.read() as connection:
        kept = {one.name: one for one in attachments_of(connection, "household", INSTANCE_ID)}
    assert store.media.path(kept["film.mp4"].sha256).read_bytes() == content
