"""Submissions of two other servers' own test suites, sent to our endpoint: the tables say what their exports say.

`briefcase` is ODK Briefcase (getodk/briefcase, its export tests), `onadata` is Ona (onaio/onadata, its fixtures).
Their layouts differ from ours, and `Expected` translates:

- Briefcase joins groups by `-` (`some_group-yet_another_string`), Ona by `/` as we do; repeats are files of their own
  with PARENT_KEY and KEY in Briefcase, columns `children[1]/childs_name` in Ona, and tables with positions here.
- A missing answer is empty in Briefcase and `n/a` in Ona.
- Both add a column a choice (`browsers/firefox`: 1/0, True/False); here the answer is a list.
- Geopoints get four more columns; here the text stays, which the four are compared with.
- Briefcase writes dates for people in the zone of its server (`Apr 26, 2018 8:56:00 AM`; UTC here).
- Briefcase puts its media folder before file names (`media/1.jpg`, and `-2` where one exists); the name here is the
  one that the answer gives.
- What the servers add (SubmissionDate, `_uuid`, `_submission_time`, `_tags` ...) is not compared, nor are the
  columns that Ona reads out of attached OSM files.

Where a fixture has no instanceID, or names a version or an id that its form does not, the test mends it and says so.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from lxml import etree

from api.app import create_app
from api.services import Services
from forms.errors import JekafoError
from forms.form import Form
from forms.instance import read_instance
from jekafo.build import build
from jekafo.project import Project, opened
from jekafo.settings import Settings
from store.people import Role, TokenKind, add_user, issue_token
from store.quarantine import waiting
from store.submissions import raw
from sync.publish import publish_here, publish_xform_here
from transform.reader import Tables

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BRIEFCASE = "briefcase/test/resources/org/opendatakit/briefcase/export"
ONADATA = "onadata/onadata"
MISSING = {"", "n/a", None}
GEOPOINT_PARTS = {"latitude": 0, "longitude": 1, "altitude": 2, "accuracy": 3, "precision": 3}


@pytest.fixture
def corpus(shared: Path) -> Path:
    return shared / "corpus" / "submissions"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(Settings(project=tmp_path / "project", database_url=None)) as project:
        yield project


@pytest.fixture
def tablet(project: Project) -> TestClient:
    database = project.store.database
    user = database.write(lambda connection: add_user(connection, "Awa", Role.ENUMERATOR, None, AT))
    key = database.write(lambda connection: issue_token(connection, user.id, TokenKind.APP_USER, AT))
    services = Services(
        store=project.store,
        shelf=project.shelf,
        tables=project.tables,
        secret_key="a key of tests only",
        default_language="en",
        clock=lambda: AT,
    )
    return TestClient(create_app(services), base_url=f"http://survey.example.org/key/{key}/")


def send(tablet: TestClient, xml: bytes) -> Response:
    return tablet.post("submission", files={"xml_submission_file": ("submission.xml", xml, "text/xml")})


def publish(project: Project, file: Path, *, form_id: str | None = None, version: str | None = None) -> Form:
    """Publish a fixture's form; under another id or version where its submissions name one."""
    if file.suffix == ".xlsx":
        xform = publish_here(project.store, file.read_bytes(), file.name, {}, at=AT).form
        if version is None or xform.version == version:
            return xform
        content = xform.xform
    else:
        content = file.read_bytes()
    root = etree.fromstring(content)
    primary = next(root.iter("{*}instance"))[0]
    if form_id is not None:
        primary.set("id", form_id)
    if version is not None:
        primary.set("version", version)
    return publish_xform_here(project.store, etree.tostring(root), {}, at=AT).form


