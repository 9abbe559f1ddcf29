"""In which order derived variables are computed, and on the rows of which table each belongs.

Computing them is `transform.derive`.
"""

from collections.abc import Iterator, Mapping, Sequence

from forms.expression import Call, Expression, Variable, children, variables
from forms.interpretation import Derived
from forms.text import Bilingual
from transform.errors import BuildError

_OVER_ROWS = frozenset({"join", "sum", "count"})


def in_waves(derived: Sequence[Derived]) -> list[tuple[Derived, ...]]:
    """The variables in waves: each reads only questions and variables of earlier waves.

    Within a wave they keep the order of the sheet. Raises BuildError where some wait for one another.
    """
    names = {variable.name for variable in derived}
    waiting = {variable.name: names & set(variables(variable.calculation)) for variable in derived}
    waves = []
    done: set[str] = set()
    while len(done) < len(names):
        ready = tuple(v for v in derived if v.name not in done and waiting[v.name] <= done)
        if not ready:
            stuck = ", ".join(variable.name for variable in derived if variable.name not in done)
            raise BuildError(
                Bilingual(
                    f"The derived variables {stuck} wait for one another. Break the circle in the sheet `derived`.",
                    f"Les variables dérivées {stuck} s'attendent l'une l'autre. Rompez le cercle dans `derived`.",
                )
            )
        waves.append(ready)
        done.update(variable.name for variable in ready)
    return waves


def derived_homes(
    derived: Sequence[Derived], repeat_of: Mapping[str, str | None], parents: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Derived variable to the repeat on whose rows it is computed, None for the form's.

    It is the innermost repeat of the variables read outside sum(), count() and join(). repeat_of: of questions, by
    name. parents: repeat to the one around it. Raises BuildError where two repeats beside each other are read.
    """
    homes: dict[str, str | None] = {}
    known = dict(repeat_of)
    for variable in (variable for wave in in_waves(derived) for variable in wave):
        read = {known.get(name) for name in _read_in_the_row(variable.calculation)} - {None}
        innermost = max(read, key=lambda repeat: len(_upwards(repeat, parents)), default=None)
        if not read <= set(_upwards(innermost, parents)):
            named = ", ".join(sorted(str(repeat) for repeat in read))
            raise BuildError(
                Bilingual(
                    f"Derived variable {variable.name}: it reads rows of {named}, which do not belong to one another. "
                    "Use sum(), count() or join() over one of them.",
                    f"Variable dérivée {variable.name} : elle lit des lignes de {named}, qui ne vont pas ensemble. "
                    "Utilisez sum(), count() ou join() sur l'un d'eux.",
                )
            )
        homes[variable.name] = known[variable.name] = innermost
    return homes


def _read_in_the_row(expression: Expression) -> Iterator[str]:
    """Names read outside the functions that go over rows."""
    if isinstance(expression, Variable):
        yield expression.name
    elif not (isinstance(expression, Call) and expression.function in _OVER_ROWS):
        for part in children(expression):
            yield from _read_in_the_row(part)


def _upwards(repeat: str | None, parents: Mapping[str, str | None]) -> list[str]:
    chain = []
    while repeat is not None:
        chain.append(repeat)
        repeat = parents[repeat]
    return chain
