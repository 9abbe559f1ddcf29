"""Read the sheet `population`: known totals that samples are weighted to."""

import math
from collections.abc import Sequence
from itertools import product

from forms.interpretation import PopulationRow
from forms.sheets.cells import Columns, OurRow
from forms.sheets.expressions import unknown_name
from forms.sheets.findings import Findings
from forms.sheets.scope import Scope

COLUMNS = Columns(
    names=("variable", "value", "total", "source", "date", "round"),
    required=("variable", "value", "total"),
    numbers=frozenset({"total"}),
    dates=frozenset({"date"}),
)

_SAME_SUM = 1e-6
"""Relative difference that two sums may have: totals are people, written as decimals at most."""


def read_population(rows: list[OurRow], scope: Scope, findings: Findings) -> tuple[PopulationRow, ...]:
    """Return the totals in the sheet's order."""
    read: list[tuple[PopulationRow, OurRow]] = []
    for row in rows:
        found = _row(row, scope, findings)
        if found is not None:
            read.append((found, row))
    _check_sums(read, scope, findings)
    return tuple(found for found, _ in read)


def _row(row: OurRow, scope: Scope, findings: Findings) -> PopulationRow | None:
    variable, value = tuple(row.text("variable").split("*")), tuple(row.text("value").split("*"))
    variable, value = tuple(name.strip() for name in variable), tuple(code.strip() for code in value)
    total = _total(row, findings)
    if len(variable) != len(value) or "" in variable:
        findings.error(
            "population_value",
            row.at("value"),
            "variable and value cross as many names as codes: `area_id*sex` and `ML0506*f`.",
            "variable et value croisent autant de noms que de codes : `area_id*sex` et `ML0506*f`.",
        )
        return None
    known = True
    for name, code in zip(variable, value, strict=True):
        subject = scope.find(name)
        if subject is None:
            unknown_name(name, scope, row.at("variable"), findings)
            known = False
        elif subject.codes is not None and code not in subject.codes:
            findings.error(
                "population_code_unknown",
                row.at("value"),
                f"{code!r} is no choice of {name}: choices are {' '.join(subject.codes)}.",
                f"{code!r} n'est pas un choix de {name} : les choix sont {' '.join(subject.codes)}.",
            )
            known = False
    if total is None or not known:
        return None
    return PopulationRow(variable, value, total, row.text("source"), row.text("date")[:10], row.text("round") or None)


def _total(row: OurRow, findings: Findings) -> float | None:
    text = row.text("total").replace(" ", "").replace("\u202f", "")
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


def _check_sums(read: Sequence[tuple[PopulationRow, OurRow]], scope: Scope, findings: Findings) -> None:
    """Every value of a variable once, and one sum for all variables of a round."""
    groups: dict[tuple[str | None, tuple[str, ...]], list[tuple[PopulationRow, OurRow]]] = {}
    for found, row in read:
        group = groups.setdefault((found.round, found.variable), [])
        if any(other.value == found.value for other, _ in group):
            findings.error(
                "population_twice",
                row.at("value"),
                f"{'*'.join(found.value)} stands twice. Keep one row.",
                f"{'*'.join(found.value)} figure deux fois. Gardez une seule ligne.",
            )
        group.append((found, row))
    sums: dict[str | None, tuple[tuple[str, ...], float]] = {}
    for (round_, variable), group in groups.items():
        _check_complete(variable, group, scope, findings)
        total = math.fsum(found.total for found, _ in group)
        first_variable, first_total = sums.setdefault(round_, (variable, total))
        if not math.isclose(total, first_total, rel_tol=_SAME_SUM):
            this, first = f"{'*'.join(variable)} ({total:g})", f"{'*'.join(first_variable)} ({first_total:g})"
            findings.error(
                "population_sums_differ",
                group[0][1].at("total"),
                f"The totals of {this} and {first} differ in sum: one population has one sum.",
                f"Les totaux de {this} et de {first} n'ont pas la même somme : une population n'en a qu'une.",
            )


def _check_complete(
    variable: tuple[str, ...], group: Sequence[tuple[PopulationRow, OurRow]], scope: Scope, findings: Findings
) -> None:
    codes = [subject.valid_codes for name in variable if (subject := scope.find(name)) is not None]
    if len(codes) < len(variable) or any(each is None for each in codes):
        return
    present = {found.value for found, _ in group}
    missing = ["*".join(cell) for cell in product(*(each or () for each in codes)) if cell not in present]
    if missing:
        findings.error(
            "population_incomplete",
            group[0][1].at("value"),
            f"{'*'.join(variable)} lacks {' '.join(missing)}: every value has a row.",
            f"Il manque à {'*'.join(variable)} : {' '.join(missing)} ; chaque valeur a sa ligne.",
        )
