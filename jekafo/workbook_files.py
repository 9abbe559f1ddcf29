"""The media and CSV files that lie beside a workbook, as designers keep them."""

from pathlib import Path

from forms.form import Form


def files_beside(workbook: Path, form: Form) -> dict[str, bytes]:
    """Return the contents of those files the form names that lie in the workbook's folder; others are left out."""
    folder = workbook.resolve().parent
    return {name: (folder / name).read_bytes() for name in form.files if (folder / name).is_file()}
