"""Keep fetched records: as submissions, or in quarantine with the reason and the mark they had."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from forms.errors import SubmissionMalformed
from forms.submission import Submission
from forms.text import Bilingual
from store.database import Connection
from store.errors import AnswersDiffer
from store.mirror.aside import keep_set_aside
from store.mirror.listed_media import ListedMedium
from store.mirror.pulled import Change, PulledRecord, keep_pulled
from store.mirror.records import mirrored_by_root
from store.mirror.states import pull_states
from store.quarantine import Quarantined, set_aside
from sync.pulling import words
from sync.source import Record, Unreadable

UNREADABLE, CONFLICT = "unreadable", "answers_differ"

_WHERE_IN_FILE: Final = " (line "
"""What is cut in two is cut at another place in each file, and is one reason all the same."""


@dataclass(slots=True)
class Tally:
    """How many records came to what.

    aside: of those that went to quarantine, how many for each reason. examples: where one of them is, and what it was
    told, by the same reasons.
    """

    changes: Counter[Change] = field(default_factory=Counter)
    aside: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[str, Bilingual]] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Count in what another batch came to."""
        self.changes.update(other.changes)
        self.aside.update(other.aside)
        self.examples = other.examples | self.examples


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the records of one remote form are kept. forced: whose media are to be listed anew."""

    state_key: int
    source: str
    form_id: str
    at: datetime
    forced: frozenset[str] = frozenset()

    def keep(self, connection: Connection, records: Sequence[Record]) -> Tally:
        """Keep a batch, in one transaction with its marks: after a crash both are there or neither is."""
        tally = Tally()
        for record in records:
            submission = record.submission
            if isinstance(submission, Unreadable):
                self._set_aside(connection, record, UNREADABLE, submission.message, tally)
                continue
            pulled = self._pulled(record, submission)
            try:
                change = keep_pulled(connection, self.state_key, self.source, pulled, self.at)
            except AnswersDiffer:
                self._set_aside(connection, record, CONFLICT, self._conflict(connection, record), tally)
            except SubmissionMalformed as malformed:
                self._set_aside(connection, record, UNREADABLE, malformed.message, tally)
            else:
                tally.changes[change] += 1
        return tally

    def _pulled(self, record: Record, submission: Submission) -> PulledRecord:
        mark = record.fingerprint
        return PulledRecord(
            remote_id=mark.remote_id,
            root_id=mark.root_id,
            mark=mark.mark,
            submission=submission,
            submitted_at=record.submitted_at,
            submitter=record.submitter,
            device_id=record.device_id,
            review=record.review.value if record.review is not None else None,
            media=tuple(
                ListedMedium(medium.name, medium.remote_id, medium.content_type, medium.is_there)
                for medium in record.media
            ),
            media_anew=mark.remote_id in self.forced,
        )

    def _set_aside(self, connection: Connection, record: Record, reason: str, message: Bilingual, tally: Tally) -> None:
        submission, mark = record.submission, record.fingerprint
        place = submission.place if isinstance(submission, Unreadable) else None
        entry = Quarantined(
            raw=submission.raw,
            reason=reason,
            message=Bilingual(f"{place}: {message.en}", f"{place} : {message.fr}") if place else message,
            submitter=record.submitter,
            device_id=record.device_id,
            at=self.at,
            form_id=self.form_id,
            version=submission.version,
            instance_id=submission.instance_id,
        )
        quarantine_id = set_aside(connection, entry)
        keep_set_aside(connection, self.state_key, mark.remote_id, mark.root_id, mark.mark, quarantine_id)
        told = reason if reason == CONFLICT else message.en.partition(_WHERE_IN_FILE)[0]
        tally.aside[told] += 1
        tally.examples.setdefault(told, (place or mark.root_id, message))

    def _conflict(self, connection: Connection, record: Record) -> Bilingual:
        """Say which other records have its id, as far as they are other records of sources."""
        mark = record.fingerprint
        others = [
            (state.source, row.remote_id)
            for state in pull_states(connection)
            if state.form_id == self.form_id
            for row in mirrored_by_root(connection, state.key, [mark.root_id])
            if not row.is_gone and (state.key, row.remote_id) != (self.state_key, mark.remote_id)
        ]
        return words.conflict(mark.root_id, (self.source, mark.remote_id), others)
