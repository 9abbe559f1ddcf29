"""What people read, in the two languages they read it in.

Everything that a person is told below the pages (errors, findings, receipts) is a `Bilingual`; the pages
translate their own words with Babel catalogs.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "fr"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One message in English and in French."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        """Return the French text for `fr` and its regional variants (`fr-ML`), else the English one."""
        return self.fr if language.lower().split("-")[0].split("_")[0] == "fr" else self.en

    def __str__(self) -> str:
        return self.en


def one_line(text: str) -> str:
    """Return a title that strangers wrote on one line, without signs that nobody sees."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
