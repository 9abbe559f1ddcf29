"""Answers that are added up and held to a total afterwards: shares of income that must come to 100.

The rule stands at a later question, often one that is only shown; it must be kept while the parts are answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.form import Form
from forms.xpath.parser import parse_xpath
from forms.xpath.references import resolve
from forms.xpath.tokens import XPathInvalid
from forms.xpath.tree import Binary, Number, Path, XPath

_NUMBERS = ("integer", "decimal")


@dataclass(frozen=True, slots=True)
class Total:
    """parts: names of the questions that are added up. value: what they must come to."""

    parts: tuple[str, ...]
    value: float


def totals_by_part(form: Form) -> Mapping[str, Total]:
    """Return the total of each part by the part's path; `${a} + ${b} = 100` on any other question makes one."""
    found: dict[str, Total] = {}
    for question in form.questions:
        try:
            tree = parse_xpath(question.constraint or "1")
        except XPathInvalid:
            continue
        match tree:
            case Binary("=", added, Number(text)) | Binary("=", Number(text), added):
                paths = _parts(added, question.path)
            case _:
                continue
        parts = [form.by_path[path] for path in paths if path in form.by_path and path != question.path]
        # Within a repeat each instance has a total of its own; those are left to trial.
        if len(paths) == len(parts) > 1 and all(part.type in _NUMBERS and part.repeat is None for part in parts):
            total = Total(tuple(part.name for part in parts), float(text))
            found.update({part.path: total for part in parts})
    return found


def _parts(tree: XPath, path: str) -> list[str]:
    """Paths of the questions of a sum; one that leads nowhere stands in for anything else."""
    match tree:
        case Binary("+", left, right):
            return [*_parts(left, path), *_parts(right, path)]
        case Path():
            return [resolve(tree, path) or ""]
        case _:
            return [""]
