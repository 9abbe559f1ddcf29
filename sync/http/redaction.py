"""Keep secrets out of what people and logs read: the words of servers and libraries, addresses, log records.

Our own messages never hold a secret to begin with; this is for text that others wrote.
"""

import logging
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus, urlsplit

HIDDEN: Final = "…"
_LONGEST_PATH: Final = 160

# Where servers of this field put secrets: ODK Central's app user key and draft token in the path (`/v1/key/…`,
# `/v1/test/…`), its public links' `st`, and whatever stands behind an auth scheme or a telling name.
_IN_PATHS: Final = re.compile(r"/(key|test)/[^/?#\s]+")
# The name of a file that came with a submission is what somebody answered.
_FILES: Final = re.compile(r"(/submissions/[^?#\s]*?/attachments/)[^/?#\s]+")
_QUERY: Final = re.compile(r"\?[^\s\"'<>]+")
_NAMED: Final = re.compile(
    r"(?i)\b(token|access_token|key|api_key|apikey|password|passwd|secret|signature|x-amz-[a-z-]+|st(?==))"
    r"([\"']?\s*[=:]\s*[\"']?)[^\s&,;\"'}]+"
)
# With a digit: "token required" is a sentence, not a secret.
_SCHEMES: Final = re.compile(r"(?i)\b(bearer|token|basic|digest)\s+(?=\S*\d)[a-z0-9+/=_$!~.-]{8,}")
_SIGN_INS: Final = re.compile(r"//[^/@\s]+@")

_LOGGERS: Final = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "urllib3.poolmanager")


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return text of a server or a library without secrets.

    Hidden are the given ones, also percent-encoded, and whatever stands where such servers and libraries put them.
    """
    spelled = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), quote_plus(secret))}
    for secret in sorted(spelled, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _SIGN_INS.sub(f"//{HIDDEN}@", _without_names(text))
    return _SCHEMES.sub(rf"\1 {HIDDEN}", _NAMED.sub(rf"\1\2{HIDDEN}", text))


def spoken_path(url: str) -> str:
    """Return the path of a URL as messages may show it: no query, no key, not without end."""
    path = _without_names(urlsplit(url).path) or "/"
    return path if len(path) <= _LONGEST_PATH else path[: _LONGEST_PATH - 1] + HIDDEN


def _without_names(text: str) -> str:
    return _FILES.sub(rf"\1{HIDDEN}", _IN_PATHS.sub(rf"/\1/{HIDDEN}", text))


def hide_secrets_in_logs() -> None:
    """Have urllib3 log paths without keys and queries; it logs each one at level DEBUG. May be called often."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(kept, _SecretsHidden) for kept in logger.filters):
            logger.addFilter(_SecretsHidden())


class _SecretsHidden(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_logged(part) for part in record.args)
        return True


def _logged(part: object) -> object:
    """An argument of a log record as it may be shown; what holds no secret stays the object it is."""
    text = str(part)
    safe = redacted(_QUERY.sub(f"?{HIDDEN}", text))
    return part if safe == text else safe
