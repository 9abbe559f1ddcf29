"""The sentences of pyxform that are known here, and what is said in their place: what is wrong, and what to do.

Matching them and finding the place is `forms.compile.findings`.
"""

import re
from dataclasses import dataclass

from forms.text import Bilingual


@dataclass(frozen=True)
class KnownSentence:
    """A sentence of pyxform: its code here, what is said for it, and the sheet and column it is about.

    said: a template; {what} is what the pattern names, {near} asks whether a name that exists was meant, {first} says
    in which row the same stands before (both empty where nothing is to say). named_in: the column where `what` stands.
    """

    code: str
    pattern: re.Pattern[str]
    said: Bilingual
    sheet: str | None = "survey"
    column: str | None = None
    named_in: str | None = None


# pyxform 4.5 `errors.ErrorCode` and the f-strings of `xls2json`, in the order in which designers meet them.
KNOWN_SENTENCES = (
    KnownSentence(
        "unknown_question_type",
        re.compile(r"Unknown question type '(?P<what>.*?)'", re.DOTALL),
        Bilingual(
            "XLSForm has no question type {what}.{near} Take one from the XLSForm documentation.",
            "Le type de question « {what} » n'existe pas dans XLSForm.{near} Choisissez-en un de la documentation "
            "XLSForm.",
        ),
        column="type",
        named_in="type",
    ),
    KnownSentence(
        "duplicate_choice",
        re.compile(r"Choice names must be unique"),
        Bilingual(
            "Two choices of one list have the same name.{first} Rename one, or set `allow_choice_duplicates`.",
            "Deux choix d'une même liste portent le même nom.{first} Renommez-en un, ou réglez "
            "`allow_choice_duplicates`.",
        ),
        "choices",
        column="name",
    ),
    KnownSentence(
        "list_unknown",
        re.compile(r"(?:List name not in choices sheet|list name).{0,40}?: ?(?P<what>\S+)", re.IGNORECASE),
        Bilingual(
            "The list {what} is not in the sheet choices.{near} Add it, or correct the question's type.",
            "La liste « {what} » n'est pas dans la feuille choices.{near} Ajoutez-la ou corrigez le type de la "
            "question.",
        ),
        column="type",
    ),
    KnownSentence(
        "reference_unknown",
        re.compile(r"Could not find the name '(?P<what>.*?)'"),
        Bilingual(
            "There is no question {what}.{near} Correct the name between ${{ and }}.",
            "Il n'y a pas de question « {what} ».{near} Corrigez le nom entre ${{ et }}.",
        ),
    ),
    KnownSentence(
        "reference_ambiguous",
        re.compile(r"The name '(?P<what>.*?)' appears more than once"),
        Bilingual(
            "Several questions are called {what}, so nobody knows which is meant. Rename one.",
            "Plusieurs questions s'appellent « {what} » : la référence est ambiguë. Renommez-en une.",
        ),
    ),
    KnownSentence(
        "reference_malformed",
        re.compile(r"Reference variables must start with"),
        Bilingual(
            "A reference is written ${{name}}. Correct the one in this cell.",
            "Une référence s'écrit ${{nom}}. Corrigez celle de cette cellule.",
        ),
    ),
    KnownSentence(
        "name_missing",
        re.compile(r"(?:Question or group with no name|with no name)"),
        Bilingual(
            "This question or group has no name. Fill in the column name.",
            "Cette question ou ce groupe n'a pas de nom. Remplissez la colonne name.",
        ),
        column="name",
    ),
    KnownSentence(
        "choice_name_missing",
        re.compile(r"Choices must have a name"),
        Bilingual(
            "This choice has no name. Fill in the column name.",
            "Ce choix n'a pas de nom. Remplissez la colonne name.",
        ),
        "choices",
        column="name",
    ),
    KnownSentence(
        "label_missing",
        re.compile(r"(?:(?:element named '(?P<what>[^']*)' )?has no label|Choices should have a label)"),
        Bilingual(
            "A label is missing. Fill in the column label.",
            "Il manque un libellé. Remplissez la colonne label.",
        ),
        named_in="name",
    ),
    KnownSentence(
        "duplicate_name",
        re.compile(
            r"(?:'name' value '(?P<what>[^']*)' is invalid\. )?"
            r"(?:Questions, groups, and repeats must be unique within their nearest|Repeat names must unique)"
        ),
        Bilingual(
            "The name {what} is taken already in this group.{first} Rename one of the questions.",
            "Le nom {what} est déjà pris dans le même groupe.{first} Renommez l'une des questions.",
        ),
        column="name",
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
    KnownSentence(
        "name_invalid",
        re.compile(r"Names must begin with a letter or underscore"),
        Bilingual(
            "A name begins with a letter or underscore and goes on with letters, digits, underscores, hyphens or "
            "dots. Correct it.",
            "Un nom commence par une lettre ou un souligné, puis a des lettres, chiffres, soulignés, tirets ou "
            "points. Corrigez-le.",
        ),
    ),
    KnownSentence(
        "name_reserved",
        re.compile(r"name 'meta' is reserved"),
        Bilingual("The name meta is reserved. Rename this group.", "Le nom meta est réservé. Renommez ce groupe."),
        column="name",
    ),
    KnownSentence(
        "group_not_opened",
        re.compile(r"Unmatched 'end_(?P<what>\w+)'"),
        Bilingual(
            "This end_{what} has no begin_{what}. Add it above, or delete this row.",
            "Cette fin (end_{what}) n'a pas de début. Ajoutez begin_{what} plus haut, ou retirez cette ligne.",
        ),
        column="type",
    ),
    KnownSentence(
        "group_not_closed",
        re.compile(r"Unmatched 'begin_(?P<what>\w+)'"),
        Bilingual(
            "This begin_{what} has no end_{what}. Add it after its last question.",
            "Ce début (begin_{what}) n'a pas de fin. Ajoutez end_{what} après sa dernière question.",
        ),
        column="type",
    ),
    KnownSentence(
        "calculation_missing",
        re.compile(r"Missing calculation"),
        Bilingual(
            "This calculate has no formula. Fill in the column calculation.",
            "Ce calculate n'a pas de formule. Remplissez la colonne calculation.",
        ),
        column="calculation",
    ),
    KnownSentence(
        "header_missing",
        re.compile(r"One or more required column headers were not found: (?P<what>[^.]*)"),
        Bilingual("Columns are missing: {what}. Add them.", "Il manque des colonnes : {what}. Ajoutez-les."),
        None,
    ),
    KnownSentence(
        "header_twice",
        re.compile(r"Headers that are different names for the same column were found: (?P<what>[^.]*)"),
        Bilingual(
            "Two headers mean the same column: {what}. Rename or delete one.",
            "Deux en-têtes désignent la même colonne : {what}. Renommez ou supprimez-en une.",
        ),
        None,
    ),
    KnownSentence(
        "sheet_missing",
        re.compile(r"must have a sheet named|sheet named '?survey'?", re.IGNORECASE),
        Bilingual(
            "The sheet survey is missing. Add it, or correct its name.",
            "Il manque la feuille survey. Ajoutez-la ou corrigez son nom.",
        ),
        None,
    ),
    KnownSentence(
        "choices_missing",
        re.compile(r"There should be a choices sheet"),
        Bilingual(
            "The sheet choices is missing, and a question has choices. Add it, or correct its name.",
            "Il manque la feuille choices, or une question a des choix. Ajoutez-la ou corrigez son nom.",
        ),
        None,
    ),
    KnownSentence(
        "include_unsupported",
        re.compile(r"This section has not been included"),
        Bilingual(
            "The type include is supported no more. Copy the questions here.",
            "Le type include n'est plus pris en charge. Copiez les questions ici.",
        ),
        column="type",
    ),
    KnownSentence(
        "parameters_malformed",
        re.compile(r"Parameters must be in the form"),
        Bilingual(
            "Parameters are written key=value, with spaces between them. Correct this cell.",
            "Les paramètres s'écrivent clé=valeur, séparés par des espaces. Corrigez cette cellule.",
        ),
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
            "Without the parameter max-pixels photos travel in full size: slow sending, full disks. Set it.",
            "Sans le paramètre max-pixels, les photos partent en taille réelle : envois lents et disques pleins. "
            "Réglez-le.",
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
        "header_with_spaces",
        re.compile(
            r"'(?P<what>[^']*)' value is invalid\. Column headers must not be empty and must not contain spaces"
        ),
        Bilingual(
            "The column `{what}` has spaces in its name, so no expression can read it. Rename it or delete it.",
            "La colonne « {what} » a des espaces dans son nom : aucune expression ne peut la lire. Renommez-la ou "
            "supprimez-la.",
        ),
        "choices",
    ),
    KnownSentence(
        "metadata_unsupported",
        re.compile(r"no longer supported on most devices"),
        Bilingual(
            "Recent tablets no longer give this. Delete the row.",
            "Les tablettes récentes ne donnent plus cette donnée. Retirez la ligne.",
        ),
    ),
)
