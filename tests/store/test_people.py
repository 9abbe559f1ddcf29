"""People sign in with a password or a token; what is kept of either opens nothing; events say who did what."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import select

from store import audit, people, schema
from store.database import Connection, Database
from store.errors import UserExists, UserUnknown
from store.kept import Store
from store.people import Role, TokenKind, User

AT = datetime.fromisoformat("2026-01-05T08:30:00+00:00")
PASSWORD = "sept rivières calmes"
THE_HASHER = people._hasher


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same algorithm at the least cost it allows: these tests sign in a hundred times."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    people._decoy.cache_clear()
    yield
    people._decoy.cache_clear()


def add(store: Store, name: str, password: str | None = PASSWORD, role: Role = Role.LEAD) -> User:
    return store.database.write(lambda connection: people.add_user(connection, name, role, password, AT))


def sign_in(store: Store, name: str, password: str) -> User | None:
    with store.database.read() as connection:
        return people.authenticate(connection, name, password)


def token(store: Store, user: User, kind: TokenKind) -> str:
    return store.database.write(lambda connection: people.issue_token(connection, user.id, kind, AT))


def by_token(store: Store, secret: str, kind: TokenKind) -> User | None:
    with store.database.read() as connection:
        return people.user_by_token(connection, secret, kind)


def test_a_name_and_its_password_open_and_nothing_else_does(store: Store):
    awa = add(store, " Awa Traoré ")
    assert awa == User(awa.id, "Awa Traoré", Role.LEAD)
    assert sign_in(store, "Awa Traoré", PASSWORD) == awa
    assert sign_in(store, "awa traore\u0301", PASSWORD) == awa  # as another keyboard types it
    for name, password in [("Awa Traoré", ""), ("Awa Traoré", PASSWORD + " "), ("", PASSWORD), ("Awa", PASSWORD)]:
        assert sign_in(store, name, password) is None


def test_names_differ_by_more_than_case(store: Store):
    add(store, "Awa")
    with pytest.raises(UserExists, match="name") as refusal:
        add(store, "AWA ")
    assert "awa" not in refusal.value.message.en.lower().split()


def test_without_a_password_nobody_signs_in(store: Store):
    add(store, "tablet 7", None, Role.ENUMERATOR)
    for password in ("", "None", "null"):
        assert sign_in(store, "tablet 7", password) is None


def test_the_password_is_kept_as_argon2id_alone(store: Store):
    add(store, "Awa")
    with store.database.read() as connection:
        row = connection.execute(select(schema.users)).one()
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(row)


def test_every_refusal_costs_the_work_of_one_password(store: Store, monkeypatch: pytest.MonkeyPatch):
    add(store, "Awa")
    add(store, "tablet 7", None)
    gone = add(store, "Issa")
    store.database.write(lambda connection: people.disable_user(connection, gone.id, AT))
    checked: list[str] = []
    verify = PasswordHasher.verify

    def noted_verify(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
        checked.append(password_hash.rpartition("$")[0].rpartition("$")[0])  # without salt and digest
        return bool(verify(hasher, password_hash, password))

    monkeypatch.setattr(PasswordHasher, "verify", noted_verify)
    for name in ("Awa", "nobody", "tablet 7", "Issa"):
        assert sign_in(store, name, "wrong") is None
    assert len(checked) == 4
    assert len(set(checked)) == 1  # the same algorithm, memory, time and lanes


def test_passwords_cost_what_rfc_9106_asks_for_at_least():
    # RFC 9106 section 4, second recommended option: t = 3, m = 64 MiB, p = 4
    kept = extract_parameters(THE_HASHER().hash(PASSWORD))
    assert (kept.type, kept.time_cost, kept.memory_cost, kept.parallelism) == (Type.ID, 3, 64 * 1024, 4)


def test_a_token_opens_by_its_kind_and_only_its_digest_is_kept(store: Store):
    awa = add(store, "Awa")
    secret = token(store, awa, TokenKind.APP_USER)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
    assert by_token(store, secret, TokenKind.APP_USER) == awa
    assert by_token(store, secret, TokenKind.BEARER) is None
    for crooked in ("", secret[:-1], secret + "x", secret.swapcase(), "\0", "\ud800"):
        assert by_token(store, crooked, TokenKind.APP_USER) is None
    with store.database.read() as connection:
        assert secret not in str(connection.execute(select(schema.tokens)).all())


def test_revoked_tokens_are_worthless_and_a_new_one_works(store: Store):
    awa, issa = add(store, "Awa"), add(store, "Issa")
    lost, others = token(store, awa, TokenKind.APP_USER), token(store, issa, TokenKind.APP_USER)
    store.database.write(lambda connection: people.revoke_tokens(connection, awa.id, AT))
    assert by_token(store, lost, TokenKind.APP_USER) is None
    assert by_token(store, others, TokenKind.APP_USER) == issa
    assert by_token(store, token(store, awa, TokenKind.APP_USER), TokenKind.APP_USER) == awa


def test_a_revoked_key_opens_nothing_from_then_on_whoever_revokes_it(store: Store, database_url: str):
    awa = add(store, "Awa")
    others = Database.open(database_url)  # as another program on the same data

    def owner(secret: str) -> User | None:
        return people.whose_token(store.database, secret, TokenKind.APP_USER)

    first = token(store, awa, TokenKind.APP_USER)
    assert owner(first) == owner(first) == awa
    assert owner(first + "x") is None
    assert people.whose_token(store.database, first, TokenKind.BEARER) is None
    others.write(lambda connection: people.revoke_tokens(connection, awa.id, AT))
    assert owner(first) is None
    second = token(store, awa, TokenKind.APP_USER)
    assert owner(second) == awa
    store.database.write(lambda connection: people.disable_user(connection, awa.id, AT))
    assert owner(second) is None
    others.close()


def test_a_disabled_user_enters_by_no_door_and_the_name_stays_taken(store: Store):
    awa = add(store, "Awa")
    secret = token(store, awa, TokenKind.BEARER)
    store.database.write(lambda connection: people.disable_user(connection, awa.id, AT))
    assert sign_in(store, "Awa", PASSWORD) is None
    assert by_token(store, secret, TokenKind.BEARER) is None
    with store.database.read() as connection:
        assert people.user_by_id(connection, awa.id) is None
        assert people.user_by_name(connection, "Awa") is None
        assert people.users(connection) == []
    with pytest.raises(UserUnknown):
        token(store, awa, TokenKind.BEARER)
    with pytest.raises(UserExists):
        add(store, "awa")


def test_users_are_found_by_id_and_by_name_and_listed(store: Store):
    issa, awa = add(store, "Issa", role=Role.ADMIN), add(store, "awa")
    with store.database.read() as connection:
        assert people.user_by_id(connection, issa.id) == issa
        assert people.user_by_name(connection, "ISSA") == issa
        assert people.user_by_id(connection, 999) is None
        assert people.users(connection) == [awa, issa]


def test_a_changed_password_replaces_the_old_one(store: Store):
    awa = add(store, "Awa")
    store.database.write(lambda connection: people.set_password(connection, awa.id, "huit collines"))
    assert sign_in(store, "Awa", PASSWORD) is None
    assert sign_in(store, "Awa", "huit collines") == awa
    with pytest.raises(UserUnknown):
        store.database.write(lambda connection: people.set_password(connection, 999, "x"))


def test_events_are_given_newest_first(store: Store):
    def deed(connection: Connection) -> None:
        audit.record(connection, "awa", "form.publish", "csp 1", AT)
        audit.record(connection, "jekafo", "build", "csp", AT, {"rows": 12, "é": None})

    store.database.write(deed)
    with store.database.read() as connection:
        newest, oldest = audit.events(connection, 10)
        assert audit.events(connection, 1) == [newest]
    assert (newest.actor, newest.action, newest.subject, newest.detail) == (
        "jekafo",
        "build",
        "csp",
        {"rows": 12, "é": None},
    )
    assert (oldest.actor, oldest.detail, oldest.at) == ("awa", None, AT)
