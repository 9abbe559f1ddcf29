"""Take a submission in: decide what it is and keep it in one deed of the database, or set it aside with the reason.

Nothing that arrives here is lost: what cannot be kept as a submission is in quarantine. Its media are durable before
(api.openrosa.multipart, or a source); the wire's words for the outcome are for api.
"""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from forms.errors import SubmissionMalformed
from forms.form import Form
from forms.instance import NO_INSTANCE_ID, Instance, read_instance, submission_of
from forms.submission import Attachment, Submission
from forms.text import Bilingual
from forms.xform.read import read_xform
from store.database import Connection
from store.errors import AnswersDiffer, EditOfUnknown, EditOutdated, SubmissionDeleted, SubmissionUnknown
from store.form_versions import FormState, find_form_version, newest_form_version, state_of
from store.kept import Store
from store.quarantine import Quarantined, has_waiting_edits, release, set_aside, waiting
from store.submissions import OWN_ENDPOINT, Arrival, Outcome, keep, raw
from sync.shelf import Shelf


class Verdict(StrEnum):
    """What became of a delivery. The last six are in quarantine."""

    NEW = "new"
    EDIT = "edit"
    COMPLETED = "completed"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed"
    NO_INSTANCE_ID = "no_instance_id"
    FORM_UNKNOWN = "form_unknown"
    VERSION_UNKNOWN = "version_unknown"
    FORM_CLOSED = "form_closed"
    CONFLICT = "conflict"

    @property
    def is_kept(self) -> bool:
        """True where the submission is kept as one; else it is set aside."""
        return self in _KEPT


_KEPT = frozenset({Verdict.NEW, Verdict.EDIT, Verdict.COMPLETED, Verdict.DUPLICATE})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request brought: the XML as sent, and media whose bytes are already in the media folder."""

    xml: bytes
    attachments: tuple[Attachment, ...]
    submitter: str | None
    device_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of it, in words for the person who sent it. quarantine_id: None where it was kept."""

    outcome: Verdict
    message: Bilingual
    instance_id: str | None
    quarantine_id: int | None = None


def receive(store: Store, shelf: Shelf, delivery: Delivery) -> "Future[Receipt]":
    """Keep the submission, or set it aside; the future resolves when either is on disk.

    The XML is read in the caller's thread, so that the one writer only writes. Raises nothing about the submission
    itself: a receipt says it all.
    """
    reading = _read(shelf, delivery.xml)
    return store.database.submit(lambda connection: _decide(connection, shelf, delivery, reading))


def release_waiting(store: Store, shelf: Shelf, form_id: str, version: str, *, at: datetime) -> int:
    """Receive again what waits in quarantine for this form version; return how many were kept.

    What is refused for another reason now (a conflict) stays set aside under that one.
    """
    with store.database.read() as connection:
        entries = waiting(connection, form_id, version, is_pulled=False)
    kept = 0
    for entry in entries:
        reading = _read(shelf, entry.raw)
        kept += store.database.write(partial(_try_again, shelf=shelf, entry=entry, reading=reading, at=at))
    return kept


@dataclass(frozen=True, slots=True)
class _Readable:
    """A submission whose form is at hand."""

    submission: Submission
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class _FormMissing:
    """A submission that is well-formed, of a form version that the shelf does not hold (yet)."""

    instance: Instance


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """XML that is no submission at all, or one that cannot be kept as it is."""

    verdict: Verdict
    message: Bilingual
    instance: Instance | None = None


_Reading = _Readable | _FormMissing | _Unreadable


def _read(shelf: Shelf, xml: bytes) -> _Reading:
    try:
        instance = read_instance(xml)
    except SubmissionMalformed as error:
        return _Unreadable(Verdict.MALFORMED, error.message)
    if instance.instance_id is None:
        return _Unreadable(Verdict.NO_INSTANCE_ID, NO_INSTANCE_ID, instance)
    form = shelf.as_published(instance.form_id, instance.version)
    return _FormMissing(instance) if form is None else _by_form(instance, form)


def _by_form(instance: Instance, form: Form) -> _Readable | _Unreadable:
    try:
        return _Readable(submission_of(instance, form), instance.is_encrypted)
    except SubmissionMalformed as error:
        return _Unreadable(Verdict.MALFORMED, error.message, instance)


def _decide(connection: Connection, shelf: Shelf, delivery: Delivery, reading: _Reading) -> Receipt:
    if isinstance(reading, _FormMissing):
        # Looked up again here: the form may have been published since the shelf was asked.
        instance = reading.instance
        found = find_form_version(connection, instance.form_id, instance.version)
        if found is None:
            verdict, message = _missing(connection, instance)
            return _set_aside(connection, delivery, verdict, message, instance)
        reading = _by_form(instance, read_xform(found.xform))
    if isinstance(reading, _Unreadable):
        return _set_aside(connection, delivery, reading.verdict, reading.message, reading.instance)
    submission = reading.submission
    if _is_closed_to(connection, submission):
        return _set_aside(connection, delivery, Verdict.FORM_CLOSED, _closed(submission.form_id), submission)
    receipt = _keep(connection, delivery, reading)
    if receipt.outcome in (Verdict.NEW, Verdict.EDIT):
        _take_in_edits(connection, shelf, submission, at=delivery.at)
    return receipt


