"""Plausible numbers and days: what a question's name and label suggest, within what its constraint lets through."""

import math
import random
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from forms.form import Question
from jekafo.simulation.rules import Span

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
_EPOCH = date(1970, 1, 1)
_DEFAULT_AMOUNT = (0.0, 20.0)
_LARGEST_INTEGER = 2**31 - 1

# What a number seems to be, by a word of the question's name or a short label; the first that fits.
_AMOUNTS: Sequence[tuple[str, tuple[float, float]]] = (
    (r"latitude|\blat\b", (12.5, 16.5)),
    (r"longitude|\blon(g)?\b", (-6.5, -2.5)),
    (r"\bage\b|_age$|^age_|[âa]g[ée]|years? old", (1, 85)),
    (r"percent|pourcent|%|taux", (0, 100)),
    (r"month|mois", (1, 12)),
    (r"week|semaine", (1, 8)),
    (r"\bdays?\b|\bjours?\b", (1, 30)),
    (r"hour|heure", (0, 12)),
    (r"minute|duration|dur[ée]e", (5, 120)),
    (r"price|prix|cost|co[ûu]t|income|revenu|amount|montant|salar|fcfa|\bcfa\b|d[ée]pense|spent", (500, 60_000)),
    (r"distance|\bkm\b", (0, 40)),
    (r"weight|poids|\bkg\b", (3, 90)),
    (r"height|taille|\bcm\b", (60, 190)),
    (r"muac|p[ée]rim[èe]tre", (90, 160)),
    (r"temperature|temp[ée]rature", (18, 44)),
    (r"phone|t[ée]l[ée]phone|mobile", (1, 999)),
    (r"child|enfant|boy|girl|gar[çc]on|fille|bab(y|ies)|infant", (0, 6)),
    (r"household|m[ée]nage|member|membre|person|adult|people|women|men\b|femme|homme", (0, 12)),
)
_AMOUNT_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), span) for pattern, span in _AMOUNTS)
_YEAR = re.compile(r"\byear\b|^year|_year|ann[ée]e", re.IGNORECASE)
_BIRTH = re.compile(r"birth|\bdob\b|naissance", re.IGNORECASE)
_AHEAD = re.compile(r"next|prochain|planned|pr[ée]vue?|deadline|[ée]ch[ée]ance", re.IGNORECASE)


def usual_amounts(question: Question, day: date) -> tuple[float, float]:
    """Return the least and largest number that such a question is usually answered with."""
    for said in _said(question):
        for pattern, span in _AMOUNT_PATTERNS:
            if pattern.search(said):
                return span
        if _YEAR.search(said):
            return (day.year - 15, day.year)
    return _DEFAULT_AMOUNT


def usual_days(question: Question, day: date) -> tuple[float, float]:
    """Return the earliest and latest usual date, in days since 1970. day: the day of the interview."""
    today = (day - _EPOCH).days
    for said in _said(question):
        if _BIRTH.search(said):
            return (today - 70 * 365, today - 365)
        if _AHEAD.search(said):
            return (today, today + 60)
    return (today - 30, today)


def draw(span: Span, usual: tuple[float, float], step: float, dice: random.Random, *, attempt: int) -> float | None:
    """Return a number of the span, usual where it can be; None where none is found.

    step: 1 for whole numbers, else the grid of a decimal. attempt: the usual is left behind after some refusals.
    """
    low, high = _bounds(span, usual, attempt)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if first > last:
        # A decimal may lie between two points of the grid (a sum's remainder, for one).
        return span.low if math.isfinite(span.low) and span.low == span.high and step < 1 else None
    for _ in range(20):
        value = round(dice.randint(first, last) * step, 6)
        if value not in span.excluded:
            return value
    return None


def _bounds(span: Span, usual: tuple[float, float], attempt: int) -> tuple[float, float]:
    if attempt > 5 and span.is_free:
        size = 10.0 ** (attempt % 7)
        return (-size if attempt % 2 else 0.0, size)
    width = usual[1] - usual[0]
    low = span.low if math.isfinite(span.low) else min(usual[0], span.high - width)
    high = span.high if math.isfinite(span.high) else max(usual[1], span.low + width)
    if attempt <= 3 and high - low > 60:
        # Within wide limits the usual is likelier than the possible: nobody has 9,999 cows.
        narrow_low, narrow_high = max(low, usual[0]), min(high, usual[1])
        if narrow_low < narrow_high:
            return narrow_low, narrow_high
    return max(low, -_LARGEST_INTEGER), min(high, _LARGEST_INTEGER)


def written_number(value: float) -> str:
    """Return the number as XForms writes it: no exponent, no needless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def written_day(days: float) -> str:
    """Return the date so many days after 1970-01-01, kept between 1900 and 2100."""
    return _day(days).isoformat()


def written_moment(days: float, dice: random.Random) -> str:
    """Return a date and time on that day, by daylight."""
    at = datetime.combine(_day(days), time(8 + dice.randrange(10), dice.randrange(60)), tzinfo=UTC)
    return at.strftime("%Y-%m-%dT%H:%M:00.000Z")


def written_time(dice: random.Random) -> str:
    """Return a time of the day."""
    return f"{6 + dice.randrange(15):02}:{dice.randrange(12) * 5:02}:00.000Z"


def _day(days: float) -> date:
    clear = min(max(math.floor(days), (EARLIEST - _EPOCH).days), (LATEST - _EPOCH).days)
    return _EPOCH + timedelta(days=clear)


def _said(question: Question) -> list[str]:
    """The name, and labels short enough to be the subject."""
    return [question.name.replace("_", " "), *(text for text in question.labels.values() if len(text) <= 80)]
