"""What is wrong with rows of `survey`: the codes of findings, each with what it finds."""

from collections.abc import Mapping

from forms.text import Bilingual

SURVEY_CODES: Mapping[str, Bilingual] = {
    "unknown_question_type": Bilingual(
        "A question's type does not exist in XLSForm.", "Le type d'une question n'existe pas dans XLSForm."
    ),
    "type_missing": Bilingual(
        "A row has a name or a label, but no type.", "Une ligne a un nom ou un libellé, mais pas de type."
    ),
    "include_unsupported": Bilingual(
        "A row includes another form, which XLSForm no longer does.",
        "Une ligne inclut un autre formulaire, ce que XLSForm ne fait plus.",
    ),
    "group_not_opened": Bilingual(
        "A group or repeat ends that never began.", "Un groupe ou une répétition se termine sans avoir commencé."
    ),
    "group_not_closed": Bilingual(
        "A group or repeat begins and never ends.", "Un groupe ou une répétition commence et ne se termine pas."
    ),
    "loop_without_list": Bilingual(
        "A loop names no choice list to run over.", "Une boucle ne nomme pas la liste de choix à parcourir."
    ),
    "table_list_mixed": Bilingual(
        "Questions of a table-list use different choice lists.",
        "Les questions d'un table-list utilisent des listes différentes.",
    ),
    "filter_unsupported": Bilingual(
        "A choice filter stands where it cannot work.", "Un filtre de choix figure là où il ne peut fonctionner."
    ),
    "calculation_missing": Bilingual("A calculate has no formula.", "Un calculate n'a pas de formule."),
    "background_geopoint_wrong": Bilingual(
        "A background-geopoint lacks its trigger or has a calculation.",
        "Un background-geopoint n'a pas de trigger ou a un calculation.",
    ),
    "trigger_invisible": Bilingual(
        "A trigger names a question that nobody sees.", "Un déclencheur nomme une question que personne ne voit."
    ),
    "label_missing": Bilingual("A question has neither label nor hint.", "Une question n'a ni libellé ni consigne."),
    "image_missing": Bilingual("A big-image has no image beside it.", "Une big-image n'a pas d'image à côté."),
    "media_unsupported": Bilingual(
        "A media column is of a kind that XLSForm does not have.",
        "Une colonne média est d'un type que XLSForm n'a pas.",
    ),
    "audit_named": Bilingual("An audit row has a name of its own.", "Une ligne audit porte un autre nom que audit."),
    "search_with_file": Bilingual(
        "search() is used in a select from a file.", "search() est utilisé dans un choix tiré d'un fichier."
    ),
    "search_list_shared": Bilingual(
        "A list is used with search() and without.", "Une liste est utilisée avec search() et sans."
    ),
    "external_file_twice": Bilingual(
        "Two external sources would get the same name in the form.",
        "Deux sources externes auraient le même nom dans le formulaire.",
    ),
    "parameters_malformed": Bilingual(
        "The cell `parameters` is not written key=value.", "La cellule `parameters` n'est pas écrite clé=valeur."
    ),
    "parameter_unknown": Bilingual(
        "A question has a parameter that its type does not take.",
        "Une question a un paramètre que son type n'accepte pas.",
    ),
    "parameter_value_wrong": Bilingual(
        "A parameter has a value that it cannot have.", "Un paramètre a une valeur non admise."
    ),
    "parameter_missing": Bilingual(
        "A parameter needs another one beside it.", "Un paramètre a besoin d'un autre à côté."
    ),
    "range_wrong": Bilingual(
        "The parameters of a range do not fit together.", "Les paramètres d'un range ne vont pas ensemble."
    ),
    "reference_unknown": Bilingual(
        "A reference names a question that does not exist.", "Une référence nomme une question qui n'existe pas."
    ),
    "reference_ambiguous": Bilingual(
        "A reference names several questions at once.", "Une référence nomme plusieurs questions à la fois."
    ),
    "reference_malformed": Bilingual("A reference is not written ${name}.", "Une référence n'est pas écrite ${nom}."),
    "references_unseparated": Bilingual(
        "References of a list lack the comma between them.", "Il manque la virgule entre des références."
    ),
    "row_skipped": Bilingual(
        "A row has neither type nor name, and is skipped.", "Une ligne n'a ni type ni nom, et elle est ignorée."
    ),
    "rows_after_gap": Bilingual(
        "Rows stand below so many blank ones that ODK tools do not read them.",
        "Des lignes suivent tant de lignes vides que les outils ODK ne les lisent pas.",
    ),
    "disabled_column": Bilingual(
        "The form uses the column disabled, which other tools ignore.",
        "Le formulaire utilise la colonne disabled, que d'autres outils ignorent.",
    ),
    "repeat_label_missing": Bilingual("A repeat has no label.", "Une répétition n'a pas de libellé."),
    "image_size": Bilingual("A photo travels in full size.", "Une photo part en taille réelle."),
    "metadata_unsupported": Bilingual(
        "A kind of metadata is asked that recent tablets no longer give.",
        "Le formulaire demande une donnée que les tablettes récentes ne fournissent plus.",
    ),
    "external_without_filter": Bilingual(
        "A select_one_external has no choice_filter.", "Un select_one_external n'a pas de choice_filter."
    ),
}
