"""Who may ask: every route declares its roles here, and a route that declares none keeps the server from starting.

A route says `Depends(allow(Role.LEAD, ...))` (people by cookie, programs by bearer token), `Depends(allow_key(...))`
(tablets, the key in the path), `Depends(allow_password(...))` (tablets, HTTP Basic), `Depends(BY_HOOK_SECRET)` (other
servers, the secret of their source in the path) or `Depends(PUBLIC)`.
Status codes and wording on the wire are for `api.errors`.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_hex
from typing import Protocol

from anyio import to_thread
from fastapi.dependencies.models import Dependant
from starlette.requests import Request

from api.services import Services, services_of
from api.session import signed_in_user_id
from api.throttle import SignInThrottle
from forms.errors import JekafoError
from forms.text import Bilingual
from store.people import Role, TokenKind, User, authenticate, user_by_id, user_by_token, whose_token


class AccessError(JekafoError):
    """The asker is not known, or may not have this."""


class NotSignedIn(AccessError):
    """Nobody is signed in; `challenge` is the scheme of WWW-Authenticate that would help."""

    def __init__(self, challenge: str) -> None:
        super().__init__(
            Bilingual(
                "Nobody is signed in, or the sign-in has ended. Sign in, or send a valid token.",
                "Personne n'est connecté, ou la session a pris fin. Connectez-vous, ou envoyez un jeton valide.",
            )
        )
        self.challenge = challenge


class RoleNotAllowed(AccessError):
    """Somebody is signed in whose role does not open this."""

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                "Your role does not open this. Ask the administrator of the project if you need it.",
                "Votre rôle ne donne pas accès à ceci. Adressez-vous à la personne qui administre le projet.",
            )
        )


class KeyUnknown(AccessError):
    """The key in a tablet's server address is unknown or was revoked."""

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                "The key in the server address is unknown or was revoked. Ask the survey manager for a new address and "
                "enter it in ODK Collect: Settings, Project, Server, URL.",
                "La clé de l'adresse du serveur est inconnue ou a été révoquée. "
                "Demandez une nouvelle adresse au responsable de l'enquête et saisissez-la dans ODK Collect : "
                "Paramètres, Projet, Serveur, URL.",
            )
        )


class TooManyTries(AccessError):
    """Too many wrong passwords for one name from one address."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            Bilingual(
                f"Too many wrong passwords for this name. Try again in {minutes} min.",
                f"Trop de mots de passe erronés pour ce nom. Réessayez dans {minutes} min.",
            )
        )
        self.minutes = minutes


class HookUnknown(AccessError):
    """No source has this hook: which of source and secret is wrong is nobody's business."""

    def __init__(self) -> None:
        super().__init__(Bilingual("There is nothing at this address.", "Il n'y a rien à cette adresse."))


class TooManyHooks(AccessError):
    """Too many wrong secrets for one source from one address."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            Bilingual(
                f"Too many wrong secrets for this source. Try again in {minutes} min.",
                f"Trop de secrets erronés pour cette source. Réessayez dans {minutes} min.",
            )
        )
        self.minutes = minutes


class Declaration(Protocol):
    """A dependency that declares who may use the route it stands on."""

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that are let in; empty for everybody."""


@dataclass(frozen=True)
class Public:
    """The route is open to everybody."""

    roles: frozenset[Role] = frozenset()

    def __call__(self) -> None:
        """Let everybody in."""


PUBLIC = Public()


@dataclass(frozen=True)
class _Allowed:
    """People by their cookie, programs by `Authorization: Bearer`."""

    roles: frozenset[Role]

    def __call__(self, request: Request) -> User:
        user = signed_in(request)
        if user is None:
            raise NotSignedIn("Bearer")
        # For the heading of the page, also of one that says what this role may not see.
        request.state.user = user
        return _admitted(user, self.roles)


@dataclass(frozen=True)
class _AllowedByKey:
    """Tablets by the key that stands in the path as `{token}`."""

    roles: frozenset[Role]

    async def __call__(self, request: Request) -> User:
        database, key = services_of(request).store.database, request.path_params["token"]
        if database.is_at_hand:
            user = whose_token(database, key, TokenKind.APP_USER)
        else:
            user = await to_thread.run_sync(whose_token, database, key, TokenKind.APP_USER)
        if user is None:
            raise KeyUnknown
        return _admitted(user, self.roles)


