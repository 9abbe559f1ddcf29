"""Our own access log: method, path, status, milliseconds; never a key, a query, a name or an address.

uvicorn's own access log must be off (`access_log=False`): it would write the keys in the paths of tablets.
A failure that nobody foresaw is logged here by its kind and place, without its message, which may hold an answer.
"""

import logging
import re
import traceback
from time import monotonic
from urllib.parse import quote

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import failure_answer

log = logging.getLogger("jekafo.access")

# Anywhere in the path: behind a proxy that puts a folder before ours, or misspelt, they are secrets all the same.
_KEY = re.compile(r"(?i)/+key/+[^/]+")
# Whatever follows the source: an encoded slash within a secret stands here as a plain one. And where the source was
# forgotten, the secret stands in its place.
_HOOK = re.compile(r"(?i)(/hooks/+[^/]+/+[^/]+)/.+|(/hooks/+[^/]+)/+[^/]+\Z|(/hooks)/+[^/]+\Z", re.DOTALL)


def redacted(path: str) -> str:
    """Return the path with the secrets that may stand in it blotted out, and on one line whatever it holds."""
    shown = _HOOK.sub(lambda match: f"{match[1] or match[2] or match[3]}/***", _KEY.sub("/key/***", path))
    return quote(shown, safe="/*:@!$&'()+,;=~")


class AccessLog:
    """Logs every answer, and turns a failure into one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and log how."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = monotonic(), 0

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        path = redacted(scope["path"])
        try:
            await self._app(scope, receive, send_noting_status)
        except Exception as failure:  # noqa: BLE001 - the last resort: whatever it is, the client gets an answer
            _log_failure(scope["method"], path, failure)
            if status == 0:
                await failure_answer(Request(scope))(scope, receive, send_noting_status)
        log.info("%s %s %s %.0f ms", scope["method"], path, status, 1000 * (monotonic() - started))


def _log_failure(method: str, path: str, failure: Exception) -> None:
    places = "".join(traceback.format_tb(failure.__traceback__)[-5:])
    log.error("%s %s failed: %s\n%s", method, path, type(failure).__name__, places)
