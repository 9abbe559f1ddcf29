"""How far Central's feed was read: the content of its cursor."""

import json
from dataclasses import dataclass
from datetime import datetime

from forms.text import Bilingual
from sync.errors import SourceReplyUnexpected
from sync.source import Cursor
from sync.sources.central.rows import moment, stamp

_LAYOUT = 1


@dataclass(frozen=True, slots=True)
class Marks:
    """The latest stamps that were seen, each by the server's clock; None: nothing was there, so everything is news.

    rows: of arrivals, edits and reviews. deleted: of deletions. audits: of the log, where the account could read it
    last; reads_audits: whether it ever could. heard: keys of the log's latest events that were told already.
    """

    rows: datetime | None
    deleted: datetime | None
    reads_audits: bool = False
    audits: datetime | None = None
    heard: frozenset[str] = frozenset()

    def cursor(self) -> Cursor:
        """Return the marks as text."""
        fields = {
            "layout": _LAYOUT,
            "rows": _text(self.rows),
            "deleted": _text(self.deleted),
            "reads_audits": self.reads_audits,
            "audits": _text(self.audits),
            "heard": sorted(self.heard),
        }
        return Cursor(json.dumps(fields, separators=(",", ":")))


def read_marks(cursor: Cursor) -> Marks:
    """Return the marks in a cursor. Raises SourceReplyUnexpected for one that was not made here."""
    try:
        fields = json.loads(cursor)
        marks = Marks(
            rows=_moment(fields["rows"]),
            deleted=_moment(fields["deleted"]),
            reads_audits=bool(fields["reads_audits"]),
            audits=_moment(fields["audits"]),
            heard=frozenset(fields["heard"]),
        )
        layout = fields["layout"]
    except (ValueError, KeyError, TypeError):
        raise _foreign() from None
    if layout != _LAYOUT:
        raise _foreign()
    return marks


def _foreign() -> SourceReplyUnexpected:
    return SourceReplyUnexpected(
        Bilingual(
            "The place where the last pull from ODK Central ended is written in a way that is not known here. Pull "
            "with a sweep of all submissions.",
            "L'endroit où s'est arrêtée la dernière récupération depuis ODK Central est noté sous une forme inconnue "
            "ici. Relancez-la avec un parcours de toutes les soumissions.",
        )
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)
