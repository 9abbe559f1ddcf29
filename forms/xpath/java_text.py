"""What Java does with texts and Python does otherwise: patterns of `regex()` and of `format-date()`."""

import re
from datetime import datetime, tzinfo
from functools import lru_cache

from forms.xpath.values import NotEvaluable

# Java's patterns that Python lacks or reads otherwise; who needs one of them is told, not guessed at.
_JAVA_ONLY = re.compile(r"\\[pPQERXhHvVkGNzZbBxc0]|&&|\[\^?\]?[^\]\\]*\[|\(\?<[a-zA-Z]|\(\?[a-zA-Z-]*[uUdx]")
_FIELDS = re.compile(r"%(.)", re.DOTALL)


def matches(text: str, pattern: str) -> bool:
    """Whether a Java pattern matches the whole text. Raises NotEvaluable for patterns that Python reads otherwise."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    if _JAVA_ONLY.search(pattern):
        raise NotEvaluable(f"the pattern {pattern!r} is read by Java alone")
    try:
        return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise NotEvaluable(f"the pattern {pattern!r} cannot be read") from error


def formatted(moment: datetime, pattern: str, zone: tzinfo) -> str:
    """The moment as `format-date` writes it.

    Raises NotEvaluable for names of months and days, which depend on the language of the tablet.
    """
    local = moment.astimezone(zone)
    fields = {
        "%": "%",
        "Y": f"{local.year:04d}",
        "y": f"{local.year % 100:02d}",
        "m": f"{local.month:02d}",
        "n": str(local.month),
        "d": f"{local.day:02d}",
        "e": str(local.day),
        "H": f"{local.hour:02d}",
        "h": str(local.hour),
        "M": f"{local.minute:02d}",
        "S": f"{local.second:02d}",
        "3": f"{local.microsecond // 1000:03d}",
    }

    def field(found: re.Match[str]) -> str:
        if found[1] not in fields:
            raise NotEvaluable(f"format-date: {found[0]} depends on the tablet")
        return fields[found[1]]

    if pattern.endswith("%") and not pattern.endswith("%%"):
        raise NotEvaluable("format-date: a lone % at the end")
    return _FIELDS.sub(field, pattern)
