"""Signing in and out: a password form and a signed cookie."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import PUBLIC, TooManyTries, address_of, allow, sign_in, throttle_of
from api.errors import FormForged
from api.pages.rendering import page
from api.services import services_of
from api.session import end_session, is_own_form, start_session
from store.people import Role

router = APIRouter(max_body_size=65_536)

Text = Annotated[str, Form(max_length=1_000)]


@router.get("/sign-in", dependencies=[Depends(PUBLIC)])
def sign_in_page(request: Request, asked: Annotated[str, Query(alias="next", max_length=2_000)] = "/") -> HTMLResponse:
    """Show the sign-in form."""
    return page(request, "sign_in.html", next=own_address(asked))


@router.post("/sign-in", dependencies=[Depends(PUBLIC)])
def submit_sign_in(
    request: Request,
    name: Text = "",
    password: Text = "",
    asked: Annotated[str, Form(alias="next", max_length=2_000)] = "/",
    form_token: Text = "",
) -> Response:
    """Sign in and go to the page that was asked for, or show the form again with what was wrong."""
    services = services_of(request)
    destination = own_address(asked)
    if not is_own_form(request, services.secret_key, form_token):
        return page(request, "sign_in.html", status=403, next=destination, name=name, problem="form")
    try:
        user = sign_in(services, throttle_of(request), name, password, address=address_of(request))
    except TooManyTries as error:
        headers = {"Retry-After": str(60 * error.minutes)}
        return page(
            request, "sign_in.html", status=429, headers=headers, next=destination, name=name, problem="pause",
            minutes=error.minutes,
        )  # fmt: skip
    if user is None:
        return page(request, "sign_in.html", status=401, next=destination, name=name, problem="password")
    response = RedirectResponse(destination, status_code=303)
    start_session(response, request, services.secret_key, user.id)
    return response


@router.post("/sign-out", dependencies=[Depends(allow(*Role))])
def sign_out(request: Request, form_token: Text = "") -> RedirectResponse:
    """Sign out and show the sign-in form."""
    if not is_own_form(request, services_of(request).secret_key, form_token):
        raise FormForged
    response = RedirectResponse("/sign-in", status_code=303)
    end_session(response)
    return response


def own_address(address: str) -> str:
    """Return the address if it is a page of this server, else the start page.

    Browsers read two leading slashes, a backslash and control characters as the way to another site.
    """
    is_plain = (
        address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    )
    if not is_plain:
        return "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return address if not parts.scheme and not parts.netloc else "/"
