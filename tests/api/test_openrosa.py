import hashlib
import logging
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from lxml import etree
from visitors import PASSWORD, People

from api.app import create_app
from api.services import Limits, Services
from store.form_versions import FormState, set_state
from store.kept import Store
from store.people import Role, TokenKind, revoke_tokens
from store.quarantine import waiting
from store.submissions import attachments_of, batches, raw
from sync.publish import publish_xform_here

INSTANCES = Path(__file__).resolve().parent.parent / "instances"
FORM = (INSTANCES / "household.xml").read_bytes()
XML = (INSTANCES / "household-1.xml").read_bytes()
VERSION = "2026030101"
INSTANCE_ID = "uuid:0f5b2f5a-43de-4f59-9a0c-6d6b5b1f6a01"
LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
PHOTO = bytes(range(256)) * 300


@pytest.fixture
def tablet(app: FastAPI, tablet_key: str) -> TestClient:
    """A tablet: its key stands in the server address."""
    return TestClient(
        app, base_url=f"http://survey.example.org/key/{tablet_key}/", headers={"X-OpenRosa-Version": "1.0"}
    )


@pytest.fixture
def published(store: Store, services: Services) -> None:
    files = {"villages.csv": b"name,label\nv1,Konna\n", "carte d'été.png": b"\x89PNG"}
    publish_xform_here(store, FORM, files, at=services.clock())


def xml_part(xml: bytes = XML) -> tuple[str, tuple[str, bytes, str]]:
    return "xml_submission_file", ("submission.xml", xml, "text/xml")


def photo_part(name: str, content: bytes = PHOTO) -> tuple[str, tuple[str, bytes, str]]:
    return name, (name, content, "image/jpeg")


def send(tablet: TestClient, *parts: tuple[str, tuple[str, bytes, str]], **query: str) -> Response:
    return tablet.post("submission", files=list(parts), params=query)


def message(response: Response) -> str:
    root = etree.fromstring(response.content)
    assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    assert response.headers["content-type"].startswith("text/xml")
    assert response.headers["x-openrosa-version"] == "1.0"
    return root[0].text or ""


def kept_count(store: Store) -> int:
    with store.database.read() as connection:
        return sum(len(batch) for batch in batches(connection, "household"))


def texts(response: Response, namespace: str, name: str) -> list[str | None]:
    return [element.text for element in etree.fromstring(response.content).iter(namespace + name)]


