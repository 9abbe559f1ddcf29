"""List how groups and repeats changed: renamed or moved with all that stands in them, shown to others, repeated."""

from collections.abc import Iterator

from forms.changes.change import Change, Rank, Subject, Touched
from forms.changes.comparison import Comparison
from forms.changes.edition import declaration
from forms.changes.expressions import comparable_expression, readable_expression
from forms.changes.question_cells import cells_differ, cells_of, kind_of_cell
from forms.changes.wording import Wording, compare_labels
from forms.form import Form, Group, Question
from forms.text import Bilingual

_G = Subject.GROUP


def group_changes(comparison: Comparison) -> Iterator[Change]:
    """The changes of groups and repeats, in the newer edition's order, the removed ones last."""
    old_groups = {group.path: group for group in comparison.old.form.groups}
    old_of = comparison.pairing.old_of
    for new in comparison.new.form.groups:
        old = old_groups.get(old_of.get(new.path, ""))
        if old is None:
            yield Change(
                "group_added",
                Rank.COSMETIC,
                _G,
                new.path,
                Bilingual("New group.", "Nouveau groupe."),
                spot=comparison.new.at(new.path),
                after=next(iter(new.labels.values()), None),
            )
            continue
        yield from _found_elsewhere(comparison, old, new)
        yield from _repeated(comparison, old, new)
        yield from _shown(comparison, old, new)
        yield from _cells(comparison, old, new)
    found = set(old_of.values())
    for path, group in old_groups.items():
        if path not in found:
            into = comparison.pairing.merged.get(path)
            yield Change(
                "group_removed",
                Rank.COSMETIC,
                _G,
                path,
                Bilingual(
                    f"Joined with {into}." if into else "Group removed; its questions are told one by one.",
                    f"Réuni avec {into}." if into else "Groupe supprimé ; ses questions sont traitées une à une.",
                ),
                spot=comparison.old.at(path, in_old=True),
                before=next(iter(group.labels.values()), None),
            )


def _found_elsewhere(comparison: Comparison, old: Group, new: Group) -> Iterator[Change]:
    pairing = comparison.pairing
    if old.path == new.path or new.path in pairing.carried:
        return
    place = comparison.new.at(new.path, "renamed_from", "name")
    inside = questions_inside(comparison.old.form, old)
    if new.path in pairing.declared:
        if old.path not in new.renamed_from:
            return
        yield Change(
            "group_renamed",
            Rank.COMPARABLE,
            _G,
            new.path,
            Bilingual(
                f"Renamed or moved from {old.path}, as renamed_from says: the answers in it are read on.",
                f"Renommé ou déplacé depuis {old.path}, comme le dit renamed_from : ses réponses restent lues.",
            ),
            spot=place,
            before=old.path,
            after=new.path,
            is_declared=True,
            readers=comparison.read_by(*inside),
            touched=_touched(inside),
        )
        return
    yield Change(
        "group_renamed_undeclared",
        Rank.BREAKING,
        _G,
        new.path,
        Bilingual(
            f"Looks like {old.path} under another path, without renamed_from: the collected answers to its "
            f"{len(inside)} questions stay behind.",
            f"Semble être {old.path} sous un autre chemin, sans renamed_from : les réponses déjà collectées à ses "
            f"{len(inside)} questions ne suivent pas.",
        ),
        spot=place,
        before=old.path,
        after=new.path,
        advice=declaration(comparison.new, place, "renamed_from", old.path),
        readers=comparison.read_by(*inside),
        touched=_touched(inside),
    )


def _repeated(comparison: Comparison, old: Group, new: Group) -> Iterator[Change]:
    if old.is_repeat == new.is_repeat:
        return
    inside = questions_inside(comparison.old.form, old)
    became = new.is_repeat
    yield Change(
        "repeat_changed",
        Rank.BREAKING,
        _G,
        new.path,
        Bilingual(
            f"The group {'became a repeat' if became else 'is no longer a repeat'}: old and new answers are rows of "
            "different tables. Give the new one another name.",
            f"Le groupe {'est devenu une répétition' if became else 'n’est plus une répétition'} : anciennes et "
            "nouvelles réponses sont des lignes de tables différentes. Donnez un autre nom au nouveau.",
        ),
        spot=comparison.new.at(new.path, "type"),
        before="repeat" if old.is_repeat else "group",
        after="repeat" if new.is_repeat else "group",
        readers=comparison.read_by(*inside),
        touched=_touched(inside),
    )


