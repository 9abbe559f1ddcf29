"""The whole chain on eight interviews whose share, standard error and interval are worked out by hand.

The figure is the same whether tablets send to us, or to KoboToolbox or ODK Central from where we pull.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from math import exp, log, sqrt
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook
from servers.central import ADMIN_EMAIL, ADMIN_PASSWORD, CentralServer
from servers.clock import Clock
from servers.kobo import KoboServer
from servers.transport import adapter_for

from api.app import create_app
from api.services import Services
from jekafo.build import build
from jekafo.project import Project, opened
from jekafo.settings import Settings
from store.people import Role, TokenKind, add_user, issue_token
from sync.publish import publish_here
from sync.publish_to import publish_to
from sync.pull import PullPlan, pull_form
from sync.source import Source
from sync.sources import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

SHEETS = {
    "survey": [
        ["type", "name", "label::English (en)", "label::Français (fr)", "sensitivity"],
        ["text", "stratum", "Stratum", "Strate", "open"],
        ["text", "psu", "Cluster", "Grappe", "quasi"],
        ["decimal", "weight", "Weight", "Poids", "open"],
        ["select_one yn", "consent", "Do you agree?", "Acceptez-vous ?", "open"],
        ["select_one trust", "trust", "Do you trust them?", "Leur faites-vous confiance ?", "open"],
    ],
    "choices": [
        ["list_name", "name", "label::English (en)", "label::Français (fr)", "code_kind"],
        ["yn", "1", "Yes", "Oui", ""],
        ["yn", "0", "No", "Non", ""],
        ["trust", "1", "Not at all", "Pas du tout", ""],
        ["trust", "2", "A little", "Un peu", ""],
        ["trust", "3", "Some", "Assez", ""],
        ["trust", "4", "Full", "Tout à fait", ""],
        ["trust", "98", "Does not know", "Ne sait pas", "dont_know"],
    ],
    "settings": [
        ["form_title", "form_id", "version", "default_language"],
        ["Seven", "seven", "1", "English (en)"],
    ],
    "indicators": [
        ["name", "label::English (en)", "label::Français (fr)", "measure", "question", "counts", "by"],
        ["trusting", "People who trust", "Personnes confiantes", "share", "trust", "3 4", "total"],
    ],
    "design": [
        ["key", "value"],
        ["kind", "probability"],
        ["records", "${consent} = 1"],
        ["stratum", "stratum"],
        ["psu", "psu"],
        ["weight", "weight"],
    ],
}

INTERVIEWS = [
    # stratum, psu, weight, consent, trust
    ("A", "a1", "10", "1", "3"),
    ("A", "a1", "10", "1", "1"),
    ("A", "a2", "10", "1", "4"),
    ("A", "a2", "10", "1", "98"),
    ("B", "b1", "20", "1", "2"),
    ("B", "b1", "20", "1", "3"),
    ("B", "b2", "20", "1", "1"),
    ("B", "b2", "20", "0", ""),
]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(Settings(project=tmp_path / "project", database_url=None)) as project:
        yield project


def workbook() -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in SHEETS.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def answers_xml(answers: tuple[str, str, str, str, str]) -> str:
    stratum, psu, weight, consent, trust = answers
    return (
        f"<stratum>{stratum}</stratum><psu>{psu}</psu><weight>{weight}</weight><consent>{consent}</consent>"
        f"<trust>{trust}</trust>"
    )


def instance(number: int, answers: tuple[str, str, str, str, str]) -> bytes:
    return (
        f'<seven id="seven" version="1">{answers_xml(answers)}'
        f"<meta><instanceID>uuid:seven-{number}</instanceID></meta></seven>"
    ).encode()


def send_by_http(project: Project) -> None:
    publish_here(project.store, workbook(), "seven.xlsx", {}, at=AT)
    database = project.store.database
    tablet = database.write(lambda connection: add_user(connection, "tablet", Role.ENUMERATOR, None, AT))
    key = database.write(lambda connection: issue_token(connection, tablet.id, TokenKind.APP_USER, AT))
    client = TestClient(create_app(services_of(project)))
    for number, answers in enumerate(INTERVIEWS):
        reply = client.post(
            f"/key/{key}/submission",
            files={"xml_submission_file": ("submission.xml", instance(number, answers), "text/xml")},
        )
        assert reply.status_code == 201, reply.text


def collect_with_kobo(project: Project) -> None:
    clock = Clock(AT)
    server = KoboServer(clock)
    server.add_user("owner")
    settings = SourceSettings("kobo", "kobo", "https://kf.kobo.test", token=server.token_of("owner"))
    source = connect(settings, Wires(clock=clock.now, sleep=clock.sleep, adapter=lambda: adapter_for(server)))
    published = publish_to(project.store, source, workbook(), "seven.xlsx", {}, at=AT)
    asset = server.assets[published.deployed.remote_id]
    for number, answers in enumerate(INTERVIEWS):
        xml = (
            f'<{asset.uid} id="{asset.uid}" version="1 (2026)"><formhub><uuid>f</uuid></formhub>{answers_xml(answers)}'
            f"<__version__>{published.deployed.version_name}</__version__>"
            f"<meta><instanceID>uuid:seven-{number}</instanceID></meta></{asset.uid}>"
        )
        server.submit(asset, xml.encode())
    pull(project, source, published.deployed.remote_id, clock)


def collect_with_central(project: Project) -> None:
    clock = Clock(AT)
    server = CentralServer(clock)
    settings = SourceSettings(
        "central",
        "central",
        "https://central.test",
        username=ADMIN_EMAIL,
        password=ADMIN_PASSWORD,
        project=server.add_project("Mopti").number,
    )
    source = connect(settings, Wires(clock=clock.now, sleep=clock.sleep, adapter=lambda: adapter_for(server)))
    published = publish_to(project.store, source, workbook(), "seven.xlsx", {}, at=AT)
    for number, answers in enumerate(INTERVIEWS):
        server.submit(instance(number, answers))
    pull(project, source, published.deployed.remote_id, clock)


def pull(project: Project, source: Source, remote_id: str, clock: Clock) -> None:
    clock.advance(60)
    report = pull_form(
        project.store,
        source,
        source.form(remote_id),
        PullPlan(),
        Wires(clock=clock.now, sleep=clock.sleep),
        lambda _stage, _done, _total: None,
    )
    assert (report.new, report.set_aside) == (len(INTERVIEWS), 0)


def services_of(project: Project) -> Services:
    return Services(
        store=project.store,
        shelf=project.shelf,
        tables=project.tables,
        secret_key="not the field's key",
        default_language="en",
        clock=lambda: AT,
    )


@pytest.mark.parametrize("collect", [send_by_http, collect_with_kobo, collect_with_central])
def test_eight_interviews_give_the_share_and_interval_worked_out_by_hand_whichever_way_they_come(
    project: Project, collect: Callable[[Project], None]
) -> None:
    collect(project)
    database = project.store.database
    analyst = database.write(lambda connection: add_user(connection, "ana", Role.ANALYST, None, AT))
    bearer = database.write(lambda connection: issue_token(connection, analyst.id, TokenKind.BEARER, AT))

    build(project, as_of=date(2026, 1, 6))
    reply = TestClient(create_app(services_of(project))).get(
        "/api/v1/forms/seven/estimates/trusting", headers={"Authorization": f"Bearer {bearer}", "Accept-Language": "en"}
    )

    # Six valid answers weigh 90, those of 3 and 4 weigh 40: p = 4/9. The linearised totals of the PSUs are
    # a1 1/81, a2 5/81, b1 2/81, b2 -8/81; their squared deviations within strata, times 2/(2-1), sum to 116/6561.
    share, standard_error = 4 / 9, sqrt(116) / 81
    t_2 = 4.302652729749464  # 97.5 % quantile of Student's t with 4 PSUs - 2 strata = 2 degrees of freedom
    reach = t_2 * standard_error / (share * (1 - share))
    low, high = (1 / (1 + exp(-(log(share / (1 - share)) + side * reach))) for side in (-1, 1))
    total = reply.json()["figures"][0]
    assert total["value"] == pytest.approx(share, abs=1e-12)
    assert total["standard_error"] == pytest.approx(standard_error, abs=1e-12)
    assert total["interval"] == pytest.approx([low, high], abs=1e-9)
    assert total["base"] == 6
