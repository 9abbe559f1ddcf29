"""A page: a template in the reader's language, with what every page shows (who is signed in, the language switch)."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.language import LANGUAGE_COOKIE, LANGUAGES, NATIVE_NAMES, language_of, words_of
from api.services import services_of
from api.session import form_token, keep_visit
from forms.text import Language

TEMPLATE_FOLDER = Path(__file__).parent.parent / "templates"
STATIC_FOLDER = Path(__file__).parent.parent / "static"
_YEAR_SECONDS = 365 * 24 * 60 * 60


def page(
    request: Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """Return the page; a choice of language made by `?lang=` is kept in a cookie."""
    services = services_of(request)
    language = language_of(request, services.default_language)
    words = words_of(language)
    html = (
        _environment(language)
        .get_template(template)
        .render(
            language=language,
            words=words,
            user=getattr(request.state, "user", None),
            form_token=form_token(request, services.secret_key),
            switches=[(code, NATIVE_NAMES[code], _in_language(request, code)) for code in LANGUAGES],
            style_version=_style_version(),
            **context,
        )
    )
    response = HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Accept-Language, Cookie"})
    response.headers.update(headers or {})
    keep_visit(response, request)
    if request.query_params.get("lang", "").lower() == language:
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR_SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return response


@lru_cache(maxsize=len(LANGUAGES))
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = words_of(language)
    # The i18n extension adds these methods to the environment; its types do not say so.
    install = environment.install_gettext_callables  # type: ignore[attr-defined]  # see above
    install(words.gettext, words.ngettext, newstyle=True)
    return environment


def _in_language(request: Request, language: Language) -> str:
    """The address of this page in the language; of the start page where this one answers a POST."""
    if request.method != "GET":
        return f"/?lang={language}"
    parameters = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*parameters, ('lang', language)])}"


@lru_cache(maxsize=1)
def _style_version() -> str:
    return sha256((STATIC_FOLDER / "jekafo.css").read_bytes()).hexdigest()[:12]
