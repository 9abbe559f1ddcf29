"""Who may ask the simulated Central what: users and app users, what roles allow (as recorded), and sessions."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

RECORDED = Path(__file__).resolve().parent.parent / "replies" / "central"
SESSION_LASTS = timedelta(hours=24)
TOKEN_LENGTH = 64


@dataclass(slots=True, eq=False)
class Actor:
    """kind: `user`, `field_key` (an app user) or `public_link`."""

    number: int
    kind: str
    name: str
    created_at: datetime


@dataclass(slots=True, eq=False)
class User(Actor):
    """A person who signs in. roles: by project id; is_admin: of the whole server."""

    email: str = ""
    password: str = ""
    is_admin: bool = False
    roles: dict[int, str] = field(default_factory=dict)
    last_login_at: datetime | None = None


@dataclass(slots=True, eq=False)
class AppUser(Actor):
    """A tablet. It may fill in what it is assigned to, and read nothing back."""

    project_id: int = 0
    token: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    token: str
    csrf: str
    user: User
    created_at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.created_at + SESSION_LASTS


def recorded_verbs() -> dict[str, tuple[str, ...]]:
    """What each role allows, by its system name, as the recorded server lists it."""
    recorded = json.loads((RECORDED / "016-roles-list.json").read_text("utf-8"))
    return {role["system"]: tuple(role["verbs"]) for role in json.loads(recorded["response"]["body"])}


class People:
    """All accounts and their sessions."""

    def __init__(self) -> None:
        self._verbs = recorded_verbs()
        self.users: list[User] = []
        self.app_users: dict[str, AppUser] = {}
        self._sessions: dict[str, Session] = {}
        self._tokens_made = 0

    def token(self) -> str:
        """A new token: 64 characters, two of them of the kind that nobody may re-encode."""
        self._tokens_made += 1
        digest = hashlib.sha256(f"token {self._tokens_made}".encode()).hexdigest()
        return f"!{digest[1:-1]}$"

    def user_of(self, email: str) -> User | None:
        return next((user for user in self.users if user.email == email), None)

    def sign_in(self, email: str, password: str, at: datetime) -> Session | None:
        user = self.user_of(email)
        if user is None or user.password != password:
            return None
        session = Session(self.token(), self.token(), user, at)
        self._sessions[session.token] = session
        user.last_login_at = at
        return session

    def session(self, token: str, at: datetime) -> Session | None:
        """The session of that token; None for one that ended, by the clock or otherwise."""
        session = self._sessions.get(token)
        return session if session is not None and at < session.expires_at else None

    def end(self, token: str) -> bool:
        """End a session, or revoke an app user. False for a token that is none."""
        return (self._sessions.pop(token, None) or self.app_users.pop(token, None)) is not None

    def end_all(self) -> None:
        """End every session: what an operator's restart or a change of password does."""
        self._sessions.clear()

    def verbs(self, actor: Actor | None, project_id: int | None) -> frozenset[str]:
        """What the actor may do in that project; None: on the server."""
        if isinstance(actor, User):
            if actor.is_admin:
                return frozenset(self._verbs["admin"])
            role = actor.roles.get(project_id) if project_id is not None else None
            return frozenset(self._verbs[role]) if role else frozenset()
        return frozenset()

    def admin_verbs(self) -> tuple[str, ...]:
        return self._verbs["admin"]
