"""An edition of an instrument: the form of one version with the workbook it was read from, if that is at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from forms.changes.change import Spot
from forms.errors import XLSFormInvalid
from forms.form import Form
from forms.language import DEFAULT_LANGUAGE
from forms.read import attempt_to_read, join_form
from forms.sheets.choice_columns import LIST_HEADERS, NAME_HEADERS
from forms.sheets.survey_rows import SurveyRow, header_of, survey_rows, survey_sheet
from forms.text import Bilingual
from forms.workbook.file import read_workbook
from forms.workbook.text_columns import text_columns
from forms.workbook.workbook import Row, Sheet, Workbook, plain
from forms.xform.read import read_xform


@dataclass(frozen=True)
class Edition:
    """One side of a comparison. workbook: None for a form that came as a bare XForm."""

    form: Form
    workbook: Workbook | None = None

    @property
    def name(self) -> str:
        """How people name it: `community_perceptions 2026112201`."""
        return f"{self.form.form_id} {self.form.version}".strip()

    @cached_property
    def survey(self) -> Sheet | None:
        """The sheet that is compiled as the survey."""
        return survey_sheet(self.workbook) if self.workbook is not None else None

    @cached_property
    def rows(self) -> Mapping[str, SurveyRow]:
        """Rows of the survey by path; empty without a workbook."""
        return {row.path: row for row in survey_rows(self.survey)} if self.survey is not None else {}

    @cached_property
    def choice_rows(self) -> Mapping[tuple[str, str], Row]:
        """Rows of the choices by list and name; of several alike the first."""
        sheet = self.sheet("choices")
        if sheet is None:
            return {}
        lists, names = header_of(sheet, LIST_HEADERS) or "", header_of(sheet, NAME_HEADERS) or ""
        found: dict[tuple[str, str], Row] = {}
        for row in sheet.rows:
            found.setdefault((row.text(lists), row.text(names)), row)
        return found

    def sheet(self, key: str) -> Sheet | None:
        """The sheet of that name, or None."""
        return self.workbook.sheet(key) if self.workbook is not None else None

    def at(self, path: str, *columns: str, in_old: bool = False) -> Spot | None:
        """Where a question or group stands: its row, and the first of these columns there is. None without a row.

        What pyxform makes beside a question (`livelihood_other` of or_other) stands where the question does.
        """
        found = self.rows.get(path) or self.rows.get(path.removesuffix("_other"))
        if found is None or self.survey is None:
            return None
        return spot(self.survey, found.row, _header(self.survey, columns or ("name",)), in_old=in_old)

    def at_choice(self, list_name: str, name: str, *columns: str, in_old: bool = False) -> Spot | None:
        """Where a choice stands."""
        sheet, row = self.sheet("choices"), self.choice_rows.get((list_name, name))
        if sheet is None or row is None:
            return None
        return spot(sheet, row, _header(sheet, columns or NAME_HEADERS), in_old=in_old)

    def label_header(self, sheet: Sheet, language: str) -> str | None:
        """The header of the labels in a language; the bare `label` stands for the first language too."""
        by_language = {column.language: column.header for column in text_columns(sheet) if column.kind == "label"}
        return by_language.get(language) or by_language.get(DEFAULT_LANGUAGE)


def _header(sheet: Sheet, columns: tuple[str, ...]) -> str | None:
    return header_of(sheet, tuple(plain(column).replace(" ", "_") for column in columns))


def spot(sheet: Sheet, row: Row, header: str | None, *, in_old: bool = False) -> Spot:
    """A cell of a sheet, or the row alone where the sheet lacks the column."""
    cell = sheet.cell_name(row.number, header) if header is not None else None
    return Spot(sheet.name, row.number, header, cell, in_old)


def read_edition(workbook: bytes, file_name: str) -> Edition:
    """Return the edition that a workbook holds; findings about our sheets do not keep it from being compared.

    Raises XLSFormInvalid where the XLSForm itself cannot be read.
    """
    opened = read_workbook(workbook, file_name)
    attempt = attempt_to_read(opened)
    if attempt.form is None:
        raise XLSFormInvalid(file_name, attempt.errors)
    return Edition(attempt.form, opened)


def kept_edition(xform: bytes, workbook: bytes | None, file_name: str) -> Edition:
    """Return the edition that a project keeps: its XForm as published, with what its workbook says of the answers.

    A workbook whose own sheets are no longer accepted is compared cell by cell all the same.
    """
    if workbook is None:
        return Edition(read_xform(xform))
    opened = read_workbook(workbook, file_name)
    try:
        return Edition(join_form(xform, workbook, file_name), opened)
    except XLSFormInvalid:
        return Edition(read_xform(xform), opened)


def declaration(edition: Edition, place: Spot | None, column: str, value: str) -> Bilingual:
    """What to write where, by its cell where one is known (`Write security/trust_g in survey!P14`), as a sentence."""
    if place is None:
        return Bilingual(f"Declare it in column {column}: {value}.", f"Déclarez-le dans la colonne {column} : {value}.")
    sheet = edition.sheet(place.sheet) or edition.survey
    header = header_of(sheet, (column,)) if sheet is not None else None
    if sheet is None or header is None or place.row is None:
        return Bilingual(
            f"Add a column {column} to the sheet {place.sheet}, and write {value} in row {place.row}.",
            f"Ajoutez une colonne {column} à la feuille {place.sheet} et écrivez {value} à la ligne {place.row}.",
        )
    cell = f"{sheet.name}!{sheet.cell_name(place.row, header)}"
    written = next((row.text(header) for row in sheet.rows if row.number == place.row), "")
    if written and column == "renamed_from":
        return Bilingual(
            f"Add {value} to what stands in {cell} ({column}).",
            f"Ajoutez {value} à ce qui figure en {cell} ({column}).",
        )
    return Bilingual(f"Write {value} in {cell} ({column}).", f"Écrivez {value} en {cell} ({column}).")
