"""Signing in and out: cookies, tokens, passwords, and what other sites may try."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from itsdangerous import URLSafeTimedSerializer
from visitors import PASSWORD, SECRET_KEY, Clock, People, form_token_of, sign_in

from api import access
from api.access import PUBLIC, TooManyTries, allow
from api.app import declared_routes
from api.pages.account import own_address
from api.services import Services
from api.session import FORM_COOKIE, SESSION_COOKIE, SESSION_SECONDS
from api.throttle import FAILURES_ALLOWED, PAUSE, SignInThrottle
from store.kept import Store
from store.people import Role, TokenKind, disable_user, revoke_tokens


def test_a_person_signs_in_with_name_and_password_and_sees_the_start_page(
    anonymous: TestClient, people: People
) -> None:
    lead = people.of(Role.LEAD)

    answer = sign_in(anonymous, lead.name)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert lead.name in anonymous.get("/").text


def test_the_session_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(
    anonymous: TestClient, people: People
) -> None:
    cookie = sign_in(anonymous, people.of(Role.LEAD).name).headers["set-cookie"]

    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert f"Max-Age={SESSION_SECONDS}" in cookie
    assert "Secure" not in cookie


def test_over_https_every_cookie_is_secure_and_the_browser_is_told_to_stay_with_https(
    app: FastAPI, people: People
) -> None:
    client = TestClient(app, base_url="https://survey.example.org", follow_redirects=False)

    first = client.get("/sign-in?lang=fr")
    signed_in = sign_in(client, people.of(Role.LEAD).name)

    cookies = [*first.headers.get_list("set-cookie"), *signed_in.headers.get_list("set-cookie")]
    assert len(cookies) == 3
    assert all("Secure" in cookie for cookie in cookies)
    assert first.headers["strict-transport-security"] == "max-age=31536000"


def test_a_wrong_password_an_unknown_name_and_an_empty_form_are_told_the_same(
    anonymous: TestClient, people: People
) -> None:
    name = people.of(Role.LEAD).name

    answers = [sign_in(anonymous, name, "wrong"), sign_in(anonymous, "nobody", PASSWORD), sign_in(anonymous, "", "")]

    assert {answer.status_code for answer in answers} == {401}
    for answer in answers:
        assert "The name or the password is wrong" in answer.text
        assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "1",
        URLSafeTimedSerializer("another key", salt="jekafo.session").dumps(1),
        URLSafeTimedSerializer(SECRET_KEY, salt="jekafo.form").dumps(1),
        URLSafeTimedSerializer(SECRET_KEY, salt="jekafo.session").dumps("1"),
        URLSafeTimedSerializer(SECRET_KEY, salt="jekafo.session").dumps([1]),
    ],
    ids=["empty", "unsigned", "signed with another key", "signed for another purpose", "a text", "a list"],
)
def test_a_forged_session_cookie_signs_nobody_in(anonymous: TestClient, people: People, forged: str) -> None:
    people.of(Role.MANAGER)
    anonymous.cookies.set(SESSION_COOKIE, forged)

    assert anonymous.get("/").status_code == 401


def test_a_session_ends_after_its_time(anonymous: TestClient, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(anonymous, people.of(Role.LEAD).name)
    assert anonymous.get("/").status_code == 200

    monkeypatch.setattr("api.session.SESSION_SECONDS", -1)

    assert anonymous.get("/").status_code == 401


def test_signing_out_ends_the_session(anonymous: TestClient, people: People) -> None:
    sign_in(anonymous, people.of(Role.LEAD).name)

    answer = anonymous.post("/sign-out", data={"form_token": form_token_of(anonymous)})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert anonymous.get("/").status_code == 401


def test_a_disabled_user_is_out_at_once_by_cookie_token_and_password(
    app: FastAPI, people: People, store: Store, clock: Clock
) -> None:
    lead, token = people.of(Role.LEAD), people.token(Role.LEAD)
    browser, program = TestClient(app, follow_redirects=False), {"Authorization": f"Bearer {token}"}
    sign_in(browser, lead.name)
    assert browser.get("/api/v1/forms").status_code == 200
    assert TestClient(app).get("/api/v1/forms", headers=program).status_code == 200

    store.database.write(lambda connection: disable_user(connection, lead.id, clock.now))

    assert browser.get("/api/v1/forms").status_code == 401
    assert TestClient(app).get("/api/v1/forms", headers=program).status_code == 401
    assert sign_in(browser, lead.name).status_code == 401


def test_a_revoked_token_opens_nothing(anonymous: TestClient, people: People, store: Store, clock: Clock) -> None:
    token = people.token(Role.ANALYST)
    user = people.of(Role.ANALYST)
    store.database.write(lambda connection: revoke_tokens(connection, user.id, clock.now))

    answer = anonymous.get("/api/v1/forms", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Jekafo"'


@pytest.mark.parametrize("kind", [TokenKind.APP_USER, TokenKind.BEARER])
def test_a_key_of_a_tablet_and_a_token_of_a_program_do_not_stand_in_for_each_other(
    anonymous: TestClient, people: People, kind: TokenKind
) -> None:
    key = people.token(Role.ENUMERATOR, kind)
    token = people.token(Role.ANALYST, kind)

    assert anonymous.get(f"/key/{key}/formList").status_code == (200 if kind is TokenKind.APP_USER else 403)
    by_header = anonymous.get("/api/v1/forms", headers={"Authorization": f"Bearer {token}"})
    assert by_header.status_code == (200 if kind is TokenKind.BEARER else 401)


def test_a_bad_bearer_token_is_not_made_good_by_a_cookie(anonymous: TestClient, people: People) -> None:
    sign_in(anonymous, people.of(Role.LEAD).name)

    assert anonymous.get("/api/v1/forms", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("token", ["", "wrong", "x" * 100_000])
def test_a_form_that_another_site_posts_signs_nobody_in(anonymous: TestClient, people: People, token: str) -> None:
    fields = {"name": people.of(Role.LEAD).name, "password": PASSWORD, "form_token": token}

    answer = anonymous.post("/sign-in", data=fields)

    assert answer.status_code in (403, 413, 422)
    assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")


def test_the_form_token_of_one_browser_is_worth_nothing_in_another(app: FastAPI, people: People) -> None:
    ours, theirs = TestClient(app, follow_redirects=False), TestClient(app, follow_redirects=False)
    token = form_token_of(theirs)
    assert theirs.cookies[FORM_COOKIE]
    form_token_of(ours)

    fields = {"name": people.of(Role.LEAD).name, "password": PASSWORD, "form_token": token}

    assert ours.post("/sign-in", data=fields).status_code == 403


def test_signing_out_needs_the_form_token(anonymous: TestClient, people: People) -> None:
    sign_in(anonymous, people.of(Role.LEAD).name)

    assert anonymous.post("/sign-out", data={}).status_code == 403
    assert anonymous.get("/").status_code == 200


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("/forms/voices?table=sex&round=r1", "/forms/voices?table=sex&round=r1"),
        ("/", "/"),
        ("", "/"),
        ("forms", "/"),
        ("//evil.example/", "/"),
        ("///evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/\x00", "/"),
        (" //evil.example", "/"),
    ],
)
def test_signing_in_leads_to_a_page_of_this_server_only(
    anonymous: TestClient, people: People, asked: str, gone_to: str
) -> None:
    assert own_address(asked) == gone_to
    assert sign_in(anonymous, people.of(Role.LEAD).name, next_page=asked).headers["location"] == gone_to


def test_who_is_not_signed_in_gets_the_form_and_comes_back_to_the_page_that_was_asked_for(
    anonymous: TestClient,
) -> None:
    answer = anonymous.get("/forms/voices?table=sex&round=r1")

    assert answer.status_code == 401
    assert 'name="next" value="/forms/voices?table=sex&amp;round=r1"' in answer.text


def test_after_five_wrong_passwords_the_name_waits_at_this_address_even_with_the_right_one(
    anonymous: TestClient, people: People, clock: Clock
) -> None:
    name = people.of(Role.LEAD).name
    for _ in range(FAILURES_ALLOWED):
        assert sign_in(anonymous, name, "wrong").status_code == 401

    answer = sign_in(anonymous, f" {name.upper()} ", PASSWORD)

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "600"
    assert "Try again in 10 minutes" in answer.text
    assert sign_in(anonymous, people.of(Role.ANALYST).name).status_code == 303
    clock.forward(PAUSE - timedelta(seconds=1))
    assert "Try again in 1 minute." in sign_in(anonymous, name).text
    clock.forward(timedelta(seconds=1))
    assert sign_in(anonymous, name).status_code == 303


def test_a_good_password_forgets_the_bad_ones(people: People, clock: Clock) -> None:
    throttle, name = SignInThrottle(), people.of(Role.LEAD).name
    for _ in range(FAILURES_ALLOWED - 1):
        throttle.failed(name, "10.0.0.1", at=clock.now)
    throttle.succeeded(name, "10.0.0.1")

    throttle.failed(name, "10.0.0.1", at=clock.now)

    assert throttle.pause_left(name, "10.0.0.1", at=clock.now) is None


def test_one_address_does_not_lock_a_name_out_at_another(clock: Clock) -> None:
    throttle = SignInThrottle()
    for _ in range(FAILURES_ALLOWED):
        throttle.failed("awa", "10.0.0.1", at=clock.now)

    assert throttle.pause_left("awa", "10.0.0.1", at=clock.now) == PAUSE
    assert throttle.pause_left("awa", "10.0.0.2", at=clock.now) is None


def test_guessed_names_do_not_fill_the_memory(clock: Clock) -> None:
    throttle = SignInThrottle()
    for number in range(11_000):
        throttle.failed(f"name {number}", "10.0.0.1", at=clock.now)

    assert len(throttle._failures) == 10_000


def test_passwords_by_http_basic_are_throttled_too(anonymous: TestClient, people: People) -> None:
    name = people.of(Role.ENUMERATOR).name
    right, wrong = _basic(name, PASSWORD), _basic(name, "wrong")
    assert anonymous.get("/formList", headers=right).status_code == 200
    for _ in range(FAILURES_ALLOWED):
        assert anonymous.get("/formList", headers=wrong).status_code == 401

    assert anonymous.get("/formList", headers=right).status_code == 429


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic " + b64encode(b"no colon").decode(), "Basic /w==", "Bearer x", "Digest x"]
)
def test_broken_basic_credentials_are_asked_for_again(anonymous: TestClient, header: str) -> None:
    answer = anonymous.get("/formList", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="Jekafo"'


def test_a_route_without_a_declaration_keeps_the_server_from_starting() -> None:
    router = APIRouter()
    router.add_api_route("/secret", lambda: "figures")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router)

    with pytest.raises(ValueError, match=r"/secret declares no role"):
        list(declared_routes(app))


def test_a_mounted_application_keeps_the_server_from_starting() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/other", FastAPI())

    with pytest.raises(ValueError, match=r"/other declares no role"):
        list(declared_routes(app))


def test_a_route_that_declares_twice_keeps_the_server_from_starting() -> None:
    router = APIRouter(dependencies=[Depends(PUBLIC)])
    router.add_api_route("/both", lambda: "", dependencies=[Depends(allow(Role.LEAD))])
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router)

    with pytest.raises(ValueError, match="once only"):
        list(declared_routes(app))


def _basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


def test_a_name_in_other_letters_of_unicode_waits_like_the_name_itself() -> None:
    throttle, at = SignInThrottle(), Clock().now
    for name in ("awa", "AWA", "\uff41wa", "aw\uff41", " awa "):
        throttle.failed(name, "10.0.0.1", at=at)
    assert throttle.pause_left("awa", "10.0.0.1", at=at) == PAUSE


def test_tries_sent_together_are_counted_one_by_one(services: Services) -> None:
    throttle, refused = SignInThrottle(), []

    def try_once(number: int) -> None:
        try:
            access.sign_in(services, throttle, "nobody", f"guess {number}", address="10.0.0.1")
        except TooManyTries:
            refused.append(number)

    with ThreadPoolExecutor(max_workers=20) as threads:
        list(threads.map(try_once, range(20)))
    assert len(refused) == 20 - FAILURES_ALLOWED
