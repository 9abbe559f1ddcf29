"""The application: all routers in one, refused when a route does not declare who may use it."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api import hooks, rest
from api.access import ByHookSecret, Public, declaration_of
from api.access_log import AccessLog
from api.charts import Drawings
from api.errors import install_error_answers
from api.figures import FigureDesk
from api.headers import SecurityHeaders
from api.openrosa.routes import router as openrosa
from api.pages import account, charts, files, form, health, home
from api.services import Services
from api.throttle import SignInThrottle
from store.people import Role


@dataclass(frozen=True, slots=True)
class DeclaredRoute:
    """One way in: its path pattern, its methods, and who may use it.

    roles: empty where it is open to everybody (is_public), or to servers that know a secret (is_hook).
    """

    path: str
    methods: frozenset[str]
    roles: frozenset[Role]
    is_public: bool
    is_hook: bool


def create_app(services: Services) -> FastAPI:
    """Return the application that serves one project.

    There is no interactive documentation (`/docs`): its page needs scripts of others, which our
    Content-Security-Policy refuses. Raises ValueError where a route declares no role.
    """
    app = FastAPI(title="Jekafo", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    app.state.throttle = SignInThrottle()
    app.state.hook_throttle = SignInThrottle()
    app.state.desk = FigureDesk(services)
    app.state.drawings = Drawings()
    for router in (
        openrosa,
        hooks.router,
        rest.router,
        health.router,
        files.router,
        account.router,
        home.router,
        form.router,
        charts.router,
    ):
        app.include_router(router)
    install_error_answers(app)
    # The one added last is the outermost: what fails inside is logged and answered, then given its headers.
    app.add_middleware(AccessLog)
    app.add_middleware(SecurityHeaders)
    for _ in declared_routes(app):
        pass
    return app


def declared_routes(app: FastAPI) -> Iterator[DeclaredRoute]:
    """Yield every route of the application with its declaration; raises ValueError at one that has none."""
    for route in iter_route_contexts(app.routes):
        declaration = declaration_of(getattr(route, "dependant", None))
        if declaration is None:
            raise ValueError(f"The route {route.path} declares no role: give it allow(...), allow_key(...) or PUBLIC.")
        yield DeclaredRoute(
            path=route.path or "",
            methods=frozenset(route.methods or ()),
            roles=declaration.roles,
            is_public=isinstance(declaration, Public),
            is_hook=isinstance(declaration, ByHookSecret),
        )
