"""The bytes of a reply as they come: whole or in pieces, never fewer than were promised, never without end."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import requests
from urllib3 import HTTPResponse

from sync.http.failures import ReplyBroken

_LENGTH: Final = re.compile(r"\d{1,18}", re.ASCII)
CHUNK_BYTES: Final = 65_536
STALLED_BYTES: Final = 1_024
"""Fewer in a whole window of waiting is a stalled download: a server that drips holds a thread for ever."""


def whole(
    response: requests.Response, *, until: datetime, clock: Callable[[], datetime], most: int | None = None
) -> bytes:
    """Return the body, or its first `most` bytes (about). Raises ReplyBroken where it is cut, or late."""
    body = bytearray()
    for piece in _pieces(response):
        body += piece
        if clock() > until:
            response.close()
            raise ReplyBroken
        if most is not None and len(body) >= most:
            response.close()
            return bytes(body)
    _check_length(response, len(body))
    return bytes(body)


def moving(response: requests.Response, *, window_seconds: float, clock: Callable[[], datetime]) -> Iterator[bytes]:
    """Give the body in pieces. Raises ReplyBroken where it is cut, or hardly moves for a window of time."""
    window = timedelta(seconds=window_seconds)
    total, since, total_then = 0, clock(), 0
    for piece in _pieces(response):
        total += len(piece)
        yield piece
        now = clock()
        if now - since >= window:
            if total - total_then < STALLED_BYTES:
                response.close()
                raise ReplyBroken
            since, total_then = now, total
    _check_length(response, total)


def is_encoded(response: requests.Response) -> bool:
    """Whether the bytes were compressed on the way; then `Content-Length` is not that of what we read."""
    return response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity")


def promised_bytes(headers: Mapping[str, str]) -> int | None:
    """Return what `Content-Length` says; None where it says nothing that can be a length."""
    promised = _LENGTH.fullmatch(headers.get("Content-Length", "").strip())
    return int(promised[0]) if promised else None


def _pieces(response: requests.Response) -> Iterator[bytes]:
    raw = response.raw
    if not isinstance(raw, HTTPResponse):
        yield from response.iter_content(CHUNK_BYTES)
        return
    # read1, not stream: that one waits until a chunk is full, and with it no clock is looked at while bytes drip.
    while piece := raw.read1(CHUNK_BYTES, decode_content=True):
        yield piece


def _check_length(response: requests.Response, found: int) -> None:
    promised = promised_bytes(response.headers)
    if promised is not None and not is_encoded(response) and found < promised:
        raise ReplyBroken
