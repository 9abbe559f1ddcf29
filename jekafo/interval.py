"""Spans of time as people type them: `30s`, `5m`, `1h`."""

import re
from datetime import timedelta

SHORTEST = timedelta(seconds=10)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_interval(text: str) -> timedelta | None:
    """Return the span that the text says; None where it says none, or one shorter than SHORTEST."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*([smhd])\s*", text, re.ASCII | re.IGNORECASE)
    if match is None:
        return None
    span = timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
    return span if span >= SHORTEST else None


def interval_text(span: timedelta) -> str:
    """Return the span as it would be typed: `90s`, `5m`, `1h`."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def interval_text_fr(span: timedelta) -> str:
    """Return the span as French writes it: `90 s`, `5 min`, `1 h`; never in days, so that `toutes les` fits."""
    seconds = int(span.total_seconds())
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
