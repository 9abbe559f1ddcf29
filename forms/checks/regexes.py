"""Tell of regular expressions that tablets cannot read, and of those that no text can match.

Tried in JavaRosa 5.1 (`XPathFuncExpr`, in the ODK Validate that pyxform brings): `regex` must match the whole text.
"""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.javarosa.regex import regex_refusal
from forms.text import Bilingual
from forms.xpath.tree import Call, Text, walk

CODES: Mapping[str, Bilingual] = {
    "regex_invalid": Bilingual(
        "A regular expression is malformed, and the tablet stops at it.",
        "Une expression régulière est mal formée, et la tablette s'y arrête.",
    ),
    "regex_never_matches": Bilingual(
        "A regular expression can match no text, so every answer is refused.",
        "Une expression régulière ne correspond à aucun texte : toute réponse est refusée.",
    ),
}

_IN_SLASHES = re.compile(r"/\^.*\$/[a-z]*", re.DOTALL)
_DOUBLED_BACKSLASH = re.compile(r"(?<!\\)\\\\[dDwWsSbB.+*?()\[\]{}|^$]")


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each pattern given to `regex` as a text."""
    told: dict[str, str | None] = {}
    for expression in examined.expressions:
        for call in walk(expression.tree):
            match call:
                case Call("regex", (_, Text(pattern))):
                    if pattern not in told:
                        told[pattern] = regex_refusal(pattern)
                    _tell(
                        pattern,
                        told[pattern],
                        examined.at(expression.owner, *expression.role.columns),
                        examined,
                        findings,
                    )
                case _:
                    pass


def _tell(pattern: str, refusal: str | None, place: Place, examined: Examined, findings: Findings) -> None:
    tell = examined.tell_ruin(findings)
    if refusal is not None:
        tell(
            "regex_invalid",
            place,
            f"`{pattern}` is no regular expression: {refusal}. Correct it; the form stops when it comes here.",
            f"`{pattern}` n'est pas une expression régulière : {refusal}. Corrigez-la ; le formulaire s'arrête ici.",
        )
    elif _IN_SLASHES.fullmatch(pattern.strip()):
        tell(
            "regex_never_matches",
            place,
            f"`{pattern}` matches no text: take the slashes away, they are written in other languages only.",
            f"`{pattern}` ne correspond à aucun texte : retirez les barres obliques, propres à d'autres langages.",
        )
    elif _DOUBLED_BACKSLASH.search(pattern):
        single = pattern.replace("\\\\", "\\")
        tell(
            "regex_never_matches",
            place,
            f"`{pattern}` looks for a real backslash, since XPath keeps both. Write `{single}`.",
            f"`{pattern}` cherche une vraie barre oblique inverse, car XPath garde les deux. Écrivez `{single}`.",
        )
