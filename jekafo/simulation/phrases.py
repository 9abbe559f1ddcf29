"""What simulated people say in their own words, in French or English: invented, and plainly so.

Which language a form speaks, and what a text question seems to ask for, is told from its languages, name and labels.
"""

import random
import re
from collections.abc import Mapping

from forms.form import Form, Question
from forms.text import Bilingual

_SENTENCES = (
    Bilingual("The road is cut when the rains come.", "La route est coupée quand viennent les pluies."),
    Bilingual("The children walk a long way to school.", "Les enfants marchent longtemps pour aller à l'école."),
    Bilingual("The well dries up before the end of the season.", "Le puits tarit avant la fin de la saison."),
    Bilingual("People talk it over under the tree in the evening.", "On en parle le soir sous l'arbre à palabres."),
    Bilingual("Prices on the market rose after the harvest.", "Les prix du marché ont monté après la récolte."),
    Bilingual("We would like to be asked before things are decided.", "On voudrait être consulté avant les décisions."),
    Bilingual(
        "The health centre is open, but medicine is missing.", "Le centre de santé est ouvert, sans médicaments."
    ),
    Bilingual("The young have little work between two seasons.", "Les jeunes ont peu de travail entre deux saisons."),
    Bilingual("It is better than last year.", "C'est mieux que l'an dernier."),
    Bilingual("Nothing to add.", "Rien à ajouter."),
    Bilingual("The herders and the farmers found an agreement.", "Éleveurs et cultivateurs ont trouvé un accord."),
    Bilingual("The women meet every Friday and save together.", "Les femmes se réunissent le vendredi et épargnent."),
)
_WORDS = (
    Bilingual("help from relatives", "aide de parents"),
    Bilingual("small trade", "petit commerce"),
    Bilingual("market gardening", "maraîchage"),
    Bilingual("sewing", "couture"),
    Bilingual("a neighbour", "un voisin"),
    Bilingual("cart and donkey", "charrette et âne"),
)
# What a text question asks for, by a word of its name or label; the first that fits.
_KINDS = (
    ("email", r"e-?mail|courriel"),
    ("phone", r"phone|t[ée]l[ée]phone|\btel\b|mobile|contact|whatsapp"),
    ("place", r"village|town|city|ville|quartier|hamlet|hameau|commune|region|région|district|address|adresse|camp"),
    ("code", r"\bid\b|_id$|^id_|code|num[ée]ro|number|matricule|barcode|serial"),
    ("person", r"\bnom\b|pr[ée]nom|\bname\b|_name$|^name|enum|enqu[êe]t|interviewer|respondent|r[ée]pondant"),
    ("words", r"other|autre|specif|pr[ée]cis|which|lequel|laquelle"),
)
_KIND_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)
_FRENCH = re.compile(r"\b(le|la|les|des|du|une?|votre|vous|est|êtes|quel(?:le)?s?|avez|dans|pour)\b", re.IGNORECASE)
_ENGLISH = re.compile(r"\b(the|of|your|you|is|are|what|which|have|in|for|how|do|does)\b", re.IGNORECASE)


def spoken_language(form: Form) -> str:
    """Return `fr` or `en`: the form's default language, else the first of its languages that is one of the two.

    A form that names no language is told by its labels; where they are neither, English.
    """
    for language in form.languages:
        code = language.rpartition("(")[2].rstrip(") ").split("-")[0].casefold()
        if code in ("fr", "en"):
            return code
        if re.match(r"fran[cç]ais|french", language, re.IGNORECASE):
            return "fr"
        if re.match("english|anglais", language, re.IGNORECASE):
            return "en"
    labels = " ".join(text for question in form.questions for text in question.labels.values())
    return "fr" if len(_FRENCH.findall(labels)) > len(_ENGLISH.findall(labels)) else "en"


def text_kind(question: Question) -> str:
    """Return what a text question seems to ask for: person, place, phone, email, code, words, or a sentence."""
    for said in (question.name.replace("-", "_"), *question.labels.values()):
        for kind, pattern in _KIND_PATTERNS:
            # A long label says much that is not its subject.
            if len(said) <= 60 and pattern.search(said):
                return kind
    return "sentence"


def phrase(kind: str, language: str, dice: random.Random) -> str:
    """Return a text of that kind. Names are numbered, telephones and addresses exist nowhere."""
    number = dice.randint(1, 400)
    made: Mapping[str, Bilingual] = {
        "person": Bilingual(f"Person {number}", f"Personne {number}"),
        "place": Bilingual(f"Village {number}", f"Village {number}"),
        "email": Bilingual(f"person{number}@example.org", f"personne{number}@example.org"),
        "phone": Bilingual(f"00000{number:03}", f"00000{number:03}"),
        "code": Bilingual(f"S-{number:04}", f"S-{number:04}"),
        "words": _WORDS[number % len(_WORDS)],
    }
    return made.get(kind, _SENTENCES[number % len(_SENTENCES)]).in_language(language)
