"""What the simulated Central takes and refuses: new submissions, edits, files, by the rules of the facts.

Everything else that happens to a submission (reviews, deletions) is in `central_state`; how it is asked for over HTTP
is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree
from servers.central_people import Actor
from servers.central_problem import Problem, exists_already, missing, not_found
from servers.central_records import Blob, Form, FormVersion, Submission, Version
from servers.central_xform import Identity, files_named, identity_of, lenient_tree

if TYPE_CHECKING:
    from servers.central_state import CentralState

NO_LONGER_OPEN = (
    "This form is not currently accepting submissions. Please talk to your program staff if this is unexpected."
)
OTHER_XML = (
    "A submission already exists with this ID, but with different XML. Resubmissions to attach additional multimedia "
    "must resubmit an identical xml_submission_file."
)
WAS_DELETED = "This submission has been deleted. You may not resubmit it."
TAKEN_INSTANCE_ID = (
    "You tried to update a submission, but the instanceID you provided already exists on this server. Please try again "
    "with a unique instanceID."
)
NO_DEPRECATED_ID = (
    "This PUT endpoint expects a deprecatedID metadata tag pointing at the current version instanceID. I cannot find "
    "that tag in your request."
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came in. root: what can be made of the XML. files: by name, with their content type."""

    xml: bytes
    root: etree._Element | None
    identity: Identity
    files: Mapping[str, tuple[bytes, str]]
    actor: Actor
    device_id: str | None
    user_agent: str | None


def sent(
    xml: bytes,
    files: Mapping[str, tuple[bytes, str]],
    actor: Actor,
    device_id: str | None = None,
    user_agent: str | None = None,
) -> Sent:
    """What came in, read once."""
    root = lenient_tree(xml)
    return Sent(xml, root, identity_of(root), files, actor, device_id, user_agent)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A new submission and its audits, stamped, and not yet seen by anybody."""

    form: Form
    submission: Submission
    audits: tuple[tuple[str, dict[str, Any]], ...]


def take_openrosa(state: "CentralState", project_id: int, sent: Sent) -> None:
    """A POST to `/submission`: a new one, one sent again, one with more files, or an edit."""
    identity = sent.identity
    if identity.form_id is None:
        raise missing("form ID xml attribute")
    form = state.form(project_id, identity.form_id)
    if identity.deprecated_id is not None:
        _take_edit(state, form, sent, identity.deprecated_id, identity.instance_id)
        return
    held = form.submissions.by_instance.get(identity.instance_id or "")
    if held is None:
        state.commit_prepared(prepare(state, form, sent))
        return
    submission, version = held
    if submission.deleted_at is not None:
        # Its code is not seen through OpenRosa, and it is not asked for otherwise.
        raise Problem("409.16", WAS_DELETED)
    if version is not submission.current:
        raise out_of_date(None)
    _top_up(state, form, submission, sent)


def _take_edit(state: "CentralState", form: Form, sent: Sent, deprecated_id: str, instance_id: str | None) -> None:
    sent_before = form.submissions.by_instance.get(instance_id or "")
    if sent_before is not None:
        submission, version = sent_before
        if version is submission.current and version.xml == sent.xml:
            _top_up(state, form, submission, sent)
            return
    edited = form.submissions.by_instance.get(deprecated_id)
    if edited is None or edited[0].deleted_at is not None:
        raise Problem(
            "404.5",
            "You tried to update an existing submission, but we can't find that submission to update "
            f"({deprecated_id})",
        )
    replace_version(state, form, edited[0], sent)


def prepare(state: "CentralState", form: Form, sent: Sent) -> Prepared:
    """A new submission, complete but for being seen. Raises Problem for what is not taken."""
    if form.state == "closed":
        raise Problem("409.2", NO_LONGER_OPEN)
    form_version = _form_version(form, sent)
    identity = sent.identity
    root_id = identity.instance_id or state.instance_id()
    if root_id in form.submissions.by_root or root_id in state.uncommitted:
        raise exists_already("submissions", {"formId": str(form.number), "instanceId": root_id, "draft": "f"})
    version = _version(state, form_version, sent, root_id)
    _put_files(state, version, sent.files, {})
    submission = Submission(
        number=state.number("submission"),
        root_id=root_id,
        submitter=sent.actor,
        created_at=version.created_at,
        device_id=sent.device_id,
        user_agent=sent.user_agent,
        versions=[version],
    )
    details = {"instanceId": root_id, "submissionId": submission.number, "submissionDefId": version.number}
    audits = [("submission.create", details), *_file_audits(version, version.instance_id)]
    return Prepared(form, submission, tuple(audits))


def replace_version(state: "CentralState", form: Form, submission: Submission, sent: Sent) -> None:
    """A new version of a submission: the deprecatedID names the current one, else it is out of date."""
    if form.state == "closed":
        raise Problem("409.2", NO_LONGER_OPEN)
    identity = sent.identity
    if identity.deprecated_id is None:
        raise Problem("400.19", NO_DEPRECATED_ID)
    if identity.deprecated_id != submission.current.instance_id:
        raise out_of_date(identity.deprecated_id)
    if identity.instance_id is None:
        raise missing("instanceId")
    if identity.instance_id in form.submissions.by_instance:
        raise Problem("409.8", TAKEN_INSTANCE_ID)
    form_version = _form_version(form, sent)
    version = _version(state, form_version, sent, identity.instance_id)
    _put_files(state, version, sent.files, submission.current.files)
    submission.versions.append(version)
    submission.review_state = "edited"
    form.submissions.by_instance[version.instance_id] = (submission, version)
    form.submissions.set_updated(submission, version.created_at)
    submission.event = state.number("event")
    details = {
        "instanceId": version.instance_id,
        "submissionId": submission.number,
        "submissionDefId": version.number,
    }
    state.log(sent.actor, "submission.update.version", form, details, submission.number)
    for action, said in _file_audits(version, version.instance_id):
        state.log(sent.actor, action, form, said)


def attach(state: "CentralState", form: Form, submission: Submission, name: str, blob: Blob, actor: Actor) -> None:
    """A file comes to the current version. Neither updatedAt nor the lists' ETag takes note."""
    version = submission.current
    if name not in version.files:
        raise not_found()
    old = version.files[name]
    version.files[name] = blob
    form.submissions.changed(submission)
    details: dict[str, Any] = {"name": name, "newBlobId": blob.number}
    if old is not None:
        details["oldBlobId"] = old.number
    details |= {"instanceId": submission.root_id, "submissionDefId": version.number}
    state.log(actor, "submission.attachment.update", form, details)


