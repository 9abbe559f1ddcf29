"""What a pull says of its own accord, in two languages and without anybody's answer."""

from collections.abc import Sequence

from forms.text import Bilingual


def joins(form_id: str, others: str) -> Bilingual:
    """Say that submissions of a form come from other sources too. others: their names."""
    return Bilingual(
        f"joins {form_id}, which {others} gives too: what comes from both is one form here",
        f"rejoint {form_id}, que donne aussi {others} : ce qui vient des deux forme ici un seul formulaire",
    )


def joins_ours(form_id: str) -> Bilingual:
    """Say that tablets of this project fill in the form too."""
    return Bilingual(
        f"joins {form_id}, which tablets of this project fill in too: what comes from both is one form here",
        f"rejoint {form_id}, que remplissent aussi des tablettes de ce projet : ce qui vient des deux forme ici un "
        "seul formulaire",
    )


def kept_apart(proposed: str, form_id: str, source: str) -> Bilingual:
    """Say that the id that the author gave is another form's of the same source."""
    return Bilingual(
        f"{source} has several forms with the id {proposed}: this one is kept apart, as {form_id}",
        f"{source} a plusieurs formulaires d'identifiant {proposed} : celui-ci est conservé à part, sous {form_id}",
    )


def hidden(count: int, title: str, source: str) -> Bilingual:
    """Say that submissions are not shown any more, and that this is not believed to be a deletion."""
    return Bilingual(
        f"{source} no longer shows {count} of the submissions of {title}, and the account may not see all of them: "
        "they are kept. Give the account the right to view all submissions, then pull again.",
        f"{source} ne montre plus {count} des soumissions de {title}, et le compte n'a pas le droit de tout voir : "
        "elles sont conservées. Donnez au compte le droit de voir toutes les soumissions, puis relancez la "
        "récupération.",
    )


def not_come(count: int, reason: Bilingual) -> Bilingual:
    """Say how many media did not come, and why."""
    came = "média n'est pas arrivé" if count == 1 else "médias ne sont pas arrivés"
    return Bilingual(
        f"{count} media did not come; the next pull tries again. {reason.en}",
        f"{count} {came} ; la prochaine récupération réessaiera. {reason.fr}",
    )


def aside(count: int, example: str, message: Bilingual) -> Bilingual:
    """Say how many submissions went to quarantine for one reason. example: one of them, that the message is about."""
    among, among_fr = (", for example", ", par exemple") if count > 1 else ("", "")
    named, named_fr = ("", "") if example in message.en else (f" {example}:", f" {example} :")
    return Bilingual(
        f"{count} set aside in quarantine{among}:{named} {message.en}",
        f"{count} en quarantaine{among_fr} :{named_fr} {message.fr}",
    )


def more_aside(count: int) -> Bilingual:
    """Say how many more went to quarantine, for other reasons than those told."""
    return Bilingual(
        f"{count} more set aside in quarantine, for other reasons.",
        f"{count} de plus en quarantaine, pour d'autres raisons.",
    )


def conflict(root_id: str, met: tuple[str, str], others: Sequence[tuple[str, str]]) -> Bilingual:
    """Say that records have one id and different answers, and where to mend it. Each: a source and its record's id."""
    source = met[0]
    this = _placed(root_id, met)
    if not others:
        return Bilingual(
            f"Two submissions have the id {root_id} and different answers: {this.en}, and one that is kept here "
            f"already and counts. Correct or delete the other on {source}.",
            f"Deux soumissions ont l'identifiant {root_id} et des réponses différentes : {this.fr}, et une qui est "
            f"déjà conservée ici et qui compte. Corrigez ou supprimez l'autre sur {source}.",
        )
    placed = [_placed(root_id, other) for other in others]
    listed, listed_fr = ", ".join(one.en for one in placed), ", ".join(one.fr for one in placed)
    # An edit there is a version that has the same root again: within one source it does not help.
    is_one_source = all(name == source for name, _ in others)
    deed, deed_fr = ("Delete", "Supprimez-y") if is_one_source else ("Correct or delete", "Corrigez-y ou supprimez-y")
    return Bilingual(
        f"Submissions with the id {root_id} have different answers: {this.en}, {listed}. The one that came here first "
        f"counts. {deed} one of them there, then pull again with --sweep.",
        f"Des soumissions d'identifiant {root_id} ont des réponses différentes : {this.fr}, {listed_fr}. Celle qui est "
        f"arrivée ici la première compte. {deed_fr} l'une d'elles, puis relancez la récupération avec --sweep.",
    )


def _placed(root_id: str, record: tuple[str, str]) -> Bilingual:
    """A record and its source; without its own id where the server calls it by the root id."""
    source, remote_id = record
    if remote_id == root_id:
        return Bilingual(f"on {source}", f"sur {source}")
    return Bilingual(f"{remote_id} on {source}", f"{remote_id} sur {source}")
