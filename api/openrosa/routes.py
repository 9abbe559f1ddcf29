"""OpenRosa's addresses: form lists, forms, manifests and media out; submissions in.

Each stands twice: below `/key/{token}` for app users (the key in the path, as ODK Central has it), and without it for
HTTP Basic. Digest is not offered. What becomes of a submission is decided in sync.receive.
"""

from asyncio import wrap_future
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import FileResponse, Response

from api.access import allow_key, allow_password
from api.language import language_of
from api.openrosa.addresses import Addresses
from api.openrosa.multipart import UploadLimits, read_upload, too_large
from api.openrosa.replies import XML, form_list, manifest, openrosa_headers, receipt_reply
from api.services import Services, services_of
from forms.errors import FormVersionUnknown
from forms.text import Bilingual
from store.form_versions import FormFile, FormState, FormVersion, find_form_version, form_versions, newest_form_version
from store.people import Role, User
from sync.receive import Delivery, Receipt, receive

router = APIRouter()
_BY_KEY = Depends(allow_key(Role.ENUMERATOR))
_BY_PASSWORD = Depends(allow_password(Role.ENUMERATOR))
_KEY = "/key/{token}"
# A form id may hold a slash: old forms are named by a URL.
_FORM = "/forms/{form_id:path}"

# To parse this much takes about a millisecond; more of it goes to a thread, so that the other connections go on.
_PARSED_IN_THE_LOOP = 65_536


# Routes are tried in this order, and nearly all requests are submissions.


@router.head(f"{_KEY}/submission", dependencies=[_BY_KEY])
@router.head("/submission", dependencies=[_BY_PASSWORD])
def announce(request: Request) -> Response:
    """Tell a client, before it sends, that it may and how much."""
    return Response(status_code=204, headers=_headers(request))


@router.post(f"{_KEY}/submission")
async def submit_by_key(request: Request, user: Annotated[User, _BY_KEY]) -> Response:
    """Take a submission, or a part of one, from an app user."""
    return await _submit(request, user)


@router.post("/submission")
async def submit_by_password(request: Request, user: Annotated[User, _BY_PASSWORD]) -> Response:
    """Take a submission, or a part of one, from somebody who signs in with every request."""
    return await _submit(request, user)


@router.get(f"{_KEY}/formList", dependencies=[_BY_KEY])
@router.get("/formList", dependencies=[_BY_PASSWORD])
def list_forms(
    request: Request,
    form_id: Annotated[str | None, Query(alias="formID")] = None,
    *,
    verbose: bool = False,
    all_versions: Annotated[bool, Query(alias="listAllVersions")] = False,
) -> Response:
    """Return the forms that may be filled in: the newest version of each, or all versions."""
    services = services_of(request)
    with services.store.database.read() as connection:
        versions = [kept for kept in form_versions(connection, form_id) if kept.state is FormState.OPEN]
    if not all_versions:
        versions = list({kept.form_id: kept for kept in versions}.values())
    return _xml(request, form_list(versions, Addresses.of(request), is_verbose=verbose))


@router.get(f"{_KEY}{_FORM}/form.xml", dependencies=[_BY_KEY])
@router.get(f"{_FORM}/form.xml", dependencies=[_BY_PASSWORD])
def download_form(request: Request, form_id: str, version: str | None = None) -> Response:
    """Return the XForm of a version; of the newest one if none is named."""
    return _xml(request, _kept(request, form_id, version).xform)


@router.get(f"{_KEY}{_FORM}/manifest", dependencies=[_BY_KEY])
@router.get(f"{_FORM}/manifest", dependencies=[_BY_PASSWORD])
def list_files(request: Request, form_id: str, version: str | None = None) -> Response:
    """Return the media and data files that a version needs."""
    kept = _kept(request, form_id, version)
    return _xml(request, manifest(kept, Addresses.of(request)))


@router.get(f"{_KEY}{_FORM}/media/{{name}}", dependencies=[_BY_KEY])
@router.get(f"{_FORM}/media/{{name}}", dependencies=[_BY_PASSWORD])
def download_file(request: Request, form_id: str, name: str, version: str | None = None) -> Response:
    """Return one of the version's files; 304 if the tablet has it already, and parts of it on request."""
    kept = _kept(request, form_id, version)
    file = next((file for file in kept.files if file.name == name), None)
    if file is None:
        raise FormVersionUnknown(
            Bilingual(
                f"Form {kept.form_id} has no file of this name.",
                f"Le formulaire {kept.form_id} n'a pas de fichier de ce nom.",
            )
        )
    return _file(request, file)


async def _submit(request: Request, user: User) -> Response:
    services = services_of(request)
    limits = UploadLimits(total_bytes=services.limits.submission_bytes)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.total_bytes:
        raise too_large(limits.total_bytes)
    upload = await read_upload(request.stream(), request.headers.get("content-type", ""), services.store.media, limits)
    delivery = Delivery(
        xml=upload.xml,
        attachments=upload.attachments,
        submitter=user.name,
        device_id=request.query_params.get("deviceID"),
        at=services.clock(),
    )
    receipt = await _received(services, delivery)
    language = language_of(request, services.default_language)
    return receipt_reply(receipt, language, openrosa_headers(limits.total_bytes, language))


async def _received(services: Services, delivery: Delivery) -> Receipt:
    if len(delivery.xml) <= _PARSED_IN_THE_LOOP:
        pending = receive(services.store, services.shelf, delivery)
    else:
        pending = await to_thread.run_sync(receive, services.store, services.shelf, delivery)
    return await wrap_future(pending)


def _kept(request: Request, form_id: str, version: str | None) -> FormVersion:
    with services_of(request).store.database.read() as connection:
        if version is None:
            kept = newest_form_version(connection, form_id)
        else:
            kept = find_form_version(connection, form_id, version)
    if kept is None:
        raise FormVersionUnknown(
            Bilingual("No such form, or version of it, is here.", "Ce formulaire, ou cette version, n'est pas ici.")
        )
    return kept


def _file(request: Request, file: FormFile) -> Response:
    etag = f'"{file.md5}"'
    headers = _headers(request) | {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    path = services_of(request).store.media.path(file.sha256)
    return FileResponse(path, headers=headers, filename=file.name)


def _xml(request: Request, body: str | bytes) -> Response:
    return Response(body, headers=_headers(request), media_type=XML)


def _headers(request: Request) -> dict[str, str]:
    services = services_of(request)
    return openrosa_headers(services.limits.submission_bytes, language_of(request, services.default_language))
