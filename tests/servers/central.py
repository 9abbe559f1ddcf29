"""A simulated ODK Central v2026.2: `handle` answers as the recorded server did, deeds are what its people do.

    server = CentralServer(clock)
    project = server.add_project("Household survey 2026")
    form = server.add_form(project, household_form(1))
    root_id = server.submit(xml, {"photo1.jpg": b"…"}, device_id="collect:1")
    server.review(root_id, "approved")

Its state and the deeds are in `central_state`, what it takes in `central_intake`, its answers by subject in the
modules beside it. Not simulated: entities, exports, OData sub-tables, public links, Enketo, encryption.

No 200 was recorded of a project, a project's list of forms, one version of a form, a published form's files or a
draft's XML: they are shaped after their recorded neighbours. Nor was `submission.purge` in the audits: that it names no
submission is what Central's own tests say. Answers to lists come in one piece here, from the real server in chunks.
"""

import base64
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from servers import central_accounts as accounts
from servers import central_form_routes as forms
from servers import central_odata as odata
from servers import central_openrosa as openrosa
from servers import central_submissions as submissions
from servers.central_http import MAX_JSON_BYTES, Ask, finished, problem_reply
from servers.central_people import RECORDED, TOKEN_LENGTH, Actor
from servers.central_problem import Problem, basic_needs_https, forbidden, not_authenticated, not_found
from servers.central_state import ADMIN_EMAIL, ADMIN_PASSWORD, CentralState
from servers.clock import Clock
from servers.reply import Reply, Request

__all__ = ["ADMIN_EMAIL", "ADMIN_PASSWORD", "CentralServer", "household_form"]

Answer = Callable[[Ask], Reply]

_FORM = "/projects/{project}/forms/{form}"
_ONE = f"{_FORM}/submissions/{{id}}"
_ROUTES: tuple[tuple[str, str, Answer], ...] = (
    ("POST", "/sessions", accounts.signed_in),
    ("DELETE", "/sessions/{token}", accounts.signed_out),
    ("GET", "/users/current", accounts.current_user),
    ("GET", "/roles", accounts.roles),
    ("GET", "/audits", submissions.audits),
    ("GET", "/projects", accounts.projects),
    ("POST", "/projects", accounts.project_created),
    ("GET", "/projects/{project}", accounts.project),
    ("GET", "/projects/{project}/app-users", accounts.app_users),
    ("POST", "/projects/{project}/app-users", accounts.app_user_created),
    ("GET", "/projects/{project}/forms", forms.listed),
    ("POST", "/projects/{project}/forms", forms.created),
    ("POST", f"{_FORM}/assignments/app-user/{{actor}}", accounts.app_user_assigned),
    ("GET", f"{_FORM}/draft", forms.draft),
    ("POST", f"{_FORM}/draft", forms.draft_opened),
    ("DELETE", f"{_FORM}/draft", forms.draft_abandoned),
    ("GET", f"{_FORM}/draft.xml", forms.draft_xml),
    ("GET", f"{_FORM}/draft/attachments", forms.draft_attachments),
    ("POST", f"{_FORM}/draft/attachments/{{name}}", forms.draft_attachment_put),
    ("POST", f"{_FORM}/draft/publish", forms.draft_published),
    ("GET", f"{_FORM}/versions", forms.versions),
    ("GET", f"{_FORM}/versions/{{version}}.xml", forms.version_xml),
    ("GET", f"{_FORM}/versions/{{version}}.xlsx", forms.version_workbook),
    ("GET", f"{_FORM}/versions/{{version}}", forms.version),
    ("GET", f"{_FORM}/versions/{{version}}/fields", forms.version_fields),
    ("GET", f"{_FORM}/versions/{{version}}/attachments", forms.version_attachments),
    ("GET", f"{_FORM}/versions/{{version}}/attachments/{{name}}", forms.version_attachment),
    ("GET", f"{_FORM}/fields", forms.fields),
    ("GET", f"{_FORM}/attachments", forms.attachments),
    ("GET", f"{_FORM}/attachments/{{name}}", forms.attachment),
    ("GET", f"{_FORM}/submissions", submissions.listed),
    ("POST", f"{_FORM}/submissions", submissions.created),
    ("GET", f"{_ONE}.xml", submissions.xml),
    ("GET", _ONE, submissions.got),
    ("PUT", _ONE, submissions.replaced),
    ("PATCH", _ONE, submissions.reviewed),
    ("DELETE", _ONE, submissions.deleted),
    ("POST", f"{_ONE}/restore", submissions.restored),
    ("GET", f"{_ONE}/comments", submissions.comments),
    ("POST", f"{_ONE}/comments", submissions.commented),
    ("GET", f"{_ONE}/audits", submissions.submission_audits),
    ("GET", f"{_ONE}/versions", submissions.versions),
    ("GET", f"{_ONE}/versions/{{version}}.xml", submissions.version_xml),
    ("GET", f"{_ONE}/versions/{{version}}", submissions.version),
    ("GET", f"{_ONE}/versions/{{version}}/attachments", submissions.version_attachments),
    ("GET", f"{_ONE}/versions/{{version}}/attachments/{{name}}", submissions.version_attachment),
    ("GET", f"{_ONE}/attachments", submissions.attachments),
    ("GET", f"{_ONE}/attachments/{{name}}", submissions.attachment),
    ("POST", f"{_ONE}/attachments/{{name}}", submissions.put_attachment),
    ("DELETE", f"{_ONE}/attachments/{{name}}", submissions.clear_attachment),
    ("GET", f"{_FORM}.xml", forms.xml),
    ("GET", f"{_FORM}.xlsx", forms.workbook),
    ("GET", _FORM, forms.got),
    ("PATCH", _FORM, forms.changed),
    ("DELETE", _FORM, forms.removed),
)
_OPENROSA: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/projects/{project}/formList", openrosa.form_list),
    ("GET", f"{_FORM}/manifest", openrosa.manifest),
    ("HEAD", "/projects/{project}/submission", openrosa.asked_for_submission),
    ("POST", "/projects/{project}/submission", openrosa.submitted),
)


