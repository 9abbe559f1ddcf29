"""Fixtures of the api's tests: one project on disk, its services, and clients for every role."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from small_survey import AREAS, interviews, survey_workbook
from visitors import SECRET_KEY, Clock, People, Reader

from api.app import create_app
from api.services import Services
from forms.submission import Submission
from jekafo.build import build
from jekafo.project import opened
from jekafo.settings import Settings
from store.kept import Store
from store.people import Role, TokenKind
from store.submissions import Arrival, keep
from sync.publish import publish_here
from sync.shelf import Shelf
from transform.reader import Tables


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'jekafo.sqlite'}", tmp_path / "media")
    yield store
    store.close()


@pytest.fixture
def services(store: Store, tmp_path: Path, clock: Clock) -> Services:
    return Services(
        store=store,
        shelf=Shelf(store),
        tables=Tables(tmp_path / "tables.duckdb"),
        secret_key=SECRET_KEY,
        default_language="en",
        clock=clock,
    )


@pytest.fixture
def app(services: Services) -> FastAPI:
    return create_app(services)


@pytest.fixture
def people(store: Store, clock: Clock) -> People:
    return People(store, clock)


@pytest.fixture
def anonymous(app: FastAPI) -> TestClient:
    """A client that sends no credentials."""
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def program(app: FastAPI, people: People) -> Callable[[Role], TestClient]:
    """Make a client that sends the bearer token of a role."""

    def make(role: Role) -> TestClient:
        return TestClient(app, headers={"Authorization": f"Bearer {people.token(role)}"}, follow_redirects=False)

    return make


@pytest.fixture
def tablet_key(people: People) -> str:
    """The key that stands in a tablet's server address: `/key/{tablet_key}/formList`."""
    return people.token(Role.ENUMERATOR, TokenKind.APP_USER)


@pytest.fixture(scope="session")
def survey_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the small survey, published, filled and built; copied by `survey`, never changed."""
    folder = tmp_path_factory.mktemp("survey")
    at = Clock().now
    with opened(Settings(project=folder, database_url=None)) as project:
        publish_here(project.store, survey_workbook(), "voices.xlsx", {"areas.csv": AREAS.encode()}, at=at)
        arrivals = [
            Arrival(
                submission=Submission("voices", "2026010101", f"uuid:voice-{number}", None, answers, b"<voices/>"),
                source="openrosa",
                remote_id=None,
                submitter="tablet 1",
                device_id=None,
                at=at,
            )
            for number, answers in enumerate(interviews())
        ]
        project.store.database.write(lambda connection: [keep(connection, arrival) for arrival in arrivals])
        build(project, as_of=at.date())
    return folder


@pytest.fixture
def survey(survey_folder: Path, tmp_path: Path, clock: Clock) -> Iterator[Services]:
    """The services of a project that holds the small survey, of a test's own."""
    folder = tmp_path / "survey"
    shutil.copytree(survey_folder, folder)
    with opened(Settings(project=folder, database_url=None)) as project:
        yield Services(
            store=project.store,
            shelf=project.shelf,
            tables=project.tables,
            secret_key=SECRET_KEY,
            default_language="en",
            clock=clock,
        )


@pytest.fixture
def reader(survey: Services, clock: Clock) -> Reader:
    return Reader(People(survey.store, clock), create_app(survey))
