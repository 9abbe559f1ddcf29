"""`jekafo serve`: the server for tablets, programs and people."""

import logging
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.services import Limits, Services
from jekafo.build import BuildSchedule
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.ports import require_free
from jekafo.project import opened
from jekafo.settings import secret_key_of
from jekafo.terminal import reported, say


@reported
def serve(
    project: ProjectOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=0, max=65535)] = None,
) -> None:
    """Serve the project: the OpenRosa endpoint, the JSON API and the pages; tables are kept up to date."""
    settings = settings_for(project)
    address, number = host or settings.host, settings.port if port is None else port
    require_free(address, number)
    with opened(settings) as open_project:
        services = Services(
            store=open_project.store,
            shelf=open_project.shelf,
            tables=open_project.tables,
            secret_key=secret_key_of(settings),
            default_language=settings.language,
            clock=lambda: datetime.now(UTC),
            limits=Limits(submission_bytes=settings.max_submission_bytes),
        )
        _log_requests()
        schedule = BuildSchedule(open_project, settings)
        schedule.start()
        say(f"Jekafo listens on http://{address}:{number}", f"Jekafo écoute sur http://{address}:{number}")
        try:
            # No access log of uvicorn's: it would write the keys that stand in the paths of tablets.
            uvicorn.run(create_app(services), host=address, port=number, access_log=False, log_level="warning")
        finally:
            schedule.stop()


def _log_requests() -> None:
    """Send our own request log, which knows no key and no query, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    requests = logging.getLogger("jekafo.access")
    requests.addHandler(handler)
    requests.setLevel(logging.INFO)
    requests.propagate = False
    # It warns with bytes of the bodies that it cannot parse, and those are answers.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
