"""What pyxform refuses of the workbook as a whole: sheets, headers, settings."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual

WORKBOOK = (
    KnownSentence(
        "header_missing",
        re.compile(r"One or more required column headers were not found: (?P<what>[^.]*)"),
        Bilingual("Columns are missing: {what}. Add them.", "Il manque des colonnes : {what}. Ajoutez-les."),
        in_headers=True,
    ),
    KnownSentence(
        "header_twice",
        re.compile(r"different names for the same column were found: '(?P<other>[^']*)', '(?P<what>[^']*)'"),
        Bilingual(
            "Two headers mean the same column: {other} and {what}. Rename or delete one.",
            "Deux en-têtes désignent la même colonne : {other} et {what}. Renommez ou supprimez-en une.",
        ),
        in_headers=True,
    ),
    KnownSentence(
        "header_missing",
        re.compile(r"may be due a missing header row"),
        Bilingual(
            "The first row must hold the headers. Add it above this table.",
            "La première ligne doit contenir les en-têtes. Ajoutez-la au-dessus de ce tableau.",
        ),
        in_headers=True,
    ),
    KnownSentence(
        "sheet_missing",
        re.compile(r"must have a sheet named|sheet named '?survey'?", re.IGNORECASE),
        Bilingual(
            "The sheet survey is missing.{sheets}",
            "Il manque la feuille survey.{sheets}",
        ),
        None,
    ),
    KnownSentence(
        "instance_id_omitted",
        re.compile(r"Cannot omit instanceID"),
        Bilingual(
            "An encrypted form needs the instanceID. Remove omit_instanceID.",
            "Un formulaire chiffré a besoin de l'instanceID. Retirez omit_instanceID.",
        ),
        "settings",
        column="omit_instanceID",
    ),
)
