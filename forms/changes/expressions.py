"""Bring conditions and calculations into a shape in which moving or renaming a question is no change.

In an XForm a question is named by its path; here by `${name}`, and under its new name on both sides.
"""

import re
from collections.abc import Mapping

from forms.workbook.references import REFERENCE

_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_PATH = re.compile(r"(?:\.\./|(?<![\w)\]])/)[\w.-]+(?:/(?:\.\.|[\w.-]+))*")
_CURRENT = re.compile(r"\bcurrent\(\)/")
_SPACES = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([=<>!+*,()|]+|\[|\])\s*")


def comparable_expression(expression: str | None, renames: Mapping[str, str]) -> str:
    """An expression with `${name}` for paths and one way of spacing; empty for None. renames: old name to new."""
    if not expression:
        return ""
    parts = _QUOTED.split(expression)
    return "".join(part if number % 2 else _unquoted(part, renames) for number, part in enumerate(parts)).strip()


def readable_expression(expression: str | None) -> str | None:
    """An expression of an XForm as a designer would write it; None for none."""
    if not expression:
        return None
    parts = _QUOTED.split(expression)
    shown = (part if number % 2 else _PATH.sub(_by_name, part) for number, part in enumerate(parts))
    return _SPACES.sub(" ", "".join(shown)).strip()


def _unquoted(text: str, renames: Mapping[str, str]) -> str:
    named = _PATH.sub(_by_name, _CURRENT.sub("", text))
    renamed = REFERENCE.sub(lambda match: f"${{{renames.get(match[1], match[1])}}}", named)
    return _AROUND.sub(r"\1", _SPACES.sub(" ", renamed))


def _by_name(match: re.Match[str]) -> str:
    return f"${{{match[0].rsplit('/', 1)[-1]}}}"