def clear(state: "CentralState", form: Form, submission: Submission, name: str, actor: Actor) -> None:
    """A file of the current version goes; the version still expects it."""
    version = submission.current
    old = version.files.get(name)
    if old is None:
        raise not_found()
    version.files[name] = None
    form.submissions.changed(submission)
    details = {
        "name": name,
        "oldBlobId": old.number,
        "instanceId": submission.root_id,
        "submissionDefId": version.number,
    }
    state.log(actor, "submission.attachment.update", form, details)


def out_of_date(deprecated_id: str | None) -> Problem:
    named = "undefined" if deprecated_id is None else deprecated_id
    return Problem(
        "409.9",
        f"You tried to update a submission, but the copy you were editing ({named}) is now out of date. Please get "
        "the new version that has been submitted, and make your edits again.",
        {} if deprecated_id is None else {"deprecatedId": deprecated_id},
    )


def _form_version(form: Form, sent: Sent) -> FormVersion:
    named = sent.identity.version
    version = form.version(named)
    if version is None:
        raise Problem("404.6", f"The form version specified in this submission '{named}' does not exist.")
    return version


def _version(state: "CentralState", form_version: FormVersion, sent: Sent, instance_id: str) -> Version:
    names = files_named(sent.root, form_version.xform.binary_paths) if sent.root is not None else ()
    return Version(
        number=state.number("version"),
        instance_id=instance_id,
        xml=sent.xml,
        form_version=form_version,
        submitter=sent.actor,
        created_at=state.now(),
        device_id=sent.device_id,
        user_agent=sent.user_agent,
        files=dict.fromkeys(names),
        instance_name=sent.identity.instance_name,
    )


def _put_files(
    state: "CentralState",
    version: Version,
    files: Mapping[str, tuple[bytes, str]],
    before: Mapping[str, Blob | None],
) -> None:
    """What was sent, else what the version before had under that name; names that nobody asks for are dropped."""
    for name in version.files:
        version.files[name] = state.blob(*files[name]) if name in files else before.get(name)


def _top_up(state: "CentralState", form: Form, submission: Submission, sent: Sent) -> None:
    """The same submission again, perhaps with more files: missing ones are added, others overwritten."""
    version = submission.current
    if version.xml != sent.xml:
        raise Problem("409.1", OTHER_XML)
    for name, (content, content_type) in sent.files.items():
        if name not in version.files:
            continue
        old, new = version.files[name], state.blob(content, content_type)
        if old is not None and old.number == new.number:
            continue
        version.files[name] = new
        form.submissions.changed(submission)
        details: dict[str, Any] = {"name": name, "newBlobId": new.number}
        if old is not None:
            details["oldBlobId"] = old.number
        details |= {"instanceId": version.instance_id, "submissionDefId": version.number}
        state.log(sent.actor, "submission.attachment.update", form, details)


def _file_audits(version: Version, instance_id: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            "submission.attachment.update",
            {
                "name": name,
                "newBlobId": blob.number,
                "instanceId": instance_id,
                "submissionDefId": version.number,
            },
        )
        for name, blob in version.files.items()
        if blob is not None
    ]