@pytest.mark.usefixtures("published")
class TestFormsOut:
    def test_the_form_list_names_each_form_once_with_the_hash_of_its_xml(self, tablet: TestClient):
        response = tablet.get("formList")
        assert response.status_code == 200
        assert response.headers["x-openrosa-version"] == "1.0"
        assert response.headers["x-openrosa-accept-content-length"] == "100000000"
        assert response.headers["content-type"] == "text/xml; charset=utf-8"
        [form] = etree.fromstring(response.content)
        assert {child.tag.removeprefix(LIST): child.text for child in form} == {
            "formID": "household",
            "name": "Household & water",
            "version": VERSION,
            "hash": "md5:" + hashlib.md5(FORM).hexdigest(),  # noqa: S324 - OpenRosa's hash
            "downloadUrl": f"{tablet.base_url!s}forms/household/form.xml?version={VERSION}",
            "manifestUrl": f"{tablet.base_url!s}forms/household/manifest?version={VERSION}",
        }

    def test_a_tablet_that_follows_the_addresses_gets_the_form_and_its_files_byte_by_byte(self, tablet: TestClient):
        listed = tablet.get("formList")
        [form_url], [manifest_url] = texts(listed, LIST, "downloadUrl"), texts(listed, LIST, "manifestUrl")
        assert tablet.get(str(form_url)).content == FORM
        files = etree.fromstring(tablet.get(str(manifest_url)).content)
        received = {}
        for file in files:
            content = tablet.get(file.findtext(f"{MANIFEST}downloadUrl")).content
            digest = hashlib.md5(content).hexdigest()  # noqa: S324 - OpenRosa's hash
            assert file.findtext(f"{MANIFEST}hash") == f"md5:{digest}"
            received[file.findtext(f"{MANIFEST}filename")] = content
        assert received == {"villages.csv": b"name,label\nv1,Konna\n", "carte d'été.png": b"\x89PNG"}

    def test_a_file_that_the_tablet_has_is_not_sent_again(self, tablet: TestClient):
        first = tablet.get("forms/household/media/villages.csv")
        again = tablet.get("forms/household/media/villages.csv", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = tablet.get("forms/household/media/villages.csv", headers={"If-None-Match": '"other"'})
        assert other.status_code == 200

    def test_a_download_that_broke_off_is_taken_up_where_it_stopped(self, tablet: TestClient):
        rest = tablet.get("forms/household/media/villages.csv", headers={"Range": "bytes=5-"})
        assert (rest.status_code, rest.content) == (206, b"label\nv1,Konna\n")

    def test_the_newest_open_version_is_offered_and_all_on_request(
        self, tablet: TestClient, store: Store, services: Services
    ):
        publish_xform_here(store, FORM.replace(VERSION.encode(), b"2"), {}, at=services.clock())
        assert texts(tablet.get("formList"), LIST, "version") == ["2"]
        assert texts(tablet.get("formList?listAllVersions=true"), LIST, "version") == [VERSION, "2"]
        store.database.write(lambda connection: set_state(connection, "household", "2", FormState.CLOSING))
        assert texts(tablet.get("formList"), LIST, "version") == [VERSION]
        assert tablet.get("forms/household/form.xml?version=2").content == FORM.replace(VERSION.encode(), b"2")

    def test_the_form_list_can_be_narrowed_and_made_verbose(self, tablet: TestClient):
        assert texts(tablet.get("formList?formID=other&deviceID=collect:1"), LIST, "formID") == []
        verbose = tablet.get("formList?formID=household&verbose=true")
        assert texts(verbose, LIST, "descriptionText") == ["Household & water"]

    def test_a_form_named_by_a_url_has_an_address_too(self, tablet: TestClient, store: Store, services: Services):
        form = FORM.replace(b'id="household"', b'id="http://example.org/a form?"')
        publish_xform_here(store, form, {}, at=services.clock())
        listed = tablet.get("formList", params={"formID": "http://example.org/a form?"})
        [address] = texts(listed, LIST, "downloadUrl")
        assert tablet.get(str(address)).content == form

    @pytest.mark.parametrize(
        "path",
        [
            "forms/other/form.xml",
            "forms/household/form.xml?version=1",
            "forms/other/manifest",
            "forms/household/media/other.csv",
            "forms/household/media/..%2F..%2Fjekafo.sqlite",
        ],
    )
    def test_what_is_not_here_is_404_in_openrosa_xml(self, tablet: TestClient, path: str):
        response = tablet.get(path)
        assert response.status_code == 404
        assert message(response)


class TestWhoMayAsk:
    PATHS = ("formList", "forms/household/form.xml", "forms/household/manifest", "forms/household/media/villages.csv")

    @pytest.mark.parametrize("path", [*PATHS, "submission"])
    def test_an_unknown_key_is_403(self, app: FastAPI, path: str):
        stranger = TestClient(app, base_url=f"http://survey.example.org/key/{'b' * 43}/")
        response = stranger.head(path) if path == "submission" else stranger.get(path)
        assert response.status_code == 403

    def test_an_unknown_key_may_not_submit(self, app: FastAPI, store: Store):
        stranger = TestClient(app, base_url=f"http://survey.example.org/key/{'b' * 43}/")
        response = send(stranger, xml_part())
        assert response.status_code == 403
        assert "key" in message(response)
        with store.database.read() as connection:
            assert not waiting(connection)

    def test_a_revoked_key_is_403(self, tablet: TestClient, people: People, store: Store):
        user = people.of(Role.ENUMERATOR)
        assert tablet.get("formList").status_code == 200
        store.database.write(lambda connection: revoke_tokens(connection, user.id, people.clock.now))
        assert tablet.get("formList").status_code == 403
        assert send(tablet, xml_part()).status_code == 403

    def test_a_program_token_is_no_tablet_key(self, app: FastAPI, people: People):
        key = people.token(Role.ENUMERATOR, TokenKind.BEARER)
        assert TestClient(app, base_url=f"http://survey.example.org/key/{key}/").get("formList").status_code == 403

    @pytest.mark.usefixtures("published")
    def test_basic_sign_in_works_without_a_key(self, app: FastAPI, people: People, store: Store):
        people.of(Role.ENUMERATOR)
        client = TestClient(app, base_url="http://survey.example.org/")
        challenge = client.head("submission")
        assert challenge.status_code == 401
        assert challenge.headers["www-authenticate"].startswith("Basic")
        client.auth = ("a enumerator", PASSWORD)
        assert client.head("submission").status_code == 204
        [address] = texts(client.get("formList"), LIST, "downloadUrl")
        assert address == f"http://survey.example.org/forms/household/form.xml?version={VERSION}"
        assert client.get(str(address)).content == FORM
        assert send(client, xml_part()).status_code == 201
        assert kept_count(store) == 1

    @pytest.mark.parametrize("sign_in", ["a enumerator:wrong", "nobody:x", "no colon", "\xff\xfe:\x00"])
    def test_a_wrong_basic_sign_in_is_401_in_openrosa_xml(self, app: FastAPI, people: People, sign_in: str):
        people.of(Role.ENUMERATOR)
        encoded = b64encode(sign_in.encode("latin-1")).decode()
        response = TestClient(app).get("/formList", headers={"Authorization": f"Basic {encoded}"})
        assert response.status_code == 401
        assert message(response)


@pytest.mark.usefixtures("published")
class TestSubmissionsIn:
    def test_head_says_that_and_how_much_may_be_sent(self, tablet: TestClient):
        response = tablet.head("submission")
        assert response.status_code == 204
        assert response.headers["x-openrosa-version"] == "1.0"
        assert response.headers["x-openrosa-accept-content-length"] == "100000000"

    def test_a_submission_is_201_and_kept_as_sent(self, tablet: TestClient, store: Store):
        response = send(tablet, xml_part(), deviceID="collect:abc")
        assert response.status_code == 201
        assert message(response) == "The submission is kept. Thank you."
        assert response.headers["x-openrosa-accept-content-length"] == "100000000"
        with store.database.read() as connection:
            assert raw(connection, "household", INSTANCE_ID) == XML
            [[kept]] = batches(connection, "household")
            assert (kept.submitter, kept.device_id) == ("a enumerator", "collect:abc")

    def test_the_same_again_is_202(self, tablet: TestClient, store: Store):
        send(tablet, xml_part())
        response = send(tablet, xml_part())
        assert response.status_code == 202
        assert "already kept" in message(response)
        assert kept_count(store) == 1

    @pytest.mark.parametrize(
        ("languages", "language", "words"),
        [
            ("fr-ML,fr;q=0.9,en;q=0.5", "fr", "La soumission est conservée."),
            ("en-GB", "en", "The submission is kept."),
            ("bm", "en", "The submission is kept."),
        ],
    )
    def test_the_answer_is_in_the_senders_language(self, tablet: TestClient, languages: str, language: str, words: str):
        tablet.headers["Accept-Language"] = languages
        response = send(tablet, xml_part())
        assert response.headers["content-language"] == language
        assert message(response).startswith(words)

    def test_media_are_kept_with_their_submission(self, tablet: TestClient, store: Store):
        names = ("1767600000001.jpg", "1767600000002.jpg")
        parts = [photo_part(name, PHOTO + name.encode()) for name in names]
        assert send(tablet, xml_part(), *parts).status_code == 201
        with store.database.read() as connection:
            kept = attachments_of(connection, "household", INSTANCE_ID)
        assert [one.name for one in kept] == list(names)
        for one in kept:
            with store.media.open(one.sha256) as stream:
                assert stream.read() == PHOTO + one.name.encode()

    def test_a_submission_in_several_posts_comes_together(self, tablet: TestClient, store: Store):
        incomplete = ("*isIncomplete*", (None, b"yes"))
        first = send(tablet, xml_part(), photo_part("1767600000001.jpg"), incomplete)
        second = send(tablet, xml_part(), photo_part("1767600000002.jpg"))
        third = send(tablet, xml_part(), photo_part("1767600000002.jpg"))
        assert [first.status_code, second.status_code, third.status_code] == [201, 201, 202]
        assert "joined" in message(second)
        assert kept_count(store) == 1
        with store.database.read() as connection:
            assert len(attachments_of(connection, "household", INSTANCE_ID)) == 2

    def test_a_chunked_upload_is_taken(self, tablet: TestClient, store: Store):
        form = TestClient(tablet.app).build_request("POST", "/", files=[xml_part(), photo_part("1767600000001.jpg")])
        body = form.read()

        def chunks() -> Iterator[bytes]:
            for start in range(0, len(body), 5000):
                yield body[start : start + 5000]

        response = tablet.post("submission", content=chunks(), headers={"Content-Type": form.headers["content-type"]})
        assert response.status_code == 201
        assert kept_count(store) == 1

    def test_eight_at_once_are_kept_once_and_nobody_is_refused(self, tablet: TestClient, store: Store):
        with ThreadPoolExecutor(8) as senders:
            statuses = list(senders.map(lambda _: send(tablet, xml_part()).status_code, range(8)))
        assert sorted(statuses) == [201, *[202] * 7]
        assert kept_count(store) == 1

    def test_other_answers_under_a_known_id_are_409(self, tablet: TestClient, store: Store):
        send(tablet, xml_part())
        other = XML.replace(b"Konna", b"Djenne")
        response = send(tablet, xml_part(other))
        assert response.status_code == 409
        assert "other answers" in message(response)
        with store.database.read() as connection:
            assert raw(connection, "household", INSTANCE_ID) == XML
            assert [one.raw for one in waiting(connection)] == [other]

    def test_an_edit_is_201_and_an_outdated_one_409(self, tablet: TestClient, store: Store):
        def edit(new_id: str) -> bytes:
            meta = f"{new_id}</orx:instanceID><orx:deprecatedID>{INSTANCE_ID}</orx:deprecatedID>"
            return XML.replace(f"{INSTANCE_ID}</orx:instanceID>".encode(), meta.encode())

        send(tablet, xml_part())
        statuses = [send(tablet, xml_part(edit(one))).status_code for one in ("uuid:2", "uuid:2", "uuid:3")]
        assert statuses == [201, 202, 409]
        assert kept_count(store) == 1

    def test_a_submission_of_an_unknown_version_is_404_and_taken_in_when_the_version_is_published(
        self, tablet: TestClient, store: Store, services: Services
    ):
        early = XML.replace(VERSION.encode(), b"next")
        response = send(tablet, xml_part(early), photo_part("1767600000001.jpg"))
        assert response.status_code == 404
        assert "set aside" in message(response)
        assert publish_xform_here(store, FORM.replace(VERSION.encode(), b"next"), {}, at=services.clock()).released == 1
        assert send(tablet, xml_part(early), photo_part("1767600000001.jpg")).status_code == 202

    def test_a_closed_form_is_409(self, tablet: TestClient, store: Store):
        store.database.write(lambda connection: set_state(connection, "household", VERSION, FormState.CLOSED))
        response = send(tablet, xml_part())
        assert response.status_code == 409
        assert "closed" in message(response)

    def test_no_answer_name_or_key_is_logged(
        self, tablet: TestClient, tablet_key: str, caplog: pytest.LogCaptureFixture
    ):
        with caplog.at_level(logging.DEBUG):
            send(tablet, xml_part(), photo_part("1767600000001.jpg"))
            send(tablet, xml_part(XML.replace(b"Konna", b"Djenne")))
            send(tablet, xml_part(b"<Konna"))
            tablet.get("formList")
        ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "asyncio"))]
        for secret in (tablet_key, "Konna", "Djenne", "Maïga", "1767600000001"):
            assert not [line for line in ours if secret in line]


@pytest.mark.usefixtures("published")
def test_the_limit_is_a_setting_and_what_exceeds_it_is_413(services: Services, tablet_key: str, store: Store):
    app = create_app(replace(services, limits=Limits(submission_bytes=50_000)))
    tablet = TestClient(app, base_url=f"http://survey.example.org/key/{tablet_key}/")
    assert tablet.head("submission").headers["x-openrosa-accept-content-length"] == "50000"
    response = send(tablet, xml_part(), photo_part("1767600000001.jpg"))
    assert response.status_code == 413
    assert "50,000 bytes" in message(response)
    assert kept_count(store) == 0
    assert send(tablet, xml_part()).status_code == 201
