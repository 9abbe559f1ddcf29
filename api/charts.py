"""Charts as SVG: a dot for each value and a bar for its interval, drawn on the server and readable without scripts.

What is drawn is a `Chart` of values and words already fit for the reader; a figure that is not shown is a gap.
"""

import json
import re
import textwrap
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from html import escape
from threading import Lock
from typing import Any, Literal

import altair as alt
import vl_convert

from forms.text import Language

# Indigo and ochre keep their contrast for every kind of colour blindness, and in grey on paper.
INDIGO, OCHRE, INK, GREY, RULE = "#2c4a8a", "#b86e0b", "#1d2433", "#5d6675", "#dcd7cc"
_FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"
_LOCALES: Mapping[Language, Literal["en-US", "fr-FR"]] = {"en": "en-US", "fr": "fr-FR"}
_LABEL_CHARACTERS, _TITLE_CHARACTERS = 24, 22
_ROW_PIXELS, _WIDTH_PIXELS, _PANEL_PIXELS, _NARROW_PIXELS = 28, 300, 150, 160
_LABELS_PIXELS, _NARROW_LABELS_PIXELS, _AXIS_PIXELS, _TITLE_LINE_PIXELS = 164, 110, 20, 14
_PADDING, _SPACING, _OVERHANG, _TITLE_GAP = 4, 24, 18, 11
_REMEMBERED_DRAWINGS = 500
_FRAME = re.compile(r'width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)" viewBox="[^"]*"')


class Scale(StrEnum):
    """What the values are: shares (0..1), balances (-1..1), scores (0..10), or numbers in the question's unit."""

    SHARE = "share"
    BALANCE = "balance"
    SCORE = "score"
    NUMBER = "number"


ENDS: Mapping[Scale, tuple[float, float]] = {Scale.SHARE: (0, 1), Scale.BALANCE: (-1, 1), Scale.SCORE: (0, 10)}
"""The least and greatest value of a scale that has them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One value with its interval; all None where nothing is shown. is_total: of everybody.

    An interval without a value says no more than that the value lies in it.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    is_total: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """The marks of one answer, or of the only figure (then `title` is empty)."""

    title: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw, in words of one language. `description` says what the drawing shows, for who does not see it.

    is_narrow: for a telephone, with panels below each other.
    """

    title: str
    description: str
    scale: Scale
    panels: tuple[Panel, ...]
    language: Language
    is_narrow: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a drawing, in pixels."""

    width: int
    height: int


class Drawings:
    """Draws charts, one at a time, and remembers the newest drawings by what they show."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def svg(self, chart: Chart) -> str:
        """Return the chart as an SVG document; the first one of a process takes longest, for it starts the engine."""
        key = sha256(json.dumps(asdict(chart), sort_keys=True).encode()).hexdigest()
        with self._lock:
            if key not in self._drawn:
                self._drawn[key] = draw(chart)
                while len(self._drawn) > _REMEMBERED_DRAWINGS:
                    self._drawn.popitem(last=False)
            self._drawn.move_to_end(key)
            return self._drawn[key]


