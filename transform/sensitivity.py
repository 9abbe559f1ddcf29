"""How sensitive a figure is: the strictest class of everything it reads."""

from collections.abc import Iterable, Iterator

from forms.expression import variables
from forms.form import Form, Sensitivity
from forms.interpretation import Derived, IndicatorRow
from forms.text import Bilingual
from transform.errors import IndicatorUnknown


def indicator_row(form: Form, name: str) -> IndicatorRow:
    """Return the row of `indicators` with this name; raises IndicatorUnknown."""
    for row in form.interpretation.indicators:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in form.interpretation.indicators) or "-"
    raise IndicatorUnknown(
        Bilingual(
            f"Form {form.form_id} has no indicator {name}. It declares: {known}.",
            f"Le formulaire {form.form_id} n'a pas d'indicateur {name}. Il déclare : {known}.",
        )
    )


def indicator_sensitivity(form: Form, indicator: IndicatorRow) -> Sensitivity:
    """Return the strictest class of its questions and of what its condition reads.

    A class written at a derived variable speaks for it; otherwise a derived variable has the strictest of its inputs.
    A name that the form does not know counts as an identifier: it is not shown until someone says what it is.
    """
    names = [*indicator.questions, *(variables(indicator.where) if indicator.where is not None else ())]
    return strictest(variable_sensitivity(form, name) for name in names)


def variable_sensitivity(form: Form, name: str) -> Sensitivity:
    """Return the class of a question or derived variable."""
    return strictest(_classes(form, name, {row.name: row for row in form.interpretation.derived}, frozenset()))


def strictest(classes: Iterable[Sensitivity]) -> Sensitivity:
    """Return the most restricted of several classes; open of none."""
    return max(classes, key=lambda sensitivity: sensitivity.rank, default=Sensitivity.OPEN)


def _classes(form: Form, name: str, derived: dict[str, Derived], above: frozenset[str]) -> Iterator[Sensitivity]:
    row = derived.get(name)
    if row is None:
        question = form.by_name.get(name)
        yield question.sensitivity if question is not None else Sensitivity.IDENTIFIER
    elif row.sensitivity is not None:
        yield Sensitivity(row.sensitivity)
    elif name not in above:
        for read in variables(row.calculation):
            yield from _classes(form, read, derived, above | {name})
