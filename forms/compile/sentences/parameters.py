"""What pyxform refuses of the column `parameters`."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual


def _parameter(code: str, pattern: str, english: str, french: str) -> KnownSentence:
    return KnownSentence(code, re.compile(pattern, re.DOTALL), Bilingual(english, french), column="parameters")


PARAMETERS = (
    _parameter(
        "parameters_malformed",
        r"Parameters must be in the form",
        "Parameters are written key=value, with spaces between them. Correct this cell.",
        "Les paramètres s'écrivent clé=valeur, séparés par des espaces. Corrigez cette cellule.",
    ),
    _parameter(
        "parameter_unknown",
        r"The accepted parameter keys for this question type are '(?P<what>.*?)'\. The following are invalid "
        r"parameter key\(s\): '(?P<other>.*?)'",
        "This type of question has no parameter {other}; it takes: {what}. Correct or delete it.",
        "Ce type de question n'a pas de paramètre {other} ; il accepte : {what}. Corrigez-le ou supprimez-le.",
    ),
    _parameter(
        "range_wrong",
        r"For the 'range' question type, the parameters? '(?P<what>[^']*)'",
        "The parameter {what} does not fit this range: start, end and step are numbers; tick_interval, placeholder and "
        "the choices of tick_labelset lie between start and end on a step, and need a plain appearance. Correct it.",
        "Le paramètre {what} ne convient pas à cet intervalle : start, end et step sont des nombres ; tick_interval, "
        "placeholder et les choix de tick_labelset sont entre start et end, sur un pas, et demandent une apparence "
        "simple. Corrigez-le.",
    ),
    _parameter(
        "parameter_value_wrong",
        r"(?:parameter '?|Parameter |the ')(?P<what>incremental|reference-geometry|capture-accuracy|warning-accuracy|"
        r"allow-mock-accuracy|rows|max-pixels|app|location-[a-z-]+)'? ?(?:parameter )?(?:may|must|has)",
        "The value of the parameter {what} is not one it can have. Correct it.",
        "La valeur du paramètre {what} n'est pas admise. Corrigez-la.",
    ),
    _parameter(
        "parameter_value_wrong",
        r"(?P<what>[a-z-]+) (?:must be set to|value must be a number)",
        "The value of the parameter {what} is not one it can have. Correct it.",
        "La valeur du paramètre {what} n'est pas admise. Corrigez-la.",
    ),
    _parameter(
        "parameter_value_wrong",
        r"Invalid value for (?P<what>quality)\.",
        "The value of the parameter {what} is not one it can have: voice-only, low, normal or external. Correct it.",
        "La valeur du paramètre {what} n'est pas admise : voice-only, low, normal ou external. Corrigez-la.",
    ),
    _parameter(
        "parameter_missing",
        r"Parameters must include (?P<what>\S+) to use a (?P<other>\w+)",
        "The parameter {other} needs {what} beside it. Add it.",
        "Le paramètre {other} a besoin de {what} à côté. Ajoutez-le.",
    ),
    _parameter(
        "parameter_missing",
        r"To include location information in the audit, '(?P<what>.*)' are required",
        "An audit with locations needs location-priority, location-min-interval and location-max-age. Add what is "
        "missing.",
        "Un audit avec positions a besoin de location-priority, location-min-interval et location-max-age. Ajoutez ce "
        "qui manque.",
    ),
)
