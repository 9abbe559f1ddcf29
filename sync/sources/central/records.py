"""Make a record of what Central has of a submission: its row, its XML and the list of its files.

Answers come from the XML alone: OData drops those to questions that a newer version of the form removed, and rounds
decimals.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from forms.errors import FormError, SubmissionMalformed
from forms.instance import Instance, read_instance, submission_of
from forms.submission import Submission
from forms.text import Bilingual
from sync.source import FormOf, Record, RemoteMedium, Unreadable
from sync.sources.central.replies import unexpected
from sync.sources.central.rows import Row

_FILES = Bilingual("the files of a submission", "les fichiers d'une soumission")
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml\b[^>]*\?>)?\s*")


def record_of(row: Row, xml: bytes, media: Sequence[RemoteMedium], form_of: FormOf) -> Record:
    """Return the record under the fingerprint of its row, which was read before its XML.

    What cannot be read (Central takes XML that was cut short on the way) comes as Unreadable.
    """
    return Record(
        fingerprint=row.fingerprint,
        submission=_submission(row, instance_bytes(xml), form_of),
        submitted_at=row.submitted_at,
        submitter=row.submitter,
        device_id=row.device_id,
        review=row.review,
        media=tuple(media),
    )


def media_of(listed: Any) -> tuple[RemoteMedium, ...]:
    """Return the files of a submission as its attachment list names them; those that never came are not there."""
    try:
        return tuple(_medium(file["name"], is_there=file["exists"] is True) for file in listed)
    except (KeyError, TypeError):
        raise unexpected(_FILES) from None


def _medium(name: object, *, is_there: bool) -> RemoteMedium:
    if not isinstance(name, str) or not name:
        raise TypeError
    return RemoteMedium(name, name, None, is_there)


def instance_bytes(xml: bytes) -> bytes:
    """Return the instance without its XML declaration.

    Central keeps XML as text and sends it as UTF-8, whatever encoding the tablet declared.
    """
    return _DECLARATION.sub(b"", xml, count=1).rstrip()


def _submission(row: Row, raw: bytes, form_of: FormOf) -> Submission | Unreadable:
    try:
        instance = _identified(read_instance(raw), row)
        form = form_of(instance.version)
        submission = submission_of(instance, form)
    except SubmissionMalformed as malformed:
        return Unreadable(raw, malformed.message, row.id, row.version)
    except FormError as unusable:
        return Unreadable(raw, unusable.message, row.id, row.version)
    return replace(submission, form_id=form.form_id, version=form.version)


def _identified(instance: Instance, row: Row) -> Instance:
    """The instance with the version and id that Central filed it under, where it has none itself."""
    # Central makes up an id for XML without one, and shows it as that of the first version only.
    made_up = row.id if row.edits == 0 else None
    return replace(instance, version=instance.version or row.version, instance_id=instance.instance_id or made_up)
