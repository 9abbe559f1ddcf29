"""Find what is missing in a language, and what is stale: translated before its source was changed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from forms.translation.languages import languages
from forms.translation.texts import TextKey, TextRow, text_rows
from forms.workbook.workbook import Workbook


@dataclass(frozen=True, slots=True)
class OpenText:
    """A text for the translator. row: in Excel's count. source_language: of `source`. present: the stale translation.

    source_hash, present_hash: by which it is told, when the translation comes back, whether either was changed since.
    """

    key: TextKey
    sheet: str
    row: int
    name: str
    context: str
    source_language: str
    source: str
    present: str = ""

    @property
    def source_hash(self) -> str:
        """Of the language and the text that is translated."""
        return text_hash(self.source_language, self.source)

    @property
    def present_hash(self) -> str:
        """Of what stood in the cell when the text went out."""
        return text_hash("", self.present)


def open_texts(
    workbook: Workbook, language: str, source_language: str, *, since: Workbook | None = None
) -> tuple[OpenText, ...]:
    """Return the texts that are missing in a language, and with `since` those that are stale as well, in sheet order.

    A text that the source language lacks is taken from the first language that has it. since: an older state of the
    workbook; stale is what says something else in the source now, and the same in the translation.
    """
    others = tuple(each for each in languages(workbook) if each not in (source_language, language))
    before = {(row.sheet.key, row.path): row for row in text_rows(since)} if since is not None else {}
    return tuple(
        text
        for row in text_rows(workbook)
        for text in _open(row, language, (source_language, *others), before.get((row.sheet.key, row.path)))
    )


def text_hash(language: str, text: str) -> str:
    """Sixteen hex digits of a text; white space alone makes no difference, for Excel changes line ends."""
    plain = " ".join(text.split())
    return hashlib.sha256(f"{language}\n{plain}".encode()).hexdigest()[:16]


def _open(row: TextRow, language: str, sources: tuple[str, ...], before: TextRow | None) -> Iterator[OpenText]:
    for kind in row.kinds:
        source_language = next((each for each in sources if row.text(kind, each)), None)
        if source_language is None:
            continue
        source, present = row.text(kind, source_language), row.text(kind, language)
        if present and not _is_stale(row, before, kind, language, source_language):
            continue
        name = row.path.rpartition("/")[2] if row.sheet.key == "survey" else row.path
        key = TextKey(row.sheet.key, row.path, kind)
        yield OpenText(key, row.sheet.name, row.row.number, name, row.context, source_language, source, present)


def _is_stale(row: TextRow, before: TextRow | None, kind: str, language: str, source_language: str) -> bool:
    if before is None:
        return False
    source_then, present_then = before.text(kind, source_language), before.text(kind, language)
    return (
        source_then != ""
        and present_then == row.text(kind, language)
        and text_hash("", source_then) != text_hash("", row.text(kind, source_language))
    )
