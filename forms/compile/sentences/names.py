"""What pyxform refuses of names: missing, doubled, reserved, or no names at all."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual

NAMES = (
    KnownSentence(
        "name_missing",
        re.compile(r"Question or group with no name"),
        Bilingual(
            "This question or group has no name. Fill in the column name.",
            "Cette question ou ce groupe n'a pas de nom. Remplissez la colonne name.",
        ),
        column="name",
    ),
    KnownSentence(
        "duplicate_name",
        re.compile(
            r"(?:'name' value '(?P<what>[^']*)' is invalid\. )?"
            r"Questions, groups, and repeats must be unique within their nearest"
        ),
        Bilingual(
            "The name {what} is taken already in this group.{first} Rename one of the questions.",
            "Le nom {what} est déjà pris dans le même groupe.{first} Renommez l'une des questions.",
        ),
        column="name",
    ),
    KnownSentence(
        "duplicate_repeat",
        re.compile(r"(?:'name' value '(?P<what>[^']*)' is invalid\. )?Repeat names must unique anywhere"),
        Bilingual(
            "Another repeat is called {what}.{first} Repeats need names of their own in the whole form. Rename one.",
            "Une autre répétition s'appelle {what}.{first} Les répétitions doivent avoir un nom unique dans tout le "
            "formulaire. Renommez-en une.",
        ),
        column="name",
    ),
    KnownSentence(
        "repeat_named_as_form",
        re.compile(r"Repeat names must not be the same as the survey root"),
        Bilingual(
            "A repeat cannot be called as the form's root is (data). Rename it.",
            "Une répétition ne peut s'appeler comme la racine du formulaire (data). Renommez-la.",
        ),
        column="name",
    ),
    KnownSentence(
        "name_reserved",
        re.compile(r"name 'meta' is reserved"),
        Bilingual("The name meta is reserved. Rename this group.", "Le nom meta est réservé. Renommez ce groupe."),
        column="name",
    ),
    KnownSentence(
        "name_invalid",
        re.compile(r"Names must begin with a letter or underscore"),
        Bilingual(
            "A name begins with a letter or underscore and goes on with letters, digits, underscores, hyphens or "
            "dots. Correct it.",
            "Un nom commence par une lettre ou un tiret bas, puis a des lettres, chiffres, tirets bas, tirets ou "
            "points. Corrigez-le.",
        ),
    ),
    KnownSentence(
        "name_differs_in_case",
        re.compile(r"'name' value '(?P<what>[^']*)' is problematic\. The name is a case-insensitive match"),
        Bilingual(
            "The name {what} differs from another one in capitals only, and many tools do not see that. Rename one.",
            "Le nom {what} ne diffère d'un autre que par les majuscules, ce que bien des outils ne voient pas. "
            "Renommez-en un.",
        ),
        column="name",
    ),
)
