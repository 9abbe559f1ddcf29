"""Tell of labels that lack one language where the row has another: the tablet then shows a dash or nothing."""

from collections.abc import Iterator, Mapping

from forms.finding import Findings, Place
from forms.workbook.text_columns import KINDS, text_column
from forms.workbook.workbook import Row, Sheet, Workbook

MAX_TOLD = 10
"""Blank cells of one column that are told one by one; a column begun yesterday would bury all other findings."""

_SHEETS = ("survey", "choices", "derived", "indicators", "codebook")


def check_translations(workbook: Workbook, findings: Findings) -> None:
    """Add a warning for each text that is blank in one language, of a column that is filled elsewhere."""
    for sheet in workbook.sheets:
        if sheet.key not in _SHEETS:
            continue
        for headers in _translations(sheet).values():
            for header in headers:
                _check_column(sheet, header, [other for other in headers if other != header], findings)


def _translations(sheet: Sheet) -> Mapping[str, list[str]]:
    """What is said (label, hint ...) to the columns that say it, one a language."""
    columns: dict[str, list[str]] = {}
    for header in dict.fromkeys(sheet.headers):
        column = text_column(header)
        if column is not None and column.kind in KINDS:
            columns.setdefault(column.kind, []).append(header)
    return columns


def _check_column(sheet: Sheet, header: str, others: list[str], findings: Findings) -> None:
    if not any(row.text(header) for row in sheet.rows):
        return
    blank = list(_blank(sheet, header, others))
    for count, (row, other) in enumerate(blank, start=1):
        further = len(blank) - count
        if count == MAX_TOLD and further:
            english = f" The same is true of {further} further rows of this column."
            french = f" Il en va de même de {further} autres lignes de cette colonne."
        else:
            english = french = ""
        findings.warning(
            "missing_translation",
            Place(sheet.name, row.number, header),
            f"The text is there in {other} and blank here. Translate it.{english}",
            f"Le texte existe dans {other} et manque ici. Traduisez-le.{french}",
        )
        if english:
            return


def _blank(sheet: Sheet, header: str, others: list[str]) -> Iterator[tuple[Row, str]]:
    """The rows without text in this column, each with another column that has it."""
    for row in sheet.rows:
        other = next((other for other in others if row.text(other)), None)
        if other is not None and not row.text(header):
            yield row, other
