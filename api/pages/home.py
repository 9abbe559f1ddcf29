"""The start page: the forms of the project; for an enumerator, how to connect a tablet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.access import allow
from api.figures import READERS
from api.pages.rendering import page
from api.services import Services, services_of
from store.form_versions import FormVersion, form_versions
from store.kept_submissions import counts, last_received
from store.people import Role, User

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ListedForm:
    """One form of the project. submissions: how many are kept; last_received: None where none is."""

    form_id: str
    title: str
    version: str
    published_at: datetime
    submissions: int
    last_received: datetime | None


@router.get("/")
def home(request: Request, user: Annotated[User, Depends(allow(*Role))]) -> HTMLResponse:
    """Show the forms, or to an enumerator how to connect."""
    if user.role is Role.ENUMERATOR:
        return page(request, "connect.html", server=str(request.base_url).rstrip("/"))
    return page(
        request,
        "home.html",
        forms=listed_forms(services_of(request)),
        sees_figures=user.role in READERS,
        publishes=user.role in (Role.MANAGER, Role.ADMIN),
    )


def listed_forms(services: Services) -> list[ListedForm]:
    """Return the newest version of every form with its counts, by title."""
    newest: dict[str, FormVersion] = {}
    with services.store.database.read() as connection:
        for version in form_versions(connection):
            newest[version.form_id] = version
        number, latest = counts(connection), last_received(connection)
    return sorted(
        (
            ListedForm(
                form_id=form_id,
                title=version.title or form_id,
                version=version.version,
                published_at=version.published_at,
                submissions=number.get(form_id, 0),
                last_received=latest.get(form_id),
            )
            for form_id, version in newest.items()
        ),
        key=lambda form: form.title.casefold(),
    )
