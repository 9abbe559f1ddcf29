import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.openrosa.disposition import read_part_head, safe_file_name
from api.openrosa.multipart import Upload, UploadLimits, read_upload
from api.openrosa.refusal import Status, UploadRefused
from store.media import MediaFolder

XML = b"<data id='f'><meta><instanceID>uuid:1</instanceID></meta></data>"
BOUNDARY = "----a boundary with spaces"


def part(head: str, content: bytes, content_type: str | None = "text/xml") -> bytes:
    typed = f"\r\nContent-Type: {content_type}" if content_type else ""
    return f"Content-Disposition: form-data; {head}{typed}\r\n\r\n".encode() + content + b"\r\n"


def body(*parts: bytes, boundary: str = BOUNDARY) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + one for one in parts) + mark + b"--\r\n"


XML_PART = part('name="xml_submission_file"; filename="submission.xml"', XML)


def photo(name: str, content: bytes) -> bytes:
    return part(f'name="{name}"; filename="{name}"', content, "image/jpeg")


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]
    yield b""


def read(
    content: bytes, folder: Path, *, size: int = 65_536, limits: UploadLimits | None = None, boundary: str = BOUNDARY
) -> Upload:
    content_type = f'multipart/form-data; boundary="{boundary}"'
    return asyncio.run(read_upload(pieces(content, size), content_type, MediaFolder(folder), limits or UploadLimits()))


def staged(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 65_536])
def test_an_upload_reads_the_same_however_it_is_cut_on_the_way(tmp_path: Path, size: int):
    image = bytes(range(256)) * 5 + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n\r\n--"
    content = body(XML_PART, photo("a.jpg", image), part('name="*isIncomplete*"', b"yes", None))
    upload = read(content, tmp_path, size=size)
    assert upload.xml == XML
    assert upload.is_incomplete
    assert [(one.name, one.sha256, one.size, one.content_type) for one in upload.attachments] == [
        ("a.jpg", hashlib.sha256(image).hexdigest(), len(image), "image/jpeg")
    ]


def test_many_large_media_are_kept_with_the_bytes_as_sent(tmp_path: Path):
    images = {f"{number}.jpg": bytes([number]) * (700_000 + number) for number in range(8)}
    upload = read(body(XML_PART, *(photo(name, content) for name, content in images.items())), tmp_path)
    folder = MediaFolder(tmp_path)
    for medium in upload.attachments:
        with folder.open(medium.sha256) as stream:
            assert stream.read() == images.pop(medium.name)
    assert not images


def test_media_may_come_before_the_xml(tmp_path: Path):
    upload = read(body(photo("a.jpg", b"1"), XML_PART), tmp_path)
    assert (upload.xml, [one.name for one in upload.attachments]) == (XML, ["a.jpg"])


def test_the_same_file_twice_is_kept_once(tmp_path: Path):
    upload = read(body(XML_PART, photo("a.jpg", b"1"), photo("a.jpg", b"1")), tmp_path)
    assert [one.name for one in upload.attachments] == ["a.jpg"]


def test_the_same_xml_twice_is_one_submission(tmp_path: Path):
    assert read(body(XML_PART, XML_PART), tmp_path).xml == XML


def test_an_empty_medium_is_a_medium(tmp_path: Path):
    upload = read(body(XML_PART, photo("a.jpg", b"")), tmp_path)
    assert [(one.name, one.size) for one in upload.attachments] == [("a.jpg", 0)]


