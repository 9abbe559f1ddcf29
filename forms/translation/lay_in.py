"""Lay translations into the designer's own workbook: their cells are written, everything else stays as it is.

Which translations may go in is decided by `forms.translation.acceptance`.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import openpyxl
from openpyxl.workbook import Workbook as Book
from openpyxl.worksheet.worksheet import Worksheet

from forms.language import DEFAULT_LANGUAGE
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.translation.acceptance import Accepted, Remark, accept
from forms.translation.errors import TranslationFileInvalid, WorkbookNotEditable
from forms.translation.incoming import TranslationFile
from forms.translation.insert_column import copy_style, insert_column_after
from forms.translation.languages import default_language, language_named, languages
from forms.translation.losses import losses
from forms.translation.texts import text_rows
from forms.workbook.file import read_workbook
from forms.workbook.guard import FileKind, file_kind, weigh_archive
from forms.workbook.text_columns import TextColumn, text_columns
from forms.workbook.workbook import Sheet, Workbook


@dataclass(frozen=True)
class LaidIn:
    """The workbook with its translations.

    workbook: bytes of the .xlsx. laid: how many texts were written. refused: those that were not, remarks: those one
    should look at. new_columns: `survey: label::Fulfulde (ffm)`. lost: what the edited file no longer holds.
    """

    workbook: bytes
    laid: int
    empty: int
    refused: tuple[Remark, ...]
    remarks: tuple[Remark, ...]
    new_columns: tuple[str, ...]
    lost: tuple[Bilingual, ...]


def lay_in(raw: bytes, file_name: str, translation: TranslationFile) -> LaidIn:
    """Return the workbook with the translations that may be laid in; a blank one changes nothing.

    Raises WorkbookNotEditable for what is no .xlsx, TranslationFileInvalid for the translations of another form,
    LanguageUnknown where the file names no language.
    """
    lost = losses_of(raw, file_name)
    workbook = read_workbook(raw, file_name)
    form_id = form_id_of(workbook)
    if translation.form_id and form_id and translation.form_id != form_id:
        raise TranslationFileInvalid(
            Bilingual(
                f"The translations are of the form {translation.form_id}; {file_name} is {form_id}.",
                f"Les traductions sont celles du formulaire {translation.form_id} ; {file_name} est {form_id}.",
            )
        )
    # A person may have typed over it, and it becomes a header.
    language = language_named(translation.language, languages(workbook))
    rows = tuple(text_rows(workbook))
    decided = accept(translation.answers, rows, language)
    if not decided.accepted:
        return LaidIn(raw, 0, translation.empty, decided.refused, decided.remarks, (), ())
    # Rich text keeps words that are bold within a cell.
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), rich_text=True)
    except Exception as error:  # openpyxl lets whatever a damaged part causes pass: KeyError, TypeError, ParseError
        raise WorkbookNotEditable(
            Bilingual(
                f"{file_name} is damaged in a part that is no cell, so it cannot be edited. Open it in Excel or "
                "LibreOffice, save it as a new .xlsx, and use that file.",
                f"{file_name} est endommagé dans une partie autre que ses cellules : impossible de le modifier. "
                "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le en un nouveau .xlsx et utilisez ce fichier.",
            )
        ) from error
    new_columns = _write(book, workbook, decided.accepted, language)
    content = io.BytesIO()
    book.save(content)
    return LaidIn(
        content.getvalue(),
        len(decided.accepted),
        translation.empty,
        decided.refused,
        decided.remarks,
        new_columns,
        lost,
    )


def losses_of(raw: bytes, file_name: str) -> tuple[Bilingual, ...]:
    """What a workbook would lose if it were edited; raises WorkbookNotEditable where it is no .xlsx at all."""
    if file_kind(raw, file_name) is not FileKind.XLSX:
        raise WorkbookNotEditable(
            Bilingual(
                f"{file_name} is no .xlsx, so it cannot be edited with its formats kept. Open it in Excel or "
                "LibreOffice, save it as .xlsx, and use that file from now on.",
                f"{file_name} n’est pas un .xlsx : impossible de le modifier en gardant sa mise en forme. Ouvrez-le "
                "dans Excel ou LibreOffice, enregistrez-le en .xlsx et utilisez désormais ce fichier.",
            )
        )
    return losses(raw, weigh_archive(raw, file_name))


def form_id_of(workbook: Workbook) -> str:
    """The form's id as the settings give it; empty where they give none."""
    settings = workbook.sheet("settings")
    header = header_of(settings, ("form_id", "id_string")) if settings is not None else None
    return settings.rows[0].text(header) if settings is not None and settings.rows and header is not None else ""


def _write(book: Book, workbook: Workbook, accepted: Sequence[Accepted], language: str) -> tuple[str, ...]:
    """Write the texts into the sheets, making the columns that are not there; return what was made."""
    by_sheet: dict[str, list[Accepted]] = {}
    for each in accepted:
        by_sheet.setdefault(each.row.sheet.name, []).append(each)
    made: list[str] = []
    for name, texts in by_sheet.items():
        sheet, grid = texts[0].row.sheet, book[name]
        kinds = dict.fromkeys(each.answer.key.kind for each in texts)
        positions, headers = _columns(grid, sheet, tuple(kinds), workbook, language)
        made.extend(f"{name}: {header}" for header in headers)
        for each in texts:
            cell = grid.cell(each.row.row.number, positions[each.answer.key.kind])
            cell.value = each.answer.text
            cell.data_type = "s"
    return tuple(made)


def _columns(
    grid: Worksheet, sheet: Sheet, kinds: tuple[str, ...], workbook: Workbook, language: str
) -> tuple[Mapping[str, int], list[str]]:
    """Where the column of each kind stands in the language, and the headers of those that had to be made."""
    columns = {(column.kind, column.language): column for column in reversed(list(text_columns(sheet)))}
    positions = {kind: sheet.positions[columns[kind, language].header] for kind in kinds if (kind, language) in columns}
    beside = {kind: _model(columns, kind, workbook) for kind in kinds if kind not in positions}
    made: list[str] = []
    # From right to left, so that what stands to the left keeps its place; tables are not cut in two.
    for kind, model in sorted(beside.items(), key=lambda pair: -sheet.positions[pair[1].header]):
        if grid.tables:
            position = grid.max_column + 1
            copy_style(grid.cell(1, sheet.positions[model.header]), grid.cell(1, position))
        else:
            position = insert_column_after(grid, sheet.positions[model.header])
            positions = {each: at + (at >= position) for each, at in positions.items()}
        header = new_header(model, language, sheet)
        grid.cell(1, position).value = header
        positions[kind] = position
        made.append(header)
    return positions, made[::-1]


def _model(columns: Mapping[tuple[str, str], TextColumn], kind: str, workbook: Workbook) -> TextColumn:
    """The column of that kind in the default language, or in the first language that has one."""
    order = (default_language(workbook), *languages(workbook))
    return next(columns[kind, each] for each in order if (kind, each) in columns)


def new_header(model: TextColumn, language: str, sheet: Sheet) -> str:
    """The header for another language, as the sheet writes its headers: `label::Fulfulde (ffm)`."""
    if model.language == DEFAULT_LANGUAGE:
        # pyxform takes `:` for the mark of a whole sheet until one header has `::` (xls2json, 4.5): then
        # `bind:relevant` would no longer be read.
        is_old = any(":" in header for header in sheet.headers) and not any("::" in header for header in sheet.headers)
        return f"{model.header.strip()}{':' if is_old else '::'}{language}"
    start = model.header[: model.header.rindex(model.language)]
    return start + language