def _compiled(routes: tuple[tuple[str, str, Answer], ...]) -> tuple[tuple[str, re.Pattern[str], Answer], ...]:
    def pattern(path: str) -> str:
        text = re.escape(path).replace(r"\{project\}", r"(?P<project>\d+)").replace(r"\{actor\}", r"(?P<actor>\d+)")
        return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", text)

    return tuple((method, re.compile(pattern(path)), answer) for method, path, answer in routes)


_COMPILED, _COMPILED_OPENROSA = _compiled(_ROUTES), _compiled(_OPENROSA)
_ODATA = re.compile(r"/projects/(?P<project>\d+)/forms/(?P<form>[^/]+)\.svc(?P<rest>/.*)?")
_ONE_ROW = re.compile(r"/Submissions\('(?P<id>[^']+)'\)")
_KEY = re.compile(r"/key/(?P<key>[^/]+)(?P<path>/.*)")


def household_form(version: int) -> bytes:
    """The XForm of the recordings, version 1 or 2."""
    return (RECORDED / "forms" / f"household-v{version}.xml").read_bytes()


class CentralServer(CentralState):
    """A Central that a client talks to through `handle`; may be asked by several threads."""

    def __init__(self, clock: Clock, host: str = "central.test") -> None:
        super().__init__(clock)
        self.host = host

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({self.host})

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        request = Request.of(method, url, headers, body)
        with self.turn:
            found = re.fullmatch(r"/v(\d+)(/.*)", request.path)
            if found is None:
                problem = Problem("404.2", "Expected an API version (eg /v1) at the start of the request URL.")
                return finished(request, problem_reply(problem), versioned=False)
            if found[1] != "1":
                problem = Problem(
                    "404.3",
                    f"Unexpected an API version (accepts: 1) (got: {found[1]}).",
                    {"got": found[1]},
                )
                return finished(request, problem_reply(problem), versioned=False)
            ask = Ask(self, request, found[2], "/v1", None, {})
            try:
                _refuse_unreadable_body(ask)
            except Problem as problem:
                return finished(request, problem_reply(problem), versioned=False)
            return finished(request, self._answer(ask), versioned=True)

    def _answer(self, ask: Ask) -> Reply:
        keyed = _KEY.fullmatch(ask.path)
        path = keyed["path"] if keyed else ask.path
        prefix = f"/v1/key/{keyed['key']}" if keyed else "/v1"
        for method, pattern, answer in _COMPILED_OPENROSA:
            found = pattern.fullmatch(path)
            if found is not None and method == ask.method:
                return self._openrosa(ask, keyed["key"] if keyed else None, path, prefix, answer, _names(found))
        is_odata = _ODATA.fullmatch(path)
        headers: dict[str, str] = {}
        try:
            asked = Ask(self, ask.request, path, prefix, self._actor(ask, keyed["key"] if keyed else None), {})
            if is_odata is None:
                return _routed(asked)
            odata.refuse_unknown_options(asked)
            headers = odata.ODATA
            reply = _odata(asked.naming(_names(is_odata)))
            return Reply(reply.status, headers | dict(reply.headers), reply.body)
        except Problem as problem:
            return problem_reply(problem, headers)

    def _openrosa(
        self, ask: Ask, key: str | None, path: str, prefix: str, answer: Answer, names: dict[str, str]
    ) -> Reply:
        let_in = False
        try:
            asked = Ask(self, ask.request, path, prefix, self._actor(ask, key), names)
            openrosa.refuse_wrong_protocol(asked)
            let_in = True
            return answer(asked)
        except Problem as problem:
            return openrosa.problem_reply(problem, let_in=let_in)

    def _actor(self, ask: Ask, key: str | None) -> Actor | None:
        """Who asks; None for nobody. Raises Problem 401.2 for a session that is none, 403.1 for a key that is none."""
        if key is not None:
            if len(key) != TOKEN_LENGTH:
                raise not_authenticated()
            user = self.people.app_users.get(key)
            if user is None:
                raise forbidden()
            return user
        said = ask.request.headers.get("authorization")
        if said is None:
            return None
        kind, _, credential = said.partition(" ")
        if kind == "Bearer":
            session = self.people.session(credential, self.now())
            if session is None:
                raise not_authenticated()
            return session.user
        if kind == "Basic":
            forwarded = ask.request.headers.get("x-forwarded-proto")
            if not ask.request.url.startswith("https:") and forwarded != "https":
                raise basic_needs_https()
            email, _, password = base64.b64decode(credential).decode("utf-8", "replace").partition(":")
            person = self.people.user_of(email)
            if person is None or person.password != password:
                raise not_authenticated()
            return person
        raise not_authenticated()


