"""Session tokens on disk, so that a run does not sign in where the run before it did.

Central's password check is slow on purpose. Signing in is `session`'s.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Token:
    """A session of Central. expires_at: aware."""

    text: str = field(repr=False)
    expires_at: datetime


class TokenShelf:
    """The token of one account on one server, in a file that only its owner may read; no password ever is.

    folder None: nothing is written, and nothing found.
    """

    def __init__(self, folder: Path | None, address: str, username: str) -> None:
        # The name says neither server nor account to whoever lists the folder.
        name = hashlib.sha256(f"{address}\n{username}".encode()).hexdigest()
        self._file = None if folder is None else folder / f"{name}.json"

    def find(self) -> Token | None:
        """Return what was kept, expired or not; None where there is nothing that can be read."""
        if self._file is None:
            return None
        try:
            kept = json.loads(self._file.read_bytes())
            token, expires_at = kept["token"], datetime.fromisoformat(kept["expiresAt"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Token(token, expires_at) if isinstance(token, str) and expires_at.tzinfo is not None else None

    def keep(self, token: Token) -> None:
        """Write it in one deed: another run reads the old one or the new one, never half of one.

        A disk that takes nothing costs a sign-in each run, and no pull.
        """
        if self._file is not None:
            with suppress(OSError):
                _write(self._file, json.dumps({"token": token.text, "expiresAt": token.expires_at.isoformat()}))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes files of mode 0600.
    descriptor, begun = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(begun).replace(file)
    except BaseException:
        Path(begun).unlink(missing_ok=True)
        raise
