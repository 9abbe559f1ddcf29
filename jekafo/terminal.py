"""What commands say to the person at the terminal: in their language, and failures with what to do next.

Exit codes: 0 done, 1 findings, 2 wrong usage, 3 failed.
"""

import functools
from collections.abc import Callable
from typing import NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console

from forms.errors import JekafoError, XLSFormInvalid
from forms.finding import Finding, Severity
from forms.text import Bilingual
from jekafo.settings import terminal_language

P = ParamSpec("P")
R = TypeVar("R")

FINDINGS, FAILED = 1, 3

_SEVERITIES = {
    Severity.ERROR: Bilingual("error", "erreur"),
    Severity.WARNING: Bilingual("warning", "avertissement"),
}

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def words(en: str, fr: str) -> str:
    """The text in the language of this terminal."""
    return Bilingual(en, fr).in_language(terminal_language())


def say(en: str, fr: str) -> None:
    """Print one line of result."""
    out.print(words(en, fr), markup=False, soft_wrap=True)


def print_findings(file_name: str, findings: tuple[Finding, ...]) -> None:
    """Print findings one a line: file, place, severity and code, what is wrong and what to do."""
    for finding in findings:
        language = terminal_language()
        place = f" {finding.place(language)}:" if finding.place() else ""
        severity = _SEVERITIES[finding.severity].in_language(language)
        message = finding.message.in_language(language)
        out.print(f"{file_name}:{place} {severity} {finding.code}: {message}", markup=False, soft_wrap=True)


def print_complaints(file_name: str, complaints: tuple[Bilingual, ...]) -> None:
    """Print what ODK Validate refuses, one a line; it knows no sheet or row."""
    for complaint in complaints:
        say(f"{file_name}: error odk_validate: {complaint.en}", f"{file_name} : erreur odk_validate : {complaint.fr}")


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

    return run


def fail(message: str) -> NoReturn:
    """Say why a command could not do its work, and end with the code for that."""
    err.print(message, style="bold red", markup=False, soft_wrap=True)
    raise typer.Exit(FAILED)
