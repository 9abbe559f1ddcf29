"""Tell of functions that no ODK client knows, or that are given too few or too many arguments.

ODK Validate passes an unknown function; the tablet stops at it.
"""

from collections.abc import Iterator, Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.nearest import did_you_mean, nearest
from forms.text import Bilingual
from forms.xpath.functions import FUNCTIONS
from forms.xpath.tree import Call, XPath, walk

CODES: Mapping[str, Bilingual] = {
    "function_unknown": Bilingual(
        "An expression calls a function that does not exist in ODK.",
        "Une expression appelle une fonction qui n'existe pas dans ODK.",
    ),
    "function_arguments": Bilingual(
        "A function is given too few or too many arguments.",
        "Une fonction reçoit trop ou trop peu d'arguments.",
    ),
}

# What Excel, SQL and other clients call them.
_ALSO_CALLED = {
    "len": "string-length",
    "length": "string-length",
    "substring": "substr",
    "mid": "substr",
    "isblank": "not",
    "ifelse": "if",
    "iif": "if",
    "si": "if",
    "average": "sum",
    "year": "format-date",
    "month": "format-date",
    "ceil": "round",
    "upper": "translate",
    "lower": "translate",
    "is-selected": "selected",
    "contient": "contains",
}


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each call, in any expression of the form, that a client cannot make."""
    for place, tree in _expressions(examined):
        for call in dict.fromkeys(node for node in walk(tree) if isinstance(node, Call)):
            function = FUNCTIONS.get(call.function)
            if function is None:
                _tell_unknown(call.function, place, examined, findings)
            elif not function.takes(len(call.arguments)):
                examined.tell_ruin(findings)(
                    "function_arguments",
                    place,
                    f"{call.function} takes {function.counts} arguments, not {len(call.arguments)}. Correct it.",
                    f"{call.function} prend {function.counts} arguments, et non {len(call.arguments)}. Corrigez-les.",
                )


def _expressions(examined: Examined) -> Iterator[tuple[Place, XPath]]:
    for expression in examined.expressions:
        yield examined.at(expression.owner, *expression.role.columns), expression.tree


def _tell_unknown(function: str, place: Place, examined: Examined, findings: Findings) -> None:
    near = nearest(function, (*FUNCTIONS, *_ALSO_CALLED))
    english, french = did_you_mean(_ALSO_CALLED.get(near or "", near))
    examined.tell_ruin(findings)(
        "function_unknown",
        place,
        f"No ODK client knows the function {function}: the form stops there.{english} Functions are written in lower "
        "case.",
        f"Aucun client ODK ne connaît la fonction {function} : le formulaire s'y arrête.{french} Les fonctions "
        "s'écrivent en minuscules.",
    )