@dataclass(frozen=True)
class Answered:
    """The tables of one form, as text by path: what our side of the comparison is."""

    tables: Tables
    form: Form

    def row(self, root_id: str, repeat: str | None = None, positions: tuple[int, ...] = ()) -> Mapping[str, str | None]:
        """The answers of one row; positions count from 1, from the outermost repeat inwards."""
        key = self._position(root_id, repeat, positions) if repeat else None
        refs = {
            path: ref
            for path, ref in self.tables.columns(self.form.form_id).items()
            if path in self.form.by_path and ref.repeat == repeat
        }
        table = self.tables.snapshot().table(self.form.form_id, repeat)
        texts = [
            f"array_to_string(\"{ref.column}\", ' ')" if ref.sql_type.endswith("[]") else f'"{ref.column}"::VARCHAR'
            for ref in refs.values()
        ]
        where = "root_id = ?" + ("" if key is None else f" AND position = {key}")
        found = self.tables.rows(f'SELECT {", ".join(texts) or "1"} FROM "{table}" WHERE {where}', [root_id])
        columns = [values.tolist() for values in found.values()]
        assert len(columns[0]) == 1, f"one row of {table} for {root_id}"
        return dict(zip(refs, (column[0] for column in columns), strict=False))

    def _position(self, root_id: str, repeat: str, positions: tuple[int, ...]) -> int:
        around = [path for path in self.form.repeats if repeat == path or repeat.startswith(f"{path}/")]
        key = None
        for path, place in zip(around, positions, strict=True):
            table = self.tables.snapshot().table(self.form.form_id, path)
            inside = "" if key is None else f" AND parent_position = {key}"
            rows = self.tables.rows(
                f'SELECT position FROM "{table}" WHERE root_id = ?{inside} ORDER BY position',
                [root_id],
            )
            key = int(rows["position"][place - 1])
        assert key is not None
        return key


def tables_of(project: Project, form: Form) -> Answered:
    build(project, as_of=date(2026, 3, 1))
    return Answered(project.tables, form)


def assert_misfits(project: Project, expected: set[tuple[str, str]]) -> None:
    rows = project.tables.rows('SELECT path, value FROM "_misfits"')
    assert set(zip(rows["path"].tolist(), rows["value"].tolist(), strict=True)) == expected


# --- Briefcase -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BriefcaseCase:
    """A form, one submission, and the exports: by the path of the repeat, None for the main file."""

    form: str
    submission: str
    exports: Mapping[str | None, str]
    form_id: str | None = None
    version: str | None = None


BRIEFCASE_CASES = {
    "all data types": BriefcaseCase("all-data-types", "all-data-types", {None: "all-data-types"}),
    "choices": BriefcaseCase("choice-lists", "choice-lists", {None: "choice-lists"}),
    "choices by predicate": BriefcaseCase(
        "choice-lists-predicate", "choice-lists-predicate", {None: "choice-lists-predicate"}
    ),
    "choices in a repeat": BriefcaseCase(
        "choice-lists-predicate-relative-repeat",
        "choice-lists-predicate-relative-repeat",
        {
            None: "choice-lists-predicate-relative-repeat",
            "group": "choice-lists-predicate-relative-repeat-group",
        },
    ),
    "randomized choices": BriefcaseCase(
        "choice-lists-randomize", "choice-lists-randomize", {None: "choice-lists-randomize"}
    ),
    # The submission names a version that the form does not.
    "nested repeats": BriefcaseCase(
        "nested-repeats",
        "nested-repeats",
        {
            None: "nested-repeats",
            "g1": "nested-repeats-g1",
            "g1/g2": "nested-repeats-g2",
            "g1/g2/g3": "nested-repeats-g3",
        },
        version="2018012404",
    ),
    # As above; and two questions whose names differ only in case.
    "names that differ in case": BriefcaseCase(
        "simple-form-case-sensitivity",
        "simple-form-case-sensitivity",
        {None: "simple-form-case-sensitivity"},
        version="2018012404",
    ),
    # The submission names another form id than the form has.
    "media": BriefcaseCase("media-files", "media-files", {None: "media-files"}, form_id="export-media-files"),
}


