"""Find the columns of a sheet that hold text in a language: `label::Français (fr)`, `hint`, `label:French`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forms.language import DEFAULT_LANGUAGE
from forms.workbook.workbook import Sheet, plain

KINDS = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
"""The texts of a question or choice, in the order in which a translator meets them. Media are no texts."""

CODEBOOK_KINDS = ("label", "definition", "include", "exclude", "example")
"""The texts of a code in the sheet `codebook`; all but the label are translated where a column names a language."""

_SHEETS: Mapping[str, tuple[str, ...]] = {
    "survey": KINDS,
    "choices": ("label",),
    "external_choices": ("label",),
    "derived": ("label",),
    "indicators": ("label",),
    "codebook": CODEBOOK_KINDS,
}
# Other names that pyxform knows the columns by (`aliases.survey_header`, 4.5).
_ALIASES = {
    "caption": "label",
    "constraint message": "constraint_message",
    "constraining message": "constraint_message",
    "required message": "required_message",
    "requiredmsg": "required_message",
    "guidance hint": "guidance_hint",
    "bind::jr:constraintmsg": "constraint_message",
    "bind::jr:requiredmsg": "required_message",
}
_HEADER = re.compile(r"^(?P<kind>bind::jr:\w+|[^:]+?)\s*(?:::?\s*(?P<language>\S.*))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of texts. header: as written. kind: `label`, `hint` ... language: as written, or `default`."""

    header: str
    kind: str
    language: str


def text_columns(sheet: Sheet) -> Iterator[TextColumn]:
    """The columns of texts of a sheet, in order; none for a sheet that holds no texts to translate."""
    kinds = _SHEETS.get(sheet.key, ())
    for header in dict.fromkeys(sheet.headers):
        column = text_column(header)
        if column is None or column.kind not in kinds:
            continue
        # A bare `definition` is written for the team in one language; only `definition::Français (fr)` asks for others.
        if column.kind == "label" or sheet.key != "codebook" or column.language != DEFAULT_LANGUAGE:
            yield column


def text_column(header: str) -> TextColumn | None:
    """What a header says of its texts, or None where it is no column of texts."""
    match = _HEADER.match(header.strip())
    if match is None:
        return None
    kind = plain(match["kind"])
    kind = _ALIASES.get(kind, kind)
    if kind not in KINDS and kind not in CODEBOOK_KINDS:
        return None
    return TextColumn(header, kind, (match["language"] or DEFAULT_LANGUAGE).strip())
