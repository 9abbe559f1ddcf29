"""List how the words of a question changed: its label in each language."""

from collections.abc import Iterator, Mapping

from forms.changes.change import Change, Rank, Subject
from forms.changes.comparison import Comparison
from forms.changes.wording import Wording, compare_labels
from forms.form import Question
from forms.text import Bilingual


def text_changes(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    """The changes of a question's label; translations that came or went with a language are told for the form."""
    before, after = _renamed(old.labels, comparison.renames), new.labels
    differing = compare_labels(before, after)
    if differing:
        language = max(differing, key=lambda each: differing[each])
        yield _reworded(comparison, old, new, differing, language)
    common = comparison.common_languages
    for language in sorted(common & (set(after) - set(before))):
        yield _translation(comparison, new, language, "translation_added", None, after[language])
    for language in sorted(common & (set(before) - set(after))):
        yield _translation(comparison, new, language, "translation_removed", before[language], None)


def named(languages: list[str]) -> str:
    """Languages as they stand in a sentence; nothing for the only language of a form."""
    names = [language for language in languages if language != "default"]
    return f" ({', '.join(names)})" if names else ""


def _reworded(
    comparison: Comparison, old: Question, new: Question, differing: Mapping[str, Wording], language: str
) -> Change:
    sheet = comparison.new.survey
    header = comparison.new.label_header(sheet, language) if sheet is not None else None
    place = comparison.new.at(new.path, *((header,) if header else ()), "label")
    asks_otherwise = max(differing.values()) is Wording.OTHER
    languages = named([each for each in differing if differing[each] is differing[language]])
    if asks_otherwise and new.type != "note":
        advice, declared = comparison.series(old, new, place)
        code, rank = "label_changed", Rank.COMPARABLE
        message = Bilingual(f"Asked in other words{languages}.", f"Posée autrement{languages}.")
    else:
        advice, declared, rank = None, False, Rank.COSMETIC
        code = "note_changed" if asks_otherwise else "label_polished"
        message = (
            Bilingual(f"Note in other words{languages}.", f"Note rédigée autrement{languages}.")
            if asks_otherwise
            else Bilingual(
                f"Same words; punctuation, case, spaces or markup differ{languages}.",
                f"Mêmes mots ; ponctuation, majuscules, espaces ou mise en forme diffèrent{languages}.",
            )
        )
    return Change(
        code,
        rank,
        Subject.QUESTION,
        new.path,
        message,
        spot=place,
        before=old.labels.get(language),
        after=new.labels[language],
        advice=advice,
        is_declared=declared,
        readers=comparison.read_by(old, new) if rank is Rank.COMPARABLE else (),
        touched=comparison.touched(old) if rank is Rank.COMPARABLE else None,
    )


def _translation(
    comparison: Comparison, new: Question, language: str, code: str, before: str | None, after: str | None
) -> Change:
    removed = after is None
    return Change(
        code,
        Rank.COMPARABLE if removed else Rank.COSMETIC,
        Subject.QUESTION,
        new.path,
        Bilingual(
            f"{'No longer' if removed else 'Now'} translated{named([language])}.",
            f"{'N’est plus traduite' if removed else 'Maintenant traduite'}{named([language])}.",
        ),
        spot=comparison.new.at(new.path),
        before=before,
        after=after,
        advice=Bilingual("Fill the cell again.", "Remplissez de nouveau la cellule.") if removed else None,
    )


def _renamed(labels: Mapping[str, str], renames: Mapping[str, str]) -> dict[str, str]:
    """Labels in which `${old}` stands as `${new}`: a reference that follows a rename is no other wording."""
    texts = dict(labels)
    for language, text in labels.items():
        for before, after in renames.items() if "${" in text else ():
            texts[language] = texts[language].replace(f"${{{before}}}", f"${{{after}}}")
    return texts
