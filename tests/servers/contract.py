"""Compares what a simulated server answered with what was recorded: keys, types, values, recursively."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?$")


@dataclass(frozen=True, slots=True)
class Loose:
    """Where values may differ while types agree: paths (`results[].$kuid`), by regular expression with the reason.

    shapes: paths below which not even the keys are compared. ordered: paths of objects whose keys come in that order.
    """

    values: Mapping[str, str]
    shapes: Mapping[str, str]
    ordered: Sequence[str] = ()

    def value(self, path: str) -> bool:
        return any(re.search(pattern, path) for pattern in self.values)

    def shape(self, path: str) -> bool:
        return any(re.search(pattern, path) for pattern in self.shapes)

    def order(self, path: str) -> bool:
        return any(re.fullmatch(pattern, path) for pattern in self.ordered)


def differences(recorded: Any, answered: Any, loose: Loose, path: str = "") -> Iterator[str]:
    """Give what differs, each as a line; nothing where the answer keeps the contract."""
    if type(recorded) is not type(answered):
        yield f"{path}: {recorded!r} recorded, {answered!r} answered"
    elif loose.shape(path):
        return
    elif isinstance(recorded, dict):
        yield from _of_objects(recorded, answered, loose, path)
    elif isinstance(recorded, list):
        if len(recorded) != len(answered):
            yield f"{path}: {len(recorded)} items recorded, {len(answered)} answered"
        for one, other in zip(recorded, answered, strict=False):
            yield from differences(one, other, loose, f"{path}[]")
    elif recorded != answered and not loose.value(path) and not _same_form(recorded, answered):
        yield f"{path}: {recorded!r} recorded, {answered!r} answered"


def _of_objects(recorded: dict[str, Any], answered: dict[str, Any], loose: Loose, path: str) -> Iterator[str]:
    for key in recorded.keys() - answered.keys():
        yield f"{path}.{key}: recorded, not answered"
    for key in answered.keys() - recorded.keys():
        yield f"{path}.{key}: answered, not recorded"
    if loose.order(path) and [*recorded] != [*answered]:
        yield f"{path}: keys in another order: {[*recorded]} recorded, {[*answered]} answered"
    for key in recorded.keys() & answered.keys():
        yield from differences(recorded[key], answered[key], loose, f"{path}.{key}")


def _same_form(recorded: Any, answered: Any) -> bool:
    """Both are moments, told with the same precision and zone: when is a matter of the clock."""
    if not isinstance(recorded, str) or not isinstance(answered, str):
        return False
    one, other = _MOMENT.match(recorded), _MOMENT.match(answered)
    return one is not None and other is not None and bool(one[1]) == bool(other[1]) and one[2] == other[2]