@pytest.mark.parametrize("case", BRIEFCASE_CASES.values(), ids=BRIEFCASE_CASES.keys())
def test_the_tables_say_what_briefcase_exports(project: Project, tablet: TestClient, corpus: Path, case: BriefcaseCase):
    folder = corpus / BRIEFCASE
    form = publish(project, folder / f"{case.form}.xml", form_id=case.form_id, version=case.version)
    assert send(tablet, (folder / f"{case.submission}-submission.xml").read_bytes()).status_code == 201
    answered = tables_of(project, form)
    assert_misfits(project, set())
    compared = 0
    for repeat, export in case.exports.items():
        for expected in rows_of(folder / f"{export}.csv.expected"):
            root_id, positions = briefcase_key(expected["KEY"])
            compared += compare_briefcase(answered.row(root_id, repeat, positions), expected, form, repeat)
    assert compared


def test_empty_nodes_of_every_type_are_missing_values(project: Project, tablet: TestClient, corpus: Path):
    folder = corpus / BRIEFCASE
    form = publish(project, folder / "all-data-types.xml")
    assert send(tablet, (folder / "all-data-types-submission-empty-tags.xml").read_bytes()).status_code == 201
    row = tables_of(project, form).row("uuid:39f3dd36-161e-45cb-a1a4-395831d253a7")
    assert len(row) == 10
    assert set(row.values()) <= MISSING
    assert_misfits(project, set())


@pytest.mark.parametrize("export", ["simple", "commas", "double-quotes", "newlines", "empty"])
def test_text_comes_out_as_it_went_in(project: Project, tablet: TestClient, corpus: Path, export: str):
    folder = corpus / BRIEFCASE
    form = publish(project, folder / "simple-form.xml")
    [expected] = rows_of(folder / f"simple-form-{export}.csv.expected")
    # The fixture is a template: instanceID, submission date, completion date, text.
    template = (folder / "simple-form-submission.xml.tpl").read_text()
    day = "2018-01-01T00:00:00.000Z"
    xml = template % (expected["KEY"], day, day, escape(expected["some_text"] or ""))
    assert send(tablet, xml.encode()).status_code == 201
    text = tables_of(project, form).row(expected["KEY"] or "")["some_text"]
    assert (text or "") == expected["some_text"]


@pytest.mark.parametrize("name", ["encrypted-form", "encrypted-form-media"])
def test_an_encrypted_submission_is_kept_and_listed_as_unread(
    project: Project, tablet: TestClient, corpus: Path, name: str
):
    folder = corpus / BRIEFCASE
    publish(project, folder / f"{name}.xml")
    xml = (folder / f"{name}-submission.xml").read_bytes()
    response = send(tablet, xml)
    assert response.status_code == 201
    assert "encrypted" in response.text
    build(project, as_of=date(2026, 3, 1))
    assert_misfits(project, {("encryptedXmlFile", "submission.xml.enc")})


def compare_briefcase(
    ours: Mapping[str, str | None], expected: Mapping[str, str], form: Form, repeat: str | None
) -> int:
    """Compare one row of an export; returns how many cells were compared."""
    prefix = f"{repeat}/" if repeat else ""
    columns = {path.removeprefix(prefix).replace("/", "-"): path for path in ours}
    compared = 0
    for header, value in expected.items():
        stem, _, choice = header.partition("/")
        geopoint, _, part = header.rpartition("-")
        if header in columns:
            assert same(ours[columns[header]], briefcase_value(value, form.by_path[columns[header]].data_type)), header
        elif choice and stem in columns:
            assert (choice in (ours[columns[stem]] or "").split()) == (value == "1"), header
        elif part.lower() in GEOPOINT_PARTS and geopoint in columns:
            assert geopoint_part(ours[columns[geopoint]], part) == value, header
        else:
            assert header in ("SubmissionDate", "KEY", "PARENT_KEY", "meta-instanceID") or header.startswith("SET-OF-")
            continue
        compared += 1
    return compared


def briefcase_key(key: str) -> tuple[str, tuple[int, ...]]:
    """`uuid:1/g1[1]/g2[3]` is the third g2 in the first g1 of the submission uuid:1."""
    root_id, *steps = key.split("/")
    return root_id, tuple(int(step[step.index("[") + 1 : -1]) for step in steps)


