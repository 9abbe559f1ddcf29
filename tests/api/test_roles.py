"""Every way in, with every role: what a route declares is what happens."""

import re
from base64 import b64encode
from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from visitors import PASSWORD, Clock, Reader, form_token_of

from api.app import DeclaredRoute, declared_routes
from api.services import Services
from api.throttle import PAUSE
from store.people import Role, TokenKind, disable_user, revoke_tokens

PLACES = {
    "form_id": "voices",
    "indicator": "trusting",
    "name": "areas.csv",
    "source": "kobo",
    "secret": "no-such-secret",
}
OPEN = {"/healthz", "/static/{name}", "/sign-in"}
FIGURES = frozenset({Role.LEAD, Role.ANALYST, Role.MANAGER})
TABLETS = frozenset({Role.ENUMERATOR})


class Walker:
    """Asks for every route, as whoever is wanted."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.client = TestClient(reader.app, follow_redirects=False)
        self.form_token = form_token_of(self.client)

    def ask(self, route: DeclaredRoute, method: str, *, headers: Mapping[str, str], key: str) -> int:
        path = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: {**PLACES, "token": key}[match[1]], route.path)
        fields = {"form_token": self.form_token} if path == "/sign-out" else None
        return self.client.request(method, path, headers=dict(headers), data=fields).status_code

    def as_role(self, role: Role, route: DeclaredRoute) -> tuple[dict[str, str], str]:
        """The credentials of a role for this route: a key in the path, a name and password, or a token."""
        people = self.reader.people
        if "{token}" in route.path:
            return {}, people.token(role, TokenKind.APP_USER)
        if is_for_tablets(route):
            pair = f"{people.of(role).name}:{PASSWORD}".encode()
            return {"Authorization": "Basic " + b64encode(pair).decode()}, ""
        return {"Authorization": f"Bearer {people.token(role)}"}, ""


def is_for_tablets(route: DeclaredRoute) -> bool:
    return route.roles == TABLETS


def ways_in(app: FastAPI) -> list[tuple[DeclaredRoute, str]]:
    return [(route, method) for route in declared_routes(app) for method in sorted(route.methods)]


@pytest.fixture
def walker(reader: Reader) -> Walker:
    return Walker(reader)


def test_only_signing_in_the_files_of_the_pages_and_the_heartbeat_are_open_to_everybody(app: FastAPI) -> None:
    assert {route.path for route in declared_routes(app) if route.is_public} == OPEN


def test_figures_are_for_leads_analysts_and_managers_only(app: FastAPI) -> None:
    about_figures = [
        route
        for route in declared_routes(app)
        if route.path.startswith("/api/v1/") or route.path.startswith("/forms/{form_id}/charts")
    ]

    assert len(about_figures) >= 5
    assert {route.roles for route in about_figures} == {FIGURES}
    assert next(route for route in declared_routes(app) if route.path == "/forms/{form_id}").roles == FIGURES


def refusal_of(route: DeclaredRoute) -> int:
    """What somebody hears whose credentials are unknown. A hook does not say that there is one."""
    if route.is_hook:
        return 404
    return 403 if "{token}" in route.path else 401


def test_hooks_of_other_servers_are_open_to_a_secret_and_to_no_role(app: FastAPI) -> None:
    about_hooks = [route for route in declared_routes(app) if route.path.startswith("/hooks/")]

    assert len(about_hooks) >= 1
    assert all(route.is_hook and not route.is_public and not route.roles for route in about_hooks)
    assert [route for route in declared_routes(app) if route.is_hook] == about_hooks
    assert all("{source}" in route.path and "{secret}" in route.path for route in about_hooks)


def test_nobody_gets_in_without_credentials(walker: Walker) -> None:
    for route, method in ways_in(walker.reader.app):
        status = walker.ask(route, method, headers={}, key="no-such-key")

        if route.is_public:
            assert status not in (401, 403) or (route.path, method) == ("/sign-in", "POST"), (method, route.path)
        else:
            assert status == refusal_of(route), (method, route.path, status)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_into_what_is_declared_for_it_and_into_nothing_else(walker: Walker, role: Role) -> None:
    seen = 0
    for route, method in ways_in(walker.reader.app):
        if route.is_public:
            continue
        headers, key = walker.as_role(role, route)
        status = walker.ask(route, method, headers=headers, key=key)

        if role in route.roles:
            assert status < 500, (role, method, route.path, status)
            assert status not in (401, 403), (role, method, route.path, status)
        else:
            assert status == (404 if route.is_hook else 403), (role, method, route.path, status)
        seen += 1
    assert seen >= 15


def test_a_revoked_token_or_key_gets_in_nowhere(walker: Walker, survey: Services, clock: Clock) -> None:
    seen = 0
    for route, method in ways_in(walker.reader.app):
        if not route.roles or (is_for_tablets(route) and "{token}" not in route.path):
            continue
        role = min(route.roles)
        headers, key = walker.as_role(role, route)
        user_id = walker.reader.people.user(role).id
        survey.store.database.write(lambda connection, user_id=user_id: revoke_tokens(connection, user_id, clock.now))

        assert walker.ask(route, method, headers=headers, key=key) == refusal_of(route), (method, route.path)
        seen += 1
    assert seen >= 10


def test_a_disabled_user_gets_in_nowhere(walker: Walker, survey: Services, clock: Clock) -> None:
    asked = [
        (route, method, *walker.as_role(min(route.roles), route))
        for route, method in ways_in(walker.reader.app)
        if route.roles
    ]
    for user in walker.reader.people.known.values():
        survey.store.database.write(lambda connection, user=user: disable_user(connection, user.id, clock.now))

    for route, method, headers, key in asked:
        clock.forward(PAUSE)  # so that the throttle of passwords is not what keeps them out
        assert walker.ask(route, method, headers=headers, key=key) == refusal_of(route), (method, route.path)


def test_no_address_takes_the_token_of_a_person(app: FastAPI) -> None:
    with_secret = [route for route in declared_routes(app) if "{token}" in route.path]

    assert with_secret
    assert {route.roles for route in with_secret} == {TABLETS}
