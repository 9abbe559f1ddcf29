"""What is wrong with the file, its sheets and their headers: the codes of findings, each with what it finds."""

from collections.abc import Mapping

from forms.text import Bilingual

WORKBOOK_CODES: Mapping[str, Bilingual] = {
    "workbook_too_large": Bilingual(
        "The file or its tables are too large to be a form.",
        "Le fichier ou ses tableaux sont trop grands pour un formulaire.",
    ),
    "workbook_empty": Bilingual("The file is empty.", "Le fichier est vide."),
    "workbook_locked": Bilingual("The file is locked with a password.", "Le fichier est protégé par un mot de passe."),
    "workbook_damaged": Bilingual(
        "The file cannot be read as a workbook.", "Le fichier ne se lit pas comme un classeur."
    ),
    "workbook_bomb": Bilingual(
        "The file would unpack to far more than it seems.",
        "Le fichier se décompresserait en bien plus qu'il ne paraît.",
    ),
    "workbook_entities": Bilingual(
        "The file declares XML entities, which Excel never does.",
        "Le fichier déclare des entités XML, ce qu'Excel ne fait jamais.",
    ),
    "workbook_misnamed": Bilingual(
        "The file's ending does not fit its content.", "L'extension du fichier ne correspond pas à son contenu."
    ),
    "not_a_workbook": Bilingual(
        "The file is something else than a workbook.", "Le fichier est autre chose qu'un classeur."
    ),
    "csv_of_one_sheet": Bilingual(
        "A CSV holds one sheet only, without its name.", "Un CSV contient une seule feuille, sans son nom."
    ),
    "sheet_missing": Bilingual("There is no sheet survey.", "Il n'y a pas de feuille survey."),
    "sheet_twice": Bilingual("Two sheets have the same name.", "Deux feuilles ont le même nom."),
    "sheet_name_near": Bilingual(
        "A sheet's name is nearly that of one that is missing.",
        "Le nom d'une feuille ressemble à celui d'une feuille qui manque.",
    ),
    "header_missing": Bilingual(
        "A sheet lacks a column that it needs, or its header row.",
        "Il manque à une feuille une colonne nécessaire, ou sa ligne d'en-tête.",
    ),
    "header_twice": Bilingual(
        "Two headers are different words for one column.",
        "Deux en-têtes sont des mots différents pour une même colonne.",
    ),
    "duplicate_header": Bilingual("Two columns have the same header.", "Deux colonnes ont le même en-tête."),
    "header_malformed": Bilingual("Two headers stand in one cell.", "Deux en-têtes tiennent dans une cellule."),
    "header_not_a_name": Bilingual(
        "A header of choices cannot be a name in the XForm.",
        "Un en-tête de choices ne peut pas être un nom dans l'XForm.",
    ),
    "header_with_spaces": Bilingual(
        "A header of choices has spaces in it.", "Un en-tête de choices contient des espaces."
    ),
    "prefix_unbound": Bilingual(
        "A header has a prefix that is declared nowhere.", "Un en-tête a un préfixe déclaré nulle part."
    ),
    "translation_missing": Bilingual(
        "A language lacks a column that another one has.", "Il manque à une langue une colonne qu'une autre a."
    ),
    "language_without_code": Bilingual(
        "A language has no code in brackets.", "Une langue n'a pas de code entre parenthèses."
    ),
    "form_id_twice": Bilingual(
        "The settings have both form_id and id_string.", "Les réglages ont à la fois form_id et id_string."
    ),
    "instance_id_omitted": Bilingual(
        "An encrypted form omits the instanceID.", "Un formulaire chiffré omet l'instanceID."
    ),
    "xlsform_invalid": Bilingual(
        "The XLSForm compiler refuses the form for another reason.",
        "Le compilateur XLSForm refuse le formulaire pour une autre raison.",
    ),
    "xlsform_doubtful": Bilingual(
        "The XLSForm compiler warns of something else.", "Le compilateur XLSForm avertit d'autre chose."
    ),
    "xlsform_compiler_failed": Bilingual(
        "The XLSForm compiler breaks on a row.", "Le compilateur XLSForm échoue sur une ligne."
    ),
    "more_after_this": Bilingual(
        "The form does not compile, so other checks have not run yet.",
        "Le formulaire ne se compile pas : d'autres contrôles n'ont pas encore eu lieu.",
    ),
    "xform_unreadable": Bilingual(
        "The form compiles to XML that cannot be read.", "Le formulaire donne un XML illisible."
    ),
}
