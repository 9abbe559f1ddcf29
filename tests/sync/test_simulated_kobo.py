"""The simulated KoboToolbox keeps the contract that the recordings are: the recorded session is played again, request
by request, and every answer is compared with the recorded one."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from lxml import etree
from servers.contract import Loose, differences
from servers.household import REPLIES, recorded
from servers.kobo import KoboServer
from servers.kobo_asset import Asset
from servers.reply import Reply

HOST = "kf.kobo.localhost:8099"
FORM = "aacKHHzVFtohE96gwMxLkR"
FIRST = "11111111-1111-4111-8111-111111111111"

LOOSE = Loose(
    values={
        r"\.\$kuid$": "chance",
        r"content_hash$": "of content that holds chance",
        r"kuid_names\.": "chance",
        r"gravatar$": "of an address",
        r"permission-assignments|(^|\.)permissions\[\]\.url$|^\[\]\.url$|^\.url$": "uids of rights are chance",
        r"last_submission_time$": "of unrecorded submissions",
        r"^\.hash$": "of versions",
        r"projects_url$": "the kc host",
        r"organization\.(url|uid)$": "chance",
        r"extra_details__uid$": "chance",
        r"deployed_versions\.results\[\]\.url$": "chance",
    },
    shapes={
        r"report_styles$": "names hold chance",
        r"summary\.columns$": "in no certain order",
        r"export_settings$": "exports are not simulated",
        r"^\.actions$": "in no certain order",
        r"effective_permissions$": "in no certain order; compared by themselves",
        r"advanced_features$": "supplements are not simulated",
        r"analysis_form_json$": "supplements are not simulated",
    },
    ordered=(r"\.results\[\]", r"", r"\.results\[\]\._attachments\[\]", r"\._attachments\[\]"),
)

NO_CONTENT_TYPE = {"62", "62b", "62d"}
"""Recorded without nginx, which names the type of the bytes that it sends."""

HEADERS = (
    "Content-Type",
    "Content-Disposition",
    "Content-Language",
    "Allow",
    "WWW-Authenticate",
    "Location",
    "X-KoBoNaUt",
    "X-Frame-Options",
    "X-OpenRosa-Version",
    "X-OpenRosa-Accept-Content-Length",
)

NOT_COVERED = {
    "02b": "settings of the server, which nobody asks for",
    "07e": "the words of the project list's filters",
    "08b 08c 12b 12c": "forms as files: `content` of the versions is read instead",
    "20 20b 20c 20d 21 21b 21c 22 23 88c": "form lists for tablets, and digest sign-in",
    "40 40b 40c 40d 40e 40f 42 42b 42c 85 95 95c 95d 95e 110b 110c 110d": "REST services act outside of the API",
    "52c": "GeoJSON leaves out repeats and is never asked for",
    "53b 53c": "reports",
    "80 80b 80c 80d 80e 80f 80g 81 81b 81c": "exports",
    "82k": "the vocabulary of rights",
    "84b 84c": "paired data",
    "89 89b": "usage",
    "100 100b 100c 100d 100e 100f 100g": "transcripts and qualitative analysis",
    "112b": "OPTIONS",
}


def numbers() -> list[str]:
    return [path.stem.partition("-")[0] for path in REPLIES.glob("*.json")]


class Session:
    """The recorded session, played again on a simulated server that draws the recorded uids."""

    def __init__(self) -> None:
        server = KoboServer(host=HOST)
        server.reserved_uids = {
            "a": [FORM, "aYnWXNz8FbvYWe74KC26Jw", "akKGcUysBXkHu2YpipnLVx", "apNmPNxjab88N8MHG43EiV"],
            "v": [
                "v6Noxa9BTKgXkZMprn2YbU",
                recorded("07")["response"]["body"]["results"][0]["version_id"],
                "vBpiuTzfR6NmSZRTtkQSY2",
                recorded("86")["response"]["body"]["version_id"],
                recorded("86b")["response"]["body"]["version_id"],
                "vtdR8jegZ84yYW5ocEzckj",
            ],
            "i": [recorded(number)["response"]["body"]["uid"] for number in ("04", "06", "06c", "70")],
            "att": ["att5UYx92uAiP32Sb5csHqYB", "attGz5EERCPV4cHxDbPoj6zw", "attPeRjqiyRoxMAdQsQh2XUn"],
            "af": ["afMER9X8mJ3NeR2rfxLjPW3"],
            "u": [recorded("02")["response"]["body"]["extra_details__uid"]],
            "uuid": [
                "8c763f8df8534a79bbeb8ffdcc609cec",
                "880733c2-64a1-454b-98a0-91249ba011de",
                "7ae22b5a-0bc6-49b1-8703-2d7e41ba55c5",
                "e3c9ab4d-4d5c-43ff-a225-63f84add4ee5",
                "8d17dc50-0356-4180-96f0-2d98cf73e320",
            ],
        }
        for name in ("meal_officer", "analyst", "enumerator1"):
            server.add_user(name, token=f"<TOKEN:{name}>")
        self.server = server
        self.answers: dict[str, Reply] = {}
        self.payload: dict[str, Any] = {}

    @property
    def asset(self) -> Asset:
        return self.server.assets[FORM]

    def play(self) -> None:
        for step in STEPS:
            if callable(step):
                step(self)
            else:
                for number in step.split():
                    self.answers[number] = self.ask(number)

    def ask(self, number: str) -> Reply:
        exchange = recorded(number)
        request = exchange["request"]
        self.server.clock.set(moment(exchange))
        headers = dict(request["headers"])
        if headers.get("Authorization", "").startswith("Basic"):
            user = self.server.users["meal_officer"]
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user.name}:{user.password}".encode()).decode()
        url = f"http://{headers['Host']}{request['path']}"
        body = multipart_import() if number == "06" else body_of(request["body"])
        return self.server.handle(request["method"], url, headers, body)

    # --- what happened between the recorded requests ---------------------------------------------------------------

    def six_more_interviews(self) -> None:
        """31 shows them: `_id` 3 to 8."""
        xml_of_second = recorded("52")["response"]["body"].split(f"<{FORM} ")[2].partition(f"</{FORM}>")[0]
        for row in recorded("31")["response"]["body"]["results"][1:]:
            at = datetime.fromisoformat(row["_submission_time"]).replace(tzinfo=UTC)
            self.server.clock.set(at)
            is_second = row["_id"] == 3
            self.server.submit(self.asset, f"<{FORM} {xml_of_second}</{FORM}>".encode() if is_second else xml_of(row))

    def four_services(self) -> None:
        for row in reversed(recorded("64")["response"]["body"]["results"]):
            if row["action"] == "register-service":
                self.server.clock.set(datetime.fromisoformat(row["date_created"]))
                self.asset.history.write("register-service", "meal_officer", hook=row["metadata"]["hook"])

    def a_service_is_told(self) -> None:
        """110: the service of 41 gets the new record."""
        record = self.asset.records[9]
        self.payload = self.server.hook_payload(self.asset, record, f"http://{HOST}")

    def geojson_is_listed(self) -> None:
        """52c is not played; it left its row."""
        self.asset.history.write("view-data", "meal_officer")

    def an_editor(self) -> None:
        self.server.share(self.asset, "enumerator1", "change_submissions")

    def late_file(self) -> None:
        """92d is about a submission that no other recording shows."""
        xml = xml_of(recorded("91b")["response"]["body"]["results"][0])
        xml = xml.replace(b"ffffffff-0000", b"afafafaf-0000")
        self.server.clock.set(datetime(2026, 11, 22, 1, 8, 16, tzinfo=UTC))
        self.server.submit(self.asset, xml)


Step = str | Callable[[Session], None]

STEPS: list[Step] = [
    "01 01b 01c 02 03 04 05 06 06b 06c 06d 07 07b 07c 07d 07f 08 09 10 11 12 13 13b 14 15 24 30 30b 30c 30d 30e",
    Session.six_more_interviews,
    "31",
    Session.four_services,
    "41",
    Session.a_service_is_told,
    "43 44 45 44b 45b 45c 45d 44c 44d 46 46b 46c 46d 46e 46f 46g 46h 50 50b 50c 50d 50e 50f 51 51b 51c 51d 51e 51f",
    "51g 51h 51i 51j 51k 52 52b",
    Session.geojson_is_listed,
    "52d 52e 53 54 60 60b 60c 60d 60e 61 62 62b 62c 62d 63 63b 63c 63d 63e 63f 63g 63h 64 64b 64c 64d 64e",
    "70 70b 71 72 73 74 75 75b 76 77 77b 77c 82 82b 82c 82d 82e 82f 82g 82h 82i 82j 83 83b 84 86 86b 87",
    "88 88b 88d 89c 89d 91 91b 91c 91d 92 92b 92c",
    Session.an_editor,
    "93 93b 94 94b 95b 96 97 98 99",
    Session.late_file,
    "92d 111 112 82l",
]


def covered() -> list[str]:
    return [number for step in STEPS if isinstance(step, str) for number in step.split()]


def moment(exchange: dict[str, Any]) -> datetime:
    """When the server did it: as the answer tells, or else its Date."""
    response = exchange["response"]
    body = response["body"]
    if isinstance(body, str) and (taken := re.search(r'markedAsCompleteDate="([^"]+)"', body)):
        first = re.search(r'submissionDate="([^"]+)"', body)
        new = first is not None and "deprecatedID" not in str(exchange["request"]["body"]) and first[1] > "2026-11-22"
        return datetime.fromisoformat(first[1] if new and first else taken[1])
    if isinstance(body, dict) and "timestamp" in body:
        return datetime.fromtimestamp(body["timestamp"], UTC)
    if isinstance(body, dict) and exchange["request"]["path"].endswith("/duplicate/"):
        return datetime.fromisoformat(body["start"])
    return parsedate_to_datetime(response["headers"]["Date"])


def body_of(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return base64.b64decode(body["__base64__"]) if "__base64__" in body else json.dumps(body).encode()


def multipart_import() -> bytes:
    """The body of 06, of which 4,000 bytes were recorded: the workbook is that of 04."""
    recorded_bytes = body_of(recorded("06")["request"]["body"])
    before, start, _rest = recorded_bytes.partition(b"\r\n\r\nPK")
    encoded = parse_qs(recorded("04")["request"]["body"])["base64Encoded"][0].partition("base64,")[2]
    boundary = recorded_bytes.partition(b"\r\n")[0]
    return before + start[:4] + base64.b64decode(encoded) + b"\r\n" + boundary + b"--\r\n"


def xml_of(row: dict[str, Any]) -> bytes:
    """The instance that a record was made of."""
    root = etree.Element(FORM, id=FORM, version="1 (2026-11-22 00:44:26)")

    def put(into: etree._Element, prefix: str, answers: dict[str, Any]) -> None:
        for key, value in answers.items():
            if key == "meta/rootUuid" or (key.startswith("_") and key != "__version__"):
                continue
            node = into
            *groups, last = key.removeprefix(prefix).split("/")
            for group in groups:
                found = node.find(group)
                node = etree.SubElement(node, group) if found is None else found
            if isinstance(value, list):
                for instance in value:
                    put(etree.SubElement(node, last), f"{key}/", instance)
            else:
                etree.SubElement(node, last).text = value

    put(root, "", row)
    return etree.tostring(root)


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session()
    session.play()
    return session


def broken(number: str, reply: Reply) -> Iterator[str]:
    """How an answer differs from the recorded one."""
    response = recorded(number)["response"]
    if reply.status != response["status"]:
        yield f"status {response['status']} recorded, {reply.status} answered"
    yield from broken_headers(number, response["headers"], dict(reply.headers))
    body = response["body"]
    if isinstance(body, (dict, list)):
        answered = json.loads(reply.body)
        yield from differences(body, answered, LOOSE)
        yield from differences(rights_in(body), rights_in(answered), LOOSE, "rights")
    elif number in {"62", "62b", "62d", "112", "24"}:
        return
    elif normal(body) != normal(reply.body.decode()):
        yield f"{body!r} recorded, {reply.body.decode()!r} answered"


def broken_headers(number: str, recorded_headers: dict[str, str], answered: dict[str, str]) -> Iterator[str]:
    for name in HEADERS:
        if name == "Content-Type" and number in NO_CONTENT_TYPE:
            continue
        one, other = recorded_headers.get(name), answered.get(name)
        if name == "WWW-Authenticate" and one and other:
            one, other = one.split()[0], other.split()[0]
        if name == "Location" and one and other:
            one, other = without_uids(one), without_uids(other)
        if one != other:
            yield f"header {name}: {one!r} recorded, {other!r} answered"


def rights_in(body: Any) -> list[str]:
    """What our account may do, whatever the order."""
    listed = body.get("effective_permissions", []) if isinstance(body, dict) else []
    return sorted(each["codename"] for each in listed)


def without_uids(url: str) -> str:
    return re.sub(r"/p\w{21}/", "/p/", url)


def normal(text: str) -> str:
    """A body of XML less what a run decides: moments."""
    return re.sub(r'(markedAsCompleteDate|submissionDate)="[^"]*"', r"\1", text).strip()


@pytest.mark.parametrize("number", covered())
def test_the_simulated_server_answers_as_the_recorded_one(session: Session, number: str):
    assert list(broken(number, session.answers[number])) == []


def test_every_recording_is_covered_or_left_out_for_a_reason():
    left_out = [number for numbers_of in NOT_COVERED for number in numbers_of.split()]

    assert sorted([*covered(), *left_out, "110"]) == sorted(numbers())


def test_a_rest_service_is_sent_the_record_as_it_is_listed(session: Session):
    assert list(differences(recorded("110")["request"]["body"], session.payload, LOOSE)) == []


def without_each_key(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Take each key of each object in a body away, one at a time, and put it back; gives the ways to them."""
    if isinstance(value, dict):
        whole = dict(value)
        for key in whole:
            del value[key]
            yield (*way, key)
            value.clear()
            value.update(whole)
    for step, each in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(each, (dict, list)):
            yield from without_each_key(each, (*way, step))


