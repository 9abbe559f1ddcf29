"""ODK Central, a module each job, and `source` that holds them together.

Sign-in is `session`; lists of submissions are `odata` and `rows`, what changed `changes` and `audits`, records in full
`fetching` and `records`, forms `versions` and `publishing`; `paths` and `replies` are the dialect.
"""

from sync.source import Source
from sync.sources.central.source import CentralSource
from sync.sources.settings import SourceSettings
from sync.wires import Wires

KIND = "central"


def connect(settings: SourceSettings, wires: Wires) -> Source:
    """Return the source; nothing is asked of the server yet."""
    return CentralSource(settings, wires)
