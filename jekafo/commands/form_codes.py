"""`jekafo form codes`: what the codes of findings mean."""

from enum import StrEnum
from typing import Annotated

import typer

from forms.finding_codes import codes_by_origin, finding_codes
from jekafo.settings import terminal_language
from jekafo.streams import print_for_programs
from jekafo.terminal import fail, out, reported, words


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


@reported
def codes(
    code: Annotated[str | None, typer.Argument(help="One code; without it all are listed.")] = None,
    form_as: Annotated[Format, typer.Option("--as", help="markdown: in both languages.")] = Format.TEXT,
) -> None:
    """Say what a code of `form check` finds, or list them all."""
    if form_as is Format.MARKDOWN:
        print_for_programs(codes_as_markdown())
        return
    known = finding_codes()
    if code is not None and code not in known:
        fail(words(f"There is no code {code}.", f"Le code {code} n'existe pas."))
    for name in (code,) if code is not None else known:
        out.print(f"{name}: {known[name].in_language(terminal_language())}", markup=False, soft_wrap=True)


def codes_as_markdown() -> str:
    """Return the tables of docs/findings.md: code, what it finds, the same in French."""
    lines: list[str] = []
    for origin, codes_there in codes_by_origin().items():
        lines += [f"## {origin.en}", "", "| code | what it finds | ce qui est signalé |", "|---|---|---|"]
        lines += [f"| `{code}` | {_cell(said.en)} | {_cell(said.fr)} |" for code, said in codes_there.items()]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