def briefcase_value(value: str, data_type: str) -> str:
    """What Briefcase writes for people, as XForms text."""
    if not value:
        return value
    if data_type == "date":
        return f"{datetime.strptime(value, '%b %d, %Y'):%Y-%m-%d}"  # noqa: DTZ007 - a date has no zone
    if data_type == "time":
        return f"{datetime.strptime(value, '%I:%M:%S %p'):%H:%M:%S}"  # noqa: DTZ007 - nor has a time of day
    if data_type == "dateTime":
        return f"{datetime.strptime(value, '%b %d, %Y %I:%M:%S %p'):%Y-%m-%d %H:%M:%S}+00"  # noqa: DTZ007 - UTC
    if data_type == "binary":
        return re.sub(r"-2(?=\.\w+$)", "", value.removeprefix("media/"))
    return value


# --- Ona -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnaCase:
    """A workbook, its submissions (all below `apps` or `libs`), and the export."""

    form: str
    submissions: tuple[str, ...]
    export: str
    versions: tuple[str | None, ...] = (None,)


TRANSPORT = "apps/main/tests/fixtures/transportation"
CSV_EXPORT = "apps/main/tests/fixtures/csv_export"
TRANSPORT_INSTANCES = tuple(
    f"{TRANSPORT}/instances/transport_2011-07-25_{time}/transport_2011-07-25_{time}.xml"
    for time in ("19-05-49", "19-05-36", "19-06-01", "19-06-14")
)
ONA_CASES = {
    # Two of the four submissions name no version, two that of the workbook.
    "transportation": OnaCase(
        f"{TRANSPORT}/transportation.xlsx", TRANSPORT_INSTANCES, f"{TRANSPORT}/transportation.csv", (None, "")
    ),
    "tutorial": OnaCase(f"{CSV_EXPORT}/tutorial.xlsx", (f"{CSV_EXPORT}/tutorial.xml",), f"{CSV_EXPORT}/tutorial.csv"),
    "repeats": OnaCase(
        f"{CSV_EXPORT}/tutorial_w_repeats.xlsx",
        (f"{CSV_EXPORT}/tutorial_w_repeats.xml",),
        f"{CSV_EXPORT}/tutorial_w_repeats.csv",
        ("",),
    ),
    "nested repeats": OnaCase(
        f"{CSV_EXPORT}/double_repeat.xlsx", (f"{CSV_EXPORT}/instance.xml",), f"{CSV_EXPORT}/export.csv", ("",)
    ),
    "names with dots": OnaCase(
        "apps/main/tests/fixtures/userone/userone_with_dot_name_fields.xlsx",
        ("apps/main/tests/fixtures/userone/userone_with_dot_name_fields.xml",),
        "apps/main/tests/fixtures/userone/userone_with_dot_name_fields.csv",
        ("",),
    ),
    "OSM": OnaCase(
        "apps/api/tests/fixtures/osm/osm.xlsx",
        ("apps/api/tests/fixtures/osm/instance_a.xml",),
        "apps/api/tests/fixtures/osm/osm.csv",
        ("201511091147",),
    ),
}
ONA_META = re.compile(r"_\w+|(?:.*/)?meta/instanceID|osm_(?:road|building):.*")


@pytest.mark.parametrize("case", ONA_CASES.values(), ids=ONA_CASES.keys())
def test_the_tables_say_what_ona_exports(project: Project, tablet: TestClient, corpus: Path, case: OnaCase):
    folder = corpus / ONADATA
    forms = [publish(project, folder / case.form, version=version) for version in case.versions]
    for submission in case.submissions:
        assert send(tablet, (folder / submission).read_bytes()).status_code == 201
    answered = tables_of(project, forms[-1])
    compared = 0
    for expected in rows_of(folder / case.export):
        compared += compare_ona(answered, expected["meta/instanceID"], expected)
    assert compared


