"""Changes between two versions of an instrument as designers read them, and as programs do.

What is a change is decided in `forms.changes`.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forms.changes.change import Change, Rank
from forms.changes.edition import Edition
from forms.text import Bilingual

MAX_TEXT = 280
"""Letters of a text that are shown; a consent read aloud has thousands."""

MAX_READERS = 8

MAX_WIDTH = 110
"""Letters of a line; a wider terminal is not filled."""

_TITLES = {
    Rank.BREAKING: Bilingual(
        "BREAKING: collected answers are lost from sight, or misread",
        "RUPTURE : des réponses collectées sont perdues de vue, ou mal lues",
    ),
    Rank.COMPARABLE: Bilingual(
        "COMPARABLE: old and new answers go together if you declare it",
        "COMPARABLE : anciennes et nouvelles réponses vont ensemble si vous le déclarez",
    ),
    Rank.COSMETIC: Bilingual("COSMETIC: nothing to declare", "COSMÉTIQUE : rien à déclarer"),
}
_COUNTED = {
    Rank.BREAKING: (Bilingual("breaking", "rupture"), Bilingual("breaking", "ruptures")),
    Rank.COMPARABLE: (Bilingual("comparable", "comparable"), Bilingual("comparable", "comparables")),
    Rank.COSMETIC: (Bilingual("cosmetic", "cosmétique"), Bilingual("cosmetic", "cosmétiques")),
}
_BEFORE, _AFTER = Bilingual("was", "avant"), Bilingual("is", "après")
_DO, _READERS, _TOUCHES = Bilingual("to do", "à faire"), Bilingual("read by", "lu par"), Bilingual("touches", "touche")
_LABEL_WIDTH = 9


@dataclass(frozen=True)
class ChangeReport:
    """What `jekafo form diff` tells. touched: submissions by change, None where not counted or none is concerned.

    collected: submissions of the form that were looked through; None without a project at hand.
    """

    old: Edition
    new: Edition
    changes: tuple[Change, ...]
    touched: tuple[int | None, ...]
    collected: int | None

    def count(self, rank: Rank) -> int:
        """How many changes there are of a rank."""
        return sum(change.rank is rank for change in self.changes)


def as_text(report: ChangeReport, language: str, width: int) -> Iterator[str]:
    """The lines of a report: a summary, then the changes by rank, one paragraph a change. width: in letters."""
    yield f"{report.old.name} → {report.new.name}"
    yield _summary(report, language)
    for rank in reversed(Rank):
        of_rank = [pair for pair in zip(report.changes, report.touched, strict=True) if pair[0].rank is rank]
        if of_rank:
            yield ""
            yield f"{_TITLES[rank].in_language(language)} ({len(of_rank)})"
        for change, touched in of_rank:
            yield ""
            yield from _paragraph(change, touched, language, width)


def as_json(report: ChangeReport) -> dict[str, Any]:
    """The report as JSON: the two versions, how many changes of each rank, and the changes with both languages."""
    return {
        "old": {"form_id": report.old.form.form_id, "version": report.old.form.version},
        "new": {"form_id": report.new.form.form_id, "version": report.new.form.version},
        "submissions": report.collected,
        **{rank.value: report.count(rank) for rank in reversed(Rank)},
        "changes": [
            _json_change(change, touched) for change, touched in zip(report.changes, report.touched, strict=True)
        ],
    }


def _summary(report: ChangeReport, language: str) -> str:
    if not report.changes:
        return Bilingual("No change.", "Aucun changement.").in_language(language)
    counts = [
        f"{count} {_COUNTED[rank][count > 1].in_language(language)}"
        for rank in reversed(Rank)
        if (count := report.count(rank))
    ]
    collected = Bilingual(
        "no project at hand, so submissions are not counted",
        "aucun projet ici : les soumissions ne sont pas comptées",
    )
    if report.collected is not None:
        number = grouped(report.collected, language)
        # French counts 0 in the singular.
        en, fr = ("" if report.collected == 1 else "s"), ("" if report.collected < 2 else "s")
        collected = Bilingual(f"{number} submission{en} collected", f"{number} soumission{fr} collectée{fr}")
    return f"{', '.join(counts)}{Bilingual(';', ' ;').in_language(language)} {collected.in_language(language)}."


def _paragraph(change: Change, touched: int | None, language: str, width: int) -> Iterator[str]:
    older = Bilingual(" (older file)", " (ancien fichier)").in_language(language)
    place = f"  {change.spot}{older if change.spot.in_old else ''}" if change.spot is not None else ""
    yield f"  {change.path}{place}  [{change.code}]"
    yield from _wrapped("", change.message.in_language(language), width)
    if change.before:
        yield from _wrapped(_BEFORE.in_language(language), _short(change.before), width)
    if change.after:
        yield from _wrapped(_AFTER.in_language(language), _short(change.after), width)
    if change.advice is not None:
        yield from _wrapped(_DO.in_language(language), change.advice.in_language(language), width)
    elif change.is_declared:
        done = Bilingual("nothing, it is declared.", "rien, c’est déclaré.")
        yield from _wrapped(_DO.in_language(language), done.in_language(language), width)
    if change.readers:
        yield from _wrapped(_READERS.in_language(language), _named(change.readers, language), width)
    if touched is not None:
        number = grouped(touched, language)
        counted = Bilingual(
            f"{number} submission{'' if touched == 1 else 's'}", f"{number} soumission{'s' if touched > 1 else ''}"
        )
        yield from _wrapped(_TOUCHES.in_language(language), counted.in_language(language), width)


def _wrapped(label: str, text: str, width: int) -> Iterator[str]:
    start = f"    {label:<{_LABEL_WIDTH}}" if label else "    "
    yield from textwrap.wrap(
        text,
        width=max(width, 50),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= MAX_TEXT else f"{one_line[: MAX_TEXT - 2].rstrip()} …"


def _named(readers: Sequence[str], language: str) -> str:
    more = len(readers) - MAX_READERS
    named = ", ".join(readers[:MAX_READERS])
    return named if more <= 0 else named + Bilingual(f" and {more} more", f" et {more} autres").in_language(language)


def grouped(number: int, language: str) -> str:
    """A number with its thousands apart, as the language does: 12,345 or 12 345."""
    return f"{number:,}".replace(",", Bilingual(",", "\u202f").in_language(language))


def _json_change(change: Change, touched: int | None) -> dict[str, Any]:
    spot, advice = change.spot, change.advice
    return {
        "code": change.code,
        "rank": change.rank.value,
        "subject": change.subject.value,
        "path": change.path,
        "sheet": spot.sheet if spot else None,
        "row": spot.row if spot else None,
        "column": spot.column if spot else None,
        "cell": spot.cell if spot else None,
        "in_old": spot.in_old if spot else False,
        "message": {"en": change.message.en, "fr": change.message.fr},
        "before": change.before,
        "after": change.after,
        "to_do": {"en": advice.en, "fr": advice.fr} if advice else None,
        "is_declared": change.is_declared,
        "readers": list(change.readers),
        "submissions": touched,
    }
