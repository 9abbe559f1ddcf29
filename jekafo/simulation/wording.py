"""What is written into one text question: a phrase of the form's language, or what its constraint asks for."""

import math
import random

from forms.javarosa.filler import AnswerKind, Asked
from jekafo.simulation import amounts
from jekafo.simulation.patterns import PatternUnread, pattern_text
from jekafo.simulation.phrases import phrase
from jekafo.simulation.plan import QuestionPlan
from jekafo.simulation.rules import Allowed

LONGEST = 250
AS_COMPARED = 0.3
"""How often a text is one that the form compares it with."""

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def text_answer(
    asked: Asked, planned: QuestionPlan, allowed: Allowed | None, language: str, dice: random.Random
) -> str | None:
    """Return a text to try; None where nothing but a blank comes to mind. allowed: None where nothing is known."""
    if asked.kind is AnswerKind.BARCODE:
        return f"{dice.randrange(10**8):08}"
    if planned.compared and asked.attempt < 3 and dice.random() < AS_COMPARED:
        return dice.choice(planned.compared)
    if allowed is None:
        return phrase(planned.text, language, dice)
    return _ruled(asked, planned, allowed, language, dice) or None


def _ruled(asked: Asked, planned: QuestionPlan, allowed: Allowed, language: str, dice: random.Random) -> str:
    if allowed.texts:
        return dice.choice(allowed.texts)
    if allowed.patterns:
        try:
            return pattern_text(dice.choice(allowed.patterns), dice)[:LONGEST]
        except PatternUnread:
            return _fitting(asked, planned, allowed, language, dice)
    if not allowed.number.is_free:
        found = amounts.draw(allowed.number, (0, 100), 1, dice, attempt=asked.attempt)
        return "" if found is None else amounts.written_number(found)
    return _fitting(asked, planned, allowed, language, dice)


def _fitting(asked: Asked, planned: QuestionPlan, allowed: Allowed, language: str, dice: random.Random) -> str:
    """A text of an allowed length that holds the parts asked for; after a refusal in digits, then in capitals."""
    text = phrase(planned.text, language, dice)
    if asked.attempt % 3 == 1:
        text = str(dice.randrange(10**8, 10**9))
    elif asked.attempt % 3 == 2:
        text = "".join(dice.choices(_LETTERS, k=6))
    text = " ".join([*(part for part in allowed.parts if part not in text), text])
    least = int(max(allowed.length.low, 1)) if math.isfinite(allowed.length.low) else 1
    text *= -(-least // len(text))
    if math.isfinite(allowed.length.high):
        text = text[: int(allowed.length.high)]
    return text.strip().ljust(least, "0")
