"""Which of a form's languages is meant, and in which language the printed instructions are."""

from forms.form import Form
from forms.language import DEFAULT_LANGUAGE, LanguageUnknown, language_name, language_tag
from forms.text import Bilingual, Language
from forms.workbook.workbook import plain

_FRENCH = ("fran", "fren")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "ckb", "dv", "ug", "yi", "sd"})
_RIGHT_TO_LEFT_NAMES = ("arab", "عرب", "farsi", "فارس", "hebr", "urdu", "pasht", "dari", "sorani", "dhivehi")


def chosen_language(form: Form, asked: str | None) -> str:
    """Return the form's language that is meant by its name, its tag, or its name without tag; the first for None.

    Case and outer spaces are forgiven. Raises LanguageUnknown, which names those there are.
    """
    if asked is None or not asked.strip():
        return form.languages[0]
    wanted = plain(asked)
    for reading in (plain, _tag_as_compared, _name_alone):
        found = [language for language in form.languages if reading(language) == wanted]
        if found:
            return found[0]
    there = ", ".join(form.languages)
    raise LanguageUnknown(
        Bilingual(
            f"{form.form_id} is not written in “{asked}”. Choose one of its languages: {there}.",
            f"{form.form_id} n'existe pas en « {asked} ». Choisissez une de ses langues : {there}.",
        )
    )


def instruction_language(language: str, otherwise: Language) -> Language:
    """The language of the printed instructions: that of the questionnaire where it is French or English.

    otherwise: for a form that does not say its language. In a third language the instructions are in English
    unless the reader's own language is French.
    """
    tag = (language_tag(language) or "").lower().split("-")[0]
    name = plain(language)
    if tag in ("fr", "fra", "fre") or name.startswith(_FRENCH):
        return "fr"
    if tag in ("en", "eng") or name.startswith("engl"):
        return "en"
    return otherwise


def is_right_to_left(language: str) -> bool:
    """Whether the language is written from right to left, as far as its tag or name says."""
    tag = (language_tag(language) or "").lower().split("-")[0]
    return tag in _RIGHT_TO_LEFT or plain(language).startswith(_RIGHT_TO_LEFT_NAMES)


def shown_name(language: str) -> str:
    """A language as it is printed: empty for a form that names none."""
    return "" if language == DEFAULT_LANGUAGE else language


def _tag_as_compared(language: str) -> str:
    return plain(language_tag(language) or "").replace("_", "-")


def _name_alone(language: str) -> str:
    return plain(language_name(language))
