"""The page of one form: its indicators as tables with intervals, and a chart each, as far as the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.access import allow
from api.charts import Size, size_of
from api.figures import ALL_ROUNDS, READERS, By, FigureDesk, desk_of, is_computed
from api.labels import Lexicon, table_text
from api.language import Words, language_of, words_of
from api.pages.home import listed_forms
from api.pages.rendering import page
from api.services import Services, services_of
from api.tabular import Tabular, Writer
from forms.form import Form
from forms.interpretation import IndicatorRow
from store.people import Role, User
from store.quarantine import reasons
from transform.errors import EstimateError

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of the picker."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An indicator's table, and the address of its chart with its size on a wide page and on a telephone."""

    table: Tabular
    chart: str
    wide: Size
    narrow: Size


@dataclass(frozen=True, slots=True)
class Absent:
    """An indicator that has no table here, and why: `by` are the tables it does have, else `reason` says it."""

    title: str
    by: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Sheet:
    """What the picker chose, and what there is to show for it. view: the choice in words, for print and pictures."""

    tables: tuple[Option, ...]
    table: str
    rounds: tuple[Option, ...]
    round: str
    view: str
    shown: list[Shown] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)


@router.get("/forms/{form_id}")
def form_page(
    request: Request,
    form_id: str,
    user: Annotated[User, Depends(allow(*READERS))],
    table: Annotated[str, Query(max_length=200)] = "",
    chosen_round: Annotated[str, Query(alias="round", max_length=200)] = "",
) -> HTMLResponse:
    """Show the form's figures by the table and for the round that were picked."""
    services = services_of(request)
    form, desk = services.shelf.newest(form_id), desk_of(request)
    words = words_of(language_of(request, services.default_language))
    lexicon = Lexicon(form, services.shelf.data_files(form_id), words.language)
    sheet = _Sheets(desk, user.role, form, lexicon, words).sheet(table, chosen_round)
    return page(
        request,
        "form.html",
        form=form,
        title=lexicon.title(),
        listed=next(one for one in listed_forms(services) if one.form_id == form_id),
        sheet=sheet,
        is_built=desk.is_built(form),
        waiting=_waiting(services, form_id) if user.role is Role.MANAGER else None,
        is_full=user.role is not Role.LEAD,
        speaks_for_a_population=lexicon.speaks_for_a_population,
    )


class _Sheets:
    """Fills the page of one form for one reader."""

    def __init__(self, desk: FigureDesk, role: Role, form: Form, lexicon: Lexicon, words: Words) -> None:
        self._desk = desk
        self._role = role
        self._form = form
        self._lexicon = lexicon
        self._words = words
        self._writer = Writer(lexicon, words)

    def sheet(self, table: str, chosen_round: str) -> Sheet:
        """Return the sheet; a table or round that is not offered gives way to the first that is."""
        tables = self._desk.offered(self._role, self._form)
        chosen = next((by for by in tables if table_text(by) == table), _first_choice(tables))
        rounds = self._rounds()
        names = [option.value for option in rounds]
        picked = chosen_round if chosen_round in names else (names[-1] if names else "")
        sheet = Sheet(
            tables=tuple(Option(table_text(by), self._table_label(by)) for by in tables),
            table=table_text(chosen),
            rounds=rounds,
            round=picked,
            view=self._view(chosen, next((option.label for option in rounds if option.value == picked), "")),
        )
        for indicator in self._desk.indicators_of(self._role, self._form):
            self._put(sheet, indicator, chosen)
        return sheet

    def _put(self, sheet: Sheet, indicator: IndicatorRow, by: By) -> None:
        title = self._lexicon.indicator(indicator)
        if not is_computed(indicator):
            sheet.absent.append(Absent(title, reason=self._words.gettext("not computed yet.")))
            return
        declared = self._desk.tables_of(self._role, self._form, indicator)
        if by not in declared:
            sheet.absent.append(Absent(title, by=tuple(self._table_label(one) for one in declared)))
            return
        if not self._desk.is_built(self._form):
            return
        try:
            reading = self._desk.reading(self._role, self._form, indicator.name, by=by, round_asked=sheet.round or None)
        except EstimateError as error:
            sheet.absent.append(Absent(title, reason=self._reason(error)))
            return
        query = {"table": sheet.table, "round": sheet.round, "lang": self._words.language}
        address = f"/forms/{quote(self._form.form_id, safe='')}/charts/{quote(indicator.name, safe='')}.svg"
        drawing = self._writer.chart(reading)
        sheet.shown.append(
            Shown(
                table=self._writer.table(reading),
                chart=f"{address}?{urlencode(query)}",
                wide=size_of(drawing),
                narrow=size_of(replace(drawing, is_narrow=True)),
            )
        )

    def _reason(self, error: EstimateError) -> str:
        """Why there is no figure; what to mend in the workbook is told only to those who can."""
        if self._role is Role.LEAD:
            return self._words.gettext("not computed yet.")
        return error.message.in_language(self._words.language)

    def _view(self, by: By, round_label: str) -> str:
        table = self._table_label(by)
        if by:
            table = self._words.gettext("Figures by: %(table)s") % {"table": table}
        return " · ".join(part for part in (round_label, table) if part)

    def _rounds(self) -> tuple[Option, ...]:
        design = self._form.interpretation.design
        known = self._desk.rounds(self._form)
        if design is None or design.round is None or not known:
            return ()
        options = [Option(name, self._lexicon.code(design.round, name)) for name in known]
        if self._role is not Role.LEAD and len(known) > 1 and ALL_ROUNDS not in known:
            options.insert(0, Option(ALL_ROUNDS, self._words.gettext("All rounds together")))
        return tuple(options)

    def _table_label(self, by: By) -> str:
        return " × ".join(self._lexicon.variable(name) for name in by) or self._words.gettext("All together")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a manager, in numbers only."""

    quarantined: int
    misfits: int


def _first_choice(tables: Sequence[By]) -> By:
    return tables[1] if len(tables) > 1 else ()


def _waiting(services: Services, form_id: str) -> Waiting:
    with services.store.database.read() as connection:
        quarantined = sum(reason.submissions for reason in reasons(connection, form_id))
    misfits = 0
    if services.tables.exists:
        counted = services.tables.rows('SELECT count(*) AS misfits FROM "_misfits" WHERE form_id = ?', [form_id])
        misfits = int(counted["misfits"][0])
    return Waiting(quarantined, misfits)
