"""What a new workbook is made of: the workbook, and the files that go beside it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Starter:
    """A new workbook, and name to content of the files that go beside it."""

    form_id: str
    workbook: bytes
    files: Mapping[str, bytes]
