"""People and what they sign in with: roles, passwords (argon2), tokens of which only the sha256 is kept.

What a role may do is declared on the routes of api.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, bindparam, select, update

from forms.text import Bilingual
from store import schema
from store.database import Database
from store.errors import UserExists, UserUnknown
from store.prepared import Prepared
from store.types import storable

_TOKEN_BYTES: Final = 32
"""256 bits: beyond guessing, and beyond any need to slow a look-up down."""


class Role(StrEnum):
    """What a person is here for, from forms in and submissions out to users and sources."""

    ENUMERATOR = "enumerator"
    LEAD = "lead"
    ANALYST = "analyst"
    MANAGER = "manager"
    ADMIN = "admin"


class TokenKind(StrEnum):
    """APP_USER: stands in the URLs of a tablet. BEARER: a program's, in a header. One is never taken for the other."""

    APP_USER = "app_user"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class User:
    """A person or a device with a name here."""

    id: int
    name: str
    role: Role


def add_user(connection: Connection, name: str, role: Role, password: str | None, at: datetime) -> User:
    """Keep a user; without a password they sign in with tokens only. Names differ by more than case.

    Raises UserExists, also for the name of a disabled user: what they did stays theirs.
    """
    table = schema.users
    shown = unicodedata.normalize("NFC", name).strip()
    if connection.execute(select(table.c.id).where(table.c.name_key == name_key(name))).first() is not None:
        raise UserExists(
            Bilingual(
                f"There is already a user called {shown}. Choose another name; names differ by more than case.",
                f"Un utilisateur s’appelle déjà {shown}. Choisissez-en un autre ; la casse seule ne distingue pas les "
                "noms.",
            )
        )
    row = table.insert().values(
        name=shown,
        name_key=name_key(name),
        role=role.value,
        password_hash=None if password is None else _hasher().hash(password),
        created_at=at,
    )
    return User(connection.execute(row.returning(table.c.id)).scalar_one(), shown, role)


def authenticate(connection: Connection, name: str, password: str) -> User | None:
    """Return the user whose name and password these are, else None.

    An unknown name, a disabled user and one without a password cost as much work as a wrong password, so that the
    time to answer tells nobody which names exist.
    """
    table = schema.users
    decoy = _decoy()  # made before the look-up: its first making must not betray anything either
    row = connection.execute(select(table).where(table.c.name_key == name_key(name))).one_or_none()
    may_enter = row is not None and row.password_hash is not None and row.disabled_at is None
    matches = _matches(row.password_hash if row is not None and may_enter else decoy, password)
    return _user(row) if row is not None and may_enter and matches else None


def users(connection: Connection) -> list[User]:
    """Return all users that are not disabled, by name."""
    table = schema.users
    query = select(table).where(table.c.disabled_at.is_(None)).order_by(table.c.name_key)
    return [_user(row) for row in connection.execute(query)]


def user_by_id(connection: Connection, user_id: int) -> User | None:
    """Return the user, or None where unknown or disabled."""
    table = schema.users
    row = connection.execute(select(table).where(table.c.id == user_id, table.c.disabled_at.is_(None))).one_or_none()
    return None if row is None else _user(row)


def user_by_name(connection: Connection, name: str) -> User | None:
    """Return the user, or None where unknown or disabled."""
    table = schema.users
    row = connection.execute(
        select(table).where(table.c.name_key == name_key(name), table.c.disabled_at.is_(None))
    ).one_or_none()
    return None if row is None else _user(row)


def set_password(connection: Connection, user_id: int, password: str) -> None:
    """Give a user another password. Raises UserUnknown."""
    _change(connection, user_id, {"password_hash": _hasher().hash(password)})


def disable_user(connection: Connection, user_id: int, at: datetime) -> None:
    """Keep a user from signing in, by password and by every token. Raises UserUnknown."""
    revoke_tokens(connection, user_id, at)
    _change(connection, user_id, {"disabled_at": at})


def issue_token(connection: Connection, user_id: int, kind: TokenKind, at: datetime) -> str:
    """Return a new secret for the user; this is the only time it is seen. Its characters pass a URL path unescaped.

    Raises UserUnknown, also for a disabled user.
    """
    if user_by_id(connection, user_id) is None:
        raise _unknown(user_id)
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        schema.tokens.insert().values(user_id=user_id, kind=kind.value, secret_sha256=_digest(secret), issued_at=at)
    )
    return secret


def user_by_token(connection: Connection, secret: str, kind: TokenKind) -> User | None:
    """Return whose token this is; None for an unknown or revoked one, another kind, a disabled user."""
    return _owner(_OWNER.run(connection, {"secret_sha256": _digest(secret), "kind": kind.value}))


def whose_token(database: Database, secret: str, kind: TokenKind) -> User | None:
    """Return what `user_by_token` would, at the least cost: for routes that are asked a thousand times a second.

    Nothing is remembered: a token that is revoked, by whatever process, opens nothing from then on.
    """
    return _owner(database.glance(_OWNER, {"secret_sha256": _digest(secret), "kind": kind.value}))


def _owner(rows: Sequence[Sequence[Any]]) -> User | None:
    for key, name, role in rows:  # one at the most: digests are unique
        return User(key, name, Role(role))
    return None


_OWNER: Final = Prepared(
    select(schema.users.c.id, schema.users.c.name, schema.users.c.role)
    .join(schema.tokens, schema.tokens.c.user_id == schema.users.c.id)
    .where(
        schema.tokens.c.secret_sha256 == bindparam("secret_sha256"),
        schema.tokens.c.kind == bindparam("kind"),
        schema.tokens.c.revoked_at.is_(None),
        schema.users.c.disabled_at.is_(None),
    )
)


def revoke_tokens(connection: Connection, user_id: int, at: datetime) -> None:
    """Make all tokens of the user worthless: a lost tablet, a person who leaves."""
    table = schema.tokens
    connection.execute(
        update(table).where(table.c.user_id == user_id, table.c.revoked_at.is_(None)).values(revoked_at=at)
    )


def _change(connection: Connection, user_id: int, values: dict[str, object]) -> None:
    table = schema.users
    if connection.execute(update(table).where(table.c.id == user_id).values(values)).rowcount == 0:
        raise _unknown(user_id)


def _unknown(user_id: int) -> UserUnknown:
    return UserUnknown(
        Bilingual(
            f"There is no active user number {user_id}. `jekafo user list` shows who there is.",
            f"Aucun utilisateur actif ne porte le numéro {user_id}. `jekafo user list` montre qui existe.",
        )
    )


def _user(row: Row[Any]) -> User:
    return User(row.id, row.name, Role(row.role))


def name_key(name: str) -> str:
    """Return the form under which names are compared: two names of one key are one name."""
    return unicodedata.normalize("NFKC", storable(name)).strip().casefold()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id with the library's parameters, RFC 9106's second choice (64 MiB)


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe(_TOKEN_BYTES))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
