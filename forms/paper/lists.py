"""The choices of questions on paper: printed with them, or the list to see instead."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from forms.form import Choice, Form, Question
from forms.language import language_tag
from forms.paper.controls import Controls, ListColumns
from forms.paper.numbering import label_in

SHORT_FILE = 30
"""Rows of a list file that are still printed with the question."""

SHORT_LIST = 60
"""Choices of the workbook's own lists that are still printed with the question."""

_USUAL_COLUMNS = ListColumns("name", "label", "")


@dataclass(frozen=True)
class Lists:
    """The choices of each question by its path; none where they lie in a file that is not at hand."""

    language: str
    by_path: Mapping[str, tuple[Choice, ...]]

    def choices(self, question: Question) -> tuple[Choice, ...]:
        """All choices of a question."""
        return self.by_path.get(question.path, ())

    def are_printed(self, question: Question) -> bool:
        """Whether the choices stand with the question."""
        longest = SHORT_LIST if question.file_name is None else SHORT_FILE
        return 0 < len(self.choices(question)) <= longest

    def label(self, choice: Choice) -> str:
        """The words of a choice, its name where it has none."""
        return label_in(choice.labels, self.language) or choice.name

    def label_of(self, question: Question, code: str) -> str:
        """The words of a code, the code itself where the question has no such choice."""
        return next((self.label(choice) for choice in self.choices(question) if choice.name == code), code)


def paper_lists(form: Form, language: str, controls: Controls, files: Mapping[str, bytes]) -> Lists:
    """Return the choices of a form's questions. files: name to content of what lies beside the workbook."""
    by_path: dict[str, tuple[Choice, ...]] = {}
    for question in form.questions:
        if question.file_name is None:
            by_path[question.path] = form.choices(question)
        elif question.type != "select_one_external" and question.file_name.lower().endswith(".csv"):
            columns = controls.columns.get(question.path, _USUAL_COLUMNS)
            by_path[question.path] = _file_choices(files.get(question.file_name, b""), columns, language)
    return Lists(language, by_path)


def _file_choices(content: bytes, columns: ListColumns, language: str) -> tuple[Choice, ...]:
    """The choices of a list file. One that cannot be read has none: saying what is wrong with it is for the checks."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Excel on Windows saves "CSV" in the code page of the machine.
        text = content.decode("cp1252", errors="replace")
    try:
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except csv.Error:
        return ()
    if not rows:
        return ()
    headers = [header.strip() for header in rows[0]]
    label = _label_column(headers, columns.label, language)
    choices = []
    for row in rows[1:]:
        cells = {header: cell.strip() for header, cell in zip(headers, row, strict=False)}
        if cells.get(columns.name):
            choices.append(Choice(cells[columns.name], {language: cells.get(label, "")}, columns=cells))
    return tuple(choices)


def _label_column(headers: list[str], usual: str, language: str) -> str:
    """The column with the labels of the language (`label::English (en)`, `label_en`), else the usual one."""
    tag = language_tag(language)
    wanted = [f"{usual}::{language}", *([f"{usual}::{tag}", f"{usual}_{tag}"] if tag else [])]
    return next((header for header in wanted if header in headers), usual)
