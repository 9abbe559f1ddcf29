"""Read our columns of the standard sheets into the form: sensitivity, earlier names, kinds of codes.

The columns never reach the XForm (`forms.compile`); a form without them reads as a plain XLSForm.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from forms.form import Choice, CodeKind, Form, Question, Sensitivity
from forms.sheets.cells import cell_text, list_text, words_of
from forms.sheets.findings import Findings, Place
from forms.sheets.survey_rows import SurveyRow, header_of, survey_rows, survey_sheet
from forms.workbook import Cell, CellKind, Row, Sheet, Workbook, plain

_LIST_HEADERS = ("list_name",)
_NAME_HEADERS = ("name", "value")
# Codes that by custom are no substantive answer, and labels that say so: the base of a share hangs on them.
_SUSPECT_CODES = frozenset(
    {
        "97",
        "98",
        "99",
        "-97",
        "-98",
        "-99",
        "997",
        "998",
        "999",
        "nsp",
        "dk",
        "dnk",
        "dont_know",
        "ne_sait_pas",
        "refus",
    }
    | {"refuse", "refused", "refus_de_repondre", "na", "n_a", "nr"}
)
_SUSPECT_LABEL = re.compile(
    r"(?:je )?ne sai[st] pas|nsp|(?:i )?do(?:es)?(?: not|n.t) know|refus(?:e|é|ée|ed)?(?: de répondre| to answer)?|"
    r"préfère ne pas (?:répondre|le dire)|prefers? not to (?:say|answer)|sans objet|non applicable|not applicable|"
    r"sans réponse|pas de réponse|no answer",
    re.IGNORECASE,
)
_MAX_NAMES_TOLD = 8


def join_standard_columns(form: Form, workbook: Workbook, findings: Findings) -> Form:
    """Return the form with what our columns of `survey` and `choices` say of its questions and choices."""
    survey = survey_sheet(workbook)
    if survey is not None:
        form = _join_survey(form, survey, findings)
    choices = workbook.sheet("choices")
    if choices is not None:
        form = _join_choices(form, choices, findings, is_ours=_is_ours(workbook))
    return form


def check_standard_cells(workbook: Workbook, findings: Findings) -> None:
    """Add findings for cells of standard sheets that Excel changed and pyxform would compile without a word."""
    choices, settings = workbook.sheet("choices"), workbook.sheet("settings")
    name = header_of(choices, _NAME_HEADERS) if choices is not None else None
    for row in choices.rows if choices is not None and name is not None else ():
        cell = row.cells.get(name or "")
        if cell is not None and cell.kind is CellKind.BOOLEAN and choices is not None:
            findings.error(
                "choice_name_boolean",
                Place(choices.name, row.number, name),
                f"Excel made {cell.text} of this choice's name, and that would be the answer. Format the column as "
                "Text and type yes and no, or 1 and 0.",
                f"Excel a fait {cell.text} du nom de ce choix, et ce serait la réponse. Mettez la colonne au format "
                "Texte et tapez oui et non, ou 1 et 0.",
            )
    version = header_of(settings, ("version",)) if settings is not None else None
    for row in settings.rows[:1] if settings is not None and version is not None else ():
        cell = row.cells.get(version or "")
        if cell is not None and cell.kind is CellKind.NUMBER and len(cell.text) > 15 and settings is not None:
            findings.error(
                "version_too_long",
                Place(settings.name, row.number, version),
                "Excel keeps 15 digits of a number: the rest of this version is lost. Format the cell as Text.",
                "Excel garde 15 chiffres d'un nombre : le reste de cette version est perdu. Mettez la cellule au "
                "format Texte.",
            )
    for sheet in (sheet for sheet in workbook.sheets if sheet.key in ("survey", "choices", "settings")):
        _refuse_unstored_formulas(sheet, findings)


def _refuse_unstored_formulas(sheet: Sheet, findings: Findings) -> None:
    for row in sheet.rows:
        for header, cell in row.cells.items():
            if cell.kind is CellKind.FORMULA and not cell.text:
                findings.error(
                    "formula_without_value",
                    Place(sheet.name, row.number, header),
                    "The formula has no stored value, so it would read as blank. Open the workbook in Excel and save "
                    "it, or type the value.",
                    "La formule n'a pas de valeur enregistrée, elle se lirait comme vide. Ouvrez le classeur dans "
                    "Excel et enregistrez-le, ou tapez la valeur.",
                )


def _is_ours(workbook: Workbook) -> bool:
    """Whether figures are made from this workbook, so that a code's kind must be certain."""
    choices = workbook.sheet("choices")
    has_column = choices is not None and header_of(choices, ("code_kind",)) is not None
    return has_column or workbook.sheet("indicators") is not None


