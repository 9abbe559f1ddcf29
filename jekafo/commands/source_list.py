"""`jekafo source list`: the servers that submissions are pulled from."""

from typing import Annotated

import typer

from forms.errors import JekafoError
from forms.text import Bilingual
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.interval import interval_text, interval_text_fr
from jekafo.pulls.words import form_lines
from jekafo.settings import Settings, terminal_language
from jekafo.sources.configured import CENTRAL, ConfiguredSource
from jekafo.sources.settings import NONE_YET, configured_sources
from jekafo.sources.wires import wires_for
from jekafo.terminal import FAILED, err, reported, say
from sync.sources import connect


@reported
def list_sources(
    check: Annotated[bool, typer.Option("--check", help="Sign in to each and list its forms.")] = False,
    project: ProjectOption = None,
) -> None:
    """List the servers, never their keys; exit 3 where one cannot be used."""
    settings = settings_for(project)
    sources = configured_sources(settings)
    has_failed = bool(sources.unusable)
    for source in sources.by_name.values():
        line = _line(source)
        say(line.en, line.fr)
        if check and not _shows_its_forms(source, settings):
            has_failed = True
    for error in sources.unusable.values():
        _complain(error)
    if not sources.by_name:
        say(NONE_YET.en, NONE_YET.fr)
    if has_failed:
        raise typer.Exit(FAILED)


def _line(source: ConfiguredSource) -> Bilingual:
    media = {
        "none": Bilingual("no media", "sans médias"),
        "list": Bilingual("media listed", "médias listés"),
        "all": Bilingual("with media", "avec médias"),
    }[source.media]
    every, every_fr = "", ""
    if source.every is not None:
        every = f", every {interval_text(source.every)} by `jekafo serve`"
        every_fr = f", toutes les {interval_text_fr(source.every)} par `jekafo serve`"
    project, project_fr = "", ""
    if source.kind == CENTRAL:
        known = source.project is not None
        project = (
            f", project {source.project}"
            if known
            else ", all projects (no project number, so nothing can be published there)"
        )
        project_fr = (
            f", projet {source.project}"
            if known
            else ", tous les projets (sans numéro de projet, rien ne peut y être publié)"
        )
    return Bilingual(
        f"{source.name}: {source.kind}, {source.address}{project}, {media.en}{every} ({source.origin})",
        f"{source.name} : {source.kind}, {source.address}{project_fr}, {media.fr}{every_fr} ({source.origin})",
    )


def _shows_its_forms(source: ConfiguredSource, settings: Settings) -> bool:
    try:
        forms = tuple(connect(source.for_connecting(), wires_for(settings)).forms())
    except JekafoError as error:
        _complain(error)
        return False
    for line in form_lines(forms):
        say(line.en, line.fr)
    if not forms:
        say("  no form that takes submissions", "  aucun formulaire qui reçoit des soumissions")
    return True


def _complain(error: JekafoError) -> None:
    err.print(f"  {error.message.in_language(terminal_language())}", style="bold red", markup=False, soft_wrap=True)
