"""What a pull says when it is over: a line a form for people, an object a form for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from forms.text import Bilingual
from jekafo.counts import counted, counted_fr, grouped, grouped_fr
from jekafo.pulls.puller import Pulled, Unpulled
from sync.pull import PullReport
from sync.source import RemoteForm

SHOWN = 50


def report_line(report: PullReport) -> Bilingual:
    """Return what changed, in one line: counts of submissions, then what it cost; a folder costs no requests.

    Deleted ones and media left out, the counts add up to what is kept.
    """
    parts, parts_fr = "", ""
    if report.media_changed:
        parts += f"{grouped(report.media_changed)} with other files and the same answers, "
        parts_fr += f"{grouped_fr(report.media_changed)} avec d'autres fichiers et les mêmes réponses, "
    if report.set_aside:
        parts += f"{grouped(report.set_aside)} in quarantine, "
        parts_fr += f"{grouped_fr(report.set_aside)} en quarantaine, "
    size = f" ({_megabytes(report.media_bytes)} MB)" if report.media_bytes else ""
    size_fr = f" ({_megabytes(report.media_bytes).replace('.', ',')} Mo)" if report.media_bytes else ""
    seconds = f"{report.seconds:.1f}"
    requests = f"{counted(report.requests, 'request', 'requests')}, " if report.requests else ""
    requests_fr = f"{counted_fr(report.requests, 'requête', 'requêtes')}, " if report.requests else ""
    everything = ", everything compared" if report.swept else ""
    everything_fr = ", tout a été comparé" if report.swept else ""
    return Bilingual(
        f"{report.source} {report.form_id}: {grouped(report.new)} new, {grouped(report.edited)} edited, "
        f"{grouped(report.deleted)} deleted, {grouped(report.restored)} restored, {grouped(report.reviewed)} reviewed, "
        f"{parts}{grouped(report.media_received)} media{size}, {grouped(report.unchanged)} unchanged; "
        f"{requests}{seconds} s{everything}",
        f"{report.source} {report.form_id} : {counted_fr(report.new, 'nouvelle', 'nouvelles')}, "
        f"{counted_fr(report.edited, 'modifiée', 'modifiées')}, "
        f"{counted_fr(report.deleted, 'supprimée', 'supprimées')}, "
        f"{counted_fr(report.restored, 'rétablie', 'rétablies')}, "
        f"{counted_fr(report.reviewed, 'statut de validation changé', 'statuts de validation changés')}, "
        f"{parts_fr}{counted_fr(report.media_received, 'média', 'médias')}{size_fr}, "
        f"{counted_fr(report.unchanged, 'inchangée', 'inchangées')} ; "
        f"{requests_fr}{seconds.replace('.', ',')} s{everything_fr}",
    )


def has_changed(report: PullReport) -> bool:
    """Whether a pull changed anything that is kept, or has something to say."""
    changes = (report.new, report.edited, report.deleted, report.restored, report.reviewed, report.media_changed)
    return any(changes) or bool(report.media_received or report.remarks or report.needs_person)


def further_lines(report: PullReport) -> Iterator[Bilingual]:
    """Give what else is worth knowing, and nobody needs to act on."""
    yield from report.remarks
    where, where_fr = ("on the server", "sur le serveur") if report.requests else ("in the folder", "dans le dossier")
    if report.awaiting_media:
        yield Bilingual(
            f"submissions whose media are not all {where}: {grouped(report.awaiting_media)}",
            f"soumissions dont il manque des médias {where_fr} : {grouped_fr(report.awaiting_media)}",
        )
    if report.media_listed:
        yield Bilingual(
            f"media {where} and not here: {grouped(report.media_listed)}",
            f"médias {where_fr} et pas ici : {grouped_fr(report.media_listed)}",
        )
    if report.media_failed:
        yield Bilingual(
            f"media that could not be fetched: {grouped(report.media_failed)}; the next pull tries again",
            f"médias qui n'ont pas pu être récupérés : {grouped_fr(report.media_failed)} ; la prochaine récupération "
            "réessaiera",
        )


def failure_line(outcome: Pulled | Unpulled, error: Bilingual) -> Bilingual:
    """Return what failed and why."""
    about = outcome.source if isinstance(outcome, Unpulled) else f"{outcome.source} {outcome.form.proposed_form_id}"
    return Bilingual(f"{about}: {error.en}", f"{about} : {error.fr}")


def lines_to_choose_from(source: str, forms: tuple[RemoteForm, ...]) -> Iterator[Bilingual]:
    """Give the forms of a source, and how to say which ones to pull."""
    if not forms:
        yield Bilingual(
            f"{source}: the account sees no form that takes submissions. Share one with it, then pull again.",
            f"{source} : le compte ne voit aucun formulaire qui reçoit des soumissions. Partagez-en un avec lui, puis "
            "relancez la récupération.",
        )
        return
    yield Bilingual(
        f"Nothing has been pulled from {source} yet. Its forms:",
        f"Rien n'a encore été récupéré de {source}. Ses formulaires :",
    )
    yield from form_lines(forms)
    yield Bilingual(
        f"Choose with `jekafo pull {source} --form ID`, or take all with `jekafo pull {source} --all`.",
        f"Choisissez avec `jekafo pull {source} --form ID`, ou récupérez tout avec `jekafo pull {source} --all`.",
    )


def form_lines(forms: tuple[RemoteForm, ...]) -> Iterator[Bilingual]:
    """Give a line a form: its id there, its own id, its title, how many submissions."""
    for form in forms[:SHOWN]:
        own = "" if form.proposed_form_id == form.remote_id else f" ({form.proposed_form_id})"
        count, count_fr = "", ""
        if form.submissions is not None:
            count = f": {counted(form.submissions, 'submission', 'submissions')}"
            count_fr = f" : {counted_fr(form.submissions, 'soumission', 'soumissions')}"
        yield Bilingual(
            f"  {form.remote_id}{own} {form.title}{count}",
            f"  {form.remote_id}{own} {form.title}{count_fr}",
        )
    more = len(forms) - SHOWN
    if more > 0:
        yield Bilingual(f"  and {grouped(more)} more", f"  et {grouped_fr(more)} de plus")


def as_json(outcome: Pulled | Unpulled) -> Iterator[str]:
    """Give one object a form, each on a line; for a source that could not be asked, one for the source."""
    error = None if outcome.error is None else asdict(outcome.error.message)
    if isinstance(outcome, Unpulled):
        if error is not None:
            yield _line({"source": outcome.source, "error": error})
        for form in outcome.forms:
            yield _line({"source": outcome.source, **_form(form), "pulled": False})
    elif outcome.report is not None:
        yield _line({**asdict(outcome.report), "pulled": True})
    else:
        yield _line({"source": outcome.source, **_form(outcome.form), "pulled": False, "error": error})


def _form(form: RemoteForm) -> dict[str, object]:
    return {
        "form_id": form.proposed_form_id,
        "remote_id": form.remote_id,
        "title": form.title,
        "submissions": form.submissions,
    }


def _line(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"
