"""`jekafo form print`: the paper questionnaire as a file to print, HTML or Word."""

from pathlib import Path
from typing import Annotated

import typer

from forms.language import language_tag
from forms.paper.as_docx import questionnaire_docx
from forms.paper.as_html import questionnaire_html
from forms.paper.parts import Questionnaire
from forms.paper.questionnaire import paper_questionnaire
from jekafo.commands.form_show import FormArgument, LanguageOption
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.named_form import named_form
from jekafo.settings import terminal_language
from jekafo.terminal import fail, reported, say, words
from jekafo.whole_file import write_whole

_WRITERS = {".html": questionnaire_html, ".htm": questionnaire_html, ".docx": questionnaire_docx}


@reported
def print_form(
    form: FormArgument,
    language: LanguageOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The file to write, .html or .docx; else <form_id>-<language>.html here."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    project: ProjectOption = None,
) -> None:
    """Write the paper questionnaire: an HTML file for the browser's print dialogue, or a Word document."""
    if to is not None and to.suffix.lower() not in _WRITERS:
        raise typer.BadParameter(
            words(f"{to} must end in .html or .docx.", f"{to} doit se terminer par .html ou .docx."), param_hint="--to"
        )
    named = named_form(form, settings_for(project))
    questionnaire = paper_questionnaire(named.form, language, files=named.files, reader=terminal_language())
    path = to if to is not None else Path(_file_name(questionnaire))
    _write(path, _WRITERS[path.suffix.lower()](questionnaire), force=force)
    say(f"Written: {path}, {_count(questionnaire)} questions.", f"Écrit : {path}, {_count(questionnaire)} questions.")
    if questionnaire.list_files:
        lists = ", ".join(questionnaire.list_files)
        say(f"Lists to print and take along: {lists}.", f"Listes à imprimer et à emporter : {lists}.")


def _count(questionnaire: Questionnaire) -> int:
    return len(questionnaire.items)


def _file_name(questionnaire: Questionnaire) -> str:
    """`community_perceptions-fr.html`; what no file system takes becomes `_`."""
    tag = language_tag(questionnaire.language) or questionnaire.language
    stem = "-".join(part for part in (questionnaire.form_id, tag) if part)
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in stem).lstrip(".") + ".html"


def _write(path: Path, content: bytes, *, force: bool) -> None:
    """Write the file; with a clear word instead of overwriting one that is there, or where nothing can be written."""
    if path.is_dir():
        fail(words(f"{path} is a folder. Name a file in it.", f"{path} est un dossier. Nommez-y un fichier."))
    try:
        if path.exists() and not force:
            fail(
                words(
                    f"{path} is there already. Write over it with --force, or name another file with --to.",
                    f"{path} existe déjà. Remplacez-le avec --force, ou nommez un autre fichier avec --to.",
                )
            )
        write_whole(path, content)
    except OSError as error:
        fail(
            words(
                f"{path} cannot be written ({error.strerror}). Name a file in a folder that exists and is yours.",
                f"{path} ne peut pas être écrit ({error.strerror}). Nommez un fichier dans un dossier qui existe et "
                "où vous pouvez écrire.",
            )
        )