def _shown(comparison: Comparison, old: Group, new: Group) -> Iterator[Change]:
    if comparable_expression(old.relevant, comparison.renames) != comparable_expression(new.relevant, {}):
        inside = questions_inside(comparison.old.form, old)
        yield Change(
            "group_relevant_changed",
            Rank.COMPARABLE,
            _G,
            new.path,
            Bilingual(
                f"Other people are asked its {len(inside)} questions: their base changes.",
                f"Ses {len(inside)} questions ne sont plus posées aux mêmes personnes : leur base change.",
            ),
            spot=comparison.new.at(new.path, "relevant", "relevance", "bind::relevant"),
            before=readable_expression(old.relevant),
            after=readable_expression(new.relevant),
            advice=Bilingual(
                f"Where the answers still stand in one series, write {comparison.old.form.version} in comparable_since "
                "of those questions.",
                f"Là où les réponses restent une même série, écrivez {comparison.old.form.version} dans "
                "comparable_since de ces questions.",
            ),
            readers=comparison.read_by(*inside),
            touched=_touched(inside),
        )
    differing = compare_labels(old.labels, new.labels)
    if differing:
        language = max(differing, key=lambda each: differing[each])
        is_other = differing[language] is Wording.OTHER
        yield Change(
            "group_label_changed",
            Rank.COSMETIC,
            _G,
            new.path,
            Bilingual("Another title.", "Autre titre.")
            if is_other
            else Bilingual("Title polished.", "Titre retouché."),
            spot=comparison.new.at(new.path, "label"),
            before=old.labels[language],
            after=new.labels[language],
        )


def _cells(comparison: Comparison, old: Group, new: Group) -> Iterator[Change]:
    before, after = cells_of(comparison.old, old.path), cells_of(comparison.new, new.path)
    if before is None or after is None:
        return
    inside = questions_inside(comparison.old.form, old)
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key, ""), after.get(key, "")
        if cells_differ(comparison, key, was, now):
            code, rank, message = kind_of_cell(key)
            yield Change(
                code,
                rank,
                _G,
                new.path,
                message,
                spot=comparison.new.at(new.path, key),
                before=was or None,
                after=now or None,
                readers=comparison.read_by(*inside) if rank is Rank.COMPARABLE else (),
                touched=_touched(inside) if rank is Rank.COMPARABLE else None,
            )
    lost = [path for path in old.renamed_from if path not in new.renamed_from and path != new.path]
    if lost:
        place = comparison.new.at(new.path, "renamed_from")
        yield Change(
            "renamed_from_lost",
            Rank.BREAKING,
            _G,
            new.path,
            Bilingual(
                "An earlier path is no longer in renamed_from, which stays for ever: the oldest answers in this group "
                "are no longer read.",
                "Un ancien chemin n’est plus dans renamed_from, qui reste pour toujours : les plus anciennes réponses "
                "de ce groupe ne sont plus lues.",
            ),
            spot=place,
            before=" ".join(old.renamed_from),
            after=" ".join(new.renamed_from) or None,
            advice=declaration(comparison.new, place, "renamed_from", " ".join(lost)),
            readers=comparison.read_by(*inside),
            touched=_touched(inside),
        )


def questions_inside(form: Form, group: Group) -> tuple[Question, ...]:
    """The questions of a group that hold an answer, those of inner groups included."""
    return tuple(
        question
        for question in form.questions
        if question.path.startswith(f"{group.path}/") and question.type != "note"
    )


def _touched(questions: tuple[Question, ...]) -> Touched:
    return Touched(
        tuple(dict.fromkeys(path for question in questions for path in (question.path, *question.renamed_from)))
    )