def size_of(chart: Chart) -> Size:
    """Return how large the drawing will be, without drawing it: pages keep its place free before it has come."""
    rows, panels = len(chart.panels[0].marks), len(chart.panels)
    columns = _columns(chart)
    lines = -(-panels // columns)
    width = 2 * _PADDING + _labels_pixels(chart) + columns * _panel_pixels(chart) + (columns - 1) * _SPACING + _OVERHANG
    height = 2 * _PADDING + _AXIS_PIXELS + lines * _ROW_PIXELS * rows
    if panels > 1:
        title_lines = max(len(title) for title in _panel_titles(chart))
        height += lines * (_TITLE_LINE_PIXELS * title_lines + _TITLE_GAP) + (lines - 1) * _SPACING
    return Size(width, height)


def draw(chart: Chart) -> str:
    """Return the chart as an SVG document with a title and a description, of the size that `size_of` says."""
    svg: str = vl_convert.vegalite_to_svg(_specification(chart), format_locale=_LOCALES[chart.language])
    opening, end, rest = svg.partition(">")
    framed = _FRAME.sub(lambda found: _frame(size_of(chart), float(found["width"]), float(found["height"])), opening)
    named = framed.replace("<svg ", f'<svg role="img" lang="{chart.language}" aria-labelledby="title description" ')
    return (
        f'{named}{end}<title id="title">{escape(chart.title)}</title>'
        f'<desc id="description">{escape(chart.description)}</desc>{rest}'
    )


def _frame(size: Size, width: float, height: float) -> str:
    """Attributes that give a drawing the size; one that came out larger shrinks to it."""
    seen = f"0 0 {max(width, size.width):g} {max(height, size.height):g}"
    return f'width="{size.width}" height="{size.height}" viewBox="{seen}" preserveAspectRatio="xMinYMin"'


def _columns(chart: Chart) -> int:
    return 1 if chart.is_narrow else min(3, len(chart.panels))


def _panel_pixels(chart: Chart) -> int:
    return _NARROW_PIXELS if chart.is_narrow else _WIDTH_PIXELS if len(chart.panels) == 1 else _PANEL_PIXELS


def _labels_pixels(chart: Chart) -> int:
    return _NARROW_LABELS_PIXELS if chart.is_narrow else _LABELS_PIXELS


def _specification(chart: Chart) -> dict[str, Any]:
    rows = [
        {
            "panel": str(number),
            "row": str(position),
            "value": mark.value,
            "low": mark.low,
            "high": mark.high,
            "of": "all" if mark.is_total else "part",
        }
        for number, panel in enumerate(chart.panels)
        for position, mark in enumerate(panel.marks)
    ]
    marks = chart.panels[0].marks
    layers = alt.layer(*_layers(chart, marks)).properties(width=_panel_pixels(chart), height=_ROW_PIXELS * len(marks))
    if len(chart.panels) == 1:
        whole: Any = layers.properties(data={"values": rows})
    else:
        whole = layers.facet(
            facet=alt.Facet("panel:N", sort=None, title=None, header=_panel_header(chart)),
            columns=_columns(chart),
            data={"values": rows},
        )
    specification: dict[str, Any] = _dressed(whole).to_dict()
    return specification


def _layers(chart: Chart, marks: tuple[Mark, ...]) -> list[Any]:
    position = alt.Y(
        "row:N",
        sort=None,
        title=None,
        scale=alt.Scale(domain=[str(number) for number in range(len(marks))]),
        axis=alt.Axis(
            labelExpr=_looked_up([_two_lines(mark.label, _label_characters(chart)) for mark in marks]),
            labelLimit=_labels_pixels(chart) - 8,
            labelPadding=8,
            minExtent=_labels_pixels(chart),
            maxExtent=_labels_pixels(chart),
            labelLineHeight=12,
            ticks=False,
            domain=False,
        ),
    )
    colour = alt.Color("of:N", scale=alt.Scale(domain=["all", "part"], range=[OCHRE, INDIGO]), legend=None)
    base = alt.Chart().encode(y=position, color=colour)
    value = alt.X("value:Q", title=None, scale=_scale(chart), axis=_axis(chart))
    intervals = base.mark_rule(strokeWidth=2.5, opacity=0.55, aria=False).encode(x=alt.X("low:Q"), x2="high:Q")
    dots = base.mark_point(filled=True, size=80, opacity=1, aria=False).encode(x=value)
    layers: list[Any] = [intervals.transform_filter("datum.low !== null"), dots]
    if any(mark.is_total for mark in marks) and len(marks) > 1:
        everybody = alt.Chart().mark_rule(color=OCHRE, strokeDash=[2, 3], strokeWidth=1, aria=False)
        layers.insert(0, everybody.encode(x=value).transform_filter("datum.of === 'all' && datum.value !== null"))
    return layers


def _scale(chart: Chart) -> Any:
    if chart.scale in ENDS:
        return alt.Scale(domain=list(ENDS[chart.scale]))
    return alt.Scale(zero=False, nice=True)


def _axis(chart: Chart) -> Any:
    plain: dict[str, Any] = {
        "tickCount": 3 if chart.is_narrow else 5,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    }
    if chart.scale is Scale.SHARE:
        return alt.Axis(format=".0%", values=[0, 0.5, 1] if chart.is_narrow else [0, 0.25, 0.5, 0.75, 1], **plain)
    if chart.scale is Scale.BALANCE:
        return alt.Axis(
            labelExpr="datum.value === 0 ? '0' : format(100 * datum.value, '+d')", values=[-1, -0.5, 0, 0.5, 1], **plain
        )
    return alt.Axis(**plain)


def _panel_header(chart: Chart) -> Any:
    return alt.Header(
        labelExpr=_looked_up(_panel_titles(chart)),
        labelAnchor="start",
        labelFontSize=12,
        labelFontWeight="bold",
        labelColor=INK,
        labelLimit=_panel_pixels(chart) + _OVERHANG,
    )


def _panel_titles(chart: Chart) -> list[list[str]]:
    return [_two_lines(panel.title, _TITLE_CHARACTERS) for panel in chart.panels]


def _label_characters(chart: Chart) -> int:
    return _LABEL_CHARACTERS - 8 if chart.is_narrow else _LABEL_CHARACTERS


def _two_lines(text: str, characters: int) -> list[str]:
    return textwrap.wrap(text, characters, max_lines=2, placeholder=" …") or [""]


def _looked_up(texts: list[list[str]]) -> str:
    """A Vega expression that turns a position, as text, into the (wrapped) label that stands there."""
    return f"{json.dumps(dict(enumerate(texts)), ensure_ascii=False)}[datum.label]"


def _dressed(chart: Any) -> Any:
    return (
        chart.properties(background="transparent", padding=_PADDING)
        .configure(font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, labelColor=INK, grid=False)
        .configure_axisX(labelColor=GREY, grid=True, gridColor=RULE)
        .configure_facet(spacing=_SPACING)
    )
