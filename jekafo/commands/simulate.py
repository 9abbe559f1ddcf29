"""`jekafo simulate`: a questionnaire filled in by invented people, before real ones are asked."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from forms.errors import XLSFormInvalid
from forms.form import Form
from forms.javarosa.filler import FormFiller, Sitting
from forms.library import library_files, library_forms, library_workbook
from forms.read import attempt_to_read
from forms.workbook.file import read_workbook
from forms.xform.read import read_xform
from jekafo.counts import counted_fr, grouped
from jekafo.settings import terminal_language
from jekafo.simulation.delivery import listed_form, send, side_by_side
from jekafo.simulation.distribution_sheet import read_distributions
from jekafo.simulation.distributions import Distributions
from jekafo.simulation.folder import SubmissionFolder, file_stem
from jekafo.simulation.interviews import Interviewed, Tally, interview
from jekafo.simulation.plan import FormPlan
from jekafo.simulation.rechecking import Recheck
from jekafo.simulation.report import told
from jekafo.simulation.sittings import plan_sittings
from jekafo.terminal import FAILED, FINDINGS, fail, out, progress_bars, reported, say, words
from jekafo.workbook_files import files_beside
from sync.openrosa_client import OpenRosaClient

TABLETS = 6


@reported
def simulate(
    form: Annotated[str, typer.Argument(help="A workbook, an XForm (.xml), or a form that ships with Jekafo.")],
    number: Annotated[int, typer.Option("-n", "--number", help="How many interviews.", min=1)] = 100,
    to: Annotated[str | None, typer.Option(help="A folder, or the address of a server (http...).")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same interviews.")] = 1,
    distributions: Annotated[Path | None, typer.Option(help="Shares of answers: .csv or .xlsx.")] = None,
    at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Interviews lie before this day.")] = None,
    language: Annotated[str | None, typer.Option(help="fr or en: of the free texts; else the form's.")] = None,
    user: Annotated[str | None, typer.Option(help="Sign in to the server by this name; asks the password.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    recheck_sample: Annotated[int | None, typer.Option(help="Re-check so many, not all.", min=0)] = None,
) -> None:
    """Fill in a form as invented respondents would, with the engine of the tablets, and write or send the result."""
    read, files = _read(form)
    shares = _distributions(distributions, read)
    plan = FormPlan.of(read, files, shares, language=language)
    sittings = plan_sittings(number, len(plan.askable), (at or datetime.now(UTC)).date(), seed)
    tally, recheck = Tally(plan), Recheck(read, files)
    limit = number if recheck_sample is None else recheck_sample

    def count(done: Interviewed) -> None:
        tally.add(done)
        if done.filled is not None and recheck.submissions < limit:
            recheck.add(done.filled.xml, datetime.now(UTC))

    if to is not None and to.casefold().startswith(("http://", "https://")):
        _send(plan, files, sittings, seed, count, to, _sign_in(user))
        say(
            f"{grouped(tally.made)} received by the server.",
            f"{counted_fr(tally.made, 'reçu', 'reçus')} par le serveur.",
        )
    else:
        folder = Path(to or f"{file_stem(read.form_id)}-simulated")
        _write(plan, files, sittings, seed, count, lambda: SubmissionFolder(folder, read, may_add=force))
        say(f"Written to {folder}", f"Écrit dans {folder}")
    for line in (*told(tally), *recheck.told()):
        out.print(line.in_language(terminal_language()), markup=False, soft_wrap=True)
    if not tally.made:
        raise typer.Exit(FAILED)
    if recheck.broken or tally.is_unfinishable:
        raise typer.Exit(FINDINGS)


def _read(form: str) -> tuple[Form, Mapping[str, bytes]]:
    """The form and the files that lie beside it or ship with it."""
    path = Path(form)
    if not path.is_file():
        if form in library_forms():
            return _compiled(library_workbook(form), f"{form}.xlsx"), library_files(form)
        shipped = ", ".join(library_forms())
        fail(
            words(
                f"There is no file {form}, and no form of that name ships with Jekafo ({shipped}).",
                f"Il n'y a pas de fichier {form}, ni de formulaire de ce nom livré avec Jekafo ({shipped}).",
            )
        )
    try:
        raw = path.read_bytes()
    except OSError as error:
        fail(words(f"{path} cannot be read: {error.strerror}.", f"{path} est illisible : {error.strerror}."))
    read = read_xform(raw) if path.suffix.casefold() == ".xml" else _compiled(raw, path.name)
    return read, files_beside(path, read)


def _compiled(workbook: bytes, file_name: str) -> Form:
    """The form of a workbook; what our own sheets say wrongly does not keep it from being filled in."""
    attempt = attempt_to_read(read_workbook(workbook, file_name))
    if attempt.form is None:
        raise XLSFormInvalid(file_name, attempt.errors)
    return attempt.form


def _distributions(path: Path | None, form: Form) -> Distributions:
    if path is None:
        return {}
    try:
        raw = path.read_bytes()
    except OSError as error:
        fail(words(f"{path} cannot be read: {error.strerror}.", f"{path} est illisible : {error.strerror}."))
    return read_distributions(raw, path.name, form)


def _sign_in(user: str | None) -> tuple[str, str] | None:
    if user is None:
        return None
    return user, str(typer.prompt(words(f"Password of {user}", f"Mot de passe de {user}"), hide_input=True))


def _write(
    plan: FormPlan,
    files: Mapping[str, bytes],
    sittings: tuple[Sitting, ...],
    seed: int,
    count: Callable[[Interviewed], None],
    open_folder: Callable[[], SubmissionFolder],
) -> None:
    # First what may fail: a form that cannot be filled leaves no folder behind.
    filler = FormFiller(plan.form.xform, files)
    folder = open_folder()
    with _progress(len(sittings), words("Interviews filled in", "Entretiens remplis")) as advance:
        for sitting in sittings:
            done = interview(plan, filler, sitting, seed, explores=True)
            count(done)
            if done.filled is not None:
                folder.write(done.filled)
            advance()


def _send(
    plan: FormPlan,
    files: Mapping[str, bytes],
    sittings: tuple[Sitting, ...],
    seed: int,
    count: Callable[[Interviewed], None],
    address: str,
    sign_in: tuple[str, str] | None,
) -> None:
    client = OpenRosaClient(address, language=terminal_language(), sign_in=sign_in)
    listed = listed_form(client, plan.form.form_id)
    if listed.version != plan.form.version:
        fail(
            words(
                f"The server has version {listed.version} of {plan.form.form_id}, this is version {plan.form.version}. "
                "Publish this one, or simulate the other.",
                f"Le serveur a la version {listed.version} de {plan.form.form_id}, celle-ci est la version "
                f"{plan.form.version}. Publiez celle-ci, ou simulez l'autre.",
            )
        )

    with _progress(len(sittings), words("Interviews filled in and sent", "Entretiens remplis et envoyés")) as advance:

        def carry_out(sitting: Sitting, filler: FormFiller) -> Interviewed:
            done = interview(plan, filler, sitting, seed, explores=True)
            if done.filled is not None:
                send(client, done.filled, sitting.device_id)
            advance()
            return done

        for done in side_by_side(sittings, carry_out, plan.form.xform, files, tablets=TABLETS):
            count(done)


@contextmanager
def _progress(total: int, description: str) -> Iterator[Callable[[], None]]:
    """Show a bar while something is done; yields what moves it on by one."""
    with progress_bars() as progress:
        task = progress.add_task(description, total=total)
        yield lambda: progress.advance(task)