def _routed(ask: Ask) -> Reply:
    method = "GET" if ask.method == "HEAD" else ask.method
    for wanted, pattern, answer in _COMPILED:
        if wanted == method:
            found = pattern.fullmatch(ask.path)
            if found is not None:
                return answer(ask.naming(_names(found)))
    raise not_found()


def _odata(ask: Ask) -> Reply:
    if ask.method not in {"GET", "HEAD"}:
        raise not_found()
    form = ask.state.form(ask.project_id, ask.names["form"])
    rest = ask.names["rest"]
    ask.require("form.read" if rest in {"", "/$metadata"} else "submission.list", project_id=ask.project_id)
    if rest == "":
        return odata.service_document(ask, form)
    if rest == "/Submissions":
        return odata.submissions(ask, form)
    one = _ONE_ROW.fullmatch(rest)
    if one is not None:
        return odata.one_submission(ask, form, one["id"])
    if rest.startswith("/Submissions."):
        # An unknown table is noticed when its rows would be written: the list's ETag is set by then.
        return odata.unknown_table(form)
    raise not_found()


def _names(found: re.Match[str]) -> dict[str, str]:
    return {name: unquote(value or "") for name, value in found.groupdict().items()}


def _refuse_unreadable_body(ask: Ask) -> None:
    """JSON is read before anything else is looked at. Raises Problem 400.36 and 400.1."""
    if ask.request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return
    if len(ask.request.body) > MAX_JSON_BYTES:
        raise Problem("400.36", "Request body too large.")
    if ask.request.body:
        _ = ask.json
