"""What ODK Validate and JavaRosa refuse: the codes of findings, each with what it finds."""

from collections.abc import Mapping

from forms.text import Bilingual

VALIDATION_CODES: Mapping[str, Bilingual] = {
    "cycle": Bilingual("A formula depends on its own result.", "Une formule dépend de son propre résultat."),
    "function_refused": Bilingual(
        "A formula calls a function in a way that JavaRosa does not know.",
        "Une formule appelle une fonction d'une façon que JavaRosa ne connaît pas.",
    ),
    "repeat_reference_ambiguous": Bilingual(
        "A formula takes the many answers of a repeat for one.",
        "Une formule prend les réponses d'une répétition pour une seule.",
    ),
    "instance_unknown": Bilingual(
        "A formula reads a list or file that the form does not have.",
        "Une formule lit une liste ou un fichier que le formulaire n'a pas.",
    ),
    "xpath_unsupported": Bilingual(
        "A formula uses a path that JavaRosa cannot follow.",
        "Une formule utilise un chemin que JavaRosa ne sait pas suivre.",
    ),
    "xpath_syntax": Bilingual("A formula cannot be read.", "Une formule est illisible."),
    "choice_without_label": Bilingual("A choice has neither label nor image.", "Un choix n'a ni libellé ni image."),
    "group_empty": Bilingual("A group holds no question.", "Un groupe ne contient aucune question."),
    "formula_fails": Bilingual("JavaRosa cannot evaluate a formula.", "JavaRosa ne sait pas évaluer une formule."),
    "file_missing": Bilingual(
        "A file that the form names is not there.", "Un fichier que le formulaire nomme est absent."
    ),
    "file_unreadable": Bilingual(
        "JavaRosa cannot read a file of the form.", "JavaRosa ne sait pas lire un fichier du formulaire."
    ),
    "odk_validate": Bilingual(
        "ODK Validate refuses the form for another reason.", "ODK Validate refuse le formulaire pour une autre raison."
    ),
}
