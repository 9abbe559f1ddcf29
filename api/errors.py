"""From errors to answers: the one table of status codes, and the wire format that the asker understands.

OpenRosa routes answer in OpenRosa XML, `/api/` in RFC 9457 problem JSON, hooks with a line of text (KoboToolbox shows
it in the log of the REST service), everything else with a page; each in the reader's language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api.access import AccessError, HookUnknown, KeyUnknown, NotSignedIn, RoleNotAllowed, TooManyHooks, TooManyTries
from api.language import language_of
from api.openrosa.refusal import UploadRefused
from api.pages.rendering import page
from api.services import services_of
from forms.errors import FormError, FormVersionUnknown, JekafoError, SubmissionConflict, SubmissionError
from forms.text import Bilingual
from store.errors import StoreBusy, StoreError, SubmissionUnknown
from store.people import Role
from transform.errors import DesignIncomplete, EstimateError, IndicatorUnknown, MeasureUnavailable, TableNotDeclared

# What tablets ask for, with and without a key in front.
_OPENROSA = re.compile(r"^/(?:key/|formList$|submission$|forms/[^/]+/(?:form\.xml|manifest|media/))")


class NotFound(JekafoError):
    """Nothing of this name is here, or this reader may not know of it."""


class FormForged(AccessError):
    """A POST form that did not come from our own page in this browser."""

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                "The page had stood open too long, or the request did not come from it. Try again.",
                "La page est restée ouverte trop longtemps, ou la demande ne venait pas d'elle. Recommencez.",
            )
        )


class HookNotUnderstood(JekafoError):
    """A server's hook speaks of nothing that is pulled here: who set it up acts."""


class HookTooLarge(JekafoError):
    """A server's hook sent more than a record."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            Bilingual(
                f"The payload is larger than {limit:,} bytes. Nothing is lost: the next pull finds the record. Let the "
                "REST service send _xform_id_string and meta/rootUuid only.",
                f"Le contenu dépasse {limit:,} octets. Rien n'est perdu : la prochaine récupération trouvera la "
                "soumission. Laissez le service REST n'envoyer que _xform_id_string et meta/rootUuid.",
            )
        )


class HookNotKept(JekafoError):
    """What a server's hook said could not be noted: it is to send it again."""

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                "The project cannot note this right now. Send it again later; the next pull finds it in any case.",
                "Le projet ne peut pas le noter pour l'instant. Renvoyez-le plus tard ; la prochaine récupération le "
                "trouvera de toute façon.",
            )
        )


