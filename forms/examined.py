"""What a check may look at: the workbook as typed, the form it makes, and the files that lie beside it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from forms.data_file import DataFile, read_data_file
from forms.finding import Findings, Place
from forms.form import Form, Question
from forms.logic.expressions import Expression, Role, form_expressions
from forms.logic.possible import Condition, Possibilities
from forms.sheets.choice_rows import ChoiceRow, choice_rows
from forms.sheets.survey_rows import SurveyRow, header_of, survey_rows, survey_sheet
from forms.workbook.workbook import Sheet, Workbook

Tell: TypeAlias = Callable[[str, Place, str, str], None]
"""Adds a finding: its code, place, English and French."""

_PARAMETER = re.compile(r"([\w-]+)\s*=\s*([^\s,;]+)")


@dataclass(frozen=True)
class Examined:
    """A workbook that reads as a form.

    files: name to content of what lies beside it; None where that is unknown. clients: what the form will be filled
    in with, names of `forms.checks.client_features.CLIENTS`; empty where nobody asks.
    """

    workbook: Workbook
    form: Form
    files: Mapping[str, bytes] | None = None
    clients: frozenset[str] = frozenset()

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

    @cached_property
    def choice_rows(self) -> tuple[ChoiceRow, ...]:
        """The rows of the sheet `choices` that name a choice."""
        sheet = self.workbook.sheet("choices")
        return tuple(choice_rows(sheet)) if sheet is not None else ()

    @cached_property
    def _rows_by_choice(self) -> Mapping[tuple[str, str], ChoiceRow]:
        return {(each.list_name, each.name): each for each in reversed(self.choice_rows)}

    @cached_property
    def data_files(self) -> Mapping[str, DataFile]:
        """The CSV files that lie beside the workbook, by name."""
        return {name: read_data_file(raw) for name, raw in (self.files or {}).items() if name.lower().endswith(".csv")}

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions of the form, parsed; one that does not parse is left out."""
        return form_expressions(self.form, self.rows, self.survey)

    @cached_property
    def _expressions_by_owner(self) -> Mapping[str, tuple[Expression, ...]]:
        owned: dict[str, list[Expression]] = {}
        for expression in self.expressions:
            owned.setdefault(expression.owner, []).append(expression)
        return {owner: tuple(its) for owner, its in owned.items()}

    def expressions_of(self, path: str) -> tuple[Expression, ...]:
        """The expressions of one question, group or repeat."""
        return self._expressions_by_owner.get(path, ())

    @cached_property
    def relevant(self) -> Mapping[str, Expression]:
        """The conditions under which questions, groups and repeats are asked, by path."""
        return {each.owner: each for each in self.expressions if each.role is Role.RELEVANT}

    def relevant_for(self, path: str) -> tuple[Condition, ...]:
        """The conditions that must all hold for something to be asked: those around it first, its own last."""
        owners = (*groups_around(path), path)
        return tuple(Condition(owner, self.relevant[owner].tree) for owner in owners if owner in self.relevant)

    @cached_property
    def possibilities(self) -> Possibilities:
        """Whether conditions of the form can be true."""
        constraints = {each.owner: each.tree for each in self.expressions if each.role is Role.CONSTRAINT}
        return Possibilities(self.form, constraints)

    def codes(self, question: Question) -> tuple[str, ...]:
        """The names of a question's choices; empty where it has none, or they come from a file that is not at hand."""
        if question.file_name is None:
            return tuple(choice.name for choice in self.form.choices(question))
        data_file = self.data_files.get(question.file_name)
        return data_file.values(self.parameter(question.path, "value") or "name") if data_file is not None else ()

    def cell(self, path: str, *columns: str) -> str:
        """The text of a cell of a question's row, under the first of these columns there is."""
        survey_row, header = self.rows.get(path), header_of(self.survey, columns)
        return survey_row.row.text(header) if survey_row is not None and header is not None else ""

    def parameter(self, path: str, name: str) -> str | None:
        """What a question's `parameters` say under a name, or None."""
        found = _PARAMETER.findall(self.cell(path, "parameters"))
        return next((value for key, value in found if key.casefold() == name), None)

    def tell_ruin(self, findings: Findings) -> Tell:
        """What tells of a slip that ruins answers: an error where figures are made of them, else a warning.

        Others' forms compile, pass ODK Validate and are in the field: they are warned, not refused.
        """
        return findings.error if self.is_ours else findings.warning

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

    def at_choice(self, list_name: str, name: str, *columns: str) -> Place:
        """Where a choice stands: its row, and the first of these columns there is."""
        sheet, found = self.workbook.sheet("choices"), self._rows_by_choice.get((list_name, name))
        header = header_of(sheet, columns) if sheet is not None else None
        return Place(sheet.name if sheet is not None else "choices", found.row.number if found else None, header)


def groups_around(path: str) -> tuple[str, ...]:
    """Paths of the groups and repeats around something, outer before inner."""
    steps = path.split("/")
    return tuple("/".join(steps[:count]) for count in range(1, len(steps)))
