"""The world through which the sources of a project are reached."""

from jekafo.settings import Settings
from sync.wires import Wires


def wires_for(settings: Settings) -> Wires:
    """Return the real world, with a folder for the session tokens of servers."""
    folder = settings.project / "sessions"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Wires(folder=folder)
