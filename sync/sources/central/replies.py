"""What Central's JSON replies must look like before anything is read from them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from forms.text import Bilingual
from sync.errors import SourceReplyUnexpected

FORM: Final = Bilingual("a form", "un formulaire")
FORM_FILES: Final = Bilingual("the files of a form", "les fichiers d'un formulaire")


def object_of(reply: Any, what: Bilingual) -> Mapping[str, Any]:
    """Return the JSON object that a reply is; raises SourceReplyUnexpected for anything else. what: it describes."""
    if not isinstance(reply, dict):
        raise unexpected(what)
    return reply


def objects_of(reply: Any, what: Bilingual) -> Sequence[Mapping[str, Any]]:
    """Return the list of JSON objects that a reply is; raises SourceReplyUnexpected for anything else."""
    if not isinstance(reply, list) or not all(isinstance(entry, dict) for entry in reply):
        raise unexpected(what)
    return reply


def unexpected(what: Bilingual) -> SourceReplyUnexpected:
    """Return the error for a reply that cannot be relied on. what: it describes, without anybody's answers."""
    return SourceReplyUnexpected(
        Bilingual(
            f"ODK Central described {what.en} in a shape that is not known here. Nothing of it was used. Check that "
            "the address is that of an ODK Central; if it is, report this with the server's version.",
            f"ODK Central a décrit {what.fr} sous une forme inconnue ici. Rien n'en a été utilisé. Vérifiez que "
            "l'adresse est celle d'un ODK Central ; si c'est le cas, signalez-le avec la version du serveur.",
        )
    )
