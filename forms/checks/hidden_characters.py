"""Tell of characters that nobody sees and every program counts: spaces of no width, letters of another alphabet."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.sheets.choice_columns import LIST_HEADERS, NAME_HEADERS
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "hidden_character": Bilingual(
        "A name, code or column holds a character that nobody sees.",
        "Un nom, un code ou une colonne contient un caractère invisible.",
    ),
    "letter_of_another_alphabet": Bilingual(
        "A name mixes Latin letters with Cyrillic or Greek ones that look the same.",
        "Un nom mélange des lettres latines et des lettres cyrilliques ou grecques d'apparence identique.",
    ),
}

_HIDDEN = re.compile("[\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u205f-\u2064\ufeff\u2007]")
_LATIN = re.compile("[A-Za-z]")
_LOOKALIKE = re.compile("[\u0391-\u03c9\u0400-\u04ff]")


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each name that is not what it looks like."""
    for text, place in _names(examined):
        hidden, foreign = _HIDDEN.search(text), _LOOKALIKE.search(text)
        if hidden:
            seen = _HIDDEN.sub("", text)
            findings.warning(
                "hidden_character",
                place,
                f"`{seen}` holds a character that nobody sees ({_code_point(hidden[0])}). Type it anew.",
                f"« {seen} » contient un caractère invisible ({_code_point(hidden[0])}). Retapez-le.",
            )
        elif foreign and _LATIN.search(text):
            findings.warning(
                "letter_of_another_alphabet",
                place,
                f"The letter {foreign[0]} of `{text}` is {_named(foreign[0])}, not Latin, so the name equals no "
                "other. Type it anew.",
                f"La lettre {foreign[0]} de « {text} » n'est pas latine ({_code_point(foreign[0])}) : ce nom n'est "
                "égal à aucun autre. Retapez-le.",
            )


def _names(examined: Examined) -> Iterator[tuple[str, Place]]:
    survey, choices = examined.survey, examined.workbook.sheet("choices")
    for survey_row in examined.rows.values():
        yield survey_row.name, examined.at(survey_row.path, "name", "tag", "value")
    if choices is None:
        return
    for header in choices.headers:
        if not header.lower().startswith(("label", "media", "hint")):
            yield header.strip(), Place(choices.name, 1, header)
    list_header, name_header = header_of(choices, LIST_HEADERS), header_of(choices, NAME_HEADERS)
    told: set[str] = set()
    for each in examined.choice_rows:
        yield each.name, Place(choices.name, each.row.number, name_header)
        if each.list_name not in told:
            told.add(each.list_name)
            yield each.list_name, Place(choices.name, each.row.number, list_header)
    yield from ((header.strip(), Place(survey.name, 1, header)) for header in survey.headers if "::" not in header)


def _code_point(letter: str) -> str:
    return f"U+{ord(letter):04X}"


def _named(letter: str) -> str:
    return unicodedata.name(letter, _code_point(letter)).split()[0].capitalize()
