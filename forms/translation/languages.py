"""The languages of a workbook, and which of them a person means by `ffm` or `Fulfulde (ffm)`."""

import re
import unicodedata
from difflib import get_close_matches

from forms.language import DEFAULT_LANGUAGE, LanguageUnknown, language_name, language_tag
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.workbook.text_columns import text_columns
from forms.workbook.workbook import Workbook

# How a new language is to be written: `Fulfulde (ffm)`, `Português (pt-BR)`. What is there already may be looser.
_NEW_LANGUAGE = re.compile(r"^(?P<name>[^():]*[^():\s])\s*\((?P<tag>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\)$")
_LIKENESS = 0.75


def languages(workbook: Workbook) -> tuple[str, ...]:
    """The languages of all columns of texts, the default one first; `default` for columns that name none."""
    found: dict[str, None] = {}
    for sheet in workbook.sheets:
        found.update(dict.fromkeys(column.language for column in text_columns(sheet)))
    first = default_language(workbook)
    return (first, *(language for language in found if language != first))


def default_language(workbook: Workbook) -> str:
    """The language the form is written in: that of the settings, else that of the first column of labels."""
    settings, survey = workbook.sheet("settings"), workbook.sheet("survey")
    header = header_of(settings, ("default_language",)) if settings is not None else None
    labels = [column.language for column in text_columns(survey)] if survey is not None else []
    declared = settings.rows[0].text(header) if settings is not None and settings.rows and header is not None else ""
    # A form whose labels name no language may still declare one: its texts stand in the bare columns.
    return declared if declared in labels else next(iter(labels), DEFAULT_LANGUAGE)


def language_named(written: str, known: tuple[str, ...]) -> str:
    """Return the language that is meant: one of the workbook's, by name or tag, or a new one as `Name (tag)`.

    Raises LanguageUnknown, with the nearest one there is.
    """
    asked = " ".join(written.split())
    for language in known:
        names = (language, language_name(language), language_tag(language) or language)
        if _plain(asked) in map(_plain, names):
            return language
    near = _near(asked, known)
    new = _NEW_LANGUAGE.match(asked)
    if near is not None:
        raise LanguageUnknown(
            Bilingual(
                f"The workbook has no language {asked}. Did you mean {near}? It has: {_listed(known)}.",
                f"Le classeur n’a pas de langue {asked}. Vouliez-vous dire {near} ? Il a : {_listed(known)}.",
            )
        )
    if new is None:
        raise LanguageUnknown(
            Bilingual(
                f"The workbook has no language {asked}; it has: {_listed(known)}. A new one is written with its "
                f'name and tag, as "Fulfulde (ffm)".',
                f"Le classeur n’a pas de langue {asked} ; il a : {_listed(known)}. Une nouvelle s’écrit avec son nom "
                "et son code, comme « Fulfulde (ffm) ».",
            )
        )
    return f"{new['name']} ({new['tag']})"


def tag_of(language: str) -> str:
    """The tag of a language, or its name in plain letters where it has none: for the name of a file."""
    return language_tag(language) or re.sub(r"[^a-z0-9]+", "-", _plain(language)).strip("-") or "language"


def _near(asked: str, known: tuple[str, ...]) -> str | None:
    """A language that was probably meant: of the same tag, or of nearly the same name."""
    new = _NEW_LANGUAGE.match(asked)
    if new is not None:
        for language in known:
            if _plain(language_tag(language) or "") == _plain(new["tag"]):
                return language
    names = {_plain(language_name(language)): language for language in known}
    names.pop(DEFAULT_LANGUAGE, None)
    close = get_close_matches(_plain(new["name"] if new else asked), names, n=1, cutoff=_LIKENESS)
    return names[close[0]] if close else None


def _plain(text: str) -> str:
    """Without case, accents and doubled spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _listed(known: tuple[str, ...]) -> str:
    return ", ".join(known)
