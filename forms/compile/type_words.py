"""Which question type was meant by a word that XLSForm does not know: a French or everyday word, or a slip."""

import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from forms.workbook.workbook import plain

# The words of https://xlsform.org for types, and those of pyxform that no other name stands for.
_TYPES = (
    *("integer", "decimal", "range", "text", "note", "date", "time", "dateTime", "calculate", "acknowledge", "hidden"),
    *("select_one", "select_multiple", "select_one_from_file", "select_multiple_from_file", "select_one_external"),
    *("rank", "geopoint", "geotrace", "geoshape", "start-geopoint", "image", "audio", "background-audio", "video"),
    *("file", "barcode", "csv-external", "xml-external", "start", "end", "today", "deviceid", "phonenumber"),
    *("username", "email", "audit", "begin_group", "end_group", "begin_repeat", "end_repeat"),
)
_LIKENESS = 0.6

# Written without accents, capitals, underscores and hyphens.
_MEANT: Mapping[str, tuple[str, ...]] = {
    "text": ("texte", "texte libre", "texte court", "texte long", "chaine", "mot", "telephone", "ouverte"),
    "integer": ("entier", "nombre", "nombre entier", "nb", "number", "numeric", "numerique", "chiffre", "whole number"),
    "decimal": ("nombre decimal", "reel", "virgule", "float", "double"),
    "time": ("heure",),
    "dateTime": ("date heure", "date et heure"),
    "today": ("aujourdhui", "aujourd'hui", "date du jour"),
    "start": ("debut",),
    "end": ("fin",),
    "select_one": (
        *("choix unique", "choix simple", "choix", "liste", "liste deroulante", "menu", "menu deroulant", "dropdown"),
        *("oui non", "yes no", "bool", "boolean", "booleen", "radio", "single choice", "multiple choice"),
    ),
    "select_multiple": ("choix multiple", "choix multiples", "cases a cocher", "checkbox", "checkboxes", "qcm"),
    "rank": ("classement", "rang", "ordre"),
    "note": ("remarque", "consigne", "message", "commentaire", "titre"),
    "geopoint": ("position", "coordonnees", "localisation", "lieu", "point gps"),
    "image": ("signature", "dessin", "picture"),
    "audio": ("son", "enregistrement"),
    "file": ("fichier",),
    "barcode": ("code barre", "code barres", "qr code", "qrcode"),
    "calculate": ("calcul", "formule"),
    "hidden": ("cache",),
    "begin_group": ("groupe", "group", "section", "debut groupe", "debut de groupe", "debut du groupe"),
    "end_group": ("fin groupe", "fin de groupe", "fin du groupe", "fin section", "fin de section"),
    "begin_repeat": (
        *("repetition", "repeat", "boucle", "debut repetition", "debut de repetition", "debut de la repetition"),
        *("debut boucle", "debut de boucle"),
    ),
    "end_repeat": (
        *("fin repetition", "fin de repetition", "fin de la repetition", "fin boucle", "fin de boucle"),
    ),
}  # fmt: skip
_BY_WORD = {word: name for name, words in _MEANT.items() for word in words}
TYPES_WITH_LIST = ("select_one", "select_multiple", "rank", "select_one_external")
TYPES_WITH_FILE = ("select_one_from_file", "select_multiple_from_file")


def meant_type(written: str) -> str | None:
    """Return the type that was meant, its list's name behind it where one is written; None where nobody can tell."""
    words = _bare(written).split()
    for count in range(len(words), 0, -1):
        right = _BY_WORD.get(" ".join(words[:count]))
        rest = written.split()[-(len(words) - count) :] if count < len(words) else []
        if right is not None and (not rest or (right in TYPES_WITH_LIST and len(rest) == 1)):
            return " ".join((right, *rest))
    word, _, rest_of = written.partition(" ")
    slip = _like(written) or _like(word)
    if slip and rest_of and slip.startswith(("select", "rank")):
        # A list's name has no spaces: of `Select one from source` nobody knows which word is meant.
        return f"{slip} {rest_of}" if " " not in rest_of else None
    return slip


def meant_edge(written: str) -> str | None:
    """Return the beginning or end of a group that a word of another language means; None for anything else."""
    right = _BY_WORD.get(_bare(written), "")
    return right if right.startswith(("begin_", "end_")) else None


def lacks_list(written: str) -> str | None:
    """Return the type that is written without the list or file it needs; None where that is not what is wrong."""
    word = plain(written).replace(" ", "_")
    return word if word in (*TYPES_WITH_LIST, *TYPES_WITH_FILE) else None


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return plain(kept.replace("_", " ").replace("-", " "))


def _like(written: str) -> str | None:
    by_key = {plain(name): name for name in _TYPES}
    close = get_close_matches(plain(written), by_key, n=1, cutoff=_LIKENESS)
    return by_key[close[0]] if close else None