def in_loose_shape(way: tuple[str | int, ...]) -> bool:
    return any(LOOSE.shape("".join(f".{step}" for step in way[:length])) for length in range(1, len(way)))


@pytest.mark.parametrize("number", ["02", "13", "31", "46b", "51c", "60", "64c", "82g", "83", "91d"])
def test_the_contract_breaks_when_any_key_is_missing(session: Session, number: str):
    body = json.loads(session.answers[number].body)
    right = recorded(number)["response"]["body"]

    unnoticed = [way for way in without_each_key(body) if next(differences(right, body, LOOSE), None) is None]

    assert [way for way in unnoticed if not in_loose_shape(way)] == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"_id": "1"}, "_id"),
        ({"_submission_time": "2026-11-22T01:01:02Z"}, "_submission_time"),
        ({"_validation_status": None}, "_validation_status"),
        ({"_geolocation": [5.55]}, "_geolocation"),
        ({"another": 1}, "another"),
    ],
)
def test_the_contract_breaks_when_a_type_or_a_form_differs(session: Session, changed: dict[str, Any], word: str):
    body = json.loads(session.answers["43"].body)

    found = list(differences(recorded("43")["response"]["body"], body | changed, LOOSE))

    assert any(word in each for each in found)


def test_the_contract_breaks_when_a_status_or_a_header_differs(session: Session):
    reply = session.answers["31"]

    assert list(broken("31", replace(reply, status=201)))
    assert list(broken("31", replace(reply, headers={**reply.headers, "Allow": "GET"})))
