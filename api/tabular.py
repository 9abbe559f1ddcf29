"""A reading as a page shows it: labelled rows and columns, numbers as its readers write them, and the chart of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.charts import ENDS, Chart, Mark, Panel, Scale
from api.figures import Cell, Reading
from api.labels import Lexicon
from api.language import Words, marked
from forms.interpretation import IndicatorRow
from transform.coarsen import Bound
from transform.figures import Domain, Estimate
from transform.sample import ATTEMPTS

_SCALES: Mapping[str, Scale] = {
    "mean": Scale.NUMBER,
    "net": Scale.BALANCE,
    "index": Scale.SCORE,
    "ratio": Scale.NUMBER,
    "count": Scale.NUMBER,
    "total": Scale.NUMBER,
    "duration": Scale.NUMBER,
}
MEASURES: Mapping[str, str] = {
    "share": marked("Share of people"),
    "mean": marked("Mean"),
    "net": marked("Balance: favourable minus unfavourable, in points"),
    "distribution": marked("How answers are spread"),
    "multiple": marked("Several answers possible: shares may add up to more than 100%"),
    "index": marked("Score from 0 to 10"),
    "rank": marked("Order of priorities"),
    "ratio": marked("Ratio"),
    "count": marked("Number"),
    "total": marked("Estimated total"),
    "duration": marked("Time taken"),
}
_SHARE_OF_VISITS = marked("Share of visits")
_SHARE_OF_RECORDS = marked("Share of the records collected")
_FIELD_RATE = marked("Field rate, over all visits: neither weighting nor interval. The base counts visits.")
_SAID_BY_FIELD_RATE = frozenset({"unweighted", "no_interval"})
_NOTES: Mapping[str, str] = {
    "unweighted": marked("Unweighted: each answer counts once."),
    "no_interval": marked("No interval: this sample does not allow one."),
    "single_psu_stratum": marked("In one stratum only one village answered: the interval is approximate."),
    "dont_know_over_20_percent": marked("More than 20 in 100 do not know: read this figure with care."),
    "codes_without_choice": marked("Some answers carry a code that is no choice of the list; they are left out."),
    "psu_unknown": marked("The sample names no villages: how many stand behind a figure is not known."),
    "records_without_design": marked("A few interviews without a known village or weight are left out."),
}
_BOUNDS: Mapping[Bound, str] = {
    Bound.AT_MOST: marked("at most %(value)s"),
    Bound.AT_LEAST: marked("at least %(value)s"),
}


@dataclass(frozen=True, slots=True)
class FigureText:
    """One figure in writing. Where it is not shown all texts are empty and `see` names what is shown instead."""

    shown: bool
    value: str = ""
    interval: str = ""
    base: str = ""
    is_imprecise: bool = False
    see: str = ""
    see_row: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. id: unique on the page. heads: the labels that name it."""

    id: str
    heads: tuple[str, ...]
    figures: tuple[FigureText, ...]
    base: str
    is_total: bool


@dataclass(frozen=True, slots=True)
class Tabular:
    """One indicator's table in writing.

    answers: labels of the columns of a crossed distribution; empty where each row holds one figure.
    """

    name: str
    title: str
    measure: str
    head: tuple[str, ...]
    answers: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    has_hidden: bool
    has_imprecise: bool
    has_intervals: bool

    @property
    def is_single(self) -> bool:
        """Whether it is one figure: a row of an overview, and no chart of its own."""
        return len(self.rows) == 1 and len(self.rows[0].figures) == 1


