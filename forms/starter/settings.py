"""The settings of a new workbook: form_id from its file's name, version from the day, title, languages."""

import re
import unicodedata
from datetime import date

from forms.errors import FormError
from forms.text import Bilingual

LANGUAGES = ("Français (fr)", "English (en)")
"""The languages of a starter where none are asked for."""

MAX_FORM_ID = 64
"""Characters of a form_id made from a file's name: it becomes part of file names and addresses."""

# pyxform warns of codes of another shape, `FR` or `fr-ML`: some clients do not find the language by them.
_LANGUAGE = re.compile(r"[^\s()][^()]*\((?P<code>[a-z]{2,3})\)")


class StarterRefused(FormError):
    """No workbook can be made of a name or of languages as they were given."""


def form_id_of(file_stem: str) -> str:
    """Return the form_id that a file's name gives: `Enquête 2026` is `enquete_2026`.

    Raises StarterRefused where the name holds no letter to begin with.
    """
    plain = unicodedata.normalize("NFKD", file_stem).encode("ascii", "ignore").decode().lower()
    form_id = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:MAX_FORM_ID].rstrip("_")
    if not re.match(r"[a-z]", form_id):
        raise StarterRefused(
            Bilingual(
                f"The file's name gives the form its form_id, and {file_stem!r} does not begin with a letter from a to "
                "z. Choose another name.",
                f"Le nom du fichier donne au formulaire son form_id, or {file_stem!r} ne commence pas par une lettre "
                "de a à z. Choisissez un autre nom.",
            )
        )
    return form_id


def version_of(today: date) -> str:
    """Return the version of a workbook begun on a day: its year, month, day and 01."""
    return f"{today:%Y%m%d}01"


def read_languages(text: str) -> tuple[str, ...]:
    """Return the languages of `Français (fr), English (en)`, each as XLSForm's headers write it.

    Raises StarterRefused for what is no language, and where neither French nor English is among them: the starter's
    texts exist in these two.
    """
    languages = tuple(" ".join(part.split()) for part in text.split(",") if part.strip())
    for language in languages:
        if not _LANGUAGE.fullmatch(language) or not language.isprintable():
            raise StarterRefused(
                Bilingual(
                    f"{language!r} is no language: write its name and code, `Bamanankan (bm)`; a comma between two.",
                    f"{language!r} n'est pas une langue : écrivez son nom et son code, `Bamanankan (bm)`, et une "
                    "virgule entre deux.",
                )
            )
    codes = [code_of(language) for language in languages]
    if len(set(codes)) < len(codes):
        raise StarterRefused(
            Bilingual(
                f"A language stands twice in {text!r}. Name each once.",
                f"Une langue figure deux fois dans {text!r}. Nommez chacune une seule fois.",
            )
        )
    if not {"fr", "en"} & set(codes):
        raise StarterRefused(
            Bilingual(
                "The starter's texts exist in French and English: name at least one of them, and yours beside it, "
                "`Français (fr), Bamanankan (bm)`.",
                "Les textes du modèle existent en français et en anglais : nommez au moins l'une des deux, et la "
                "vôtre à côté, `Français (fr), Bamanankan (bm)`.",
            )
        )
    return languages


def in_one_line(title: str | None) -> str | None:
    """Return the title in one line, without control characters, which no cell can hold; None where nothing is left."""
    words = "".join(letter if letter.isprintable() else " " for letter in title or "").split()
    return " ".join(words) or None


def code_of(language: str) -> str:
    """Return the code of a language as `read_languages` returns it."""
    found = _LANGUAGE.fullmatch(language)
    return found["code"] if found else ""
