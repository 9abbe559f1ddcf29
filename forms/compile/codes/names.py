"""What is wrong with names, choice lists and entities: the codes of findings, each with what it finds."""

from collections.abc import Mapping

from forms.text import Bilingual

NAME_CODES: Mapping[str, Bilingual] = {
    "name_missing": Bilingual("A question or group has no name.", "Une question ou un groupe n'a pas de nom."),
    "duplicate_name": Bilingual(
        "Two questions of one group have the same name.", "Deux questions d'un même groupe ont le même nom."
    ),
    "duplicate_repeat": Bilingual("Two repeats have the same name.", "Deux répétitions ont le même nom."),
    "repeat_named_as_form": Bilingual(
        "A repeat is called as the form's root is.", "Une répétition s'appelle comme la racine du formulaire."
    ),
    "name_reserved": Bilingual("A name is reserved for the form itself.", "Un nom est réservé au formulaire lui-même."),
    "name_invalid": Bilingual(
        "A name has characters that names cannot have.", "Un nom a des caractères qu'un nom ne peut avoir."
    ),
    "name_differs_in_case": Bilingual(
        "Two names differ in capitals only.", "Deux noms ne diffèrent que par les majuscules."
    ),
    "duplicate_choice": Bilingual(
        "Two choices of one list have the same name.", "Deux choix d'une liste ont le même nom."
    ),
    "choice_name_missing": Bilingual("A choice has no name.", "Un choix n'a pas de nom."),
    "choice_name_with_spaces": Bilingual(
        "A choice of a select_multiple has spaces in its name.",
        "Un choix d'un select_multiple a des espaces dans son nom.",
    ),
    "choice_label_missing": Bilingual("A choice has no label.", "Un choix n'a pas de libellé."),
    "external_list_unknown": Bilingual(
        "A list is not in the sheet external_choices.", "Une liste n'est pas dans la feuille external_choices."
    ),
    "list_unknown": Bilingual("A list is not in the sheet choices.", "Une liste n'est pas dans la feuille choices."),
    "list_empty": Bilingual("A question's choice list is empty.", "La liste de choix d'une question est vide."),
    "choices_missing": Bilingual(
        "A question has choices, and there is no sheet choices.",
        "Une question a des choix, et la feuille choices manque.",
    ),
    "external_choices_missing": Bilingual(
        "A question reads external_choices, and there is no such sheet.",
        "Une question lit external_choices, et cette feuille manque.",
    ),
    "file_ending_unknown": Bilingual(
        "A list comes from a file of an unknown kind.", "Une liste vient d'un fichier d'un type inconnu."
    ),
    "other_untranslated": Bilingual(
        "or_other stands in a translated form.", "or_other figure dans un formulaire traduit."
    ),
    "entity_not_declared": Bilingual("save_to is used without an entity.", "save_to est utilisé sans entité."),
    "save_to_twice": Bilingual(
        "Two questions save to the same property.", "Deux questions enregistrent dans la même propriété."
    ),
    "save_to_on_group": Bilingual("A group has a save_to.", "Un groupe a un save_to."),
    "entity_unknown": Bilingual(
        "save_to names an entity that is not declared.", "save_to nomme une entité non déclarée."
    ),
    "entity_incomplete": Bilingual(
        "An entity lacks its label or an expression that it needs.",
        "Il manque à une entité son libellé ou une expression.",
    ),
    "save_to_without_entity": Bilingual(
        "save_to does not say which of several entities is meant.", "save_to ne dit pas laquelle des entités est visée."
    ),
    "save_to_malformed": Bilingual(
        "save_to is not written property, or list#property.", "save_to n'est pas écrit propriété, ou liste#propriété."
    ),
    "entity_scope": Bilingual(
        "An entity takes its answers from different repeats or groups.",
        "Une entité prend ses réponses dans des répétitions ou groupes différents.",
    ),
    "entity_name_wrong": Bilingual(
        "An entity or property has a name that it cannot have.", "Une entité ou une propriété a un nom non admis."
    ),
    "entity_column_unknown": Bilingual(
        "The sheet entities has a column that XLSForm does not know.",
        "La feuille entities a une colonne inconnue de XLSForm.",
    ),
}
