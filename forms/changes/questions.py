"""List how questions changed: added, removed, renamed, moved, of another type, in another repeat, asked otherwise."""

from collections.abc import Iterator

from forms.changes.change import Change, Rank, Subject
from forms.changes.comparison import Comparison
from forms.changes.edition import Edition, declaration
from forms.changes.order import moved
from forms.changes.question_cells import cell_changes
from forms.changes.question_texts import text_changes
from forms.changes.types import rank_of_type_change, type_as_written
from forms.form import Question
from forms.text import Bilingual

_Q = Subject.QUESTION


def question_changes(comparison: Comparison) -> Iterator[Change]:
    """The changes of questions, in the newer edition's order, the removed ones last."""
    paired = {new.path: old for old, new in comparison.questions}
    for new in comparison.new.form.questions:
        if not is_asked(comparison.new, new):
            continue
        old = paired.get(new.path)
        if old is None:
            yield _added(comparison, new)
            continue
        yield from _found_elsewhere(comparison, old, new)
        yield from _of_another_kind(comparison, old, new)
        yield from text_changes(comparison, old, new)
        yield from cell_changes(comparison, old, new)
        yield from _lost_names(comparison, old, new)
    yield from _order(comparison)
    yield from _removed(comparison)


def is_asked(edition: Edition, question: Question) -> bool:
    """Whether a question stands in the survey; not what pyxform adds (`meta/instanceName`, a repeat's count)."""
    if not edition.rows or question.path in edition.rows:
        return not (question.path.startswith("meta/") and question.path not in edition.rows)
    return question.name.endswith("_other")


def _added(comparison: Comparison, new: Question) -> Change:
    return Change(
        "question_added",
        Rank.COSMETIC,
        _Q,
        new.path,
        Bilingual(
            "New question: the submissions collected so far have no answer to it.",
            "Nouvelle question : les soumissions déjà collectées n’y ont pas de réponse.",
        ),
        spot=comparison.new.at(new.path),
        after=_shown(new),
        readers=comparison.read_by(new),
    )


