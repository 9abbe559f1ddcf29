"""What a designer is told after a simulation: how many interviews were made, and which questions caused trouble."""

from collections.abc import Iterator

from forms.form import Question
from forms.text import Bilingual
from jekafo.counts import counted, counted_fr, grouped, grouped_fr
from jekafo.simulation.interviews import Tally

NAMED = 12
"""How many questions of a kind are named one by one; the others are counted."""

MOST_CHOICES = 10
"""How many choices that nobody lasted with are named."""


def told(tally: Tally) -> Iterator[Bilingual]:
    """Yield what the tally says, one sentence a line, most important first."""
    yield _made(tally)
    yield from _broken_off(tally)
    for path, times in tally.stopped.most_common(NAMED):
        reason, times_en, times_fr = tally.reasons[path], _times_en(times), _times_fr(times)
        constraint = _constraint(tally, path)
        yield Bilingual(
            f"  stopped {times_en}: {reason.en}{constraint}", f"  interrompu {times_fr} : {reason.fr}{constraint}"
        )
    yield from _ended_by_choices(tally)
    yield _coverage(tally)
    for path, times in tally.left_blank.most_common(NAMED):
        constraint = _constraint(tally, path)
        yield Bilingual(
            f"  left blank {_times_en(times)}, no answer was accepted: {path}{constraint}",
            f"  laissé vide {_times_fr(times)}, aucune réponse acceptée : {path}{constraint}",
        )
    for path, times in tally.overruled.most_common(NAMED):
        yield Bilingual(
            f"  the form refused the shares given for {path} {_times_en(times)}",
            f"  le formulaire a refusé {_times_fr(times)} les parts données pour {path}",
        )
    yield from _never_lasting(tally)
    if tally.made:
        yield from _listed(
            tally.never_asked,
            Bilingual("Warning: no simulated interview reached", "Attention : aucun entretien simulé n'a atteint"),
        )
        yield from _listed(
            tally.switched_off,
            Bilingual(
                "Hidden whatever is answered:",
                "Masquées quelles que soient les réponses :",
            ),
        )
        yield from _listed(
            tally.never_answered,
            Bilingual("Asked, but never answered:", "Posées, mais restées sans réponse :"),
        )


def _made(tally: Tally) -> Bilingual:
    total = tally.made + tally.given_up
    made, filled = counted(tally.made, "interview", "interviews"), _filled_fr(tally.made)
    if not tally.given_up:
        return Bilingual(f"{made} filled in.", f"{filled}.")
    given_up = "n'a pas pu être achevé" if tally.given_up == 1 else "n'ont pas pu être achevés"
    return Bilingual(
        f"{tally.made:,} of {counted(total, 'interview', 'interviews')} filled in; "
        f"{tally.given_up:,} could not be finished.",
        f"{filled} sur {grouped_fr(total)} ; {grouped_fr(tally.given_up)} {given_up}.",
    )


def _filled_fr(number: int) -> str:
    return counted_fr(number, "entretien rempli", "entretiens remplis")


def _broken_off(tally: Tally) -> Iterator[Bilingual]:
    """How many sittings were not finished, and where: each was begun anew, up to twelve times."""
    times = tally.stopped.total()
    if not times:
        return
    places = ", ".join(
        f"{path or 'an expression'} {grouped(count)}" for path, count in tally.stopped.most_common(NAMED)
    )
    places_fr = ", ".join(
        f"{path or 'une expression'} {grouped_fr(count)}" for path, count in tally.stopped.most_common(NAMED)
    )
    yield Bilingual(
        f"{counted(times, 'sitting', 'sittings')} could not be finished and had to be begun anew: {places}.",
        f"{counted_fr(times, 'essai', 'essais')} d'entretien sans issue, à recommencer : {places_fr}.",
    )


def _ended_by_choices(tally: Tally) -> Iterator[Bilingual]:
    endings = tally.choices.endings(tally.plan.form)
    for ending in endings[:NAMED]:
        why = Bilingual("", "")
        if ending.is_without_choice:
            why = Bilingual(": no choice was offered there", " : aucun choix n'y était proposé")
        each_time = Bilingual("each time the interview ended", "chaque fois l'entretien s'est arrêté")
        if ending.times == 1:
            each_time = Bilingual("the interview ended", "l'entretien s'est arrêté")
        yield Bilingual(
            f"  {ending.choice} ({ending.question}) was chosen {_times_en(ending.times)} and {each_time.en} at "
            f"{ending.at}{why.en}.",
            f"  {ending.choice} ({ending.question}) : choisi {_times_fr(ending.times)}, et {each_time.fr} à "
            f"{ending.at}{why.fr}.",
        )
    if (more := len(endings) - NAMED) > 0:
        yield Bilingual(
            f"  ... and {more:,} more such choices.", f"  ... et {grouped_fr(more)} autres choix de ce genre."
        )


def _never_lasting(tally: Tally) -> Iterator[Bilingual]:
    choices = tally.choices.never_lasting(tally.plan.form)
    if not choices:
        return
    names = ", ".join(f"{choice} ({path})" for path, choice in choices[:MOST_CHOICES])
    more = len(choices) - MOST_CHOICES
    yield Bilingual(
        f"  Offered, but in no finished interview: {names}{f' and {more:,} more' if more > 0 else ''}.",
        f"  Proposés, mais dans aucun entretien achevé : {names}"
        f"{f' et {grouped_fr(more)} autres' if more > 0 else ''}.",
    )


def _coverage(tally: Tally) -> Bilingual:
    askable = len(tally.plan.askable)
    answered = sum(tally.answered[question.path] > 0 for question in tally.plan.askable)
    percent, have = int(100 * tally.share_answered), "ont" if answered > 1 else "a"
    return Bilingual(
        f"{answered:,} of {counted(askable, 'question', 'questions')} got an answer in one of them at least "
        f"({percent} %).",
        f"{counted_fr(answered, 'question', 'questions')} sur {grouped_fr(askable)} {have} eu une réponse dans au "
        f"moins un entretien ({percent} %).",
    )


def _listed(questions: tuple[Question, ...], heading: Bilingual) -> Iterator[Bilingual]:
    if not questions:
        return
    names = ", ".join(question.path for question in questions[:NAMED])
    more = len(questions) - NAMED
    others = "autres" if more > 1 else "autre"
    yield Bilingual(
        f"  {heading.en} {names}{f' and {more:,} more' if more > 0 else ''}.",
        f"  {heading.fr} {names}{f' et {grouped_fr(more)} {others}' if more > 0 else ''}.",
    )


def _constraint(tally: Tally, path: str) -> str:
    question = tally.plan.form.by_path.get(path)
    return f" [{question.constraint}]" if question is not None and question.constraint else ""


def _times_en(times: int) -> str:
    return "once" if times == 1 else f"{times:,} times"


def _times_fr(times: int) -> str:
    return f"{grouped_fr(times)} fois"
