"""`jekafo demo`: the whole chain on this machine, from the workbook to figures on a page, with simulated fieldwork.

What the simulated people answer is `jekafo.fieldwork`; everything else here is the product as it runs in the field.
"""

import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer
from babel.numbers import format_percent
from rich.table import Table

from forms.form import Form
from forms.library import library_files, library_workbook
from forms.text import Bilingual
from jekafo.build import build
from jekafo.fieldwork import (
    PlantedDifference,
    Side,
    planted,
    planted_gaps,
    simulate,
    simulate_officials,
    simulate_sessions,
)
from jekafo.ports import free_port, is_free, require_free
from jekafo.project import Project, opened
from jekafo.settings import Settings, terminal_language
from jekafo.terminal import fail, out, progress_bars, reported, say, words
from store.people import Role, TokenKind, add_user, issue_token
from sync.openrosa_client import OpenRosaClient
from sync.publish import publish_here
from transform.estimate import estimate
from transform.figures import Estimate

RESIDENTS, OFFICIALS, SESSIONS = "community_perceptions", "authority_perceptions", "focus_group"
INTERVIEWS = {RESIDENTS: 1500, OFFICIALS: 120, SESSIONS: 60}
QUICK = 10
"""By how much `--quick` divides the interviews."""
SEED = 2026
SERVER_START_SECONDS = 60


@dataclass(frozen=True)
class SignIns:
    """The two people of the demo: a tablet's key, and a lead's name and password."""

    tablet_key: str
    lead: str
    password: str


@reported
def demo(
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of the interviews.")] = False,
    once: Annotated[bool, typer.Option("--once", help="End after the table instead of serving.")] = False,
    port: Annotated[int, typer.Option(help="Port of the dashboard.", min=1, max=65535)] = 8080,
    seed: Annotated[int, typer.Option(help="Seed of the simulated fieldwork.")] = SEED,
) -> None:
    """Run the whole chain here: publish the instruments, simulate fieldwork, build tables, print figures, serve."""
    started = time.monotonic()
    settings = Settings(project=Path(mkdtemp(prefix="jekafo-demo-")), port=free_port() if once else port)
    if not once:
        require_free(settings.host, port)
    say(f"The demo's project lies in {settings.project}", f"Le projet de démonstration est dans {settings.project}")
    with opened(settings) as project:
        forms = {name: _publish(project, name) for name in INTERVIEWS}
        sign_ins = _add_people(project)
        with _server(settings) as server:
            sent = _fieldwork(settings, sign_ins, QUICK if quick else 1, seed)
            with out.status(words("Building the tables", "Construction des tables")):
                report = build(project, as_of=datetime.now(UTC).date())
            for failed in report.failed:
                fail(_said(failed.message))
            for name in forms:
                say(
                    f"Tables built: {name}, {report.tables[name]} of {sent[name]} submissions.",
                    f"Tables construites : {name}, {report.tables[name]} soumissions sur {sent[name]}.",
                )
            out.print(_truth_beside_estimates(project, forms))
            say(
                "An interval of 95 % misses the truth about once in twenty.",
                "Un intervalle à 95 % manque la vérité environ une fois sur vingt.",
            )
            say(
                f"The whole chain took {time.monotonic() - started:.0f} seconds.",
                f"Toute la chaîne a pris {time.monotonic() - started:.0f} secondes.",
            )
            if not once:
                _leave_running(settings, sign_ins, server)


def _publish(project: Project, name: str) -> Form:
    workbook = library_workbook(name)
    with out.status(words("Compiling and publishing the workbook", "Compilation et publication du classeur")):
        published = publish_here(project.store, workbook, f"{name}.xlsx", library_files(name), at=datetime.now(UTC))
    form = published.form
    say(
        f"Published {form.form_id}, version {form.version}: {len(form.questions)} questions, "
        f"{len(form.interpretation.indicators)} indicators.",
        f"{form.form_id}, version {form.version}, est publié : {len(form.questions)} questions, "
        f"{len(form.interpretation.indicators)} indicateurs.",
    )
    return form


def _add_people(project: Project) -> SignIns:
    at = datetime.now(UTC)
    password = secrets.token_urlsafe(9)
    database = project.store.database
    database.write(lambda connection: add_user(connection, "lead", Role.LEAD, password, at))
    tablet = database.write(lambda connection: add_user(connection, "tablet", Role.ENUMERATOR, None, at))
    key = database.write(lambda connection: issue_token(connection, tablet.id, TokenKind.APP_USER, at))
    return SignIns(tablet_key=key, lead="lead", password=password)


