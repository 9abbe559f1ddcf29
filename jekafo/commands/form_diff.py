"""`jekafo form diff`: what changed between two versions of an instrument, and what it does to collected answers."""

import json
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from forms.changes.compare import is_breaking
from forms.changes.edition import Edition, read_edition
from forms.errors import XLSFormInvalid
from jekafo.change_reports import MAX_WIDTH, as_json, as_text
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import DATABASE, Project, opened_existing
from jekafo.project_changes import edition_of, report_of
from jekafo.settings import Settings, terminal_language
from jekafo.streams import print_for_programs
from jekafo.terminal import FAILED, FINDINGS, fail, out, print_findings, reported, words
from store.form_versions import find_form_version, newest_form_version

_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".csv", ".md")


class Format(StrEnum):
    """How the changes are written."""

    TEXT = "text"
    JSON = "json"


@reported
def diff(
    old: Annotated[str, typer.Argument(help="The older workbook, or FORM_ID or FORM_ID@VERSION of the project.")],
    new: Annotated[Path, typer.Argument(help="The newer workbook.")],
    form_as: Annotated[Format, typer.Option("--as", help="How changes are written.")] = Format.TEXT,
    project: ProjectOption = None,
    language: Annotated[str | None, typer.Option(help="fr or en; else the terminal's language.")] = None,
) -> None:
    """List what changed, ranked: breaking, comparable with a declaration, cosmetic; exit 1 on breaking."""
    spoken = language or terminal_language()
    is_kept = not _is_file(old)
    if not new.is_file():
        fail(words(f"There is no file {new}.", f"Le fichier {new} n'existe pas."))
    settings = settings_for(project)
    at_hand = is_kept or project is not None or _is_at_hand(settings)
    with opened_existing(settings) if at_hand else nullcontext() as open_project:
        newer = _read(new, spoken)
        older = _kept(open_project, old) if open_project is not None and is_kept else _read(Path(old), spoken)
        report = report_of(older, newer, open_project)
    if form_as is Format.JSON:
        print_for_programs(json.dumps(as_json(report), ensure_ascii=False, indent=2))
    else:
        for line in as_text(report, spoken, min(out.width, MAX_WIDTH)):
            out.print(line, markup=False, soft_wrap=True)
    if is_breaking(report.changes):
        raise typer.Exit(FINDINGS)


def _is_file(named: str) -> bool:
    if Path(named).is_file():
        return True
    if Path(named).suffix.lower() in _WORKBOOKS or "/" in named or "\\" in named:
        fail(words(f"There is no file {named}.", f"Le fichier {named} n'existe pas."))
    return False


def _is_at_hand(settings: Settings) -> bool:
    return settings.database_url is not None or (settings.project / DATABASE).exists()


def _read(path: Path, language: str) -> Edition:
    try:
        return read_edition(path.read_bytes(), path.name)
    except XLSFormInvalid as error:
        # Exit code 1 says that changes break; here nothing could be compared.
        print_findings(error.file_name, error.findings, language)
        raise typer.Exit(FAILED) from error


def _kept(project: Project, named: str) -> Edition:
    """The version that `FORM_ID` (its newest) or `FORM_ID@VERSION` names."""
    with project.store.database.read() as connection:
        version = newest_form_version(connection, named)
        if version is None and "@" in named:
            form_id, _, wanted = named.rpartition("@")
            version = find_form_version(connection, form_id, wanted)
    if version is None:
        published = ", ".join(project.shelf.form_ids()) or "-"
        fail(
            words(
                f"{named} is neither a file nor a form published here. Published: {published}.",
                f"{named} n'est ni un fichier ni un formulaire publié ici. Publiés : {published}.",
            )
        )
    return edition_of(version)
