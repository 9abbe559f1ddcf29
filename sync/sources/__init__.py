"""The kinds of servers that submissions come from, a module each: a new kind is a new module here.

A kind's module has `KIND` (the word in settings), and `connect(settings, wires)` that returns a `sync.source.Source`
without asking the server anything yet.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import cast

from forms.text import Bilingual
from sync.errors import SourceUnknown
from sync.source import Source
from sync.sources.settings import Connect, SourceSettings
from sync.wires import Wires


def kinds() -> Mapping[str, Connect]:
    """Return how to connect to each kind of server, by the word for it in settings."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return {module.KIND: cast("Connect", module.connect) for module in modules if hasattr(module, "KIND")}


def connect(settings: SourceSettings, wires: Wires) -> Source:
    """Return the source that the settings describe. Raises SourceUnknown for a kind that is not here."""
    known = kinds()
    if settings.kind not in known:
        listed = ", ".join(sorted(known))
        raise SourceUnknown(
            Bilingual(
                f"The source {settings.name} is of the kind {settings.kind!r}, which is not known. Kinds: {listed}.",
                f"La source {settings.name} est du type « {settings.kind} », qui est inconnu. Types : {listed}.",
            )
        )
    return known[settings.kind](settings, wires)
