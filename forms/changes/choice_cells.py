"""List how the cells of a choice changed: its words, what kind of answer it is, and the columns that filter it."""

from collections.abc import Iterator

from forms.changes.change import Change, Rank, Subject
from forms.changes.choice_lists import ChoiceLists
from forms.changes.wording import Wording, compare_labels
from forms.form import Choice
from forms.text import Bilingual

_C = Subject.CHOICE


def reworded(lists: ChoiceLists, old: Choice, new: Choice) -> Iterator[Change]:
    """The changes of a choice's label, and of the languages it is translated into."""
    for language in sorted(lists.comparison.common_languages & (set(old.labels) ^ set(new.labels))):
        removed = language in old.labels
        yield Change(
            "translation_removed" if removed else "translation_added",
            Rank.COMPARABLE if removed else Rank.COSMETIC,
            _C,
            lists.path(new.name),
            Bilingual(
                f"{'No longer' if removed else 'Now'} translated ({language}).",
                f"{'N’est plus traduit' if removed else 'Maintenant traduit'} ({language}).",
            ),
            spot=lists.spot(new.name),
            before=old.labels.get(language),
            after=new.labels.get(language),
            advice=Bilingual("Fill the cell again.", "Remplissez de nouveau la cellule.") if removed else None,
        )
    differing = compare_labels(old.labels, new.labels)
    if not differing:
        return
    language = max(differing, key=lambda each: differing[each])
    says_otherwise = differing[language] is Wording.OTHER
    advice, declared = lists.series() if says_otherwise else (None, False)
    sheet = lists.comparison.new.sheet("choices")
    header = lists.comparison.new.label_header(sheet, language) if sheet is not None else None
    yield Change(
        "choice_label_changed" if says_otherwise else "choice_label_polished",
        Rank.COMPARABLE if says_otherwise else Rank.COSMETIC,
        _C,
        lists.path(new.name),
        Bilingual("Other words.", "Autres mots.")
        if says_otherwise
        else Bilingual(
            "Same words; punctuation, case, spaces or markup differ.",
            "Mêmes mots ; ponctuation, majuscules, espaces ou mise en forme diffèrent.",
        ),
        spot=lists.spot(new.name, header or "label"),
        before=old.labels[language],
        after=new.labels[language],
        advice=advice,
        is_declared=declared,
        readers=lists.readers if says_otherwise else (),
        touched=lists.touched(old) if says_otherwise else None,
    )


def meant_otherwise(lists: ChoiceLists, old: Choice, new: Choice) -> Iterator[Change]:
    """The changes of what kind of answer a choice is, and of the columns that decide whom it is offered to."""
    if old.kind is not new.kind:
        yield Change(
            "code_kind_changed",
            Rank.COMPARABLE,
            _C,
            lists.path(new.name),
            Bilingual(
                "Another kind of answer: shares and means change, for all rounds at once.",
                "Autre sorte de réponse : parts et moyennes changent, pour toutes les vagues à la fois.",
            ),
            spot=lists.spot(new.name, "code_kind"),
            before=old.kind.value,
            after=new.kind.value,
            readers=lists.readers,
            touched=lists.touched(old),
        )
    filters = " ".join(question.choice_filter or "" for _, question in lists.questions)
    for column in dict.fromkeys((*old.columns, *new.columns)):
        if old.columns.get(column, "") == new.columns.get(column, ""):
            continue
        filtered = column in filters
        advice, declared = lists.series() if filtered else (None, False)
        yield Change(
            "choice_filter_value_changed" if filtered else "choice_column_changed",
            Rank.COMPARABLE if filtered else Rank.COSMETIC,
            _C,
            lists.path(new.name),
            Bilingual(
                f"Offered to others: the column {column}, by which choices are filtered, differs.",
                f"Proposé à d’autres : la colonne {column}, qui filtre les choix, diffère.",
            )
            if filtered
            else Bilingual(f"The column {column} differs.", f"La colonne {column} diffère."),
            spot=lists.spot(new.name, column),
            before=old.columns.get(column),
            after=new.columns.get(column),
            advice=advice,
            is_declared=declared,
            readers=lists.readers if filtered else (),
            touched=lists.touched(old) if filtered else None,
        )
