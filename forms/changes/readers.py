"""Say which indicators, derived variables and keys of the design read a question, directly or through others."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from forms.expression.tree import Expression, variables
from forms.form import Form
from forms.interpretation import DesignRow, IndicatorRow, Interpretation


class Readers:
    """Who reads what in one interpretation or several (that of the older and of the newer version)."""

    def __init__(self, *interpretations: Interpretation) -> None:
        self._interpretations = interpretations

    def of(self, *names: str) -> tuple[str, ...]:
        """Names of those that read any of these questions or variables: derived, then indicators, then the design.

        Indicators stand by their name, the others with their sheet before it: `derived/age_band`, `design/weight`.
        """
        return tuple(dict.fromkeys(reader for name in names for reader in self._by_variable.get(name, ())))

    @cached_property
    def _by_variable(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for interpretation in self._interpretations:
            inputs = {variable.name: variables(variable.calculation) for variable in interpretation.derived}
            direct = (
                *((f"derived/{name}", read) for name, read in inputs.items()),
                *((indicator.name, _read_by(indicator)) for indicator in interpretation.indicators),
                *_read_by_design(interpretation.design),
            )
            for reader, names in direct:
                for name in _with_inputs(names, inputs):
                    found.setdefault(name, {})[reader] = None
        return {name: tuple(readers) for name, readers in found.items()}


def readers_of_list(form: Form, readers: Readers, list_name: str) -> tuple[str, ...]:
    """Who reads the questions, and derived variables, that take their choices from a list."""
    names = [question.name for question in form.questions if question.list_name == list_name]
    names += [variable.name for variable in form.interpretation.derived if variable.list_name == list_name]
    return readers.of(*names)


def _read_by(indicator: IndicatorRow) -> tuple[str, ...]:
    by = [name for table in indicator.by or () for name in table]
    return (*indicator.questions, *_in(indicator.where), *by)


def _read_by_design(design: DesignRow | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    if design is None:
        return
    yield "design/records", _in(design.records)
    for key in ("round", "stratum", "psu", "weight", "finite_population", "entity", "latest_by", "enumerator"):
        name: str | None = getattr(design, key)
        if name is not None:
            yield f"design/{key}", (name,)
    yield "design/by", tuple(name for table in design.by for name in table)
    for key in ("geography", "rake", "poststratify"):
        yield f"design/{key}", tuple(name for joined in getattr(design, key) for name in joined.split("*"))


def _in(expression: Expression | None) -> tuple[str, ...]:
    return variables(expression) if expression is not None else ()


def _with_inputs(names: Iterable[str], inputs: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Names, and all that derived ones among them are computed from."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(inputs.get(name, ()))
    return found
