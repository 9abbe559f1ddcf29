"""Read our columns of `survey`: what harm an answer can do, and what it was called before."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from forms.form import Form, Question, Sensitivity
from forms.sheets.added_column import AddedColumn
from forms.sheets.cells import words_of
from forms.sheets.findings import Findings, Place
from forms.sheets.survey_rows import SurveyRow, survey_rows
from forms.workbook.workbook import Row, Sheet, plain

_OUR_CHOICE_COLUMN = re.compile(r"(?<![\w/'\"])(?:code_kind|renamed_from)(?![\w'\"])")
_MAX_NAMES_TOLD = 8


def join_survey_columns(form: Form, sheet: Sheet, findings: Findings) -> Form:
    """Return the form with the sensitivity and earlier names of its questions and groups."""
    rows = {each.path: each for each in survey_rows(sheet)}
    sensitivity = AddedColumn.named(sheet, "sensitivity", findings)
    renamed = AddedColumn.named(sheet, "renamed_from", findings)
    comparable = AddedColumn.named(sheet, "comparable_since", findings)
    unplaced = [each for path, each in rows.items() if path not in form.by_path]
    questions = tuple(
        _question(question, rows.get(question.path), sensitivity, renamed, comparable) for question in form.questions
    )
    groups = tuple(
        replace(group, renamed_from=renamed.words(rows[group.path].row)) if group.path in rows else group
        for group in form.groups
    )
    for each in unplaced:
        _tell_unplaced(each, form, sensitivity, findings)
    _refuse_paths_in_use(rows, form, renamed, findings)
    _refuse_filters_by_our_columns(rows, form, sheet, findings)
    _tell_blank_sensitivity(questions, rows, sensitivity, findings)
    return replace(form, questions=questions, groups=groups)


def _question(
    question: Question, found: SurveyRow | None, sensitivity: AddedColumn, renamed: AddedColumn, comparable: AddedColumn
) -> Question:
    if found is None:
        return question
    return replace(
        question,
        sensitivity=_sensitivity(found.row, sensitivity),
        renamed_from=renamed.words(found.row),
        comparable_since=comparable.text(found.row) or None,
    )


def _sensitivity(row: Row, column: AddedColumn) -> Sensitivity:
    written = plain(column.text(row))
    if not written:
        return Sensitivity.IDENTIFIER
    if written not in list(Sensitivity):
        column.findings.error(
            "sensitivity_unknown",
            column.place(row),
            f"{written!r} is no class: {' '.join(Sensitivity)}.",
            f"{written!r} n'est pas une classe : {' '.join(Sensitivity)}.",
        )
        return Sensitivity.IDENTIFIER
    return Sensitivity(written)


def _tell_unplaced(each: SurveyRow, form: Form, sensitivity: AddedColumn, findings: Findings) -> None:
    is_group = each.opens_group or any(group.path == each.path for group in form.groups)
    if sensitivity.header is not None and each.row.text(sensitivity.header):
        what_en, what_fr = ("a group", "un groupe") if is_group else ("this row", "cette ligne")
        findings.warning(
            "sensitivity_of_no_question",
            sensitivity.place(each.row),
            f"The sensitivity of {what_en} says nothing: give each question its own.",
            f"La sensibilité d'{what_fr} ne dit rien : donnez la sienne à chaque question."
            if is_group
            else f"La sensibilité de {what_fr} ne dit rien : donnez la sienne à chaque question.",
        )


def _refuse_paths_in_use(rows: Mapping[str, SurveyRow], form: Form, renamed: AddedColumn, findings: Findings) -> None:
    in_use = {*form.by_path, *(group.path for group in form.groups)}
    if renamed.header is None:
        return
    for each in rows.values():
        for path in words_of(each.row.text(renamed.header)):
            if path in in_use:
                findings.error(
                    "renamed_from_in_use",
                    renamed.place(each.row),
                    f"{path} is still a question or group of this form, so nothing was renamed from it.",
                    f"{path} est encore une question ou un groupe de ce formulaire : rien n'en a été renommé.",
                )


def _refuse_filters_by_our_columns(rows: Mapping[str, SurveyRow], form: Form, sheet: Sheet, findings: Findings) -> None:
    for question in form.questions:
        found = _OUR_CHOICE_COLUMN.search(question.choice_filter or "")
        if found and question.path in rows and question.file_name is None:
            findings.error(
                "filter_by_our_column",
                Place(sheet.name, rows[question.path].row.number, "choice_filter"),
                f"The column {found[0]} does not go to the tablet, so the filter would hide every choice. Filter by a "
                "column of your own.",
                f"La colonne {found[0]} ne va pas sur la tablette : le filtre cacherait tous les choix. Filtrez "
                "par une colonne à vous.",
            )


def _tell_blank_sensitivity(
    questions: Iterable[Question], rows: Mapping[str, SurveyRow], column: AddedColumn, findings: Findings
) -> None:
    blank = [
        question.name
        for question in questions
        if question.path in rows
        and question.type != "note"
        and (column.header is None or not rows[question.path].row.text(column.header))
    ]
    if blank:
        more = f" … ({len(blank)})" if len(blank) > _MAX_NAMES_TOLD else ""
        names = " ".join(blank[:_MAX_NAMES_TOLD]) + more
        findings.warning(
            "sensitivity_blank",
            Place(column.sheet.name, None, "sensitivity"),
            f"No sensitivity is given, so these are never shown (identifier): {names}.",
            f"Sans sensibilité, ces questions ne sont jamais montrées (identifier) : {names}.",
        )
