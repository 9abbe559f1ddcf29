"""Tell whether two texts say the same, differ in looks only, or ask something else; and how alike two texts are."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from enum import IntEnum

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|[*_#]+(?=\S)|(?<=\S)[*_]+|\\(?=[*_#<])")
# Between digits a point or comma is part of a number: 1.5 is not 15.
_PUNCTUATION = re.compile(r"(?<!\d)[^\w\s${}<>=%+/-]|[^\w\s${}<>=%+/-](?!\d)")
_DASHES = re.compile(r"(?<!\w)-(?!\d)|-(?!\w)")


class Wording(IntEnum):
    """How far two texts differ."""

    SAME = 0
    LOOKS = 1
    OTHER = 2


def compare_texts(old: str, new: str) -> Wording:
    """Whether two texts are the same, differ in case, spaces, punctuation and markup alone, or in words."""
    if old == new:
        return Wording.SAME
    return Wording.LOOKS if bare(old) == bare(new) else Wording.OTHER


def compare_labels(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, Wording]:
    """Language to how its text differs, for the languages both have; a translation that came or went is left out."""
    return {
        language: wording
        for language in old
        if language in new and (wording := compare_texts(old[language], new[language])) is not Wording.SAME
    }


def bare(text: str) -> str:
    """A text without looks: no case, markup, punctuation and doubled spaces; references and numbers stay."""
    words = _DASHES.sub(" ", _PUNCTUATION.sub(" ", _MARKUP.sub("", text)))
    return " ".join(words.split()).casefold()


def likeness(old: str, new: str) -> float:
    """How alike two texts are, 0..1, by their letters in order; 0 where either is blank."""
    one, other = bare(old), bare(new)
    if not one or not other:
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # The cheap upper bounds first: most pairs are nothing alike.
    if matcher.real_quick_ratio() < 0.5 or matcher.quick_ratio() < 0.5:
        return 0.0
    return matcher.ratio()


def label_likeness(old: Mapping[str, str], new: Mapping[str, str]) -> float:
    """How alike two labels are in the language in which they are most alike."""
    return max((likeness(old[language], new[language]) for language in old if language in new), default=0.0)
