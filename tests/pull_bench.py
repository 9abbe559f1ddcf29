"""A project and simulated servers, for commands as a person types them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from servers.clock import Clock
from servers.transport import adapter_for
from servers.worlds import wires
from servers.worlds_central import CentralWorld
from servers.worlds_kobo import KoboWorld
from typer.testing import CliRunner, Result

from jekafo.main import app
from jekafo.settings import Settings
from sync.wires import Wires

ANSWER = "Fatoumata"
"""An answer that no output may hold."""

_RUNNER = CliRunner()


class ByHost(BaseAdapter):
    """Leads to KoboToolbox or to ODK Central."""

    def __init__(self, kobo: BaseAdapter, central: BaseAdapter) -> None:
        super().__init__()
        self.kobo, self.central = kobo, central

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        server = self.central if "//central.test/" in str(request.url) else self.kobo
        return server.send(request, **options)

    def close(self) -> None:
        """Nothing is open."""


class Bench:
    """A project, and the servers that its sources lead to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.kobo = KoboWorld(clock=self.clock)
        self.central = CentralWorld(clock=self.clock)
        self.central._ids.made = 1000  # what bears the same id on both servers is one submission

    def run(self, *arguments: object, language: str = "en_GB.UTF-8", secret: str | None = None) -> Result:
        return _RUNNER.invoke(
            app,
            [*(str(argument) for argument in arguments), "--project", str(self.folder)],
            env={"LC_ALL": language, "COLUMNS": "250"},
            input=secret,
        )

    def wires(self, _settings: Settings) -> Wires:
        """The world of the test: each host leads to the server that answers to it."""
        adapters = (
            adapter_for(self.kobo.server, self.kobo.faults, self.kobo.log),
            adapter_for(self.central.server, self.central.faults, self.central.log),
        )
        return replace(wires(self.kobo, self.kobo.server), adapter=lambda: ByHost(*adapters))

    def add_kobo(self, name: str = "kobo", *further: str) -> Result:
        token = self.kobo.state.token_of("sync")
        return self.run(
            "source", "add", name, "--kind", "kobo", "--address", "https://kf.kobo.test", *further, secret=f"{token}\n"
        )

    def add_central(self) -> Result:
        address = ("--address", "https://central.test", "--username", "sync@example.org")
        return self.run("source", "add", "mda", "--kind", "central", *address, secret="a long password\n")

    def form(self) -> str:
        return self.kobo.asset.uid
