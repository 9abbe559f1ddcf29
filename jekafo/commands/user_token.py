"""`jekafo user token`: a bearer token for a program that reads figures."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.commands.user_lookup import user_named
from jekafo.project import opened_existing
from jekafo.terminal import out, reported
from store.audit import record
from store.people import TokenKind, issue_token


@reported
def token(
    name: Annotated[str, typer.Argument(help="Whose role the program has.")], project: ProjectOption = None
) -> None:
    """Print a new token, for the header `Authorization: Bearer TOKEN`; it is shown this once."""
    at = datetime.now(UTC)
    with opened_existing(settings_for(project)) as open_project:
        database = open_project.store.database
        user = user_named(database, name)
        secret = database.write(lambda connection: issue_token(connection, user.id, TokenKind.BEARER, at))
        database.write(lambda connection: record(connection, "command line", "user.token", f"user {user.id}", at))
    out.print(secret, markup=False, soft_wrap=True)
