"""Tell of headers that are nearly ones of XLSForm, or their French word: a column `relevent` or `requis`."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.text import Bilingual
from forms.workbook.workbook import Sheet, plain

CODES: Mapping[str, Bilingual] = {
    "column_misspelt": Bilingual(
        "A header is nearly one of XLSForm, so the whole column does nothing.",
        "Un en-tête ressemble à un en-tête de XLSForm : toute la colonne reste sans effet.",
    ),
}

_TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message", "image", "audio", "video")
_SURVEY = (
    *("relevant", "constraint", "required", "calculation", "appearance", "parameters", "choice_filter", "default"),
    *("repeat_count", "read_only", "trigger", "save_to", *_TEXTS),
)
_SETTINGS = (
    *("form_title", "form_id", "version", "default_language", "public_key", "submission_url", "instance_name"),
    *("namespaces", "allow_choice_duplicates", "auto_send", "auto_delete", "style"),
)
# Other words that pyxform knows, and columns of ours, that look like one of these.
_OTHERS = frozenset(
    {"relevance", "caption", "readonly", "requiredmsg", "calculate", "count", "intent", "comparable_since"}
)
_SHEETS = {"survey": _SURVEY, "choices": _TEXTS, "settings": _SETTINGS}
# French words for the columns, without accents; what is near one of XLSForm is found without them.
_FRENCH = {
    "requis": "required",
    "obligatoire": "required",
    "etiquette": "label",
    "libelle": "label",
    "intitule": "label",
    "indice": "hint",
    "calcul": "calculation",
    "pertinence": "relevant",
    "pertinent": "relevant",
    "message_contrainte": "constraint_message",
    "message_de_contrainte": "constraint_message",
    "message_obligatoire": "required_message",
    "filtre": "choice_filter",
    "filtre_choix": "choice_filter",
    "filtre_de_choix": "choice_filter",
    "filtre_des_choix": "choice_filter",
    "defaut": "default",
    "par_defaut": "default",
    "valeur_par_defaut": "default",
    "lecture_seule": "read_only",
    "declencheur": "trigger",
    "nombre_de_repetitions": "repeat_count",
    "titre": "form_title",
    "titre_du_formulaire": "form_title",
    "identifiant": "form_id",
    "identifiant_du_formulaire": "form_id",
    "langue": "default_language",
    "langue_par_defaut": "default_language",
    "nom_instance": "instance_name",
}
# The columns that settings may hold under another name (pyxform 4.5 `aliases.settings_header`).
_ALSO_CALLED = {"form_title": {"title", "set_form_title"}, "form_id": {"id_string", "set_form_id"}}
_LIKE_ENOUGH = 0.8


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each filled column whose header is nearly one that the sheet does not have."""
    for sheet in examined.workbook.sheets:
        key = "survey" if sheet is examined.survey else sheet.key
        for header, meant in _misspelt(sheet, _SHEETS.get(key, ()), only_translated=key == "choices"):
            examined.tell_ruin(findings)(
                "column_misspelt",
                Place(sheet.name, 1, header),
                f"XLSForm has no column {header}, so it does nothing. Did you mean {meant}?",
                f"XLSForm n'a pas de colonne {header} : elle reste sans effet. Vouliez-vous dire « {meant} » ?",
            )


def _misspelt(sheet: Sheet, known: tuple[str, ...], *, only_translated: bool) -> Iterator[tuple[str, str]]:
    present = {_split(header) for header in sheet.headers}
    is_labelled = any(word in ("label", "caption") for word, _ in present)
    for header in dict.fromkeys(sheet.headers):
        word, language = _split(header)
        if word in known or word in _OTHERS:
            continue
        meant = _meant(word, known)
        # A further column of `choices` may be one that a filter reads.
        if meant is None or (only_translated and not language and (meant != "label" or is_labelled)):
            continue
        others = {(other, language) for other in _ALSO_CALLED.get(meant, ())}
        is_there = (meant, language) in present or not others.isdisjoint(present)
        if not is_there and any(row.text(header) for row in sheet.rows):
            yield header, meant + header.strip()[len(word) :] if language else meant


def _split(header: str) -> tuple[str, str]:
    """A header as the word of XLSForm, underscores in it, and the language or attribute behind it."""
    word, _, rest = re.sub(r"\s*::?\s*", ":", plain(header)).partition(":")
    return word.replace(" ", "_"), rest


def _meant(word: str, known: tuple[str, ...]) -> str | None:
    if any(sign.isdigit() for sign in word):
        return None
    plainly = "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
    if _FRENCH.get(plainly) in known:
        return _FRENCH[plainly]
    likeness = {each: SequenceMatcher(None, plainly, each).ratio() for each in known}
    best = max(likeness, key=lambda each: likeness[each], default=None)
    return best if best is not None and likeness[best] >= _LIKE_ENOUGH else None
