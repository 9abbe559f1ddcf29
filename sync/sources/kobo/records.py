"""What KoboToolbox says of a record, in our words: its fingerprint, review, media, and the record with its answers.

Reads one row at a time and asks nobody; fetching rows and instances is `sync.sources.kobo.fetching`'s.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from forms.errors import FormError, SubmissionMalformed
from forms.form import Form
from forms.instance import Instance, submission_of
from forms.submission import Submission
from sync.source import Fingerprint, Record, Review, Unreadable
from sync.sources.kobo.data import id_of
from sync.sources.kobo.json_answers import answers_in_row, media_names, raw_of_row
from sync.sources.kobo.media import media_of
from sync.sources.kobo.replies import Row, object_in, objects_in, text_of, time_of
from sync.sources.kobo.server_nodes import (
    paths_in_instance,
    paths_in_row,
    version_in_instance,
    version_in_row,
    without_server_nodes,
)

_RECORD: Final = "/data/"
_PREFIX: Final = "uuid:"
STATUSES: Final[Mapping[Review, str]] = {
    Review.APPROVED: "validation_status_approved",
    Review.REJECTED: "validation_status_not_approved",
    Review.HAS_ISSUES: "validation_status_on_hold",
}
_REVIEWS: Final = {uid: review for review, uid in STATUSES.items()}

FormOfRecord = Callable[[str | None, Callable[[], frozenset[str]]], Form]
"""Gives the form of a record by the version it names (None: none) and, for one that nobody knows, by its paths."""


def fingerprint_of(row: Row) -> Fingerprint:
    """Return what a list shows of a record. Raises SourceReplyUnexpected for a row without `_id` or `_uuid`."""
    return Fingerprint(str(id_of(row, _RECORD)), root_id_of(row), mark_of(row))


def root_id_of(row: Row) -> str:
    """Return the instanceID of the record's first version, with its prefix.

    Servers that do not give `meta/rootUuid` (before 2025-02) tell the current version's alone: there, an edit of a
    record that was never seen before it makes it another.
    """
    root = row.get("meta/rootUuid")
    return with_prefix(root if isinstance(root, str) and root else text_of(row, "_uuid", _RECORD))


def mark_of(row: Row) -> str:
    """Return a short text that differs whenever the record's answers, review or media on the server differ.

    The version's uuid, then a digest of what changes without a new one: the validation status and when it was set,
    the attachments that are there and those that were deleted, and `_date_modified` on servers that have it.
    """
    status = object_in(row, "_validation_status", _RECORD)
    attachments = sorted(
        [str(attachment.get("uid") or attachment.get("id")), bool(attachment.get("is_deleted"))]
        for attachment in objects_in(row, "_attachments", _RECORD)
    )
    # Texts: in full records, numbers are read as such.
    seen = [str(status.get("uid")), str(status.get("timestamp")), attachments, str(row.get("_date_modified"))]
    digest = hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]
    return f"{uuid_of(row)} {digest}"


def uuid_of(row: Row) -> str:
    """Return the uuid of the record's current version, without prefix."""
    return without_prefix(text_of(row, "_uuid", _RECORD))


def review_of(status: Any) -> Review | None:
    """Return the review that a validation status means; None for none, and for one that the server made up itself."""
    return _REVIEWS.get(str(status.get("uid"))) if isinstance(status, dict) else None


def record_of_instance(row: Row, instance: Instance, form_of: FormOfRecord) -> Record:
    """Return the record whose instance XML this is. row: what the server said of it before the XML was read."""
    name = version_in_instance(instance)
    try:
        form = form_of(name, lambda: paths_in_instance(instance))
        submission = submission_of(instance, form)
    except (FormError, SubmissionMalformed) as error:
        return _record(row, Unreadable(instance.raw, error.message, instance.instance_id, name), None)
    answers = without_server_nodes(submission.answers, form)
    return _record(row, replace(submission, form_id=form.form_id, version=form.version, answers=answers), form)


def record_of_row(row: Row, form_of: FormOfRecord) -> Record:
    """Return the record that a JSON row holds in full. row: numbers as the text they were written with."""
    name = version_in_row(row)
    instance_id = with_prefix(text_of(row, "_uuid", _RECORD))
    try:
        form = form_of(name, lambda: paths_in_row(row))
    except FormError as error:
        return _record(row, Unreadable(raw_of_row(row, None), error.message, instance_id, name), None)
    deprecated = row.get("meta/deprecatedID")
    answers = answers_in_row(row, form)
    submission = Submission(
        form_id=form.form_id,
        version=form.version,
        instance_id=instance_id,
        deprecated_id=deprecated if isinstance(deprecated, str) and deprecated else None,
        answers=answers,
        raw=raw_of_row(row, form),
        media_names=media_names(answers, form),
    )
    return _record(row, submission, form)


def with_prefix(uuid: str) -> str:
    """Return an instanceID as OpenRosa writes it; servers before 2025 keep some without `uuid:`."""
    return uuid if uuid.startswith(_PREFIX) else _PREFIX + uuid


def without_prefix(uuid: str) -> str:
    """Return an instanceID as `_uuid` has it."""
    return uuid.removeprefix(_PREFIX)


def _record(row: Row, submission: Submission | Unreadable, form: Form | None) -> Record:
    answers = submission.answers if isinstance(submission, Submission) else {}
    submitter = row.get("_submitted_by")
    return Record(
        fingerprint=fingerprint_of(row),
        submission=submission,
        submitted_at=time_of(row, "_submission_time", _RECORD),
        submitter=submitter if isinstance(submitter, str) and submitter else None,
        device_id=_device_id(submission, form),
        review=review_of(row.get("_validation_status")),
        media=media_of(objects_in(row, "_attachments", _RECORD), answers),
    )


def _device_id(submission: Submission | Unreadable, form: Form | None) -> str | None:
    if form is None or not isinstance(submission, Submission):
        return None
    paths = (question.path for question in form.questions if question.type == "deviceid")
    texts = (submission.answers.get(path) for path in paths)
    return next((text for text in texts if isinstance(text, str) and text), None)
