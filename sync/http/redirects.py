"""The errors for links and redirects that are not followed.

where: name and host of the server. asked: method and path of the request.
"""

from forms.text import Bilingual
from sync.errors import SourceRefused, SourceReplyUnexpected
from sync.http.origins import Origin, host_of


def elsewhere(where: str, asked: str, url: str) -> SourceRefused:
    """Return the error for a link or redirect to a host that is none of the server's."""
    host = host_of(url)
    return SourceRefused(
        Bilingual(
            f"{where} leads us elsewhere ({asked}), to {_origin(url)}. The key is not sent there. If it is the same "
            f"server, add {host} to the hosts of this source; if its address is out of date, correct it.",
            f"{where} nous mène ailleurs ({asked}), vers {_origin(url)}. La clé n'y est pas envoyée. Si c'est le même "
            f"serveur, ajoutez {host} aux hôtes de cette source ; si son adresse a changé, corrigez-la.",
        )
    )


def redirected_write(where: str, asked: str, url: str) -> SourceRefused:
    """Return the error for a write that the server would have elsewhere: sent on, it may arrive as something else."""
    return SourceRefused(
        Bilingual(
            f"{where} has another address by now ({asked} was sent on to {_origin(url)}). Nothing was written; put "
            "the new address in the settings of this source.",
            f"{where} a désormais une autre adresse ({asked} a été renvoyé vers {_origin(url)}). Rien n'a été écrit ; "
            "mettez la nouvelle adresse dans les réglages de cette source.",
        )
    )


def in_circles(where: str, asked: str) -> SourceReplyUnexpected:
    """Return the error for redirects that do not end."""
    return SourceReplyUnexpected(
        Bilingual(
            f"{where} sends {asked} on from address to address without end. Check the address in the settings.",
            f"{where} renvoie {asked} d'adresse en adresse sans fin. Vérifiez l'adresse dans les réglages.",
        )
    )


def _origin(url: str) -> str:
    """Scheme, host and port of a URL, for messages."""
    origin = Origin.of(url)
    return str(origin) if origin else host_of(url)