class TablesNotBuilt(JekafoError):
    """There are no tables yet to compute a figure from."""

    def __init__(self, form_id: str) -> None:
        super().__init__(
            Bilingual(
                f"The tables of form {form_id} are not built yet. They follow the first submissions within a minute.",
                f"Les tables du formulaire {form_id} ne sont pas encore construites. "
                "Elles suivent les premiers envois en moins d'une minute.",
            )
        )


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an error is on the wire. `slug` is its stable name for programs."""

    status: int
    slug: str
    title: Bilingual


_NOT_FOUND = _Kind(404, "not-found", Bilingual("Not found", "Introuvable"))
_NOT_ALLOWED_METHOD = _Kind(405, "method-not-allowed", Bilingual("Method not allowed", "Méthode non admise"))
_TOO_LARGE = _Kind(413, "too-large", Bilingual("Too large", "Trop volumineux"))
_INVALID = _Kind(422, "parameters-invalid", Bilingual("Invalid parameters", "Paramètres non valides"))
_FAILED = _Kind(500, "failed", Bilingual("The server failed", "Défaillance du serveur"))
_REFUSED = _Kind(400, "refused", Bilingual("Refused", "Refusé"))

# The first class that fits counts, so children stand before their parents.
_KINDS: tuple[tuple[type[JekafoError], _Kind], ...] = (
    (NotSignedIn, _Kind(401, "not-signed-in", Bilingual("Please sign in", "Veuillez vous connecter"))),
    (TooManyTries, _Kind(429, "too-many-tries", Bilingual("Too many tries", "Trop d'essais"))),
    (RoleNotAllowed, _Kind(403, "role-not-allowed", Bilingual("Not open to you", "Accès non autorisé"))),
    (KeyUnknown, _Kind(403, "key-unknown", Bilingual("Unknown key", "Clé inconnue"))),
    (HookUnknown, _NOT_FOUND),
    (TooManyHooks, _Kind(503, "too-many-tries", Bilingual("Too many tries", "Trop d'essais"))),
    (HookNotUnderstood, _REFUSED),
    (HookTooLarge, _TOO_LARGE),
    (HookNotKept, _Kind(503, "hook-not-kept", Bilingual("Not available", "Indisponible"))),
    (AccessError, _Kind(403, "access-refused", Bilingual("Refused", "Refusé"))),
    (NotFound, _NOT_FOUND),
    (FormVersionUnknown, _Kind(404, "form-unknown", Bilingual("Unknown form", "Formulaire inconnu"))),
    (IndicatorUnknown, _Kind(404, "indicator-unknown", Bilingual("Unknown indicator", "Indicateur inconnu"))),
    (TableNotDeclared, _Kind(422, "table-not-declared", Bilingual("No such table", "Tableau non prévu"))),
    (DesignIncomplete, _Kind(422, "design-incomplete", Bilingual("Incomplete design", "Plan de sondage incomplet"))),
    (MeasureUnavailable, _Kind(422, "measure-unavailable", Bilingual("Not computed yet", "Pas encore calculé"))),
    (EstimateError, _Kind(422, "estimate-not-given", Bilingual("No such figure", "Chiffre non disponible"))),
    (TablesNotBuilt, _Kind(503, "tables-not-built", Bilingual("Not built yet", "Pas encore construit"))),
    (StoreBusy, _Kind(503, "busy", Bilingual("Busy", "Occupé"))),
    (StoreError, _Kind(503, "store-unavailable", Bilingual("Not available", "Indisponible"))),
    (SubmissionUnknown, _NOT_FOUND),
    (SubmissionConflict, _Kind(409, "submission-conflict", Bilingual("Conflict", "Conflit"))),
    (SubmissionError, _Kind(400, "submission-malformed", Bilingual("Malformed submission", "Envoi mal formé"))),
    (FormError, _Kind(422, "form-invalid", Bilingual("Invalid form", "Formulaire non valide"))),
)
_NO_SUCH_FORM = Bilingual(
    "There is no form at this address. The start page lists the forms of this project.",
    "Il n'y a pas de formulaire à cette adresse. La page d'accueil présente les formulaires de ce projet.",
)
_OTHER = _Kind(400, "error", Bilingual("Error", "Erreur"))


@dataclass(frozen=True, slots=True)
class _Answer:
    kind: _Kind
    detail: Bilingual
    headers: Mapping[str, str] = field(default_factory=dict)


def install_error_answers(app: FastAPI) -> None:
    """Let the application answer every error in the format of its route and the language of its reader."""
    app.add_exception_handler(JekafoError, _answer_to_ours)
    app.add_exception_handler(HTTPException, _answer_to_framework)
    app.add_exception_handler(RequestValidationError, _answer_to_invalid)


def failure_answer(request: Request) -> Response:
    """Return the answer to a failure that nobody foresaw: it says nothing about what failed."""
    detail = Bilingual(
        "Something failed on the server and was logged. Try again; if it stays, tell the administrator.",
        "Quelque chose a échoué sur le serveur et a été consigné. Réessayez ; "
        "si cela persiste, prévenez la personne qui administre le projet.",
    )
    return _response(request, _Answer(_FAILED, detail))


async def _answer_to_ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, JekafoError):
        raise error
    detail = error.message
    if isinstance(error, FormVersionUnknown) and not _may_publish(request):
        detail = _NO_SUCH_FORM
    return _response(request, _Answer(_kind(error), detail, _headers(error)))


async def _answer_to_framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    answers = {
        404: _Answer(_NOT_FOUND, Bilingual("There is nothing at this address.", "Il n'y a rien à cette adresse.")),
        405: _Answer(
            _NOT_ALLOWED_METHOD,
            Bilingual("This address does not take this method.", "Cette adresse n'admet pas cette méthode."),
            headers,
        ),
        413: _Answer(_TOO_LARGE, Bilingual("The request is too large.", "La demande est trop volumineuse.")),
    }
    refused = Bilingual("The request was not understood.", "La demande n'a pas été comprise.")
    return _response(request, answers.get(error.status_code, _Answer(_REFUSED, refused, headers)))


async def _answer_to_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    names = ", ".join(sorted({str(part["loc"][-1]) for part in error.errors()}))
    detail = Bilingual(
        f"Missing or invalid: {names}.",
        f"Manquant ou non valide : {names}.",
    )
    return _response(request, _Answer(_INVALID, detail))


def _may_publish(request: Request) -> bool:
    """Whether to say how to publish a form: to programs, and to the roles that may do it."""
    user = getattr(request.state, "user", None)
    is_page = not _OPENROSA.match(request.url.path) and not request.url.path.startswith("/api/")
    return not is_page or (user is not None and user.role in (Role.MANAGER, Role.ADMIN))


def _kind(error: JekafoError) -> _Kind:
    if isinstance(error, UploadRefused):
        return _TOO_LARGE if error.status == _TOO_LARGE.status else _REFUSED
    return next((kind for kind_of, kind in _KINDS if isinstance(error, kind_of)), _OTHER)


def _headers(error: JekafoError) -> Mapping[str, str]:
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": f'{error.challenge} realm="Jekafo"'}
    if isinstance(error, TooManyTries | TooManyHooks):
        return {"Retry-After": str(60 * error.minutes)}
    if isinstance(error, TablesNotBuilt):
        return {"Retry-After": "30"}
    return {}


def _response(request: Request, answer: _Answer) -> Response:
    language = language_of(request, services_of(request).default_language)
    title, detail = answer.kind.title.in_language(language), answer.detail.in_language(language)
    status, headers = answer.kind.status, {**answer.headers, "Content-Language": language}
    path = request.url.path
    if _OPENROSA.match(path):
        return _openrosa(status, detail, headers)
    if path.startswith("/hooks/"):
        return PlainTextResponse(f"{detail}\n", status, headers=headers)
    if path.startswith("/api/"):
        problem: dict[str, Any] = {
            "type": f"urn:jekafo:problem:{answer.kind.slug}",
            "title": title,
            "status": status,
            "detail": detail,
        }
        return JSONResponse(problem, status, headers=headers, media_type="application/problem+json")
    if status == 401:
        return page(request, "sign_in.html", status=status, headers=headers, next=_return_address(request))
    return page(request, "error.html", status=status, headers=headers, title=title, detail=detail)


def _openrosa(status: int, detail: str, headers: Mapping[str, str]) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f'<message nature="error">{escape(detail)}</message></OpenRosaResponse>'
    )
    return Response(
        body, status, headers={**headers, "X-OpenRosa-Version": "1.0"}, media_type="text/xml; charset=utf-8"
    )


def _return_address(request: Request) -> str:
    """Where to go after signing in: the page that was asked for, if it was only looked at."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