def _take_in_edits(connection: Connection, shelf: Shelf, submission: Submission, *, at: datetime) -> None:
    """Take in the edits that overtook the version they edit, and with each what edits that one in turn."""
    if has_waiting_edits(connection, submission.form_id, submission.instance_id):
        for entry in waiting(connection, submission.form_id, deprecated_id=submission.instance_id, is_pulled=False):
            _try_again(connection, shelf, entry, _read(shelf, entry.raw), at=at)


def _is_closed_to(connection: Connection, submission: Submission) -> bool:
    """Whether the version is closed; what was kept before may still come again, and its media with it."""
    if state_of(connection, submission.form_id, submission.version) is not FormState.CLOSED:
        return False
    try:
        raw(connection, submission.form_id, submission.instance_id)
    except SubmissionUnknown:
        return True
    return False


def _keep(connection: Connection, delivery: Delivery, reading: _Readable) -> Receipt:
    submission = reading.submission
    arrival = Arrival(
        submission=submission,
        source=OWN_ENDPOINT,
        remote_id=None,
        submitter=delivery.submitter,
        device_id=delivery.device_id,
        at=delivery.at,
        attachments=delivery.attachments,
    )
    try:
        outcome = keep(connection, arrival)
    except (AnswersDiffer, EditOfUnknown, EditOutdated, SubmissionDeleted) as conflict:
        return _set_aside(connection, delivery, Verdict.CONFLICT, conflict.message, submission, reason=conflict.reason)
    return Receipt(Verdict(outcome.value), _thanks(outcome, reading), submission.instance_id)


def _set_aside(
    connection: Connection,
    delivery: Delivery,
    verdict: Verdict,
    message: Bilingual,
    named: Instance | Submission | None,
    *,
    reason: str | None = None,
) -> Receipt:
    """Put the delivery into quarantine. named: what the XML says about itself, as far as it could be read."""
    quarantine_id = set_aside(
        connection,
        Quarantined(
            raw=delivery.xml,
            reason=reason or verdict.value,
            message=message,
            form_id=named.form_id if named else None,
            version=named.version if named else None,
            instance_id=named.instance_id if named else None,
            deprecated_id=named.deprecated_id if named else None,
            submitter=delivery.submitter,
            device_id=delivery.device_id,
            at=delivery.at,
            attachments=delivery.attachments,
        ),
    )
    return Receipt(verdict, message, named.instance_id if named else None, quarantine_id)


def _try_again(connection: Connection, shelf: Shelf, entry: Quarantined, reading: _Reading, *, at: datetime) -> bool:
    """Receive a quarantined entry once more; release it if it is kept, or set aside for another reason now."""
    delivery = Delivery(entry.raw, entry.attachments, entry.submitter, entry.device_id, entry.at)
    receipt = _decide(connection, shelf, delivery, reading)
    if receipt.quarantine_id != entry.id:
        release(connection, entry.id, at)
    return receipt.outcome.is_kept


def _missing(connection: Connection, instance: Instance) -> tuple[Verdict, Bilingual]:
    if newest_form_version(connection, instance.form_id) is None:
        return Verdict.FORM_UNKNOWN, Bilingual(
            f"The form {instance.form_id} is not known here. The submission was received and set aside; it is taken in "
            "as soon as the form is published. Check that the device sends to the right project.",
            f"Le formulaire {instance.form_id} n'est pas connu ici. La soumission a été reçue et mise de côté ; elle "
            "sera prise en compte dès la publication du formulaire. Vérifiez que l'appareil envoie au bon projet.",
        )
    version = instance.version or "(none)"
    version_fr = instance.version or "(aucune)"
    return Verdict.VERSION_UNKNOWN, Bilingual(
        f"Version {version} of form {instance.form_id} is not known here. The submission was received and set aside; "
        "it is taken in as soon as that version is published.",
        f"La version {version_fr} du formulaire {instance.form_id} n'est pas connue ici. La soumission a été reçue et "
        "mise de côté ; elle sera prise en compte dès la publication de cette version.",
    )


def _closed(form_id: str) -> Bilingual:
    return Bilingual(
        f"The form {form_id} is closed and takes no more submissions. This one was received and set aside; ask the "
        "survey manager whether it still counts.",
        f"Le formulaire {form_id} est clos et n'accepte plus de soumissions. Celle-ci a été reçue et mise de côté ; "
        "demandez au responsable de l'enquête si elle compte encore.",
    )


def _thanks(outcome: Outcome, reading: _Readable) -> Bilingual:
    if reading.is_encrypted and outcome is Outcome.NEW:
        return Bilingual(
            "The encrypted submission is kept. Its answers can be read once it is decrypted with the form's private "
            "key.",
            "La soumission chiffrée est conservée. Ses réponses seront lisibles une fois déchiffrées avec la clé "
            "privée du formulaire.",
        )
    return _THANKS[outcome]


_THANKS = {
    Outcome.NEW: Bilingual("The submission is kept. Thank you.", "La soumission est conservée. Merci."),
    Outcome.EDIT: Bilingual(
        "The edit is kept, and so is the version before it. Thank you.",
        "La modification est conservée, ainsi que la version précédente. Merci.",
    ),
    Outcome.COMPLETED: Bilingual(
        "The files have joined the submission that was already kept. Thank you.",
        "Les fichiers ont rejoint la soumission déjà conservée. Merci.",
    ),
    Outcome.DUPLICATE: Bilingual(
        "The submission was already kept; nothing changed.", "La soumission était déjà conservée ; rien n'a changé."
    ),
}
