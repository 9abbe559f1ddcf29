"""KoboToolbox (kpi): its records by API v2, answers as instance XML, forms compiled from its rows of them.

`source` holds it together. Lists of records are `data`, what changed `feed` and `history`; records in full are
`fetching`, which cuts XML by `instance_page`, trusts it by `xml_trust`, and makes each a record by `records`, with
`json_answers` as the last resort, `server_nodes` and `media`. Which version a record answers is `version_choice`, forms
are `assets`, `content` and `constructs`, and go out by `publishing`; `paths`, `lists` and `replies` are the dialect.
"""

from sync.source import Source
from sync.sources.kobo.source import KoboSource
from sync.sources.settings import SourceSettings
from sync.wires import Wires

KIND = "kobo"


def connect(settings: SourceSettings, wires: Wires) -> Source:
    """Return the server as a source; asks it nothing yet."""
    return KoboSource(settings, wires)