class Writer:
    """Writes readings in one language with the words of one form."""

    def __init__(self, lexicon: Lexicon, words: Words) -> None:
        self._lexicon = lexicon
        self._words = words

    def table(self, reading: Reading) -> Tabular:
        """Return the reading as a table: answers as rows where they stand alone, as columns where they are crossed."""
        if reading.answers and not reading.by:
            rows, columns = self._rows_of_answers(reading), []
            head: tuple[str, ...] = (self._words.gettext("Answer"),)
        else:
            rows, columns = self._rows_of_domains(reading), [self._answer(reading, one) for one in reading.answers]
            head = tuple(self._lexicon.variable(name) for name in reading.by) or ("",)
        figures = [figure for row in rows for figure in row.figures]
        return Tabular(
            name=reading.indicator.name,
            title=self._lexicon.indicator(reading.indicator),
            measure=self._measure(reading),
            head=head,
            answers=tuple(columns),
            rows=rows,
            notes=self._notes(reading),
            has_hidden=any(not figure.shown for figure in figures),
            has_imprecise=any(figure.is_imprecise for figure in figures),
            has_intervals=any(figure.interval for figure in figures),
        )

    def _measure(self, reading: Reading) -> str:
        return self._words.gettext(self._kind(reading.indicator))

    def _kind(self, indicator: IndicatorRow) -> str:
        if indicator.measure == "share" and indicator.unit == ATTEMPTS:
            return _SHARE_OF_VISITS
        if indicator.measure == "share" and not self._lexicon.speaks_for_a_population:
            return _SHARE_OF_RECORDS
        return MEASURES[indicator.measure]

    def _notes(self, reading: Reading) -> tuple[str, ...]:
        notes = [note for note in reading.notes if note in _NOTES]
        if reading.indicator.unit != ATTEMPTS:
            return tuple(self._words.gettext(_NOTES[note]) for note in notes)
        # Rates of the fieldwork are counts over visits: that they have no interval is no flaw of the sample.
        others = (_NOTES[note] for note in notes if note not in _SAID_BY_FIELD_RATE)
        return tuple(self._words.gettext(note) for note in (_FIELD_RATE, *others))

    def chart(self, reading: Reading) -> Chart:
        """Return the reading as a chart, in the order of its table; what is not shown has no value in it."""
        title = self._lexicon.indicator(reading.indicator)
        if reading.answers and not reading.by:
            labels = (self._answer(reading, cell.answer or "") for cell in reading.cells)
            marks = tuple(
                _mark(cell, label, _scale(reading), is_total=False)
                for cell, label in zip(reading.cells, labels, strict=True)
            )
            panels: tuple[Panel, ...] = (Panel("", marks),)
        else:
            panels = tuple(
                Panel(
                    self._answer(reading, answer) if answer else "",
                    tuple(
                        _mark(cell, self._place(cell.domain), _scale(reading), is_total=not cell.domain)
                        for cell in reading.cells
                        if cell.answer == answer
                    ),
                )
                for answer in reading.answers or (None,)
            )
        return Chart(title, self._description(reading), _scale(reading), panels, self._words.language)

    def _number(self, reading: Reading, value: float) -> str:
        # Leads get whole points and tenths: a figure must not look more exact than its rounding.
        scale = _scale(reading)
        if scale is Scale.SHARE:
            return self._words.percent(value, 1 if reading.is_full else 0)
        if scale is Scale.BALANCE:
            return self._words.points(value, 1 if reading.is_full else 0)
        return self._words.number(value, 2 if reading.is_full else 1)

    def _rows_of_answers(self, reading: Reading) -> tuple[Row, ...]:
        rows = []
        for cell in reading.cells:
            figure = self._figure(reading, cell)
            head = self._answer(reading, cell.answer or "")
            rows.append(Row(f"{reading.indicator.name}.{cell.answer}", (head,), (figure,), figure.base, is_total=False))
        return tuple(rows)

    def _rows_of_domains(self, reading: Reading) -> tuple[Row, ...]:
        of_domain: dict[tuple[str, ...], list[Cell]] = {}
        for cell in reading.cells:
            of_domain.setdefault(tuple(cell.domain.values()), []).append(cell)
        rows = []
        for cells in of_domain.values():
            figures = tuple(self._figure(reading, cell) for cell in cells)
            base = next((figure.base for figure in figures if figure.shown), "")
            domain = cells[0].domain
            heads = self._lexicon.domain(domain) if domain else (self._words.gettext("All together"),)
            rows.append(Row(_row_id(reading, domain), heads, figures, base, is_total=not domain))
        return tuple(rows)

    def _figure(self, reading: Reading, cell: Cell) -> FigureText:
        if not cell.shown or cell.estimate is None:
            see = cell.see
            return FigureText(
                shown=False,
                see="" if see is None else self._place(see),
                see_row="" if see is None else _row_id(reading, see),
            )
        found = cell.estimate
        return FigureText(
            shown=True,
            value=self._value(reading, cell, found),
            interval=self._interval(reading, found),
            base=self._words.number(found.base),
            is_imprecise=cell.is_imprecise,
        )

    def _value(self, reading: Reading, cell: Cell, found: Estimate) -> str:
        if found.value is None:
            return ""
        number = self._number(reading, found.value)
        return number if cell.bound is None else self._words.gettext(_BOUNDS[cell.bound]) % {"value": number}

    def _interval(self, reading: Reading, found: Estimate) -> str:
        if found.low is None or found.high is None:
            return ""
        low, high = self._number(reading, found.low), self._number(reading, found.high)
        return self._words.gettext("%(low)s to %(high)s") % {"low": low, "high": high}

    def _place(self, domain: Domain) -> str:
        return " · ".join(self._lexicon.domain(domain)) or self._words.gettext("All together")

    def _answer(self, reading: Reading, code: str) -> str:
        return self._lexicon.code(reading.indicator.questions[0], code)

    def _description(self, reading: Reading) -> str:
        by = ", ".join(self._lexicon.variable(name) for name in reading.by)
        if by:
            text = self._words.gettext("A dot for each value and a bar for its interval, by: %(by)s.")
        else:
            text = self._words.gettext("A dot for each value and a bar for its interval.")
        return text % {"by": by} if by else text


def _mark(cell: Cell, label: str, scale: Scale, *, is_total: bool) -> Mark:
    least, greatest = ENDS.get(scale, (None, None))
    found = cell.estimate if cell.shown else None
    if found is None:
        return Mark(label, None, None, None, is_total)
    if cell.bound is Bound.AT_MOST:
        # A dot at the limit would be read as the value.
        return Mark(label, None, least, found.value, is_total)
    if cell.bound is Bound.AT_LEAST:
        return Mark(label, None, found.value, greatest, is_total)
    return Mark(label, found.value, found.low, found.high, is_total)


def _scale(reading: Reading) -> Scale:
    return _SCALES.get(reading.indicator.measure, Scale.SHARE)


def _row_id(reading: Reading, domain: Domain) -> str:
    return ".".join((reading.indicator.name, *domain.values())) if domain else f"{reading.indicator.name}.total"