def test_plain_fields_of_other_clients_are_passed_over(tmp_path: Path):
    upload = read(body(part('name="Date"', b"2026-01-01", None), XML_PART), tmp_path)
    assert (upload.xml, upload.attachments, upload.is_incomplete) == (XML, (), False)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "breaks off"),
        (body(XML_PART)[:-8], "breaks off"),
        (body(XML_PART, photo("a.jpg", b"x" * 500_000))[:400_000], "breaks off"),
        (body(photo("a.jpg", b"1")), "no part xml_submission_file"),
        (body(part('name="other"; filename="submission.xml"', XML)), "no part xml_submission_file"),
        (XML, "not well-formed multipart"),
        (body(XML_PART, boundary="another"), "not well-formed multipart"),
        (body(XML_PART, part('name="xml_submission_file"', b"<other/>")), "two parts xml_submission_file that differ"),
        (body(XML_PART, photo("a.jpg", b"1"), photo("a.jpg", b"2")), "two different files named a.jpg"),
        (body(XML_PART, part('filename="a.jpg"', b"1")), "has no name"),
        (body(XML_PART, b"Content-Type: image/jpeg\r\n\r\n1\r\n"), "has no name"),
        (body(XML_PART, b"X" * 9000 + b": 1\r\n\r\n1\r\n"), "not well-formed multipart"),
        (body(XML_PART, b"".join(b"X-%d: 1\r\n" % n for n in range(17)) + b"\r\n1\r\n"), "not well-formed multipart"),
        (
            body(part('name="xml_submission_file"\r\nContent-Transfer-Encoding: base64', XML)),
            "encoded as 'base64'",
        ),
    ],
    ids=[
        "empty",
        "no closing boundary",
        "cut inside a medium",
        "no xml",
        "xml under another name",
        "not multipart",
        "another boundary",
        "two xml",
        "two contents of one name",
        "only a file name",
        "no disposition",
        "long header",
        "many headers",
        "base64",
    ],
)
def test_what_breaks_the_protocol_is_refused_and_leaves_nothing_staged(tmp_path: Path, content: bytes, words: str):
    with pytest.raises(UploadRefused, match=words) as caught:
        read(content, tmp_path)
    assert caught.value.status is Status.BAD_REQUEST
    assert not staged(tmp_path / "staging")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (UploadLimits(total_bytes=1000), "larger than 1,000 bytes"),
        (UploadLimits(xml_bytes=10), "xml_submission_file is larger than 10 bytes"),
        (UploadLimits(field_bytes=1), "a plain field is larger than 1 bytes"),
        (UploadLimits(parts=2), "more than 2 parts"),
    ],
    ids=["total", "xml", "field", "parts"],
)
def test_what_exceeds_a_limit_is_refused_as_too_large_and_leaves_nothing_staged(
    tmp_path: Path, limits: UploadLimits, words: str
):
    content = body(XML_PART, part('name="*isIncomplete*"', b"yes", None), photo("a.jpg", b"x" * 600_000))
    with pytest.raises(UploadRefused, match=words) as caught:
        read(content, tmp_path, limits=limits)
    assert caught.value.status is Status.TOO_LARGE
    assert not staged(tmp_path)


@pytest.mark.parametrize(
    "content_type",
    ["", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
     'multipart/form-data; boundary="' + "b" * 300 + '"', "multipart/mixed; boundary=b"],
    ids=["none", "xml", "urlencoded", "no boundary", "empty boundary", "long boundary", "mixed"],
)  # fmt: skip
def test_a_content_type_that_is_no_upload_is_refused(tmp_path: Path, content_type: str):
    with pytest.raises(UploadRefused):
        asyncio.run(read_upload(pieces(body(XML_PART), 100), content_type, MediaFolder(tmp_path), UploadLimits()))


def test_what_was_staged_is_discarded_when_the_client_goes_away(tmp_path: Path):
    async def cut() -> AsyncIterator[bytes]:
        yield body(XML_PART, photo("a.jpg", b"x" * 900_000))[:800_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(
            read_upload(cut(), f'multipart/form-data; boundary="{BOUNDARY}"', MediaFolder(tmp_path), UploadLimits())
        )
    assert not staged(tmp_path)


@pytest.mark.parametrize(
    ("disposition", "file_name"),
    [
        ('form-data; name="a"; filename="été.jpg"'.encode(), "été.jpg"),
        ('form-data; name="a"; filename="été.jpg"'.encode("latin-1"), "été.jpg"),
        (b'form-data; name="a"; filename="x"; filename*=UTF-8\'\'%C3%A9t%C3%A9.jpg', "été.jpg"),
        (b'form-data; name="a"; filename="a%22b.jpg"', 'a"b.jpg'),
        (b'form-data; name="a"; filename="a\\"b;c=d.jpg"', 'a"b;c=d.jpg'),
        (b"form-data; name=a; filename=plain.jpg", "plain.jpg"),
        (b'Form-Data;name="a";FileName="case.jpg"', "case.jpg"),
        (b'form-data; name="a"', None),
    ],
    ids=["utf-8", "latin-1", "rfc 5987", "percent quote", "escaped quote", "bare", "case", "a field"],
)
def test_file_names_are_read_as_the_clients_write_them(disposition: bytes, file_name: str | None):
    assert read_part_head({b"content-disposition": disposition}).file_name == file_name


@pytest.mark.parametrize("name", ["1556532531101.jpg", "été 12\u202f30.jpg", "صورة.jpg", ".hidden", "a..b", "d e"])
def test_a_bare_file_name_is_kept_as_it_is(name: str):
    assert safe_file_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "/etc/passwd", "a/b", "a\\b", "C:a", "a\0b", "a\nb", "a\x7f", "a" * 256, "é" * 128],
)
def test_a_file_name_that_could_lead_elsewhere_is_refused(name: str):
    with pytest.raises(UploadRefused) as caught:
        safe_file_name(name)
    assert caught.value.message.fr
    assert len(caught.value.message.en) < 300
