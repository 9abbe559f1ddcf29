"""`jekafo form show`: the questionnaire in the terminal, in any of its languages."""

from enum import StrEnum
from typing import Annotated

import typer

from forms.paper.as_json import questionnaire_json
from forms.paper.as_text import questionnaire_text
from forms.paper.questionnaire import paper_questionnaire
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.named_form import named_form
from jekafo.settings import terminal_language
from jekafo.streams import print_for_programs
from jekafo.terminal import reported


class Shape(StrEnum):
    """How the questionnaire is printed."""

    TEXT = "text"
    JSON = "json"


FormArgument = Annotated[
    str,
    typer.Argument(
        metavar="FORM",
        help="A workbook, an instrument of the library (community_perceptions), or the form_id of a published form.",
    ),
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--language", help="One of the form's languages, by name or tag (fr); else its first."),
]


@reported
def show(
    form: FormArgument,
    language: LanguageOption = None,
    shape: Annotated[Shape, typer.Option("--as", help="Text to read, or JSON for programs.")] = Shape.TEXT,
    project: ProjectOption = None,
) -> None:
    """Print the questionnaire: numbered questions, codes, and skips in words."""
    named = named_form(form, settings_for(project))
    questionnaire = paper_questionnaire(named.form, language, files=named.files, reader=terminal_language())
    if shape is Shape.JSON:
        print_for_programs(questionnaire_json(questionnaire))
    else:
        # Not by Rich: it would wrap lines again, and colour what is in brackets.
        typer.echo(questionnaire_text(questionnaire), nl=False)
