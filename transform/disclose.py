"""What a lead may be shown of a table: whole domains shown or hidden, and the shown figures rounded.

First form: one-way tables only, each closed under its own total. A margin beside a hidden cell of a crossing gives the
cell away by subtraction, so crossings wait for the closure over all tables of a release. The rules are
`transform.rules`, the holes `transform.suppression`, the rounding `transform.coarsen`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from forms.form import Form, Sensitivity
from forms.interpretation import DesignRow, IndicatorRow
from forms.text import Bilingual
from transform.coarsen import Bound, band_of, coarsened, is_imprecise, is_withheld
from transform.errors import TableNotDeclared
from transform.figures import Domain, Estimate, Figure, FigureTable, Footing
from transform.rules import DEFAULT, Rules
from transform.sensitivity import indicator_row, indicator_sensitivity, strictest, variable_sensitivity
from transform.suppression import Minimum, hidden_domains


@dataclass(frozen=True, slots=True)
class DisclosedFigure:
    """A figure as a lead sees it; a hidden one and an empty one look the same: no estimate.

    see: the nearest domain that is shown in its place, None where the figure is shown or nothing is. is_imprecise: to
    be put in brackets, not ranked, given no word of change. bound: the value is a limit ("at most", "at least"), and
    the estimate has no interval.
    """

    domain: Domain
    answer: str | None
    shown: bool
    estimate: Estimate | None
    see: Domain | None
    is_imprecise: bool = False
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class DisclosedTable:
    """A `FigureTable` as a lead sees it: the same rows in the same order."""

    form_id: str
    indicator: str
    measure: str
    by: tuple[str, ...]
    round: str | None
    sensitivity: Sensitivity
    figures: tuple[DisclosedFigure, ...]
    answers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def lead_by(form: Form, indicator: str) -> tuple[tuple[str, ...], ...]:
    """Return the tables of an indicator that a lead may see, the total first: declared, one-way, coarse enough.

    Of several geographic levels only the finest one allowed: a region beside its areas would give a hidden area away.
    """
    row = indicator_row(form, indicator)
    sensitivity = indicator_sensitivity(form, row)
    if sensitivity is Sensitivity.IDENTIFIER:
        return ()
    design = form.interpretation.design
    one_way = [by[0] for by in _declared(row, design) if len(by) == 1]
    too_fine = _too_fine(design, sensitivity)
    allowed = [
        variable
        for variable in dict.fromkeys(one_way)
        if variable not in too_fine and variable_sensitivity(form, variable) is not Sensitivity.IDENTIFIER
    ]
    geography = design.geography if design is not None else ()
    levels = sorted((variable for variable in allowed if variable in geography), key=geography.index)
    return ((), *((variable,) for variable in allowed if variable not in levels[1:]))


def disclose(table: FigureTable, form: Form, rules: Rules = DEFAULT) -> DisclosedTable:
    """Return what a lead may see of a table.

    Raises TableNotDeclared where a lead may not see the table at all, also not its form: a crossing, a variable that
    is not declared or too fine for the indicator's class, all rounds pooled.
    """
    _require_allowed(table, form)
    sensitivity = strictest(
        (
            indicator_sensitivity(form, indicator_row(form, table.indicator)),
            *(variable_sensitivity(form, variable) for variable in table.by),
        )
    )
    domains = _domains(table)
    total, cells = domains[0][0].footing, [figures[0].footing for figures in domains[1:]]
    weighed = (rules.minimum_effective_base, rules.largest_weight_share)
    own = Minimum(rules.minimum_base[sensitivity], rules.minimum_psus, *weighed)
    derivable = Minimum(rules.derivable_base, rules.derivable_psus, *weighed)
    hidden = hidden_domains(total, cells, _unplaced(table, total, cells), own=own, derivable=derivable)
    can_be_shown = [own.holds([total]), *(position not in hidden for position in range(len(cells)))]
    shown = [
        can_be and not any(is_withheld(figure, sensitivity, rules) for figure in figures)
        for figures, can_be in zip(domains, can_be_shown, strict=True)
    ]
    see = domains[0][0].domain if shown[0] else None
    return DisclosedTable(
        form_id=table.form_id,
        indicator=table.indicator,
        measure=table.measure,
        by=table.by,
        round=table.round,
        sensitivity=sensitivity,
        figures=tuple(
            _shown(figure, table.measure, sensitivity, rules)
            if is_shown
            else DisclosedFigure(figure.domain, figure.answer, shown=False, estimate=None, see=see)
            for figures, is_shown in zip(domains, shown, strict=True)
            for figure in figures
        ),
        answers=table.answers,
        notes=table.notes if shown[0] else (),
    )


def _shown(figure: Figure, measure: str, sensitivity: Sensitivity, rules: Rules) -> DisclosedFigure:
    seen = coarsened(figure, measure, sensitivity, rules)
    band = band_of(figure, sensitivity, rules)
    # The width of the interval that a band leaves out would tell one count of the band from another.
    judged = figure.estimate if band is None else Estimate(None, figure.estimate.base, figure.estimate.psus)
    return DisclosedFigure(
        figure.domain,
        figure.answer,
        shown=True,
        estimate=seen,
        see=None,
        is_imprecise=is_imprecise(judged, measure, rules) or is_imprecise(seen, measure, rules),
        bound=None if band is None else band.bound,
    )


def _domains(table: FigureTable) -> list[list[Figure]]:
    """Return the figures of each domain, one an answer, the total first."""
    domains: dict[tuple[tuple[str, str], ...], list[Figure]] = {}
    for figure in table.figures:
        domains.setdefault(tuple(figure.domain.items()), []).append(figure)
    return list(domains.values())


def _unplaced(table: FigureTable, total: Footing, cells: Iterable[Footing]) -> Footing:
    """Return who is in the total and in no cell; where nobody counted their PSUs, they count as one."""
    if not table.by:
        return Footing(0, 0)
    if table.unplaced is not None:
        return table.unplaced
    base = total.base - sum(cell.base for cell in cells)
    return Footing(base, 1 if base else 0)


def _require_allowed(table: FigureTable, form: Form) -> None:
    allowed = lead_by(form, table.indicator)
    if table.by not in allowed:
        asked = "*".join(table.by) or "total"
        open_en = ", ".join("*".join(by) or "total" for by in allowed) or "none"
        raise TableNotDeclared(
            Bilingual(
                f"Indicator {table.indicator} is not published by {asked}. Published tables: {open_en}.",
                f"L'indicateur {table.indicator} n'est pas publié par {asked}. Tableaux publiés : "
                f"{open_en if allowed else 'aucun'}.",
            )
        )
    design = form.interpretation.design
    if design is not None and design.round is not None and table.round is None:
        raise TableNotDeclared(
            Bilingual(
                f"Indicator {table.indicator} is published round by round, never for all rounds together: choose a "
                "round.",
                f"L'indicateur {table.indicator} est publié vague par vague, jamais toutes vagues confondues : "
                "choisissez une vague.",
            )
        )


def _declared(row: IndicatorRow, design: DesignRow | None) -> tuple[tuple[str, ...], ...]:
    if row.by is not None:
        return row.by
    return design.by if design is not None else ()


def _too_fine(design: DesignRow | None, sensitivity: Sensitivity) -> frozenset[str]:
    """Return the variables that are finer than a lead may see; where no level is named, all but the coarsest."""
    if design is None:
        return frozenset()
    levels = design.geography
    wished = design.severe_level if sensitivity is Sensitivity.SEVERE else design.sensitive_level
    finest = wished if wished in levels else levels[-1] if levels else None
    finer = levels[: levels.index(finest)] if finest is not None else ()
    return frozenset((*finer, *(variable for variable in (design.psu,) if variable is not None)))
