"""The codes of findings that are made here, each with what it finds.

Codes that are raised elsewhere too are listed there: `name_invalid`, `duplicate_header`, `sheet_twice` and
`list_unknown` in `forms.compile`, `literal_no_choice` in `forms.checks`.
"""

from collections.abc import Mapping

from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "base_not_numeric": Bilingual(
        "A numeric measure whose base holds more than valid answers",
        "Une mesure numérique dont la base dépasse les réponses valides",
    ),
    "base_unknown": Bilingual(
        "A word in base that is no kind of answer", "Un mot de base qui n'est pas un type de réponse"
    ),
    "by_too_fine": Bilingual(
        "A table finer than the class of what the figure reads allows",
        "Un tableau plus fin que ne le permet la classe de ce que lit le chiffre",
    ),
    "cell_boolean": Bilingual(
        "A cell of ours that Excel made true or false", "Une de nos cellules dont Excel a fait vrai ou faux"
    ),
    "cell_date": Bilingual("A cell of ours that Excel made a date", "Une de nos cellules dont Excel a fait une date"),
    "cell_error": Bilingual(
        "A cell of ours that holds an error of Excel", "Une de nos cellules qui contient une erreur d'Excel"
    ),
    "cell_formula": Bilingual("A cell of ours that holds a formula", "Une de nos cellules qui contient une formule"),
    "cell_fraction": Bilingual(
        "A cell of ours that Excel made a fraction, as 3,4 becomes",
        "Une de nos cellules dont Excel a fait une fraction, comme de 3,4",
    ),
    "cell_missing": Bilingual(
        "A blank cell that the row cannot do without", "Une cellule vide dont la ligne ne peut se passer"
    ),
    "choice_name_boolean": Bilingual(
        "A choice's name that Excel made TRUE or FALSE", "Un nom de choix dont Excel a fait VRAI ou FAUX"
    ),
    "code_kind_blank": Bilingual(
        "A code that looks like no answer, as 98, and would count as one",
        "Un code qui semble une non-réponse, comme 98, et compterait comme réponse",
    ),
    "code_kind_unknown": Bilingual(
        "A word in code_kind that is no kind of code", "Un mot de code_kind qui n'est pas un type de code"
    ),
    "code_not_substantive": Bilingual(
        'A code counted though it is no answer, as "does not know"',
        "Un code compté sans être une réponse, comme « ne sait pas »",
    ),
    "code_unknown": Bilingual(
        "A code in counts or against that is no choice of the question",
        "Un code de counts ou d'against qui n'est pas un choix de la question",
    ),
    "codebook_circle": Bilingual(
        "Codes of the codebook that are under one another",
        "Des codes du livre de codes placés l'un sous l'autre en cercle",
    ),
    "codebook_code_split": Bilingual(
        "A code of the codebook that was split, whose passages are to be read again",
        "Un code du livre de codes qui a été scindé et dont les passages sont à relire",
    ),
    "codebook_code_twice": Bilingual(
        "A code that stands twice in the codebook", "Un code qui figure deux fois dans le livre de codes"
    ),
    "codebook_parent_unknown": Bilingual(
        "A parent that is no code of the codebook", "Un parent qui n'est pas un code du livre de codes"
    ),
    "codes_missing": Bilingual(
        "A measure without the codes that it needs in counts or against",
        "Une mesure sans les codes qu'elle exige dans counts ou against",
    ),
    "codes_not_numeric": Bilingual(
        "A measure of numbers that reads codes which are words", "Une mesure de nombres qui lit des codes en mots"
    ),
    "codes_overlap": Bilingual(
        "A code that net both counts and subtracts", "Un code que net compte et soustrait à la fois"
    ),
    "codes_unknown": Bilingual(
        "A measure of numbers that reads choices which come from a file",
        "Une mesure de nombres qui lit des choix venus d'un fichier",
    ),
    "codes_unused": Bilingual(
        "Codes in counts or against that the measure has no use for",
        "Des codes dans counts ou against dont la mesure n'a pas l'usage",
    ),
    "column_missing": Bilingual(
        "A column that a sheet of ours cannot do without", "Une colonne dont une de nos feuilles ne peut se passer"
    ),
    "column_name": Bilingual(
        "A column of survey or choices whose name is nearly one of ours",
        "Une colonne de survey ou choices dont le nom est presque l'un des nôtres",
    ),
    "column_unheaded": Bilingual(
        "Cells of a sheet of ours in a column without a header",
        "Des cellules d'une de nos feuilles dans une colonne sans en-tête",
    ),
    "column_unknown": Bilingual(
        "A column that a sheet of ours does not have", "Une colonne que l'une de nos feuilles n'a pas"
    ),
    "comparable_since_later": Bilingual(
        "A comparable_since that comes after the form's own version",
        "Un comparable_since postérieur à la version du formulaire",
    ),
    "comparable_since_unknown": Bilingual(
        "A comparable_since that names no version of the form",
        "Un comparable_since qui ne nomme aucune version du formulaire",
    ),
    "counts_outside_base": Bilingual(
        "A counted code whose kind is not in the base", "Un code compté dont le type n'est pas dans la base"
    ),
    "derived_cycle": Bilingual(
        "Derived variables that read one another in a circle", "Des variables dérivées qui se lisent en cercle"
    ),
    "derived_name_taken": Bilingual(
        "A derived variable named as a question or as another one",
        "Une variable dérivée nommée comme une question ou comme une autre",
    ),
    "derived_type_unknown": Bilingual(
        "A type that a derived variable cannot have", "Un type qu'une variable dérivée ne peut avoir"
    ),
    "design_calibrated_twice": Bilingual(
        "A design that both rakes and poststratifies", "Un plan avec à la fois rake et poststratify"
    ),
    "design_incomplete": Bilingual(
        "A probability sample without its weight or psu", "Un échantillon probabiliste sans weight ou sans psu"
    ),
    "design_key_twice": Bilingual("A key that stands twice in design", "Une clé qui figure deux fois dans design"),
    "design_key_unknown": Bilingual("A key that design does not have", "Une clé que design n'a pas"),
    "design_kind_missing": Bilingual(
        "A design that does not say what kind of sample it is", "Un plan qui ne dit pas de quel type est l'échantillon"
    ),
    "design_latest_without_entity": Bilingual(
        "A latest_by without the entity whose latest state it tells",
        "Un latest_by sans l'entité dont il dit le dernier état",
    ),
    "design_level_unknown": Bilingual(
        "A level that is not among the names of geography", "Un niveau absent des noms de geography"
    ),
    "design_levels_swapped": Bilingual(
        "A severe_level finer than the sensitive_level", "Un severe_level plus fin que le sensitive_level"
    ),
    "design_missing": Bilingual(
        "Indicators without the sheet that says how the sample was drawn",
        "Des indicateurs sans la feuille qui dit comment l'échantillon est tiré",
    ),
    "design_one_name": Bilingual(
        "Several names under a key that names one variable", "Plusieurs noms sous une clé qui nomme une seule variable"
    ),
    "design_records_missing": Bilingual(
        "A form with consent whose design does not say which records count",
        "Un formulaire avec consentement dont le plan ne dit pas quelles fiches comptent",
    ),
    "design_totals_missing": Bilingual(
        "Weights to be fitted to totals that the sheet population lacks",
        "Des poids à caler sur des totaux absents de la feuille population",
    ),
    "design_value_unfit": Bilingual(
        "A key of design that names a variable of the wrong type",
        "Une clé de design qui nomme une variable du mauvais type",
    ),
    "design_value_unknown": Bilingual(
        "A word that is no value of its key in design", "Un mot qui n'est pas une valeur de sa clé dans design"
    ),
    "design_weight_forbidden": Bilingual(
        "Weights, or a fit to totals, in a quota or purposive sample",
        "Des poids, ou un calage, dans un échantillon par quotas ou raisonné",
    ),
    "domain_malformed": Bilingual(
        "A row of population or quotas that does not cross as many codes as variables",
        "Une ligne de population ou quotas qui ne croise pas autant de codes que de variables",
    ),
    "domain_value_unknown": Bilingual(
        "A value of population or quotas that is no valid choice of its variable",
        "Une valeur de population ou quotas qui n'est pas un choix valide de sa variable",
    ),
    "expression_invalid": Bilingual(
        "A calculation, where or records outside the language of expressions",
        "Un calculation, where ou records hors du langage des expressions",
    ),
    "filter_by_our_column": Bilingual(
        "A choice filter by a column of ours, which tablets do not get",
        "Un filtre de choix par une de nos colonnes, que la tablette ne reçoit pas",
    ),
    "formula_without_value": Bilingual(
        "A formula whose result Excel has not stored", "Une formule dont Excel n'a pas enregistré le résultat"
    ),
    "index_without_scale": Bilingual(
        "An item of an index with one valid code only", "Un élément d'indice avec un seul code valide"
    ),
    "indicator_reads_identifier": Bilingual(
        "A figure that reads an identifier and so is never shown",
        "Un chiffre qui lit un identifiant et n'est donc jamais montré",
    ),
    "indicator_twice": Bilingual("Two indicators of one name", "Deux indicateurs du même nom"),
    "list_comma": Bilingual(
        "A list whose words are separated by commas", "Une liste dont les mots sont séparés par des virgules"
    ),
    "list_misspelt": Bilingual(
        "A choice list named nearly as one in use, which then lacks these answers",
        "Une liste nommée presque comme une autre, qui perd alors ces réponses",
    ),
    "list_unused": Bilingual("A choice list that nothing uses", "Une liste de choix que rien n'utilise"),
    "measure_unfit": Bilingual(
        "A measure that cannot be taken of such a question", "Une mesure impossible pour une telle question"
    ),
    "measure_unknown": Bilingual("A word that is no measure", "Un mot qui n'est pas une mesure"),
    "mirror_absent": Bilingual(
        "A mirror that names no indicator of the other form",
        "Un miroir qui ne nomme aucun indicateur de l'autre formulaire",
    ),
    "mirror_base": Bilingual("A mirror whose base is another one", "Un miroir dont la base est différente"),
    "mirror_codes": Bilingual("A mirror that is read on another scale", "Un miroir lu sur une autre échelle"),
    "mirror_counts": Bilingual("A mirror that counts other codes", "Un miroir qui compte d'autres codes"),
    "mirror_malformed": Bilingual(
        "A mirror that is not written form:indicator", "Un miroir qui n'est pas écrit formulaire:indicateur"
    ),
    "mirror_measure": Bilingual("A mirror that is another measure", "Un miroir qui est d'une autre mesure"),
    "mirror_not_checked": Bilingual(
        "A mirror in a form that is not at hand", "Un miroir dans un formulaire qui n'est pas fourni"
    ),
    "mirror_of_itself": Bilingual(
        "A mirror in the form's own indicators", "Un miroir dans les indicateurs du formulaire lui-même"
    ),
    "missing_translation": Bilingual(
        "A text that is there in one language and blank in another",
        "Un texte présent dans une langue et absent d'une autre",
    ),
    "name_ambiguous": Bilingual("A name that several questions have", "Un nom que portent plusieurs questions"),
    "name_unknown": Bilingual(
        "A name that is no question and no derived variable", "Un nom qui n'est ni question ni variable dérivée"
    ),
    "none_in_rank": Bilingual(
        "A choice of kind none in a list that is ranked", "Un choix de type none dans une liste à classer"
    ),
    "not_categorical": Bilingual(
        "A table by a variable without categories", "Un tableau par une variable sans catégories"
    ),
    "population_incomplete": Bilingual(
        "Known totals that lack a value of their variable",
        "Des totaux connus auxquels manque une valeur de la variable",
    ),
    "population_sums_differ": Bilingual(
        "Known totals whose variables sum to different populations",
        "Des totaux connus dont les sommes diffèrent d'une variable à l'autre",
    ),
    "population_total": Bilingual(
        "A known total that is no number above 0", "Un total connu qui n'est pas un nombre supérieur à 0"
    ),
    "population_twice": Bilingual("A known total that stands twice", "Un total connu qui figure deux fois"),
    "poststratify_one_crossing": Bilingual(
        "Several tables in poststratify, which names one", "Plusieurs tableaux dans poststratify, qui en nomme un"
    ),
    "pulldata_file_unknown": Bilingual(
        "A pulldata from a file that the survey does not name", "Un pulldata depuis un fichier que survey ne nomme pas"
    ),
    "pulldata_names": Bilingual(
        "A pulldata whose file or columns are not in quotes",
        "Un pulldata dont le fichier ou les colonnes ne sont pas entre guillemets",
    ),
    "question_count": Bilingual(
        "More or fewer questions than the measure reads", "Plus ou moins de questions que la mesure n'en lit"
    ),
    "quota_target": Bilingual(
        "A quota that is no whole number above 0", "Un quota qui n'est pas un nombre entier supérieur à 0"
    ),
    "quota_twice": Bilingual("A quota that stands twice", "Un quota qui figure deux fois"),
    "rake_crossed": Bilingual(
        "A crossing in rake, which goes over single variables",
        "Un croisement dans rake, qui parcourt des variables simples",
    ),
    "renamed_from_in_use": Bilingual(
        "An earlier name or path that is still in use", "Un ancien nom ou chemin encore utilisé"
    ),
    "renamed_from_malformed": Bilingual(
        "An earlier path that is not written as one", "Un ancien chemin qui n'est pas écrit comme un chemin"
    ),
    "renamed_from_twice": Bilingual(
        "An earlier path that two questions claim", "Un ancien chemin que deux questions revendiquent"
    ),
    "repeat_expected": Bilingual(
        "A sum, count or join over what does not repeat", "Un sum, count ou join sur ce qui ne se répète pas"
    ),
    "repeat_not_the_unit": Bilingual(
        "A question in a repeat where the row is something else",
        "Une question d'une répétition là où la ligne est autre chose",
    ),
    "repeat_unaggregated": Bilingual(
        "A question in a repeat taken for one answer", "Une question d'une répétition prise pour une seule réponse"
    ),
    "result_unfit": Bilingual(
        "A calculation that results in a text where its type wants a number or a date",
        "Un calcul dont le résultat est un texte alors que son type veut un nombre ou une date",
    ),
    "round_undeclared": Bilingual(
        "A row of one round where design names no question of the round",
        "Une ligne d'une vague alors que design ne nomme pas la question de la vague",
    ),
    "round_unknown": Bilingual(
        "A round that is no choice of its question", "Une vague qui n'est pas un choix de sa question"
    ),
    "said_of_no_question": Bilingual(
        "A column of ours filled in for a row that is no question",
        "Une de nos colonnes remplie pour une ligne qui n'est pas une question",
    ),
    "sensitivity_blank": Bilingual(
        "Questions without a class, which are never shown", "Des questions sans classe, qui ne sont jamais montrées"
    ),
    "sensitivity_unknown": Bilingual(
        "A word that is no class of sensitivity", "Un mot qui n'est pas une classe de sensibilité"
    ),
    "sheet_name": Bilingual(
        "A sheet whose name is nearly one of ours", "Une feuille dont le nom est presque l'un des nôtres"
    ),
    "table_malformed": Bilingual(
        "A crossing that lacks a variable or names one twice",
        "Un croisement auquel manque une variable, ou qui en nomme une deux fois",
    ),
    "unit_unknown": Bilingual(
        "A unit that is neither a keyword nor a repeat", "Une unité qui n'est ni un mot-clé ni une répétition"
    ),
    "unit_without_entity": Bilingual(
        "The unit entities without the key entity in design", "L'unité entities sans la clé entity dans design"
    ),
    "version_too_long": Bilingual(
        "A version with more digits than Excel keeps", "Une version avec plus de chiffres qu'Excel n'en garde"
    ),
}
