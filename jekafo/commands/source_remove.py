"""`jekafo source remove`: a server that nothing is pulled from any more."""

from typing import Annotated

import typer

from forms.text import Bilingual
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.sources.configured import FOLDER
from jekafo.sources.file import SourceSettingsInvalid, read_sources_file, remove_from_sources_file
from jekafo.sources.settings import configured_sources, sources_path
from jekafo.terminal import reported, say


@reported
def remove(
    name: Annotated[str, typer.Argument(help="The source's name.")],
    project: ProjectOption = None,
) -> None:
    """Forget a server and its key. What was pulled from it stays."""
    settings = settings_for(project)
    path = sources_path(settings)
    table = next((table for table in read_sources_file(path) if table.name == name), None)
    if table is None:
        origin = configured_sources(settings).named(name).origin
        raise SourceSettingsInvalid(
            Bilingual(
                f"The source {name} is not described in {path} but by {origin}. Remove it there.",
                f"La source {name} n'est pas décrite dans {path} mais par {origin}. Retirez-la là-bas.",
            )
        )
    remove_from_sources_file(path, name)
    stays, stays_fr = "What was pulled from it stays.", "Ce qui en a été récupéré reste."
    if table.values.get("kind") == FOLDER:
        say(f"The source {name} is forgotten. {stays}", f"La source {name} est oubliée. {stays_fr}")
    else:
        say(
            f"The source {name} is forgotten, with its key. {stays} Revoke the key on the server if nobody else "
            "uses it.",
            f"La source {name} est oubliée, ainsi que sa clé. {stays_fr} Révoquez la clé sur le serveur si personne "
            "d'autre ne l'utilise.",
        )
