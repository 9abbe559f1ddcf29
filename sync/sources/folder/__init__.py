"""Submissions that lie in a folder: copied from a tablet over USB, exported by ODK Briefcase, or simply put there."""

from pathlib import Path

from sync.source import Source
from sync.sources.folder.source import FolderSource
from sync.sources.settings import SourceSettings
from sync.wires import Wires

KIND = "folder"


def connect(settings: SourceSettings, wires: Wires) -> Source:
    """Return the folder as a source; it is first looked into when it is asked something."""
    return FolderSource(settings.name, Path(settings.address), wires)
