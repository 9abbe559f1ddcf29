"""What commands say to the person at the terminal: in their language, and failures with what to do next.

Exit codes: 0 done, 1 findings, 2 wrong usage, 3 failed.
"""

import errno
import functools
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.text import Text

from forms.errors import JekafoError, XLSFormInvalid
from forms.finding import Finding, Severity
from forms.text import Bilingual
from jekafo.settings import terminal_language

P = ParamSpec("P")
R = TypeVar("R")

FINDINGS, FAILED = 1, 3
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_SEVERITIES = {
    Severity.ERROR: Bilingual("error", "erreur"),
    Severity.WARNING: Bilingual("warning", "avertissement"),
    Severity.INFO: Bilingual("remark", "remarque"),
}

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}

# What a terminal takes for orders (colours, moving about, its title), and what turns the direction of reading. Titles,
# ids and the words of servers are other people's.
_ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class _PlainConsole(Console):
    """A console on which text is text: what would be an order to the terminal shows as a sign that it is none."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Give what is to be shown, piece by piece."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=_ORDERS.sub("\ufffd", segment.text))


out = _PlainConsole(highlight=False)
err = _PlainConsole(stderr=True, highlight=False)


def progress_bars() -> Progress:
    """Return what shows a bar a task: how much of it is done, and how long the rest will take."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=out,
    )


def words(en: str, fr: str) -> str:
    """The text in the language of this terminal."""
    return Bilingual(en, fr).in_language(terminal_language())


def say(en: str, fr: str, *, language: str | None = None) -> None:
    """Print one line of result, in the terminal's language unless another is asked for."""
    out.print(Bilingual(en, fr).in_language(language or terminal_language()), markup=False, soft_wrap=True)


def stamped(line: Bilingual, at: datetime) -> Bilingual:
    """Return the line of a log with the time before it, to the second, as clocks show it here."""
    time = at.astimezone().isoformat(timespec="seconds")
    return Bilingual(f"{time} {line.en}", f"{time} {line.fr}")


def print_findings(file_name: str, findings: tuple[Finding, ...], language: str | None = None) -> None:
    """Print findings one a line: file, place, severity and code, what is wrong and what to do."""
    language = language or terminal_language()
    for finding in findings:
        place = f" {finding.place(language)}:" if finding.place() else ""
        line = Text.assemble(
            (f"{file_name}:", "dim"),
            (place, "bold"),
            " ",
            (f"{_SEVERITIES[finding.severity].in_language(language)} {finding.code}", _COLOURS[finding.severity]),
            f": {finding.message.in_language(language)}",
        )
        out.print(line, soft_wrap=True)


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors that a person can act on into a message and an exit code; others keep their traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except XLSFormInvalid as error:
            print_findings(error.file_name, error.findings)
            raise typer.Exit(FINDINGS) from error
        except JekafoError as error:
            fail(error.message.in_language(terminal_language()))
        except OSError as error:
            if error.errno in _NO_ROOM:
                fail(
                    words(
                        "The disk is full. What was kept until now stays. Make room, then repeat the command.",
                        "Le disque est plein. Ce qui est conservé jusqu'ici le reste. Faites de la place, puis "
                        "relancez la commande.",
                    )
                )
            if error.filename is None:
                raise
            fail(
                words(
                    f"{error.filename} cannot be opened or written: {error.strerror}. Check its name, its folder and "
                    "your permissions.",
                    f"{error.filename} ne peut être ouvert ou écrit : {error.strerror}. Vérifiez son nom, son dossier "
                    "et vos droits.",
                )
            )

    return run


def fail(message: str) -> NoReturn:
    """Say why a command could not do its work, and end with the code for that."""
    complain(message)
    raise typer.Exit(FAILED)


def complain(message: str) -> None:
    """Say on standard error what a person should mend, and go on."""
    err.print(message, style="bold red", markup=False, soft_wrap=True)
