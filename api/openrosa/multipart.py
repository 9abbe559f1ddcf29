"""Take an OpenRosa upload apart as it streams in: the XML into memory, media chunk by chunk into the media folder.

Nothing is half-kept: media are made durable only when the whole upload is there and in order, and what was staged
before that is discarded, also when the client goes away. What the XML means is for sync.receive.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyio import to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.openrosa.disposition import PartHead, read_part_head, safe_file_name
from api.openrosa.refusal import UploadRefused
from forms.instance import MAX_XML_BYTES
from forms.submission import Attachment
from forms.text import Bilingual
from store.media import MediaFolder, StagedMedium

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

XML_PART = "xml_submission_file"
INCOMPLETE_PART = "*isIncomplete*"
"""The field by which Collect says that more POSTs with media of the same submission follow."""

_FLUSH_BYTES = 262_144
# RFC 2046 allows 70; the parser takes 256.
_MAX_BOUNDARY = 200


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Bounds of one upload, in bytes and numbers."""

    total_bytes: int = 100_000_000
    xml_bytes: int = MAX_XML_BYTES
    field_bytes: int = 65_536
    parts: int = 500
    headers_per_part: int = 16
    header_bytes: int = 8_192


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload, whole: the XML as sent and its media, whose bytes are durable in the media folder."""

    xml: bytes
    attachments: tuple[Attachment, ...]
    is_incomplete: bool


async def read_upload(
    chunks: AsyncIterator[bytes], content_type: str, media: MediaFolder, limits: UploadLimits
) -> Upload:
    """Return the upload once all of it has arrived and its media are on disk.

    Blocking disk work runs in threads; a submission without media needs none.
    Raises UploadRefused for what breaks the protocol or exceeds a limit.
    """
    boundary = _boundary(content_type)
    with ExitStack() as staged:
        parts = _Parts(limits, media, staged)
        parser = MultipartParser(
            boundary,
            parts.callbacks(),
            max_header_count=limits.headers_per_part,
            max_header_size=limits.header_bytes,
        )
        received = 0
        async for chunk in chunks:
            received += len(chunk)
            if received > limits.total_bytes:
                raise too_large(limits.total_bytes)
            try:
                parser.write(chunk)
            except FormParserError as error:
                raise _not_multipart() from error
            if parts.unwritten_bytes >= _FLUSH_BYTES:
                await to_thread.run_sync(parts.write_out)
        xml = parts.xml_of_whole()
        attachments = await to_thread.run_sync(parts.keep) if parts.has_media else ()
    return Upload(xml, attachments, parts.is_incomplete)


def too_large(limit: int) -> UploadRefused:
    """Return the refusal of an upload of more bytes than this."""
    return UploadRefused.too_large(
        Bilingual(
            f"The upload is larger than {limit:,} bytes. Nothing of it was kept; your device still has it. "
            "Ask the survey manager to raise the limit, or take the media in a smaller size.",
            f"L'envoi dépasse {limit:,} octets. Rien n'en a été conservé ; votre appareil l'a toujours. "
            "Demandez au responsable de l'enquête de relever la limite, ou prenez les médias en plus petite taille.",
        )
    )


@dataclass
class _MediumPart:
    """A medium as it arrives: bytes not yet written, the staged file once there is one, and whether all has come."""

    name: str
    content_type: str | None
    unwritten: bytearray = field(default_factory=bytearray)
    staged: StagedMedium | None = None
    is_whole: bool = False


class _Parts:
    """Receives the parser's calls: decides where each part's bytes go, and holds what came of them."""

    def __init__(self, limits: UploadLimits, media: MediaFolder, staged: ExitStack) -> None:
        self.is_incomplete = False
        self.has_media = False
        self.unwritten_bytes = 0
        self._limits = limits
        self._folder = media
        self._arriving: deque[_MediumPart] = deque()
        self._arrived: list[tuple[_MediumPart, StagedMedium]] = []
        self._staged = staged
        self._count = 0
        self._ended = False
        self._headers: dict[bytes, bytes] = {}
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._head: PartHead | None = None
        self._medium: _MediumPart | None = None
        self._text = bytearray()
        self._xml: bytes | None = None

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin_part,
            "on_header_begin": self._begin_header,
            "on_header_field": self._take_header_name,
            "on_header_value": self._take_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._take_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def xml_of_whole(self) -> bytes:
        """Return the XML part; raises UploadRefused if the upload broke off or there is none."""
        if not self._ended:
            raise UploadRefused.malformed(
                Bilingual(
                    "The upload breaks off before its end; nothing of it was kept. Send it again.",
                    "L'envoi s'interrompt avant la fin ; rien n'en a été conservé. Envoyez-le de nouveau.",
                )
            )
        if self._xml is None:
            raise UploadRefused.malformed(
                Bilingual(
                    f"The upload has no part {XML_PART}, which holds the submission.",
                    f"L'envoi n'a pas de partie {XML_PART}, qui contient la soumission.",
                )
            )
        return self._xml

    def write_out(self) -> None:
        """Write what has come of each medium to its staged file; of one that is whole, let go of the handle. Blocks."""
        while self._arriving:
            medium = self._arriving[0]
            if medium.staged is None:
                medium.staged = self._staged.enter_context(self._folder.stage())
            medium.staged.write(bytes(medium.unwritten))
            medium.unwritten.clear()
            if not medium.is_whole:
                break
            medium.staged.seal()
            self._arrived.append((self._arriving.popleft(), medium.staged))
        self.unwritten_bytes = 0

    def keep(self) -> tuple[Attachment, ...]:
        """Make the media durable. Blocks. Raises UploadRefused where one name stands for two contents."""
        self.write_out()
        attachments: dict[str, Attachment] = {}
        for medium, staged in self._arrived:
            kept = staged.keep()
            attachment = Attachment(medium.name, kept.sha256, kept.size, medium.content_type)
            if attachments.setdefault(medium.name, attachment).sha256 != kept.sha256:
                raise UploadRefused.malformed(
                    Bilingual(
                        f"The upload holds two different files named {medium.name}; it is not known which one is "
                        "meant. Nothing was kept.",
                        f"L'envoi contient deux fichiers différents nommés {medium.name} ; on ne sait pas lequel est "
                        "le bon. Rien n'a été conservé.",
                    )
                )
        return tuple(attachments.values())

    def _begin_part(self) -> None:
        self._count += 1
        if self._count > self._limits.parts:
            raise UploadRefused.too_large(
                Bilingual(
                    f"The upload has more than {self._limits.parts} parts. Send the media in several uploads, each "
                    "with the same XML.",
                    f"L'envoi compte plus de {self._limits.parts} parties. Envoyez les médias en plusieurs fois, "
                    "chaque fois avec le même XML.",
                )
            )
        self._headers = {}
        self._head = None
        self._medium = None
        self._text = bytearray()

    def _begin_header(self) -> None:
        self._header_name = bytearray()
        self._header_value = bytearray()

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[bytes(self._header_name).lower()] = bytes(self._header_value)

    def _begin_content(self) -> None:
        head = read_part_head(self._headers)
        self._head = head
        if head.name != XML_PART and head.file_name is not None:
            self._medium = _MediumPart(safe_file_name(head.file_name or head.name), head.content_type)
            self.has_media = True
            self._arriving.append(self._medium)

    def _take_content(self, data: bytes, start: int, end: int) -> None:
        if self._medium is not None:
            self._medium.unwritten += data[start:end]
            self.unwritten_bytes += end - start
            return
        self._text += data[start:end]
        is_xml = self._head is not None and self._head.name == XML_PART
        limit = self._limits.xml_bytes if is_xml else self._limits.field_bytes
        if len(self._text) > limit:
            what = XML_PART if is_xml else "a plain field"
            what_fr = XML_PART if is_xml else "un champ simple"
            raise UploadRefused.too_large(
                Bilingual(
                    f"In the upload, {what} is larger than {limit:,} bytes. Nothing was kept; your device still has "
                    "the submission.",
                    f"Dans l'envoi, {what_fr} dépasse {limit:,} octets. Rien n'a été conservé ; votre appareil a "
                    "toujours la soumission.",
                )
            )

    def _end_part(self) -> None:
        if self._medium is not None:
            self._medium.is_whole = True
        elif self._head is not None and self._head.name == XML_PART:
            xml = bytes(self._text)
            if self._xml is not None and self._xml != xml:
                raise UploadRefused.malformed(
                    Bilingual(
                        f"The upload has two parts {XML_PART} that differ: one upload is one submission.",
                        f"L'envoi a deux parties {XML_PART} qui diffèrent : un envoi est une seule soumission.",
                    )
                )
            self._xml = xml
        elif self._head is not None and self._head.name == INCOMPLETE_PART:
            self.is_incomplete = self._text.strip().lower() == b"yes"

    def _end(self) -> None:
        self._ended = True


def _boundary(content_type: str) -> bytes:
    media_type, parameters = parse_options_header(content_type)
    boundary = parameters.get(b"boundary", b"")
    if media_type.lower() != b"multipart/form-data":
        raise UploadRefused.malformed(
            Bilingual(
                f"A submission is sent as multipart/form-data with a part {XML_PART}.",
                f"Une soumission s'envoie en multipart/form-data avec une partie {XML_PART}.",
            )
        )
    if not 1 <= len(boundary) <= _MAX_BOUNDARY:
        raise UploadRefused.malformed(
            Bilingual(
                f"The Content-Type of the upload needs a boundary of 1 to {_MAX_BOUNDARY} characters.",
                f"Le Content-Type de l'envoi demande un « boundary » de 1 à {_MAX_BOUNDARY} caractères.",
            )
        )
    return boundary


def _not_multipart() -> UploadRefused:
    return UploadRefused.malformed(
        Bilingual(
            "The upload is not well-formed multipart/form-data; nothing of it was kept.",
            "L'envoi n'est pas du multipart/form-data bien formé ; rien n'en a été conservé.",
        )
    )
