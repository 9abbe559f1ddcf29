"""Figures for a reader: the one place that decides, by role, what of an estimate leaves the server.

A lead gets what `transform.disclose` shows, of the tables that it declares publishable; analysts and managers get
the estimates themselves. Pages, charts and JSON all read `Reading`s and nothing else.
"""

from dataclasses import dataclass
from typing import cast

from starlette.requests import HTTPConnection

from api.errors import TablesNotBuilt
from api.remembered import Remembered
from api.services import Services
from forms.form import Form
from forms.interpretation import IndicatorRow
from forms.text import Bilingual
from store.people import Role
from transform.coarsen import Bound, is_imprecise
from transform.disclose import DisclosedTable, disclose, lead_by
from transform.errors import IndicatorUnknown, TableNotDeclared
from transform.estimate import estimate, rounds
from transform.estimators import estimators
from transform.figures import Domain, Estimate, FigureTable
from transform.rules import DEFAULT
from transform.sample import ATTEMPTS

By = tuple[str, ...]
ALL_ROUNDS = "all"
READERS = (Role.LEAD, Role.ANALYST, Role.MANAGER)
"""The roles that see figures at all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as a reader may see it; where it is not shown, `see` is the nearest domain that is.

    is_imprecise: to be read in brackets and not ranked. bound: the value is a limit only.
    """

    domain: Domain
    answer: str | None
    shown: bool
    estimate: Estimate | None
    see: Domain | None = None
    is_imprecise: bool = False
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All figures of an indicator for one table and round, for one reader.

    is_full: the reader may also see standard errors and design effects, and a base of 0 as such.
    """

    indicator: IndicatorRow
    by: By
    round: str | None
    answers: tuple[str, ...]
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    is_full: bool


def is_computed(indicator: IndicatorRow) -> bool:
    """Whether figures of this kind are computed: its measure, its unit, and the number of questions it reads.

    What only the data can tell (types, lists) shows when a reading is asked for.
    """
    return indicator.measure in estimators() and indicator.unit in (None, ATTEMPTS) and len(indicator.questions) == 1


def desk_of(connection: HTTPConnection) -> "FigureDesk":
    """Return the desk of the application that answers this request."""
    return cast("FigureDesk", connection.app.state.desk)


class FigureDesk:
    """Hands out readings; estimates are kept until the tables or the form change."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._remembered = Remembered(services.tables)

    def rounds(self, form: Form) -> tuple[str, ...]:
        """Return the rounds that have data, oldest first; empty where the form declares none or nothing is built."""
        if form.interpretation.design is None or form.interpretation.design.round is None or not self.is_built(form):
            return ()
        return self._remembered.result(form, ("rounds",), lambda: rounds(self._services.tables, form))

    def is_built(self, form: Form) -> bool:
        """Whether there are tables to compute this form's figures from."""
        tables = self._services.tables
        return tables.exists and form.form_id in tables.snapshot().form_ids

    def indicators_of(self, role: Role, form: Form) -> tuple[IndicatorRow, ...]:
        """Return the indicators that this role may know of; a lead knows of none that reads an identifier."""
        declared = form.interpretation.indicators
        return tuple(indicator for indicator in declared if self.tables_of(role, form, indicator))

    def tables_of(self, role: Role, form: Form, indicator: IndicatorRow) -> tuple[By, ...]:
        """Return the tables of an indicator that this role may see, the total `()` first; none of a secret one."""
        if role is Role.LEAD:
            return lead_by(form, indicator.name)
        design = form.interpretation.design
        declared = indicator.by if indicator.by is not None else design.by if design is not None else ()
        return ((), *(by for by in declared if by))

    def offered(self, role: Role, form: Form) -> tuple[By, ...]:
        """Return the tables that this role may pick: the total, then those of indicators that are computed."""
        offered: dict[By, None] = {(): None}
        for indicator in self.indicators_of(role, form):
            if is_computed(indicator):
                offered.update(dict.fromkeys(self.tables_of(role, form, indicator)))
        return tuple(offered)

    def reading(self, role: Role, form: Form, name: str, *, by: By = (), round_asked: str | None = None) -> Reading:
        """Return the table as this role may see it.

        round_asked: a round, ALL_ROUNDS (not for leads), or None for the newest.
        Raises IndicatorUnknown, TableNotDeclared, TablesNotBuilt and other EstimateErrors.
        """
        indicator = self._indicator(role, form, name)
        declared = self._declared(role, form, indicator, by)
        if not self.is_built(form):
            raise TablesNotBuilt(form.form_id)
        chosen = self._round(role, form, round_asked)
        table = self._remembered.result(
            form,
            (name, declared, chosen),
            lambda: estimate(self._services.tables, form, name, by=declared, round=chosen),
        )
        if role is Role.LEAD:
            return _as_a_lead_sees_it(indicator, disclose(table, form))
        return _in_full(indicator, table)

    def _indicator(self, role: Role, form: Form, name: str) -> IndicatorRow:
        for indicator in form.interpretation.indicators:
            if indicator.name == name and self.tables_of(role, form, indicator):
                return indicator
        names = " ".join(indicator.name for indicator in self.indicators_of(role, form)) or "-"
        raise IndicatorUnknown(
            Bilingual(
                f"Form {form.form_id} has no indicator {name!r}. It has: {names}.",
                f"Le formulaire {form.form_id} n'a pas d'indicateur {name!r}. Il a : {names}.",
            )
        )

    def _declared(self, role: Role, form: Form, indicator: IndicatorRow, by: By) -> By:
        tables = self.tables_of(role, form, indicator)
        for declared in tables:
            if sorted(declared) == sorted(by):
                return declared
        choices = ", ".join("*".join(table) or "total" for table in tables) or "-"
        asked = "*".join(by) or "total"
        raise TableNotDeclared(
            Bilingual(
                f"There is no table of {indicator.name} by {asked}. Tables you may ask for: {choices}.",
                f"Il n'y a pas de tableau de {indicator.name} par {asked}. Tableaux que vous pouvez demander : "
                f"{choices}.",
            )
        )

    def _round(self, role: Role, form: Form, asked: str | None) -> str | None:
        """The round to estimate, None for all together.

        Leads never get rounds pooled: subtracting one round from all would give away what is hidden in another.
        """
        known = self.rounds(form)
        if not asked:
            return known[-1] if known else None
        if asked in known:
            return asked
        if asked == ALL_ROUNDS and (role is not Role.LEAD or not known):
            return None
        choices = ", ".join(known) or "-"
        raise TableNotDeclared(
            Bilingual(
                f"Form {form.form_id} has no round {asked!r} that you may ask for. Rounds: {choices}.",
                f"Le formulaire {form.form_id} n'a pas de vague {asked!r} que vous puissiez demander. "
                f"Vagues : {choices}.",
            )
        )


def _as_a_lead_sees_it(indicator: IndicatorRow, table: DisclosedTable) -> Reading:
    cells = tuple(
        Cell(one.domain, one.answer, one.shown, one.estimate, one.see, one.is_imprecise, one.bound)
        for one in table.figures
    )
    return Reading(indicator, table.by, table.round, table.answers, cells, table.notes, is_full=False)


def _in_full(indicator: IndicatorRow, table: FigureTable) -> Reading:
    cells = tuple(
        Cell(
            one.domain,
            one.answer,
            shown=True,
            estimate=one.estimate,
            is_imprecise=is_imprecise(one.estimate, table.measure, DEFAULT),
        )
        for one in table.figures
    )
    return Reading(indicator, table.by, table.round, table.answers, cells, table.notes, is_full=True)