@contextmanager
def _server(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run `jekafo serve` as its own process, as in the field, until the demo ends."""
    command = [
        sys.executable,
        "-m",
        "jekafo",
        "serve",
        "--project",
        str(settings.project),
        "--port",
        str(settings.port),
    ]
    log = settings.project / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + SERVER_START_SECONDS
        while is_free(settings.host, settings.port):
            if server.poll() is not None or time.monotonic() > deadline:
                fail(words(f"The server did not start; see {log}.", f"Le serveur n'a pas démarré ; voir {log}."))
            time.sleep(0.1)
        yield server
    finally:
        server.terminate()
        server.wait()


def _fieldwork(settings: Settings, sign_ins: SignIns, divided_by: int, seed: int) -> dict[str, int]:
    """Carry out the fieldwork of all instruments; returns how many submissions of each the server took."""
    client = OpenRosaClient(f"http://{settings.host}:{settings.port}/key/{sign_ins.tablet_key}")
    counts = {name: count // divided_by for name, count in INTERVIEWS.items()}
    with progress_bars() as progress:
        bars = {
            name: progress.add_task(
                words(f"Filled in and sent: {name}", f"Remplis et envoyés : {name}"), total=counts[name]
            )
            for name in counts
        }

        def advance(name: str) -> Callable[[], None]:
            return lambda: progress.advance(bars[name])

        residents = simulate(client, interviews=counts[RESIDENTS], seed=seed, on_progress=advance(RESIDENTS))
        officials = simulate_officials(client, interviews=counts[OFFICIALS], seed=seed, on_progress=advance(OFFICIALS))
        sessions = simulate_sessions(
            client,
            sessions=counts[SESSIONS],
            at=datetime.now(UTC).date(),
            seed=seed,
            on_progress=advance(SESSIONS),
        )
    return {RESIDENTS: residents.sent, OFFICIALS: officials.sent, SESSIONS: sessions.sent}


def _truth_beside_estimates(project: Project, forms: Mapping[str, Form]) -> Table:
    table = Table(
        words("planted difference", "différence introduite"),
        words("where", "où"),
        words("truth", "vérité"),
        words("estimate", "estimation"),
        words("95 % interval", "intervalle à 95 %"),
        "n",
        title=words("What was planted, and what the survey found", "Ce qui a été introduit et ce que l'enquête trouve"),
    )
    for difference in planted():
        for name, truth, found in (
            (difference.name_a, difference.truth_a, _found(project, forms[RESIDENTS], difference, "a")),
            (difference.name_b, difference.truth_b, _found(project, forms[RESIDENTS], difference, "b")),
        ):
            table.add_row(*_row(difference.name, name, truth, found))
    for gap in planted_gaps():
        for side in gap.sides:
            table.add_row(*_row(gap.name, side.name, side.truth, _found_overall(project, forms[side.form_id], side)))
    return table


def _row(what: Bilingual, where: Bilingual, truth: float, found: Estimate) -> tuple[str, ...]:
    return _said(what), _said(where), _percent(truth), _percent(found.value), _interval(found), str(found.base)


def _found_overall(project: Project, form: Form, side: Side) -> Estimate:
    table = estimate(project.tables, form, side.indicator, by=(), round=None)
    return table.figures[0].estimate


def _found(project: Project, form: Form, difference: PlantedDifference, side: str) -> Estimate:
    place = difference.a if side == "a" else difference.b
    by = tuple(place.domain)
    table = estimate(project.tables, form, difference.indicator, by=by, round=place.round)
    return next(figure.estimate for figure in table.figures if dict(figure.domain) == dict(place.domain))


def _leave_running(settings: Settings, sign_ins: SignIns, server: subprocess.Popen[bytes]) -> None:
    address = f"http://{settings.host}:{settings.port}"
    say(
        f"\nThe dashboard: {address}\nSign in as {sign_ins.lead} with the password {sign_ins.password}\n"
        "Stop with Ctrl-C.",
        f"\nLe tableau de bord : {address}\nNom : {sign_ins.lead}, mot de passe : {sign_ins.password}\n"
        "Arrêtez avec Ctrl-C.",
    )
    try:
        server.wait()
    except KeyboardInterrupt:
        say("Stopped.", "Arrêté.")


def _said(text: Bilingual) -> str:
    return text.in_language(terminal_language())


def _percent(share: float | None) -> str:
    return "-" if share is None else str(format_percent(share, "0.0 %", locale=terminal_language()))


def _interval(estimate: Estimate) -> str:
    to = words("to", "à")
    return "-" if estimate.low is None else f"{_percent(estimate.low)} {to} {_percent(estimate.high)}"
