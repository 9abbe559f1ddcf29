"""`jekafo review`: what a reviewer says about a submission, on the server that holds it and here."""

from enum import StrEnum
from typing import Annotated

import typer

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.counts import counted, counted_fr, grouped, grouped_fr
from jekafo.project import opened_existing
from jekafo.reviewing import Pushed, form_named, push_review, root_named
from jekafo.settings import terminal_language
from jekafo.sources.settings import configured_sources
from jekafo.sources.wires import wires_for
from jekafo.terminal import FAILED, FINDINGS, err, reported, say, words
from store.kept import Store
from store.unreviewed import count_unreviewed, unreviewed
from sync.source import Review

_SHOWN = 50


class Verdict(StrEnum):
    """What may be said; ODK Central's words."""

    APPROVED = "approved"
    REJECTED = "rejected"
    HAS_ISSUES = "hasIssues"
    NONE = "none"


@reported
def review(
    form: Annotated[str, typer.Argument(help="The form's id, here or on its server.")],
    submission: Annotated[
        str | None,
        typer.Argument(
            help="The submission's uuid, or how it begins; without it, what nobody has looked at is listed."
        ),
    ] = None,
    verdict: Annotated[Verdict | None, typer.Option("--as", help="What to say; none takes the review back.")] = None,
    project: ProjectOption = None,
) -> None:
    """Set a review on the servers that hold a submission; exit 1 where one has another then, 3 where one refused.

    Without a submission: list those of the form that wait for a reviewer, newest first.
    """
    if (submission is None) != (verdict is None):
        raise typer.BadParameter(
            words(
                "name a submission and --as together, or neither",
                "donnez une soumission avec --as, ou ni l'une ni l'autre",
            ),
            param_hint="--as",
        )
    settings = settings_for(project)
    with opened_existing(settings) as open_project:
        form_id = form_named(open_project.store, form)
        if submission is None or verdict is None:
            _list_unreviewed(open_project.store, form_id)
            return
        wanted = None if verdict is Verdict.NONE else Review(verdict.value)
        root_id = root_named(open_project.store, form_id, submission)
        sources = configured_sources(settings)
        pushed = push_review(open_project.store, sources, form_id, root_id, wanted, wires_for(settings))
    if not pushed:
        say(f"{root_id}: {_said(wanted)} (here)", f"{root_id} : {_said(wanted)} (ici)")
    for one in pushed:
        _tell(root_id, one)
    if any(one.error is not None for one in pushed):
        raise typer.Exit(FAILED)
    if any(one.held is not wanted for one in pushed):
        raise typer.Exit(FINDINGS)


def _list_unreviewed(store: Store, form_id: str) -> None:
    """Say which submissions wait for a reviewer; whose they are and where, never what they answer."""
    with store.database.read() as connection:
        number, waiting = count_unreviewed(connection, form_id), unreviewed(connection, form_id, limit=_SHOWN)
    if not waiting:
        say(
            f"{form_id}: nothing waits for a review.",
            f"{form_id} : aucune soumission n'attend de statut de validation.",
        )
        return
    say(
        f"{form_id}: {counted(number, 'submission waits', 'submissions wait')} for a review.",
        f"{form_id} : {counted_fr(number, 'soumission attend', 'soumissions attendent')} un statut de validation.",
    )
    for one in waiting:
        review = None if one.review is None else Review(one.review)
        cells = (
            one.root_id,
            f"{one.received_at:%Y-%m-%d %H:%M} UTC",
            one.submitter or "-",
            _said(review),
            ", ".join(one.sources) or words("here", "ici"),
        )
        line = "  " + "  ".join(cells)
        say(line, line)
    if number > len(waiting):
        more = number - len(waiting)
        say(f"  and {grouped(more)} more", f"  et {grouped_fr(more)} de plus")


def _tell(root_id: str, pushed: Pushed) -> None:
    if pushed.error is None:
        said = _said(pushed.held)
        say(f"{root_id}: {said} on {pushed.source}", f"{root_id} : {said} sur {pushed.source}")
    else:
        message = pushed.error.message.in_language(terminal_language())
        err.print(f"{pushed.source}: {message}", style="bold red", markup=False, soft_wrap=True)


def _said(review: Review | None) -> str:
    return {
        Review.APPROVED: words("approved", "approuvée"),
        Review.REJECTED: words("rejected", "rejetée"),
        Review.HAS_ISSUES: words("has issues", "à vérifier"),
        Review.EDITED: words("edited", "modifiée"),
        None: words("no review", "sans statut"),
    }[review]