def compare_ona(answered: Answered, root_id: str, expected: Mapping[str, str]) -> int:
    """Compare one row of an export; returns how many cells were compared."""
    compared = 0
    for header, value in expected.items():
        repeat, positions, path = ona_place(header, answered.form)
        ours = answered.row(root_id, repeat, positions)
        question, _, choice = path.rpartition("/")
        geopoint = re.fullmatch(r"(.*/)?_(.+)_(latitude|longitude|altitude|precision)", path)
        if path in ours:
            assert same(ours[path], value), header
        elif question in ours and answered.form.by_path[question].is_multiple:
            assert (choice in (ours[question] or "").split()) == (value == "True"), header
        elif geopoint and (answer := (geopoint[1] or "") + geopoint[2]) in ours:
            assert geopoint_part(ours[answer], geopoint[3]) == value, header
        else:
            assert ONA_META.fullmatch(header), header
            continue
        compared += 1
    return compared


def ona_place(header: str, form: Form) -> tuple[str | None, tuple[int, ...], str]:
    """`bed_net[2]/member[1]/name` is the name of the first member in the second bed_net."""
    positions = tuple(int(place) for place in re.findall(r"\[(\d+)\]", header))
    path = re.sub(r"\[\d+\]", "", header)
    repeats = [repeat for repeat in form.repeats if path.startswith(f"{repeat}/")]
    return (repeats[-1] if repeats else None), positions, path


# --- All files -------------------------------------------------------------------------------------------------


def test_every_xml_file_gets_a_clear_answer_and_none_is_lost(project: Project, tablet: TestClient, corpus: Path):
    for workbook in sorted(corpus.rglob("*.xlsx")):
        publish_if_possible(project, workbook)
    for xform in sorted(corpus.rglob("*.xml")):
        if b"<bind" in xform.read_bytes():
            publish_if_possible(project, xform)
    files = sorted([*corpus.rglob("*.xml"), *corpus.rglob("*.xml.tpl")])
    statuses: dict[int, int] = {}
    for file in files:
        xml = file.read_bytes()
        response = send(tablet, xml)
        reply = etree.fromstring(response.content)
        assert reply.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
        assert reply[0].text
        assert response.status_code in (201, 202, 400, 404, 409), file
        statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
        with project.store.database.read() as connection:
            if response.status_code in (201, 202):
                instance = read_instance(xml)
                kept = raw(connection, instance.form_id, instance.instance_id or "")
                assert kept == xml or response.status_code == 202
            else:
                assert xml in [one.raw for one in waiting(connection)], file
    assert sum(statuses.values()) == len(files) > 150
    assert statuses[201] > 20
    build(project, as_of=date(2026, 3, 1))


def publish_if_possible(project: Project, file: Path) -> None:
    # Some fixtures are meant to be refused, and some have the id and version of another with other questions.
    with suppress(JekafoError):
        if file.suffix == ".xlsx":
            files = {"itemsets.csv": b"list_name,name,label\n", "ulibuy.m4a": b""}
            publish_here(project.store, file.read_bytes(), file.name, files, at=AT)
        else:
            publish_xform_here(project.store, file.read_bytes(), {"sparrow.png": b""}, at=AT)


# --- Both ------------------------------------------------------------------------------------------------------


def rows_of(export: Path) -> list[dict[str, str]]:
    with export.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def same(ours: str | None, expected: str) -> bool:
    """Whether a value of the tables is the one of an export.

    Both missing, equal as text, equal as numbers, or the same moment in another zone.
    """
    if ours in MISSING or expected in MISSING:
        return ours in MISSING and expected in MISSING
    if ours == expected:
        return True
    for read in (float, datetime.fromisoformat):
        with suppress(ValueError):
            return read(ours or "") == read(expected)
    return False


def geopoint_part(text: str | None, part: str) -> str:
    """One of the four numbers of a geopoint's text, as written; what exports write for a missing one."""
    if not text:
        return "n/a"
    return text.split()[GEOPOINT_PARTS[part.lower()]]
