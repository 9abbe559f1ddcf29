"""Who comes to the server in tests: people of every role, with passwords, tokens and browsers; and the clock."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from itsdangerous import URLSafeTimedSerializer

from api.session import SESSION_COOKIE
from store.kept import Store
from store.people import Role, TokenKind, User, add_user, issue_token, set_password

SECRET_KEY = "a key of tests only"
PASSWORD = "seven quiet rivers"


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, step: timedelta) -> None:
        self.now += step


@dataclass
class People:
    """Makes one user a role the first time one is asked for; a password is hashed only for who needs one."""

    store: Store
    clock: Clock
    known: dict[Role, User] = field(default_factory=dict)
    with_passwords: set[Role] = field(default_factory=set)

    def user(self, role: Role) -> User:
        if role not in self.known:
            self.known[role] = self.store.database.write(
                lambda connection: add_user(connection, f"a {role}", role, None, self.clock.now)
            )
        return self.known[role]

    def of(self, role: Role) -> User:
        """The user of a role, who may sign in with PASSWORD."""
        user = self.user(role)
        if role not in self.with_passwords:
            self.store.database.write(lambda connection: set_password(connection, user.id, PASSWORD))
            self.with_passwords.add(role)
        return user

    def token(self, role: Role, kind: TokenKind = TokenKind.BEARER) -> str:
        user = self.user(role)
        return self.store.database.write(lambda connection: issue_token(connection, user.id, kind, self.clock.now))


@dataclass
class Reader:
    """Somebody who reads the survey: a browser with a session's cookie, or a program with a token."""

    people: People
    app: FastAPI

    def program(self, role: Role, **headers: str) -> TestClient:
        token = self.people.token(role)
        return TestClient(self.app, headers={"Authorization": f"Bearer {token}", **headers}, follow_redirects=False)

    def browser(self, role: Role, language: str = "en") -> TestClient:
        client = TestClient(self.app, headers={"Accept-Language": language}, follow_redirects=False)
        session = URLSafeTimedSerializer(SECRET_KEY, salt="jekafo.session").dumps(self.people.user(role).id)
        client.cookies.set(SESSION_COOKIE, session)
        return client


def form_token_of(client: TestClient) -> str:
    """The token of the sign-in form, as a browser would send it back."""
    page = client.get("/sign-in").text
    return re.search(r'name="form_token" value="([^"]+)"', page)[1]


def sign_in(client: TestClient, name: str, password: str = PASSWORD, next_page: str = "/") -> Response:
    fields = {"name": name, "password": password, "next": next_page, "form_token": form_token_of(client)}
    return client.post("/sign-in", data=fields)
