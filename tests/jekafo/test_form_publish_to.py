"""`jekafo form publish --to`: onto a server, with the same guards, and told in the person's language."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from servers.clock import Clock
from servers.kobo import KoboServer
from servers.transport import Log, adapter_for
from typer.testing import CliRunner

from jekafo.main import app
from jekafo.settings import Settings
from sync.wires import Wires

FIRST = """| survey |
| | type | name | label |
| | integer | children | How many children live here? |
| | text | wish | What is needed? |
| settings |
| | form_id | version | form_title |
| | household | 2026010101 | Household |
"""
RENAMED = FIRST.replace("| wish |", "| need |").replace("2026010101", "2026020101")

Publish = Callable[..., Result]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> KoboServer:
    server = KoboServer(Clock())
    server.add_user("meal_officer")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KOBOTOOLBOX_URL", server.address)
    monkeypatch.setenv("KOBOTOOLBOX_TOKEN", server.token_of("meal_officer"))
    clock = server.clock
    wires = Wires(clock=clock.now, sleep=clock.sleep, adapter=lambda: adapter_for(server, log=Log()))

    def wired(_settings: Settings) -> Wires:
        return wires

    monkeypatch.setattr("jekafo.commands.form_publish.wires_for", wired)
    return server


@pytest.fixture
def publish(server: KoboServer, tmp_path: Path) -> Publish:
    del server  # it stands ready

    def run(text: str, *options: str, locale: str = "en_GB.UTF-8") -> Result:
        path = tmp_path / "household.md"
        path.write_text(text, encoding="utf-8")
        command = ["form", "publish", str(path), "--project", str(tmp_path / "project"), *options]
        return CliRunner().invoke(app, command, env={"LC_ALL": locale, "COLUMNS": "200"})

    return run


def test_the_form_is_on_the_server_and_its_names_there_are_told(publish: Publish, server: KoboServer):
    published = publish(FIRST, "--to", "kobo")
    (asset,) = server.assets.values()
    assert published.exit_code == 0, published.output
    assert f"Published household, version 2026010101, on kobo as {asset.uid}." in published.output
    assert f"Submissions name this version {asset.deployed[0].uid}." in published.output


def test_the_same_workbook_twice_sends_nothing_and_says_so_in_french(publish: Publish, server: KoboServer):
    publish(FIRST, "--to", "kobo")
    again = publish(FIRST, "--to", "kobo", locale="fr_FR.UTF-8")
    assert "rien n'a été envoyé" in again.output
    assert [len(asset.deployed) for asset in server.assets.values()] == [1]


def test_what_breaks_collected_answers_stops_until_it_is_meant(publish: Publish, server: KoboServer):
    publish(FIRST, "--to", "kobo")
    refused = publish(RENAMED, "--to", "kobo")
    assert refused.exit_code == 1
    assert "Not published" in refused.output
    assert [len(asset.deployed) for asset in server.assets.values()] == [1]
    assert publish(RENAMED, "--to", "kobo", "--accept-breaks").exit_code == 0
    assert [len(asset.deployed) for asset in server.assets.values()] == [2]


def test_an_error_of_the_check_keeps_the_form_from_the_server(publish: Publish, server: KoboServer):
    assert publish(FIRST.replace("| integer |", "| intiger |"), "--to", "kobo").exit_code == 1
    assert not server.assets


def test_a_source_that_is_not_known_is_said_and_nothing_is_published(publish: Publish, tmp_path: Path):
    refused = publish(FIRST, "--to", "kobbo")
    assert refused.exit_code != 0
    assert "No source is called kobbo" in refused.output
    assert not (tmp_path / "project").exists()


def test_without_a_source_the_form_is_for_our_own_tablets(publish: Publish, server: KoboServer):
    assert "Published household, version 2026010101." in publish(FIRST).output
    assert not server.assets
