"""A variable of a form as estimates read it: its column, what its answers are made of, its choices.

Also the cells of a table: the categories of a variable that people are compared by.
"""

from dataclasses import dataclass

from forms.form import Choice, Form
from forms.text import Bilingual
from transform.casts import ValueType
from transform.errors import MeasureUnavailable
from transform.estimators import AnswerShape
from transform.reader import Snapshot
from transform.sql import name as quoted

_SHAPES = {
    ValueType.CHOICE: AnswerShape.CODE,
    ValueType.CHOICES: AnswerShape.CODES,
    ValueType.INTEGER: AnswerShape.NUMBER,
    ValueType.DECIMAL: AnswerShape.NUMBER,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A variable in the form's own table. sql: its column, in queries that select the table as `t`.

    shape: None for answers that no figure reads (dates, places, free text). choices: in order; of a list in a CSV in
    the order of its lines, all of them valid. never_substantive: codes of any version that are no answer to the
    question (don't know, refused).
    """

    name: str
    column: str
    sql: str
    shape: AnswerShape | None
    choices: tuple[Choice, ...]
    never_substantive: frozenset[str]
    is_derived: bool

    @property
    def categories(self) -> tuple[str, ...]:
        """The codes that people can be compared by, in order: those that are an answer."""
        return tuple(choice.name for choice in self.choices if choice.kind.is_substantive)


def answered(form: Form, tables: Snapshot, variable: str) -> Answered:
    """Return what estimates know of a question or derived variable; raises MeasureUnavailable inside a repeat."""
    column = tables.columns(form.form_id).get(variable)
    if column is None:
        raise MeasureUnavailable(
            Bilingual(
                f"The tables of {form.form_id} have no variable {variable}. If the workbook has it, build the tables "
                "again: jekafo build.",
                f"Les tables de {form.form_id} n'ont pas de variable {variable}. Si le classeur l'a, reconstruisez "
                "les tables : jekafo build.",
            )
        )
    if column.repeat is not None:
        raise MeasureUnavailable(
            Bilingual(
                f"{variable} has one answer a row of the repeat {column.repeat}; figures over repeats are not computed "
                "yet. A derived variable can bring it to the interview, with join() or sum().",
                f"{variable} a une réponse par ligne du groupe répété {column.repeat} ; les chiffres sur les groupes "
                "répétés ne sont pas encore calculés. Une variable dérivée peut la ramener à l'entretien, avec join() "
                "ou sum().",
            )
        )
    named = tables.scope(form.form_id).variables.get(variable)
    choices = _choices(form, tables, variable, column.list_name)
    unknown = frozenset(named.unknown_codes if named is not None else ())
    return Answered(
        name=variable,
        column=column.column,
        sql=f"t.{quoted(column.column)}",
        shape=_SHAPES.get(ValueType(column.type)) if column.type is not None else None,
        choices=choices,
        never_substantive=unknown | {choice.name for choice in choices if not choice.kind.is_substantive},
        is_derived=any(row.name == variable for row in form.interpretation.derived),
    )


def _choices(form: Form, tables: Snapshot, variable: str, list_name: str | None) -> tuple[Choice, ...]:
    if list_name is None:
        return ()
    question = form.by_name.get(variable)
    comes_from_file = question is not None and question.file_name is not None
    if not comes_from_file and list_name in form.lists:
        return form.lists[list_name]
    file = tables.files(form.form_id).get(list_name)
    if file is None:
        return ()
    code = quoted("name" if "name" in file.columns else file.columns[0])
    lines = tables.rows(f"SELECT {code} AS code FROM {quoted(file.table)} WHERE {code} IS NOT NULL ORDER BY rowid")
    return tuple(Choice(str(value), {}) for value in dict.fromkeys(lines["code"].tolist()))
