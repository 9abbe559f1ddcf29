"""What pyxform refuses of the rows of `survey`: types, groups, formulas, labels."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual

SURVEY = (
    KnownSentence(
        "unknown_question_type",
        # The second is what it says of a bare `rank`.
        re.compile(
            r"Unknown question type '(?P<what>.*?)'|Arguments 'itemset' and 'list_name' must not both be None",
            re.DOTALL,
        ),
        Bilingual(
            "XLSForm has no question type {what}.{near}",
            "Le type de question « {what} » n'existe pas dans XLSForm.{near}",
        ),
        column="type",
        named_in="type",
    ),
    KnownSentence(
        "type_missing",
        re.compile(r"Question with no type"),
        Bilingual(
            "This row has a name or a label, but no type. Fill in the column type, or delete the row.",
            "Cette ligne a un nom ou un libellé, mais pas de type. Remplissez la colonne type ou supprimez la ligne.",
        ),
        column="type",
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
        "loop_without_list",
        re.compile(r"Repeat loop without list name"),
        Bilingual(
            "A loop runs over a choice list, and none is named. Write begin_loop over LIST, or use begin_repeat.",
            "Une boucle parcourt une liste de choix, et aucune n'est nommée. Écrivez begin_loop over LISTE ou utilisez "
            "begin_repeat.",
        ),
        column="type",
    ),
    KnownSentence(
        "table_list_mixed",
        re.compile(r"Badly formatted table list"),
        Bilingual(
            "All questions of a group with the appearance table-list must use the same choice list. Take this question "
            "out of the group, or change its list.",
            "Toutes les questions d'un groupe d'apparence table-list doivent utiliser la même liste de choix. Sortez "
            "cette question du groupe ou changez sa liste.",
        ),
        column="type",
    ),
    KnownSentence(
        "filter_unsupported",
        re.compile(r"Choice filter not supported (?:with|for) (?P<what>or_other|table-list)"),
        Bilingual(
            "A choice_filter does not work together with {what}. Remove one of the two.",
            "Un choice_filter ne fonctionne pas avec {what}. Retirez l'un des deux.",
        ),
        column="choice_filter",
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
        "background_geopoint_wrong",
        re.compile(r"For 'background-geopoint' questions, the '(?P<what>\w+)' column must"),
        Bilingual(
            "A background-geopoint needs a trigger and takes no calculation. Correct the column {what}.",
            "Un background-geopoint a besoin d'un trigger et n'a pas de calculation. Corrigez la colonne {what}.",
        ),
        column="trigger",
    ),
    KnownSentence(
        "trigger_invisible",
        re.compile(r"The question \$\{(?P<what>[^}]*)\} is not user-visible so it can't be used as a calculation"),
        Bilingual(
            "{what} is used as a trigger, but nobody sees it: only a question that is asked can trigger. Name another "
            "question in the column trigger.",
            "{what} sert de déclencheur (trigger), mais personne ne le voit : il faut une question posée. "
            "Nommez une autre question dans la colonne trigger.",
        ),
        named_in="name",
        column="trigger",
    ),
    KnownSentence(
        "label_missing",
        re.compile(r"element named '(?P<what>[^']*)' has no label"),
        Bilingual(
            "A label is missing. Fill in the column label.",
            "Il manque un libellé. Remplissez la colonne label.",
        ),
        named_in="name",
        column="label",
    ),
    KnownSentence(
        "image_missing",
        re.compile(r"To use big-image, you must also specify an image for the survey element named (?P<what>[^.]*)\."),
        Bilingual(
            "A big-image needs an image beside it. Fill in the column media::image.",
            "Une big-image a besoin d'une image à côté. Remplissez la colonne media::image.",
        ),
        named_in="name",
    ),
    KnownSentence(
        "media_unsupported",
        re.compile(r"Media type: (?P<what>\S+) not supported"),
        Bilingual(
            "XLSForm has no medium {what}. The columns are media::image, media::big-image, media::audio and "
            "media::video. Correct the header.",
            "XLSForm n'a pas de média « {what} ». Les colonnes sont media::image, media::big-image, media::audio et "
            "media::video. Corrigez l'en-tête.",
        ),
    ),
    KnownSentence(
        "audit_named",
        re.compile(r"Audits must always be named"),
        Bilingual(
            "An audit takes no name. Leave the column name blank.",
            "Un audit ne prend pas de nom. Laissez la colonne name vide.",
        ),
        column="name",
    ),
    KnownSentence(
        "search_with_file",
        re.compile(r"Question '(?P<what>[^']*)' is a select from file type, using 'search\(\)'"),
        Bilingual(
            "search() does not work in a select_one_from_file. Remove it from the column appearance, or use a list of "
            "choices.",
            "search() ne fonctionne pas avec select_one_from_file. Retirez-le de la colonne appearance, ou utilisez "
            "une liste de choices.",
        ),
        named_in="name",
        column="appearance",
    ),
    KnownSentence(
        "search_list_shared",
        re.compile(
            r"Question '(?P<what>[^']*)' uses 'search\(\)', and its select type references the choice list name "
            r"'(?P<other>[^']*)'"
        ),
        Bilingual(
            "This question searches in the list {other}, and other questions use the same list without search(). Give "
            "this question a list of its own.",
            "Cette question cherche dans la liste {other}, et d'autres questions utilisent la même liste sans "
            "search(). Donnez à cette question sa propre liste.",
        ),
        named_in="name",
        column="appearance",
    ),
    KnownSentence(
        "external_file_twice",
        re.compile(
            r"(?:same instance id will be generated for different external instance source URIs.*?"
            r"Instance name: '(?P<what>[^']*)'|"
            r"Instance names must be unique within a form\. The name '(?P<also>[^']*)')",
            re.DOTALL,
        ),
        Bilingual(
            "Two different sources are both called {what} in the form (files of one name with different endings, or a "
            "file called as a list). Rename one of them.",
            "Deux sources différentes s'appellent {what} dans le formulaire (fichiers de même nom et d'extensions "
            "différentes, ou fichier nommé comme une liste). Renommez l'une d'elles.",
        ),
    ),
)
