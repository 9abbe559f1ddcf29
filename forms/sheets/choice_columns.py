"""Read our columns of `choices`: what kind of answer a code is, and what it was called before."""

import re
from collections.abc import Mapping
from dataclasses import replace

from forms.finding import Findings, Place
from forms.form import Choice, CodeKind, Form
from forms.sheets.added_column import AddedColumn
from forms.sheets.names import meant
from forms.sheets.survey_rows import header_of
from forms.workbook.workbook import Row, Sheet, plain

LIST_HEADERS = ("list_name",)
NAME_HEADERS = ("name", "value")

# Codes that by custom are no substantive answer, and labels that say so: the base of a share hangs on them.
_SUSPECT_CODE = re.compile(
    r"-?9{1,3}[789]|nspp?|dk|dnk|don_?t_?know|(?:je_)?ne_?sai[st]_?pas|refuse?d?|refuser|"
    r"refus_de_repondre|refused_to_answer|n_?a|nr|pnta|prefer_not(?:_to)?_(?:say|answer)|sans_reponse|no_answer",
    re.IGNORECASE,
)
_SUSPECT_LABEL = re.compile(
    r"(?:je )?ne sai[st] pas|nsp|(?:i )?do(?:es)?(?: not|n.t) know|refus(?:e|é|ée|ed)?(?: de répondre| to answer)?|"
    r"préfère ne pas (?:répondre|le dire)|prefers? not to (?:say|answer)|sans objet|non applicable|not applicable|"
    r"sans réponse|pas de réponse|no answer",
    re.IGNORECASE,
)


def join_choice_columns(form: Form, sheet: Sheet, findings: Findings, *, is_ours: bool) -> Form:
    """Return the form with the kinds and earlier names of its choices.

    is_ours: whether figures are made of this workbook, so that a code which looks like no answer must say what it is.
    """
    list_header, name_header = (header_of(sheet, LIST_HEADERS), header_of(sheet, NAME_HEADERS))
    if list_header is None or name_header is None:
        return form
    reading = _Reading(form, sheet, findings, is_ours=is_ours)
    for row in sheet.rows:
        reading.read(row, row.text(list_header), row.text(name_header))
    return replace(form, lists=reading.lists())


class _Reading:
    """What the rows say, by list and name of the choice; a list may hold a name twice (`allow_choice_duplicates`)."""

    def __init__(self, form: Form, sheet: Sheet, findings: Findings, *, is_ours: bool) -> None:
        self._form = form
        self._choices: Mapping[str, Mapping[str, Choice]] = {
            name: {choice.name: choice for choice in choices} for name, choices in form.lists.items()
        }
        self._said: dict[tuple[str, str], tuple[CodeKind, tuple[str, ...]]] = {}
        self._ranked = {question.list_name for question in form.questions if question.type == "rank"}
        self._kinds = AddedColumn.named(sheet, "code_kind", findings)
        self._renamed = AddedColumn.named(sheet, "renamed_from", findings)
        self._findings = findings
        self._is_ours = is_ours

    def read(self, row: Row, list_name: str, name: str) -> None:
        """Take over what a row says of a choice; rows of lists that the form does not have are passed over."""
        choices = self._choices.get(list_name, {})
        if name not in choices:
            return
        kind = self._kind(row, choices[name])
        if kind is CodeKind.NONE and list_name in self._ranked:
            self._findings.error(
                "none_in_rank",
                self._kinds.place(row),
                f"The list {list_name} is ranked, and `none` cannot be ranked. Use a list of its own.",
                f"La liste {list_name} est classée par ordre, et `none` ne peut l'être. Utilisez une autre liste.",
            )
        earlier = self._renamed.words(row)
        still = " ".join(each for each in earlier if each in choices)
        if still:
            self._findings.error(
                "renamed_from_in_use",
                self._renamed.place(row),
                f"{still} is still a choice of {list_name}, so it is no earlier name. Take it out.",
                f"{still} est encore un choix de {list_name} : ce n'est pas un ancien nom. Retirez-le.",
            )
        self._said[list_name, name] = (kind, earlier)

    def lists(self) -> Mapping[str, tuple[Choice, ...]]:
        """The form's lists with what was read."""
        return {
            list_name: tuple(self._joined(list_name, choice) for choice in choices)
            for list_name, choices in self._form.lists.items()
        }

    def _joined(self, list_name: str, choice: Choice) -> Choice:
        kind, earlier = self._said.get((list_name, choice.name), (CodeKind.VALID, ()))
        return replace(choice, kind=kind, renamed_from=earlier)

    def _kind(self, row: Row, choice: Choice) -> CodeKind:
        text = self._kinds.text(row)
        written = plain(text).replace(" ", "_").replace("'", "").replace("’", "")
        if not written:
            self._tell_suspect(row, choice)
            return CodeKind.VALID
        if written in list(CodeKind):
            return CodeKind(written)
        right = meant(text, CodeKind)
        self._findings.error(
            "code_kind_unknown",
            self._kinds.place(row),
            f"{text!r} is no kind of code: " + (f"did you mean {right}?" if right else f"{' '.join(CodeKind)}."),
            f"{text!r} n'est pas un type de code : "
            + (f"vouliez-vous dire {right} ?" if right else f"{' '.join(CodeKind)}."),
        )
        return CodeKind.VALID

    def _tell_suspect(self, row: Row, choice: Choice) -> None:
        labels = [label for label in choice.labels.values() if _SUSPECT_LABEL.fullmatch(label.strip(" .()"))]
        if not _SUSPECT_CODE.fullmatch(choice.name) and not labels:
            return
        told = f"{choice.name} ({labels[0]})" if labels else choice.name
        tell = self._findings.error if self._is_ours else self._findings.warning
        tell(
            "code_kind_blank",
            Place(self._kinds.sheet.name, row.number, "code_kind"),
            f"The choice {told} looks like no answer, but counts as one while code_kind is blank: type dont_know, "
            "refused, not_applicable, or valid if it is an answer.",
            f"Le choix {told} semble être une non-réponse, mais compte comme réponse tant que code_kind est vide : "
            "tapez dont_know, refused, not_applicable, ou valid si c'est une réponse.",
        )
