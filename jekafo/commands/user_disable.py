"""`jekafo user disable`: a lost tablet, a person who leaves."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.commands.user_lookup import user_named
from jekafo.project import opened_existing
from jekafo.terminal import reported, say
from store.audit import record
from store.people import disable_user


@reported
def disable(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")], project: ProjectOption = None
) -> None:
    """Keep a person or tablet from signing in and sending, at once; what they sent stays."""
    at = datetime.now(UTC)
    with opened_existing(settings_for(project)) as open_project:
        database = open_project.store.database
        user = user_named(database, name)
        database.write(lambda connection: disable_user(connection, user.id, at))
        database.write(lambda connection: record(connection, "command line", "user.disable", f"user {user.id}", at))
    say(f"{user.name} can no longer sign in or send.", f"{user.name} ne peut plus se connecter ni envoyer.")
