"""The state of the simulated Central and what people do to it: accounts, projects, forms, and the deeds that a sync
must notice. Every deed is stamped by the clock, to the millisecond."""

import hashlib
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from threading import RLock
from typing import Any, TypeVar, cast

from servers.central_forms import open_draft, publish_draft
from servers.central_intake import Prepared, attach, clear, prepare, replace_version, sent
from servers.central_people import Actor, AppUser, People, User
from servers.central_problem import not_found, unexpected_value
from servers.central_records import Audited, Blob, Comment, Form, Project, Submission, stamped
from servers.clock import Clock

Deed = TypeVar("Deed", bound=Callable[..., Any])


def in_turn(deed: Deed) -> Deed:
    """A deed that waits for requests being answered, and they for it: clients ask from several threads."""

    @wraps(deed)
    def waiting(state: "CentralState", *arguments: Any, **named: Any) -> Any:
        with state.turn:
            return deed(state, *arguments, **named)

    return cast("Deed", waiting)


REVIEW_STATES = (None, "hasIssues", "edited", "rejected", "approved")
ADMIN_EMAIL, ADMIN_PASSWORD = "admin@example.org", "correct horse battery"


class CentralState:
    """What Central holds. Deeds find a submission by the instanceID of its first version, on any form."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.turn = RLock()
        self.people = People()
        self.projects: dict[int, Project] = {}
        self.audits: list[tuple[datetime, int, Audited]] = []
        """By time and number, oldest first."""
        self.uncommitted: dict[str, tuple[datetime, Prepared]] = {}
        self.next_numbers: dict[str, int] = {}
        """The next number of a kind (project, actor, form, submission, version ...); 1 where none is named."""
        self.next_instance_ids: list[str] = []
        """What the server names those that come without an instanceID; made up where none is left."""
        self._blobs: dict[tuple[bytes, str], Blob] = {}
        self._late: datetime | None = None
        self.admin = self.add_user(ADMIN_EMAIL, ADMIN_PASSWORD, is_admin=True)

    def now(self) -> datetime:
        return self._late or stamped(self.clock.now())

    def number(self, kind: str) -> int:
        given = self.next_numbers.get(kind, 1)
        self.next_numbers[kind] = given + 1
        return given

    def actee(self) -> str:
        """What audits name a form or a project by."""
        return self._uuid("actee")

    def instance_id(self) -> str:
        """A bare UUID, for a submission that brought no instanceID."""
        return self.next_instance_ids.pop(0) if self.next_instance_ids else self._uuid("instance")

    def _uuid(self, kind: str) -> str:
        digest = hashlib.sha256(f"{kind} {self.number(kind)}".encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"

    def blob(self, content: bytes, content_type: str) -> Blob:
        key = (hashlib.sha256(content).digest(), content_type)
        if key not in self._blobs:
            self._blobs[key] = Blob(self.number("blob"), content, content_type)
        return self._blobs[key]

    def log(
        self,
        actor: Actor | None,
        action: str,
        form: Form | None,
        details: dict[str, Any],
        submission: int | None = None,
        at: datetime | None = None,
    ) -> None:
        line = Audited(self.number("audit"), actor, action, form, details, at or self.now(), submission)
        insort(self.audits, (line.logged_at, line.number, line))

    def audits_between(self, begin: datetime | None, end: datetime | None) -> list[Audited]:
        """The lines from `begin` to `end`, both included, newest first."""
        first = 0 if begin is None else bisect_left(self.audits, (begin,))
        beyond = len(self.audits) if end is None else bisect_left(self.audits, (end + timedelta(milliseconds=1),))
        return [line for _, _, line in reversed(self.audits[first:beyond])]

    # Accounts, projects, forms.

    def add_user(self, email: str, password: str, *, is_admin: bool = False) -> User:
        user = User(self.number("actor"), "user", email, self.now(), email=email, password=password, is_admin=is_admin)
        self.people.users.append(user)
        return user

    def add_app_user(self, name: str, project_id: int) -> AppUser:
        user = AppUser(
            self.number("actor"), "field_key", name, self.now(), project_id=project_id, token=self.people.token()
        )
        self.people.app_users[user.token] = user
        return user

    @in_turn
    def set_role(self, user: User, project: Project, role: str | None) -> None:
        """role: `viewer`, `manager`, `formfill`; None takes it away."""
        if role is None:
            user.roles.pop(project.number, None)
        else:
            user.roles[project.number] = role

    def add_project(self, name: str, description: str | None = None) -> Project:
        project = Project(self.number("project"), name, description, self.actee(), self.now())
        self.projects[project.number] = project
        return project

    @in_turn
    def add_form(self, project: Project, xml: bytes, files: Mapping[str, bytes] | None = None) -> Form:
        """A published form. files: what it cites, by name."""
        return open_draft(self, project, None, xml, by=self.admin, publish=True, files=files or {})

    @in_turn
    def publish_version(self, form: Form, xml: bytes) -> Form:
        """A new published version of a form."""
        open_draft(self, self.projects[form.project_id], form, xml, by=self.admin)
        publish_draft(self, form, by=self.admin)
        return form

    @in_turn
    def close_form(self, form: Form, state: str = "closed") -> None:
        """state: `closing` still takes submissions, `closed` does not, `open` does again."""
        form.state, form.updated_at = state, self.now()

    def form(self, project_id: int, form_id: str) -> Form:
        project = self.projects.get(project_id)
        form = project.forms.get(form_id) if project is not None else None
        if form is None:
            raise not_found()
        return form

    # Deeds.

    @in_turn
    def submit(
        self,
        xml: bytes,
        files: Mapping[str, bytes] | None = None,
        *,
        device_id: str | None = None,
        by: Actor | None = None,
        form: Form | None = None,
    ) -> str:
        """A new submission; gives its root id. form: the one of that id wherever it is, if not told."""
        prepared = self._prepared(xml, files, device_id, by, form)
        self.commit_prepared(prepared)
        return prepared.submission.root_id

    @in_turn
    def begin_commit(
        self,
        xml: bytes,
        files: Mapping[str, bytes] | None = None,
        *,
        device_id: str | None = None,
        by: Actor | None = None,
        form: Form | None = None,
    ) -> str:
        """A new submission that is stamped and numbered now, and seen by nobody before `commit`."""
        prepared = self._prepared(xml, files, device_id, by, form)
        self.uncommitted[prepared.submission.root_id] = (self.now(), prepared)
        return prepared.submission.root_id

    @in_turn
    def commit(self, root_id: str) -> None:
        """What `begin_commit` stamped is seen from now on, its audits too."""
        at, prepared = self.uncommitted.pop(root_id)
        self.commit_prepared(prepared, at)

    @contextmanager
    def stamped_at(self, at: datetime) -> Iterator[None]:
        """What is done inside bears an earlier stamp: an edit or a review whose commit took its time."""
        with self.turn:
            self._late = stamped(at)
            try:
                yield
            finally:
                self._late = None

    @in_turn
    def edit(
        self, root_id: str, xml: bytes, files: Mapping[str, bytes] | None = None, *, by: Actor | None = None
    ) -> None:
        """A new version. The XML's deprecatedID names the current one."""
        form, submission = self.find(root_id)
        replace_version(self, form, submission, sent(xml, _typed(files), by or self.admin))

    @in_turn
    def review(self, root_id: str, state: str | None, *, by: Actor | None = None) -> None:
        if state not in REVIEW_STATES:
            raise unexpected_value("state", state, "not a recognized state name")
        form, submission = self.find(root_id)
        submission.review_state = state
        form.submissions.set_updated(submission, self.now())
        submission.event = self.number("event")
        # No instanceId among the details: so it was recorded.
        details = {
            "reviewState": state,
            "submissionId": submission.number,
            "submissionDefId": submission.current.number,
        }
        self.log(by or self.admin, "submission.update", form, details, submission.number)

    @in_turn
    def comment(self, root_id: str, text: str, *, by: Actor | None = None) -> Comment:
        """Leaves no stamp, no ETag and no audit behind."""
        _, submission = self.find(root_id)
        comment = Comment(text, by or self.admin, self.now())
        submission.comments.append(comment)
        return comment

    @in_turn
    def add_attachment(
        self, root_id: str, name: str, content: bytes, content_type: str = "image/jpeg", *, by: Actor | None = None
    ) -> None:
        """A file arrives late; updatedAt and the lists' ETag stay what they were."""
        form, submission = self.find(root_id)
        attach(self, form, submission, name, self.blob(content, content_type), by or self.admin)

    @in_turn
    def overwrite_attachment(self, root_id: str, name: str, content: bytes, *, by: Actor | None = None) -> None:
        """Other bytes under a name that is already there: nothing in any list shows it."""
        _, submission = self.find(root_id)
        if submission.current.files.get(name) is None:
            raise not_found()
        self.add_attachment(root_id, name, content, by=by)

    @in_turn
    def clear_attachment(self, root_id: str, name: str, *, by: Actor | None = None) -> None:
        form, submission = self.find(root_id)
        clear(self, form, submission, name, by or self.admin)

    @in_turn
    def delete(self, root_id: str, *, by: Actor | None = None) -> None:
        self._set_deleted(root_id, self.now(), "submission.delete", by or self.admin)

    @in_turn
    def restore(self, root_id: str, *, by: Actor | None = None) -> None:
        self._set_deleted(root_id, None, "submission.restore", by or self.admin)

    @in_turn
    def purge(self, *root_ids: str) -> None:
        """Deleted submissions go for good; none named: all of them. The audit says how many, not which."""
        gone = 0
        for project in self.projects.values():
            for form in project.forms.values():
                for submission in form.submissions.deleted():
                    if not root_ids or submission.root_id in root_ids:
                        form.submissions.purge(submission)
                        gone += 1
        self.log(None, "submission.purge", None, {"submissions_deleted": gone})

    def find(self, root_id: str, *, deleted: bool = False) -> tuple[Form, Submission]:
        """The submission and its form. deleted: look among the deleted ones. Raises Problem 404.1."""
        for project in self.projects.values():
            for form in project.forms.values():
                submission = form.submissions.by_root.get(root_id)
                if submission is not None and (submission.deleted_at is not None) == deleted:
                    return form, submission
        raise not_found()

    def commit_prepared(self, prepared: Prepared, at: datetime | None = None) -> None:
        """Let everybody see it. at: the stamp of its audits."""
        submission = prepared.submission
        submission.event = self.number("event")
        prepared.form.submissions.add(submission)
        for action, details in prepared.audits:
            number = submission.number if action == "submission.create" else None
            self.log(submission.submitter, action, prepared.form, details, number, at)

    def _prepared(
        self,
        xml: bytes,
        files: Mapping[str, bytes] | None,
        device_id: str | None,
        by: Actor | None,
        form: Form | None,
    ) -> Prepared:
        arrived = sent(xml, _typed(files), by or self.admin, device_id)
        return prepare(self, form or self._form_named(arrived.identity.form_id), arrived)

    def _form_named(self, form_id: str | None) -> Form:
        for project in self.projects.values():
            if form_id is not None and form_id in project.forms:
                return project.forms[form_id]
        raise not_found()

    def _set_deleted(self, root_id: str, at: datetime | None, action: str, by: Actor) -> None:
        form, submission = self.find(root_id, deleted=at is None)
        form.submissions.set_deleted(submission, at)
        submission.event = self.number("event")
        details = {"instanceId": root_id, "submissionId": submission.number}
        self.log(by, action, form, details, submission.number)


def _typed(files: Mapping[str, bytes] | None) -> dict[str, tuple[bytes, str]]:
    return {name: (content, "image/jpeg") for name, content in (files or {}).items()}
