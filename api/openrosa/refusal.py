"""An upload that is refused before it becomes a submission: the client keeps it, and hears why."""

from enum import IntEnum

from forms.errors import JekafoError
from forms.text import Bilingual


class Status(IntEnum):
    """The status codes of the OpenRosa submission protocol that a refusal may carry."""

    BAD_REQUEST = 400
    TOO_LARGE = 413


class UploadRefused(JekafoError):
    """Not a submission that can be taken: `status` says whether it is malformed or too large."""

    def __init__(self, status: Status, message: Bilingual) -> None:
        super().__init__(message)
        self.status = status

    @classmethod
    def malformed(cls, message: Bilingual) -> "UploadRefused":
        """Return the refusal of what breaks the protocol."""
        return cls(Status.BAD_REQUEST, message)

    @classmethod
    def too_large(cls, message: Bilingual) -> "UploadRefused":
        """Return the refusal of what exceeds a limit."""
        return cls(Status.TOO_LARGE, message)
