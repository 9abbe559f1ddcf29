"""A project: one folder with its store, its forms and its tables, opened and wired.

What is in the folder: `jekafo.sqlite` (unless a PostgreSQL URL is set), `media/`, `tables.duckdb`, `secret.key`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forms.errors import JekafoError
from forms.text import Bilingual
from jekafo.settings import Settings
from store.kept import Store
from sync.shelf import Shelf
from transform.reader import Tables

DATABASE = "jekafo.sqlite"


@dataclass(frozen=True)
class Project:
    """An open project."""

    folder: Path
    store: Store
    shelf: Shelf
    tables: Tables

    @property
    def tables_path(self) -> Path:
        """The DuckDB file: derived from the store and rebuilt at will."""
        return self.folder / "tables.duckdb"


class ProjectMissing(JekafoError):
    """There is no project in the folder that the settings name."""


@contextmanager
def opened_existing(settings: Settings) -> Iterator[Project]:
    """Open a project that is there already, for commands that only look. Raises ProjectMissing."""
    if settings.database_url is None and not (settings.project / DATABASE).exists():
        raise ProjectMissing(
            Bilingual(
                f"There is no project in {settings.project}. Name its folder with --project, or publish a first form.",
                f"Il n'y a pas de projet dans {settings.project}. Nommez son dossier avec --project, ou publiez un "
                "premier formulaire.",
            )
        )
    with opened(settings) as project:
        yield project


@contextmanager
def opened(settings: Settings) -> Iterator[Project]:
    """Open the project that the settings name, made and migrated where it is new, and close it afterwards."""
    folder = settings.project
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # answers lie in it: for the owner only
    url = (
        settings.database_url.get_secret_value()
        if settings.database_url is not None
        else f"sqlite:///{folder.resolve() / DATABASE}"
    )
    store = Store.open(url, folder / "media")
    try:
        yield Project(folder=folder, store=store, shelf=Shelf(store), tables=Tables(folder / "tables.duckdb"))
    finally:
        store.database.close()
