"""What pyxform refuses of entities: the sheet `entities` and the column `save_to`."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual

ENTITIES = (
    KnownSentence(
        "entity_not_declared",
        re.compile(r"To save entity properties using the save_to column, add an entities sheet"),
        Bilingual(
            "save_to keeps an answer in an entity, and no sheet entities declares one. Add it, or clear this cell.",
            "save_to garde une réponse dans une entité, et aucune feuille entities n'en déclare. Ajoutez-la ou videz "
            "cette cellule.",
        ),
        column="save_to",
    ),
    KnownSentence(
        "save_to_twice",
        re.compile(r"The save_to property '(?P<what>[^']*)' is already assigned by row '(?P<other>\d+)'"),
        Bilingual(
            "Two questions save to the property {what}. Change or clear one of the cells.",
            "Deux questions enregistrent dans la propriété {what}. Changez ou videz l'une des cellules.",
        ),
        column="save_to",
    ),
    KnownSentence(
        "save_to_on_group",
        re.compile(r"Groups and repeats can't be saved as entity properties"),
        Bilingual(
            "A group holds no answer that could be saved. Clear this cell.",
            "Un groupe n'a pas de réponse à enregistrer. Videz cette cellule.",
        ),
        column="save_to",
    ),
    KnownSentence(
        "entity_unknown",
        re.compile(r"The entity list name '(?P<what>[^']*)' was not found on the entities sheet"),
        Bilingual(
            "The sheet entities has no list {what}. Add it, or correct this cell.",
            "La feuille entities n'a pas de liste {what}. Ajoutez-la ou corrigez cette cellule.",
        ),
        column="save_to",
    ),
    KnownSentence(
        "entity_incomplete",
        re.compile(r"entity list name '(?P<what>[^']*)' does not have an? '(?P<other>\w+)'"),
        Bilingual(
            "The entity {what} lacks {other}. Fill in that column.",
            "Il manque {other} à l'entité {what}. Remplissez cette colonne.",
        ),
        "entities",
    ),
    KnownSentence(
        "entity_incomplete",
        re.compile(r"entity list name '(?P<what>[^']*)' does not have a (?P<other>label)"),
        Bilingual(
            "The entity {what} lacks {other}. Fill in that column.",
            "Il manque {other} à l'entité {what}. Remplissez cette colonne.",
        ),
        "entities",
        column="label",
    ),
    KnownSentence(
        "save_to_without_entity",
        re.compile(r"When there is more than one entity declaration, 'save_to' names must be prefixed"),
        Bilingual(
            "There are several entities. Write here which is meant: list#property.",
            "Il y a plusieurs entités. Écrivez ici laquelle : liste#propriété.",
        ),
        column="save_to",
    ),
    KnownSentence(
        "save_to_malformed",
        re.compile(r"A 'save_to' value must have at most one '#'"),
        Bilingual(
            "save_to is written property, or list#property. Correct this cell.",
            "save_to s'écrit propriété, ou liste#propriété. Corrigez cette cellule.",
        ),
        column="save_to",
    ),
    KnownSentence(
        "entity_scope",
        re.compile(
            r"Each container \(survey, group, repeat\) may have only one entity|"
            r"entity list name '(?P<what>[^']*)' has a reference in container scope"
        ),
        Bilingual(
            "This entity takes its answers from different repeats or groups, or shares its group with another entity. "
            "Bring what it needs into one group with a calculate.",
            "Cette entité prend ses réponses dans des répétitions ou groupes différents, ou partage son groupe avec "
            "une autre entité. Rassemblez ce dont elle a besoin dans un seul groupe avec un calculate.",
        ),
    ),
    KnownSentence(
        "entity_name_wrong",
        re.compile(
            r"Names used here must not (?:begin with two underscores|contain a period|be 'name' or 'label')|"
            r"The 'list_name' column must not have any duplicate names|Entity lists must have a name"
        ),
        Bilingual(
            "The name of an entity or property is unique, has no dot, does not begin with two underscores, and is "
            "neither name nor label. Correct this cell.",
            "Le nom d'une entité ou d'une propriété est unique, n'a pas de point, ne commence pas par deux tirets bas, "
            "et n'est ni name ni label. Corrigez cette cellule.",
        ),
        "entities",
    ),
    KnownSentence(
        "entity_column_unknown",
        re.compile(r"The following column\(s\) are not supported by this version of pyxform: (?P<what>.*?)\. Please"),
        Bilingual(
            "The sheet entities has columns that XLSForm does not know: {what}. Correct the headers or delete them.",
            "La feuille entities a des colonnes que XLSForm ne connaît pas : {what}. Corrigez les en-têtes ou "
            "supprimez-les.",
        ),
        "entities",
        in_headers=True,
    ),
)
