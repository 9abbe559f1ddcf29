"""Files that are no workbook, or that mean harm: each is refused with a clear word, and nothing is unpacked."""

import gzip
import io
import random
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.compile.compiler import compile_workbook
from forms.errors import XLSFormInvalid
from forms.read import read_form
from forms.workbook import excel as workbook_excel
from forms.workbook import guard as workbook_guard
from forms.workbook.file import read_workbook

MakeWorkbook = Callable[[Mapping[str, object]], bytes]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
XXE = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
WORKSHEET = "xl/worksheets/sheet1.xml"


def small_workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "survey"
    sheet.append(["type", "name", "label"])
    sheet.append(["text", "a", "What?"])
    book.create_sheet("settings").append(["form_id"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


SMALL = small_workbook()


def archive(parts: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


def parts_of(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The small workbook with one part changed."""
    parts = parts_of(SMALL)
    return archive({**parts, name: change(parts.get(name, b""))})


def without_part(name: str) -> bytes:
    return archive({other: part for other, part in parts_of(SMALL).items() if other != name})


def after_declaration(text: bytes) -> Callable[[bytes], bytes]:
    """Put a text where a document type stands, in place of the XML declaration."""
    return lambda part: text + re.sub(rb"^<\?xml[^>]*\?>", b"", part)


def locked_zip() -> bytes:
    """The small workbook with the bit set that says a part is encrypted, in both of its headers."""
    raw = bytearray(SMALL)
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def broken_checksum() -> bytes:
    raw = bytearray(SMALL)
    at = raw.index(b"PK\x01\x02") + 16
    raw[at : at + 4] = b"\0\0\0\0"
    return bytes(raw)


def lying_about_its_size() -> bytes:
    """Fifty million bytes that claim, in the archive's directory, to be ten."""
    raw = bytearray(with_part("xl/media/zeros.xml", lambda _: bytes(50_000_000)))
    entry = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"xl/media/zeros.xml"))
    raw[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    return bytes(raw)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    # nothing there, or too much
    "an empty file": (lambda: b"", "workbook_empty"),
    "a file of blanks": (lambda: b" \r\n\t" * 100, "workbook_empty"),
    "a file of zeros": (lambda: bytes(10_000), "workbook_empty"),
    "fifty megabytes of noise": (lambda: random.Random(1).randbytes(50_000_000), "workbook_too_large"),  # noqa: S311 - noise
    "a little noise": (lambda: random.Random(1).randbytes(50_000), "not_a_workbook"),  # noqa: S311 - noise
    # other tools' files
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3", "not_a_workbook"),
    "a photo": (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF", "not_a_workbook"),
    "a screenshot": (lambda: b"\x89PNG\r\n\x1a\n", "not_a_workbook"),
    "a sign-in page": (lambda: b"\xef\xbb\xbf\n<!DOCTYPE html><html><title>Sign in</title></html>", "not_a_workbook"),
    "a spreadsheet of 2003 in XML": (lambda: b'<?xml version="1.0"?><Workbook/>', "not_a_workbook"),
    "an XForm": (lambda: b'<h:html xmlns:h="http://www.w3.org/1999/xhtml"/>', "not_a_workbook"),
    "a letter in RTF": (lambda: b"{\\rtf1 Dear all}", "not_a_workbook"),
    "a gzip archive": (lambda: gzip.compress(SMALL), "not_a_workbook"),
    "a Word document": (
        lambda: archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        "not_a_workbook",
    ),
    "a presentation": (
        lambda: archive({"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}),
        "not_a_workbook",
    ),
    "a LibreOffice spreadsheet": (
        lambda: archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
        "not_a_workbook",
    ),
    "a binary workbook": (
        lambda: archive({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"\x83\1"}),
        "not_a_workbook",
    ),
    "a zip of photos": (lambda: archive({"1.jpg": b"\xff\xd8"}), "not_a_workbook"),
    "a program's settings": (lambda: b'{"survey": [{"type": "text", "name": "a"}]}', "not_a_workbook"),
    "a letter as text": ("Chère collègue, voici le formulaire.\n".encode, "not_a_workbook"),
    "a binary file with a text's beginning": (lambda: b"survey\n,type,name,label\n,text,a,A\n\0\1\2", "not_a_workbook"),
    "a Markdown table without a sheet": (lambda: b"| | type | name |\n| | text | a |\n", "not_a_workbook"),
    "a Markdown table without rows": (lambda: b"| survey |\n", "not_a_workbook"),
    # damaged
    "half a download": (lambda: SMALL[: len(SMALL) // 2], "workbook_damaged"),
    "a wrong checksum": (broken_checksum, "workbook_damaged"),
    "no list of parts": (lambda: without_part("[Content_Types].xml"), "not_a_workbook"),
    "no workbook part": (lambda: without_part("xl/workbook.xml"), "workbook_damaged"),
    "a sheet's part missing": (lambda: without_part(WORKSHEET), "workbook_damaged"),
    "a sheet that is not XML": (lambda: with_part(WORKSHEET, lambda part: part[:200]), "workbook_damaged"),
    "a row without number": (
        lambda: with_part(WORKSHEET, lambda part: part.replace(b'r="2"', b'r="two"', 1)),
        "workbook_damaged",
    ),
    "a shared text that does not exist": (
        lambda: with_part(
            WORKSHEET, lambda part: part.replace(b't="inlineStr"><is><t>What?</t></is>', b't="s"><v>9999</v>')
        ),
        "workbook_damaged",
    ),
    "an old workbook cut short": (lambda: OLE + b"\0" * 100, "workbook_damaged"),
    "an old workbook of noise": (lambda: OLE + random.Random(1).randbytes(5_000), "workbook_damaged"),  # noqa: S311 - noise
    # locked
    "a workbook with a password": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "workbook_locked"),
    "an encrypted zip": (locked_zip, "workbook_locked"),
    # bombs
    "zeros that unpack to fifty megabytes": (
        lambda: with_part("xl/media/zeros.bin", lambda _: bytes(50_000_000)),
        "workbook_bomb",
    ),
    "spaces in a sheet that unpack to a hundred and twenty megabytes": (
        lambda: with_part(WORKSHEET, lambda part: part + b" " * 120_000_000),
        "workbook_bomb",
    ),
    "ten thousand parts": (
        lambda: archive({**parts_of(SMALL), **{f"xl/media/{number}.bin": b"" for number in range(10_000)}}),
        "workbook_bomb",
    ),
    "a part that lies about its size": (lying_about_its_size, "workbook_damaged"),
    # entities
    "a billion laughs in a sheet": (lambda: with_part(WORKSHEET, after_declaration(BOMB)), "workbook_entities"),
    "a billion laughs in the shared texts": (
        lambda: with_part("xl/sharedStrings.xml", after_declaration(BOMB)),
        "workbook_entities",
    ),
    "an external entity in the workbook part": (
        lambda: with_part("xl/workbook.xml", after_declaration(XXE)),
        "workbook_entities",
    ),
    "an external entity in the relations": (
        lambda: with_part("xl/_rels/workbook.xml.rels", after_declaration(XXE)),
        "workbook_entities",
    ),
    "an entity in UTF-16": (
        lambda: with_part(WORKSHEET, lambda _: "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>".encode("utf-16")),
        "workbook_entities",
    ),
    "an entity behind a megabyte of comment": (
        lambda: with_part(WORKSHEET, after_declaration(b"<!--" + b"x" * ((1 << 20) - 13) + b"-->" + BOMB[21:])),
        "workbook_entities",
    ),
    "an entity in an encoding that hides it": (
        lambda: with_part(WORKSHEET, lambda _: b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x+AD4-<x/>"),
        "workbook_damaged",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_must_not_be_opened_is_refused_with_what_to_do(kind: str):
    make, code = REFUSED[kind]

    with pytest.raises(XLSFormInvalid) as refused:
        read_form(make(), "form.xlsx")

    (finding,) = refused.value.findings
    assert finding.code == code
    assert finding.message.en != finding.message.fr
    assert len(finding.message.en) < 600


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = with_part("xl/media/zeros.bin", lambda _: bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(XLSFormInvalid):
            read_workbook(bomb, "form.xlsx")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 2_000_000


def test_an_entity_is_not_read_from_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also without the guard: openpyxl's parser is asked for the text and gives none of it."""
    (tmp_path / "secret").write_text("the secret")
    declared = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file://{tmp_path}/secret'>]>".encode()
    workbook = with_part(WORKSHEET, lambda part: after_declaration(declared)(part.replace(b"What?", b"&a;")))
    monkeypatch.setattr(workbook_guard, "_DECLARATIONS", ())

    try:
        read = repr(read_workbook(workbook, "form.xlsx"))
    except XLSFormInvalid as refused:
        read = refused.message.en

    assert "the secret" not in read


def test_a_workbook_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook_excel, "MAX_CELLS", 5)

    with pytest.raises(XLSFormInvalid) as refused:
        read_workbook(SMALL, "form.xlsx")

    assert refused.value.findings[0].code == "workbook_too_large"


def test_a_stray_cell_in_the_last_corner_of_the_sheet_does_no_harm():
    def corner(part: bytes) -> bytes:
        part = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', part)
        return part.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')

    assert read_form(with_part(WORKSHEET, corner), "form.xlsx").by_path["a"].type == "text"


def test_a_formula_whose_value_was_never_stored_is_no_blank(make_workbook: MakeWorkbook):
    survey = [{"type": "text", "name": "a", "label": '=CONCATENATE("x", "y")'}]

    with pytest.raises(XLSFormInvalid) as refused:
        read_form(make_workbook({"survey": survey}), "form.xlsx")

    (finding,) = [finding for finding in refused.value.findings if finding.code == "formula_without_value"]
    assert (finding.sheet, finding.row, finding.column) == ("survey", 2, "label")


def test_two_sheets_of_one_name_are_refused():
    sheet = "| {0} |\n| | type | name | label |\n| | text | {1} | A |\n"
    text = sheet.format("survey", "a") + sheet.format("Survey", "b")

    with pytest.raises(XLSFormInvalid) as refused:
        compile_workbook(text.encode(), "form.md")

    assert [finding.code for finding in refused.value.findings] == ["sheet_twice"]


def test_a_file_name_with_a_path_gives_no_more_than_its_last_part():
    assert read_form(SMALL, "../../etc/passwd.xlsx").form_id == "passwd"
    assert read_form(SMALL, "C:\\forms\\market.xlsx").form_id == "market"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_workbook_with_flipped_bytes_is_read_or_refused_and_nothing_else(flips: list[tuple[int, int]]):
    raw = bytearray(SMALL)
    for place, value in flips:
        raw[place] = value

    try:
        workbook = read_workbook(bytes(raw), "form.xlsx")
    except XLSFormInvalid as refused:
        assert refused.findings[0].message.fr  # noqa: PT017 - either outcome is right
    else:
        assert workbook.file_name == "form.xlsx"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(alphabet="survey,;|type\n\t\"' é#\\", max_size=400).map(str.encode))
def test_any_bytes_are_read_or_refused_and_nothing_else(raw: bytes):
    try:
        form = read_form(raw, "form.csv")
    except XLSFormInvalid as refused:
        assert refused.findings  # noqa: PT017 - either outcome is right
    else:
        assert form.form_id == "form"
