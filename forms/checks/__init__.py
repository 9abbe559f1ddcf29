"""What both pyxform and ODK Validate let through and what ruins a survey in silence: one check a module.

A registry by folder: a new check is a new module with `CODES` (code to what it finds) and `check(examined, findings)`.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from forms.examined import Examined
from forms.finding import Findings
from forms.text import Bilingual


def check_all(examined: Examined, findings: Findings) -> None:
    """Run every check of this folder over a form that could be read."""
    for module in _modules():
        module.check(examined, findings)


def codes() -> Mapping[str, Bilingual]:
    """Return the codes of all checks, each with what it finds."""
    return {code: said for module in _modules() for code, said in module.CODES.items()}


@cache
def _modules() -> tuple[ModuleType, ...]:
    return tuple(_found())


def _found() -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{info.name}")
