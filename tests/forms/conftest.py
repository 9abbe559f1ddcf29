"""Workbooks for the tests of this room, made of rows as a designer types them."""

import io
from collections.abc import Callable, Mapping, Sequence

import openpyxl
import pytest

Rows = Sequence[Mapping[str, object]]
MakeWorkbook = Callable[[Mapping[str, Rows]], bytes]

_SHORT = {"en": "label::English (en)", "fr": "label::Français (fr)"}


@pytest.fixture(scope="session")
def make_workbook() -> MakeWorkbook:
    """Sheet to rows, each header to value, as the bytes of an .xlsx; `en` and `fr` are short for the labels."""

    def make(sheets: Mapping[str, Rows]) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            headers = list(dict.fromkeys(header for row in rows for header in row))
            sheet.append([_SHORT.get(header, header) for header in headers])
            for row in rows:
                sheet.append([row.get(header) for header in headers])
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    return make
