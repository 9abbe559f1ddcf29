"""Read our columns of `survey`: what harm an answer can do, and what it was called before."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from forms.finding import Findings, Place
from forms.form import Form, Question, Sensitivity
from forms.sheets.added_column import AddedColumn
from forms.sheets.earlier import check_comparable_since, check_renamed_paths
from forms.sheets.names import meant
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
        _tell_unplaced(each, form, comparable, findings)
    check_renamed_paths(rows, form, renamed)
    check_comparable_since(rows, form, comparable)
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
        right = meant(written, Sensitivity)
        column.findings.error(
            "sensitivity_unknown",
            column.place(row),
            f"{written!r} is no class: " + (f"did you mean {right}?" if right else f"{' '.join(Sensitivity)}."),
            f"{written!r} n'est pas une classe : "
            + (f"vouliez-vous dire {right} ?" if right else f"{' '.join(Sensitivity)}."),
        )
        return Sensitivity.IDENTIFIER
    return Sensitivity(written)


def _tell_unplaced(each: SurveyRow, form: Form, column: AddedColumn, findings: Findings) -> None:
    """What a column says of a row that is no question: nothing reads it, and no question of the group inherits it."""
    if column.header is None or not each.row.text(column.header):
        return
    is_group = each.opens_group or any(group.path == each.path for group in form.groups)
    what_en, of_what_fr = ("a group", "d'un groupe") if is_group else ("this row", "de cette ligne")
    findings.warning(
        "said_of_no_question",
        column.place(each.row),
        f"The cell {column.header} of {what_en} says nothing: fill it in for each question.",
        f"La cellule {column.header} {of_what_fr} ne dit rien : remplissez celle de chaque question.",
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
                "par une autre colonne.",
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