@dataclass(frozen=True)
class _Column:
    """One of our columns of a standard sheet, its cells read by the rules of our cells."""

    sheet: Sheet
    header: str | None
    findings: Findings

    @classmethod
    def named(cls, sheet: Sheet, name: str, findings: Findings) -> "_Column":
        return cls(sheet, header_of(sheet, (name,)), findings)

    def place(self, row: Row) -> Place:
        return Place(self.sheet.name, row.number, self.header)

    def text(self, row: Row) -> str:
        cell: Cell | None = row.cells.get(self.header) if self.header is not None else None
        return cell_text(cell, self.place(row), self.findings) if cell is not None else ""

    def words(self, row: Row) -> tuple[str, ...]:
        return words_of(list_text(self.text(row), self.place(row), self.findings))


def _join_survey(form: Form, sheet: Sheet, findings: Findings) -> Form:
    rows = {each.path: each for each in survey_rows(sheet)}
    sensitivity = _Column.named(sheet, "sensitivity", findings)
    renamed = _Column.named(sheet, "renamed_from", findings)
    comparable = _Column.named(sheet, "comparable_since", findings)
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
    _tell_blank_sensitivity(questions, rows, sensitivity, findings)
    return replace(form, questions=questions, groups=groups)


def _question(
    question: Question, found: SurveyRow | None, sensitivity: _Column, renamed: _Column, comparable: _Column
) -> Question:
    if found is None:
        return question
    return replace(
        question,
        sensitivity=_sensitivity(found.row, sensitivity),
        renamed_from=renamed.words(found.row),
        comparable_since=comparable.text(found.row) or None,
    )


def _sensitivity(row: Row, column: _Column) -> Sensitivity:
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


def _tell_unplaced(each: SurveyRow, form: Form, sensitivity: _Column, findings: Findings) -> None:
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


def _refuse_paths_in_use(rows: Mapping[str, SurveyRow], form: Form, renamed: _Column, findings: Findings) -> None:
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


def _tell_blank_sensitivity(
    questions: Iterable[Question], rows: Mapping[str, SurveyRow], column: _Column, findings: Findings
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


def _join_choices(form: Form, sheet: Sheet, findings: Findings, *, is_ours: bool) -> Form:
    list_header, name_header = header_of(sheet, _LIST_HEADERS), header_of(sheet, _NAME_HEADERS)
    if list_header is None or name_header is None:
        return form
    kinds, renamed = _Column.named(sheet, "code_kind", findings), _Column.named(sheet, "renamed_from", findings)
    said: dict[tuple[str, str], tuple[CodeKind, tuple[str, ...]]] = {}
    ranked = {question.list_name for question in form.questions if question.type == "rank"}
    for row in sheet.rows:
        list_name, name = row.text(list_header), row.text(name_header)
        choice = next((each for each in form.lists.get(list_name, ()) if each.name == name), None)
        if choice is None:
            continue
        kind = _kind(row, choice, kinds, is_ours=is_ours)
        if kind is CodeKind.NONE and list_name in ranked:
            findings.error(
                "none_in_rank",
                kinds.place(row),
                f"The list {list_name} is ranked, and `none` cannot be ranked. Use a list of its own.",
                f"La liste {list_name} est classée par ordre, et `none` ne peut l'être. Utilisez une autre liste.",
            )
        earlier = renamed.words(row)
        still = [each.name for each in form.lists[list_name] if each.name in earlier]
        if still:
            findings.error(
                "renamed_from_in_use",
                renamed.place(row),
                f"{' '.join(still)} is still a choice of {list_name}, so nothing was renamed from it.",
                f"{' '.join(still)} est encore un choix de {list_name} : rien n'en a été renommé.",
            )
        said[list_name, name] = (kind, earlier)
    lists = {
        list_name: tuple(_choice(choice, said.get((list_name, choice.name))) for choice in choices)
        for list_name, choices in form.lists.items()
    }
    return replace(form, lists=lists)


def _choice(choice: Choice, said: tuple[CodeKind, tuple[str, ...]] | None) -> Choice:
    return replace(choice, kind=said[0], renamed_from=said[1]) if said is not None else choice


def _kind(row: Row, choice: Choice, column: _Column, *, is_ours: bool) -> CodeKind:
    written = plain(column.text(row)).replace(" ", "_").replace("'", "")
    if written:
        if written in list(CodeKind):
            return CodeKind(written)
        column.findings.error(
            "code_kind_unknown",
            column.place(row),
            f"{written!r} is no kind of code: {' '.join(CodeKind)}.",
            f"{written!r} n'est pas un type de code : {' '.join(CodeKind)}.",
        )
        return CodeKind.VALID
    labels = [label for label in choice.labels.values() if _SUSPECT_LABEL.fullmatch(label.strip(" .()"))]
    if choice.name.casefold() in _SUSPECT_CODES or labels:
        told = f"{choice.name} ({labels[0]})" if labels else choice.name
        tell = column.findings.error if is_ours else column.findings.warning
        tell(
            "code_kind_blank",
            Place(column.sheet.name, row.number, "code_kind"),
            f"The choice {told} looks like no answer, but counts as one while code_kind is blank: type dont_know, "
            "refused, not_applicable, or valid if it is an answer.",
            f"Le choix {told} semble être une non-réponse, mais compte comme réponse tant que code_kind est vide : "
            "tapez dont_know, refused, not_applicable, ou valid si c'en est une.",
        )
    return CodeKind.VALID
