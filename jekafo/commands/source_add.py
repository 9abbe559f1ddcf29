"""`jekafo source add`: a server that submissions are pulled from, and the key to it."""

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from forms.text import Bilingual
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.counts import counted, counted_fr
from jekafo.pulls.words import form_lines
from jekafo.settings import Settings
from jekafo.sources.configured import CENTRAL, FOLDER, KOBO, ConfiguredSource, source_of
from jekafo.sources.file import (
    SourceSettingsInvalid,
    SourceTable,
    Value,
    add_to_sources_file,
    read_sources_file,
)
from jekafo.sources.settings import sources_path
from jekafo.sources.wires import wires_for
from jekafo.terminal import reported, say, words
from sync.errors import SourceRefused
from sync.pull import Media
from sync.sources import connect, kinds

_FROM_PIPE = "-"


@reported
def add(
    name: Annotated[str, typer.Argument(help="How you will call it: small letters, digits, - and _.")],
    kind: Annotated[str, typer.Option("--kind", help="kobo (KoboToolbox), central (ODK Central) or folder.")],
    address: Annotated[str, typer.Option("--address", help="Of the server (https://...), or the folder.")],
    central_project: Annotated[
        int | None, typer.Option("--central-project", help="ODK Central: the number of the one project to read.", min=1)
    ] = None,
    username: Annotated[str | None, typer.Option("--username", help="ODK Central: the e-mail to sign in with.")] = None,
    secret_from: Annotated[
        str | None, typer.Option("--secret-from", help="Read token or password from a file, or - for what is piped in.")
    ] = None,
    further_host: Annotated[
        list[str] | None, typer.Option("--further-host", help="Another host of the same server, as kc.example.org.")
    ] = None,
    media: Annotated[Media | None, typer.Option("--media", help="Photos and recordings: none, list or all.")] = None,
    every: Annotated[str | None, typer.Option("--every", help="Let `jekafo serve` pull every 30s, 5m, 1h.")] = None,
    no_check: Annotated[bool, typer.Option("--no-check", help="Do not sign in now.")] = False,
    project: ProjectOption = None,
) -> None:
    """Add a server: asks for its token or password, signs in once and says what it sees. Nothing is pulled."""
    settings = settings_for(project)
    path = sources_path(settings)
    _refuse_taken(name, path)
    _refuse_unknown(kind)
    values: dict[str, Value] = {"kind": kind, "address": str(Path(address).resolve()) if kind == FOLDER else address}
    if kind == CENTRAL:
        values["username"] = username or str(typer.prompt(words("E-mail", "Adresse électronique ")))
    optional = {
        "project": central_project,
        "further_hosts": further_host,
        "media": media and media.value,
        "every": every,
    }
    values |= {key: value for key, value in optional.items() if value}
    if kind != FOLDER:
        key = "password" if kind == CENTRAL else "token"
        _described(name, {**values, key: "…"})  # what was typed is refused before the secret is asked for
        values[key] = _secret(key, secret_from)
    if kind == KOBO:
        values["hook_secret"] = secrets.token_urlsafe(32)
    source = _described(name, values)
    if not no_check:
        _show_forms(source, settings)
    add_to_sources_file(path, name, values)
    key_en, key_fr = ("", "") if kind == FOLDER else (", with its key,", ", avec sa clé,")
    say(
        f"The source {name} was added{key_en} to {path}. Pull from it: jekafo pull {name}",
        f"La source {name} est ajoutée{key_fr} à {path}. Pour en récupérer les soumissions : jekafo pull {name}",
    )
    if source.hook_secret is not None:
        _show_hook(settings, f"/hooks/kobo/{name}/{source.hook_secret.get_secret_value()}")


def _described(name: str, values: Mapping[str, Value]) -> ConfiguredSource:
    return source_of(SourceTable(name, "jekafo source add", values))


def _refuse_taken(name: str, path: Path) -> None:
    if name in {table.name for table in read_sources_file(path)}:
        raise SourceSettingsInvalid(
            Bilingual(
                f"{path} describes a source {name} already. Remove it first (jekafo source remove {name}), or choose "
                "another name.",
                f"{path} décrit déjà une source {name}. Retirez-la d'abord (jekafo source remove {name}), ou prenez un "
                "autre nom.",
            )
        )


def _refuse_unknown(kind: str) -> None:
    known = sorted(kinds())
    if kind not in known:
        listed = ", ".join(known)
        raise typer.BadParameter(words(f"kinds are {listed}", f"les types sont {listed}"), param_hint="--kind")


def _secret(key: str, secret_from: str | None) -> str:
    """The token or password: never as an argument, which other users of the machine would read in the process list."""
    if secret_from == _FROM_PIPE:
        secret = sys.stdin.readline()
    elif secret_from is not None:
        secret = Path(secret_from).read_text(encoding="utf-8")
    else:
        asked = words("Token", "Jeton ") if key == "token" else words("Password", "Mot de passe ")
        secret = str(typer.prompt(asked, hide_input=True))
    if not secret.strip():
        raise SourceSettingsInvalid(
            Bilingual(
                "The token or password is empty. Nothing was written.",
                "Le jeton ou le mot de passe est vide. Rien n'a été écrit.",
            )
        )
    return secret.strip()


def _show_forms(source: ConfiguredSource, settings: Settings) -> None:
    """Sign in and list what there is; what fails is told by its own error, and nothing is written then."""
    try:
        forms = tuple(connect(source.for_connecting(), wires_for(settings)).forms())
    except SourceRefused as refused:
        if refused.status != 401:
            raise
        raise SourceRefused(_wrong_key(source), status=401, detail=refused.detail) from refused
    did, did_fr = ("Looked into", "Lu dans") if source.kind == FOLDER else ("Signed in to", "Connecté à")
    say(
        f"{did} {source.address}: {counted(len(forms), 'form', 'forms')}.",
        f"{did_fr} {source.address} : {counted_fr(len(forms), 'formulaire', 'formulaires')}.",
    )
    for line in form_lines(forms):
        say(line.en, line.fr)


def _wrong_key(source: ConfiguredSource) -> Bilingual:
    key, key_fr = (
        ("e-mail or password", "l'adresse électronique ou le mot de passe")
        if source.kind == CENTRAL
        else ("token", "le jeton")
    )
    return Bilingual(
        f"{source.address} refused the {key}: 401. Nothing was written; run the command again with the right one.",
        f"{source.address} a refusé {key_fr} : 401. Rien n'a été écrit ; relancez la commande avec les bons "
        "identifiants.",
    )


def _show_hook(settings: Settings, path: str) -> None:
    say(
        f"To hear of new submissions at once, give each form a REST service with this address. It holds a secret and "
        f"is shown only now: {settings.address}{path}",
        f"Pour connaître aussitôt les nouvelles soumissions, donnez à chaque formulaire un service REST à cette "
        f"adresse. Elle contient un secret et ne s'affiche que maintenant : {settings.address}{path}",
    )
    if settings.public_url is None:
        say(
            "A server cannot reach this machine by that name: set JEKAFO_PUBLIC_URL to the address it can reach.",
            "Un serveur n'atteint pas cette machine par ce nom : mettez dans JEKAFO_PUBLIC_URL l'adresse qu'il peut "
            "atteindre.",
        )
