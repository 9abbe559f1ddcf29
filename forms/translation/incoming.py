"""Read the file that a translator sent back."""

import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import openpyxl

from forms.errors import XLSFormInvalid
from forms.text import Bilingual
from forms.translation import layout
from forms.translation.errors import TranslationFileInvalid
from forms.translation.texts import TextKey
from forms.workbook.guard import FileKind, file_kind, weigh_archive


@dataclass(frozen=True, slots=True)
class Answer:
    """One row that was filled. row: in the translator's file. is_text: False for a formula, a date, TRUE."""

    key: TextKey
    row: int
    text: str
    is_text: bool
    source_language: str
    source_hash: str
    present_hash: str


@dataclass(frozen=True)
class TranslationFile:
    """A translator's file. empty: how many rows were left blank."""

    form_id: str
    language: str
    answers: tuple[Answer, ...]
    empty: int


def read_translation_file(raw: bytes, file_name: str) -> TranslationFile:
    """Return what a translator filled in. Rows may have been sorted, and columns of their own added.

    Raises TranslationFileInvalid where it is no file of ours, XLSFormInvalid where it is no workbook at all.
    """
    if file_kind(raw, file_name) is not FileKind.XLSX:
        raise _not_ours(file_name)
    weigh_archive(raw, file_name)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        with closing(book):
            tables = {
                name: [list(row) for row in book[name].iter_rows(values_only=True)]
                for name in (layout.SHEET, layout.ABOUT)
                if name in book.sheetnames
            }
    except XLSFormInvalid:
        raise
    except Exception as error:  # openpyxl lets whatever a damaged part causes pass: KeyError, TypeError, ParseError
        raise _not_ours(file_name) from error
    about = {
        str(row[0]): str(row[1] or "") for row in tables.get(layout.ABOUT, []) if len(row) > 1 and row[0] is not None
    }
    rows = tables.get(layout.SHEET, [])
    if not rows or about.get("layout") != layout.LAYOUT or not about.get("language"):
        raise _not_ours(file_name)
    positions = _positions(rows[0])
    lost = [column for column in layout.NEEDED if column not in positions]
    if lost:
        raise TranslationFileInvalid(
            Bilingual(
                f"{file_name} has lost columns ({', '.join(lost)}). Copy the translations into a fresh export.",
                f"{file_name} a perdu des colonnes ({', '.join(lost)}). Recopiez les traductions dans un autre export.",
            )
        )
    answers: list[Answer] = []
    empty = 0
    for number, row in enumerate(rows[1:], start=2):
        answer = _answer(row, positions, number)
        if answer is None:
            continue
        if answer.text:
            answers.append(answer)
        else:
            empty += 1
    return TranslationFile(about.get("form_id", ""), about["language"], tuple(answers), empty)


def _positions(headers: Sequence[object]) -> Mapping[str, int]:
    positions: dict[str, int] = {}
    for position, header in enumerate(headers):
        written = str(header or "").strip()
        name = layout.FILL if written.startswith(layout.FILL) else written
        positions.setdefault(name, position)
    return positions


def _answer(row: Sequence[object], positions: Mapping[str, int], number: int) -> Answer | None:
    def cell(column: str) -> object:
        position = positions[column]
        return row[position] if position < len(row) else None

    hidden = {column: str(cell(column) or "") for column in layout.HIDDEN}
    if not hidden[layout.KEY_PATH]:
        return None
    value = cell(layout.FILL)
    text = "" if value is None else str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()
    return Answer(
        TextKey(hidden[layout.KEY_SHEET], hidden[layout.KEY_PATH], hidden[layout.KEY_KIND]),
        number,
        text,
        value is None or (isinstance(value, (str, int)) and not isinstance(value, bool) and not text.startswith("=")),
        hidden[layout.SOURCE_LANGUAGE],
        hidden[layout.SOURCE_HASH],
        hidden[layout.PRESENT_HASH],
    )


def _not_ours(file_name: str) -> TranslationFileInvalid:
    return TranslationFileInvalid(
        Bilingual(
            f"{file_name} is no translation file: make one with `jekafo form translate FORM.xlsx LANGUAGE`, and save "
            "it as .xlsx.",
            f"{file_name} n’est pas un fichier de traduction : créez-en un avec `jekafo form translate FORM.xlsx "
            "LANGUE` et enregistrez-le en .xlsx.",
        )
    )
