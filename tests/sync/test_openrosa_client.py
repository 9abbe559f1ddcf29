"""The OpenRosa client against a small server of this file's own, over real HTTP."""

import hashlib
import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sync.errors import SourceError, SourceRefused, SourceReplyUnexpected, SourceUnavailable
from sync.openrosa_client import OpenRosaClient, Reply

KEY = "s3cr3t-key"
XFORM = b"<h:html xmlns:h='http://www.w3.org/1999/xhtml'/>"
AREAS = "name,label\nML0503,Djenné\n".encode()


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()


@dataclass
class Server:
    """What the server answers by `METHOD path`, and what it was asked."""

    address: str
    replies: dict[str, tuple[int, Mapping[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str, Message, bytes]] = field(default_factory=list)

    def answer(self, route: str, body: bytes | str = b"", status: int = 200, **headers: str) -> None:
        self.replies[route] = (status, headers, body.encode() if isinstance(body, str) else body)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.asked.append((self.command, self.path, self.headers, body))
            path = self.path.removeprefix(f"/key/{KEY}")
            status, headers, content = state.replies.get(f"{self.command} {path.partition('?')[0]}", (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = answer  # noqa: N815 - names of http.server

        def log_message(self, *args: object) -> None:
            """Stay quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{httpd.server_port}/key/{KEY}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    httpd.shutdown()
    thread.join()
    httpd.server_close()


FORM_LIST = f"""<?xml version="1.0"?>
<xforms xmlns="http://openrosa.org/xforms/xformsList"><!-- a comment -->
  <xform><formID>csp</formID><name>Enquête</name><version>2026112201</version><hash>{md5(XFORM)}</hash>
    <downloadUrl>/key/{KEY}/forms/csp/form.xml</downloadUrl><manifestUrl>forms/csp/manifest</manifestUrl></xform>
  <xform><formID>bare</formID><name>Bare</name><hash>{md5(XFORM)}</hash><downloadUrl>x.xml</downloadUrl></xform>
</xforms>"""
MANIFEST = f"""<manifest xmlns="http://openrosa.org/xforms/xformsManifest">
  <mediaFile><filename>areas.csv</filename><hash>{md5(AREAS)}</hash><downloadUrl>media/areas.csv</downloadUrl></mediaFile>
</manifest>"""


def test_a_form_and_its_files_come_down_as_they_were_listed(server: Server):
    server.answer("GET /formList", FORM_LIST)
    server.answer("GET /forms/csp/form.xml", XFORM)
    server.answer("GET /forms/csp/manifest", MANIFEST)
    server.answer("GET /media/areas.csv", AREAS)
    client = OpenRosaClient(server.address)

    csp, bare = client.form_list()
    (areas,) = client.manifest(csp)

    assert (csp.form_id, csp.name, csp.version) == ("csp", "Enquête", "2026112201")
    assert client.form(csp) == XFORM
    assert (areas.name, client.media(areas)) == ("areas.csv", AREAS)
    assert (bare.version, client.manifest(bare)) == ("", ())
    assert {headers["X-OpenRosa-Version"] for _, _, headers, _ in server.asked} == {"1.0"}


def test_a_download_with_another_hash_than_listed_is_refused(server: Server):
    server.answer("GET /formList", FORM_LIST)
    server.answer("GET /forms/csp/form.xml", XFORM + b"\n")
    client = OpenRosaClient(server.address)

    with pytest.raises(SourceReplyUnexpected, match="form csp"):
        client.form(client.form_list()[0])


def test_head_tells_the_largest_submission_where_the_server_says_so(server: Server):
    client = OpenRosaClient(server.address)
    server.answer("HEAD /submission", status=204, X_OpenRosa_Accept_Content_Length="100000000")
    assert client.head() == 100_000_000
    server.answer("HEAD /submission", status=204)
    assert client.head() is None
    server.answer("HEAD /submission", status=401)
    with pytest.raises(SourceRefused):
        client.head()


def test_a_submission_is_one_multipart_with_the_xml_first_and_files_by_name(server: Server):
    receipt = "<OpenRosaResponse xmlns='http://openrosa.org/http/response'><message nature='submit_success'>Merci"
    server.answer("POST /submission", receipt + "</message></OpenRosaResponse>", status=201)

    reply = OpenRosaClient(server.address, language="en").submit(
        "<data>é</data>".encode(), {"1.wav": b"\x00\xffRIFF"}, device_id="tablet 7"
    )

    assert reply == Reply(201, "Merci")
    assert reply.is_taken
    _, path, headers, body = server.asked[0]
    assert path.endswith("/submission?deviceID=tablet+7")
    assert headers["Accept-Language"] == "en"
    parts = message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body).get_payload()
    sent = {
        part.get_param("name", header="content-disposition"): (part.get_content_type(), part.get_payload(decode=True))
        for part in parts
        if isinstance(part, Message)
    }
    assert list(sent) == ["xml_submission_file", "1.wav"]
    assert sent["xml_submission_file"] == ("text/xml", "<data>é</data>".encode())
    assert sent["1.wav"][1] == b"\x00\xffRIFF"


@pytest.mark.parametrize(("status", "taken"), [(201, True), (202, True), (200, False), (404, False), (409, False)])
def test_only_201_and_202_let_a_tablet_forget_its_copy(server: Server, status: int, taken: bool):  # noqa: FBT001 - a parameter of the table above
    server.answer("POST /submission", "not xml at all", status=status)

    reply = OpenRosaClient(server.address).submit(b"<data/>", {})

    assert (reply.status, reply.is_taken, reply.message) == (status, taken, "")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_broken_server_is_to_be_asked_again_later(server: Server, status: int):
    server.answer("POST /submission", status=status)

    with pytest.raises(SourceUnavailable, match=str(status)):
        OpenRosaClient(server.address).submit(b"<data/>", {})


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("", 401, SourceRefused),
        ("", 403, SourceRefused),
        ("", 404, SourceRefused),
        ("", 418, SourceReplyUnexpected),
        ("", 502, SourceUnavailable),
        ("<xforms", 200, SourceReplyUnexpected),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><xforms>&a;</xforms>", 200, SourceReplyUnexpected),
        ("<html><p>Welcome</p></html>", 200, None),
    ],
)
def test_what_a_form_list_can_go_wrong_with_says_who_acts(
    server: Server, body: str, status: int, error: type[SourceError] | None
):
    server.answer("GET /formList", body, status=status)
    client = OpenRosaClient(server.address)

    if error is None:
        assert client.form_list() == ()
    else:
        with pytest.raises(error):
            client.form_list()


def test_the_key_is_in_no_error_and_in_no_log(server: Server, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    server.answer("GET /formList", status=500)
    errors = []
    for address in (server.address, f"http://127.0.0.1:1/key/{KEY}", f"ftp://127.0.0.1/key/{KEY}"):
        with pytest.raises(SourceUnavailable) as caught:
            OpenRosaClient(address).form_list()
        errors.append(caught.value)

    for error in errors:
        assert KEY not in error.message.en + error.message.fr + repr(error)
        assert error.__suppress_context__ or error.__context__ is None
    assert "/key/…/formList" in caplog.text
    assert KEY not in caplog.text


def test_threads_that_share_a_client_do_not_mix_replies(server: Server):
    server.answer("GET /formList", FORM_LIST)
    server.answer("POST /submission", status=201)
    client = OpenRosaClient(server.address)
    statuses = []

    def work() -> None:
        statuses.extend((len(client.form_list()), client.submit(b"<data/>", {}).status) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [(2, 201)] * 60
