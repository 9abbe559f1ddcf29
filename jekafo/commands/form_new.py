"""`jekafo form new`: a workbook to begin with, that works as it stands."""

import shlex
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from forms.starter import LANGUAGES, copy_of_instrument, form_id_of, read_languages, small_survey
from jekafo.terminal import fail, reported, say, words
from jekafo.whole_file import write_whole


class Instrument(StrEnum):
    """The shipped instruments, as one may begin with a copy of."""

    COMMUNITY_PERCEPTIONS = "community_perceptions"
    AUTHORITY_PERCEPTIONS = "authority_perceptions"
    FOCUS_GROUP = "focus_group"


@reported
def new(
    file: Annotated[Path, typer.Argument(help="The workbook to make; its name gives the form its form_id.")],
    like: Annotated[Instrument | None, typer.Option(help="A copy of this instrument, with its CSV files.")] = None,
    title: Annotated[str | None, typer.Option(help="The form's title.")] = None,
    languages: Annotated[
        str | None, typer.Option(help=f"Its languages, with a comma between two; else {', '.join(LANGUAGES)}.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that exist.")] = False,
) -> None:
    """Make a small survey that works as it stands, or a copy of an instrument, and say what to type next."""
    if like is not None and languages is not None:
        raise typer.BadParameter(
            words(
                "An instrument keeps its languages: leave --languages out, then run jekafo form translate.",
                "Un instrument garde ses langues : retirez --languages, puis lancez jekafo form translate.",
            )
        )
    if file.suffix.lower() != ".xlsx":
        fail(
            words(
                f"{file} must end with .xlsx: it becomes an Excel workbook.",
                f"{file} doit finir par .xlsx : ce sera un classeur Excel.",
            )
        )
    form_id, today = form_id_of(file.stem), datetime.now(UTC).date()
    if like is not None:
        starter = copy_of_instrument(like, form_id, title=title, today=today)
    else:
        asked = read_languages(languages) if languages is not None else LANGUAGES
        starter = small_survey(form_id, title=title, languages=asked, today=today)
    _write({file: starter.workbook, **{file.parent / name: raw for name, raw in starter.files.items()}}, force=force)
    _say_what_next(file, form_id, starter.files)


def _write(contents: Mapping[Path, bytes], *, force: bool) -> None:
    """Write all files, or none where one of them would be lost."""
    try:
        lost = [path for path, raw in contents.items() if path.exists() and not _holds(path, raw)]
    except OSError as error:
        fail(words(f"Cannot be read: {error}.", f"Lecture impossible : {error}."))
    folders = [path for path in lost if path.is_dir()]
    if folders:
        fail(words(f"{_listed(folders)} is a folder.", f"{_listed(folders)} est un dossier."))
    if lost and not force:
        fail(
            words(
                f"There already: {_listed(lost)}. Choose another folder or name, or write over it with --force.",
                f"Existe déjà : {_listed(lost)}. Choisissez un autre dossier ou nom, ou écrasez avec --force.",
            )
        )
    for path, raw in contents.items():
        try:
            write_whole(path, raw)
        except FileNotFoundError:
            fail(
                words(
                    f"There is no folder {path.parent}. Make it first.",
                    f"Le dossier {path.parent} n'existe pas. Créez-le d'abord.",
                )
            )
        except OSError as error:
            fail(
                words(
                    f"{path} cannot be written: {error.strerror}. Close it in Excel, or choose another folder.",
                    f"{path} ne peut être écrit : {error.strerror}. Fermez-le dans Excel, ou choisissez un autre "
                    "dossier.",
                )
            )


def _holds(path: Path, raw: bytes) -> bool:
    return path.is_file() and path.read_bytes() == raw


def _listed(paths: Iterable[Path]) -> str:
    return ", ".join(str(path) for path in paths)


def _say_what_next(file: Path, form_id: str, files: Iterable[str]) -> None:
    beside = ", ".join(files)
    say(f"Made {file}, form_id {form_id}.", f"{file} est créé, form_id {form_id}.")
    if beside:
        say(f"Beside it: {beside}.", f"À côté : {beside}.")
    path = shlex.quote(str(file))
    say(
        "Open it in Excel or LibreOffice and begin with the sheet README. Then:",
        "Ouvrez-le dans Excel ou LibreOffice et commencez par la feuille README. Ensuite :",
    )
    commands = ("form check {}", "form show {}", "simulate {} -n 20", "form print {}", "form publish {}")
    for command in commands:
        line = f"  jekafo {command.format(path)}"
        say(line, line)
