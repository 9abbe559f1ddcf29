"""`jekafo user add`: a person who signs in, or a tablet with its key."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened
from jekafo.terminal import reported, say, words
from store.audit import record
from store.people import Role, TokenKind, add_user, issue_token


@reported
def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[Role, typer.Option("--role", help="What this person may do.")],
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Type the password here instead of having one made.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """Add a person. An enumerator also gets the server address to enter in ODK Collect."""
    settings = settings_for(project)
    # Never as an argument: other users of the machine would read it in the list of processes.
    password = (
        typer.prompt(words("Password", "Mot de passe"), hide_input=True, confirmation_prompt=True)
        if ask_password
        else None
    )
    chosen = password or secrets.token_urlsafe(12)
    at = datetime.now(UTC)
    with opened(settings) as open_project:
        user = open_project.store.database.write(lambda connection: add_user(connection, name, role, chosen, at))
        open_project.store.database.write(
            lambda connection: record(connection, "command line", "user.add", f"user {user.id}", at)
        )
        if role is Role.ENUMERATOR:
            key = open_project.store.database.write(
                lambda connection: issue_token(connection, user.id, TokenKind.APP_USER, at)
            )
            say(
                f"Server address for ODK Collect: http://{settings.host}:{settings.port}/key/{key}",
                f"Adresse du serveur pour ODK Collect : http://{settings.host}:{settings.port}/key/{key}",
            )
    if password is None:
        say(f"{name} ({role}), password: {chosen}", f"{name} ({role}), mot de passe : {chosen}")
    else:
        say(f"{name} ({role}) was added.", f"{name} ({role}) est ajouté.")
