"""What the names of our sheets may stand for: the questions of the form and the variables derived from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms.expression import variables
from forms.form import Choice, Form, Sensitivity
from forms.interpretation import Derived
from forms.nearest import nearest

_NUMERIC_DATA = frozenset({"int", "integer", "decimal"})
_DATES = frozenset({"date", "datetime", "today", "start", "end"})


@dataclass(frozen=True, slots=True)
class Subject:
    """A question or derived variable, as far as our sheets ask about it.

    type: the XLSForm word. choices: None where it has none or they come from a file. repeat: the repeat around it.
    inputs: the names a derived variable reads; empty for a question.
    """

    name: str
    type: str
    choices: tuple[Choice, ...] | None
    repeat: str | None
    sensitivity: Sensitivity | None
    is_number: bool
    inputs: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...] | None:
        """The names of the choices, or None where they are not known here."""
        return tuple(choice.name for choice in self.choices) if self.choices is not None else None

    @property
    def valid_codes(self) -> tuple[str, ...] | None:
        """The names of the substantive choices."""
        if self.choices is None:
            return None
        return tuple(choice.name for choice in self.choices if choice.kind.is_substantive)

    @property
    def is_date(self) -> bool:
        """Whether the answers are dates."""
        return self.type in _DATES


def is_around(outer: str | None, inner: str | None) -> bool:
    """Whether each row of `inner` stands in one row of `outer`; None is the form itself, around all repeats."""
    return outer is None or (inner is not None and (inner == outer or inner.startswith(f"{outer}/")))


class Scope:
    """Names to subjects. A name that several questions share is ambiguous and stands for none of them.

    broken: names of derived variables whose row could not be read; who reads them is not to blame.
    """

    def __init__(self, form: Form, derived: Iterable[Derived] = (), broken: Iterable[str] = ()) -> None:
        self.form = form
        self.broken = frozenset(broken)
        self.repeats: Mapping[str, str] = {path.rsplit("/", 1)[-1]: path for path in form.repeats}
        seen: dict[str, list[str]] = {}
        for question in form.questions:
            seen.setdefault(question.name, []).append(question.path)
        self.ambiguous = frozenset(name for name, paths in seen.items() if len(paths) > 1)
        self.subjects: dict[str, Subject] = {}
        for question in form.questions:
            if question.name not in self.ambiguous:
                self.subjects[question.name] = Subject(
                    name=question.name,
                    type=question.type,
                    choices=form.choices(question) or None,
                    repeat=question.repeat,
                    sensitivity=question.sensitivity,
                    is_number=question.data_type in _NUMERIC_DATA,
                )
        self.derived = tuple(derived)
        for variable in self.derived:
            self.subjects[variable.name] = Subject(
                name=variable.name,
                type=variable.type,
                choices=form.lists.get(variable.list_name or "") or None,
                repeat=None,
                sensitivity=Sensitivity(variable.sensitivity) if variable.sensitivity else None,
                is_number=variable.type in ("integer", "decimal"),
                inputs=variables(variable.calculation),
            )

    def find(self, name: str) -> Subject | None:
        """The subject of that name, or None."""
        return self.subjects.get(name)

    def near(self, name: str) -> str | None:
        """The name that was probably meant by one that does not exist."""
        return nearest(name, (*self.subjects, *self.repeats))

    def strictest(self, names: Iterable[str]) -> Sensitivity:
        """The strictest class of what is read by these names, through derived variables; open where nothing is."""
        classes = [Sensitivity.OPEN]
        waiting, met = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            subject = self.find(name)
            if subject is None or name in met:
                continue
            met.add(name)
            if subject.sensitivity is not None:
                classes.append(subject.sensitivity)
            else:
                waiting.extend(subject.inputs)
        return max(classes, key=lambda sensitivity: sensitivity.rank)
