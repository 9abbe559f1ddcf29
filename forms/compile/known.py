"""The shape of what is known here of pyxform's sentences; the sentences are in `forms.compile.sentences`."""

import re
from dataclasses import dataclass

from forms.text import Bilingual


@dataclass(frozen=True)
class KnownSentence:
    """A sentence of pyxform: its code here, what is said for it, and the sheet and column it is about.

    said: a template; {what}, {other} are what the pattern names. What the workbook adds is blank where there is
    nothing to say: {near} asks whether a name that exists was meant, {first} says in which row the same stands before,
    {rows} which rows share a name, {sheets} which sheets there are, {write} what to write and where. named_in: the
    column where `what` stands. in_headers: it is about the header row.
    """

    code: str
    pattern: re.Pattern[str]
    said: Bilingual
    sheet: str | None = "survey"
    column: str | None = None
    named_in: str | None = None
    in_headers: bool = False
