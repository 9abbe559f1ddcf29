"""Begin to download a file, from where an earlier download broke off (RFC 9110, `Range` and `If-Range`)."""

import re
from collections.abc import Mapping
from typing import Final

from forms.text import Bilingual
from sync.errors import SourceRefused, SourceReplyUnexpected
from sync.http.client import HttpClient, StreamedReply
from sync.http.reply_body import promised_bytes
from sync.source import Download

_PART: Final = re.compile(r"bytes (?P<first>\d{1,18})-\d+/(?P<size>\d{1,18}|\*)", re.ASCII)
_OUT_OF_RANGE: Final = 416


def download_file(client: HttpClient, path: str, *, offset: int, etag: str | None) -> Download:
    """Begin to download; from the first byte where there is no etag, or the file is another or a shorter one by now."""
    if offset == 0 or etag is None:
        return _begun(client, path, {})
    try:
        # If-Range: other bytes than those we hold the beginning of come whole. Servers without ranges send all of it.
        return _begun(client, path, {"Range": f"bytes={offset}-", "If-Range": etag})
    except (SourceRefused, SourceReplyUnexpected) as error:
        if error.status != _OUT_OF_RANGE:
            raise
        return _begun(client, path, {})


def _begun(client: HttpClient, path: str, headers: Mapping[str, str]) -> Download:
    reply = client.stream(path, headers=headers)
    try:
        first, size = _extent(reply)
    except BaseException:
        reply.close()
        raise
    return Download(offset=first, size=size, etag=reply.headers.get("ETag"), chunks=reply.chunks)


def _extent(reply: StreamedReply) -> tuple[int, int | None]:
    """Where the bytes begin, and the size of the whole."""
    if reply.status == 200:
        return 0, promised_bytes(reply.headers)
    part = _PART.fullmatch(reply.headers.get("Content-Range", ""))
    if reply.status != 206 or part is None:
        raise SourceReplyUnexpected(
            Bilingual(
                "A server answered a download with neither the file nor a part that it names. Pull again; report it "
                "with the server's version if it stays.",
                "Un serveur a répondu à un téléchargement par autre chose que le fichier ou une partie désignée. "
                "Relancez la récupération ; si cela persiste, signalez-le avec la version du serveur.",
            ),
            status=reply.status,
        )
    return int(part["first"]), None if part["size"] == "*" else int(part["size"])
