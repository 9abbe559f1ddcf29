"""`jekafo user add`: a person who signs in, or a tablet with its key."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from jekafo.collect_code import write_collect_code
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened
from jekafo.terminal import fail, reported, say, words
from store.audit import record
from store.people import Role, TokenKind, add_user, issue_token


@reported
def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[Role, typer.Option("--role", help="What this person may do.")],
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Type the password here instead of having one made.")
    ] = False,
    qr: Annotated[
        Path | None, typer.Option("--qr", help="For an enumerator: write ODK Collect's QR code here (.png or .svg).")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Add a person. An enumerator also gets the server address to enter in ODK Collect, or a QR code to scan."""
    if qr is not None and (role is not Role.ENUMERATOR or qr.suffix.lower() not in (".png", ".svg")):
        fail(
            words(
                "--qr is for enumerators, and names a file that ends in .png or .svg.",
                "--qr est pour les enquêteurs et nomme un fichier en .png ou .svg.",
            )
        )
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
        database = open_project.store.database
        user = database.write(lambda connection: add_user(connection, name, role, chosen, at))
        database.write(lambda connection: record(connection, "command line", "user.add", f"user {user.id}", at))
        if role is Role.ENUMERATOR:
            key = database.write(lambda connection: issue_token(connection, user.id, TokenKind.APP_USER, at))
            _hand_out(f"{settings.address}/key/{key}", name, qr, is_local=settings.public_url is None)
    if password is None:
        say(f"{name} ({role}), password: {chosen}", f"{name} ({role}), mot de passe : {chosen}")
    else:
        say(f"{name} ({role}) was added.", f"{name} ({role}) est ajouté.")


def _hand_out(server_url: str, name: str, qr: Path | None, *, is_local: bool) -> None:
    say(f"Server address for ODK Collect: {server_url}", f"Adresse du serveur pour ODK Collect : {server_url}")
    if is_local:
        say(
            "A tablet cannot reach this machine by that name: set JEKAFO_PUBLIC_URL to the address it can reach.",
            "Une tablette n'atteint pas cette machine par ce nom : mettez dans JEKAFO_PUBLIC_URL l'adresse "
            "qu'elle peut atteindre.",
        )
    if qr is not None:
        write_collect_code(qr, server_url, name)
        say(f"QR code for ODK Collect: {qr}", f"Code QR pour ODK Collect : {qr}")
