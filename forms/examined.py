"""What a check may look at: the workbook as typed, the form it makes, and the files that lie beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from forms.form import Form
from forms.sheets.findings import Place
from forms.sheets.survey_rows import SurveyRow, header_of, survey_rows, survey_sheet
from forms.workbook.workbook import Sheet, Workbook


@dataclass(frozen=True)
class Examined:
    """A workbook that reads as a form. files: name to content of what lies beside it; None where that is unknown."""

    workbook: Workbook
    form: Form
    files: Mapping[str, bytes] | None = None

    @property
    def survey(self) -> Sheet:
        """The sheet that is compiled as the survey."""
        sheet = survey_sheet(self.workbook)
        if sheet is None:
            raise LookupError("a form was read, so its workbook has a survey")
        return sheet

    @cached_property
    def rows(self) -> Mapping[str, SurveyRow]:
        """Rows of the survey by the path of the question, group or repeat they make."""
        return {row.path: row for row in survey_rows(self.survey)}

    @property
    def is_ours(self) -> bool:
        """Whether the workbook says what its answers mean: it has one of our columns or sheets."""
        choices = self.workbook.sheet("choices")
        return (
            header_of(self.survey, ("sensitivity",)) is not None
            or (choices is not None and header_of(choices, ("code_kind",)) is not None)
            or self.workbook.sheet("indicators") is not None
        )

    def at(self, path: str, *columns: str) -> Place:
        """Where something of a question, group or repeat stands: its row, and the first of these columns there is."""
        survey_row = self.rows.get(path)
        header = header_of(self.survey, columns)
        return Place(self.survey.name, survey_row.row.number if survey_row else None, header)
