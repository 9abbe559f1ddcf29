"""Options that several commands share, and the settings they lead to."""

from pathlib import Path
from typing import Annotated

import typer

from jekafo.settings import Settings

ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", help="The project's folder (else JEKAFO_PROJECT, else ./project).", file_okay=False),
]


def settings_for(project: Path | None) -> Settings:
    """The settings of the environment, with the folder given on the command line before the configured one."""
    settings = Settings()
    return settings if project is None else settings.model_copy(update={"project": project})
