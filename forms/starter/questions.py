"""What the small survey of a new workbook asks, in French and English: an example of each thing a survey needs."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from forms.text import Bilingual

Rows: TypeAlias = Sequence[tuple[Mapping[str, str], Mapping[str, Bilingual]]]
"""The plain cells of each row, and its translated ones by kind: label, hint, constraint_message."""

TITLE = Bilingual("Small survey to begin with", "Petite enquête pour commencer")
SETTINGS_TITLE = Bilingual("My survey", "Mon enquête")

ABOUT = (
    Bilingual(
        "A survey that works as it stands: consent, a few questions, an age band, one figure. Replace its questions "
        "with yours, row by row, and keep what holds it together.",
        "Une enquête qui fonctionne telle quelle : le consentement, quelques questions, une tranche d'âge, un chiffre. "
        "Remplacez ses questions par les vôtres, ligne par ligne, et gardez ce qui la fait tenir.",
    ),
    Bilingual(
        "Consent opens the interview: the condition ${consent} = 1 stands once, on the group interview, and design "
        "counts only the answers of those who agreed.",
        "Le consentement ouvre l'entretien : la condition ${consent} = 1 est posée une fois, sur le groupe interview, "
        "et design ne compte que les réponses de ceux qui acceptent.",
    ),
    Bilingual(
        "design.kind is purposive: people are chosen, not drawn by lot, so figures have no margin of error. For a "
        "sample drawn by lot type probability, and name weight and psu (see docs/workbook.md).",
        "design.kind vaut purposive : les personnes sont choisies, non tirées au sort, donc les chiffres n'ont pas de "
        "marge d'erreur. Pour un échantillon tiré au sort, tapez probability et nommez weight et psu "
        "(voir docs/workbook.md).",
    ),
)

_SURVEY: Rows = (
    ({"type": "start", "name": "start", "sensitivity": "quasi"}, {}),
    ({"type": "end", "name": "end", "sensitivity": "quasi"}, {}),
    ({"type": "begin_group", "name": "agreement"}, {"label": Bilingual("Consent", "Consentement")}),
    (
        {"type": "note", "name": "consent_note", "sensitivity": "open"},
        {
            "label": Bilingual(
                "Good day. We ask what people here think of public services. Your name is not asked. You may refuse, "
                "skip a question or stop at any time.",
                "Bonjour. Nous demandons ce que les gens d'ici pensent des services publics. Votre nom n'est pas "
                "demandé. Vous pouvez refuser, sauter une question ou arrêter à tout moment.",
            )
        },
    ),
    (
        {"type": "select_one yn", "name": "consent", "required": "yes", "sensitivity": "open"},
        {"label": Bilingual("Do you agree to take part?", "Acceptez-vous de répondre ?")},
    ),
    ({"type": "end_group", "name": "agreement"}, {}),
    (
        {"type": "begin_group", "name": "interview", "relevant": "${consent} = 1"},
        {"label": Bilingual("Interview", "Entretien")},
    ),
    (
        {"type": "select_one sex", "name": "sex", "required": "yes", "sensitivity": "quasi"},
        {"label": Bilingual("Sex", "Sexe")},
    ),
    (
        {
            "type": "integer",
            "name": "age",
            "required": "yes",
            "constraint": ". >= 18 and . <= 99",
            "sensitivity": "quasi",
        },
        {
            "label": Bilingual("Age in years", "Âge en années révolues"),
            "hint": Bilingual(
                "Estimate the age if the date of birth is not known.",
                "Estimez l'âge si la date de naissance n'est pas connue.",
            ),
            "constraint_message": Bilingual(
                "The survey is for people aged 18 to 99.", "L'enquête s'adresse aux personnes de 18 à 99 ans."
            ),
        },
    ),
    (
        {"type": "select_one agree5", "name": "svc_suff", "required": "yes", "sensitivity": "open"},
        {
            "label": Bilingual(
                "Public services here are enough for our needs.", "Les services publics d'ici suffisent à nos besoins."
            ),
            "hint": Bilingual(
                "Do not read out 'Don't know' or 'Refuses'.",
                "Ne lisez pas « Ne sait pas » ni « Refuse » à haute voix.",
            ),
        },
    ),
    (
        {"type": "text", "name": "remark", "sensitivity": "sensitive"},
        {
            "label": Bilingual("Would you like to add something?", "Voulez-vous ajouter quelque chose ?"),
            "hint": Bilingual(
                "Write the person's own words, without names of people or places.",
                "Notez les mots de la personne, sans nom de personne ni de lieu.",
            ),
        },
    ),
    ({"type": "end_group", "name": "interview"}, {}),
)


def _choices(list_name: str, *choices: tuple[str, str, str], kinds: Mapping[str, str] | None = None) -> Rows:
    return tuple(
        (
            {"list_name": list_name, "name": name, **({"code_kind": kinds[name]} if kinds and name in kinds else {})},
            {"label": Bilingual(english, french)},
        )
        for name, english, french in choices
    )


_CHOICES: Rows = (
    *_choices("yn", ("1", "Yes", "Oui"), ("0", "No", "Non")),
    *_choices("sex", ("f", "Woman", "Femme"), ("m", "Man", "Homme")),
    *_choices(
        "agree5",
        ("1", "Strongly disagree", "Pas du tout d'accord"),
        ("2", "Disagree", "Plutôt pas d'accord"),
        ("3", "Neither", "Ni l'un ni l'autre"),
        ("4", "Agree", "Plutôt d'accord"),
        ("5", "Strongly agree", "Tout à fait d'accord"),
        ("98", "Don't know", "Ne sait pas"),
        ("99", "Refuses to answer", "Refuse de répondre"),
        kinds={"98": "dont_know", "99": "refused"},
    ),
    *_choices(
        "age_band",
        ("18_34", "18 to 34", "18 à 34 ans"),
        ("35_59", "35 to 59", "35 à 59 ans"),
        ("60p", "60 and over", "60 ans et plus"),
    ),
)

_DERIVED: Rows = (
    (
        {
            "type": "select_one age_band",
            "name": "age_band",
            "calculation": "if(${age} < 35, '18_34', if(${age} < 60, '35_59', '60p'))",
        },
        {"label": Bilingual("Age band", "Tranche d'âge")},
    ),
)

_INDICATORS: Rows = (
    (
        {"name": "svc_suff", "measure": "share", "question": "svc_suff", "counts": "4 5"},
        {"label": Bilingual("Find services sufficient", "Jugent les services suffisants")},
    ),
)

ROWS: Mapping[str, Rows] = {"survey": _SURVEY, "choices": _CHOICES, "derived": _DERIVED, "indicators": _INDICATORS}
"""Sheet to its rows."""
