"""What an error looks like on the wire, in which language, and what the logs keep of it."""

import logging

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from visitors import Reader

from api.access_log import redacted
from api.figures import FigureDesk
from api.headers import HEADERS
from store.people import Role

SECRET = "aminata-said-this"


def test_the_api_answers_errors_with_problem_json_in_the_language_of_the_client(reader: Reader) -> None:
    program = reader.program(Role.LEAD)

    english = program.get("/api/v1/forms/nothing", headers={"Accept-Language": "en"})
    french = program.get("/api/v1/forms/nothing?lang=fr")

    assert english.headers["content-type"] == "application/problem+json"
    assert english.json() == {
        "type": "urn:jekafo:problem:form-unknown",
        "title": "Unknown form",
        "status": 404,
        "detail": "No form nothing is published here. Publish it with `jekafo form publish`.",
    }
    assert french.json()["title"] == "Formulaire inconnu"
    assert french.headers["content-language"] == "fr"


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/api/v1/nothing", 404, "not-found"),
        ("/api/v1/forms/voices/estimates/nothing", 404, "indicator-unknown"),
        ("/api/v1/forms/voices/estimates/trusting?by=village", 422, "table-not-declared"),
        ("/api/v1/forms/voices/estimates/trusting?by=area_id&by=area_id", 422, "table-not-declared"),
        ("/api/v1/forms/voices/estimates/trusting?round=r9", 422, "table-not-declared"),
        ("/api/v1/forms/voices/estimates/wishes", 422, "measure-unavailable"),
        ("/api/v1/forms/voices/estimates/trusting" + "?by=sex" + 20 * "&by=sex", 422, "parameters-invalid"),
        (f"/api/v1/forms/voices/estimates/trusting?by={'x' * 5000}", 422, "parameters-invalid"),
    ],
)
def test_each_problem_has_a_stable_name(reader: Reader, path: str, status: int, slug: str) -> None:
    answer = reader.program(Role.ANALYST).get(path)

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:jekafo:problem:{slug}")
    assert answer.json()["status"] == status


def test_a_method_that_is_not_taken_is_answered_with_those_that_are(reader: Reader) -> None:
    answer = reader.program(Role.LEAD).delete("/api/v1/forms")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_tablet_with_an_unknown_key_hears_it_in_openrosa_xml(anonymous: TestClient) -> None:
    answer = anonymous.get("/key/wrong/formList", headers={"Accept-Language": "fr"})

    root = etree.fromstring(answer.content)
    assert answer.status_code == 403
    assert answer.headers["x-openrosa-version"] == "1.0"
    assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    assert "nouvelle adresse" in root[0].text


def test_a_page_that_is_not_there_is_answered_with_a_page(anonymous: TestClient) -> None:
    answer = anonymous.get("/nothing", headers={"Accept-Language": "fr-ML,fr;q=0.9"})

    assert answer.status_code == 404
    assert '<html lang="fr">' in answer.text
    assert "Il n&#39;y a rien à cette adresse" in answer.text


def test_a_role_that_may_not_see_a_page_is_told_so_and_may_sign_out(reader: Reader) -> None:
    answer = reader.browser(Role.ADMIN).get("/forms/voices")

    assert answer.status_code == 403
    assert "Your role does not open this" in answer.text
    assert "Sign out" in answer.text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/static/jekafo.css", "/api/v1/forms", "/nothing"])
def test_every_answer_carries_the_security_headers(anonymous: TestClient, path: str) -> None:
    answer = anonymous.get(path)

    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["cache-control"] == ("public, max-age=86400" if "static" in path else "no-store")


def test_no_page_may_run_a_script_or_load_anything_from_elsewhere(anonymous: TestClient) -> None:
    policy = anonymous.get("/").headers["content-security-policy"]

    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_there_are_no_pages_of_interactive_documentation(anonymous: TestClient) -> None:
    assert [anonymous.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 404]


@pytest.mark.parametrize("name", ["nothing.css", "..%2Fapp.py", "%2e%2e%2fapp.py", "jekafo.css%00", "JEKAFO.CSS"])
def test_only_the_files_of_the_pages_are_served(anonymous: TestClient, name: str) -> None:
    assert anonymous.get(f"/static/{name}").status_code == 404


def test_a_failure_nobody_foresaw_is_answered_and_logged_without_its_message(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(FigureDesk, "reading", fail)
    with caplog.at_level(logging.INFO):
        answer = reader.program(Role.LEAD).get("/api/v1/forms/voices/estimates/trusting", headers={"Accept": "*/*"})

    assert (answer.status_code, answer.json()["type"]) == (500, "urn:jekafo:problem:failed")
    assert answer.headers["content-security-policy"]
    assert SECRET not in answer.text
    assert SECRET not in caplog.text
    assert "RuntimeError" in caplog.text
    assert "api/rest.py" in caplog.text


def test_the_access_log_keeps_no_key_no_query_and_no_token(
    anonymous: TestClient, tablet_key: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="jekafo"):
        anonymous.get(f"/key/{tablet_key}/formList?deviceID={SECRET}")
        anonymous.get(f"/key/{tablet_key}")
        anonymous.get("/api/v1/forms", headers={"Authorization": f"Bearer {SECRET}"})

    assert "GET /key/***/formList 200" in caplog.text
    assert "GET /api/v1/forms 401" in caplog.text
    assert tablet_key not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/key/abc$!/submission", "/key/***/submission"),
        ("//key/abc/submission", "/key/***/submission"),
        ("/hooks/kobo/mopti/s3cret", "/hooks/kobo/mopti/***"),
        ("/forms/a\nERROR forged line", "/forms/a%0AERROR%20forged%20line"),
        ("/forms/voices", "/forms/voices"),
    ],
)
def test_secrets_and_line_breaks_in_a_path_do_not_reach_the_log(path: str, shown: str) -> None:
    assert redacted(path) == shown


def test_a_huge_sign_in_form_is_refused(anonymous: TestClient) -> None:
    answer = anonymous.post("/sign-in", data={"name": "x" * 200_000})

    assert answer.status_code == 413
