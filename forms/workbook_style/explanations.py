"""What each sheet and column of a workbook is for, in the words a designer reads beside them."""

from collections.abc import Mapping

from forms.text import Bilingual


def column_note(sheet: str, header: str) -> Bilingual | None:
    """Return the explanation of a column, by its header (`label::Français (fr)` is `label`), or None."""
    return COLUMN_NOTES.get((sheet, header.split("::", maxsplit=1)[0]))


SHEET_NOTES: Mapping[str, Bilingual] = {
    "survey": Bilingual(
        "what is asked, one row for each question, in the order of the interview.",
        "ce qui est demandé, une ligne par question, dans l'ordre de l'entretien.",
    ),
    "choices": Bilingual("the answers offered, list by list.", "les réponses proposées, liste par liste."),
    "settings": Bilingual(
        "the form's title, identifier and version.", "le titre, l'identifiant et la version du formulaire."
    ),
    "derived": Bilingual(
        "variables computed after collection; nobody is asked for them.",
        "variables calculées après la collecte ; on ne les demande pas.",
    ),
    "indicators": Bilingual("one row for each published figure.", "une ligne par chiffre publié."),
    "design": Bilingual(
        "how respondents were chosen, whose answers count, and the finest geography that may be shown.",
        "comment les répondants ont été choisis, quelles réponses comptent, et le niveau géographique "
        "le plus fin qui peut être montré.",
    ),
    "population": Bilingual(
        "known totals that the sample is compared with. A variable is given in full, or not at all.",
        "totaux connus auxquels l'échantillon est comparé. Une variable est donnée en entier, ou pas du tout.",
    ),
    "quotas": Bilingual(
        "how many are to be reached, by place or kind, to follow the fieldwork.",
        "combien il faut en atteindre, par lieu ou catégorie, pour suivre la collecte.",
    ),
    "codebook": Bilingual(
        "what each theme means, when it applies and when not, so that coders agree.",
        "ce que veut dire chaque thème, quand l'employer ou non, pour que les codeurs s'accordent.",
    ),
}
"""Sheet to its explanation."""

_NAME = Bilingual(
    "The identifier: letters, digits and _, beginning with a letter, at most 32. It never changes.",
    "L'identifiant : lettres, chiffres et _, en commençant par une lettre, 32 au plus. Il ne change plus.",
)
_LABEL = Bilingual(
    "What people read, in the language of the header.", "Ce que les gens lisent, dans la langue de l'en-tête."
)
_CLASS = Bilingual(
    "The harm an answer can do. identifier: never shown; quasi: could help to recognise someone; open; sensitive and "
    "severe: not shown finer than the two levels of the sheet design.",
    "Le tort que peut causer une réponse. identifier : jamais montrée ; quasi : peut aider à reconnaître quelqu'un ; "
    "open ; sensitive et severe : jamais montrées plus finement que les deux niveaux de la feuille design.",
)

