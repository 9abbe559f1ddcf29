"""Small valid files that stand for what a tablet records: a picture, a sound, a film, a text.

They hold nothing: an even colour, a tone, no frames. `jekafo.fieldwork` uses the same tone for its voices.
"""

import io
import math
import random
import struct
import wave
import zlib
from collections.abc import Sequence

from forms.javarosa.filler import Medium

_TONES = (330.0, 392.0, 440.0)


def recorded(question_type: str, stem: str, dice: random.Random) -> Medium:
    """Return the file a question of this type (`image`, `audio`, `video`, `file`) takes, named by the stem."""
    match question_type:
        case "image":
            return Medium(f"{stem}.png", picture((dice.randrange(256), dice.randrange(256), dice.randrange(256))))
        case "audio":
            return Medium(f"{stem}.wav", tone(dice.choice(_TONES)))
        case "video":
            return Medium(f"{stem}.mp4", film())
        case _:
            return Medium(f"{stem}.txt", b"simulated\n")


def tone(hertz: float, *, seconds: float = 0.25, rate: int = 8000) -> bytes:
    """Return a short WAV of a pure tone: what stands for a voice, which nobody here has."""
    samples: Sequence[int] = [
        round(9000 * math.sin(2 * math.pi * hertz * position / rate)) for position in range(int(seconds * rate))
    ]
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    return sound.getvalue()


def picture(colour: tuple[int, int, int], *, side: int = 16) -> bytes:
    """Return a square PNG of one colour (RGB, 0..255 each)."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = (b"\0" + bytes(colour) * side) * side
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )


def film() -> bytes:
    """Return an MP4 without a track: the two boxes every player asks for (ISO/IEC 14496-12: `ftyp`, `moov/mvhd`)."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    head = struct.pack(">5IIH10x", 0, 0, 0, 1000, 0, 0x10000, 0x100) + matrix + bytes(24) + struct.pack(">I", 1)
    return _box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2mp41") + _box(b"moov", _box(b"mvhd", head))


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content
