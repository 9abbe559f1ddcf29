"""A simulated KoboToolbox: state, what people do to it, and its API, as recorded in tests/replies/kobo.

    server = KoboServer()
    owner = server.add_user("meal_officer")
    asset = server.add_asset("meal_officer", "Household baseline", content_of(rows, choices))
    record = server.submit(asset, xml)
    session.mount("https://", adapter_for(server, faults, log))

What it does not do: exports, reports, hooks of its own accord, paired data, supplements, Enketo, digest sign-in.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from servers import kobo_assets, kobo_data, kobo_openrosa, kobo_publish, kobo_rights
from servers.clock import Clock
from servers.kobo_asset import ANONYMOUS, Asset
from servers.kobo_deeds import Deeds
from servers.kobo_http import Asked, Refusal, refused, user_of
from servers.kobo_record import Record
from servers.kobo_state import Switches
from servers.reply import Reply, Request

Answer = Callable[..., Reply]

_ASSET = r"/api/v2/assets/(\w+)"
_READ = "GET, HEAD, OPTIONS"
_MAKE = "GET, POST, HEAD, OPTIONS"
_RECORD = "GET, DELETE, HEAD, OPTIONS"
_CHANGE = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
_BULK = "PATCH, DELETE, OPTIONS"


def _routes() -> list[tuple[re.Pattern[str], str, dict[str, Answer]]]:
    """Path, what `Allow` says of it in the recordings, and who answers which method."""
    data, assets, publish, openrosa, rights = kobo_data, kobo_assets, kobo_publish, kobo_openrosa, kobo_rights
    table: list[tuple[str, str, dict[str, Answer]]] = [
        (r"/token/", "GET, POST, DELETE, HEAD, OPTIONS", {"GET": publish.token}),
        (r"/me/", "GET, PATCH, DELETE, HEAD, OPTIONS", {"GET": publish.me}),
        (r"/api/v2/imports/", _MAKE, {"POST": publish.import_form}),
        (r"/api/v2/imports/(\w+)/", _READ, {"GET": publish.imported}),
        (r"/api/v2/assets/", _MAKE, {"GET": assets.listed, "POST": publish.create_asset}),
        (r"/api/v2/assets/hash/", _READ, {"GET": assets.hashed}),
        (_ASSET + "/", _CHANGE, {"GET": assets.detail, "PATCH": assets.detail}),
        (_ASSET + "/versions/", _MAKE, {"GET": assets.versions}),
        (_ASSET + r"/versions/(\w+)/", _CHANGE, {"GET": assets.version}),
        (_ASSET + "/deployment/", "GET, POST, PATCH, HEAD, OPTIONS", _each(publish.deployment, "GET", "POST", "PATCH")),
        (_ASSET + "/files/", _MAKE, _each(publish.files, "GET", "POST")),
        (_ASSET + r"/files/(\w+)/", _RECORD, _each(publish.file, "GET", "DELETE")),
        (_ASSET + r"/files/(\w+)/content/", _READ, {"GET": publish.file_content}),
        (_ASSET + "/history/", _READ, {"GET": assets.history}),
        (_ASSET + "/history/actions/", _READ, {"GET": assets.history_actions}),
        (_ASSET + "/permission-assignments/", _MAKE, _each(rights.permission_assignments, "GET", "POST")),
        (_ASSET + "/permission-assignments/bulk/", "POST, DELETE, OPTIONS", {"POST": rights.replace_permissions}),
        (_ASSET + "/counts/", _READ, {"GET": data.counts}),
        (_ASSET + r"/data(?:/|\.json)", _READ, {"GET": data.listed}),
        (_ASSET + "/data/bulk/", _BULK, _each(data.bulk, "PATCH", "DELETE")),
        (_ASSET + "/data/validation_statuses/", _BULK, _each(data.validation_statuses, "PATCH", "DELETE")),
        (_ASSET + "/attachments/bulk/", "DELETE", {"DELETE": data.delete_attachments}),
        (_ASSET + r"/data/([\w:-]+)/", _RECORD, _each(data.one, "GET", "DELETE")),
        (_ASSET + r"/data/([\w:-]+)/attachments/", _READ, {"GET": data.attachment_of_question}),
        (_ASSET + r"/data/([\w:-]+)/attachments/(\w+)/(?:(?:large|medium|small)/)?", _READ, {"GET": data.attachment}),
        (
            _ASSET + r"/data/([\w:-]+)/validation_status/",
            "GET, PATCH, DELETE, HEAD, OPTIONS",
            _each(data.validation_status, "GET", "PATCH", "DELETE"),
        ),
        (_ASSET + r"/data/([\w:-]+)/duplicate/", "POST, OPTIONS", {"POST": data.duplicate}),
        (r"/submission", "POST, HEAD, OPTIONS", {"POST": openrosa.submission, "HEAD": openrosa.head}),
        (r"/(\w+)/submission", "POST, HEAD, OPTIONS", {"POST": openrosa.submission}),
        (r"/api/v1/.*|/assets/|/imports/", "OPTIONS", _each(openrosa.gone, "GET", "POST")),
    ]
    return [(re.compile(pattern), allow, answers) for pattern, allow, answers in table]


def _not_allowed(asked: Asked, *_found: str) -> Reply:
    raise Refusal(405, {"detail": f'Method "{asked.request.method}" not allowed.'})


def _each(answer: Answer, *methods: str) -> dict[str, Answer]:
    return dict.fromkeys(methods, answer)


class KoboServer(Deeds):
    """A KoboToolbox in this process; `handle` is its API. May be asked by several threads, one at a time."""

    def __init__(
        self, clock: Clock | None = None, host: str = "kf.kobo.test", switches: Switches | None = None
    ) -> None:
        kc_host = host.replace("kf.", "kc.", 1)
        super().__init__(clock=clock or Clock(), host=host, kc_host=kc_host, switches=switches or Switches())
        self._routes = _routes()

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({self.host, self.kc_host})

    @property
    def address(self) -> str:
        """What people configure."""
        return f"https://{self.host}"

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        request = Request.of(method, url, headers, body)
        if len(url) - len(request.base) > self.switches.longest_url:
            return Reply(414, {"Content-Type": "text/html"}, b"<h1>414 Request-URI Too Large</h1>")
        with self.lock:
            for pattern, allow, answers in self._routes:
                if match := pattern.fullmatch(request.path):
                    return self._answer(request, allow, answers, match.groups())
        return Reply(404, {"Content-Type": "text/html; charset=utf-8"}, b"<h1>Not Found</h1>")

    def _answer(self, request: Request, allow: str, answers: Mapping[str, Answer], found: tuple[str, ...]) -> Reply:
        asked = Asked(self, request, ANONYMOUS, allow)
        try:
            asked = Asked(self, request, user_of(self, request), allow)
            method = "GET" if request.method == "HEAD" and "HEAD" not in answers else request.method
            return answers.get(method, _not_allowed)(asked, *found)
        except Refusal as refusal:
            return refused(asked, refusal)

    def hook_payload(self, asset: Asset, record: Record, base: str | None = None) -> dict[str, Any]:
        """What a REST service of the project would be sent of a record: as `/data/` shows it, no envelope (110)."""
        return dict(asset.shown(record, base or self.address))
