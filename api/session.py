"""The signed cookies of people: who is signed in, and the proof that a form was sent from our own page.

Both are HttpOnly and SameSite=Lax, and Secure where the page came by https. Nothing of them ever stands in a URL.
"""

import secrets
from hmac import compare_digest
from typing import cast

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION_COOKIE = "jekafo_session"
FORM_COOKIE = "jekafo_form"
SESSION_SECONDS = 12 * 60 * 60


def start_session(response: Response, connection: HTTPConnection, secret_key: str, user_id: int) -> None:
    """Let the response carry the cookie that signs this person in for SESSION_SECONDS."""
    _set_cookie(response, connection, SESSION_COOKIE, _sessions(secret_key).dumps(user_id), SESSION_SECONDS)


def end_session(response: Response) -> None:
    """Let the response take the cookie back."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


def signed_in_user_id(connection: HTTPConnection, secret_key: str) -> int | None:
    """Return whose session this is; None without a cookie, and for one that is forged, altered or too old."""
    cookie = connection.cookies.get(SESSION_COOKIE)
    if cookie is None:
        return None
    try:
        user_id = _sessions(secret_key).loads(cookie, max_age=SESSION_SECONDS)
    except BadData:
        return None
    return user_id if isinstance(user_id, int) else None


def form_token(connection: HTTPConnection, secret_key: str) -> str:
    """Return the token to put in a POST form of this visit: a signature of the visit's own random cookie."""
    return _forms(secret_key).dumps(_visit(connection))


def keep_visit(response: Response, connection: HTTPConnection) -> None:
    """Let the response carry the visit's cookie, if the browser does not have it yet."""
    if FORM_COOKIE not in connection.cookies:
        _set_cookie(response, connection, FORM_COOKIE, _visit(connection), None)


def is_own_form(connection: HTTPConnection, secret_key: str, token: str) -> bool:
    """Whether the token was issued for this browser's visit: another site can neither read nor set the cookie."""
    cookie = connection.cookies.get(FORM_COOKIE)
    if not cookie:
        return False
    try:
        visit = _forms(secret_key).loads(token)
    except BadData:
        return False
    return isinstance(visit, str) and compare_digest(visit.encode(), cookie.encode())


def _visit(connection: HTTPConnection) -> str:
    cookie = connection.cookies.get(FORM_COOKIE)
    if cookie:
        return cookie
    if not hasattr(connection.state, "visit"):
        connection.state.visit = secrets.token_urlsafe(24)
    return cast("str", connection.state.visit)


def _sessions(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="jekafo.session")


def _forms(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="jekafo.form")


def _set_cookie(
    response: Response, connection: HTTPConnection, name: str, value: str, max_age_seconds: int | None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age_seconds,
        httponly=True,
        samesite="lax",
        secure=connection.url.scheme == "https",
    )
