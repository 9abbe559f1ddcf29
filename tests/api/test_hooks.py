"""What a REST service of KoboToolbox says is noted as a hint: its ids, and nothing else of it."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from visitors import Clock

from api.access_log import redacted
from api.app import create_app
from api.hooks import MAX_BYTES
from api.services import Services
from api.throttle import FAILURES_ALLOWED, PAUSE
from store.mirror.hints import hints
from store.mirror.states import begin_pulling

SECRET = "a-secret-of-one-source-only"
ADDRESS = f"/hooks/kobo/kobo/{SECRET}"
FORM = "aacKHHzVFtohE96gwMxLkR"
ROOT = "uuid:88888888-0000-4000-8000-000000000008"
ANSWER = "HH-008"


@pytest.fixture
def app(services: Services) -> FastAPI:
    """A project that pulls the recorded form from the source kobo."""
    services.store.database.write(lambda connection: begin_pulling(connection, "kobo", FORM, "household", "Household"))
    return create_app(replace(services, hooks={"kobo": SECRET}))


@pytest.fixture
def kobo(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False)


def noted(services: Services) -> list[tuple[str, str, str]]:
    with services.store.database.read() as connection:
        return [(hint.source, hint.remote_id, hint.root_id) for hint in hints(connection)]


def recorded(shared: Path, name: str) -> Any:
    text = (shared / "replies" / "kobo" / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text)["request"]["body"]


def test_the_recorded_payload_of_a_rest_service_is_noted(kobo: TestClient, services: Services, shared: Path) -> None:
    reply = kobo.post(ADDRESS, json=recorded(shared, "110-hook-payload-json"))
    assert (reply.status_code, reply.text) == (200, "ok\n")
    assert noted(services) == [("kobo", FORM, ROOT)]


def test_a_payload_within_a_template_and_without_the_form_is_noted_for_the_forms_of_that_source(
    kobo: TestClient, services: Services, shared: Path
) -> None:
    services.store.database.write(lambda connection: begin_pulling(connection, "geneva", "bForm", "other", "Other"))
    assert kobo.post(ADDRESS, json=recorded(shared, "110b-hook-payload-json-template-subset")).status_code == 200
    assert noted(services) == [("kobo", FORM, ROOT)]


def test_a_payload_in_xml_is_noted(kobo: TestClient, services: Services, shared: Path) -> None:
    body = recorded(shared, "110c-hook-payload-xml")
    reply = kobo.post(ADDRESS, content=body, headers={"Content-Type": "application/xml"})
    assert reply.status_code == 200
    assert noted(services) == [("kobo", FORM, ROOT)]


def test_the_same_payload_sent_twice_is_one_hint(kobo: TestClient, services: Services) -> None:
    for _ in range(2):
        assert kobo.post(ADDRESS, json={"_xform_id_string": FORM, "meta/rootUuid": ROOT}).status_code == 200
    assert len(noted(services)) == 1


@pytest.mark.parametrize(
    ("record", "root_id"),
    [
        ({"_uuid": "88888888-0000-4000-8000-000000000008"}, ROOT),
        ({"meta/rootUuid": ROOT.removeprefix("uuid:")}, ROOT),
        ({"meta/instanceID": "uuid:of-an-edit", "meta/deprecatedID": "uuid:of-the-first"}, ""),
        ({"meta/instanceID": "uuid:of-an-edit", "meta/deprecatedID": "uuid:x", "meta/rootUuid": ROOT}, ROOT),
        ({"meta/rootUuid": "an answer with blanks"}, ""),
        ({"meta/rootUuid": "x" * 5000}, ""),
        ({"meta/rootUuid": {"$gt": ""}}, ""),
        ({}, ""),
    ],
)
def test_the_hint_is_the_record_s_root_or_else_the_form(
    kobo: TestClient, services: Services, record: dict[str, object], root_id: str
) -> None:
    assert kobo.post(ADDRESS, json={"_xform_id_string": FORM, **record}).status_code == 200
    assert noted(services) == [("kobo", FORM, root_id)]


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[" * 100_000, b"{}", b"[]", b"5", b'{"hh": {}}', b"<a", b"<a/>", b"\xff\xfe",
     b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a id="x">&b;</a>'],
)  # fmt: skip
def test_what_names_no_record_is_refused_in_words_that_kobotoolbox_shows_in_its_log(
    kobo: TestClient, services: Services, body: bytes
) -> None:
    reply = kobo.post(ADDRESS, content=body)
    assert reply.status_code == 400
    assert "_xform_id_string" in reply.text
    assert reply.headers["content-type"].startswith("text/plain")
    assert noted(services) == []


def test_a_form_that_is_not_pulled_is_refused_with_what_to_type(kobo: TestClient, services: Services) -> None:
    reply = kobo.post(ADDRESS, json={"_xform_id_string": "aOther", "_uuid": "x"})
    assert reply.status_code == 400
    assert "jekafo pull kobo --form aOther" in reply.text
    assert noted(services) == []


@pytest.mark.parametrize("is_announced", [True, False])
def test_more_than_a_record_is_not_read(kobo: TestClient, services: Services, *, is_announced: bool) -> None:
    body = b" " * (MAX_BYTES + 1)

    def chunks() -> Iterator[bytes]:
        yield body

    assert kobo.post(ADDRESS, content=body if is_announced else chunks()).status_code == 413
    assert noted(services) == []


def test_whatever_keeps_a_hint_from_being_noted_makes_kobotoolbox_send_it_again(
    kobo: TestClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    services.store.close()
    with caplog.at_level(logging.INFO, "jekafo.access"):
        reply = kobo.post(ADDRESS, json={"_xform_id_string": FORM, "_uuid": "x", "hh/hh_id": ANSWER})
    assert reply.status_code == 503
    assert ANSWER not in caplog.text + reply.text


@pytest.mark.parametrize(
    "path", ["/hooks/kobo/kobo/wrong", "/hooks/kobo/geneva/" + SECRET, "/hooks/kobo/geneva/", "/hooks/kobo/kobo/é"]
)
def test_a_wrong_secret_and_an_unknown_source_are_nothing_at_all(
    kobo: TestClient, services: Services, path: str
) -> None:
    reply = kobo.post(path, json={"_xform_id_string": FORM, "_uuid": "x"})
    assert reply.status_code == 404
    assert noted(services) == []


def test_a_source_without_a_secret_takes_no_hint(services: Services) -> None:
    client = TestClient(create_app(services))
    assert client.post("/hooks/kobo/kobo/", json={}).status_code == 404
    assert client.post("/hooks/kobo/kobo/None", json={}).status_code == 404


def test_secrets_cannot_be_tried_out(kobo: TestClient, clock: Clock) -> None:
    for _ in range(FAILURES_ALLOWED):
        assert kobo.post("/hooks/kobo/kobo/wrong", json={}).status_code == 404
    paused = kobo.post(ADDRESS, json={"_xform_id_string": FORM, "_uuid": "x"})
    # 503: a hook that is right is sent again.
    assert paused.status_code == 503
    assert int(paused.headers["retry-after"]) > 0
    clock.forward(PAUSE)
    assert kobo.post(ADDRESS, json={"_xform_id_string": FORM, "_uuid": "x"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [ADDRESS, f"//hooks/kobo/kobo/{SECRET}", f"/hooks/kobo/kobo//{SECRET}", f"/hooks/kobo/{SECRET}",
     f"/hooks/kobo/kobo/a/{SECRET}", f"/hooks/kobo/kobo/{SECRET}/", f"/hooks/kobo/kobo/%0A{SECRET}"],
)  # fmt: skip
def test_the_secret_stands_in_no_log(kobo: TestClient, caplog: pytest.LogCaptureFixture, path: str) -> None:
    assert SECRET not in redacted(path)
    with caplog.at_level(logging.INFO, "jekafo.access"):
        kobo.get(f"http://testserver{path}")
        kobo.post(f"http://testserver{path}", content=b"?")
    assert "/hooks/kobo/" in caplog.text
    assert SECRET not in caplog.text


def test_the_secret_stands_in_no_answer(kobo: TestClient, services: Services) -> None:
    services.store.close()
    answers = [
        kobo.get(ADDRESS),
        kobo.post(ADDRESS, content=b"?"),
        kobo.post(ADDRESS, json={"_xform_id_string": FORM}),
        kobo.post(ADDRESS, content=b" " * (MAX_BYTES + 1)),
    ]
    assert [answer.status_code for answer in answers] == [405, 400, 503, 413]
    assert SECRET not in "".join(answer.text for answer in answers)


def test_the_services_show_no_secret(services: Services) -> None:
    assert SECRET not in repr(replace(services, hooks={"kobo": SECRET}))


def test_a_hint_tells_when_it_came(kobo: TestClient, services: Services, clock: Clock) -> None:
    clock.now = datetime(2026, 5, 5, tzinfo=UTC)
    kobo.post(ADDRESS, json={"_xform_id_string": FORM, "_uuid": "x"})
    with services.store.database.read() as connection:
        assert [hint.at for hint in hints(connection)] == [clock.now]


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/kobo/ministry/s3cret", "//hooks//kobo//ministry//s3cret", "/hooks/kobo/s3cret", "/hooks/s3cret",
        "/Hooks/Kobo/ministry/s3cret", "/survey/hooks/kobo/ministry/s3cret", "/x/../hooks/kobo/ministry/a/s3cret/..",
        "/hooks/kobo/ministry/s3cret\r\nGET /", "/survey/key/s3cret/formList", "/KEY/s3cret", "/key//s3cret",
    ],
)  # fmt: skip
def test_a_secret_in_a_path_that_leads_nowhere_is_not_logged_either(path: str):
    assert "s3cret" not in redacted(path)
    assert "***" in redacted(path)
