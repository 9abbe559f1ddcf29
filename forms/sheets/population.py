"""Read the sheet `population`: known totals that samples are weighted to."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from forms.finding import Findings
from forms.interpretation import DesignRow, PopulationRow
from forms.sheets.cells import Columns, OurRow
from forms.sheets.domain import read_domain, read_round
from forms.sheets.scope import Scope

COLUMNS = Columns(
    names=("variable", "value", "total", "source", "date", "round"),
    required=("variable", "value", "total"),
    numbers=frozenset({"total"}),
    dates=frozenset({"date"}),
)

_MAX_TOLD = 8
_SAME_SUM = 1e-6
"""Relative difference that two sums may have: totals are people, written as decimals at most."""


@dataclass(frozen=True)
class _Total:
    """A total and the row that says it."""

    found: PopulationRow
    row: OurRow


def read_population(
    rows: list[OurRow], scope: Scope, design: DesignRow | None, findings: Findings
) -> tuple[PopulationRow, ...]:
    """Return the totals in the sheet's order."""
    read: list[_Total] = []
    for row in rows:
        found = _row(row, scope, design, findings)
        if found is not None:
            read.append(_Total(found, row))
    # Where a row cannot be read, what the others sum to says nothing.
    if len(read) == len(rows):
        _check_together(read, scope, findings)
    return tuple(total.found for total in read)


def _row(row: OurRow, scope: Scope, design: DesignRow | None, findings: Findings) -> PopulationRow | None:
    total = _total(row, findings)
    domain = read_domain(row, scope, findings)
    round_ = read_round(row, scope, design, findings)
    if total is None or domain is None:
        return None
    return PopulationRow(domain.variable, domain.value, total, row.text("source"), row.text("date")[:10], round_)


def _total(row: OurRow, findings: Findings) -> float | None:
    if "total" in row.broken:
        return None
    text = "".join(row.text("total").split())
    try:
        total = float(text)
    except ValueError:
        total = math.nan
    if math.isfinite(total) and total > 0:
        return total
    findings.error(
        "population_total",
        row.at("total"),
        f"The total is a number of people above 0, not {row.text('total')!r}.",
        f"Le total est un nombre de personnes supérieur à 0, et non {row.text('total')!r}.",
    )
    return None


def _check_together(read: Sequence[_Total], scope: Scope, findings: Findings) -> None:
    """Every value of a variable once in each round, and one sum for all variables of a round."""
    named = [total.found.round for total in read if total.found.round is not None]
    rounds: list[str | None] = [*dict.fromkeys(named)] or [None]
    told: set[tuple[str, ...]] = set()
    for round_ in rounds:
        first: tuple[tuple[str, ...], float] | None = None
        for variable, group in _of_round(read, round_).items():
            if variable in told:
                continue
            is_right = _each_once(group, findings) and _is_complete(variable, group, scope, findings)
            total = math.fsum(each.found.total for each in group)
            if first is None:
                first = (variable, total)
            elif not math.isclose(total, first[1], rel_tol=_SAME_SUM):
                is_right = False
                _tell_sums_differ((variable, total), first, group[0].row, findings)
            if not is_right:
                # The same rows may hold for every round; once is enough.
                told.add(variable)


def _of_round(read: Sequence[_Total], round_: str | None) -> Mapping[tuple[str, ...], list[_Total]]:
    """The totals that hold in a round, by variable: its own, and those of all rounds."""
    groups: dict[tuple[str, ...], list[_Total]] = {}
    for each in read:
        if each.found.round in (None, round_):
            groups.setdefault(each.found.variable, []).append(each)
    return groups


def _each_once(group: Sequence[_Total], findings: Findings) -> bool:
    values: set[tuple[str, ...]] = set()
    once = True
    for each in group:
        if each.found.value in values:
            once = False
            findings.error(
                "population_twice",
                each.row.at("value"),
                f"{'*'.join(each.found.value)} stands twice. Keep one row; without a round it holds for all of them.",
                f"{'*'.join(each.found.value)} figure deux fois. Gardez une seule ligne ; sans vague, elle vaut pour "
                "toutes.",
            )
        values.add(each.found.value)
    return once


def _tell_sums_differ(
    this: tuple[tuple[str, ...], float], first: tuple[tuple[str, ...], float], row: OurRow, findings: Findings
) -> None:
    one, other = (f"{'*'.join(variable)} ({total:g})" for variable, total in (this, first))
    findings.error(
        "population_sums_differ",
        row.at("total"),
        f"The totals of {one} and {other} differ in sum: one population has one sum.",
        f"Les totaux de {one} et de {other} n'ont pas la même somme : une population n'en a qu'une.",
    )


def _is_complete(variable: tuple[str, ...], group: Sequence[_Total], scope: Scope, findings: Findings) -> bool:
    present = {each.found.value for each in group}
    # Long lists crossed have millions of cells: no more are looked at than are told.
    missing = list(islice((cell for cell in _cells(variable, scope) if cell not in present), _MAX_TOLD + 1))
    if missing:
        told = " ".join("*".join(cell) for cell in missing[:_MAX_TOLD]) + (" …" if len(missing) > _MAX_TOLD else "")
        findings.error(
            "population_incomplete",
            group[0].row.at("value"),
            f"{'*'.join(variable)} lacks {told}: every value has a row.",
            f"Il manque à {'*'.join(variable)} : {told} ; chaque valeur a sa ligne.",
        )
    return not missing


def _cells(variable: tuple[str, ...], scope: Scope) -> Iterator[tuple[str, ...]]:
    """All values that crossed variables can have; none where the choices of one come from a file."""
    codes = [subject.valid_codes for name in variable if (subject := scope.find(name)) is not None]
    if all(each is not None for each in codes):
        yield from product(*(each or () for each in codes))
