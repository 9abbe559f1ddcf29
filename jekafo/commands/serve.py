"""`jekafo serve`: the server for tablets, programs and people."""

import logging
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.services import Limits, Services
from forms.text import Bilingual
from jekafo.build import BuildSchedule
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.ports import require_free
from jekafo.project import opened
from jekafo.pulls.schedule import PullSchedule
from jekafo.pulls.status import schedule_lines
from jekafo.settings import secret_key_of
from jekafo.sources.settings import hook_secrets, usable_sources
from jekafo.terminal import complain, reported, say, stamped, words


@reported
def serve(
    project: ProjectOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=0, max=65535)] = None,
) -> None:
    """Serve the project: the OpenRosa endpoint, the JSON API and the pages; tables and sources are kept up to date."""
    settings = settings_for(project)
    address, number = host or settings.host, settings.port if port is None else port
    require_free(address, number)
    sources, fault = usable_sources(settings)
    if fault is not None:
        complain(
            words(
                f"No source is pulled from and no hook is heard until this is mended and `jekafo serve` started anew; "
                f"tablets and pages are served. {fault.en}",
                "Aucune source n'est récupérée et aucun signal n'est entendu tant que ceci n'est pas corrigé et "
                f"`jekafo serve` relancé ; tablettes et pages sont servies. {fault.fr}",
            )
        )
    with opened(settings) as open_project:
        services = Services(
            store=open_project.store,
            shelf=open_project.shelf,
            tables=open_project.tables,
            secret_key=secret_key_of(settings),
            default_language=settings.language,
            clock=lambda: datetime.now(UTC),
            limits=Limits(submission_bytes=settings.max_submission_bytes),
            hooks=hook_secrets(sources),
        )
        _log_requests()
        builds = BuildSchedule(open_project, settings)
        pulls = PullSchedule(open_project.folder, open_project.store, sources.by_name.values())
        builds.start()
        pulls.start()
        for line in schedule_lines(open_project, sources.by_name.values()):
            _log(line)
        _log(Bilingual(f"Jekafo listens on http://{address}:{number}", f"Jekafo écoute sur http://{address}:{number}"))
        try:
            # No access log of uvicorn's: it would write the keys that stand in the paths of tablets.
            uvicorn.run(create_app(services), host=address, port=number, access_log=False, log_level="warning")
        finally:
            pulls.stop()
            builds.stop()


def _log(line: Bilingual) -> None:
    with_time = stamped(line, datetime.now(UTC))
    say(with_time.en, with_time.fr)


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
