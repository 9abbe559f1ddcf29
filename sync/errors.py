"""Errors of what comes in and goes out that only sync can raise."""

from collections.abc import Sequence

from forms.errors import FormError, JekafoError
from forms.text import Bilingual


class FormFilesMissing(FormError):
    """A form names media or data files that did not come with it; `names` lists them."""

    def __init__(self, form_id: str, names: Sequence[str]) -> None:
        listed = ", ".join(names)
        super().__init__(
            Bilingual(
                f"Form {form_id} names files that were not given: {listed}. Publish it together with them; tablets "
                "would otherwise ask questions without their choices or pictures.",
                f"Le formulaire {form_id} cite des fichiers qui n'ont pas été fournis : {listed}. Publiez-le avec "
                "eux ; sinon les tablettes poseraient des questions sans leurs choix ni leurs images.",
            )
        )
        self.names = tuple(names)


class SourceError(JekafoError):
    """Another server did not give or take what it should.

    status: of its HTTP reply, None where there was none. detail: its own words about it, shortened and without
    secrets, None where it had none.
    """

    def __init__(self, message: Bilingual, *, status: int | None = None, detail: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail


class SourceUnknown(SourceError):
    """No source of that name or kind is configured here."""


class SourceUnavailable(SourceError):
    """It may work later: no connection, a timeout, a server that is overloaded or broken. Try again, with patience."""


class SourceRefused(SourceError):
    """A person acts: the key is wrong, or has no right to this."""


class SourceReplyUnexpected(SourceError):
    """The reply is not what the protocol promises: our reading of it is wrong, or the address is."""


class SourceReplyTooLarge(SourceReplyUnexpected):
    """The reply has more bytes than are read into memory; asking for less at once may help."""
