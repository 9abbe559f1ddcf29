"""Tell of texts that are asked for more or less: XPath compares numbers only, so a date in quotes is never earlier.

Tried in JavaRosa 5.1: `today() > '2020-01-01'` is false, `today() > date('2020-01-01')` is true; ODK
Validate passes both.
"""

import math
import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.logic.answers import as_number
from forms.text import Bilingual
from forms.xpath.tree import Binary, Call, Text, XPath, walk

CODES: Mapping[str, Bilingual] = {
    "text_ordered": Bilingual(
        "`<` or `>` compares with a text in quotes, which is never true.",
        "`<` ou `>` compare avec un texte entre guillemets, ce qui n'est jamais vrai.",
    ),
    "date_malformed": Bilingual(
        "A date is not written year-month-day, so the tablet stops at it.",
        "Une date n'est pas écrite année-mois-jour : la tablette s'y arrête.",
    ),
}

_ORDER = frozenset({"<", "<=", ">", ">="})
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:T.*)?")


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each such comparison and date, in any expression of the form."""
    for expression in examined.expressions:
        place = examined.at(expression.owner, *expression.role.columns)
        for node in walk(expression.tree):
            match node:
                case Binary(operator, left, right) if operator in _ORDER:
                    for side in (left, right):
                        _check_side(side, operator, place, examined, findings)
                case Call("date" | "date-time", (Text(value),)) if value and not _ISO.fullmatch(value.strip()):
                    examined.tell_ruin(findings)(
                        "date_malformed",
                        place,
                        f"'{value}' is no date for a tablet. Write the year, month and day: '2026-01-31'.",
                        f"« {value} » n'est pas une date pour une tablette. Écrivez année, mois et jour : "
                        "'2026-01-31'.",
                    )
                case _:
                    pass


def _check_side(side: XPath, operator: str, place: Place, examined: Examined, findings: Findings) -> None:
    if not isinstance(side, Text) or not math.isnan(as_number(side.value)) or not side.value.strip():
        return
    is_date = _ISO.fullmatch(side.value.strip()) is not None
    english = f"Write date('{side.value}')." if is_date else "Compare with a number, or use = for a text."
    french = f"Écrivez date('{side.value}')." if is_date else "Comparez avec un nombre, ou utilisez = pour un texte."
    examined.tell_ruin(findings)(
        "text_ordered",
        place,
        f"`{operator}` compares numbers, and '{side.value}' is a text: this is never true. {english}",
        f"`{operator}` compare des nombres, et « {side.value} » est un texte : ce n'est jamais vrai. {french}",
    )
