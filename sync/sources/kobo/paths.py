"""Where things stand in KoboToolbox's API v2, every part percent-encoded."""

from typing import Final
from urllib.parse import quote

ASSETS: Final = "/api/v2/assets/"
IMPORTS: Final = "/api/v2/imports/"


def asset_path(uid: str) -> str:
    """The asset of that uid, which may be whatever a person typed."""
    return f"{ASSETS}{_encoded(uid)}/"


def versions_path(uid: str) -> str:
    """The versions of an asset that were deployed."""
    return f"{asset_path(uid)}versions/"


def history_path(uid: str) -> str:
    """What was done to an asset and its records, by whom and when."""
    return f"{asset_path(uid)}history/"


def files_path(uid: str) -> str:
    """The files that go out beside an asset's form."""
    return f"{asset_path(uid)}files/"


def file_path(uid: str, file_uid: str) -> str:
    """One of them; with `content/` behind it, its bytes."""
    return f"{files_path(uid)}{_encoded(file_uid)}/"


def data_path(uid: str) -> str:
    """The records of an asset."""
    return f"{asset_path(uid)}data/"


def record_path(uid: str, record_id: int | str) -> str:
    """One record, by its `_id`."""
    return f"{data_path(uid)}{_encoded(str(record_id))}/"


def attachment_path(uid: str, record_id: str, attachment: str) -> str:
    """A file of a record, by its uid, or its number on older servers."""
    return f"{record_path(uid, record_id)}attachments/{_encoded(attachment)}/"


def _encoded(part: str) -> str:
    return quote(part, safe="")
