"""The files of a record: KoboToolbox's `_attachments`, under the names that the answers give them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forms.submission import Answers
from sync.source import RemoteMedium


def media_of(attachments: Iterable[Mapping[str, Any]], answers: Answers) -> tuple[RemoteMedium, ...]:
    """Return the media of a record, each name once, in the server's order.

    A file is named as the answer at its `question_xpath` names it: the server's own name for it may have grown a
    suffix. Where several claim one question (an edit replaced the picture), only the one that bears the answer's name
    does; the others keep the server's. Of two with one name, the one that is there counts, else the later.
    """
    listed = list(attachments)
    claims: dict[str, int] = {}
    for attachment in listed:
        if (xpath := _xpath(attachment)) is not None and not attachment.get("is_deleted"):
            claims[xpath] = claims.get(xpath, 0) + 1
    media: dict[str, RemoteMedium] = {}
    for attachment in listed:
        medium = _medium(attachment, answers, is_alone=claims.get(_xpath(attachment) or "", 0) <= 1)
        if medium is not None and (medium.name not in media or medium.is_there or not media[medium.name].is_there):
            media[medium.name] = medium
    return tuple(media.values())


def text_at(answers: Answers, xpath: str) -> str | None:
    """Return the answer at a path with positions in repeats (`hh/member[2]/photo`); None where there is none."""
    row: Mapping[str, Any] = answers
    path = ""
    value: Any = None
    for step in xpath.split("/"):
        name, _, position = step.partition("[")
        path = f"{path}/{name}" if path else name
        value = row.get(path)
        if isinstance(value, Sequence) and not isinstance(value, str):
            at = int(position[:-1]) if position[:-1].isdecimal() else 1
            value = value[at - 1] if 1 <= at <= len(value) else None
            row = value if isinstance(value, Mapping) else {}
    return value if isinstance(value, str) and value else None


def _medium(attachment: Mapping[str, Any], answers: Answers, *, is_alone: bool) -> RemoteMedium | None:
    stored = str(attachment.get("media_file_basename") or str(attachment.get("filename") or "").rpartition("/")[2])
    xpath = _xpath(attachment)
    named = text_at(answers, xpath) if xpath is not None else None
    name = named if named is not None and (is_alone or _bears(stored, named)) else stored
    remote_id = str(attachment.get("uid") or attachment.get("id") or "")  # before 2025, `id` alone
    if not name:
        return None
    return RemoteMedium(
        name=name,
        remote_id=remote_id,
        content_type=str(attachment["mimetype"]) if attachment.get("mimetype") else None,
        is_there=bool(remote_id) and not attachment.get("is_deleted"),
    )


def _xpath(attachment: Mapping[str, Any]) -> str | None:
    xpath = attachment.get("question_xpath")
    return xpath if isinstance(xpath, str) and xpath else None


def _bears(stored: str, named: str) -> bool:
    """Whether the server's name is the answer's, with or without a suffix that made it unique."""
    stem, dot, extension = named.rpartition(".")
    return (
        stored == named
        or re.fullmatch(f"{re.escape(stem)}_[A-Za-z0-9]+{re.escape(dot + extension)}", stored) is not None
    )
