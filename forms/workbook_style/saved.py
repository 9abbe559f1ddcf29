"""The bytes of an openpyxl workbook, equal for equal content: no clock goes into them."""

import io
import zipfile
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

_LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)  # the first moment that an archive can tell


def saved(book: Workbook) -> bytes:
    """Return the .xlsx, without the dates at which it was made and modified."""
    written = io.BytesIO()
    book.properties.created = book.properties.modified = _LONG_AGO
    # Not `book.save`: that stamps the file as modified now.
    ExcelWriter(book, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED)).save()
    stable = io.BytesIO()
    with zipfile.ZipFile(written) as stamped, zipfile.ZipFile(stable, "w") as archive:
        for name in stamped.namelist():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO.timetuple()[:6]), stamped.read(name), zipfile.ZIP_DEFLATED)
    return stable.getvalue()