@dataclass(frozen=True)
class _AllowedByPassword:
    """Tablets by HTTP Basic, with the throttle of the sign-in form."""

    roles: frozenset[Role]

    def __call__(self, request: Request) -> User:
        name, password = _basic_credentials(request)
        user = sign_in(services_of(request), throttle_of(request), name, password, address=address_of(request))
        if user is None:
            raise NotSignedIn("Basic")
        return _admitted(user, self.roles)


@dataclass(frozen=True)
class ByHookSecret:
    """Other servers, by the secret of `{source}` that stands in the path as `{secret}`. No person's role opens it."""

    roles: frozenset[Role] = frozenset()

    async def __call__(self, request: Request) -> None:
        """Let in who knows the secret; a source without one takes as long to refuse as one with another."""
        services, throttle = services_of(request), hook_throttle_of(request)
        source, address, at = request.path_params["source"], address_of(request), services.clock()
        left = throttle.pause_left(source, address, at=at)
        if left is not None:
            raise TooManyHooks(minutes=-(-int(left.total_seconds()) // 60))
        # Of equal length, or the time would tell that of the secret; and never what an unknown source could match.
        expected = sha256(services.hooks.get(source, token_hex()).encode()).digest()
        given = sha256(request.path_params["secret"].encode()).digest()
        if not compare_digest(expected, given):
            throttle.failed(source, address, at=at)
            raise HookUnknown
        throttle.succeeded(source, address)


BY_HOOK_SECRET = ByHookSecret()


def allow(*roles: Role) -> _Allowed:
    """Return the dependency that lets in people and programs of these roles, and gives the route its `User`."""
    return _Allowed(frozenset(roles))


def allow_key(*roles: Role) -> _AllowedByKey:
    """Return the dependency for routes with `{token}` in the path; the `User` is the tablet's."""
    return _AllowedByKey(frozenset(roles))


def allow_password(*roles: Role) -> _AllowedByPassword:
    """Return the dependency for HTTP Basic."""
    return _AllowedByPassword(frozenset(roles))


def declaration_of(dependant: Dependant | None) -> Declaration | None:
    """Return what a route (its tree of dependencies) declares; None where it declares nothing.

    Raises ValueError where it declares twice: two answers to one question.
    """
    found = set(_declarations(dependant)) if dependant is not None else set()
    if len(found) > 1:
        raise ValueError("A route may declare its roles once only.")
    return found.pop() if found else None


def _declarations(
    dependant: Dependant,
) -> Iterator[Public | ByHookSecret | _Allowed | _AllowedByKey | _AllowedByPassword]:
    if isinstance(dependant.call, Public | ByHookSecret | _Allowed | _AllowedByKey | _AllowedByPassword):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _declarations(inner)


def signed_in(request: Request) -> User | None:
    """Return who asks, by bearer token or else by cookie; None for nobody, also when they were disabled since."""
    services = services_of(request)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    with services.store.database.read() as connection:
        if scheme.lower() == "bearer":
            return user_by_token(connection, secret.strip(), TokenKind.BEARER)
        user_id = signed_in_user_id(request, services.secret_key)
        return None if user_id is None else user_by_id(connection, user_id)


def sign_in(services: Services, throttle: SignInThrottle, name: str, password: str, *, address: str) -> User | None:
    """Return the user whose name and password these are, or None; raises TooManyTries for a pair that must wait."""
    with throttle.turn(name, address):
        at = services.clock()
        left = throttle.pause_left(name, address, at=at)
        if left is not None:
            raise TooManyTries(minutes=-(-int(left.total_seconds()) // 60))
        with services.store.database.read() as connection:
            user = authenticate(connection, name, password)
        if user is None:
            throttle.failed(name, address, at=at)
        else:
            throttle.succeeded(name, address)
    return user


def throttle_of(request: Request) -> SignInThrottle:
    """Return the application's count of failed sign-ins."""
    throttle: SignInThrottle = request.app.state.throttle
    return throttle


def hook_throttle_of(request: Request) -> SignInThrottle:
    """Return the application's count of wrong hook secrets, by source."""
    throttle: SignInThrottle = request.app.state.hook_throttle
    return throttle


def address_of(request: Request) -> str:
    """Return the address the request came from."""
    return request.client.host if request.client is not None else "unknown"


def _admitted(user: User, roles: frozenset[Role]) -> User:
    if user.role not in roles:
        raise RoleNotAllowed
    return user


def _basic_credentials(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise NotSignedIn("Basic")
    try:
        name, colon, password = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotSignedIn("Basic") from error
    if not colon:
        raise NotSignedIn("Basic")
    return name, password
