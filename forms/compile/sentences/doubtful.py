"""What pyxform warns of: it compiles, but something is probably not meant."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual

DOUBTFUL = (
    KnownSentence(
        "sheet_name_near",
        re.compile(r"When looking for a sheet named '(?P<what>\w+)'"),
        Bilingual(
            "There is no sheet {what}, but one whose name is near. Correct that name.",
            "Il n'y a pas de feuille {what}, mais une feuille de nom semblable. Corrigez ce nom.",
        ),
        None,
    ),
    KnownSentence(
        "translation_missing",
        re.compile(
            r"Language '(?P<language>.+?)' is missing the (?P<sheet>\w+) "
            r"(?:columns (?P<columns>[^.\n]+)|(?P<column>[^.\n]+) column)\."
        ),
        Bilingual(
            "Columns of translations are missing: {what}. Add them.",
            "Des colonnes de traduction manquent : {what}. Ajoutez-les.",
        ),
        None,
    ),
    KnownSentence(
        "language_without_code",
        re.compile(r"do not contain valid machine-readable codes:\s*(?P<what>.*?)(?:\. |$)", re.DOTALL),
        Bilingual(
            "These languages have no code in brackets, as in `English (en)`: {what}. Add it to the headers.",
            "Ces langues n'ont pas de code entre parenthèses, comme « Français (fr) » : {what}. Ajoutez-le aux "
            "en-têtes.",
        ),
        None,
    ),
    KnownSentence(
        "other_untranslated",
        re.compile(r"or_other and translations"),
        Bilingual(
            "or_other in a translated form shows `other` untranslated. Add a choice and a question instead.",
            "or_other avec des traductions donne un « other » non traduit. Ajoutez plutôt un choix et une question.",
        ),
        None,
    ),
    KnownSentence(
        "image_size",
        re.compile(r"max-pixels parameter"),
        Bilingual(
            "Without the parameter max-pixels photos travel in full size: slow sending, full disks. {write}.",
            "Sans le paramètre max-pixels, les photos partent en taille réelle : envois lents et disques pleins. "
            "{write}.",
        ),
        column="parameters",
    ),
    KnownSentence(
        "row_skipped",
        re.compile(r"Row without name, text, or label is being skipped"),
        Bilingual(
            "This row has neither type nor name and is skipped. Fill it in, or delete it.",
            "Cette ligne n'a ni type ni nom, elle est ignorée. Remplissez-la ou supprimez-la.",
        ),
    ),
    KnownSentence(
        "metadata_unsupported",
        re.compile(r"no longer supported on most devices"),
        Bilingual(
            "Recent tablets no longer give this. Delete the row.",
            "Les tablettes récentes ne donnent plus cette donnée. Retirez la ligne.",
        ),
    ),
    KnownSentence(
        "disabled_column",
        re.compile(r"The 'disabled' column header is not part of the current spec"),
        Bilingual(
            "XLSForm has no column disabled any more: other tools ask this row. Use relevant, or delete the row.",
            "XLSForm n'a plus de colonne disabled : d'autres outils posent cette question. Utilisez relevant ou "
            "supprimez la ligne.",
        ),
        column="disabled",
    ),
    KnownSentence(
        "form_id_twice",
        re.compile(r"form_id and id_string column headers are both"),
        Bilingual(
            "The settings have both form_id and id_string. Keep form_id.",
            "Les réglages ont à la fois form_id et id_string. Gardez form_id.",
        ),
        "settings",
        column="id_string",
        in_headers=True,
    ),
    KnownSentence(
        "external_without_filter",
        re.compile(r"select one external is only meant for filtered selects"),
        Bilingual(
            "A select_one_external without choice_filter shows its whole list. Fill in choice_filter.",
            "Un select_one_external sans choice_filter montre toute sa liste. Remplissez choice_filter.",
        ),
        column="choice_filter",
    ),
    KnownSentence(
        "repeat_label_missing",
        re.compile(r"Repeat has no label"),
        Bilingual(
            "This repeat has no label, so enumerators are asked whether to add another nameless thing. Fill in label.",
            "Cette répétition n'a pas de libellé : l'enquêteur ne saura pas ce qu'il ajoute. Remplissez label.",
        ),
        column="label",
    ),
)