COLUMN_NOTES: Mapping[tuple[str, str], Bilingual] = {
    ("survey", "type"): Bilingual(
        "The kind of question: text, integer, select_one list, begin_group ...",
        "Le type de question : text, integer, select_one liste, begin_group ...",
    ),
    ("survey", "name"): _NAME,
    ("survey", "label"): _LABEL,
    ("survey", "hint"): Bilingual(
        "A word to the enumerator under the question.", "Une consigne à l'enquêteur, sous la question."
    ),
    ("survey", "required"): Bilingual(
        "yes, or a condition under which an answer is expected.",
        "yes, ou une condition sous laquelle une réponse est attendue.",
    ),
    ("survey", "relevant"): Bilingual(
        "The question is asked where this is true: ${consent} = 1.",
        "La question est posée si ceci est vrai : ${consent} = 1.",
    ),
    ("survey", "appearance"): Bilingual("How the tablet shows it.", "Comment la tablette l'affiche."),
    ("survey", "constraint"): Bilingual(
        "What an answer must satisfy; the answer is written . as in . >= 18",
        "Ce que doit vérifier une réponse ; elle s'écrit . comme dans . >= 18",
    ),
    ("survey", "constraint_message"): Bilingual(
        "What the tablet says when it does not.", "Ce que dit la tablette si ce n'est pas le cas."
    ),
    ("survey", "calculation"): Bilingual("What the tablet computes by itself.", "Ce que la tablette calcule seule."),
    ("survey", "choice_filter"): Bilingual(
        "Which choices are offered, by an earlier answer.", "Les choix proposés, selon une réponse précédente."
    ),
    ("survey", "sensitivity"): _CLASS,
    ("survey", "renamed_from"): Bilingual(
        "All earlier paths of this question (security/trust_g). Never emptied.",
        "Tous les anciens chemins de la question (security/trust_g). Ne se vide jamais.",
    ),
    ("survey", "comparable_since"): Bilingual(
        "The oldest version whose answers may stand in one series with these, though the wording changed.",
        "La plus ancienne version dont les réponses restent comparables, bien que la formulation ait changé.",
    ),
    ("choices", "list_name"): Bilingual(
        "The list, as named in survey.type after select_one.",
        "La liste, telle que nommée dans survey.type après select_one.",
    ),
    ("choices", "name"): Bilingual(
        "The code that is stored. It never changes its meaning.", "Le code enregistré. Il ne change jamais de sens."
    ),
    ("choices", "label"): _LABEL,
    ("choices", "code_kind"): Bilingual(
        "What kind of answer it is. Blank: an answer; none: excludes the others; dont_know, refused, not_applicable: "
        "no opinion, so never in a mean or a share.",
        "La nature de la réponse. Vide : une réponse ; none : exclut les autres ; dont_know, refused, not_applicable : "
        "pas une opinion, donc jamais dans une moyenne ou une part.",
    ),
    ("choices", "renamed_from"): Bilingual("Earlier codes of this choice.", "Anciens codes de ce choix."),
    ("settings", "form_title"): Bilingual("The title that people see.", "Le titre que les gens voient."),
    ("settings", "form_id"): Bilingual(
        "The form's identifier: it never changes once data exist.",
        "L'identifiant du formulaire : il ne change plus dès que des données existent.",
    ),
    ("settings", "version"): Bilingual(
        "A number that grows with every change of survey or choices: year, month, day, and two digits.",
        "Un numéro qui augmente à chaque changement de survey ou choices : année, mois, jour et deux chiffres.",
    ),
    ("settings", "default_language"): Bilingual(
        "The language tablets open in.", "La langue dans laquelle la tablette s'ouvre."
    ),
    ("settings", "instance_name"): Bilingual(
        "How a filled form is called in the tablet's list.", "Le nom d'une fiche remplie dans la liste de la tablette."
    ),
    ("derived", "type"): Bilingual(
        "integer, decimal, date, text, select_one list or select_multiple list.",
        "integer, decimal, date, text, select_one liste ou select_multiple liste.",
    ),
    ("derived", "name"): _NAME,
    ("derived", "calculation"): Bilingual(
        "The formula: if(${age} < 25, 'young', 'older'). Don't know, refused and blank make it unknown.",
        "La formule : if(${age} < 25, 'young', 'older'). Ne sait pas, refus et vide la rendent inconnue.",
    ),
    ("derived", "label"): _LABEL,
    ("derived", "sensitivity"): Bilingual(
        "Blank: the strictest class of what it reads.", "Vide : la classe la plus stricte de ce qu'elle lit."
    ),
    ("indicators", "name"): _NAME,
    ("indicators", "label"): _LABEL,
    ("indicators", "measure"): Bilingual(
        "share, mean, net (counts minus against), index, distribution, multiple, rank, ratio, count, total, duration.",
        "share (part), mean (moyenne), net (counts moins against), index, distribution, multiple, rank (classement), "
        "ratio, count (nombre), total, duration (durée).",
    ),
    ("indicators", "question"): Bilingual(
        "The question or derived variable it reads; several for index, a / b for ratio.",
        "La question ou variable dérivée lue ; plusieurs pour index, a / b pour ratio.",
    ),
    ("indicators", "counts"): Bilingual("The codes in the numerator: 4 5", "Les codes au numérateur : 4 5"),
    ("indicators", "against"): Bilingual("For net: the codes that are subtracted.", "Pour net : les codes soustraits."),
    ("indicators", "base"): Bilingual(
        "Who is in the denominator. Blank: valid answers only.",
        "Qui est au dénominateur. Vide : les réponses valides seulement.",
    ),
    ("indicators", "where"): Bilingual(
        "The rows it is about, as a condition.", "Les fiches concernées, sous forme de condition."
    ),
    ("indicators", "unit"): Bilingual(
        "Blank: the records that count; attempts: all submissions; or a repeat's name.",
        "Vide : les fiches qui comptent ; attempts : tous les envois ; ou le nom d'une répétition.",
    ),
    ("indicators", "by"): Bilingual(
        "Its tables: sex area_id*sex. Blank: those of design; total: the total only.",
        "Ses tableaux : sex area_id*sex. Vide : ceux de design ; total : le total seul.",
    ),
    ("indicators", "mirror"): Bilingual(
        "The indicator of another form to stand beside it: form_id:indicator.",
        "L'indicateur d'un autre formulaire à placer en regard : form_id:indicateur.",
    ),
    ("design", "key"): Bilingual(
        "kind, records (whose answers count), round, stratum, psu, weight, by (default tables), geography (fine to "
        "coarse), sensitive_level, severe_level ...",
        "kind (type d'échantillon), records (les réponses qui comptent), round (vague), stratum (strate), psu "
        "(grappe), weight (poids), by (tableaux par défaut), geography (du plus fin au plus large), sensitive_level, "
        "severe_level ...",
    ),
    ("design", "value"): Bilingual(
        "kind: probability, census, quota or purposive; the last two have neither weight nor interval. Else a "
        "question, a derived variable or a condition.",
        "kind : probability, census, quota ou purposive ; les deux derniers n'ont ni poids ni intervalle. Sinon une "
        "question, une variable dérivée ou une condition.",
    ),
    ("population", "variable"): Bilingual(
        "A question or derived variable; they may cross: area_id*sex.",
        "Une question ou variable dérivée ; croisement possible : area_id*sex.",
    ),
    ("population", "value"): Bilingual(
        "Its code: f, or ML0506*f for a crossing.", "Son code : f, ou ML0506*f pour un croisement."
    ),
    ("population", "total"): Bilingual("A number of people, above 0.", "Un nombre de personnes, supérieur à 0."),
    ("population", "source"): Bilingual("Where the total comes from.", "D'où vient le total."),
    ("population", "date"): Bilingual(
        "The date it refers to: 2009-04-01.", "La date à laquelle il se rapporte : 2009-04-01."
    ),
    ("population", "round"): Bilingual("Blank: all rounds.", "Vide : toutes les vagues."),
    ("quotas", "variable"): Bilingual(
        "A question or derived variable; they may cross.", "Une question ou variable dérivée ; croisement possible."
    ),
    ("quotas", "value"): Bilingual(
        "Its code; each stands for every code: each*f is women in every place.",
        "Son code ; each vaut pour chaque code : each*f, les femmes de chaque lieu.",
    ),
    ("quotas", "target"): Bilingual("How many are wanted.", "Combien on en veut."),
    ("quotas", "round"): Bilingual("Blank: all rounds.", "Vide : toutes les vagues."),
    ("codebook", "name"): Bilingual(
        "The theme's code, as in the sheet choices.", "Le code du thème, comme dans la feuille choices."
    ),
    ("codebook", "label"): _LABEL,
    ("codebook", "parent"): Bilingual("The wider theme it belongs to.", "Le thème plus large auquel il appartient."),
    ("codebook", "definition"): Bilingual("What it means.", "Ce qu'il veut dire."),
    ("codebook", "include"): Bilingual("What it is for.", "Quand l'employer."),
    ("codebook", "exclude"): Bilingual(
        "What it is not for, and the theme to use instead.",
        "Quand ne pas l'employer, et le thème à prendre à la place.",
    ),
    ("codebook", "example"): Bilingual("A statement that has it.", "Un propos qui l'illustre."),
    ("codebook", "renamed_from"): Bilingual(
        "Earlier codes of this theme; several were merged.", "Anciens codes de ce thème ; plusieurs ont été réunis."
    ),
}
"""Sheet and column to the explanation of the column."""
