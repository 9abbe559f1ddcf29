"""In which language to answer, and the words and number formats of that language.

The catalogs are `api/locale/<language>/LC_MESSAGES/messages.po`; the message ids are the English words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import get_args

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations
from starlette.requests import HTTPConnection

from forms.text import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
LANGUAGE_COOKIE = "jekafo_language"
NATIVE_NAMES: Mapping[Language, str] = {"en": "English", "fr": "Français"}
LOCALE_FOLDER = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Words:
    """The words of one language: translation, and numbers and dates as its readers write them."""

    language: Language
    catalog: NullTranslations

    def gettext(self, message: str) -> str:
        """Return the message in this language."""
        return self.catalog.gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form of the message that fits the number."""
        return self.catalog.ngettext(singular, plural, number)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return `1 234,5` or `1,234.5`."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=self.language)

    def percent(self, share: float, decimals: int = 1) -> str:
        """Return the share (0..1) as `50,7 %` or `50.7%`."""
        pattern = Locale(self.language).percent_formats[None].pattern
        wanted = "0." + "0" * decimals if decimals else "0"
        return format_percent(share, format=pattern.replace("#,##0", wanted), locale=self.language)

    def points(self, balance: float, decimals: int = 1) -> str:
        """Return a net balance (-1..1) as signed percentage points: `+12,3`."""
        written = self.number(abs(100 * balance), decimals)
        if written == self.number(0, decimals):
            return self.number(0)
        return ("+" if balance > 0 else "−") + written

    def date(self, moment: datetime) -> str:
        """Return the day: `1 March 2026`."""
        return format_date(moment, format="long", locale=_dates(self.language))

    def moment(self, moment: datetime) -> str:
        """Return the day and the time, in UTC: `1 Mar 2026, 09:30 UTC`."""
        return f"{format_datetime(moment, format='d MMM y, HH:mm', locale=_dates(self.language))} UTC"


@lru_cache(maxsize=len(LANGUAGES))
def words_of(language: Language) -> Words:
    """Return the words of a language; the catalog is read the first time."""
    if language == "en":
        return Words(language, NullTranslations())
    with catalog_path(language).open("rb") as stream:
        catalog = read_po(stream, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Words(language, Translations(compiled))


def catalog_path(language: Language) -> Path:
    """Return the file that holds the translations into this language."""
    return LOCALE_FOLDER / language / "LC_MESSAGES" / "messages.po"


def language_of(connection: HTTPConnection, default: Language) -> Language:
    """Return the language to answer in: `?lang=`, else the reader's choice by cookie, else Accept-Language."""
    for wish in (connection.query_params.get("lang"), connection.cookies.get(LANGUAGE_COOKIE)):
        chosen = _known(wish or "")
        if chosen is not None:
            return chosen
    for wish in _accepted(connection.headers.get("accept-language", "")):
        chosen = _known(wish)
        if chosen is not None:
            return chosen
    return default


def marked(message: str) -> str:
    """Return the message as it is: marks, for the extraction, a text that is translated later."""
    return message


def _known(wish: str) -> Language | None:
    primary = wish.strip().lower().replace("_", "-").split("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def _accepted(header: str) -> list[str]:
    """Language ranges of Accept-Language by falling weight, equal ones as they stand (RFC 9110, 12.5.4)."""
    ranges: list[tuple[float, str]] = []
    for part in header.split(","):
        name, _, parameters = part.partition(";")
        quality = parameters.strip().lower().removeprefix("q=") if parameters else "1"
        try:
            weight = float(quality)
        except ValueError:
            continue
        if 0 < weight <= 1:
            ranges.append((weight, name))
    return [name for _, name in sorted(ranges, key=lambda one: -one[0])]


def _dates(language: Language) -> str:
    # Day before month and a 24-hour clock, as readers in Mali expect of both languages.
    return "en_GB" if language == "en" else language
