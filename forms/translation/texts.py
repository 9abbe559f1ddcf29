"""The texts of a workbook, each with what it says in a language, its row's key, and what a translator needs to know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forms.sheets.choice_columns import LIST_HEADERS, NAME_HEADERS
from forms.sheets.survey_rows import header_of, survey_rows, survey_sheet
from forms.workbook.text_columns import TextColumn, text_columns
from forms.workbook.workbook import Row, Sheet, Workbook

MAX_CHOICES = 12
"""Choices that are shown beside a question, so that the translator knows what is answered."""

_NAMED_SHEETS = ("derived", "indicators", "codebook")


@dataclass(frozen=True, slots=True)
class TextKey:
    """Which text it is, wherever its row stands. path: of a question, `list/name` of a choice, the name elsewhere."""

    sheet: str
    path: str
    kind: str


@dataclass(frozen=True)
class TextRow:
    """A row that holds texts. path: unique within its sheet. columns: by kind and language."""

    sheet: Sheet
    row: Row
    path: str
    context: str
    columns: Mapping[tuple[str, str], TextColumn]

    def text(self, kind: str, language: str) -> str:
        """The text of a kind in a language, empty where there is none."""
        column = self.columns.get((kind, language))
        return self.row.text(column.header) if column is not None else ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of texts that the sheet has, in its order."""
        return tuple(dict.fromkeys(kind for kind, _ in self.columns))


def text_rows(workbook: Workbook) -> Iterator[TextRow]:
    """All rows that may hold texts: of survey, choices, derived, indicators and codebook."""
    survey = survey_sheet(workbook)
    if survey is not None:
        yield from _numbered(_survey(survey, workbook), survey)
    for key in ("choices", "external_choices"):
        sheet = workbook.sheet(key)
        if sheet is not None:
            yield from _numbered(_choices(sheet), sheet)
    for key in _NAMED_SHEETS:
        sheet = workbook.sheet(key)
        if sheet is not None:
            yield from _numbered(_named(sheet), sheet)


def _numbered(rows: Iterator[tuple[str, str, Row]], sheet: Sheet) -> Iterator[TextRow]:
    """The rows with their paths made unique: the second row of one path is `path#2`."""
    columns = {(column.kind, column.language): column for column in reversed(list(text_columns(sheet)))}
    columns = dict(reversed(columns.items()))
    if not columns:
        return
    met: dict[str, int] = {}
    for path, context, row in rows:
        met[path] = met.get(path, 0) + 1
        yield TextRow(sheet, row, path if met[path] == 1 else f"{path}#{met[path]}", context, columns)


def _survey(sheet: Sheet, workbook: Workbook) -> Iterator[tuple[str, str, Row]]:
    answers = _answers(workbook)
    for found in survey_rows(sheet):
        words = found.type.split()
        choices = answers.get(words[1], "") if len(words) > 1 else ""
        yield found.path, f"{found.type}: {choices}" if choices else found.type, found.row


def _choices(sheet: Sheet) -> Iterator[tuple[str, str, Row]]:
    lists, names = header_of(sheet, LIST_HEADERS) or "", header_of(sheet, NAME_HEADERS) or ""
    labels = _labels(sheet, lists)
    for row in sheet.rows:
        list_name = row.text(lists)
        if list_name:
            yield f"{list_name}/{row.text(names)}", f"{list_name}: {labels.get(list_name, '')}", row


def _named(sheet: Sheet) -> Iterator[tuple[str, str, Row]]:
    name = header_of(sheet, ("name",)) or ""
    kind = header_of(sheet, ("type", "measure", "parent")) or ""
    for row in sheet.rows:
        if row.text(name):
            yield row.text(name), row.text(kind), row


def _answers(workbook: Workbook) -> Mapping[str, str]:
    """List name to the choices' labels in one line."""
    sheet = workbook.sheet("choices")
    return _labels(sheet, header_of(sheet, LIST_HEADERS) or "") if sheet is not None else {}


def _labels(sheet: Sheet, lists: str) -> Mapping[str, str]:
    header = next((column.header for column in text_columns(sheet)), None)
    found: dict[str, list[str]] = {}
    for row in sheet.rows if header is not None else ():
        found.setdefault(row.text(lists), []).append(row.text(header or ""))
    return {
        name: " / ".join(labels[:MAX_CHOICES]) + (" / …" if len(labels) > MAX_CHOICES else "")
        for name, labels in found.items()
    }