def _found_elsewhere(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    """A new path: declared, guessed, or carried by the group around, which is told there."""
    pairing = comparison.pairing
    if new.path == old.path or new.path in pairing.carried:
        return
    place = comparison.new.at(new.path, "renamed_from", "name")
    is_move = old.name == new.name
    if new.path in pairing.declared:
        if old.path not in new.renamed_from:
            return
        yield Change(
            "question_moved" if is_move else "question_renamed",
            Rank.COMPARABLE,
            _Q,
            new.path,
            Bilingual(
                f"{'Moved' if is_move else 'Renamed'} from {old.path}, as renamed_from says: its answers are read on.",
                f"{'Déplacée' if is_move else 'Renommée'} depuis {old.path}, comme le dit renamed_from : ses réponses "
                "restent lues.",
            ),
            spot=place,
            before=old.path,
            after=new.path,
            is_declared=True,
            readers=comparison.read_by(old, new),
            touched=comparison.touched(old),
        )
        return
    written = declaration(comparison.new, place, "renamed_from", old.path)
    if is_move:
        message = Bilingual(
            f"Moved from {old.path} without renamed_from: its collected answers stay behind, in a column of their own.",
            f"Déplacée depuis {old.path} sans renamed_from : ses réponses déjà collectées ne la suivent pas et restent "
            "dans une colonne à part.",
        )
    else:
        message = Bilingual(
            f"Looks like {old.path} under a new name, without renamed_from: its collected answers stay behind.",
            f"Semble être {old.path} sous un nouveau nom, sans renamed_from : ses réponses déjà collectées ne "
            "suivent pas.",
        )
    yield Change(
        "question_moved_undeclared" if is_move else "question_renamed_undeclared",
        Rank.BREAKING,
        _Q,
        new.path,
        message,
        spot=place,
        before=f"{old.path}: {_shown(old)}",
        after=f"{new.path}: {_shown(new)}",
        advice=Bilingual(
            f"{written.en} If it is another question, {old.name} was removed: put it back, or accept the loss.",
            f"{written.fr} Si c’est une autre question, {old.name} a été supprimée : remettez-la ou acceptez la perte.",
        ),
        readers=comparison.read_by(old, new),
        touched=comparison.touched(old),
    )


def _of_another_kind(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    rank = rank_of_type_change(old, new)
    if rank is not None:
        harm = {
            Rank.BREAKING: Bilingual(
                "collected answers do not fit it and are set aside. Give the new question a name of its own.",
                "les réponses collectées n’y entrent pas et sont écartées. Donnez un autre nom à la nouvelle question.",
            ),
            Rank.COMPARABLE: Bilingual(
                "collected answers are still read, but figures may mean something else.",
                "les réponses collectées restent lues, mais les chiffres peuvent changer de sens.",
            ),
            Rank.COSMETIC: Bilingual("nothing is lost.", "rien n’est perdu."),
        }[rank]
        place = comparison.new.at(new.path, "type")
        advice, declared = comparison.series(old, new, place) if rank is Rank.COMPARABLE else (None, False)
        yield Change(
            "type_changed",
            rank,
            _Q,
            new.path,
            Bilingual(f"Another type: {harm.en}", f"Autre type : {harm.fr}"),
            spot=place,
            before=type_as_written(old),
            after=type_as_written(new),
            advice=advice,
            is_declared=declared,
            readers=comparison.read_by(old, new),
            touched=comparison.touched(old),
        )
    before, after = old.repeat, new.repeat
    now = comparison.pairing.old_of.get(after or "", after) if after else None
    if before == now or _is_told_by_group(comparison, old, new):
        return
    yield Change(
        "repeat_changed",
        Rank.BREAKING,
        _Q,
        new.path,
        Bilingual(
            "It stands in another repeat, or in none: old and new answers are rows of different tables. Give it a new "
            "name, or move it back.",
            "Elle se trouve dans une autre répétition, ou hors de toute répétition : anciennes et nouvelles réponses "
            "sont des lignes de tables différentes. Donnez-lui un autre nom ou remettez-la à sa place.",
        ),
        spot=comparison.new.at(new.path),
        before=before or "-",
        after=after or "-",
        readers=comparison.read_by(old, new),
        touched=comparison.touched(old),
    )


def _is_told_by_group(comparison: Comparison, old: Question, new: Question) -> bool:
    """Whether the repeat differs because a group around the question became one, or ceased to be."""
    old_repeats = {group.path for group in comparison.old.form.groups if group.is_repeat}
    new_groups = {group.path: group.is_repeat for group in comparison.new.form.groups}
    around = [path for path in new_groups if new.path.startswith(f"{path}/")]
    return any(
        (before := comparison.pairing.old_of.get(path)) is not None
        and old.path.startswith(f"{before}/")
        and (before in old_repeats) != new_groups[path]
        for path in around
    )


def _lost_names(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    declared = {*new.renamed_from, *comparison.pairing.earlier.get(new.path, ())}
    lost = [path for path in old.renamed_from if path not in declared and path != new.path]
    if lost:
        place = comparison.new.at(new.path, "renamed_from")
        yield Change(
            "renamed_from_lost",
            Rank.BREAKING,
            _Q,
            new.path,
            Bilingual(
                "An earlier path is no longer in renamed_from, which stays for ever: its oldest answers are no longer "
                "read.",
                "Un ancien chemin n’est plus dans renamed_from, qui reste pour toujours : ses plus anciennes réponses "
                "ne sont plus lues.",
            ),
            spot=place,
            before=" ".join(old.renamed_from),
            after=" ".join(new.renamed_from),
            advice=declaration(comparison.new, place, "renamed_from", " ".join(lost)),
            readers=comparison.read_by(old, new),
            touched=comparison.touched(old),
        )


def _order(comparison: Comparison) -> Iterator[Change]:
    position = {question.path: number for number, question in enumerate(comparison.old.form.questions)}
    same_group = [
        (old, new) for old, new in comparison.questions if new.path == old.path and is_asked(comparison.new, new)
    ]
    for index in moved([position[old.path] for old, _ in same_group]):
        _, new = same_group[index]
        yield Change(
            "question_reordered",
            Rank.COSMETIC,
            _Q,
            new.path,
            Bilingual("Asked at another place in the order.", "Posée à un autre endroit dans l’ordre."),
            spot=comparison.new.at(new.path),
            readers=comparison.read_by(new),
        )


def _removed(comparison: Comparison) -> Iterator[Change]:
    pairing = comparison.pairing
    found = set(pairing.old_of.values())
    for old in comparison.old.form.questions:
        if old.path in found or not is_asked(comparison.old, old):
            continue
        into = pairing.merged.get(old.path)
        if into is not None:
            yield Change(
                "question_merged",
                Rank.COMPARABLE,
                _Q,
                old.path,
                Bilingual(
                    f"Its answers are read with those of {into}, as renamed_from says there.",
                    f"Ses réponses sont lues avec celles de {into}, comme l’y dit renamed_from.",
                ),
                spot=comparison.new.at(into, "renamed_from"),
                before=_shown(old),
                is_declared=True,
                readers=comparison.read_by(old),
                touched=comparison.touched(old),
            )
        elif old.type == "note":
            yield Change(
                "note_removed",
                Rank.COSMETIC,
                _Q,
                old.path,
                Bilingual("Note removed.", "Note supprimée."),
                spot=comparison.old.at(old.path, in_old=True),
                before=_shown(old),
            )
        else:
            yield Change(
                "question_removed",
                Rank.BREAKING,
                _Q,
                old.path,
                Bilingual(
                    "Removed: no new answers come, and no question of this version claims the old ones.",
                    "Supprimée : plus aucune nouvelle réponse, et aucune question de cette version ne reprend les "
                    "anciennes.",
                ),
                spot=comparison.old.at(old.path, in_old=True),
                before=_shown(old),
                advice=Bilingual(
                    f"If a question of this version asks the same, write {old.path} in its renamed_from. To stop "
                    "asking, keep the row with relevant false().",
                    f"Si une question de cette version demande la même chose, écrivez {old.path} dans son renamed_from."
                    " Pour ne plus la poser, gardez la ligne avec relevant false().",
                ),
                readers=comparison.read_by(old),
                touched=comparison.touched(old),
            )


def _shown(question: Question) -> str:
    """How a question is shown in one line: its label in the form's first language, else its type."""
    return next(iter(question.labels.values()), "") or type_as_written(question)
