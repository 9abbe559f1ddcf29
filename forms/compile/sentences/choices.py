"""What pyxform refuses of choice lists and of questions that name them."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual

CHOICES = (
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
        "choice_name_with_spaces",
        re.compile(r"Choice names with spaces cannot be added to multiple choice selects\. See \[(?P<what>.*?)\] in "),
        Bilingual(
            "A choice of a select_multiple has spaces in its name: {what}. Answers are separated by spaces, so it "
            "would read as several. Write underscores instead.",
            "Un choix d'un select_multiple a des espaces dans son nom : {what}. Les réponses sont séparées par des "
            "espaces, il se lirait comme plusieurs. Mettez des tirets bas à la place.",
        ),
        "choices",
        column="name",
        named_in="name",
    ),
    KnownSentence(
        "choice_label_missing",
        re.compile(r"Choices should have a label"),
        Bilingual(
            "This choice has no label: people would read its code. Fill in the column label.",
            "Ce choix n'a pas de libellé : on lirait son code. Remplissez la colonne label.",
        ),
        "choices",
        column="label",
    ),
    KnownSentence(
        "external_list_unknown",
        re.compile(r"List name not in external choices sheet: ?(?P<what>\S+)"),
        Bilingual(
            "The list {what} is not in the sheet external_choices.{near} Add it, or correct the question's type.",
            "La liste « {what} » n'est pas dans la feuille external_choices.{near} Ajoutez-la ou corrigez le type de "
            "la question.",
        ),
        column="type",
    ),
    KnownSentence(
        "list_unknown",
        re.compile(r"List name not in (?:choices|columns) sheet: ?(?P<what>\S+)", re.IGNORECASE),
        Bilingual(
            "The list {what} is not in the sheet choices.{near} Add it, or correct the question's type.",
            "La liste « {what} » n'est pas dans la feuille choices.{near} Ajoutez-la ou corrigez le type de la "
            "question.",
        ),
        column="type",
    ),
    KnownSentence(
        "list_empty",
        re.compile(r"Please specify choices for this 'or other' question|There should be choices for this question"),
        Bilingual(
            "The choice list of this question is empty. Add its choices to the sheet choices.",
            "La liste de choix de cette question est vide. Ajoutez ses choix à la feuille choices.",
        ),
        column="type",
    ),
    KnownSentence(
        "choices_missing",
        re.compile(r"There should be a choices sheet"),
        Bilingual(
            "The sheet choices is missing, and this question has choices. Add it, or correct its name.",
            "Il manque la feuille choices, or cette question a des choix. Ajoutez-la ou corrigez son nom.",
        ),
        column="type",
    ),
    KnownSentence(
        "external_choices_missing",
        re.compile(r"There should be an external_choices sheet"),
        Bilingual(
            "The sheet external_choices is missing, and this select_one_external reads it. Add it, or correct its "
            "name.",
            "Il manque la feuille external_choices, que lit ce select_one_external. Ajoutez-la ou corrigez son nom.",
        ),
        column="type",
    ),
    KnownSentence(
        "file_ending_unknown",
        re.compile(r"File name for '(?P<what>[^']*)' should end with one of"),
        Bilingual(
            "A list from a file names the file with its ending: .csv, .xml or .geojson. Correct {what}.",
            "Une liste tirée d'un fichier nomme le fichier avec son extension : .csv, .xml ou .geojson. Corrigez "
            "{what}.",
        ),
        column="type",
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
)
