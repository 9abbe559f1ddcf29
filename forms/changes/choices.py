"""List how choices changed: added, removed, renamed, worded otherwise, of another kind, in another order."""

from collections.abc import Iterator, Mapping, Sequence

from forms.changes.change import Change, Rank, Subject, Touched
from forms.changes.choice_cells import meant_otherwise, reworded
from forms.changes.choice_lists import ChoiceLists
from forms.changes.comparison import Comparison
from forms.changes.edition import declaration
from forms.changes.order import moved
from forms.form import Choice
from forms.text import Bilingual

_C = Subject.CHOICE


def choice_changes(comparison: Comparison) -> Iterator[Change]:
    """The changes of the choices of each list that both editions use, in the newer edition's order.

    A question that takes another list is compared choice by choice as well: its codes are what was collected.
    """
    old_lists, new_lists = comparison.old.form.lists, comparison.new.form.lists
    pairs: dict[tuple[str, str], None] = {(name, name): None for name in new_lists if name in old_lists}
    for old, new in comparison.questions:
        if old.list_name in old_lists and new.list_name in new_lists:
            pairs[old.list_name or "", new.list_name or ""] = None
    for old_name, new_name in pairs:
        yield from _of_lists(ChoiceLists(comparison, old_name, new_name))


def _of_lists(lists: ChoiceLists) -> Iterator[Change]:
    old, new = lists.choices
    pairs, guessed = lists.paired, lists.guessed
    taken, guesses = {*pairs.values(), *guessed}, {choice.name for choice in guessed.values()}
    for choice in new:
        before = pairs.get(choice.name)
        if before is None:
            if choice.name not in guesses:
                yield _added(lists, choice)
        else:
            yield from _renamed(lists, old[before], choice)
            yield from reworded(lists, old[before], choice)
            yield from meant_otherwise(lists, old[before], choice)
    for name, after in guessed.items():
        yield _renamed_undeclared(lists, old[name], after)
    for name, choice in old.items():
        if name not in taken:
            yield from _removed(lists, choice, new)
    yield from _order(lists, pairs)


def _added(lists: ChoiceLists, choice: Choice) -> Change:
    advice, declared = lists.series()
    return Change(
        "choice_added",
        Rank.COMPARABLE,
        _C,
        lists.path(choice.name),
        Bilingual(
            "New choice: earlier respondents could not take it.",
            "Nouveau choix : les personnes déjà interrogées ne pouvaient pas le prendre.",
        ),
        spot=lists.spot(choice.name),
        after=_shown(choice),
        advice=advice,
        is_declared=declared,
        readers=lists.readers,
        touched=Touched(
            tuple(dict.fromkeys(path for old, _ in lists.questions for path in (old.path, *old.renamed_from)))
        )
        if lists.questions
        else None,
    )


def _renamed(lists: ChoiceLists, old: Choice, new: Choice) -> Iterator[Change]:
    if old.name != new.name:
        yield Change(
            "choice_renamed",
            Rank.COMPARABLE,
            _C,
            lists.path(new.name),
            Bilingual(
                f"Renamed from {old.name}, as renamed_from says: it is read on.",
                f"Renommé depuis {old.name}, comme le dit renamed_from : il reste lu.",
            ),
            spot=lists.spot(new.name, "renamed_from"),
            before=old.name,
            after=new.name,
            is_declared=True,
            readers=lists.readers,
            touched=lists.touched(old),
        )
    lost = [name for name in old.renamed_from if name not in new.renamed_from and name != new.name]
    claimed = {name for choice in lists.choices[1] for name in choice.renamed_from} if lost else set()
    if any(name not in claimed for name in lost):
        place = lists.spot(new.name)
        yield Change(
            "renamed_from_lost",
            Rank.BREAKING,
            _C,
            lists.path(new.name),
            Bilingual(
                "An earlier name is no longer in renamed_from, which stays for ever: the oldest answers are no "
                "longer read.",
                "Un ancien nom n’est plus dans renamed_from, qui reste pour toujours : les plus anciennes réponses "
                "ne sont plus lues.",
            ),
            spot=place,
            before=" ".join(old.renamed_from),
            after=" ".join(new.renamed_from) or None,
            advice=declaration(lists.comparison.new, place, "renamed_from", " ".join(lost)),
            readers=lists.readers,
            touched=lists.touched(old),
        )


def _renamed_undeclared(lists: ChoiceLists, old: Choice, new: Choice) -> Change:
    place = lists.spot(new.name)
    return Change(
        "choice_renamed_undeclared",
        Rank.BREAKING,
        _C,
        lists.path(new.name),
        Bilingual(
            f"Looks like {old.name} under a new name, without renamed_from: answers {old.name} are no longer of "
            "the list.",
            f"Semble être {old.name} sous un nouveau nom, sans renamed_from : les réponses {old.name} ne sont plus "
            "de la liste.",
        ),
        spot=place,
        before=f"{old.name}: {_shown(old)}",
        after=f"{new.name}: {_shown(new)}",
        advice=declaration(lists.comparison.new, place, "renamed_from", old.name),
        readers=lists.readers,
        touched=lists.touched(old),
    )


def _removed(lists: ChoiceLists, choice: Choice, new: Sequence[Choice]) -> Iterator[Change]:
    into = [after.name for after in new if choice.name in after.renamed_from]
    if into:
        yield Change(
            "choice_merged",
            Rank.COMPARABLE,
            _C,
            f"{lists.old_name}/{choice.name}",
            Bilingual(
                f"Read as {', '.join(into)}, as renamed_from says there.",
                f"Lu comme {', '.join(into)}, comme l’y dit renamed_from.",
            ),
            spot=lists.spot(into[0], "renamed_from"),
            before=_shown(choice),
            is_declared=True,
            readers=lists.readers,
            touched=lists.touched(choice),
        )
        return
    yield Change(
        "choice_removed",
        Rank.BREAKING,
        _C,
        f"{lists.old_name}/{choice.name}",
        Bilingual(
            "Removed: answers that took it are no longer of the list.",
            "Supprimé : les réponses qui l’ont pris ne sont plus de la liste.",
        ),
        spot=lists.comparison.old.at_choice(lists.old_name, choice.name, in_old=True),
        before=_shown(choice),
        advice=Bilingual(
            f"If another choice of {lists.new_name} stands for it, write {choice.name} in its renamed_from. To stop "
            "offering it, keep the row and filter it out with choice_filter.",
            f"Si un autre choix de {lists.new_name} le remplace, écrivez {choice.name} dans son renamed_from. Pour "
            "ne plus le proposer, gardez la ligne et écartez-la par choice_filter.",
        ),
        readers=lists.readers,
        touched=lists.touched(choice),
    )


def _order(lists: ChoiceLists, pairs: Mapping[str, str]) -> Iterator[Change]:
    old, new = lists.choices
    positions = {name: number for number, name in enumerate(old)}
    common = [choice for choice in new if choice.name in pairs]
    indexes = moved([positions[pairs[choice.name]] for choice in common])
    if indexes:
        names = ", ".join(common[index].name for index in indexes[:8]) + (" …" if len(indexes) > 8 else "")
        yield Change(
            "choices_reordered",
            Rank.COSMETIC,
            _C,
            lists.new_name,
            Bilingual(f"Offered in another order: {names} moved.", f"Proposés dans un autre ordre : {names}."),
            spot=lists.spot(common[indexes[0]].name),
            before=" ".join(old),
            after=" ".join(choice.name for choice in new),
        )


def _shown(choice: Choice) -> str:
    return next(iter(choice.labels.values()), "") or choice.name
