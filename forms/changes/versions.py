"""Tell which of two version texts is the older one, where they can be told apart."""

import re

_DIGITS = re.compile(r"\d+")


def is_older(version: str, than: str) -> bool | None:
    """Whether a version is older; None where the texts are not built alike (`v2` and `final`).

    Versions are compared by their numbers in order: 2026112201 by its one, `v1.9` and `v1.10` by two. `v1` is older
    than `v1.1`.
    """
    if _shape(version) != _shape(than):
        return None
    one, other = _numbers(version), _numbers(than)
    return one < other if one and other else None


def _numbers(version: str) -> list[int]:
    return [int(digits) for digits in _DIGITS.findall(version)]


def _shape(version: str) -> str:
    """What stands before the first number, and so must be alike."""
    return _DIGITS.split(version, maxsplit=1)[0].strip().casefold()
